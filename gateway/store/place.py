"""Whether an SQLite database still lies where it was opened, and what it takes to open one. It mends nothing.

SQLite writes on into a file that was moved or deleted, and says that all is well. Who comes next makes an empty one at
the old place, and with that empties the `-wal` file which the two then share: what was committed last is gone.
"""

import logging
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Engine, event, make_url

from gateway.errors import DamagedError, GatewayError, MissingError, TemporaryError
from gateway.store.damage import Tell

log = logging.getLogger(__name__)

_OPENED = "gateway_opened"
_HEADER_OCTETS = 100  # sqlite.org/fileformat.html §1.3: no database is smaller
_URI = "file:"
_ORPHAN = (
    "but there is {wal}, which holds what was written last. Put the file back that belongs to it; "
    "to begin with a new one all the same, move the -wal away first"
)
_GONE = "there is no file any more"
_DELETED = " (deleted)"  # proc(5), of a link in /proc/PID/fd


class Access(StrEnum):
    """What a database is opened for, in the words of SQLite's `mode=`."""

    CREATE = "rwc"  # it may be a new one
    CHANGE = "rw"
    READ = "ro"


@dataclass(frozen=True, slots=True)
class _Opened:
    """The files of one connection, by device and inode; without `wal` that one is not known."""

    main: tuple[int, int]
    beside: str
    wal: tuple[int, int] | None


class Place:
    """Where a database's file lies, and what was opened there first. `tell` hears when it is not there any more."""

    def __init__(self, url: str, access: Access, tell: Tell | None = None) -> None:
        self._url, self._access, self._tell = url, access, tell
        self._file = _file(url)
        self._first: tuple[int, int] | None = None
        self._handle: int | None = None

    @property
    def is_read_only(self) -> bool:
        """Whether nothing is to be changed there."""
        return self._access is Access.READ

    def watch(self, engine: Engine) -> None:
        """From now on the engine's connections are to the file that was opened first, and make none but the first."""
        if self._file:
            event.listen(engine, "do_connect", self._direct)
            event.listen(engine, "connect", self._note)

    def confirm(self, connection: Any) -> None:
        """Nothing, when this connection (SQLAlchemy's) is to the files that lie at the place.

        Raises:
            DamagedError: it is not: what is written by it may be found by nobody.
            TemporaryError: the disk does not say.
        """
        opened: _Opened | None = connection.info.get(_OPENED)
        if opened is not None and (what := self._lost(opened)):
            raise self._told(what)

    def confirm_main(self) -> None:
        """The same without a connection, and without a look at the -wal."""
        if self._first is not None and (what := self._lost(_Opened(self._first, "", None))):
            raise self._told(what)

    def leave(self, engine: Engine) -> None:
        """The file is of no interest any more.

        For a daemon, what was deleted is saved from `engine`, and the -wal does not stay beside a file that it does not
        belong to: SQLite would write it into that one.
        """
        name = self._name()
        if self._tell is not None and name.endswith(_DELETED):
            self._save(engine)
        elif self._tell is not None and self._is_taken(name):
            self._move_wal(engine, f"{name}-wal")
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _lost(self, opened: _Opened) -> str:
        """What is wrong, empty when nothing is."""
        main = _found(self._file)
        if main is None:
            return _GONE
        if (main.st_dev, main.st_ino) != opened.main:
            return "another file has taken its place"
        if main.st_size < _HEADER_OCTETS:
            return "the file was emptied"
        if opened.wal is None:
            return ""
        wal = _found(f"{opened.beside}-wal")
        if wal is None:
            return "its -wal file is there no more"
        return "" if (wal.st_dev, wal.st_ino) == opened.wal else "another -wal file lies beside it"

    def _told(self, what: str) -> DamagedError:
        error = DamagedError(
            f"the database {self._file} is not the one that is open: {what}. Nothing is taken in or sent, mail waits "
            f"with its senders. {self._advice()}"
        )
        if self._tell is not None:
            self._tell(error)
        return error

    def _advice(self) -> str:
        name = self._name()
        if name.endswith(_DELETED):
            if self._tell is None:
                return "The file that was open has been deleted"
            what = f"The file that was open has been deleted; what was in it is saved as {self._saved}"
            return f"{what}: put that or the last backup there, then start"
        if self._is_taken(name):
            what = f"The file that was open is now {name}, and its -wal is put beside it when the daemon has ended"
            return f"{what}: put both back, or start with the one that lies there now"
        if self._has_moved(name):
            return f"The file that was open is now {name}: put it back, with its -wal if that has moved too, then start"
        return (
            "Put back the file that was there, with its -wal if that has moved too; then `gateway verify` says whether "
            "it is whole, and the last backup if it is not"
        )

    def _name(self) -> str:
        """What the open file is called now; empty where the system does not tell."""
        try:
            return os.readlink(f"/proc/self/fd/{self._handle}") if self._handle is not None else ""  # noqa: PTH115
        except OSError:
            return ""

    def _has_moved(self, name: str) -> bool:
        return bool(name) and name != os.path.realpath(self._file)

    def _is_taken(self, name: str) -> bool:
        """Whether another file lies where the open one did that now has this name."""
        return self._has_moved(name) and _identity(self._file) not in (None, self._first)

    @property
    def _saved(self) -> str:
        return f"{self._file}.saved"

    def _save(self, engine: Engine) -> None:
        """The whole database, as long as it is still there: it ends with the last connection."""
        try:
            Path(self._saved).parent.mkdir(parents=True, exist_ok=True)
            with closing(engine.raw_connection()) as source, closing(sqlite3.connect(self._saved)) as target:
                cast("sqlite3.Connection", source.driver_connection).backup(target)
        except (OSError, sqlite3.Error, GatewayError) as error:
            log.error("a deleted database could not be saved", extra={"action": "lost", "reason": str(error)})  # noqa: TRY400 - no bug
        else:
            log.warning("a deleted database was saved", extra={"action": "saved", "file": self._saved})
            self._move_wal(engine, f"{self._saved}.old-wal")

    def _move_wal(self, engine: Engine, target: str) -> None:
        try:
            with closing(engine.raw_connection()) as source:
                opened: _Opened = source.info[_OPENED]
            if opened.wal == _identity(f"{opened.beside}-wal"):
                Path(f"{opened.beside}-wal").replace(target)
                log.warning("the -wal of a database was moved", extra={"action": "saved", "file": target})
        except (OSError, sqlite3.Error, GatewayError, KeyError) as error:
            log.error("a -wal could not be moved", extra={"action": "lost", "reason": str(error)})  # noqa: TRY400 - no bug

    def _direct(self, _dialect: object, _record: object, arguments: list[Any], options: dict[str, Any]) -> None:
        if options.get("uri"):
            return  # the URL says how itself
        may_create = self._access is Access.CREATE and self._first is None
        if not may_create and self._first is None and _size(self._file) < _HEADER_OCTETS:
            raise missing(self._url)
        if not may_create and _found(self._file) is None:
            raise self._told(_GONE)
        if may_create:
            _spare_wal(self._file)
        mode = Access.CHANGE if self._access is Access.CREATE and not may_create else self._access
        arguments[:1] = [f"{_URI}{_quoted(os.path.abspath(self._file))}?mode={mode}"]  # noqa: PTH100 - links stay
        options["uri"] = True

    def _note(self, connection: Any, record: Any) -> None:
        (beside,) = (row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main")
        found = _identity(self._file)
        if found is None:
            raise self._told(_GONE)
        if self._first is None:
            self._first, self._handle = found, _handle(self._file)
        elif found != self._first:
            raise self._told("another file has taken its place")
        # To read is not yet to have opened the -wal, which may come and go until then.
        record.info[_OPENED] = _Opened(found, beside, None if self.is_read_only else _identity(f"{beside}-wal"))


def missing(url: str) -> MissingError:
    """There is no database at `url`."""
    file = _file(url)
    if _size(_wal(file)):
        return MissingError(f"{file}: there is no database, {_ORPHAN.format(wal=_wal(file))}")
    return MissingError(
        f"{file}: there is no database. Was it moved, or does data_dir name another folder? `gateway run` makes one"
    )


def _file(url: str) -> str:
    """Where the database lies; empty when it is no SQLite file."""
    if not url.startswith("sqlite"):
        return ""
    said = make_url(url).database or ""
    if said.startswith(_URI):
        said = said.removeprefix(_URI).partition("?")[0]
    return "" if said == ":memory:" or ("%" in said and "uri" in make_url(url).query) else said


def _quoted(file: str) -> str:
    """As sqlite.org/uri.html §3.1 wants it."""
    return file.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _spare_wal(file: str) -> None:
    """A new file would empty the -wal that lies there, and with it what was committed last.

    Raises:
        DamagedError: there is one.
    """
    if _size(file) == 0 and _size(_wal(file)):
        raise DamagedError(f"{file}: there is no database, {_ORPHAN.format(wal=_wal(file))}")


def _wal(file: str) -> str:
    return f"{os.path.realpath(file)}-wal"


def _size(file: str) -> int:
    found = _found(file)
    return found.st_size if found else 0


def _identity(file: str) -> tuple[int, int] | None:
    found = _found(file)
    return (found.st_dev, found.st_ino) if found else None


def _found(file: str) -> os.stat_result | None:
    """What lies there, None when nothing does.

    Raises:
        TemporaryError: the disk does not say.
    """
    try:
        return os.stat(file)  # noqa: PTH116 - asked four times a transaction: Path costs as much again
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise TemporaryError(f"database: {file} cannot be looked at ({error.strerror})") from error


def _handle(file: str) -> int | None:
    """A hold on the file that is good for its name alone: to close one that can read would end SQLite's locks on it."""
    try:
        return os.open(file, os.O_PATH | os.O_CLOEXEC)
    except (AttributeError, OSError):
        return None  # not Linux, or no descriptor left: then its name is not told
