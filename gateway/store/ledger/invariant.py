"""What an invariant is, and how the rows that break it are told. Which ones there are, its neighbours say."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, exists, func, select

from gateway.store.schema import events


@dataclass(frozen=True, slots=True)
class Question:
    """What the ledger is asked against. Without `now` nothing is judged late, without `is_ours` no check letters.

    `is_ours` says whether our keys made a reference. Only where `is_deep` every stored octet is read.
    """

    now: datetime | None = None
    is_ours: Callable[[str], bool] | None = None
    is_deep: bool = True


Broken = Select[Any] | Callable[[Connection, Question], Iterator[str]]
"""The rows that break a promise: a query whose column names say what its values are, or a walk that tells of each."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """A promise that holds at any instant for every row of `over`, or for the database as a whole where that is None.

    `advice` is what to do where it is broken.
    """

    name: str
    promise: str
    advice: str
    over: Table | None
    broken: Broken

    @property
    def counted(self) -> str:
        """What is counted when it is asked."""
        return self.over.name if self.over is not None else "tables"


def told(row: Mapping[Any, Any]) -> str:
    """`mail 17, state done, verdict none`."""
    return ", ".join(f"{name} {'none' if value is None else value}" for name, value in row.items())


def repeated(table: Table, *columns: str) -> Select[Any]:
    """The values that several rows of `table` share in `columns`, each once."""
    shared = [table.c[name] for name in columns]
    return select(*shared, func.count().label("times")).group_by(*shared).having(func.count() > 1)


def event_at(ticket_id: Any, at: Any) -> Any:
    """Whether something happened on the ticket at that very instant: what a transaction causes carries its time."""
    return exists().where(events.c.ticket_id == ticket_id, events.c.at == at)


def event_by(ticket_id: Any, spool_id: Any, *conditions: Any) -> Any:
    """Whether the mail has left its mark in the ticket's history."""
    return exists().where(events.c.ticket_id == ticket_id, events.c.spool_id == spool_id, *conditions)
