"""Keeps one IMAP mailbox connected and read, through failures, until it is stopped. It speaks no IMAP itself."""

import logging
import os
import random
import select
import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Self

from gateway.errors import GatewayError
from gateway.inbound.accept import Acceptor
from gateway.inbound.imap.comparison import Comparison
from gateway.inbound.imap.connection import Connection, RefusedError
from gateway.inbound.imap.intake import Intake
from gateway.inbound.imap.reading import Reading
from gateway.inbound.settings import MailboxSettings
from gateway.store.engine import Database
from gateway.store.sightings import Compared

log = logging.getLogger(__name__)

_GRACE_SECONDS = 5.0
_LONGEST_PAUSE = 300.0
_COMPARE_AGAIN_SECONDS = 60.0
_TURN_SECONDS = 1.0  # how often we look whether a mailbox has become ours


class Mailbox:
    """One mailbox, read by a thread of its own over one connection.

    `jitter` gives numbers from 0 to 1, so that mailboxes do not knock at one server all at once. `compared`, if given,
    is told how the folders and the ledger compare: at the start and every `compare_seconds` by `clock`. While it is not
    ours (`is_mine`) another node reads it, and we wait.
    """

    def __init__(
        self,
        settings: MailboxSettings,
        database: Database,
        acceptor: Acceptor,
        jitter: Callable[[], float] = random.random,
        compared: Callable[[Compared], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
        is_mine: Callable[[], bool] = lambda: True,
    ) -> None:
        self._settings, self._jitter, self._compared, self._clock = settings, jitter, compared, clock
        self._stopping, self._is_mine = Event(), is_mine
        intake = Intake(settings, database, acceptor)
        self._reading = Reading(intake, self._is_over, compared or (lambda _: None))
        self._comparison = Comparison(intake, is_stopping=self._is_over)
        self._compare_at = clock()
        self._connection: Connection | None = None
        self._failures = 0
        self._is_proven = self._is_failing = False
        self._thread = Thread(target=self._run, name=f"mailbox {settings.name}", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def is_failing(self) -> bool:
        """Whether an alarm was logged that still holds; of a mailbox that is another node's it no longer does."""
        return self._is_failing and self._is_mine()

    @property
    def is_alive(self) -> bool:
        """Whether its thread is there."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Reading, from now on."""
        self._wake, self._waker = os.pipe()
        self._thread.start()

    def stop(self, grace: float = _GRACE_SECONDS) -> None:
        """Not reading any more. Waiting ends at once; a server that keeps us busy is cut off after `grace` seconds."""
        self._stopping.set()
        os.write(self._waker, b".")
        self._thread.join(grace)
        if self._thread.is_alive() and self._connection is not None:
            self._connection.cut()
            self._thread.join(grace)
        if not self._thread.is_alive():
            os.close(self._wake)
            os.close(self._waker)

    def _is_over(self) -> bool:
        return self._stopping.is_set() or not self._is_mine()

    def _run(self) -> None:
        while not self._stopping.is_set():
            if not self._is_mine():
                self._rest(_TURN_SECONDS)
                continue
            try:
                self._serve()
            except Exception as error:  # noqa: BLE001 - whatever it is, this mailbox is tried again, the others go on
                self._failed(error)
                self._pause()

    def _serve(self) -> None:
        with Connection(self._settings) as connection:
            self._connection = connection
            self._reading.renew()
            connection.log_in()
            while not self._is_over():
                self._compare(connection)
                self._reading.visit(connection)
                self._succeeded()
                connection.wait(self._settings.poll_seconds, self._wake)

    def _compare(self, connection: Connection) -> None:
        """Compared when it is time. It comes before a visit, which selects its own folder again, and hinders none."""
        now, every = self._clock(), self._settings.compare_seconds
        if self._compared is None or now < self._compare_at:
            return
        self._compare_at = now + min(every, _COMPARE_AGAIN_SECONDS)  # should a mail break the line, others are read
        try:
            for compared in self._comparison.folders(connection):
                if compared.fetched:
                    self._reading.renew()  # what was fetched waits for its step
                self._compared(compared)
        except RefusedError as error:
            facts = {"action": "compare", "mailbox": self._settings.name, "reason": str(error)}
            log.warning("a mailbox cannot be compared with the ledger; it is tried again", extra=facts)
        self._compare_at = now + every

    def _succeeded(self) -> None:
        self._failures, self._is_proven = 0, True
        if self._is_failing:
            self._is_failing = False
            log.warning("a mailbox is read again", extra={"action": "recovered", "mailbox": self._settings.name})

    def _failed(self, error: Exception) -> None:
        if self._stopping.is_set():
            return
        self._failures += 1
        facts = {"action": "deferred", "mailbox": self._settings.name, "reason": str(error)}
        is_foreseen = isinstance(error, GatewayError)
        if self._is_proven and is_foreseen:  # servers hang up every day
            log.info("reading a mailbox broke off; it is tried again", extra=facts)
        elif not self._is_failing:
            self._is_failing = True
            cause = None if is_foreseen else error
            log.error("a mailbox cannot be read; its mail waits on the server", exc_info=cause, extra=facts)
        self._is_proven = False

    def _pause(self) -> None:
        self._rest(pause(self._failures, self._jitter()))

    def _rest(self, seconds: float) -> None:
        waiting = select.poll()
        waiting.register(self._wake, select.POLLIN)
        waiting.poll(seconds * 1000)


def pause(failures: int, jitter: float) -> float:
    """Seconds until the next attempt after so many failures in a row: doubling, at most 5 minutes, up to half less."""
    return min(2.0 ** min(failures - 1, 10), _LONGEST_PAUSE) * (1 - jitter / 2)
