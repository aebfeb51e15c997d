"""Brings an older database up to this version's tables. It only adds, so that older programs work on beside us."""

from dataclasses import dataclass

from sqlalchemy import Column, Connection, Table, inspect, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable

from gateway.store import locks
from gateway.store.schema import OLDEST, VERSION, meta, metadata
from gateway.store.upsert import upsert

_SCHEMA, _OLDEST = "schema", "oldest"
_UNDEFINED_TABLE = "42P01"  # PostgreSQL's SQLSTATE


@dataclass(frozen=True, slots=True)
class Version:
    """Which version's tables a database has, and the oldest version whose program works on them."""

    number: int
    oldest: int

    @property
    def is_older(self) -> bool:
        """Whether something is missing that this program needs."""
        return self.number < VERSION

    @property
    def is_for_us(self) -> bool:
        """Whether this program may work on it."""
        return self.oldest <= VERSION


def version(db: Connection) -> Version | None:
    """The version of the database; None when it says none. It costs one look-up, however large the database is."""
    said = {row.key: int(row.value) for row in db.execute(select(meta).where(meta.c.key.in_([_SCHEMA, _OLDEST])))}
    number = said.get(_SCHEMA)
    return Version(number, said.get(_OLDEST, number)) if number is not None else None


def is_new(error: DBAPIError) -> bool:
    """Whether `version` failed because there are no tables yet."""
    return getattr(error.orig, "sqlstate", "") == _UNDEFINED_TABLE or "no such table" in str(error.orig)


def expand(db: Connection) -> Version:
    """The version afterwards: tables, columns and indexes that were missing are there, unless a newer one made them.

    A column that is added must do without a value in the rows that are there. In a large table an index takes a while
    to build, in which nobody writes to it.
    """
    locks.hold(db, ["schema"])
    db.execute(CreateTable(meta, if_not_exists=True))
    found = version(db)
    if found is not None and not found.is_older:
        return found
    for table in metadata.sorted_tables:
        db.execute(CreateTable(table, if_not_exists=True))
        if found is not None:
            _add_columns(db, table)
        for index in sorted(table.indexes, key=lambda each: str(each.name)):
            db.execute(CreateIndex(index, if_not_exists=True))
    _note(db, _SCHEMA, VERSION)
    _note(db, _OLDEST, OLDEST)
    return Version(VERSION, OLDEST)


def _add_columns(db: Connection, table: Table) -> None:
    there = {column["name"] for column in inspect(db).get_columns(table.name)}
    for column in table.columns:
        if column.name not in there:
            _add_column(db, table, column)


def _add_column(db: Connection, table: Table, column: Column[object]) -> None:
    name = db.dialect.identifier_preparer.format_table(table)
    definition = CreateColumn(column).compile(dialect=db.dialect)
    db.exec_driver_sql(f"ALTER TABLE {name} ADD COLUMN {definition}")


def _note(db: Connection, key: str, value: int) -> None:
    upsert(db, meta, [{"key": key, "value": str(value)}])
