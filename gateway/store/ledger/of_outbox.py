"""What holds for every mail that goes out: it has a cause, goes once, and who took it over is on record."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import Connection, String, and_, cast, exists, func, literal, or_, select

from gateway.store.ledger.invariant import Invariant, Question, event_at, event_by, repeated, told
from gateway.store.outbox import OutboxState, RecipientState
from gateway.store.schema import alarms, message_ids, outbox, recipients
from gateway.tickets.notices import NoticeKind

_LATE = timedelta(hours=1)
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
)
