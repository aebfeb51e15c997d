"""Which ticket a mail continues: weighs the clues against what its author is on each ticket they point at."""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.mail.address import normalise
from gateway.tickets.evidence import Clue, Strength
from gateway.tickets.model import Role, Ticket
from gateway.tickets.policy import Policy

_HEARSAY = frozenset({Strength.MENTIONED_MESSAGE_ID})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ticket that clues point at, and what the author of the mail is on it."""

    ticket: Ticket
    strengths: frozenset[Strength]
    role: Role

    @property
    def strongest(self) -> Strength:
        """The best of its clues."""
        return max(self.strengths)


def role_of(address: str, ticket: Ticket, participants: frozenset[str], policy: Policy) -> Role:
    """What the owner of `address` is on `ticket`: his part in it counts before his being an agent."""
    wanted = normalise(address)
    if wanted == normalise(ticket.customer.address):
        return Role.CUSTOMER
    if wanted in participants:
        return Role.PARTICIPANT
    return Role.AGENT if policy.agent_at(wanted) else Role.STRANGER


def choose(candidates: Iterable[Candidate]) -> Candidate | None:
    """The ticket with the strongest clue; between equals one on which the author has a part, then the newest.

    That a stranger's mail mentions a Message-ID which some mail of a ticket mentioned, too, is no clue: all who got the
    same newsletter do.
    """
    meant = (each for each in candidates if each.role is not Role.STRANGER or each.strengths - _HEARSAY)
    ranked = sorted(
        meant, key=lambda each: (each.strongest, each.role is not Role.STRANGER, each.ticket.id), reverse=True
    )
    return ranked[0] if ranked else None


def strengths_for(ticket: Ticket, clues: Iterable[Clue], stored: Iterable[Strength]) -> frozenset[Strength]:
    """The clues that point at `ticket`, by its code or by a stored Message-ID."""
    return frozenset(clue.strength for clue in clues if clue.code == ticket.code) | frozenset(stored)
