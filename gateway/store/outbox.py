"""The outbox: mail that has been decided on, until the smarthost has taken it. Once rendered its bytes never change."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, insert, null, select, update
from sqlalchemy.dialects import postgresql

from gateway.mail import tokens
from gateway.mail.address import Mailbox
from gateway.store import poison
from gateway.store.schema import AT_ONCE, UNSENT, outbox, recipients
from gateway.tickets.model import OutboxId, SpoolId, TicketId
from gateway.tickets.notices import Notice, NoticeKind, Reason

_ADD = (  # SQLite's too
    postgresql.insert(outbox).on_conflict_do_nothing(index_elements=["key"]).returning(outbox.c.id, outbox.c.key)
)
_ADD_RECIPIENT = insert(recipients)
_CHANGE = update(outbox).where(outbox.c.id == bindparam("here"))
_MARK = update(recipients).where(
    recipients.c.outbox_id == bindparam("here"),
    recipients.c.address == bindparam("recipient"),
    recipients.c.state != "undelivered",
)
_THESE = outbox.c.id.in_(bindparam("numbers", expanding=True))
_STILL_TAKEN = (
    select(outbox.c.id, outbox.c.attempts, outbox.c.owner)
    .where(_THESE, outbox.c.state == "taken")
    .order_by(outbox.c.id)
    .with_for_update()
)
_LIGHT = (*(column for column in outbox.c if column.name != "raw"), null().label("raw"))
_RAW = select(outbox.c.raw).where(outbox.c.id == bindparam("outbox_id"))
_SIZES = select(outbox.c.id, func.coalesce(func.length(outbox.c.raw), 0).label("size")).where(_THESE)
_RAWS = select(outbox.c.id, outbox.c.raw).where(_THESE)
_GET = select(outbox).where(outbox.c.id == bindparam("outbox_id"))
_GET_LIGHT = select(*_LIGHT).where(outbox.c.id == bindparam("outbox_id"))
_RECIPIENTS = (
    select(recipients)
    .where(recipients.c.outbox_id.in_(bindparam("numbers", expanding=True)))
    .order_by(recipients.c.outbox_id, recipients.c.address)
)

_MOST_VALUES = 10_000  # a statement of SQLite names 32,766 values at most
_AT_ONCE_SHOWN = 500


_NAMES = frozenset(each.name for each in fields(Notice))
_PLAIN = _NAMES - {"to", "cc", "facts"}  # JSON as they are


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
    owner: str = ""  # who took it last

    @property
    def unserved(self) -> tuple[str, ...]:
        """The addresses that have still to be served."""
        return tuple(each.address for each in self.recipients if each.state is RecipientState.WAITING)

    @property
    def serial(self) -> str:
        """What its tokens carry of it: as it was frozen, else as it will be."""
        frozen = tokens.shape(self.message_id.partition("@")[0])
        return frozen.serial if frozen else tokens.row_serial(self.id, self.created_at)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A mail that is held: who does not get it, what was said of each (reply code first), what else is wrong."""

    outgoing: Outgoing
    unserved: tuple[str, ...]
    replies: Mapping[str, str]
    why: str


def add(db: Connection, notice: Notice, now: datetime) -> OutboxId | None:
    """The id of the new row, or None when a notice with this key was added before: nothing is written twice."""
    return next(iter(add_all(db, [(notice, now)])), None)


def add_all(db: Connection, wanted: Sequence[tuple[Notice, datetime]]) -> tuple[OutboxId, ...]:
    """The ids of the new rows, in the order of `wanted`; a notice whose key was added before gets none."""
    notices = {notice.key: (notice, at) for notice, at in reversed(wanted)}  # the first of each key counts
    rows = [_row(*notices[key]) for key in dict.fromkeys(notice.key for notice, _ in wanted)]
    added = {row.key: OutboxId(row.id) for row in db.execute(_ADD, rows)} if rows else {}
    served = [
        {"outbox_id": number, "address": address, "state": RecipientState.WAITING}
        for key, number in added.items()
        for address in dict.fromkeys(mailbox.address for mailbox in (*notices[key][0].to, *notices[key][0].cc))
    ]
    if served:
        db.execute(_ADD_RECIPIENT, served)
    return tuple(sorted(added.values()))


def _row(notice: Notice, at: datetime) -> dict[str, Any]:
    return {
        "key": notice.key,
        "kind": notice.kind,
        "ticket_id": notice.ticket_id,
        "notice": {
            **{name: getattr(notice, name) for name in _PLAIN},
            "to": [_stored(mailbox) for mailbox in notice.to],
            "cc": [_stored(mailbox) for mailbox in notice.cc],
            **({"facts": dict(notice.facts)} if notice.facts else {}),  # an older gateway beside us knows of none
        },
        "created_at": at,
        "state": OutboxState.WAITING,
        "due_at": AT_ONCE + _after(notice),
    }


def _stored(mailbox: Mailbox) -> dict[str, str]:
    return {"name": mailbox.name, "address": mailbox.address}


def _after(notice: Notice) -> timedelta:
    """Past all, so due at once; but people we know come first, and a flood of strangers' acknowledgements last."""
    return timedelta(days=2 * notice.is_to_stranger + notice.kind.is_for_agents)


def take(db: Connection, now: datetime, lease: timedelta, limit: int, owner: str = "") -> tuple[Outgoing, ...]:
    """Up to `limit` mails that are due, now the `owner`'s until `now + lease`: customers', agents', strangers', each
    oldest first. Their bytes are left to `raw`: those of many at once may be more than memory has.
    """
    query = select(*_LIGHT).where(UNSENT, outbox.c.due_at <= now).order_by(outbox.c.due_at, outbox.c.id).limit(limit)
    query = query.with_for_update(skip_locked=True)
    try:
        rows = db.execute(query).all()
        served = _served(db, [row.id for row in rows])
        found = [_read(row, served[row.id]) for row in rows]
    except poison.NONSENSE:
        found = _set_aside(db, query)
    if found:
        attempts = outbox.c.attempts + 1
        taken = {"state": OutboxState.TAKEN, "due_at": now + lease, "attempts": attempts, "owner": owner}
        db.execute(update(outbox).where(outbox.c.id.in_([each.id for each in found])).values(taken))
    return tuple(replace(each, owner=owner) for each in found)


def _set_aside(db: Connection, query: Select[Any]) -> list[Outgoing]:
    """Those that can be read; the others are held."""
    sound, poisoned = poison.parted(db, outbox, query, lambda row: _outgoing(db, row))
    for number, why in poisoned:
        hold(db, OutboxId(number), why)
    return sound


def is_still_taken(db: Connection, taken: Outgoing) -> bool:
    """Whether this taking counts; if it does, nobody else can take the mail until the transaction ends."""
    return taken.id in still_taken(db, [taken])


def still_taken(db: Connection, taken: Collection[Outgoing]) -> frozenset[OutboxId]:
    """Those whose taking counts; nobody else can take them until the transaction ends."""
    found = db.execute(_STILL_TAKEN, {"numbers": [each.id for each in taken]})
    theirs = {(row.id, row.attempts, row.owner or "") for row in found}
    return frozenset(each.id for each in taken if (each.id, each.attempts + 1, each.owner) in theirs)


def freeze(db: Connection, outbox_id: OutboxId, message_id: str, mail_from: str, raw: bytes, subject: str) -> None:
    """Fixes the bytes, Message-ID and envelope sender for every attempt to come."""
    values = {"message_id": message_id, "mail_from": mail_from, "raw": raw, "subject": subject}
    db.execute(_CHANGE, {"here": outbox_id, **values})


def mark(db: Connection, outbox_id: OutboxId, address: str, state: RecipientState, reply: str, now: datetime) -> None:
    """Writes how far one recipient has been served and what was said.

    What was reported back stays so: the report may be here before the answer to the mail is written.
    """
    db.execute(_MARK, {"here": outbox_id, "recipient": address, "state": state, "reply": reply, "at": now})


def serve(db: Connection, outbox_id: OutboxId, address: str, reply: str, now: datetime) -> bool:
    """Notes that a recipient was served by a taking that counts no more; False when he had been served before."""
    here = (recipients.c.outbox_id == outbox_id) & (recipients.c.address == address)
    is_waiting = recipients.c.state == RecipientState.WAITING
    values = {"state": RecipientState.SENT, "reply": reply, "at": now}
    return db.execute(update(recipients).where(here, is_waiting).values(values)).rowcount == 1


def finish(db: Connection, outbox_id: OutboxId, now: datetime) -> None:
    """Every recipient has been served."""
    values = {"state": OutboxState.SENT, "sent_at": now, "reason": None}
    db.execute(_CHANGE, {"here": outbox_id, **values})


def defer(db: Connection, outbox_id: OutboxId, due_at: datetime, reason: str) -> None:
    """To be tried again at `due_at`."""
    values = {"state": OutboxState.DEFERRED, "due_at": due_at, "reason": reason}
    db.execute(update(outbox).where(outbox.c.id == outbox_id).values(values))


def bring_forward(db: Connection, now: datetime, latest: datetime) -> int:
    """How many deferred mails were to wait beyond `latest`; they are due now. Those being sent are left alone."""
    here = (outbox.c.state == OutboxState.DEFERRED) & (outbox.c.due_at > latest)
    return db.execute(update(outbox).where(UNSENT, here).values(due_at=now)).rowcount


def put_back(db: Connection, outbox_id: OutboxId, due_at: datetime, reason: str) -> None:
    """To be tried again at `due_at`; it was taken but not tried, so this time does not count."""
    values = {"state": OutboxState.DEFERRED, "due_at": due_at, "reason": reason, "attempts": outbox.c.attempts - 1}
    db.execute(update(outbox).where(outbox.c.id == outbox_id).values(values))


def hold(db: Connection, outbox_id: OutboxId, reason: str) -> None:
    """Waits for a person."""
    db.execute(update(outbox).where(outbox.c.id == outbox_id).values(state=OutboxState.HELD, reason=reason))


def hold_back(db: Connection, reason: str, outbox_id: OutboxId | None = None) -> tuple[OutboxId, ...]:
    """Of what is not sent yet, this mail or all: now it waits for a person."""
    unsent = outbox.c.state.in_([OutboxState.WAITING, OutboxState.DEFERRED, OutboxState.TAKEN])
    here = unsent if outbox_id is None else unsent & (outbox.c.id == outbox_id)
    held = update(outbox).where(here).values(state=OutboxState.HELD, reason=reason).returning(outbox.c.id)
    return tuple(sorted(OutboxId(each) for each in db.scalars(held)))


def reclaim(db: Connection, owners: Collection[str] | None = None) -> int:
    """How many mails these owners had taken and have left; they wait again. None means everybody's, if we are alone.

    What was taken in nobody's name waits for its lease to run out.
    """
    taken: ColumnElement[bool] = outbox.c.state == OutboxState.TAKEN
    if owners is not None:
        taken &= outbox.c.owner.in_([owner for owner in owners if owner])
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


def raw(db: Connection, outbox_id: OutboxId) -> bytes:
    """The frozen bytes of a mail; empty where there are none."""
    return bytes(db.scalar(_RAW, {"outbox_id": outbox_id}) or b"")


def raws(db: Connection, outbox_ids: Sequence[OutboxId], most: int) -> Mapping[OutboxId, bytes]:
    """The frozen bytes of the first of these mails, empty where there are none: of one, or of many up to `most` octets.

    `outbox_ids` are not empty.
    """
    sizes = {row.id: row.size for row in db.execute(_SIZES, {"numbers": outbox_ids})}
    totals = accumulate(sizes[number] for number in outbox_ids)
    wanted = [number for number, total in zip(outbox_ids, totals, strict=True) if total <= most] or outbox_ids[:1]
    found = {row.id: bytes(row.raw or b"") for row in db.execute(_RAWS, {"numbers": wanted})}
    return {number: found[number] for number in wanted}


def get(db: Connection, outbox_id: OutboxId) -> Outgoing | None:
    """The mail with this id, or None."""
    row = db.execute(_GET, {"outbox_id": outbox_id}).one_or_none()
    return _outgoing(db, row) if row is not None else None


def with_serial(db: Connection, serial: str) -> Outgoing | None:
    """The mail that went or goes out with this serial in its tokens, or None: its number alone may be another's now.

    Its bytes are left to `raw`.
    """
    for number in tokens.row_numbers(serial):
        row = db.execute(_GET_LIGHT, {"outbox_id": number}).one_or_none()
        outgoing = _outgoing(db, row) if row is not None else None
        if outgoing is not None and outgoing.serial == serial:
            return outgoing
    return None


def with_message_id(db: Connection, message_id: str) -> Outgoing | None:
    """The mail sent under this Message-ID, or None."""
    row = db.execute(select(outbox).where(outbox.c.message_id == message_id)).first()
    return _outgoing(db, row) if row is not None else None


def count_since(db: Connection, kind: NoticeKind, address: str, since: datetime) -> int:
    """How many mails of a kind were put here for `address` (letter case does not matter) from `since` on."""
    here = (outbox.c.kind == kind) & (outbox.c.created_at >= since)
    query = select(func.count()).select_from(outbox.join(recipients, recipients.c.outbox_id == outbox.c.id))
    return db.scalar(query.where(here, func.lower(recipients.c.address) == address.lower())) or 0


def listed(
    db: Connection,
    *states: OutboxState,
    ticket_id: TicketId | None = None,
    after: OutboxId = OutboxId(0),  # noqa: B008 - an int
    limit: int | None = None,
) -> tuple[Outgoing, ...]:
    """Mails in `states` (all when none is named) with ids above `after`, oldest first, of one ticket where given.

    Their bytes are left to `raw`.
    """
    wanted = select(outbox.c.id).where(outbox.c.id > after).order_by(outbox.c.id).limit(limit)
    if states:
        wanted = wanted.where(outbox.c.state.in_(states))
    if ticket_id is not None:
        wanted = wanted.where(outbox.c.ticket_id == ticket_id)
    ids = db.scalars(wanted).all()  # an index knows them: rows that are not shown are not read
    groups = (ids[start : start + _AT_ONCE_SHOWN] for start in range(0, len(ids), _AT_ONCE_SHOWN))
    return tuple(outgoing for group in groups for outgoing in _shown(db, group))


def _shown(db: Connection, ids: Sequence[int]) -> list[Outgoing]:
    query = select(*_LIGHT).where(outbox.c.id.in_(ids)).order_by(outbox.c.id)
    served = _served(db, ids)
    try:
        return [_read(row, served[row.id]) for row in db.execute(query)]
    except poison.NONSENSE:
        sound, poisoned = poison.parted(db, outbox, query, lambda row: _read(row, served[row.id]))
    return sorted([*sound, *(_unreadable(OutboxId(number), why) for number, why in poisoned)], key=_by_id)


def _by_id(outgoing: Outgoing) -> OutboxId:
    return outgoing.id


def _unreadable(outbox_id: OutboxId, why: str) -> Outgoing:
    """Stands in, where all are shown, for one whose row makes no sense."""
    nothing = Notice("", NoticeKind.AGENT_NOTICE, None, (), "", "")
    return Outgoing(outbox_id, nothing, OutboxState.HELD, 0, AT_ONCE, (), reason=why)


def count(db: Connection, *states: OutboxState) -> int:
    """How many mails lie in `states`."""
    return db.scalar(select(func.count()).select_from(outbox).where(outbox.c.state.in_(states))) or 0


def known(db: Connection, message_ids: Iterable[str]) -> frozenset[str]:
    """Those of `message_ids` under which a mail of ours goes or went out."""
    wanted, found = list(message_ids), set[str]()
    for start in range(0, len(wanted), _MOST_VALUES):
        some = outbox.c.message_id.in_(wanted[start : start + _MOST_VALUES])
        found.update(db.scalars(select(outbox.c.message_id).where(some)))
    return frozenset(found)


def in_doubt(db: Connection) -> tuple[OutboxId, ...]:
    """Mails that are being handed over, or were when a process died: the relay may have them, and we not know it."""
    begun = outbox.c.raw.is_not(None) & (outbox.c.attempts > 0)
    here = begun & outbox.c.state.in_([OutboxState.WAITING, OutboxState.TAKEN])
    return tuple(OutboxId(each) for each in db.scalars(select(outbox.c.id).where(here).order_by(outbox.c.id)))


def _outgoing(db: Connection, row: Row[Any]) -> Outgoing:
    return _read(row, _served(db, [row.id])[row.id])


def _served(db: Connection, outbox_ids: Sequence[int]) -> Mapping[int, Sequence[Row[Any]]]:
    """Whom each of these mails is for."""
    found: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for row in db.execute(_RECIPIENTS, {"numbers": outbox_ids}):
        found[row.outbox_id].append(row)
    return found


def _read(row: Row[Any], served: Iterable[Row[Any]]) -> Outgoing:
    return Outgoing(
        id=OutboxId(row.id),
        notice=_notice(row.notice),
        state=OutboxState(row.state),
        attempts=row.attempts,
        created_at=row.created_at,
        recipients=tuple(Recipient(each.address, RecipientState(each.state), each.reply) for each in served),
        message_id=row.message_id or "",
        mail_from=row.mail_from or "",
        raw=bytes(row.raw or b""),
        subject=row.subject or "",
        reason=row.reason or "",
        due_at=row.due_at,
        sent_at=row.sent_at,
        owner=row.owner or "",
    )


def _notice(stored: dict[str, Any]) -> Notice:
    return Notice(
        **{
            **{name: value for name, value in stored.items() if name in _NAMES},  # a newer one may know of more
            "kind": NoticeKind(stored["kind"]),
            "reason": Reason(stored["reason"]) if stored["reason"] else None,
            "to": tuple(Mailbox(**mailbox) for mailbox in stored["to"]),
            "cc": tuple(Mailbox(**mailbox) for mailbox in stored["cc"]),
            "ticket_id": TicketId(stored["ticket_id"]) if stored["ticket_id"] is not None else None,
            "left_out": tuple(stored["left_out"]),
            "source": SpoolId(stored["source"]) if stored["source"] is not None else None,
        }
    )
