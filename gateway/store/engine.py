"""Opens the database and its two kinds of transaction. A transaction that fails leaves nothing behind."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from gateway.errors import GatewayError, MissingError, PermanentError, TemporaryError
from gateway.store import damage, expansion, locks, objects, pending, place, postgres, schema
from gateway.store.expansion import Version
from gateway.store.objects import Objects
from gateway.store.place import Access, Place

__all__ = ["Connection", "Database", "open_database"]  # others name a connection without knowing the library

_BUSY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Database:
    """A database that is ready for use; threads may share it."""

    url: str
    _writing: Engine
    _reading: Engine
    objects: Objects | None = None
    _place: Place | None = None
    _turns: Lock = field(default_factory=Lock)  # SQLite's own way to wait is to sleep and try again

    @property
    def is_shared(self) -> bool:
        """Whether other daemons may work on it beside us."""
        return not self.url.startswith("sqlite")

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that may change things: committed and durable when the block ends, else undone.

        Raises:
            DamagedError: its file is, or is not at its place any more; what was just committed may then be lost.
            TemporaryError: the database is busy, full or away.
        """
        with self._turn(), _translated(), self._writing.connect() as db:
            with db.begin():
                yield db
                self._confirm(db)  # before: what goes into a file that nobody finds again is done for nothing
            self._confirm(db)  # after: only now is it certain to lie where it is looked for

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
            DamagedError: its file is, or is not at its place any more.
            TemporaryError: the database is busy or away.
        """
        with _translated(), self._reading.begin() as db:
            self._confirm(db)
            yield db

    def _confirm(self, db: Connection) -> None:
        if self._place is not None:
            self._place.confirm(db)

    def confirm(self) -> None:
        """Nothing, when the database's file is still at its place, or it has none.

        Raises:
            DamagedError: it is not.
        """
        if self._place is not None:
            self._place.confirm_main()

    def keep(self, raws: Iterable[bytes], now: datetime) -> None:
        """Puts the bytes of mail where they belong if that is not the database, before the transaction that says so.

        Raises:
            TemporaryError: the object store does not take them.
        """
        if self.objects is not None:
            for raw in raws:
                self.objects.keep(raw, now)

    def connect(self) -> None:
        """Has a connection of each kind, and with them a hold on the files that lie there now.

        Raises:
            DamagedError: its file is, or is not at its place any more.
            TemporaryError: the database is away.
        """
        with _translated(), self._reading.connect(), self._writing.connect():
            pass

    def disconnect(self) -> None:
        """Gives back every connection; what follows has new ones."""
        self._writing.dispose()
        self._reading.dispose()

    def close(self) -> None:
        """Gives back every connection, for good."""
        if self._place is not None:
            self._place.leave(self._reading)
        self.disconnect()


def open_database(
    url: str,
    *,
    access: Access = Access.CREATE,
    is_lasting: bool = True,
    when_damaged: damage.Tell | None = None,
    originals: str = "",
) -> Database:
    """The database at `url` (SQLAlchemy's form), its tables made or brought up to this version if need be.

    With less than `Access.CREATE` an SQLite file is not made, and to read is to leave the tables as they are.
    One that is not lasting does without waiting for the disk; it is for a trial that is thrown away. `when_damaged` is
    told when its file is found to be damaged, however much later, beside whoever met it. `originals` is the URL of
    the object store that keeps the bytes of mail; empty, the database does.

    Raises:
        DamagedError: its file is.
        MissingError: there is none, and none may be made.
        PermanentError: it was made by a version of this program that is too new, or its driver is not installed.
        TemporaryError: it cannot be reached or written.
    """
    kept = objects.at(originals)
    is_file = url.startswith("sqlite")
    made = Place(url, access, when_damaged)
    database = _sqlite(url, made, when_damaged, kept, is_lasting=is_lasting) if is_file else _postgres(url, kept)
    try:
        found = _version(database)
        if found is None or found.is_older:
            found = _expanded(database, found, access)
        if is_file:
            database.connect()
    except GatewayError:
        database.close()
        raise
    if not found.is_for_us:
        database.close()
        what = f"made by a newer gateway (schema {found.number}, this one knows {schema.VERSION})"
        raise PermanentError(f"{make_url(url)!r}: {what}")
    return database


def _expanded(database: Database, found: Version | None, access: Access) -> Version:
    if found is None and access is not Access.CREATE and not database.is_shared:
        raise place.missing(database.url)  # an empty file is none either
    if access is Access.READ:
        has = f"has schema {found.number}" if found else "has no tables yet"
        what = (
            f"the database {has}, this program needs schema {schema.VERSION}: `gateway db upgrade` adds what is missing"
        )
        raise MissingError(what)
    with database.write() as db:
        expanded = expansion.expand(db)
    if found is None:
        database.disconnect()  # a connection to what was not there yet does not know its -wal
    return expanded


def version_of(url: str) -> Version | None:
    """The version of the database at `url`, which stays as it is; None when it has no tables.

    Raises:
        MissingError: there is no file.
        TemporaryError: it cannot be reached.
    """
    looking = Place(url, Access.READ)
    is_file = url.startswith("sqlite")
    database = _sqlite(url, looking, None, None, is_lasting=True) if is_file else _postgres(url, None)
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


def _sqlite(
    url: str, place_: Place, when_damaged: damage.Tell | None, kept: Objects | None, *, is_lasting: bool
) -> Database:
    arguments: dict[str, Any] = {"connect_args": {"timeout": _BUSY_SECONDS}}
    writing = create_engine(url, execution_options={locks.IS_WRITING: True, objects.OPTION: kept}, **arguments)
    reading = create_engine(url, execution_options={objects.OPTION: kept}, **arguments)
    configure = _configure_reading if place_.is_read_only else _configure_sqlite if is_lasting else _configure_passing
    for engine, begin in ((writing, _begin_immediate), (reading, _begin_deferred)):
        event.listen(engine, "connect", configure)
        event.listen(engine, "begin", begin)
        damage.watch(engine, when_damaged)
        place_.watch(engine)
    pending.watch(writing)
    return Database(url, writing, reading, kept, place_)


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
    pending.watch(writing)
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


def _configure_reading(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}")


def _configure_passing(connection: Any, record: object) -> None:
    _configure_sqlite(connection, record)
    connection.execute("PRAGMA synchronous=OFF")


def _begin_immediate(db: Connection) -> None:
    db.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(db: Connection) -> None:
    db.exec_driver_sql("BEGIN")
