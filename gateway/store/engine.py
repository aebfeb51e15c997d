"""Opens the database and its two kinds of transaction. A transaction that fails leaves nothing behind."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from gateway.errors import PermanentError, TemporaryError
from gateway.store import damage, expansion, locks, objects, postgres, schema
from gateway.store.expansion import Version
from gateway.store.objects import Objects

__all__ = ["Connection", "Database", "open_database"]  # others name a connection without knowing the library

_BUSY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Database:
    """A database that is ready for use; threads may share it."""

    url: str
    _writing: Engine
    _reading: Engine
    objects: Objects | None = None
    _turns: Lock = field(default_factory=Lock)  # SQLite's own way to wait is to sleep and try again

    @property
    def is_shared(self) -> bool:
        """Whether other daemons may work on it beside us."""
        return not self.url.startswith("sqlite")

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that may change things: committed and durable when the block ends, else undone.

        Raises:
            TemporaryError: the database is busy, full or away.
        """
        with self._turn(), _translated(), self._writing.begin() as db:
            yield db

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One writer at a time where the database has only one."""
        if self.is_shared:
            yield
            return
        if not self._turns.acquire(timeout=_BUSY_SECONDS):
            raise TemporaryError(f"database: is locked: another thread has been writing for {_BUSY_SECONDS} s")
        try:
            yield
        finally:
            self._turns.release()

    @contextmanager
    def part(self, db: Connection) -> Iterator[None]:
        """A savepoint within a transaction: when its block fails, only what the block did is undone.

        Raises:
            TemporaryError: the database is busy or away, or two transactions stood in each other's way.
        """
        try:
            with db.begin_nested():
                yield
        except OperationalError as error:
            raise TemporaryError(f"database: {error.orig}") from error

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that only reads; it never waits for a writer.

        Raises:
            TemporaryError: the database is busy or away.
        """
        with _translated(), self._reading.begin() as db:
            yield db

    def keep(self, raws: Iterable[bytes], now: datetime) -> None:
        """Puts the bytes of mail where they belong if that is not the database, before the transaction that says so.

        Raises:
            TemporaryError: the object store does not take them.
        """
        if self.objects is not None:
            for raw in raws:
                self.objects.keep(raw, now)

    def close(self) -> None:
        """Gives back every connection."""
        self._writing.dispose()
        self._reading.dispose()


def open_database(
    url: str, *, is_lasting: bool = True, when_damaged: damage.Tell | None = None, originals: str = ""
) -> Database:
    """The database at `url` (SQLAlchemy's form), its tables made or brought up to this version if need be.

    One that is not lasting does without waiting for the disk; it is for a trial that is thrown away. `when_damaged` is
    told when its file is found to be damaged, however much later, beside whoever met it. `originals` is the URL of
    the object store that keeps the bytes of mail; empty, the database does.

    Raises:
        DamagedError: its file is.
        PermanentError: it was made by a version of this program that is too new, or its driver is not installed.
        TemporaryError: it cannot be reached or written.
    """
    kept = objects.at(originals)
    is_file = url.startswith("sqlite")
    database = _sqlite(url, when_damaged, kept, is_lasting=is_lasting) if is_file else _postgres(url, kept)
    try:
        found = _version(database)
        if found is None or found.is_older:
            with database.write() as db:
                found = expansion.expand(db)
    except TemporaryError:
        database.close()
        raise
    if not found.is_for_us:
        database.close()
        what = f"made by a newer gateway (schema {found.number}, this one knows {schema.VERSION})"
        raise PermanentError(f"{make_url(url)!r}: {what}")
    return database


def version_of(url: str) -> Version | None:
    """The version of the database at `url`, which stays as it is; None when it has no tables.

    Raises:
        TemporaryError: it cannot be reached.
    """
    database = _sqlite(url, None, None, is_lasting=True) if url.startswith("sqlite") else _postgres(url, None)
    try:
        return _version(database)
    finally:
        database.close()


def _version(database: Database) -> Version | None:
    try:
        with database.read() as db:
            return expansion.version(db)
    except TemporaryError as error:
        if isinstance(error.__cause__, DBAPIError) and expansion.is_new(error.__cause__):
            return None
        raise


def _sqlite(url: str, when_damaged: damage.Tell | None, kept: Objects | None, *, is_lasting: bool) -> Database:
    arguments: dict[str, Any] = {"connect_args": {"timeout": _BUSY_SECONDS}}
    writing = create_engine(url, execution_options={locks.IS_WRITING: True, objects.OPTION: kept}, **arguments)
    reading = create_engine(url, execution_options={objects.OPTION: kept}, **arguments)
    for engine, begin in ((writing, _begin_immediate), (reading, _begin_deferred)):
        event.listen(engine, "connect", _configure_sqlite if is_lasting else _configure_passing)
        event.listen(engine, "begin", begin)
        damage.watch(engine, when_damaged)
    return Database(url, writing, reading, kept)


def _postgres(url: str, kept: Objects | None) -> Database:
    try:
        writing = create_engine(url, execution_options={locks.IS_WRITING: True}, **postgres.WRITING)
        reading = create_engine(url, **postgres.READING)
    except ModuleNotFoundError as error:
        driver = "pip install 'email-ticket-gateway[postgres]'"
        raise PermanentError(f"{make_url(url)!r}: its driver {error.name} is missing; {driver}") from error
    for engine in (writing, reading):
        event.listen(engine, "connect", postgres.configure)
        engine.update_execution_options(**{objects.OPTION: kept})
    return Database(url, writing, reading, kept)


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
