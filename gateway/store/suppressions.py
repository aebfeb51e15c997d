"""Addresses that delivery reports speak against. What follows from that is `tickets.suppression`'s."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select

from gateway.mail.address import normalise
from gateway.store.locks import ours
from gateway.store.schema import suppressions
from gateway.store.upsert import upsert
from gateway.tickets.suppression import FADED_AFTER, Fault, Suppression

_AMONG = ours(
    select(suppressions)
    .where(suppressions.c.address.in_(bindparam("addresses", expanding=True)))
    .order_by(suppressions.c.address),
    suppressions,
)


def among(db: Connection, addresses: Iterable[str]) -> Mapping[str, Suppression]:
    """What is held against any of `addresses`, by normalised address, counting still or not; ours to change."""
    wanted = sorted({normalise(each) for each in addresses})
    if not wanted:
        return {}
    return {row.address: _suppression(row) for row in db.execute(_AMONG.on(db), {"addresses": wanted})}


def keep(db: Connection, known: Suppression) -> None:
    """Remembers it as it is now."""
    values = {
        "address": normalise(known.address),
        "fault": known.fault,
        "score": known.score,
        "at": known.at,
        "until": known.until,
        "status": known.status,
        "said": known.said,
    }
    upsert(db, suppressions, [values])


def lift(db: Connection, address: str) -> bool:
    """Forgets what is held against an address; False when nothing is."""
    here = suppressions.c.address == normalise(address)
    return db.execute(delete(suppressions).where(here)).rowcount == 1


def listed(db: Connection, after: str = "", limit: int | None = None) -> tuple[Suppression, ...]:
    """Those whose addresses follow on `after`, by address."""
    query = select(suppressions).where(suppressions.c.address > after).order_by(suppressions.c.address).limit(limit)
    return tuple(_suppression(row) for row in db.execute(query))


def sweep(db: Connection, now: datetime) -> int:
    """How many were forgotten because nothing of them matters any more."""
    has_faded = suppressions.c.until.is_(None) & (suppressions.c.at <= now - FADED_AFTER)
    is_over = (suppressions.c.until <= now) | has_faded
    return db.execute(delete(suppressions).where(is_over)).rowcount


def _suppression(row: Row[Any]) -> Suppression:
    return Suppression(
        address=row.address,
        fault=Fault(row.fault),
        score=row.score,
        at=row.at,
        status=row.status,
        said=row.said,
        until=row.until,
    )
