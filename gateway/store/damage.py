"""What SQLite does when its file or disk fails, made safe and put into words for the operator. It mends nothing."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, ExceptionContext, event

from gateway.errors import DamagedError, TemporaryError

_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PRIMARY = 0xFF  # the low octet of an extended result code
_UNDOES_ALL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM})

Tell = Callable[[DamagedError], object]


def watch(engine: Engine, tell: Tell | None = None) -> None:
    """From now on damage is raised as DamagedError by whoever meets it; `tell` hears of it too, in any thread.

    On a full or failing disk SQLite may undo and end the whole transaction by itself (sqlite.org/lang_transaction.html
    §3). What comes after would be committed statement by statement: the connection is given up instead.
    """

    def meet(context: ExceptionContext) -> None:
        code = getattr(context.original_exception, "sqlite_errorcode", 0) & _PRIMARY
        if code in _UNDOES_ALL:
            context.is_disconnect, context.invalidate_pool_on_disconnect = True, False
        if code == sqlite3.SQLITE_CANTOPEN:
            raise TemporaryError(_why_not_opened(engine)) from context.original_exception
        if code not in _DAMAGED:
            return
        damaged = DamagedError(_in_words(engine, context.original_exception))
        if tell is not None:
            tell(damaged)
        raise damaged from context.original_exception

    event.listen(engine, "handle_error", meet)


def _why_not_opened(engine: Engine) -> str:
    """SQLite says only that it cannot; the system is asked again, by opening something that every process may."""
    file = Path(engine.url.database or "")
    try:
        os.close(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
    except OSError as error:
        return f"database: {file} cannot be opened ({error.strerror}); raise LimitNOFILE, or ulimit -n"
    if not file.parent.is_dir():
        return f"database: {file} cannot be opened: there is no folder {file.parent}; look at data_dir"
    return f"database: {file} cannot be opened: this user must be able to write it and its folder, {file.parent}"


def _in_words(engine: Engine, error: BaseException) -> str:
    file = engine.url.database
    return (
        f"the database {file} is damaged ({error}): nothing is taken in or sent, mail waits with its senders. "
        "Keep a copy of the file with its -wal and -shm, look after the disk, then put back the last backup, "
        f"or save what can be read: sqlite3 {file} .recover | sqlite3 recovered.db"
    )
