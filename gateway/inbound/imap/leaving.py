"""Leaves on the server what the first visit of a mailbox is not to take in, and knows it again. It fetches no mail."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway import store
from gateway.inbound.imap.connection import Connection, RefusedError, View
from gateway.inbound.imap.intake import Intake, chunks, place
from gateway.inbound.settings import FirstVisit
from gateway.store.mailboxes import Cursor

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Leaving:
    """Of one mailbox. What was left has a row, by which the comparison knows that it was not lost.

    `wall` gives the seconds since 1970.
    """

    intake: Intake
    wall: Callable[[], float] = time.time

    def begin(
        self, connection: Connection, view: View, is_stopping: Callable[[], bool], *, is_blind: bool = False
    ) -> Cursor | None:
        """From where the folder is read: whatever is not to be taken is left, and this is remembered.

        None when there was no time for it; then it is decided again. Blind, it looks at no mail, for one might break
        the line; what was left is then not known again when the folder is renumbered.

        Raises:
            TemporaryError: the connection is broken, or the server would not.
        """
        settings = self.intake.settings
        left = 0
        if settings.first_visit is not FirstVisit.ALL:
            where = place(settings.folder, view)
            with self.intake.database.write() as db:
                store.left.forget(db, self.intake.source, where)
            for chunk in _listed(connection, view):
                if is_stopping():
                    return None
                old = self._old(connection, view, chunk)
                said = {} if is_blind else _identities(connection, old)
                self._note(where, {uid: said.get(uid, "") for uid in old})
                left += len(old)
        cursor = Cursor(view.uid_validity, 0)
        with self.intake.database.write() as db:
            store.mailboxes.set_cursor(db, settings.name, settings.folder, cursor)
        facts = {"action": "first visit", "mailbox": settings.name, "folder": settings.folder, "mails": view.mails}
        decided = {"first_visit": settings.first_visit.value, "left": left}
        log.info("a mailbox is read for the first time", extra={**facts, **decided})
        return cursor

    def known(self, where: str, uids: Sequence[int]) -> set[int]:
        """Those of the mails in a place that were left there."""
        keys = {f"{where}/{uid}": uid for uid in uids}
        with self.intake.database.read() as db:
            if not keys or not store.left.is_any(db, self.intake.source):
                return set()
            return {keys[key] for key in store.left.known(db, self.intake.source, keys)}

    def recognised(self, connection: Connection, where: str, uids: Sequence[int]) -> set[int]:
        """The same for a place where they lie under other UIDs than when they were left."""
        known = self.known(where, uids)
        rest = [uid for uid in uids if uid not in known]
        with self.intake.database.read() as db:
            if not rest or not store.left.is_any(db, self.intake.source):
                return known
        said = _identities(connection, rest)
        with self.intake.database.read() as db:
            left = store.left.identities(db, self.intake.source, {each for each in said.values() if each})
        found = {uid: each for uid, each in said.items() if each in left}
        if self.intake.is_open:
            self._note(where, found)
        return known | found.keys()

    def _old(self, connection: Connection, view: View, uids: Sequence[int]) -> Sequence[int]:
        """Those that are left. What the server does not say to be dealt with is taken."""
        if self.intake.settings.first_visit is FirstVisit.NEW:
            return uids
        today = datetime.fromtimestamp(self.wall(), UTC).date()
        handled = {uid for found in connection.handled(view, uids[0], uids[-1], today) for uid in found}
        return [uid for uid in uids if uid in handled]

    def _note(self, where: str, mails: dict[int, str]) -> None:
        if mails:
            with self.intake.database.write() as db:
                store.left.note(db, self.intake.source, {f"{where}/{uid}": each for uid, each in mails.items()})


def _listed(connection: Connection, view: View) -> Iterator[Sequence[int]]:
    """The UIDs of what lay there when the folder was selected, in lists that one command may name."""
    last = view.uid_next - 1 if view.uid_next else connection.last_uid(view, 0)
    is_any = False
    for uids in connection.uids(view, 1, last):
        is_any |= bool(uids)
        yield from chunks(uids)
    if view.mails and not is_any:
        raise RefusedError(f"the server lists none of its {view.mails} mails")


def _identities(connection: Connection, uids: Sequence[int]) -> dict[int, str]:
    """As far as the server says them: of a mail without one it is not known that it was left, once it is renumbered."""
    try:
        return connection.identities(uids) if uids else {}
    except RefusedError:
        return {}
