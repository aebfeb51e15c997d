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


def open_database(url: str, *, is_lasting: bool = True) -> Database:
    """The database at `url` (SQLAlchemy's form), its tables made if there are none.

    One that is not lasting does without waiting for the disk; it is for a trial that is thrown away.

    Raises:
        PermanentError: it was made by a newer version of this program.
        TemporaryError: it cannot be reached or written.
    """
    sqlite = url.startswith("sqlite")
    arguments: dict[str, Any] = {"connect_args": {"timeout": _BUSY_SECONDS}} if sqlite else {"pool_pre_ping": True}
    writing = create_engine(url, **arguments)
    reading = create_engine(url, **arguments)
    if sqlite:
        configure = _configure_sqlite if is_lasting else _configure_passing
        event.listen(writing, "connect", configure)
        event.listen(reading, "connect", configure)
        event.listen(writing, "begin", _begin_immediate)
        event.listen(reading, "begin", _begin_deferred)
    database = Database(url, writing, reading)
    try:
        with database.write() as db:
            found = schema.prepare(db)
    except TemporaryError:
        database.close()
        raise
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


def _configure_passing(connection: Any, record: object) -> None:
    _configure_sqlite(connection, record)
    connection.execute("PRAGMA synchronous=OFF")


def _begin_immediate(db: Connection) -> None:
    db.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(db: Connection) -> None:
    db.exec_driver_sql("BEGIN")
