"""Timers: what is to happen to a ticket at an instant, one row a (ticket, kind, stage)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NewType

from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands it too

from gateway.store.schema import timers
from gateway.tickets.model import TicketId, TimerKind

_ADD = insert(timers)
_START = _ADD.on_conflict_do_update(
    index_elements=["ticket_id", "kind", "stage"],
    set_={"due_at": _ADD.excluded.due_at, "cycle": timers.c.cycle + 1, "done_at": None},
)
_STOP = update(timers).where(
    timers.c.ticket_id == bindparam("here"),
    timers.c.kind.in_(bindparam("kinds", expanding=True)),
    timers.c.done_at.is_(None),
)

TimerId = NewType("TimerId", int)


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer that is set; `cycle` counts how often, so that each setting acts once."""

    id: TimerId
    ticket_id: TicketId
    kind: TimerKind
    stage: int
    due_at: datetime
    cycle: int


def start(db: Connection, ticket_id: TicketId, kind: TimerKind, stage: int, due_at: datetime) -> None:
    """Sets the timer, anew when it was set or had acted before."""
    db.execute(_START, {"ticket_id": ticket_id, "kind": kind, "stage": stage, "due_at": due_at, "cycle": 1})


def stop(db: Connection, ticket_id: TicketId, now: datetime, *kinds: TimerKind) -> None:
    """Ends the ticket's timers of these kinds without effect."""
    db.execute(_STOP, {"here": ticket_id, "kinds": list(kinds), "done_at": now})


def due(db: Connection, now: datetime, limit: int) -> tuple[Timer, ...]:
    """Timers whose time has come, earliest first; one of a kind that nobody knows stays where it is."""
    query = select(timers).where(timers.c.done_at.is_(None), timers.c.due_at <= now, timers.c.kind.in_(list(TimerKind)))
    rows = db.execute(query.order_by(timers.c.due_at, timers.c.id).limit(limit))
    return tuple(_timer(row) for row in rows)


def beyond(db: Connection, latest: datetime, limit: int) -> tuple[Timer, ...]:
    """Timers that are due after `latest`, the farthest first, but for those that wait for a day somebody named."""
    kinds = [kind for kind in TimerKind if kind is not TimerKind.WAKE]
    query = select(timers).where(timers.c.done_at.is_(None), timers.c.due_at > latest, timers.c.kind.in_(kinds))
    return tuple(_timer(row) for row in db.execute(query.order_by(timers.c.due_at.desc()).limit(limit)))


def next_due(db: Connection) -> datetime | None:
    """When the next timer acts, or None when none is set."""
    return db.scalar(select(timers.c.due_at).where(timers.c.done_at.is_(None)).order_by(timers.c.due_at).limit(1))


def finish(db: Connection, timer: Timer, now: datetime) -> bool:
    """Claims this setting of the timer; False when somebody else has acted or it was set anew meanwhile."""
    here = (timers.c.id == timer.id) & (timers.c.cycle == timer.cycle) & timers.c.done_at.is_(None)
    return db.execute(update(timers).where(here).values(done_at=now)).rowcount == 1


def put_off(db: Connection, timer: Timer, due_at: datetime) -> None:
    """Tries this setting of the timer again at `due_at`, unless somebody has acted meanwhile."""
    here = (timers.c.id == timer.id) & (timers.c.cycle == timer.cycle) & timers.c.done_at.is_(None)
    db.execute(update(timers).where(here).values(due_at=due_at))


def pending(db: Connection, ticket_id: TicketId) -> tuple[Timer, ...]:
    """The ticket's timers that are still to act, earliest first."""
    query = select(timers).where(timers.c.ticket_id == ticket_id, timers.c.done_at.is_(None))
    rows = db.execute(query.order_by(timers.c.due_at))
    return tuple(_timer(row) for row in rows)


def _timer(row: Row[Any]) -> Timer:
    return Timer(TimerId(row.id), TicketId(row.ticket_id), TimerKind(row.kind), row.stage, row.due_at, row.cycle)
