"""Compares a mailbox's folders with the ledger, and fetches what it lacks. What a difference means, the desk says.

The reading never looks behind its cursor. This does: whatever lies there must be in the ledger under its UID, or, where
the folder was renumbered or the mail was moved, under another key with the same bytes. A mail that is not was lost: the
database was mended or restored by hand, or the cursor went too far.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway import store
from gateway.inbound.imap.connection import Connection, RefusedError, View
from gateway.inbound.imap.intake import Intake, chunks, groups, place
from gateway.inbound.imap.leaving import Leaving
from gateway.inbound.settings import After, MailboxSettings
from gateway.store.engine import Database
from gateway.store.mailboxes import Cursor
from gateway.store.sightings import Compared
from gateway.tickets.model import SpoolId

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of one mailbox. Lost mail is taken in where its intake is open; else nothing is changed, here or there."""

    intake: Intake
    is_stopping: Callable[[], bool] = lambda: False

    def folders(self, connection: Connection) -> Iterator[Compared]:
        """How each folder compares: the one that is read, and the one where its mail is moved to.

        Raises:
            TemporaryError: the connection is broken, or the server would not.
        """
        for compare in (self._read_folder, self._processed_folder):
            compared = compare(connection)
            if compared is not None:
                yield compared

    def _read_folder(self, connection: Connection) -> Compared | None:
        """Mail up to the cursor. What is behind it, or in a folder renumbered or rewound, the next visit reads."""
        folder = self.intake.settings.folder
        view = connection.select(readonly=not self.intake.is_open)
        cursor = self._cursor(folder)
        if cursor is None or cursor.uidvalidity != view.uid_validity:
            return None
        if not cursor.last_uid or 0 < view.uid_next <= cursor.last_uid:
            return None
        return self._compared(connection, place(folder, view, cursor.era), 1, cursor.last_uid, view)

    def _processed_folder(self, connection: Connection) -> Compared | None:
        """Mail that came after we first looked: what lay there before, others have put there."""
        settings = self.intake.settings
        if settings.after is not After.MOVE or settings.processed_folder == settings.folder:
            return None
        find = connection.ensure_folder if self.intake.is_open else connection.find_folder
        folder = find(settings.processed_folder)
        if not folder:
            return None
        view = connection.select(folder, readonly=not self.intake.is_open)
        first = self._cursor(folder)
        if first is None or first.uidvalidity != view.uid_validity:
            self._begin(connection, folder, view, is_renumbered=first is not None)
            return None
        return self._compared(connection, place(folder, view), first.last_uid + 1, 0, view)

    def _begin(self, connection: Connection, folder: str, view: View, *, is_renumbered: bool) -> None:
        if not self.intake.is_open:
            return
        last = max((uid for uids in connection.uids(view, 1) for uid in uids), default=0)
        with self.intake.database.write() as db:
            cursor = Cursor(view.uid_validity, max(last, view.uid_next - 1))
            store.mailboxes.set_cursor(db, self.intake.settings.name, folder, cursor)
        if is_renumbered:
            facts = {"action": "renumbered", "mailbox": self.intake.settings.name, "folder": folder}
            log.warning("the server has renumbered a folder of processed mail; it is compared from now on", extra=facts)

    def _compared(self, connection: Connection, where: str, first: int, last: int, view: View) -> Compared:
        with self.intake.database.read() as db:
            inside = store.sightings.count(db, self.intake.source, where)
        so_far = Compared(self.intake.settings.name, where.rpartition("/")[0])
        present = 0
        for chunk in (chunk for uids in connection.uids(view, first, last) for chunk in chunks(uids)):
            unknown = self.intake.unknown(where, chunk)
            present += len(chunk) - len(unknown)
            left = Leaving(self.intake).recognised(connection, where, unknown)
            so_far = replace(so_far, listed=so_far.listed + len(chunk), left=so_far.left + len(left))
            so_far = self._judged(connection, where, [uid for uid in unknown if uid not in left], so_far)
            if self.is_stopping():
                return so_far
        return replace(so_far, gone=max(inside - present, 0))

    def _judged(self, connection: Connection, where: str, unknown: Sequence[int], so_far: Compared) -> Compared:
        sizes = connection.sizes(unknown) if unknown else {}
        most = self.intake.settings.message_size
        for uid in (uid for uid, size in sizes.items() if size > most):
            so_far = self._judged_large(connection, where, uid, so_far)
        for group in groups([uid for uid, size in sizes.items() if size <= most], sizes):
            so_far = self._judged_group(connection, where, group, so_far)
        return so_far

    def _judged_group(self, connection: Connection, where: str, group: Sequence[int], so_far: Compared) -> Compared:
        bodies = _handed_out(connection, group)
        found = self.intake.recognised(bodies)
        lost = {uid: raw for uid, raw in bodies.items() if uid not in found}
        fetched: Sequence[SpoolId] = ()
        self.intake.note(where, found)
        if self.intake.is_open:
            fetched = self.intake.store(where, lost)
        return replace(
            so_far,
            found=so_far.found + len(found),
            lost=so_far.lost + len(lost),
            fetched=(*so_far.fetched, *fetched),
            unread=so_far.unread + len(group) - len(bodies),
        )

    def _judged_large(self, connection: Connection, where: str, uid: int, so_far: Compared) -> Compared:
        """A mail too large to be fetched: in its place the ledger has its header."""
        header = connection.header(uid)
        if self.intake.has_stand_in(where, uid, header):
            if self.intake.is_open:
                self.intake.stand_in(where, uid, header, "")
            return replace(so_far, found=so_far.found + 1)
        if not self.intake.is_open:
            return replace(so_far, lost=so_far.lost + 1)
        spool_id = self.intake.stand_in(where, uid, header, "it is larger than this mailbox takes")
        return replace(so_far, lost=so_far.lost + 1, fetched=(*so_far.fetched, spool_id))

    def _cursor(self, folder: str) -> Cursor | None:
        with self.intake.database.read() as db:
            return store.mailboxes.cursor(db, self.intake.settings.name, folder)


def compare(settings: MailboxSettings, database: Database) -> tuple[Compared, ...]:
    """How the folders of a mailbox compare with the ledger now. Nothing is changed, here or on the server.

    Raises:
        PermanentError: the login is refused.
        TemporaryError: the server is not reached, or does not work.
    """
    with Connection(settings) as connection:
        connection.log_in()
        return tuple(Comparison(Intake(settings, database)).folders(connection))


def _handed_out(connection: Connection, group: Sequence[int]) -> Mapping[int, bytes]:
    """The bodies that the server hands out, one by one when it refuses them together."""
    try:
        return connection.bodies(group)
    except RefusedError:
        if len(group) == 1:
            return {}
    return {uid: raw for one in group for uid, raw in _handed_out(connection, [one]).items()}
