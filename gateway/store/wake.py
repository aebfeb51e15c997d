"""Wakes the other nodes of a PostgreSQL when there is work for them. Who misses a call finds the work by looking."""

import contextlib
import logging
import os
import select
from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import Any, Self

from sqlalchemy import Connection, NullPool, create_engine, func
from sqlalchemy import select as query

from gateway.store import postgres

log = logging.getLogger(__name__)

_CHANNEL = "gateway"
_PAUSE_SECONDS = 2.0
_LOOK_SECONDS = 5.0


def call(db: Connection, room: str) -> None:
    """The nodes of a PostgreSQL hear, as soon as this transaction is committed, that there is work for `room`."""
    if db.dialect.name == "postgresql":
        db.execute(query(func.pg_notify(_CHANNEL, room)))


class Bell:
    """A connection of its own that calls (NOTIFY) and listens (LISTEN), by one thread.

    `hear` is told the name of each room that was called by others, and `everybody` when calls may have been missed.
    Calls that come while one is under way become one.
    """

    def __init__(self, url: str, hear: Callable[[str], object], everybody: Callable[[], object]) -> None:
        self._engine = create_engine(url, poolclass=NullPool, **postgres.LISTENING)
        self._hear, self._everybody = hear, everybody
        self._called: set[str] = set()
        self._lock, self._closing = Lock(), Event()
        self._is_in_trouble = False
        self._thread = Thread(target=self._run, name="bell", daemon=True)

    def __enter__(self) -> Self:
        self._wake, self._waker = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(self._waker, False)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._stir()
        self._thread.join()
        os.close(self._wake)
        os.close(self._waker)

    def ring(self, room: str) -> None:
        """The others hear that there is work for `room`. It returns at once and never fails."""
        with self._lock:
            is_new = room not in self._called
            self._called.add(room)
        if is_new:
            self._stir()

    def _stir(self) -> None:
        with contextlib.suppress(BlockingIOError):  # it is full of calls already
            os.write(self._waker, b".")

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                with self._engine.connect() as db:
                    self._serve(db.connection.driver_connection)
            except Exception as error:  # noqa: BLE001 - the line is cut, or whatever: meanwhile everybody looks for work
                self._failed(error)
                self._closing.wait(_PAUSE_SECONDS)

    def _serve(self, line: Any) -> None:
        line.execute(f"LISTEN {_CHANNEL}")
        if self._is_in_trouble:
            log.warning("other nodes are heard again", extra={"action": "recovered"})
        self._is_in_trouble = False
        self._everybody()
        waiting = select.poll()
        waiting.register(line.fileno(), select.POLLIN)
        waiting.register(self._wake, select.POLLIN)
        while not self._closing.is_set():
            waiting.poll(_LOOK_SECONDS * 1000)
            self._call(line)
            for heard in line.notifies(timeout=0):
                if heard.pid != line.info.backend_pid:
                    self._hear(heard.payload)

    def _call(self, line: Any) -> None:
        try:
            os.read(self._wake, 4096)
        except BlockingIOError:
            return
        with self._lock:
            rooms, self._called = self._called, set()
        for room in sorted(rooms):
            line.execute("SELECT pg_notify(%s, %s)", (_CHANNEL, room))

    def _failed(self, error: Exception) -> None:
        if not self._is_in_trouble:
            facts = {"action": "deferred", "reason": str(error)}
            log.warning("other nodes are not heard; work is looked for every few seconds", extra=facts)
        self._is_in_trouble = True
