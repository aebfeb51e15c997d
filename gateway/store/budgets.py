"""What is left in the token buckets, and the mails of which agents were not told. Spends nothing by itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select

from gateway.store.locks import ours
from gateway.store.schema import budgets, withheld
from gateway.store.upsert import upsert
from gateway.tickets.budget import Bucket
from gateway.tickets.model import TicketId

_MOST_TICKETS = 50
_LEVELS = ours(
    select(budgets).where(budgets.c.key.in_(bindparam("keys", expanding=True))).order_by(budgets.c.key), budgets
)


@dataclass(frozen=True, slots=True)
class Withheld:
    """The mails in a queue of which an agent was not told since an instant; `tickets` are the first of theirs."""

    agent: str
    queue: str
    mails: int
    since: datetime
    tickets: tuple[TicketId, ...]


def levels(db: Connection, keys: Iterable[str]) -> Mapping[str, tuple[float, datetime]]:
    """Level and instant of each bucket that is not simply full.

    They are ours until the transaction ends; everybody asks for them in one order, and last, for everybody needs some.
    """
    wanted = sorted(set(keys))
    rows = db.execute(_LEVELS.on(db), {"keys": wanted}) if wanted else ()
    return {row.key: (row.level, row.at) for row in rows}


def keep(db: Connection, buckets: Iterable[Bucket]) -> None:
    """Remembers these buckets as they are now.

    Where two nodes fill the same new row at once, the second forgets what the first took: a few mails too many, once.
    """
    ordered = sorted(buckets, key=lambda each: each.key)
    rows = [{"key": each.key, "level": each.level, "at": each.at, "full_at": each.full_at} for each in ordered]
    upsert(db, budgets, rows)


def has_full(db: Connection, now: datetime) -> bool:
    """Whether there is anything to sweep."""
    return db.scalar(select(budgets.c.key).where(budgets.c.full_at <= now).limit(1)) is not None


def sweep(db: Connection, now: datetime) -> int:
    """How many buckets were full again and are forgotten."""
    return db.execute(delete(budgets).where(budgets.c.full_at <= now)).rowcount


def withhold(db: Connection, agent: str, queue: str, tickets: Iterable[TicketId], mails: int, now: datetime) -> None:
    """Counts mails of which the agent is not told one by one."""
    here = (withheld.c.agent == agent) & (withheld.c.queue == queue)
    row = db.execute(select(withheld).where(here).with_for_update()).one_or_none()
    known = row.tickets if row else []
    values = {
        "agent": agent,
        "queue": queue,
        "mails": mails + (row.mails if row else 0),
        "since": row.since if row else now,
        "tickets": list(dict.fromkeys((*known, *tickets)))[:_MOST_TICKETS],
    }
    upsert(db, withheld, [values])


def overdue(db: Connection, now: datetime, patience: timedelta) -> tuple[Withheld, ...]:
    """What has been withheld for as long as `patience`."""
    rows = db.execute(select(withheld).where(withheld.c.since <= now - patience).order_by(withheld.c.since))
    return tuple(
        Withheld(row.agent, row.queue, row.mails, row.since, tuple(TicketId(each) for each in row.tickets))
        for row in rows
    )


def hand_out(db: Connection, told: Withheld) -> bool:
    """Forgets what the agent is being told of now; False when more was withheld meanwhile or somebody else told him."""
    here = (withheld.c.agent == told.agent) & (withheld.c.queue == told.queue) & (withheld.c.mails == told.mails)
    return db.execute(delete(withheld).where(here)).rowcount == 1
