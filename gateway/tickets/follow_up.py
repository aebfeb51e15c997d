"""Which ticket a mail continues: weighs the clues against what its author is on each ticket they point at."""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.mail.address import normalise
from gateway.tickets.evidence import Clue, Strength
from gateway.tickets.model import Role, Ticket, TicketId
from gateway.tickets.policy import Policy

_HEARSAY = frozenset({Strength.MENTIONED_MESSAGE_ID})
_BY_MESSAGE_ID = frozenset({Strength.MENTIONED_MESSAGE_ID, Strength.STORED_MESSAGE_ID})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ticket that clues point at, and what the author of the mail is on it.

    `is_to_its_people`: the mail went to its customer or to somebody who takes part, too.
    """

    ticket: Ticket
    strengths: frozenset[Strength]
    role: Role
    is_to_its_people: bool = False

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

    Message-IDs say the same whether their mail has come or was only mentioned: which of them came first is chance. That
    a stranger's mail and some mail of a ticket name the same one, of a mail that has not come, is no clue by itself:
    all who got the same newsletter do. If he wrote to the ticket's people as well, he is of their conversation.
    """
    ranked = sorted((each for each in candidates if _is_meant(each)), key=_rank, reverse=True)
    return ranked[0] if ranked else None


def _is_meant(each: Candidate) -> bool:
    return each.role is not Role.STRANGER or each.is_to_its_people or bool(each.strengths - _HEARSAY)


def _rank(each: Candidate) -> tuple[int, bool, Strength, TicketId]:
    kind = Strength.STORED_MESSAGE_ID if each.strongest in _BY_MESSAGE_ID else each.strongest
    return kind, each.role is not Role.STRANGER, each.strongest, each.ticket.id


def strengths_for(ticket: Ticket, clues: Iterable[Clue], stored: Iterable[Strength]) -> frozenset[Strength]:
    """The clues that point at `ticket`, by its code or by a stored Message-ID."""
    return frozenset(clue.strength for clue in clues if clue.code == ticket.code) | frozenset(stored)
