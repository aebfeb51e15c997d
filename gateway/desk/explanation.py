"""Tells what would become of a mail, and why. Nothing happens: the caller only reads, or throws away what it did."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.desk import candidates, changes, facts, filing, foresight, posting
from gateway.desk.moves import Cause, Desk, Heard, Tray, Wanted
from gateway.store import tickets
from gateway.store.engine import Connection
from gateway.tickets import decision
from gateway.tickets.decision import Decision, Facts
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
from gateway.tickets.model import SpoolId, Ticket, TicketId
from gateway.tickets.notices import Notice, NoticeKind
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
    known = facts.gather(db, read, desk, now)
    decided = decision.decide(known, desk.policy, now)
    cause = Cause("", "", now)
    wanted = [Wanted(each, cause) for each in foresight.wanted(db, decided.disposition, read, desk, now)]
    foreseen = posting.foreseen(db, Tray(wanted, _heard(known)), desk.policy, now)
    told = _explained(db, known, decided, foreseen.sent)
    return replace(told, trace=(*told.trace, *foreseen.trace))


def _heard(known: Facts) -> list[Heard]:
    if known.addressee is None or known.heard is None:
        return []
    return [Heard(known.addressee.address, known.heard, known.loop, known.proves_author)]


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
        pointed_at = candidates.pointed_at(db, [read]).by(read, self.desk)
        known = Facts(read, pointed_at, twin=self._seen.get(identity))  # nothing was ever sent here
        decided = decision.decide(known, self.desk.policy, now)
        wanted = foresight.wanted(db, decided.disposition, read, self.desk, now)
        told = _explained(db, known, decided, wanted)
        ticket = self._continued(db, told.disposition, now)
        if ticket is not None:
            filing.remember_ids(db, ticket, read)
            filing.add_participants(db, ticket, read, self.desk.policy, author=read.author)
        if read.digest:
            number = SpoolId(len(self._seen) + 1)
            self._seen.setdefault(identity, (number, ticket.id if ticket else None))
        return replace(told, ticket=ticket.reference) if ticket else told

    def _continued(self, db: Connection, chosen: Disposition, now: datetime) -> Ticket | None:
        """The ticket that the next mail may continue."""
        if isinstance(chosen, OpenTicket):
            return changes.open_ticket(db, chosen, self.desk, now)
        return _ticket(db, chosen)


def _explained(db: Connection, known: Facts, decided: Decision, sent: Sequence[Notice]) -> Explanation:
    chosen = decided.disposition
    ticket = _ticket(db, chosen)
    new_in = chosen.queue if isinstance(chosen, OpenTicket) else known.reading.routed.queue
    return Explanation(
        reading=known.reading,
        disposition=chosen,
        verdict=verdict_of(chosen),
        ticket=ticket.reference if ticket else "",
        queue=ticket.queue if ticket else new_in,
        evidence=tuple(
            f"{each.ticket.reference}: {strength.title}, author is {each.role}"
            for each in known.candidates
            for strength in sorted(each.strengths, reverse=True)
        ),
        actions=(*_changes(chosen), *_mailed(chosen, sent)),
        trace=decided.trace,
    )


def _ticket(db: Connection, chosen: Disposition) -> Ticket | None:
    """The ticket that the mail would be with, if there is one yet."""
    if isinstance(chosen, Duplicate):
        return tickets.get(db, chosen.ticket_id) if chosen.ticket_id is not None else None
    return None if isinstance(chosen, OpenTicket) else chosen.ticket


def verdict_of(chosen: Disposition) -> str:
    """The verdict in one word."""
    match chosen:
        case OpenTicket():
            return "opened"
        case JoinTicket():
            return "joined"
        case ObeyAgent():
            return chosen.verdict
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


def _changes(chosen: Disposition) -> Iterator[str]:
    match chosen:
        case OpenTicket():
            yield f"open a ticket in {chosen.queue}" + (" linked to the old one" if chosen.linked_to else "")
        case JoinTicket():
            yield f"add to {chosen.ticket.reference}: {chosen.happening}"
        case ObeyAgent():
            yield f"agent {chosen.agent.name} on {chosen.ticket.reference}"
            if chosen.orders.move:
                yield f"#{chosen.orders.move}"
            if chosen.orders.is_note and chosen.orders.text:
                yield "keep as a note"
        case Record():
            yield f"keep with {chosen.ticket.reference}: {chosen.why}"
        case Hold():
            yield f"hold: {chosen.why}"
        case _:
            yield _kept(chosen)


def _kept(chosen: TakeRating | ReportUndelivered | Duplicate) -> str:
    match chosen:
        case TakeRating():
            return f"store the rating {chosen.rating.value or '(none)'} for {chosen.ticket.reference}"
        case ReportUndelivered():
            return f"mark outgoing mail {chosen.outbox_id} of {chosen.ticket.reference}: {chosen.said}"
        case Duplicate():
            return f"nothing: the same mail as spool {chosen.of}"


def _mailed(chosen: Disposition, sent: Sequence[Notice]) -> Iterator[str]:
    """What goes out; that nobody hears of a new ticket is worth a line, too."""
    for notice in sent:
        match notice.kind:
            case NoticeKind.ACKNOWLEDGEMENT:
                yield f"acknowledge in {notice.language}"
            case NoticeKind.REPLY:
                yield "send to the customer"
            case kind if not kind.is_for_agents:
                yield f"write to the customer: {kind}"
            case _:
                pass
    told = ", ".join(dict.fromkeys(notice.agent for notice in sent if notice.kind.is_for_agents))
    if told or isinstance(chosen, OpenTicket):
        yield f"tell {told or 'nobody'}"
