"""What the loop breaker remembers of each address, and whether it has proven to receive our mail. Judges nothing."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, select

from gateway.mail.address import without_detail
from gateway.store.locks import ours
from gateway.store.schema import correspondents
from gateway.store.upsert import upsert
from gateway.tickets import loops
from gateway.tickets.loops import Correspondent, Exchange
from gateway.tickets.model import SpoolId

_AMONG = ours(
    select(correspondents)
    .where(correspondents.c.address.in_(bindparam("addresses", expanding=True)))
    .order_by(correspondents.c.address),
    correspondents,
)


def known(db: Connection, addresses: Iterable[str]) -> Mapping[str, Correspondent]:
    """Those of `addresses` of whom something is known, by address without detail."""
    return _found(db, _AMONG.reading, addresses)


def among(db: Connection, addresses: Iterable[str]) -> Mapping[str, Correspondent]:
    """The same, to write them: they are ours until the transaction ends."""
    return _found(db, _AMONG.on(db), addresses)


def _found(db: Connection, query: Select[Any], addresses: Iterable[str]) -> Mapping[str, Correspondent]:
    wanted = sorted({without_detail(each) for each in addresses})
    return {row.address: _correspondent(row) for row in db.execute(query, {"addresses": wanted})} if wanted else {}


def keep(db: Connection, changed: Iterable[Correspondent]) -> None:
    """Remembers them as they are now."""
    upsert(db, correspondents, [_values(each) for each in sorted(changed, key=lambda each: each.address)])


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
        "exchanges": [_exchange(each) for each in known.exchanges],
        "proven_at": known.proven_at,
        "strikes": known.strikes,
        "quiet_until": known.quiet_until,
        "looped": known.looped,
        "idle_at": idle_at,
    }


def _exchange(each: Exchange) -> list[object]:
    # Three values, as a node of an older version expects them.
    return [each.at.isoformat(), f"{each.pattern} {each.letters}".rstrip(), each.spool_id]


def _correspondent(row: Row[Any]) -> Correspondent:
    return Correspondent(
        address=row.address,
        exchanges=tuple(
            Exchange(datetime.fromisoformat(at), pattern, SpoolId(spool_id) if spool_id is not None else None, letters)
            for at, said, spool_id in row.exchanges
            for pattern, _, letters in (said.partition(" "),)
        ),
        proven_at=row.proven_at,
        strikes=row.strikes,
        quiet_until=row.quiet_until,
        looped=row.looped,
    )
