"""What the loop breaker remembers of each address, and whether it has proven to receive our mail. Judges nothing."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select

from gateway.mail.address import without_detail
from gateway.store.locks import ours
from gateway.store.schema import correspondents
from gateway.store.upsert import upsert
from gateway.tickets import loops
from gateway.tickets.loops import Correspondent, Exchange
from gateway.tickets.model import SpoolId

_GET = select(correspondents).where(correspondents.c.address == bindparam("address"))
_AMONG = ours(
    select(correspondents)
    .where(correspondents.c.address.in_(bindparam("addresses", expanding=True)))
    .order_by(correspondents.c.address),
    correspondents,
)


def get(db: Connection, address: str) -> Correspondent:
    """What is known of him; nothing at all of a stranger."""
    wanted = without_detail(address)
    row = db.execute(_GET, {"address": wanted}).one_or_none()
    return _correspondent(row) if row is not None else Correspondent(wanted)


def among(db: Connection, addresses: Iterable[str]) -> Mapping[str, Correspondent]:
    """Those of `addresses` of whom something is known, by address without detail; theirs to write are ours now."""
    wanted = sorted({without_detail(each) for each in addresses})
    if not wanted:
        return {}
    return {row.address: _correspondent(row) for row in db.execute(_AMONG.on(db), {"addresses": wanted})}


def keep(db: Connection, known: Iterable[Correspondent]) -> None:
    """Remembers them as they are now."""
    upsert(db, correspondents, [_values(each) for each in sorted(known, key=lambda each: each.address)])


def has_idle(db: Connection, now: datetime) -> bool:
    """Whether there is anything to sweep."""
    return db.scalar(select(correspondents.c.address).where(correspondents.c.idle_at <= now).limit(1)) is not None


def sweep(db: Connection, now: datetime) -> int:
    """How many were forgotten of whom nothing is known that matters any more."""
    return db.execute(delete(correspondents).where(correspondents.c.idle_at <= now)).rowcount


def _values(known: Correspondent) -> dict[str, Any]:
    idle_at = loops.idle_at(known)
    return {
        "address": known.address,
        "exchanges": [[each.at.isoformat(), each.pattern, each.spool_id] for each in known.exchanges],
        "proven_at": known.proven_at,
        "strikes": known.strikes,
        "quiet_until": known.quiet_until,
        "looped": known.looped,
        "idle_at": idle_at,
    }


def _correspondent(row: Row[Any]) -> Correspondent:
    return Correspondent(
        address=row.address,
        exchanges=tuple(
            Exchange(datetime.fromisoformat(at), pattern, SpoolId(spool_id) if spool_id is not None else None)
            for at, pattern, spool_id in row.exchanges
        ),
        proven_at=row.proven_at,
        strikes=row.strikes,
        quiet_until=row.quiet_until,
        looped=row.looped,
    )
