"""What holds for the database itself: nothing points into the void, and the file is sound."""

from collections.abc import Iterator

from sqlalchemy import Connection, Table, exists, select

from gateway.store.ledger.invariant import Invariant, Question
from gateway.store.schema import metadata


def _dangling(db: Connection, _question: Question) -> Iterator[str]:
    """References to rows that are not there. The database's own constraints forbid them, a bad restore does not."""
    for table in metadata.sorted_tables:
        for constraint in table.foreign_key_constraints:
            for element in constraint.elements:
                target = element.column.table.alias("target")
                here = element.parent
                is_missing = here.is_not(None) & ~exists().where(target.c[element.column.name] == here)
                for row in db.execute(select(*table.primary_key.columns, here).where(is_missing)):
                    yield f"{_named(table, tuple(row)[:-1])}, {here.name} {row[-1]}"


def _named(table: Table, key: tuple[object, ...]) -> str:
    return f"{table.name} {'/'.join(str(part) for part in key)}"


def _unsound(db: Connection, question: Question) -> Iterator[str]:
    if db.dialect.name == "sqlite":
        check = "integrity_check" if question.is_deep else "quick_check"
        yield from (str(said) for said in db.exec_driver_sql(f"PRAGMA {check}").scalars() if said != "ok")


INVARIANTS = (
    Invariant(
        "the file is sound",
        "SQLite's own check of its pages and indices finds nothing (PostgreSQL checks pages when it reads them)",
        "stop the daemon, keep the file, restore a backup; docs/ledger.md tells how, and what comes again by itself",
        None,
        _unsound,
    ),
    Invariant(
        "nothing points into the void",
        "every row that another row names is there",
        "a row was deleted by hand, or a restore was incomplete: restore the whole database from one backup",
        None,
        _dangling,
    ),
)
