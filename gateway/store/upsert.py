"""INSERT … ON CONFLICT for the databases we know, which spell it alike. Knows no table."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_for(db: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """The INSERT of this connection's dialect."""
    return postgresql.insert(table) if db.dialect.name == "postgresql" else sqlite.insert(table)


def upsert(db: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes whole rows, each in the place of the one with its primary key, if there is one."""
    if rows:
        db.execute(_upsert(table, tuple(rows[0])), list(rows))


@lru_cache
def _upsert(table: Table, names: tuple[str, ...]) -> postgresql.Insert:
    """Made once: to make a statement costs four times as much as to carry it out."""
    statement = postgresql.insert(table)  # SQLite understands it too
    keys = [column.name for column in table.primary_key]
    others = {name: statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=others)
