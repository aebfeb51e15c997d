"""Asks the store what it knows of a mail that has been read. Decides nothing."""

from datetime import datetime, timedelta

from gateway import store
from gateway.desk.moves import Desk
from gateway.mail import tokens
from gateway.mail.address import normalise
from gateway.mail.tokens import Purpose
from gateway.store.engine import Connection
from gateway.store.outbox import Outgoing
from gateway.store.spool import Spooled
from gateway.store.tickets import Origin
from gateway.tickets import follow_up
from gateway.tickets.decision import Facts
from gateway.tickets.evidence import Evidence, Strength
from gateway.tickets.follow_up import Candidate
from gateway.tickets.model import OutboxId, Role, SpoolId, Ticket, TicketId
from gateway.tickets.notices import NoticeKind
from gateway.tickets.reading import Reading

_AN_HOUR = timedelta(hours=1)
_STORED = {
    Origin.OWN: Strength.STORED_MESSAGE_ID,
    Origin.RECEIVED: Strength.STORED_MESSAGE_ID,
    Origin.MENTIONED: Strength.MENTIONED_MESSAGE_ID,
}


def gather(db: Connection, reading: Reading, desk: Desk, spooled: Spooled | None, now: datetime) -> Facts:
    """The facts about a mail; `spooled` is None for a mail that is only being explained."""
    answered = _answered(db, reading.evidence)
    author = reading.author
    return Facts(
        reading=reading,
        candidates=candidates(db, reading, desk),
        answered=answered.notice.kind if answered else None,
        answered_agent=answered.notice.agent if answered else "",
        answered_ticket=answered.notice.ticket_id if answered else None,
        undelivered=_undelivered(db, reading, desk),
        twin=_twin(db, reading, spooled),
        known_language=store.customers.language_of(db, author.address) if author else "",
        acknowledged=_acknowledged(db, reading, now),
        vouched=bool(spooled and spooled.released_by),
    )


def candidates(db: Connection, reading: Reading, desk: Desk) -> tuple[Candidate, ...]:
    """The tickets that the mail's clues point at, and what its author is on each."""
    clues = reading.evidence.clues
    ids = (*reading.evidence.message_ids, *((reading.message.message_id,) if reading.message.message_id else ()))
    found: dict[TicketId, Ticket] = {}
    stored: dict[TicketId, set[Strength]] = {}
    for _, origin, ticket in store.tickets.with_message_ids(db, ids):
        found[ticket.id] = ticket
        stored.setdefault(ticket.id, set()).add(_STORED[origin])
    for ticket in store.tickets.with_codes(db, {clue.code for clue in clues}):
        found[ticket.id] = ticket
    return tuple(
        Candidate(
            ticket, follow_up.strengths_for(ticket, clues, stored.get(ticket.id, ())), _role(db, ticket, reading, desk)
        )
        for ticket in found.values()
    )


def _role(db: Connection, ticket: Ticket, reading: Reading, desk: Desk) -> Role:
    author = reading.author
    people = frozenset(normalise(person.address) for person in store.tickets.participants_of(db, ticket.id))
    return follow_up.role_of(author.address if author else "", ticket, people, desk.policy)


def _answered(db: Connection, evidence: Evidence) -> Outgoing | None:
    for number in evidence.answered:
        outgoing = store.outbox.get(db, OutboxId(number))
        if outgoing is not None:
            return outgoing
    return None


def _undelivered(db: Connection, reading: Reading, desk: Desk) -> tuple[OutboxId, Ticket] | None:
    """The mail of ours that came back: by our envelope sender, or by our signed Message-ID in what was returned."""
    token = reading.evidence.bounce
    if token is None and reading.report is not None:
        token = tokens.verify(desk.ring, reading.report.original_message_id.partition("@")[0])
    if token is None or token.purpose not in {Purpose.BOUNCE, Purpose.MESSAGE}:
        return None
    number = tokens.number_of(token.serial)
    outgoing = store.outbox.get(db, OutboxId(number)) if number is not None else None
    ticket = next(iter(store.tickets.with_codes(db, {token.code})), None)
    return (outgoing.id, ticket) if outgoing and ticket and outgoing.notice.ticket_id == ticket.id else None


def _acknowledged(db: Connection, reading: Reading, now: datetime) -> int:
    author = reading.author
    address = author.address if author else ""
    return store.outbox.count_since(db, NoticeKind.ACKNOWLEDGEMENT, address, now - _AN_HOUR)


def _twin(db: Connection, reading: Reading, spooled: Spooled | None) -> tuple[SpoolId, TicketId | None] | None:
    if not reading.digest:
        return None
    here = spooled.id if spooled else SpoolId(0)
    twin = store.spool.twin(db, reading.digest, reading.message.message_id, here)
    return (twin.id, twin.ticket_id) if twin else None
