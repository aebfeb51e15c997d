"""Leases: what only one node does at a time, each for a while. Times are the database's: nodes' own clocks differ."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Float, delete, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from gateway.store.schema import leases
from gateway.store.upsert import insert_for


class Seconds(FunctionElement[float]):
    """What the database's clock shows, in seconds since 1970."""

    type = Float()
    inherit_cache = True


@compiles(Seconds, "postgresql")
def _of_postgresql(_element: Seconds, _compiler: Any, **_: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS FLOAT)"


@compiles(Seconds, "sqlite")
def _of_sqlite(_element: Seconds, _compiler: Any, **_: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


def take(db: Connection, name: str, owner: str, lasts: timedelta) -> bool:
    """Whether `owner` has the lease now, for as long as it `lasts`: it was free, had run out, or was his already."""
    until = Seconds() + lasts.total_seconds()
    is_free = (leases.c.owner == owner) | (leases.c.until < Seconds())
    new = insert_for(db, leases).values(name=name, owner=owner, until=until)
    values = {"owner": owner, "until": until}
    taken = new.on_conflict_do_update(index_elements=[leases.c.name], set_=values, where=is_free)
    return db.scalar(taken.returning(leases.c.name)) is not None


def release(db: Connection, *owners: str) -> None:
    """Whatever these owners had is free at once."""
    db.execute(delete(leases).where(leases.c.owner.in_(owners)))


def give(db: Connection, owner: str, names: Collection[str]) -> None:
    """Those of `names` that are the owner's are free at once."""
    db.execute(delete(leases).where(leases.c.owner == owner, leases.c.name.in_(names)))


def holders(db: Connection) -> Mapping[str, str]:
    """Who has each lease that has not run out."""
    rows = db.execute(select(leases.c.name, leases.c.owner).where(leases.c.until >= Seconds()))
    return {row.name: row.owner for row in rows.all()}
