"""Reads one IMAP folder into the spool, each mail once. When to look, and what to do when it fails, is the mailbox's.

The order is the promise: stored and committed, then the cursor, then the server. A crash anywhere repeats steps that do
no harm when repeated: keys are unique, the cursor only saves work, and mail that the server still shows is dealt with.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gateway import store
from gateway.errors import TemporaryError
from gateway.inbound import trace
from gateway.inbound.accept import Acceptor
from gateway.inbound.imap.connection import Connection, RefusedError, View
from gateway.inbound.imap.step import Step
from gateway.inbound.settings import MailboxSettings
from gateway.store.engine import Database
from gateway.store.mailboxes import Cursor
from gateway.store.spool import Arrival

log = logging.getLogger(__name__)

_CHUNK_UIDS = 500  # a command names them all, and servers bound its length
_GROUP_MAILS = 50
_GROUP_OCTETS = 8 * 1024 * 1024
_STRIKES = 5


@dataclass(frozen=True, slots=True)
class _Suspicion:
    """A mail that could not be fetched: `tries` in vain, `strikes` of them after other mail was handed out since."""

    handed_out: int
    tries: int = 0
    strikes: int = 0


@dataclass(slots=True)
class _Visit:
    """One look: everything up to `last` is dealt with; `later` are mails to be fetched alone, at the end."""

    connection: Connection
    view: View
    last: int
    is_renumbered: bool
    later: set[int] = field(default_factory=set)


class Reading:
    """What is remembered of one folder from visit to visit. `is_stopping` is asked between mails."""

    def __init__(
        self, settings: MailboxSettings, database: Database, acceptor: Acceptor, is_stopping: Callable[[], bool]
    ) -> None:
        self._settings, self._database, self._acceptor, self._is_stopping = settings, database, acceptor, is_stopping
        self._source = f"imap:{settings.name}"
        self._step = Step(settings)
        self._suspects: dict[tuple[int, int], _Suspicion] = {}
        self._handed_out = 0

    def renew(self) -> None:
        """A new connection is there."""
        self._step.renew()

    def visit(self, connection: Connection) -> None:
        """All that is new is stored, and the step taken for it.

        Raises:
            TemporaryError: something is left to do; what was done is remembered.
        """
        visit = self._begin(connection)
        if self._step.is_due:
            self._finish_earlier(visit)
        for uids in connection.uids(visit.view, visit.last + 1):
            for chunk in _chunks(uids):
                self._take_chunk(visit, chunk)
                if self._is_stopping():
                    return
        self._take_suspects(visit)
        if visit.is_renumbered:
            self._set_cursor(visit)

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

    def _finish_earlier(self, visit: _Visit) -> None:
        for uids in self._step.unfinished(visit.connection, visit.view, visit.last):
            for chunk in _chunks(uids):
                self._step.take(visit.connection, visit.view, self._stored(visit, chunk))

    def _take_chunk(self, visit: _Visit, chunk: Sequence[int]) -> None:
        stored = self._stored(visit, chunk)
        self._step.take(visit.connection, visit.view, stored)
        new = [uid for uid in chunk if uid not in set(stored)]
        visit.later.update(uid for uid in new if (visit.view.uid_validity, uid) in self._suspects)
        fresh = [uid for uid in new if uid not in visit.later]
        sizes = visit.connection.sizes(fresh)
        for uid in fresh:
            if sizes.get(uid, 0) > self._settings.message_size:
                self._take_stand_in(visit, uid, f"it has {sizes[uid]} octets, more than this mailbox takes")
        for group in _groups([uid for uid in fresh if sizes.get(uid, 0) <= self._settings.message_size], sizes):
            self._take_group(visit, group)
            self._advance(visit, group[-1])
            if self._is_stopping():
                return
        self._advance(visit, chunk[-1])

    def _take_group(self, visit: _Visit, group: Sequence[int]) -> None:
        try:
            bodies = visit.connection.bodies(group)
        except RefusedError:
            bodies = {}
        except TemporaryError:
            for uid in group:
                self._suspect(visit, uid)
            raise
        for uid in group:
            if uid not in bodies:
                self._suspect(visit, uid)
                visit.later.add(uid)
        self._store(visit, bodies)

    def _take_suspects(self, visit: _Visit) -> None:
        """Alone and last, so that a mail which the server cannot hand out keeps no other waiting."""
        failure: TemporaryError | None = None
        for uid in sorted(visit.later, key=lambda uid: self._suspicion(visit, uid).tries):
            try:
                if not self._take_suspect(visit, uid):
                    failure = TemporaryError(f"the server does not hand out the mail with UID {uid}")
                    continue
            except RefusedError as error:
                self._suspect(visit, uid)
                failure = error
                continue
            except TemporaryError:
                self._suspect(visit, uid)
                raise
            self._suspects.pop((visit.view.uid_validity, uid), None)
            visit.later.discard(uid)
            self._advance(visit, uid)
        if failure is not None:
            raise failure
