"""The spool: every mail that came, byte for byte, with its envelope, and in the end exactly one verdict."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, or_, select, update
from sqlalchemy.dialects import postgresql

from gateway.mail.envelope import Envelope
from gateway.store.schema import AT_ONCE, originals, spool
from gateway.tickets.model import SpoolId, TicketId

_ADD_ORIGINAL = postgresql.insert(originals).on_conflict_do_nothing()  # SQLite's too
_ADD = postgresql.insert(spool).on_conflict_do_nothing(index_elements=["source", "key"]).returning(spool.c.id)
_KNOWN = select(spool.c.id).where(spool.c.source == bindparam("source"), spool.c.key == bindparam("key"))
_IS_TAKEN = (
    select(spool.c.id)
    .where(
        spool.c.id == bindparam("spool_id"),
        spool.c.state == "taken",
        spool.c.attempts == bindparam("attempts"),
    )
    .with_for_update()
)
_SETTLE = update(spool).where(spool.c.id == bindparam("here"))
_ORIGINAL = (
    select(originals.c.raw).join(spool, spool.c.sha256 == originals.c.sha256).where(spool.c.id == bindparam("spool_id"))
)
_TWIN = (
    select(spool)
    .where(
        spool.c.digest == bindparam("digest"),
        func.coalesce(spool.c.message_id, "") == bindparam("message_id"),
        spool.c.id != bindparam("other_than"),
        spool.c.state != "dropped",
        or_(spool.c.verdict.is_(None), spool.c.verdict != "duplicate"),
    )
    .order_by(spool.c.id)
    .limit(1)
)


class SpoolState(StrEnum):
    """Where a mail lies: the state is the queue (Postfix's way)."""

    WAITING = "waiting"
    TAKEN = "taken"
    DONE = "done"
    HELD = "held"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail on its way in. `key` names it for ever within its `source`; `peer` is who brought it, for the log."""

    envelope: Envelope
    raw: bytes = field(repr=False)
    source: str
    key: str
    peer: str = ""


@dataclass(frozen=True, slots=True)
class Spooled:
    """A mail in the spool, without its bytes (see `original`)."""

    id: SpoolId
    source: str
    envelope: Envelope
    sha256: str
    received_at: datetime
    state: SpoolState
    attempts: int
    verdict: str
    reason: str
    kind: str
    sender: str
    subject: str
    ticket_id: TicketId | None
    trace: tuple[str, ...]
    released_by: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mail. `state` is DONE or HELD, `verdict` one word, `reason` a sentence, `trace` how it came."""

    state: SpoolState
    verdict: str
    reason: str
    ticket_id: TicketId | None = None
    kind: str = ""
    trace: tuple[str, ...] = ()
    digest: str = ""
    message_id: str = ""
    sender: str = ""
    subject: str = ""


def add(db: Connection, arrival: Arrival, now: datetime) -> tuple[SpoolId, bool]:
    """The mail's spool id, and whether it is new: an arrival whose source and key are known is not stored again."""
    known = db.scalar(_KNOWN, {"source": arrival.source, "key": arrival.key})
    if known is not None:
        return SpoolId(known), False
    sha256 = hashlib.sha256(arrival.raw).hexdigest()
    db.execute(_ADD_ORIGINAL, {"sha256": sha256, "size": len(arrival.raw), "raw": arrival.raw})
    values = {
        "source": arrival.source,
        "key": arrival.key,
        "mail_from": arrival.envelope.mail_from,
        "rcpt_to": list(arrival.envelope.rcpt_to),
        "peer": arrival.peer,
        "sha256": sha256,
        "received_at": now,
        "state": SpoolState.WAITING,
        "due_at": AT_ONCE,
    }
    added = db.scalar(_ADD, values)
    if added is None:  # somebody else was quicker
        return SpoolId(db.scalars(_KNOWN, {"source": arrival.source, "key": arrival.key}).one()), False
    return SpoolId(added), True


def has_content(db: Connection, source: str, raw: bytes) -> bool:
    """Whether these very bytes came from `source` before (a mailbox whose UIDs were renumbered shows them again)."""
    sha256 = hashlib.sha256(raw).hexdigest()
    return db.scalar(select(spool.c.id).where(spool.c.source == source, spool.c.sha256 == sha256).limit(1)) is not None


def stored(db: Connection, source: str, keys: Iterable[str]) -> frozenset[str]:
    """Those of `keys` under which a mail from `source` came before."""
    query = select(spool.c.key).where(spool.c.source == source, spool.c.key.in_(list(keys)))
    return frozenset(db.scalars(query))


def take(db: Connection, now: datetime, lease: timedelta, limit: int) -> tuple[Spooled, ...]:
    """Up to `limit` mails that wait, oldest first, now ours until `now + lease`; then anybody may take them again."""
    free = spool.c.state.in_([SpoolState.WAITING, SpoolState.TAKEN]) & (spool.c.due_at <= now)
    rows = db.execute(
        select(spool).where(free).order_by(spool.c.id).limit(limit).with_for_update(skip_locked=True)
    ).all()
    if rows:
        taken = {"state": SpoolState.TAKEN, "due_at": now + lease, "attempts": spool.c.attempts + 1}
        db.execute(update(spool).where(spool.c.id.in_([row.id for row in rows])).values(taken))
    return tuple(_spooled(row) for row in rows)


def is_still_taken(db: Connection, taken: Spooled) -> bool:
    """Whether this taking counts: the lease may have run out, and somebody else have taken or settled the mail."""
    return db.scalar(_IS_TAKEN, {"spool_id": taken.id, "attempts": taken.attempts + 1}) is not None


def settle(db: Connection, spool_id: SpoolId, verdict: Verdict, now: datetime) -> None:
    """Writes the verdict. A mail has one: a held mail that is released gets another in its place, with its trace."""
    values = {
        "here": spool_id,
        "state": verdict.state,
        "verdict": verdict.verdict,
        "reason": verdict.reason,
        "ticket_id": verdict.ticket_id,
        "kind": verdict.kind,
        "trace": list(verdict.trace),
        "digest": verdict.digest or None,
        "message_id": verdict.message_id or None,
        "sender": verdict.sender,
        "subject": verdict.subject,
        "decided_at": now,
    }
    db.execute(_SETTLE, values)


def defer(db: Connection, spool_id: SpoolId, due_at: datetime, reason: str) -> None:
    """Puts a mail back to be taken at `due_at`."""
    db.execute(
        update(spool).where(spool.c.id == spool_id).values(state=SpoolState.WAITING, due_at=due_at, reason=reason)
    )


def reclaim(db: Connection) -> int:
    """How many mails a process that is no more had taken; they wait again. Only for the one daemon of a database."""
    taken = spool.c.state == SpoolState.TAKEN
    return db.execute(update(spool).where(taken).values(state=SpoolState.WAITING, due_at=AT_ONCE)).rowcount


def release(db: Connection, spool_id: SpoolId, by: str) -> bool:
    """Lets a held mail go to triage again, vouched for by `by`; False when it is not held."""
    values = {"state": SpoolState.WAITING, "released_by": by, "due_at": AT_ONCE, "attempts": 0}
    held = (spool.c.id == spool_id) & (spool.c.state == SpoolState.HELD)
    return db.execute(update(spool).where(held).values(values)).rowcount == 1


def drop(db: Connection, spool_id: SpoolId, by: str, now: datetime) -> bool:
    """Ends a held mail without effect; its bytes stay. False when it is not held."""
    values = {"state": SpoolState.DROPPED, "verdict": "dropped", "reason": f"dropped by {by}", "decided_at": now}
    held = (spool.c.id == spool_id) & (spool.c.state == SpoolState.HELD)
    return db.execute(update(spool).where(held).values(values)).rowcount == 1


def get(db: Connection, spool_id: SpoolId) -> Spooled | None:
    """The mail with this id, or None."""
    row = db.execute(select(spool).where(spool.c.id == spool_id)).one_or_none()
    return _spooled(row) if row is not None else None


def held(db: Connection) -> tuple[Spooled, ...]:
    """Every mail that waits for a person, oldest first."""
    rows = db.execute(select(spool).where(spool.c.state == SpoolState.HELD).order_by(spool.c.id))
    return tuple(_spooled(row) for row in rows)


def listed(db: Connection, after: SpoolId = SpoolId(0), limit: int = 1000) -> tuple[Spooled, ...]:  # noqa: B008 - an int
    """Mails with ids above `after`, oldest first."""
    rows = db.execute(select(spool).where(spool.c.id > after).order_by(spool.c.id).limit(limit))
    return tuple(_spooled(row) for row in rows)


def original(db: Connection, spool_id: SpoolId) -> bytes:
    """The bytes as they came."""
    return bytes(db.scalars(_ORIGINAL, {"spool_id": spool_id}).one())


def count(db: Connection, *states: SpoolState) -> int:
    """How many mails lie in `states`."""
    return db.scalar(select(func.count()).select_from(spool).where(spool.c.state.in_(states))) or 0


def twin(db: Connection, digest: str, message_id: str, other_than: SpoolId) -> Spooled | None:
    """An earlier settled mail with the same content and Message-ID: the same mail come by another way."""
    wanted = {"digest": digest, "message_id": message_id, "other_than": other_than}
    row = db.execute(_TWIN, wanted).one_or_none()
    return _spooled(row) if row is not None else None


def _spooled(row: Row[Any]) -> Spooled:
    return Spooled(
        id=SpoolId(row.id),
        source=row.source,
        envelope=Envelope(row.mail_from, tuple(row.rcpt_to)),
        sha256=row.sha256,
        received_at=row.received_at,
        state=SpoolState(row.state),
        attempts=row.attempts,
        verdict=row.verdict or "",
        reason=row.reason or "",
        kind=row.kind or "",
        sender=row.sender or "",
        subject=row.subject or "",
        ticket_id=TicketId(row.ticket_id) if row.ticket_id is not None else None,
        trace=tuple(row.trace or ()),
        released_by=row.released_by or "",
    )
