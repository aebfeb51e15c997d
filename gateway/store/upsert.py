"""INSERT … ON CONFLICT for the databases we know, which spell it alike. Knows no table."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_for(db: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """The INSERT of this connection's dialect."""
    return postgresql.insert(table) if db.dialect.name == "postgresql" else sqlite.insert(table)


def upsert(db: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes whole rows, each in the place of the one with its primary key, if there is one."""
    if not rows:
        return
    statement = insert_for(db, table)
    keys = [column.name for column in table.primary_key]
    others = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    db.execute(statement.on_conflict_do_update(index_elements=keys, set_=others), list(rows))
