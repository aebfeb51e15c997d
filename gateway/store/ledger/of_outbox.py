"""What holds for every mail that goes out: it has a cause, goes once, and who took it over is on record."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Select, String, Table, and_, cast, exists, func, literal, null, or_, select

from gateway.mail import tokens
from gateway.mail.address import normalise
from gateway.store.ledger.invariant import Invariant, Question, event_at, event_by, repeated, told
from gateway.store.outbox import OutboxState, RecipientState
from gateway.store.schema import alarms, message_ids, outbox, participants, recipients, tickets
from gateway.tickets.notices import NoticeKind

_LATE = timedelta(hours=1)
_FAR = timedelta(days=1)
_GROUP = 500
_HEAD = 16_384  # octets, in which every header of ours begins and ends
_OPEN = (OutboxState.WAITING, OutboxState.TAKEN, OutboxState.DEFERRED)
_SETTLED = (RecipientState.SENT, RecipientState.UNDELIVERED)
_SOURCE = outbox.c.notice["source"].as_integer()  # the mail it speaks of
_ALARM = exists().where(outbox.c.key.like(literal(f"{NoticeKind.ALARM}:") + cast(alarms.c.id, String) + literal(":%")))
_SHOWN = (outbox.c.id.label("outgoing"), outbox.c.kind, outbox.c.ticket_id.label("ticket"))


def _late(db: Connection, question: Question) -> Iterator[str]:
    if question.now is None:
        return
    before = question.now - _LATE
    late = outbox.c.state.in_(_OPEN) & (outbox.c.due_at < before) & (outbox.c.created_at < before)
    query = select(*_SHOWN, outbox.c.state, outbox.c.created_at).where(late)
    yield from map(told, db.execute(query).mappings())


def _put_off(db: Connection, question: Question) -> Iterator[str]:
    if question.now is None:
        return
    far = outbox.c.state.in_(_OPEN) & (outbox.c.due_at > question.now + _FAR)
    query = select(*_SHOWN, outbox.c.state, outbox.c.due_at).where(far)
    yield from map(told, db.execute(query).mappings())


def _elsewhere(db: Connection, _question: Question) -> Iterator[str]:
    """Mails whose recipients are not those that their notice names, or are not of its ticket."""
    last = 0
    rows = select(outbox.c.id, outbox.c.notice, tickets.c.customer_address)
    rows = rows.outerjoin(tickets, tickets.c.id == outbox.c.ticket_id).order_by(outbox.c.id).limit(_GROUP)
    while group := db.execute(rows.where(outbox.c.id > last)).all():
        first, last = group[0].id, group[-1].id
        served = _addresses(db, select(recipients.c.outbox_id, recipients.c.address), recipients, first, last)
        taking_part = select(outbox.c.id, participants.c.address)
        taking_part = taking_part.join(participants, participants.c.ticket_id == outbox.c.ticket_id)
        people = _addresses(db, taking_part, outbox, first, last)
        for row in group:
            known = people[row.id] | {normalise(row.customer_address)} if row.customer_address else set()
            yield from _strangers(row.id, row.notice, served[row.id], known)


def _addresses(db: Connection, query: Select[Any], table: Table, first: int, last: int) -> defaultdict[int, set[str]]:
    """Addresses by the number of the outgoing mail, for those from `first` to `last`."""
    number = table.c.outbox_id if table is recipients else table.c.id
    found: defaultdict[int, set[str]] = defaultdict(set)
    for outgoing, address in db.execute(query.where(number.between(first, last))):
        found[outgoing].add(normalise(address))
    return found


def _strangers(number: int, notice: Any, served: set[str], people: set[str]) -> Iterator[str]:
    try:
        named = {normalise(each["address"]) for each in (*notice["to"], *notice["cc"])}
        is_customers = not NoticeKind(notice["kind"]).is_for_agents
    except (ValueError, TypeError, KeyError) as error:
        yield f"outgoing {number}, its notice makes no sense ({type(error).__name__}: {error})"
        return
    others = served ^ named if served else set()  # one without any is another promise's
    others |= served - people if is_customers and people else set()
    if others:
        yield f"outgoing {number}, recipients {', '.join(sorted(others))}"


def _has(head: object, message_id: bytes) -> bool:
    """What SQLite was handed as text it gives back as text: that is no mail of ours."""
    return isinstance(head, bytes) and message_id in head


def _named_otherwise(db: Connection, question: Question) -> Iterator[str]:
    """Frozen mails whose Message-ID is another row's, or is not in their bytes: those are read only where asked."""
    last = 0
    head = func.substr(outbox.c.raw, 1, _HEAD) if question.is_deep else null()
    rows = select(outbox.c.id, outbox.c.message_id, head.label("head")).where(outbox.c.message_id.is_not(None))
    rows = rows.order_by(outbox.c.id).limit(_GROUP)
    while group := db.execute(rows.where(outbox.c.id > last)).all():
        last = group[-1].id
        for row in group:
            token = tokens.shape(row.message_id.partition("@")[0])
            is_anothers = token is not None and row.id not in tokens.row_numbers(token.serial)
            is_missing = row.head is not None and not _has(row.head, f"<{row.message_id}>".encode())
            if is_anothers or is_missing:
                where = "of another row" if is_anothers else "of other bytes"
                yield f"outgoing {row.id}, message_id {row.message_id} {where}"


INVARIANTS = (
    Invariant(
        "no notice without its cause",
        "an outgoing mail is about an event of its ticket, and the mail it speaks of is in that ticket's history; an "
        "operator's is about an alarm",
        "compare the ticket's history with the mail; it was put there by other means, or its event was lost",
        outbox,
        select(*_SHOWN, outbox.c.created_at).where(
            or_(
                and_(outbox.c.ticket_id.is_not(None), ~event_at(outbox.c.ticket_id, outbox.c.created_at)),
                and_(outbox.c.ticket_id.is_not(None), _SOURCE.is_not(None), ~event_by(outbox.c.ticket_id, _SOURCE)),
                and_(outbox.c.kind == NoticeKind.ALARM, ~_ALARM),
            ),
        ),
    ),
    Invariant(
        "one acknowledgement",
        "a ticket is acknowledged at most once",
        "its customer got, or will get, two: end one that still waits, and look for what wrote it in the log",
        outbox,
        select(outbox.c.ticket_id.label("ticket"), func.count().label("acknowledgements"))
        .where(outbox.c.kind == NoticeKind.ACKNOWLEDGEMENT)
        .group_by(outbox.c.ticket_id)
        .having(func.count() > 1),
    ),
    Invariant(
        "one cause, one notice",
        "no two outgoing mails have the same key",
        "the unique key of the table is lost: restore the database from a backup; mail may have gone out twice",
        outbox,
        repeated(outbox, "key"),
    ),
    Invariant(
        "one Message-ID, one mail",
        "no two outgoing mails go out under the same Message-ID",
        "two desks may use the same secret and the same numbers: was a copy of the database started beside it?",
        outbox,
        repeated(outbox, "message_id").where(outbox.c.message_id.is_not(None)),
    ),
    Invariant(
        "every mail has recipients",
        "an outgoing mail goes to somebody",
        "it will never be sent; write to the customer from the ticket",
        outbox,
        select(*_SHOWN, outbox.c.state).where(~exists().where(recipients.c.outbox_id == outbox.c.id)),
    ),
    Invariant(
        "mail goes to its people",
        "an outgoing mail goes to whom its notice names and nobody else, a customer's only to people of its ticket",
        "hold it back (`gateway outbox hold`) if it waits; if it is sent, somebody has read what was not for him",
        recipients,
        _elsewhere,
    ),
    Invariant(
        "what goes out is named after its row",
        "the Message-ID of an outgoing mail carries the number of its row, and stands in its bytes",
        "answers and delivery reports would be taken for another mail's; the row was changed by other means",
        outbox,
        _named_otherwise,
    ),
    Invariant(
        "what is sent is frozen",
        "a mail once tried keeps its bytes, Message-ID and envelope sender, and one that is sent has its time",
        "what went out cannot be shown any more; the row was changed by other means than this program's",
        outbox,
        select(*_SHOWN, outbox.c.state, outbox.c.message_id, outbox.c.sent_at).where(
            or_(
                outbox.c.state.not_in(list(OutboxState)),
                and_(
                    or_(outbox.c.state == OutboxState.SENT, outbox.c.raw.is_not(None)),
                    or_(outbox.c.raw.is_(None), outbox.c.message_id.is_(None), outbox.c.mail_from.is_(None)),
                ),
                and_(outbox.c.state == OutboxState.SENT, outbox.c.sent_at.is_(None)),
            )
        ),
    ),
    Invariant(
        "what is sent is served",
        "of a mail that is sent no recipient waits or is held",
        "`gateway outbox list --all` shows who has not got it; write to him from the ticket",
        recipients,
        select(outbox.c.id.label("outgoing"), recipients.c.address, recipients.c.state)
        .join(outbox, outbox.c.id == recipients.c.outbox_id)
        .where(
            or_(
                recipients.c.state.not_in(list(RecipientState)),
                and_(outbox.c.state == OutboxState.SENT, recipients.c.state.not_in(_SETTLED)),
            )
        ),
    ),
    Invariant(
        "acceptance is on record",
        "for every recipient served, the smarthost's 2xx reply and its time are kept",
        "whether the smarthost has it can only be seen in its own log, by the Message-ID",
        recipients,
        select(recipients.c.outbox_id.label("outgoing"), recipients.c.address, recipients.c.reply).where(
            recipients.c.state == RecipientState.SENT, or_(recipients.c.reply.not_like("2%"), recipients.c.at.is_(None))
        ),
    ),
    Invariant(
        "answers will find their ticket",
        "the Message-ID of every outgoing mail leads to its ticket",
        "answers to that mail will be found by its signed Message-ID all the same; nothing else is lost",
        outbox,
        select(*_SHOWN, outbox.c.message_id).where(
            outbox.c.ticket_id.is_not(None),
            outbox.c.message_id.is_not(None),
            ~exists().where(
                message_ids.c.message_id == outbox.c.message_id, message_ids.c.ticket_id == outbox.c.ticket_id
            ),
        ),
    ),
    Invariant(
        "no outgoing mail is stuck",
        "outgoing mail is tried within an hour of being due",
        "see that the daemon runs and what its log says; if the process died, start it: it takes such mail up again",
        outbox,
        _late,
    ),
    Invariant(
        "no outgoing mail is put off for long",
        "outgoing mail is tried again within a day",
        "a clock was wrong when it was put off: `gateway outbox retry` lets it go at once",
        outbox,
        _put_off,
    ),
)
