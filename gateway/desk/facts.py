"""Asks the store what it knows of a mail that has been read. Decides nothing."""

from collections.abc import Iterator
from datetime import datetime

from gateway import store
from gateway.desk.moves import Desk
from gateway.mail import tokens
from gateway.mail.address import normalise
from gateway.mail.tokens import Purpose
from gateway.store.engine import Connection
from gateway.store.outbox import Outgoing
from gateway.store.spool import Spooled
from gateway.store.tickets import Origin
from gateway.tickets import follow_up, loops
from gateway.tickets.decision import Facts
from gateway.tickets.evidence import Evidence, Strength
from gateway.tickets.follow_up import Candidate
from gateway.tickets.loops import Correspondent, Exchange
from gateway.tickets.model import OutboxId, Role, SpoolId, Ticket, TicketId
from gateway.tickets.reading import Reading

_NEAREST_IDS = 3  # of those that a mail refers to; PostgreSQL has room for some thousand locks in all
_STORED = {
    Origin.OWN: Strength.STORED_MESSAGE_ID,
    Origin.RECEIVED: Strength.STORED_MESSAGE_ID,
    Origin.MENTIONED: Strength.MENTIONED_MESSAGE_ID,
}


def names(reading: Reading) -> Iterator[str]:
    """What a mail shares with those that must not be decided on at the same time: content, thread and author.

    The two halves of a conversation then find each other, whichever node has which, and nobody is counted twice.
    """
    author, ids = reading.author, reading.evidence.message_ids
    nearest_and_first = {*ids[:_NEAREST_IDS], *ids[-1:]}
    if reading.digest:
        yield f"content {reading.digest}"
    if author:
        yield f"author {normalise(author.address)}"
    yield from (f"message {each}" for each in (reading.message.message_id, *nearest_and_first) if each)


def gather(db: Connection, reading: Reading, desk: Desk, spooled: Spooled | None, now: datetime) -> Facts:
    """The facts about a mail; `spooled` is None for a mail that is only being explained."""
    answered = _answered(db, reading.evidence)
    author = reading.author
    language = store.customers.language_of(db, author.address) if author else None
    return Facts(
        reading=reading,
        candidates=candidates(db, reading, desk),
        answered=answered.notice.kind if answered else None,
        answered_agent=answered.notice.agent if answered else "",
        answered_ticket=answered.notice.ticket_id if answered else None,
        undelivered=_undelivered(db, reading, desk),
        twin=_twin(db, reading, spooled),
        known_language=language or "",
        correspondent=store.correspondents.get(db, author.address) if author else Correspondent(""),
        is_known=language is not None,
        heard=_heard(reading, spooled, now),
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


def _heard(reading: Reading, spooled: Spooled | None, now: datetime) -> Exchange | None:
    """Machines that say what they are get no automatic answer and need not be watched."""
    if reading.author is None or not reading.classified.may_be_answered:
        return None
    at, spool_id = (spooled.received_at, spooled.id) if spooled else (now, None)
    return Exchange(at, loops.pattern_of(reading.message, reading.reply.text), spool_id)


def _twin(db: Connection, reading: Reading, spooled: Spooled | None) -> tuple[SpoolId, TicketId | None] | None:
    if not reading.digest:
        return None
    here = spooled.id if spooled else SpoolId(0)
    twin = store.spool.twin(db, reading.digest, reading.message.message_id, here)
    return (twin.id, twin.ticket_id) if twin else None
