"""How much of what there is, for those who watch from outside. Nothing here reads through a table that grows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from gateway.store import expansion
from gateway.store.outbox import OutboxState
from gateway.store.schema import UNSENT, UNSETTLED, alarms, outbox, spool
from gateway.store.spool import SpoolState

NEWEST = 1000
_SPOOLED = (SpoolState.WAITING, SpoolState.TAKEN, SpoolState.HELD)
_OUTGOING = (OutboxState.WAITING, OutboxState.TAKEN, OutboxState.DEFERRED, OutboxState.HELD)

_LAST = select(func.max(spool.c.id))
_VERDICTS = (
    select(spool.c.verdict, func.count())
    .where(spool.c.id > select(func.coalesce(func.max(spool.c.id), 0) - NEWEST).scalar_subquery())
    .group_by(spool.c.verdict)
)
_SPOOL = select(spool.c.state, func.count()).where(spool.c.state.in_(_SPOOLED)).group_by(spool.c.state)
_OUTBOX = select(outbox.c.state, func.count()).where(outbox.c.state.in_(_OUTGOING)).group_by(outbox.c.state)
_OLDEST_IN = select(spool.c.received_at).where(UNSETTLED).order_by(spool.c.id).limit(1)
_OLDEST_OUT = select(func.min(outbox.c.created_at)).where(UNSENT)
_ALARMS = select(alarms.c.kind, func.count()).where(alarms.c.closed_at.is_(None)).group_by(alarms.c.kind)


@dataclass(frozen=True, slots=True)
class Figures:
    """`verdicts` are those of the `NEWEST` mails, `""` for the ones that have none yet; `last` is the newest's number.

    Of spool and outbox only what is still there to do is counted; the oldest of it is not what waits for a person.
    """

    last: int
    verdicts: Mapping[str, int]
    spool: Mapping[str, int]
    outbox: Mapping[str, int]
    oldest_in: datetime | None
    oldest_out: datetime | None
    alarms: Mapping[str, int]


def read(db: Connection) -> Figures:
    """The figures of this moment; every state is among them, with 0 where nothing is in it."""
    return Figures(
        last=db.scalar(_LAST) or 0,
        verdicts=_counted(db, _VERDICTS),
        spool=dict.fromkeys(_SPOOLED, 0) | _counted(db, _SPOOL),
        outbox=dict.fromkeys(_OUTGOING, 0) | _counted(db, _OUTBOX),
        oldest_in=db.scalar(_OLDEST_IN),
        oldest_out=db.scalar(_OLDEST_OUT),
        alarms=_counted(db, _ALARMS),
    )


def _counted(db: Connection, query: Select[Any]) -> dict[str, int]:
    return {row[0] or "": row[1] for row in db.execute(query)}


def is_there(db: Connection) -> bool:
    """Whether the database answers with tables that this program may work on."""
    found = expansion.version(db)
    return found is not None and found.is_for_us
