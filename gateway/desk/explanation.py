"""Tells what would become of a mail, and why. Nothing happens: the caller only reads, or throws away what it did."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.desk import changes, facts, filing, posting
from gateway.desk.moves import Desk
from gateway.store import tickets
from gateway.store.engine import Connection
from gateway.tickets import decision
from gateway.tickets.decision import Facts
from gateway.tickets.disposition import (
    Disposition,
    Duplicate,
    Hold,
    JoinTicket,
    ObeyAgent,
    OpenTicket,
    Record,
    ReportUndelivered,
    TakeRating,
)
from gateway.tickets.model import Agent, SpoolId, Standing, Ticket, TicketId
from gateway.tickets.notices import Notice, NoticeKind, told_agents
from gateway.tickets.policy import Policy
from gateway.tickets.reading import Reading


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision with what it rests on. `ticket` is a reference or empty; `evidence` one line a ticket pointed at."""

    reading: Reading
    disposition: Disposition
    verdict: str
    ticket: str
    queue: str
    evidence: tuple[str, ...]
    actions: tuple[str, ...]
    trace: tuple[str, ...]


def explain(db: Connection, read: Reading, desk: Desk, now: datetime) -> Explanation:
    """What the desk would do with this mail now; reads only."""
    known = facts.gather(db, read, desk, None, now)
    told = _explained(known, desk, now)
    why = _withheld(db, told.disposition, desk, now)
    return replace(told, trace=(*told.trace, f"not sent: {why}")) if why else told


def _withheld(db: Connection, chosen: Disposition, desk: Desk, now: datetime) -> str:
    """Why the acknowledgement would not go out although the rules want one."""
    if not isinstance(chosen, OpenTicket) or not chosen.acknowledge:
        return ""
    to, is_to_stranger = (chosen.customer,), chosen.standing is Standing.STRANGER
    kind, language = NoticeKind.ACKNOWLEDGEMENT, chosen.language
    notice = Notice("", kind, None, to, language, chosen.queue, is_to_stranger=is_to_stranger)
    why = posting.foreseen(db, notice, desk.policy, now)
    return f"{kind} to {chosen.customer.address}: {why}" if why else ""


@dataclass(slots=True)
class Rehearsal:
    """Mails explained one after the other, each as if those before it had come.

    As much of each happens in a database that is thrown away as the next needs in order to continue it. A mail that is
    held at a ticket is taken for released in the end: whoever takes part is known from then on.
    """

    desk: Desk
    _seen: dict[tuple[str, str], tuple[SpoolId, TicketId | None]] = field(default_factory=dict)

    def explain(self, db: Connection, read: Reading, now: datetime) -> Explanation:
        """What the desk would do with this mail."""
        identity = (read.digest, read.message.message_id)
        pointed_at = facts.candidates(db, read, self.desk)
        known = Facts(read, pointed_at, twin=self._seen.get(identity))  # nothing was ever sent here
        told = _explained(known, self.desk, now)
        ticket = self._ticket(db, told.disposition, now)
        if ticket is not None:
            filing.remember_ids(db, ticket, read)
            filing.add_participants(db, ticket, read, self.desk.policy, author=read.author)
        if read.digest:
            number = SpoolId(len(self._seen) + 1)
            self._seen.setdefault(identity, (number, ticket.id if ticket else None))
        return replace(told, ticket=ticket.reference) if ticket else told

    def _ticket(self, db: Connection, chosen: Disposition, now: datetime) -> Ticket | None:
        if isinstance(chosen, OpenTicket):
            return changes.open_ticket(db, chosen, self.desk, now)
        if isinstance(chosen, Duplicate):
            return tickets.get(db, chosen.ticket_id) if chosen.ticket_id is not None else None
        return chosen.ticket


def _explained(known: Facts, desk: Desk, now: datetime) -> Explanation:
    decided = decision.decide(known, desk.policy, now)
    chosen = decided.disposition
    ticket = getattr(chosen, "ticket", None)
    return Explanation(
        reading=known.reading,
        disposition=chosen,
        verdict=verdict_of(chosen),
        ticket=ticket.reference if ticket else "",
        queue=ticket.queue if ticket else known.reading.routed.queue,
        evidence=tuple(
            f"{each.ticket.reference}: {strength.title}, author is {each.role}"
            for each in known.candidates
            for strength in sorted(each.strengths, reverse=True)
        ),
        actions=tuple(_actions(chosen, desk.policy)),
        trace=decided.trace,
    )


def verdict_of(chosen: Disposition) -> str:
    """The verdict in one word."""
    match chosen:
        case OpenTicket():
            return "opened"
        case JoinTicket():
            return "joined"
        case ObeyAgent():
            return "noted" if chosen.orders.is_note else "relayed" if chosen.orders.text else "obeyed"
        case TakeRating():
            return "rated"
        case Record():
            return "recorded"
        case ReportUndelivered():
            return chosen.verdict
        case Duplicate():
            return "duplicate"
        case Hold():
            return "held"


def _actions(chosen: Disposition, policy: Policy) -> Iterator[str]:
    match chosen:
        case OpenTicket():
            yield f"open a ticket in {chosen.queue}" + (" linked to the old one" if chosen.linked_to else "")
            if chosen.acknowledge:
                yield f"acknowledge in {chosen.language}"
            yield f"tell {_names(policy.agents_of(chosen.queue))}"
        case JoinTicket():
            yield f"add to {chosen.ticket.reference}: {chosen.happening}"
            if chosen.reason:
                yield f"tell {_names(told_agents(chosen.ticket, policy))}"
        case ObeyAgent():
            yield from _orders(chosen)
        case Record():
            yield f"keep with {chosen.ticket.reference}: {chosen.why}"
            if chosen.reason:
                yield f"tell {_names(told_agents(chosen.ticket, policy))}"
        case Hold():
            yield f"hold: {chosen.why}"
            if chosen.tell:
                yield f"tell {chosen.tell.name}"
        case _:
            yield _kept(chosen)


def _orders(chosen: ObeyAgent) -> Iterator[str]:
    yield f"agent {chosen.agent.name} on {chosen.ticket.reference}"
    if chosen.orders.move:
        yield f"#{chosen.orders.move}"
    if chosen.orders.text:
        yield "keep as a note" if chosen.orders.is_note else "send to the customer"


def _kept(chosen: TakeRating | ReportUndelivered | Duplicate) -> str:
    match chosen:
        case TakeRating():
            return f"store the rating {chosen.rating.value or '(none)'} for {chosen.ticket.reference}"
        case ReportUndelivered():
            return f"mark outgoing mail {chosen.outbox_id} of {chosen.ticket.reference}: {chosen.said}"
        case Duplicate():
            return f"nothing: the same mail as spool {chosen.of}"


def _names(agents: tuple[Agent, ...]) -> str:
    return ", ".join(agent.name for agent in agents) or "nobody"
