"""Tells when somebody has written to an SQLite database, other processes among them. What it was it cannot tell."""

import contextlib
import sqlite3
from collections.abc import Callable
from threading import Event, Thread
from typing import Self

from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import GatewayError
from gateway.store.place import Access, Place

_EVERY_SECONDS = 0.2


class Watch:
    """A connection of its own that looks several times a second, by one thread; `changed` is called when it is so.

    SQLite keeps a number that every commit changes, and to look at it costs next to nothing (PRAGMA data_version). What
    was missed, because the file could not be looked at, is found by whoever looks for work all the same.
    """

    def __init__(self, url: str, changed: Callable[[], object], every: float = _EVERY_SECONDS) -> None:
        self._engine = create_engine(url, poolclass=NullPool)
        Place(url, Access.CHANGE).watch(self._engine)
        self._changed, self._every = changed, every
        self._closing = Event()
        self._thread = Thread(target=self._run, name="watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            with contextlib.suppress(sqlite3.Error, SQLAlchemyError, GatewayError):
                self._look()
            self._closing.wait(self._every)

    def _look(self) -> None:
        """Returns when it is to end, or raises when the file cannot be looked at."""
        with contextlib.closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()
            seen = None
            while not self._closing.wait(self._every):
                (number,) = cursor.execute("PRAGMA data_version").fetchone()
                if number != seen and seen is not None:
                    self._changed()
                seen = number
