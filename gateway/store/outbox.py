"""The outbox: mail that has been decided on, until the smarthost has taken it. Once rendered its bytes never change."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql

from gateway.mail.address import Mailbox
from gateway.store.schema import AT_ONCE, outbox, recipients
from gateway.tickets.model import OutboxId, SpoolId, TicketId
from gateway.tickets.notices import Notice, NoticeKind, Reason

_ADD = postgresql.insert(outbox).on_conflict_do_nothing(index_elements=["key"]).returning(outbox.c.id)  # SQLite's too
_ADD_RECIPIENT = insert(recipients)
_CHANGE = update(outbox).where(outbox.c.id == bindparam("here"))
_MARK = update(recipients).where(
    recipients.c.outbox_id == bindparam("here"), recipients.c.address == bindparam("recipient")
)
_GET = select(outbox).where(outbox.c.id == bindparam("outbox_id"))
_RECIPIENTS = select(recipients).where(recipients.c.outbox_id == bindparam("outbox_id")).order_by(recipients.c.address)


class OutboxState(StrEnum):
    """Where an outgoing mail lies."""

    WAITING = "waiting"
    TAKEN = "taken"
    DEFERRED = "deferred"
    SENT = "sent"
    HELD = "held"


class RecipientState(StrEnum):
    """How far one recipient has been served."""

    WAITING = "waiting"
    SENT = "sent"
    HELD = "held"  # refused for good by the smarthost
    UNDELIVERED = "undelivered"  # taken by the smarthost, reported back later


@dataclass(frozen=True, slots=True)
class Recipient:
    """One envelope recipient and what its server said last."""

    address: str
    state: RecipientState
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One outbox row. `raw`, `message_id` and `mail_from` are empty until the first attempt has frozen them."""

    id: OutboxId
    notice: Notice
    state: OutboxState
    attempts: int
    created_at: datetime
    recipients: tuple[Recipient, ...]
    message_id: str = ""
    mail_from: str = ""
    raw: bytes = field(default=b"", repr=False)
    subject: str = ""
    reason: str = ""
    due_at: datetime | None = None
    sent_at: datetime | None = None


def add(db: Connection, notice: Notice, now: datetime) -> OutboxId | None:
    """The id of the new row, or None when a notice with this key was added before: nothing is written twice."""
    values = {
        "key": notice.key,
        "kind": notice.kind,
        "ticket_id": notice.ticket_id,
        "notice": asdict(notice),
        "created_at": now,
        "state": OutboxState.WAITING,
        "due_at": AT_ONCE,
    }
    added = db.execute(_ADD, values).scalar_one_or_none()
    if added is None:
        return None
    addresses = dict.fromkeys(mailbox.address for mailbox in (*notice.to, *notice.cc))
    rows = [{"outbox_id": added, "address": address, "state": RecipientState.WAITING} for address in addresses]
    db.execute(_ADD_RECIPIENT, rows)
    return OutboxId(added)


def take(db: Connection, now: datetime, lease: timedelta, limit: int) -> tuple[Outgoing, ...]:
    """Up to `limit` mails that are due, oldest first, now ours until `now + lease`."""
    open_states = [OutboxState.WAITING, OutboxState.DEFERRED, OutboxState.TAKEN]
    due = outbox.c.state.in_(open_states) & (outbox.c.due_at <= now)
    query = select(outbox).where(due).order_by(outbox.c.due_at, outbox.c.id).limit(limit)
    rows = db.execute(query.with_for_update(skip_locked=True)).all()
    if rows:
        taken = {"state": OutboxState.TAKEN, "due_at": now + lease, "attempts": outbox.c.attempts + 1}
        db.execute(update(outbox).where(outbox.c.id.in_([row.id for row in rows])).values(taken))
    return tuple(_outgoing(db, row) for row in rows)


def freeze(db: Connection, outbox_id: OutboxId, message_id: str, mail_from: str, raw: bytes, subject: str) -> None:
    """Fixes the bytes, Message-ID and envelope sender for every attempt to come."""
    values = {"message_id": message_id, "mail_from": mail_from, "raw": raw, "subject": subject}
    db.execute(_CHANGE, {"here": outbox_id, **values})


def mark(db: Connection, outbox_id: OutboxId, address: str, state: RecipientState, reply: str, now: datetime) -> None:
    """Writes how far one recipient has been served and what was said."""
    db.execute(_MARK, {"here": outbox_id, "recipient": address, "state": state, "reply": reply, "at": now})


def finish(db: Connection, outbox_id: OutboxId, now: datetime) -> None:
    """Every recipient has been served."""
    values = {"state": OutboxState.SENT, "sent_at": now, "reason": None}
    db.execute(_CHANGE, {"here": outbox_id, **values})


def defer(db: Connection, outbox_id: OutboxId, due_at: datetime, reason: str) -> None:
    """To be tried again at `due_at`."""
    values = {"state": OutboxState.DEFERRED, "due_at": due_at, "reason": reason}
    db.execute(update(outbox).where(outbox.c.id == outbox_id).values(values))


def put_back(db: Connection, outbox_id: OutboxId, due_at: datetime, reason: str) -> None:
    """To be tried again at `due_at`; it was taken but not tried, so this time does not count."""
    values = {"state": OutboxState.DEFERRED, "due_at": due_at, "reason": reason, "attempts": outbox.c.attempts - 1}
    db.execute(update(outbox).where(outbox.c.id == outbox_id).values(values))


def hold(db: Connection, outbox_id: OutboxId, reason: str) -> None:
    """Waits for a person."""
    db.execute(update(outbox).where(outbox.c.id == outbox_id).values(state=OutboxState.HELD, reason=reason))


def reclaim(db: Connection) -> int:
    """How many mails a process that is no more had taken; they wait again. Only for the one daemon of a database."""
    taken = outbox.c.state == OutboxState.TAKEN
    return db.execute(update(outbox).where(taken).values(state=OutboxState.WAITING, due_at=AT_ONCE)).rowcount


def retry(db: Connection, outbox_id: OutboxId) -> bool:
    """Lets a held or deferred mail be tried at once, as the same bytes; False when it is neither."""
    here = (outbox.c.id == outbox_id) & outbox.c.state.in_([OutboxState.HELD, OutboxState.DEFERRED])
    values = {"state": OutboxState.WAITING, "due_at": AT_ONCE, "attempts": 0}
    if db.execute(update(outbox).where(here).values(values)).rowcount != 1:
        return False
    refused = (recipients.c.outbox_id == outbox_id) & (recipients.c.state == RecipientState.HELD)
    db.execute(update(recipients).where(refused).values(state=RecipientState.WAITING))
    return True


def get(db: Connection, outbox_id: OutboxId) -> Outgoing | None:
    """The mail with this id, or None."""
    row = db.execute(_GET, {"outbox_id": outbox_id}).one_or_none()
    return _outgoing(db, row) if row is not None else None


def with_message_id(db: Connection, message_id: str) -> Outgoing | None:
    """The mail sent under this Message-ID, or None."""
    row = db.execute(select(outbox).where(outbox.c.message_id == message_id)).first()
    return _outgoing(db, row) if row is not None else None


def count_since(db: Connection, kind: NoticeKind, address: str, since: datetime) -> int:
    """How many mails of a kind were put here for `address` (letter case does not matter) from `since` on."""
    here = (outbox.c.kind == kind) & (outbox.c.created_at >= since)
    query = select(func.count()).select_from(outbox.join(recipients, recipients.c.outbox_id == outbox.c.id))
    return db.scalar(query.where(here, func.lower(recipients.c.address) == address.lower())) or 0


def listed(db: Connection, *states: OutboxState, ticket_id: TicketId | None = None) -> tuple[Outgoing, ...]:
    """Mails in `states` (all when none is named), oldest first, of one ticket where given."""
    query = select(outbox).order_by(outbox.c.id)
    if states:
        query = query.where(outbox.c.state.in_(states))
    if ticket_id is not None:
        query = query.where(outbox.c.ticket_id == ticket_id)
    return tuple(_outgoing(db, row) for row in db.execute(query).all())


def count(db: Connection, *states: OutboxState) -> int:
    """How many mails lie in `states`."""
    return db.scalar(select(func.count()).select_from(outbox).where(outbox.c.state.in_(states))) or 0


def _outgoing(db: Connection, row: Row[Any]) -> Outgoing:
    found = db.execute(_RECIPIENTS, {"outbox_id": row.id})
    return Outgoing(
        id=OutboxId(row.id),
        notice=_notice(row.notice),
        state=OutboxState(row.state),
        attempts=row.attempts,
        created_at=row.created_at,
        recipients=tuple(Recipient(each.address, RecipientState(each.state), each.reply) for each in found),
        message_id=row.message_id or "",
        mail_from=row.mail_from or "",
        raw=bytes(row.raw or b""),
        subject=row.subject or "",
        reason=row.reason or "",
        due_at=row.due_at,
        sent_at=row.sent_at,
    )


def _notice(stored: dict[str, Any]) -> Notice:
    return Notice(
        **{
            **stored,
            "kind": NoticeKind(stored["kind"]),
            "reason": Reason(stored["reason"]) if stored["reason"] else None,
            "to": tuple(Mailbox(**mailbox) for mailbox in stored["to"]),
            "cc": tuple(Mailbox(**mailbox) for mailbox in stored["cc"]),
            "ticket_id": TicketId(stored["ticket_id"]) if stored["ticket_id"] is not None else None,
            "left_out": tuple(stored["left_out"]),
            "source": SpoolId(stored["source"]) if stored["source"] is not None else None,
        }
    )
