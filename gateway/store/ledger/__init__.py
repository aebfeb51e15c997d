"""The ledger's proof: every invariant of the database as data, and one look at them all. It mends nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.exc import DatabaseError, OperationalError

from gateway.store import poison
from gateway.store.ledger import of_database, of_outbox, of_spool, of_tickets
from gateway.store.ledger.invariant import Invariant, Question, told
from gateway.store.schema import metadata

__all__ = ["INVARIANTS", "Finding", "Invariant", "Question", "examine", "verify"]

INVARIANTS: tuple[Invariant, ...] = (
    *of_database.INVARIANTS,
    *of_spool.INVARIANTS,
    *of_tickets.INVARIANTS,
    *of_outbox.INVARIANTS,
)

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """How one invariant fared: over how many rows it was asked, how many break it, and the first of those in words."""

    invariant: Invariant
    checked: int
    broken: int
    rows: tuple[str, ...]

    @property
    def is_fine(self) -> bool:
        """Whether nothing breaks it."""
        return not self.broken

    def __str__(self) -> str:
        return f"{self.invariant.name}: {self.broken} of {self.checked} broken: {'; '.join(self.rows)}"


def verify(db: Connection, now: datetime | None = None) -> tuple[Finding, ...]:
    """Every invariant that is broken; empty when all is well. Without `now` no mail is judged late."""
    return tuple(finding for finding in examine(db, Question(now)) if not finding.is_fine)


def examine(db: Connection, question: Question, shown: int = _SHOWN) -> Iterator[Finding]:
    """How each invariant fares, one after the other, with up to `shown` of the rows that break it."""
    for invariant in INVARIANTS:
        try:
            yield _finding(db, invariant, question, shown)
        except DatabaseError as error:
            if isinstance(error, OperationalError):  # busy or away: nothing is known
                raise
            yield Finding(invariant, 0, 1, (f"it cannot be asked: {error.orig}",))
        except poison.NONSENSE as error:
            yield Finding(invariant, 0, 1, (f"it cannot be asked: {type(error).__name__}: {error}",))


def _finding(db: Connection, invariant: Invariant, question: Question, shown: int) -> Finding:
    table = invariant.over
    checked = db.scalar(select(func.count()).select_from(table)) if table is not None else len(metadata.tables)
    broken = _broken(db, invariant, question)
    rows = tuple(islice(broken, shown))
    return Finding(invariant, checked or 0, len(rows) + sum(1 for _ in broken), rows)


def _broken(db: Connection, invariant: Invariant, question: Question) -> Iterator[str]:
    match invariant.broken:
        case Select() as query:
            yield from map(told, db.execute(query).mappings())
        case walk:
            yield from walk(db, question)
