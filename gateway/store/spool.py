"""The spool: every mail that came, byte for byte, with its envelope, and in the end exactly one verdict."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, or_, select, update
from sqlalchemy.dialects import postgresql

from gateway.mail.envelope import Envelope
from gateway.store import originals, pending, poison
from gateway.store.originals import Original
from gateway.store.schema import AT_ONCE, UNSETTLED, spool
from gateway.tickets.model import SpoolId, TicketId

_MOST_KEYS = 10_000  # a statement of SQLite names 32,766 values at most, one of PostgreSQL 65,535
_ADD = postgresql.insert(spool).on_conflict_do_nothing(index_elements=["source", "key"]).returning(spool.c.id)
_DOORS = frozenset({"smtp", "lmtp"})  # where somebody else connects to us
_KNOWN = select(spool.c.id).where(spool.c.source == bindparam("source"), spool.c.key == bindparam("key"))
_TAKINGS = (
    select(spool.c.id, spool.c.attempts, spool.c.owner)
    .where(spool.c.id.in_(bindparam("spool_ids", expanding=True)), spool.c.state == "taken")
    .order_by(spool.c.id)
    .with_for_update()
)
_CROWD = select(func.count()).select_from(
    select(spool.c.id).where(spool.c.state.in_(["waiting", "taken"])).limit(bindparam("most")).subquery()
)
_SETTLE = update(spool).where(spool.c.id == bindparam("here"))
_TWINS = (
    select(spool.c.id, spool.c.digest, spool.c.message_id, spool.c.ticket_id)
    .where(
        spool.c.digest.in_(bindparam("digests", expanding=True)),
        func.coalesce(spool.c.message_id, "").in_(bindparam("message_ids", expanding=True)),
        spool.c.id.not_in(bindparam("other_than", expanding=True)),
        spool.c.state != "dropped",
        or_(spool.c.verdict.is_(None), spool.c.verdict != "duplicate"),
    )
    .order_by(spool.c.id)
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
    """A mail on its way in. `key` names it for ever within its `source`; `peer` is who brought it."""

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
    owner: str = ""  # who took it last


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
    values = {
        "source": arrival.source,
        "key": arrival.key,
        "mail_from": arrival.envelope.mail_from,
        "rcpt_to": list(arrival.envelope.rcpt_to),
        "peer": arrival.peer,
        "sha256": originals.add(db, arrival.raw, now),
        "received_at": now,
        "state": SpoolState.WAITING,
        "due_at": AT_ONCE,
    }
    added = db.scalar(_ADD, values)
    if added is None:  # somebody else was quicker
        return SpoolId(db.scalars(_KNOWN, {"source": arrival.source, "key": arrival.key}).one()), False
    return SpoolId(added), True


def with_content(db: Connection, source: str, raw: bytes) -> SpoolId | None:
    """The mail from `source` that has these very bytes (a mailbox whose UIDs were renumbered shows them again)."""
    sha256 = hashlib.sha256(raw).hexdigest()
    return db.scalar(select(spool.c.id).where(spool.c.source == source, spool.c.sha256 == sha256).limit(1))


def stored(db: Connection, source: str, keys: Iterable[str]) -> frozenset[str]:
    """Those of `keys` under which a mail from `source` came before."""
    found: list[str] = []
    wanted = list(keys)
    for start in range(0, len(wanted), _MOST_KEYS):
        here = spool.c.key.in_(wanted[start : start + _MOST_KEYS])
        found += db.scalars(select(spool.c.key).where(spool.c.source == source, here))
    return frozenset(found)


def take(db: Connection, now: datetime, lease: timedelta, limit: int, owner: str = "") -> tuple[Spooled, ...]:
    """Up to `limit` mails that wait, oldest first, now the `owner`'s until `now + lease`; then anybody's again."""
    query = (
        select(spool)
        .where(UNSETTLED, spool.c.due_at <= now)
        .order_by(spool.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    try:
        found = [_spooled(row) for row in db.execute(query)]
    except poison.NONSENSE:
        found = _set_aside(db, query, now)
    if found:
        taken = {"state": SpoolState.TAKEN, "due_at": now + lease, "attempts": spool.c.attempts + 1, "owner": owner}
        db.execute(update(spool).where(spool.c.id.in_([each.id for each in found])).values(taken))
    return tuple(replace(each, owner=owner) for each in found)


def _set_aside(db: Connection, query: Select[Any], now: datetime) -> list[Spooled]:
    """Those that can be read; the others are held."""
    sound, poisoned = poison.parted(db, spool, query, _spooled)
    for number, why in poisoned:
        verdict = {"state": SpoolState.HELD, "verdict": "held", "reason": why, "decided_at": now}
        db.execute(update(spool).where(spool.c.id == number).values(verdict))
    return sound


def still_taken(db: Connection, taken: Collection[Spooled]) -> frozenset[SpoolId]:
    """Those whose taking counts: a lease may have run out, and somebody else have taken or settled the mail."""
    rows = db.execute(_TAKINGS, {"spool_ids": [each.id for each in taken]})
    found = {row.id: (row.attempts, row.owner or "") for row in rows}
    return frozenset(each.id for each in taken if found.get(each.id) == (each.attempts + 1, each.owner))


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
    pending.write(db, _SETTLE, values)


def add_to_trace(db: Connection, spool_id: SpoolId, line: str) -> None:
    """Adds what became known after the verdict."""
    trace = db.scalar(select(spool.c.trace).where(spool.c.id == spool_id)) or []
    db.execute(update(spool).where(spool.c.id == spool_id).values(trace=[*trace, line]))


def bring_forward(db: Connection, now: datetime, latest: datetime) -> int:
    """How many mails were put off beyond `latest`; they are due now. Those that somebody has taken are left alone."""
    here = (spool.c.state == SpoolState.WAITING) & (spool.c.due_at > latest)
    return db.execute(update(spool).where(UNSETTLED, here).values(due_at=now)).rowcount


def defer(db: Connection, spool_id: SpoolId, due_at: datetime, reason: str) -> None:
    """Puts a mail back to be taken at `due_at`."""
    db.execute(
        update(spool).where(spool.c.id == spool_id).values(state=SpoolState.WAITING, due_at=due_at, reason=reason)
    )


def reclaim(db: Connection, owners: Collection[str] | None = None) -> int:
    """How many mails these owners had taken and have left; they wait again. None means everybody's, if we are alone.

    What was taken in nobody's name waits for its lease to run out.
    """
    taken: ColumnElement[bool] = spool.c.state == SpoolState.TAKEN
    if owners is not None:
        taken &= spool.c.owner.in_([owner for owner in owners if owner])
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


def held(db: Connection, after: SpoolId = SpoolId(0), limit: int | None = None) -> tuple[Spooled, ...]:  # noqa: B008
    """Mails with ids above `after` that wait for a person, oldest first."""
    here = (spool.c.state == SpoolState.HELD) & (spool.c.id > after)
    ids = select(spool.c.id).where(here).order_by(spool.c.id).limit(limit)  # an index knows them
    return _all_of(db, select(spool).where(spool.c.id.in_(ids)).order_by(spool.c.id))


def listed(db: Connection, after: SpoolId = SpoolId(0), limit: int = 1000) -> tuple[Spooled, ...]:  # noqa: B008 - an int
    """Mails with ids above `after`, oldest first."""
    return _all_of(db, select(spool).where(spool.c.id > after).order_by(spool.c.id).limit(limit))


def _all_of(db: Connection, query: Select[Any]) -> tuple[Spooled, ...]:
    """All there are; one whose row makes no sense is shown as one that is held for it."""
    try:
        return tuple(_spooled(row) for row in db.execute(query))
    except poison.NONSENSE:
        sound, poisoned = poison.parted(db, spool, query, _spooled)
    return tuple(sorted([*sound, *(_unreadable(SpoolId(number), why) for number, why in poisoned)], key=_by_id))


def _by_id(mail: Spooled) -> SpoolId:
    return mail.id


def _unreadable(spool_id: SpoolId, why: str) -> Spooled:
    return Spooled(
        id=spool_id,
        source="",
        envelope=Envelope(None, ()),
        sha256="",
        received_at=AT_ONCE,
        state=SpoolState.HELD,
        attempts=0,
        verdict="held",
        reason=why,
        kind="",
        sender="",
        subject="",
        ticket_id=None,
        trace=(),
        released_by="",
    )


def original(db: Connection, spool_id: SpoolId) -> Original:
    """The bytes as they came, to be read when the transaction is over.

    Raises:
        PermanentError: they are gone, or lie in an object store that is not configured.
    """
    return originals.find(db, spool_id)


def count(db: Connection, *states: SpoolState) -> int:
    """How many mails lie in `states`."""
    return db.scalar(select(func.count()).select_from(spool).where(spool.c.state.in_(states))) or 0


def is_crowded(db: Connection, most: int) -> bool:
    """Whether more than `most` mails are on their way to a verdict."""
    return (db.scalar(_CROWD, {"most": most + 1}) or 0) > most


def twins(
    db: Connection, identities: Collection[tuple[str, str]], other_than: Collection[SpoolId]
) -> Mapping[tuple[str, str], tuple[SpoolId, TicketId | None]]:
    """The first mail that was settled with each digest and Message-ID, and its ticket: what comes now is the same mail.

    Those that come now, `other_than` which is asked for, may have been settled before and been released.
    """
    if not identities:
        return {}
    digests, message_ids = ({each[place] for each in identities} for place in (0, 1))
    wanted = {"digests": list(digests), "message_ids": list(message_ids), "other_than": list(other_than)}
    found: dict[tuple[str, str], tuple[SpoolId, TicketId | None]] = {}
    for row in db.execute(_TWINS, wanted):
        ticket_id = TicketId(row.ticket_id) if row.ticket_id is not None else None
        found.setdefault((row.digest, row.message_id or ""), (SpoolId(row.id), ticket_id))
    return found


def _spooled(row: Row[Any]) -> Spooled:
    return Spooled(
        id=SpoolId(row.id),
        source=row.source,
        envelope=Envelope(row.mail_from, tuple(row.rcpt_to), row.peer if row.source in _DOORS else ""),
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
        owner=row.owner or "",
    )
