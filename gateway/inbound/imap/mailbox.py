"""Keeps one IMAP folder read: each mail into the spool once, then flagged, moved or deleted. It speaks no IMAP itself.

The order is the promise: stored and committed, then the cursor, then the server. A crash anywhere repeats steps that do
no harm when repeated: keys are unique, the cursor only saves work, and mail that the server still shows is dealt with.
"""

import hashlib
import logging
import os
import random
import select
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Self

from gateway import store
from gateway.errors import GatewayError, TemporaryError
from gateway.inbound import trace
from gateway.inbound.accept import Acceptor
from gateway.inbound.imap.connection import Connection, RefusedError, View
from gateway.inbound.settings import After, MailboxSettings
from gateway.store.engine import Database
from gateway.store.mailboxes import Cursor
from gateway.store.spool import Arrival

log = logging.getLogger(__name__)

_GRACE_SECONDS = 5.0
_LONGEST_PAUSE = 300.0
_CHUNK_UIDS = 500  # a command names them all, and servers bound its length
_GROUP_MAILS = 50
_GROUP_OCTETS = 8 * 1024 * 1024
_STRIKES = 5


@dataclass(frozen=True, slots=True)
class _Suspicion:
    """A mail that could not be fetched: `tries` in vain, `strikes` of them while other mail was handed out since."""

    handed_out: int
    tries: int = 0
    strikes: int = 0


@dataclass(slots=True)
class _Visit:
    """One look into the folder: `later` are mails to be fetched alone, at the end."""

    connection: Connection
    view: View
    last: int
    is_renumbered: bool
    later: set[int] = field(default_factory=set)


class Mailbox:
    """One mailbox, read by a thread of its own over one connection, until it is stopped.

    `jitter` gives numbers from 0 to 1, so that mailboxes do not knock at one server all at once.
    """

    def __init__(
        self,
        settings: MailboxSettings,
        database: Database,
        acceptor: Acceptor,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._settings, self._database, self._acceptor, self._jitter = settings, database, acceptor, jitter
        self._source = f"imap:{settings.name}"
        self._connection: Connection | None = None
        self._folder = ""  # where stored mail is moved to, once it is known to exist
        self._suspects: dict[tuple[int, int], _Suspicion] = {}
        self._failures = self._handed_out = 0
        self._is_proven = self._is_failing = self._is_step_refused = self._is_flagless = False
        self._has_leftovers = True
        self._is_stopping = Event()
        self._thread = Thread(target=self._run, name=f"mailbox {settings.name}", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def is_failing(self) -> bool:
        """Whether an alarm was logged that still holds."""
        return self._is_failing

    def start(self) -> None:
        """Reading, from now on."""
        self._wake, self._waker = os.pipe()
        self._thread.start()

    def stop(self, grace: float = _GRACE_SECONDS) -> None:
        """Not reading any more. Waiting ends at once; a server that keeps us busy is cut off after `grace` seconds."""
        self._is_stopping.set()
        os.write(self._waker, b".")
        self._thread.join(grace)
        if self._thread.is_alive() and self._connection is not None:
            self._connection.cut()
            self._thread.join(grace)
        if not self._thread.is_alive():
            os.close(self._wake)
            os.close(self._waker)

    def _run(self) -> None:
        while not self._is_stopping.is_set():
            try:
                self._serve()
            except Exception as error:  # noqa: BLE001 - whatever it is, this mailbox is tried again, the others go on
                self._failed(error)
                self._pause()

    def _serve(self) -> None:
        with Connection(self._settings) as connection:
            self._connection = connection
            self._folder, self._has_leftovers = "", True
            connection.log_in()
            while not self._is_stopping.is_set():
                self._visit(connection)
                self._succeeded()
                connection.wait(self._settings.poll_seconds, self._wake)

    def _failed(self, error: Exception) -> None:
        if self._is_stopping.is_set():
            return
        self._failures += 1
        facts = {"action": "deferred", "mailbox": self._settings.name, "reason": str(error)}
        unforeseen = None if isinstance(error, GatewayError) else error
        if self._is_proven and unforeseen is None:  # servers do that every day
            log.info("reading a mailbox broke off; it is tried again", extra=facts)
        elif not self._is_failing:
            self._is_failing = True
            log.error("a mailbox cannot be read; its mail waits on the server", exc_info=unforeseen, extra=facts)
        self._is_proven = False

    def _succeeded(self) -> None:
        self._failures, self._is_proven = 0, True
        if self._is_failing:
            self._is_failing = False
            log.warning("a mailbox is read again", extra={"action": "recovered", "mailbox": self._settings.name})

    def _pause(self) -> None:
        longest = min(2.0 ** min(self._failures - 1, 10), _LONGEST_PAUSE)
        waiting = select.poll()
        waiting.register(self._wake, select.POLLIN)
        waiting.poll(longest * (0.5 + self._jitter() / 2) * 1000)

    def _visit(self, connection: Connection) -> None:
        visit = self._begin(connection)
        if self._has_leftovers:
            self._has_leftovers = False
            self._settle_leftovers(visit)
        for uids in connection.uids(visit.view, visit.last + 1):
            for chunk in _chunks(uids, _CHUNK_UIDS):
                for group in self._groups(visit, chunk):
                    self._take(visit, group)
                    self._advance(visit, group[-1])
                    if self._is_stopping.is_set():
                        return
                self._advance(visit, chunk[-1])
        self._take_suspects(visit)
        if visit.is_renumbered:
            self._set_cursor(visit, visit.last)

    def _begin(self, connection: Connection) -> _Visit:
        view = connection.select()
        with self._database.read() as db:
            cursor = store.mailboxes.cursor(db, self._settings.name, self._settings.folder)
        if cursor is not None and cursor.uidvalidity == view.uid_validity:
            return _Visit(connection, view, cursor.last_uid, is_renumbered=False)
        if cursor is not None:
            facts = {"action": "renumbered", "mailbox": self._settings.name, "folder": self._settings.folder}
            log.warning("the server has renumbered a folder; its mail is compared with what is stored", extra=facts)
        return _Visit(connection, view, 0, is_renumbered=cursor is not None)

    def _advance(self, visit: _Visit, uid: int) -> None:
        # The cursor of a renumbered folder stays the old one until all of it is compared: else a crash half-way would
        # make the rest look like new mail.
        reached = min(uid, *(later - 1 for later in visit.later)) if visit.later else uid
        if reached > visit.last:
            visit.last = reached
            if not visit.is_renumbered:
                self._set_cursor(visit, reached)

    def _set_cursor(self, visit: _Visit, uid: int) -> None:
        cursor = Cursor(visit.view.uid_validity, uid)
        with self._database.write() as db:
            store.mailboxes.set_cursor(db, self._settings.name, self._settings.folder, cursor)

    def _groups(self, visit: _Visit, chunk: Sequence[int]) -> Iterator[list[int]]:
        """Lists of new mails that are small enough to be in memory together; suspects are put off."""
        stored = self._stored(visit, chunk)
        self._finish(visit, [uid for uid in chunk if uid in stored])
        new = [uid for uid in chunk if uid not in stored]
        visit.later.update(uid for uid in new if (visit.view.uid_validity, uid) in self._suspects)
        fresh = [uid for uid in new if uid not in visit.later]
        sizes = visit.connection.sizes(fresh) if fresh else {}
        group: list[int] = []
        octets = 0
        for uid in fresh:
            size = sizes.get(uid, 0)
            if size > self._settings.message_size:
                if group:
                    yield group
                group, octets = [], 0
                self._take_stand_in(visit, uid, f"is larger than this mailbox takes ({size} octets)", size)
                continue
            if group and (len(group) == _GROUP_MAILS or octets + size > _GROUP_OCTETS):
                yield group
                group, octets = [], 0
            group.append(uid)
            octets += size
        if group:
            yield group
