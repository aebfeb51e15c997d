"""Reads one IMAP folder into the spool, each mail once. When to look, and what to do when it fails, is the mailbox's.

The order is the promise: stored and committed, then the cursor, then the server. A crash anywhere repeats steps that do
no harm when repeated: keys are unique, the cursor only saves work, and mail that the server still shows is dealt with.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gateway import store
from gateway.errors import TemporaryError
from gateway.inbound.imap import rewinding
from gateway.inbound.imap.connection import Connection, RefusedError, View
from gateway.inbound.imap.intake import Intake, chunks, groups, place
from gateway.inbound.imap.leaving import Leaving
from gateway.inbound.imap.step import Step
from gateway.store.mailboxes import Cursor
from gateway.store.sightings import Compared
from gateway.tickets.model import SpoolId

log = logging.getLogger(__name__)

_STRIKES = 5
_BEGINNINGS = 3  # that may break off before a mail is suspected of it


@dataclass(frozen=True, slots=True)
class _Suspicion:
    """A mail that could not be fetched: `tries` in vain, `strikes` of them after other mail was handed out since."""

    handed_out: int
    tries: int = 0
    strikes: int = 0


@dataclass(slots=True)
class _Visit:
    """One look. What lies up to `last` is dealt with, up to `reached` too but for `later`: those are fetched alone.

    In a folder that was renumbered nothing is known by its UID; in one that was `rewound` neither, and the server did
    not say so. `fetched` is then what was not in the spool.
    """

    connection: Connection
    view: View
    folder: str
    last: int
    era: int = 0
    is_renumbered: bool = False
    is_rewound: bool = False
    reached: int = 0
    later: set[int] = field(default_factory=set)
    listed: int = 0
    fetched: list[SpoolId] = field(default_factory=list)

    @property
    def place(self) -> str:
        """Where its UIDs name mails."""
        return place(self.folder, self.view, self.era)


class Reading:
    """What is remembered of one folder from visit to visit. `is_stopping` is asked between mails.

    `tell` hears of a folder whose server was restored from its own backup, once all of it was compared.
    """

    def __init__(
        self, intake: Intake, is_stopping: Callable[[], bool], tell: Callable[[Compared], object] = lambda _: None
    ) -> None:
        self._settings, self._database = intake.settings, intake.database
        self._intake, self._is_stopping, self._tell = intake, is_stopping, tell
        self._leaving, self._beginnings = Leaving(intake), 0
        self._is_new_line = True
        self._step = Step(intake.settings)
        self._suspects: dict[tuple[int, int], _Suspicion] = {}
        self._handed_out = 0

    def renew(self) -> None:
        """A new connection is there."""
        self._is_new_line = True
        self._step.renew()

    def visit(self, connection: Connection) -> None:
        """All that is new is stored, and the step taken for it.

        Raises:
            TemporaryError: something is left to do; what was done is remembered.
        """
        visit = self._begin(connection)
        if visit is None:
            return
        if self._step.is_due:
            self._finish_earlier(visit)
        for uids in connection.uids(visit.view, visit.last + 1):
            for chunk in chunks(uids):
                self._take_chunk(visit, chunk)
                if self._is_stopping():
                    return
        self._take_suspects(visit)
        if visit.is_renumbered:
            self._set_cursor(visit)
        if visit.is_rewound:
            name, fetched = self._settings.name, tuple(visit.fetched)
            self._tell(Compared(name, visit.folder, listed=visit.listed, fetched=fetched, is_rewound=True))

    def _begin(self, connection: Connection) -> _Visit | None:
        view, folder = connection.select(), self._settings.folder
        with self._database.read() as db:
            cursor = store.mailboxes.cursor(db, self._settings.name, folder)
        if cursor is None:
            cursor = self._begin_first(connection, view)
            return _Visit(connection, view, folder, cursor.last_uid) if cursor is not None else None
        facts = {"action": "renumbered", "mailbox": self._settings.name, "folder": folder}
        if cursor.uidvalidity != view.uid_validity:
            log.warning("the server has renumbered a folder; its mail is compared with what is stored", extra=facts)
            return _Visit(connection, view, folder, 0, is_renumbered=True)
        view = rewinding.believed(connection, view, cursor)
        if rewinding.is_rewound(connection, self._intake, view, cursor, is_new_line=self._is_new_line):
            log.warning("the server gives UIDs a second time; its mail is compared with what is stored", extra=facts)
            return _Visit(connection, view, folder, 0, cursor.era + 1, is_renumbered=True, is_rewound=True)
        self._is_new_line = False
        return _Visit(connection, view, folder, cursor.last_uid, cursor.era)

    def _begin_first(self, connection: Connection, view: View) -> Cursor | None:
        self._beginnings += 1
        is_blind = self._beginnings > _BEGINNINGS
        return self._leaving.begin(connection, view, self._is_stopping, is_blind=is_blind)

    def _finish_earlier(self, visit: _Visit) -> None:
        for uids in self._step.unfinished(visit.connection, visit.view, visit.last):
            for chunk in chunks(uids):
                self._take_step(visit, self._stored(visit, chunk))

    def _take_chunk(self, visit: _Visit, chunk: Sequence[int]) -> None:
        visit.listed += len(chunk)
        stored = self._stored(visit, chunk)
        self._take_step(visit, stored)
        new = self._wanted(visit, sorted({*chunk} - {*stored}))
        visit.later.update(uid for uid in new if (visit.view.uid_validity, uid) in self._suspects)
        fresh = [uid for uid in new if uid not in visit.later]
        sizes = visit.connection.sizes(fresh)
        for uid in fresh:
            if sizes.get(uid, 0) > self._settings.message_size:
                self._take_stand_in(visit, uid, f"it has {sizes[uid]} octets, more than this mailbox takes")
        for group in groups([uid for uid in fresh if sizes.get(uid, 0) <= self._settings.message_size], sizes):
            self._take_group(visit, group)
            if self._is_stopping():
                return
        self._advance(visit, chunk[-1])

    def _wanted(self, visit: _Visit, new: Sequence[int]) -> list[int]:
        if visit.is_renumbered:
            left = self._leaving.recognised(visit.connection, visit.place, new)
        else:
            left = self._leaving.known(visit.place, new)
        return [uid for uid in new if uid not in left]

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
        self._advance(visit, group[-1])
        self._take_step(visit, list(bodies))

    def _take_suspects(self, visit: _Visit) -> None:
        """Alone and last, so that a mail which the server cannot hand out keeps no other waiting."""
        failure: RefusedError | None = None
        for uid in sorted(visit.later, key=lambda uid: self._suspicion(visit, uid).tries):
            try:
                bodies = self._take_suspect(visit, uid)
            except TemporaryError as error:
                self._suspect(visit, uid)
                if not isinstance(error, RefusedError):
                    raise
                failure = error
                continue
            self._suspects.pop((visit.view.uid_validity, uid), None)
            visit.later.discard(uid)
            self._advance(visit, uid)
            self._take_step(visit, list(bodies))
        if failure is not None:
            raise failure

    def _take_suspect(self, visit: _Visit, uid: int) -> Mapping[int, bytes]:
        if self._suspicion(visit, uid).strikes >= _STRIKES:
            self._take_stand_in(visit, uid, "the server does not hand it out")
            return {}
        bodies = visit.connection.bodies([uid])
        if not bodies and uid in visit.connection.sizes([uid]):
            raise RefusedError(f"the server hands out nothing of the mail with UID {uid}")
        self._store(visit, bodies)  # nothing, when the mail was expunged meanwhile
        return bodies

    def _suspicion(self, visit: _Visit, uid: int) -> _Suspicion:
        return self._suspects.get((visit.view.uid_validity, uid), _Suspicion(self._handed_out))

    def _suspect(self, visit: _Visit, uid: int) -> None:
        # Only what happens while other mail is handed out speaks against this one; else it is the server or the line.
        old = self._suspicion(visit, uid)
        strikes = old.strikes + (self._handed_out > old.handed_out)
        self._suspects[visit.view.uid_validity, uid] = _Suspicion(old.handed_out, old.tries + 1, strikes)

    def _store(self, visit: _Visit, bodies: Mapping[int, bytes]) -> None:
        known = self._intake.recognised(bodies) if visit.is_renumbered else {}
        self._intake.note(visit.place, known)
        visit.fetched += self._intake.store(visit.place, {uid: raw for uid, raw in bodies.items() if uid not in known})
        self._handed_out += len(bodies)

    def _take_stand_in(self, visit: _Visit, uid: int, reason: str) -> None:
        is_safe = self._suspicion(visit, uid).strikes <= _STRIKES
        header = visit.connection.header(uid) if is_safe else b""
        self._intake.stand_in(visit.place, uid, header, reason)

    def _take_step(self, visit: _Visit, uids: Sequence[int]) -> None:
        self._intake.note_moved(visit.place, self._step.take(visit.connection, visit.view, uids))

    def _stored(self, visit: _Visit, uids: Sequence[int]) -> list[int]:
        return self._intake.stored(visit.place, uids)

    def _advance(self, visit: _Visit, uid: int) -> None:
        visit.reached = max(visit.reached, uid)
        last = min(visit.reached, *(each - 1 for each in visit.later)) if visit.later else visit.reached
        if last > visit.last:
            visit.last = last
            # The cursor of a renumbered folder stays the old one until all of it is compared, else a crash half-way
            # would make the rest look like new mail.
            if not visit.is_renumbered:
                self._set_cursor(visit)

    def _set_cursor(self, visit: _Visit) -> None:
        cursor = Cursor(visit.view.uid_validity, visit.last, visit.era)
        with self._database.write() as db:
            store.mailboxes.set_cursor(db, self._settings.name, self._settings.folder, cursor)
