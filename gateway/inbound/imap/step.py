"""What happens on the server to mail that is stored here: flag, move or delete. It never hinders reading."""

import logging
from collections.abc import Iterator, Mapping, Sequence

from gateway.inbound.imap.connection import Connection, RefusedError, View
from gateway.inbound.settings import After, MailboxSettings

log = logging.getLogger(__name__)


class Step:
    """One mailbox's step. `is_due` says that mail which was stored earlier may still wait for it."""

    def __init__(self, settings: MailboxSettings) -> None:
        self._settings = settings
        self._folder = ""  # where stored mail goes, once it is known to exist
        self._is_refused = self._is_flagless = False
        self.is_due = True

    def renew(self) -> None:
        """A new connection: what was begun on the last one may be unfinished."""
        self._folder, self.is_due = "", True

    def unfinished(self, connection: Connection, view: View, last: int) -> Iterator[list[int]]:
        """The UIDs up to `last` that look as if the step was not taken yet; mail not stored is among them."""
        self.is_due = False
        if last < 1 or (self._settings.after is After.FLAG and not view.keeps_flag):
            return
        yield from connection.uids(view, 1, last, self._unfinished(connection))

    def take(self, connection: Connection, view: View, uids: Sequence[int]) -> Mapping[int, str]:
        """Taken, unless the server will not: then one alarm is logged, and the step is due.

        Under which keys moved mails lie now, as far as the server says it.
        """
        if not uids:
            return {}
        facts = {"action": self._settings.after, "mailbox": self._settings.name}
        try:
            moved = self._take(connection, view, uids)
        except RefusedError as error:
            self._folder, self.is_due = "", True
            if not self._is_refused:
                self._is_refused = True
                log.error(  # noqa: TRY400 - the server's words say it all
                    "stored mail cannot be flagged, moved or deleted on the server; it is tried again",
                    extra={**facts, "reason": str(error)},
                )
            return {}
        if self._is_refused:
            self._is_refused = False
            log.warning("stored mail is flagged, moved or deleted on the server again", extra=facts)
        return moved

    def _unfinished(self, connection: Connection) -> Sequence[str]:
        match self._settings.after:
            case After.FLAG:
                return connection.unflagged()
            case After.DELETE if connection.can_expunge():
                return ()
            case After.MOVE | After.DELETE:  # one that is marked was copied before, or can only be marked
                return ["UNDELETED"]

    def _take(self, connection: Connection, view: View, uids: Sequence[int]) -> Mapping[int, str]:
        match self._settings.after:
            case After.FLAG if view.keeps_flag:
                connection.flag(uids)
            case After.FLAG:
                self._tell_flagless()
            case After.MOVE:
                self._folder = self._folder or connection.ensure_folder(self._settings.processed_folder)
                return {uid: f"{self._folder}/{where}" for uid, where in connection.move(uids, self._folder).items()}
            case After.DELETE:
                connection.delete(uids)
        return {}

    def _tell_flagless(self) -> None:
        if not self._is_flagless:
            self._is_flagless = True
            facts = {"action": "flag", "mailbox": self._settings.name, "flag": self._settings.flag}
            log.warning("the server keeps no such flag; stored mail is left as it is", extra=facts)
