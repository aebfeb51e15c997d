"""Tickets with their articles, events, participants and known Message-IDs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands it too

from gateway.errors import GatewayError
from gateway.mail.address import Mailbox, normalise
from gateway.store import pending
from gateway.store.locks import ours
from gateway.store.schema import articles, events, message_ids, participants, tickets
from gateway.tickets.model import Article, ArticleId, ArticleKind, Event, SpoolId, State, Ticket, TicketId

# Statements are made once: making one anew costs four times as much as carrying it out.
# A ticket seen in a transaction that may change things stays as it was seen until that has ended.
_GET = ours(select(tickets).where(tickets.c.id == bindparam("ticket_id")), tickets)
_WITH_CODES = ours(
    select(tickets).where(tickets.c.code.in_(bindparam("codes", expanding=True))).order_by(tickets.c.id), tickets
)
_WITH_MESSAGE_IDS = ours(
    select(message_ids.c.message_id, message_ids.c.origin, tickets)
    .join(tickets, tickets.c.id == message_ids.c.ticket_id)
    .where(message_ids.c.message_id.in_(bindparam("ids", expanding=True)))
    .order_by(tickets.c.id),
    tickets,
)
_OPEN = insert(tickets).on_conflict_do_nothing(index_elements=["code"]).returning(tickets.c.id)
_ADD_ID = insert(message_ids)
_REMEMBER_ID = _ADD_ID.on_conflict_do_update(
    index_elements=["message_id", "ticket_id"],
    set_={"origin": _ADD_ID.excluded.origin},
    where=(message_ids.c.origin == "mentioned") & (_ADD_ID.excluded.origin != "mentioned"),
)
_CHANGE = update(tickets).where(tickets.c.id == bindparam("here"))
_ADD_EVENT = insert(events)
_HISTORY = select(events).where(events.c.ticket_id == bindparam("ticket_id")).order_by(events.c.id)
_ADD_ARTICLE = insert(articles)
_CONVERSATION = select(articles).where(articles.c.ticket_id == bindparam("ticket_id")).order_by(articles.c.id)
_ADD_PARTICIPANT = insert(participants).on_conflict_do_nothing()
_PARTICIPANTS = select(participants).where(participants.c.ticket_id.in_(bindparam("ticket_ids", expanding=True)))


class ReferenceTakenError(GatewayError):
    """Another ticket has this reference."""


class Origin(StrEnum):
    """Where a stored Message-ID comes from."""

    OWN = "own"  # a mail of ours
    RECEIVED = "received"  # a mail that is part of the ticket
    MENTIONED = "mentioned"  # an id that such a mail refers to


@dataclass(frozen=True, slots=True)
class NewTicket:
    """What a ticket is opened with."""

    reference: str
    queue: str
    subject: str
    customer: Mailbox
    language: str
    linked_to: TicketId | None = None
    is_quiet: bool = False


def open_ticket(db: Connection, new: NewTicket, now: datetime) -> Ticket:
    """The new ticket, in state `new`.

    Raises:
        ReferenceTakenError: the reference it is to have is another's; nothing has happened.
    """
    values = {
        "code": new.reference[-9:].replace("-", "").lower(),
        "reference": new.reference,
        "queue": new.queue,
        "state": State.NEW,
        "subject": new.subject,
        "customer_address": new.customer.address,
        "customer_name": new.customer.name,
        "language": new.language,
        "assignee": "",
        "created_at": now,
        "changed_at": now,
        "linked_to": new.linked_to,
        "is_quiet": new.is_quiet,
    }
    number = db.scalar(_OPEN, values)
    if number is None:
        raise ReferenceTakenError(new.reference)
    return Ticket(
        id=TicketId(number),
        reference=new.reference,
        queue=new.queue,
        state=State.NEW,
        subject=new.subject,
        customer=new.customer,
        language=new.language,
        created_at=now,
        changed_at=now,
        linked_to=new.linked_to,
        is_quiet=new.is_quiet,
    )


def get(db: Connection, ticket_id: TicketId) -> Ticket | None:
    """The ticket with this id, or None."""
    row = db.execute(_GET.on(db), {"ticket_id": ticket_id}).one_or_none()
    return _ticket(row) if row is not None else None


def with_codes(db: Connection, codes: Iterable[str]) -> tuple[Ticket, ...]:
    """The tickets whose references carry these codes."""
    wanted = list(codes)
    if not wanted:
        return ()
    rows = db.execute(_WITH_CODES.on(db), {"codes": wanted})
    return tuple(_ticket(row) for row in rows)


def with_message_ids(db: Connection, ids: Iterable[str]) -> tuple[tuple[str, Origin, Ticket], ...]:
    """Each known id of `ids`, where it comes from and its ticket."""
    wanted = list(ids)
    if not wanted:
        return ()
    rows = db.execute(_WITH_MESSAGE_IDS.on(db), {"ids": wanted})
    return tuple((row.message_id, Origin(row.origin), _ticket(row)) for row in rows)


def remember_ids(db: Connection, ticket_id: TicketId, origin: Origin, ids: Iterable[str]) -> None:
    """Remembers Message-IDs for a ticket; an id once only mentioned is raised when its mail arrives."""
    for each in dict.fromkeys(each for each in ids if each):
        pending.write(db, _REMEMBER_ID, {"message_id": each, "ticket_id": ticket_id, "origin": origin})


def change(db: Connection, ticket: Ticket, state: State, now: datetime, postponed_until: datetime | None) -> Ticket:
    """The ticket, now in `state` (the table in `tickets.lifecycle` said so)."""
    values = {"state": state, "changed_at": now, "postponed_until": postponed_until}
    db.execute(_CHANGE, {"here": ticket.id, **values})
    return replace(ticket, state=state, changed_at=now, postponed_until=postponed_until)


def assign(db: Connection, ticket_id: TicketId, agent: str) -> None:
    """Gives the ticket to `agent`; an empty name takes it back to the queue."""
    db.execute(_CHANGE, {"here": ticket_id, "assignee": agent})


def set_quiet(db: Connection, ticket_id: TicketId, *, is_quiet: bool) -> None:
    """Whether the ticket's customer gets no automatic mail."""
    db.execute(_CHANGE, {"here": ticket_id, "is_quiet": is_quiet})


def add_event(db: Connection, ticket_id: TicketId, event: Event) -> None:
    """Appends to the ticket's history."""
    values = {
        "ticket_id": ticket_id,
        "at": event.at,
        "actor": event.actor,
        "what": event.what,
        "why": event.why,
        "before": event.before,
        "after": event.after,
        "spool_id": event.spool_id,
    }
    pending.write(db, _ADD_EVENT, values)


def history(db: Connection, ticket_id: TicketId) -> tuple[Event, ...]:
    """The ticket's events, oldest first."""
    rows = db.execute(_HISTORY, {"ticket_id": ticket_id})
    return tuple(
        Event(
            at=row.at,
            actor=row.actor,
            what=row.what,
            why=row.why,
            before=State(row.before) if row.before else None,
            after=State(row.after) if row.after else None,
            spool_id=SpoolId(row.spool_id) if row.spool_id is not None else None,
        )
        for row in rows
    )


def add_article(db: Connection, article: Article) -> None:
    """Appends to the ticket's conversation; the id in `article` plays no part."""
    values = {
        "ticket_id": article.ticket_id,
        "kind": article.kind,
        "author_name": article.author.name,
        "author_address": article.author.address,
        "at": article.at,
        "text": article.text,
        "full": article.full,
        "message_id": article.message_id,
        "spool_id": article.spool_id,
    }
    pending.write(db, _ADD_ARTICLE, values)


def conversation(db: Connection, ticket_id: TicketId) -> tuple[Article, ...]:
    """The ticket's articles, oldest first."""
    rows = db.execute(_CONVERSATION, {"ticket_id": ticket_id})
    return tuple(
        Article(
            id=ArticleId(row.id),
            ticket_id=TicketId(row.ticket_id),
            kind=ArticleKind(row.kind),
            author=Mailbox(row.author_name, row.author_address),
            at=row.at,
            text=row.text,
            full=row.full,
            message_id=row.message_id,
            spool_id=SpoolId(row.spool_id) if row.spool_id is not None else None,
        )
        for row in rows
    )


def add_participants(db: Connection, ticket_id: TicketId, people: Iterable[Mailbox]) -> None:
    """Lets these people write to the ticket and receive its public replies."""
    wanted = {normalise(person.address): person.name for person in people}
    if wanted:
        db.execute(_ADD_PARTICIPANT, [{"ticket_id": ticket_id, "address": a, "name": n} for a, n in wanted.items()])


def participants_of(db: Connection, ticket_id: TicketId) -> tuple[Mailbox, ...]:
    """The people of a ticket besides its customer; addresses are normalised."""
    return participants_among(db, [ticket_id]).get(ticket_id, ())


def participants_among(db: Connection, ticket_ids: Iterable[TicketId]) -> Mapping[TicketId, tuple[Mailbox, ...]]:
    """The same for each of several tickets that has any."""
    found: dict[TicketId, tuple[Mailbox, ...]] = {}
    wanted = list(ticket_ids)
    for row in db.execute(_PARTICIPANTS, {"ticket_ids": wanted}) if wanted else ():
        number = TicketId(row.ticket_id)
        found[number] = (*found.get(number, ()), Mailbox(row.name, row.address))
    return found


def listed(
    db: Connection, *states: State, queue: str = "", before: TicketId | None = None, limit: int = 1000
) -> tuple[Ticket, ...]:
    """Tickets in `states` (all when none is named), of one queue where given, with ids below `before`, newest first."""
    query = select(tickets).order_by(tickets.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(tickets.c.id < before)
    if states:
        query = query.where(tickets.c.state.in_(states))
    if queue:
        query = query.where(tickets.c.queue == queue)
    return tuple(_ticket(row) for row in db.execute(query))


def _ticket(row: Row[Any]) -> Ticket:
    return Ticket(
        id=TicketId(row.id),
        reference=row.reference,
        queue=row.queue,
        state=State(row.state),
        subject=row.subject,
        customer=Mailbox(row.customer_name, row.customer_address),
        language=row.language,
        created_at=row.created_at,
        changed_at=row.changed_at,
        assignee=row.assignee,
        postponed_until=row.postponed_until,
        linked_to=TicketId(row.linked_to) if row.linked_to is not None else None,
        is_quiet=row.is_quiet,
    )
