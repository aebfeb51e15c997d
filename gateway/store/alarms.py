"""Alarms: one row a trouble, open until somebody closes it. Tells nobody."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from gateway.store.schema import alarms
from gateway.store.upsert import insert_for
from gateway.tickets.alarm import MOST_SAMPLES, Alarm, AlarmId, AlarmKind
from gateway.tickets.model import SpoolId


def raise_(
    db: Connection, kind: AlarmKind, key: str, detail: str, now: datetime, spool_ids: Iterable[SpoolId], times: int
) -> Alarm:
    """The open alarm of this kind and key, seen `times` more; a new one where none is open."""
    wanted = tuple(spool_ids)
    here = (alarms.c.kind == kind) & (alarms.c.key == key) & alarms.c.closed_at.is_(None)
    values = {"kind": kind, "key": key, "detail": detail, "opened_at": now, "last_at": now, "times": 0, "spool_ids": []}
    db.execute(insert_for(db, alarms).values(values).on_conflict_do_nothing())
    row = db.execute(select(alarms).where(here).with_for_update()).one()
    sample = list(dict.fromkeys((*row.spool_ids, *wanted)))[:MOST_SAMPLES]
    seen = {"detail": detail, "last_at": now, "times": row.times + times, "spool_ids": sample}
    return _alarm(db.execute(update(alarms).where(alarms.c.id == row.id).values(seen).returning(alarms)).one())


def set_told(db: Connection, alarm_id: AlarmId, now: datetime) -> None:
    """Remembers that the operator is being written to now."""
    db.execute(update(alarms).where(alarms.c.id == alarm_id).values(told_at=now))


def close(db: Connection, alarm_id: AlarmId, now: datetime) -> bool:
    """Ends an alarm; False when none with this id is open. The same trouble opens a new one."""
    here = (alarms.c.id == alarm_id) & alarms.c.closed_at.is_(None)
    return db.execute(update(alarms).where(here).values(closed_at=now)).rowcount == 1


def open_ones(db: Connection, kind: AlarmKind) -> tuple[Alarm, ...]:
    """The open alarms of one kind, oldest first."""
    here = (alarms.c.kind == kind) & alarms.c.closed_at.is_(None)
    return tuple(_alarm(row) for row in db.execute(select(alarms).where(here).order_by(alarms.c.id)))


def listed(
    db: Connection,
    *,
    is_all: bool = False,
    after: AlarmId = AlarmId(0),  # noqa: B008 - an int
    limit: int | None = None,
) -> tuple[Alarm, ...]:
    """Open alarms, or all of them, with ids above `after`, oldest first."""
    query = select(alarms).where(alarms.c.id > after).order_by(alarms.c.id).limit(limit)
    return tuple(_alarm(row) for row in db.execute(query if is_all else query.where(alarms.c.closed_at.is_(None))))


def _alarm(row: Row[Any]) -> Alarm:
    return Alarm(
        id=AlarmId(row.id),
        key=row.key,
        kind=AlarmKind(row.kind),
        detail=row.detail,
        opened_at=row.opened_at,
        last_at=row.last_at,
        count=row.times,
        spool_ids=tuple(SpoolId(each) for each in row.spool_ids),
        told_at=row.told_at,
        closed_at=row.closed_at,
    )
