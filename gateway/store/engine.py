"""Opens the database and its two kinds of transaction. A transaction that fails leaves nothing behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from gateway.errors import PermanentError, TemporaryError
from gateway.store import schema

__all__ = ["Connection", "Database", "open_database"]  # others name a connection without knowing the library

_BUSY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Database:
    """A database that is ready for use; threads may share it."""

    url: str
    _writing: Engine
    _reading: Engine

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that may change things: committed and durable when the block ends, else undone.

        Raises:
            TemporaryError: the database is busy, full or away.
        """
        with _translated(), self._writing.begin() as db:
            yield db

    @contextmanager
    def part(self, db: Connection) -> Iterator[None]:
        """A savepoint within a transaction: when its block fails, only what the block did is undone."""
        with db.begin_nested():
            yield

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that only reads; it never waits for a writer.

        Raises:
            TemporaryError: the database is busy or away.
        """
        with _translated(), self._reading.begin() as db:
            yield db

    def close(self) -> None:
        """Gives back every connection."""
        self._writing.dispose()
        self._reading.dispose()


def open_database(url: str) -> Database:
    """The database at `url` (SQLAlchemy's form), its tables made if there are none.

    Raises:
        PermanentError: it was made by a newer version of this program.
        TemporaryError: it cannot be reached or written.
    """
    sqlite = url.startswith("sqlite")
    arguments: dict[str, Any] = {"connect_args": {"timeout": _BUSY_SECONDS}} if sqlite else {"pool_pre_ping": True}
    writing = create_engine(url, **arguments)
    reading = create_engine(url, **arguments)
    if sqlite:
        event.listen(writing, "connect", _configure_sqlite)
        event.listen(reading, "connect", _configure_sqlite)
        event.listen(writing, "begin", _begin_immediate)
        event.listen(reading, "begin", _begin_deferred)
    database = Database(url, writing, reading)
    with database.write() as db:
        found = schema.prepare(db)
    if found > schema.VERSION:
        database.close()
        raise PermanentError(f"{url}: made by a newer gateway (schema {found}, this one knows {schema.VERSION})")
    return database


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise TemporaryError(f"database: {error.orig}") from error
    except SQLAlchemyError as error:
        raise TemporaryError(f"database: {error}") from error


def _configure_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: sqlite3 would begin too late and lose updates
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_SECONDS * 1000}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(db: Connection) -> None:
    db.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(db: Connection) -> None:
    db.exec_driver_sql("BEGIN")
