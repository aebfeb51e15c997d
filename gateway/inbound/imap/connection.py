"""One connection to one IMAP folder, in words of ours. What to fetch and what becomes of it is said by the mailbox."""

import contextlib
import logging
import select
import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from imapclient import SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError, ProtocolError

from gateway.errors import PermanentError, TemporaryError
from gateway.inbound.imap import identity
from gateway.inbound.imap.line import BoundedClient, is_ahead
from gateway.inbound.settings import FirstVisit, MailboxSettings, Tls

_CONNECT_SECONDS = 10
_REPLY_OCTETS = 32 * 1024 * 1024  # and twice the largest mail: sizes that servers tell are not to be relied on
_SEARCH_UIDS = 50_000  # the library takes lines of 1,000,000 octets, and SEARCH answers with one
_NEAR_UIDS = 1000
_FRESH = timedelta(days=1)  # servers compare days, each by its own clock
_HEADER_OCTETS = 256 * 1024
_PASSING = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")  # RFC 5530 §3

_BROKEN = (
    IMAPClientAbortError,
    ProtocolError,
    OSError,
    ValueError,  # replies that make no sense
    AttributeError,  # no CAPABILITY at all
    LookupError,  # no EXISTS at all
    TypeError,  # a word where a list should be
    RecursionError,  # lists in lists in lists
    MemoryError,  # a literal of a size that no mail has
)


class RefusedError(TemporaryError):
    """The server said NO or BAD to one command; the connection is well."""


@dataclass(frozen=True, slots=True)
class View:
    """The folder as it was selected. `uid_next` is 0 where the server does not say it."""

    uid_validity: int
    uid_next: int
    mails: int
    keeps_flag: bool


class Connection:
    """A connection. `search_uids` bounds the range of one search in a large folder.

    Methods raise TemporaryError when the connection is broken, and RefusedError when the server would not.
    """

    def __init__(self, settings: MailboxSettings, search_uids: int = _SEARCH_UIDS) -> None:
        logging.getLogger("imapclient").setLevel(logging.WARNING)  # far below that the library logs every line
        self._settings, self._search_uids = settings, search_uids
        self._server = f"{settings.host}:{settings.port}"
        with self._translated("be reached"):
            self._client = _client(settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        if failure is not None:
            self.cut()  # a server that does not answer would not answer LOGOUT either
        self._close()

    def _close(self) -> None:
        try:
            self._client.logout()
        except (IMAPClientError, *_BROKEN):
            with contextlib.suppress(OSError):
                self._client.shutdown()

    def cut(self) -> None:
        """Whatever another thread waits for on this connection fails at once."""
        with contextlib.suppress(OSError):
            self._client.socket().shutdown(socket.SHUT_RDWR)

    def log_in(self) -> None:
        """Logged in, over TLS where that is asked for.

        Raises:
            PermanentError: the server knows no such user or password.
        """
        user, password = self._settings.user, self._settings.password
        try:
            with self._translated("log in"):
                if self._settings.tls is Tls.STARTTLS:
                    self._client.starttls(_context(self._settings))
                if self._has("LOGINDISABLED") or not (user + password).isascii():
                    self._client.plain_login(user, password)
                else:
                    self._client.login(user, password)
        except RefusedError as error:
            reply = str(error.__cause__)
            if isinstance(error.__cause__, LoginError) and not any(code in reply for code in _PASSING):
                raise PermanentError(f"{self._server} refuses the login of {user!r}: {reply}") from error
            raise

    def select(self, folder: str = "", *, readonly: bool = False) -> View:
        """The mailbox's folder or another, selected anew; that also frees what the library has gathered of remarks."""
        folder = folder or self._settings.folder
        with self._translated(f"select the folder {folder!r}"):
            said = self._client.select_folder(folder, readonly)
            self._news()
            return View(
                uid_validity=int(said.get(b"UIDVALIDITY", 0)),
                uid_next=int(said.get(b"UIDNEXT", 0)),
                mails=int(said[b"EXISTS"]),
                keeps_flag=self._keeps(said.get(b"PERMANENTFLAGS")),
            )

    def uids(self, view: View, first: int, last: int = 0, only: Sequence[str | date] = ()) -> Iterator[list[int]]:
        """The UIDs from `first` to `last` (0: the newest), ascending, in lists of bounded length; `only` such mails."""
        end = last or view.uid_next - 1
        if not view.mails or 0 <= end < first:
            return
        if view.mails <= self._search_uids or end < 0:
            yield self._search(first, last, only)
            return
        for low in range(first, end + 1, self._search_uids):
            yield self._search(low, min(low + self._search_uids - 1, end), only)

    def handled(self, view: View, first: int, last: int, today: date) -> Iterator[list[int]]:
        """The same of mail that is dealt with, as far as flags tell: read, and answered or not of these two days."""
        yield from self.uids(view, first, last, ["SEEN", "OR", "ANSWERED", "BEFORE", today - _FRESH])

    def last_uid(self, view: View, last: int) -> int:
        """The highest UID up to `last` that a mail has; 0 when none has."""
        for first in (max(last - _NEAR_UIDS, 1), 1):
            found = max((uid for uids in self.uids(view, first, last) for uid in uids), default=0)
            if found:
                return found
        return 0

    def unflagged(self) -> Sequence[str]:
        """The search for mail without the mailbox's flag."""
        flag = self._settings.flag
        return [f"UN{flag[1:].upper()}"] if flag.startswith("\\") else ["UNKEYWORD", flag]

    def can_expunge(self) -> bool:
        """Whether one mail can be expunged and others left (RFC 4315)."""
        with self._translated("tell its capabilities"):
            return self._has("UIDPLUS")

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Octets of each mail that is there, as the server counts them."""
        with self._translated("tell sizes"):
            said = self._client.fetch(uids, ["RFC822.SIZE"])
        return {uid: facts[b"RFC822.SIZE"] for uid, facts in said.items() if isinstance(facts.get(b"RFC822.SIZE"), int)}

    def bodies(self, uids: Sequence[int]) -> dict[int, bytes]:
        """The octets of each mail that the server hands out; nobody sees that we read it."""
        with self._translated("hand out mail"):
            said = self._client.fetch(uids, ["BODY.PEEK[]"])
        return {uid: facts[b"BODY[]"] for uid, facts in said.items() if isinstance(facts.get(b"BODY[]"), bytes)}

    def header(self, uid: int) -> bytes:
        """The first octets of the mail's header; empty when the server does not hand it out."""
        with self._translated("hand out a header"):
            facts = self._client.fetch([uid], [f"BODY.PEEK[HEADER]<0.{_HEADER_OCTETS}>"]).get(uid, {})
        parts = [value for key, value in facts.items() if key.startswith(b"BODY[HEADER]")]
        return parts[0] if parts and isinstance(parts[0], bytes) else b""

    def identities(self, uids: Sequence[int]) -> dict[int, str]:
        """What each mail is known by (see `identity`); empty for one that has nothing to be known by."""
        with self._translated("hand out fields"):
            said = self._client.fetch(uids, [f"BODY.PEEK[HEADER.FIELDS ({' '.join(identity.FIELDS)})]"])
        parts = {uid: value for uid, facts in said.items() for key, value in facts.items() if b"HEADER.FIELDS" in key}
        return {uid: identity.of(part) for uid, part in parts.items() if isinstance(part, bytes)}

    def flag(self, uids: Sequence[int]) -> None:
        """The mailbox's flag is set."""
        with self._translated("set the flag"):
            self._client.add_flags(uids, [self._settings.flag], silent=True)

    def move(self, uids: Sequence[int], folder: str) -> dict[int, str]:
        """The mails lie in `folder`; without MOVE (RFC 6851) they are copied, then deleted.

        Of each its `UIDVALIDITY/UID` there, as far as the server says it (RFC 4315 §3).
        """
        with self._translated(f"move mail to {folder!r}"):
            self._copies()  # what was said before is not about these
            if self._has("MOVE"):
                self._client.move(uids, folder)
                return self._copies()
            self._client.copy(uids, folder)
            copies = self._copies()
        self.delete(uids)
        return copies

    def delete(self, uids: Sequence[int]) -> None:
        """The mails are gone; without UIDPLUS (RFC 4315) they are only marked, for EXPUNGE would take others' too."""
        with self._translated("delete mail"):
            self._client.add_flags(uids, ["\\Deleted"], silent=True)
            if self._has("UIDPLUS"):
                self._client.uid_expunge(uids)

    def find_folder(self, folder: str) -> str:
        """The name under which `folder` exists, for the server may want its own prefix before it; empty if nowhere."""
        with self._translated(f"look for the folder {folder!r}"):
            return next((name for name in self._names(folder) if self._client.folder_exists(name)), "")

    def ensure_folder(self, folder: str) -> str:
        """The name under which `folder` exists, created if it did not."""
        if found := self.find_folder(folder):
            return found
        with self._translated(f"create the folder {folder!r}"):
            names = self._names(folder)
            for name in names[:-1]:
                with contextlib.suppress(IMAPClientError):
                    self._client.create_folder(name)
                    return name
            self._client.create_folder(names[-1])
            return names[-1]

    def wait(self, seconds: float, wake: int) -> None:
        """Returns when the server tells of a change, after `seconds`, or when the file descriptor `wake` is readable.

        IDLE is left in any case, so a dead server is found out (the library's own `idle_check` spins on a closed
        line, breaks on a line in two packets, and misses what comes together with the server's consent).
        """
        waiting = select.poll()
        waiting.register(wake, select.POLLIN)
        with self._translated("idle"):
            if not (self._settings.idle and self._has("IDLE")):
                waiting.poll(seconds * 1000)
                return
            self._idle()
            if not self._news() and not is_ahead(self._client._imap):  # noqa: SLF001
                waiting.register(self._client.socket().fileno(), select.POLLIN)
                waiting.poll(self._settings.idle_seconds * 1000)
            self._client.idle_done()

    def abilities(self) -> tuple[str, ...]:
        """Those of the server's capabilities that matter here."""
        with self._translated("tell its capabilities"):
            return tuple(name for name in ("IDLE", "MOVE", "UIDPLUS") if self._has(name))

    def _search(self, low: int, high: int, only: Sequence[str | date]) -> list[int]:
        with self._translated("search"):
            found = self._client.search(["UID", f"{low}:{high or '*'}", *only])
        # `n:*` names the last mail even when its UID is below n (RFC 3501 §6.4.8)
        return sorted(uid for uid in found if uid >= low and (not high or uid <= high))

    def _has(self, capability: str) -> bool:
        return bool(self._client.has_capability(capability))

    def _idle(self) -> None:
        # The library takes it for an error when the server tells news before its consent, as it may.
        imap = self._client._imap  # noqa: SLF001
        tag = self._client._idle_tag = imap._command("IDLE")  # noqa: SLF001
        while imap._get_response() is not None:  # noqa: SLF001
            if imap.tagged_commands[tag] is not None:
                raise IMAPClientError(f"IDLE: {imap.tagged_commands.pop(tag)}")

    def _news(self) -> bool:
        """Whether the server has spoken of new mail in passing since this was asked last."""
        _, remarks = self._client._imap.response("EXISTS")  # noqa: SLF001 - the library has no word for it
        return bool(remarks != [None])

    def _keeps(self, permanent: Sequence[bytes] | None) -> bool:
        # RFC 3501 §7.1: without PERMANENTFLAGS all flags are kept
        if permanent is None:
            return True
        kept = {flag.lower() for flag in permanent}
        return b"\\*" in kept or self._settings.flag.lower().encode() in kept

    def _names(self, folder: str) -> list[str]:
        return [folder, *(prefix + folder for prefix in self._prefixes() if not folder.startswith(prefix))]

    def _copies(self) -> dict[int, str]:
        """Which mail became which by what was copied last; whatever the server says otherwise counts for nothing."""
        _, said = self._client._imap.response("COPYUID")  # noqa: SLF001 - the library has no word for it
        words = said[-1].split() if said and said[-1] else ()
        try:
            uid_validity, before, after = (part.decode() for part in words)
            return {was: f"{int(uid_validity)}/{now}" for was, now in zip(_set(before), _set(after), strict=True)}
        except ValueError:
            return {}

    def _prefixes(self) -> list[str]:
        if not self._has("NAMESPACE"):
            return []
        return [prefix for prefix, _ in self._client.namespace().personal or () if prefix]

    @contextlib.contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        try:
            yield
        except LoginError as error:
            if isinstance(error.__context__, _BROKEN):
                raise TemporaryError(f"{self._server} cannot {what}: {error}") from error
            raise RefusedError(f"{self._server} would not {what}: {error}") from error
        except _BROKEN as error:
            raise TemporaryError(f"{self._server} cannot {what}: {error}") from error
        except IMAPClientError as error:
            raise RefusedError(f"{self._server} would not {what}: {error}") from error


def check(settings: MailboxSettings, today: date) -> str:
    """What an attempt to log in and look into the folder found, in one line. Nothing is changed there.

    Raises:
        PermanentError: the login or the folder is refused.
        TemporaryError: the server is not reached, or does not work.
    """
    with Connection(settings) as connection:
        connection.log_in()
        try:
            view = connection.select(readonly=True)
        except RefusedError as error:
            raise PermanentError(str(error)) from error
        abilities = ", ".join(connection.abilities()) or "no IDLE, no MOVE"
        taken = {FirstVisit.ALL: view.mails, FirstVisit.NEW: 0}.get(settings.first_visit)
        if taken is None:
            taken = view.mails - sum(map(len, connection.handled(view, 1, 0, today)))
        visit = f"a first visit (first_visit = {settings.first_visit.value}) takes in {taken} of them"
        return f"{settings.folder}: {view.mails} mails; {visit}; {abilities}"


def _set(written: str) -> list[int]:
    """`3:5,9` -> 3, 4, 5, 9 (RFC 9051 §9, uid-set)."""
    ends = [[int(end) for end in part.split(":")] for part in written.split(",")]
    if any(abs(each[-1] - each[0]) > _SEARCH_UIDS for each in ends):
        raise ValueError(f"more UIDs than any command of ours names: {written}")
    return [uid for each in ends for uid in range(min(each), max(each) + 1)]


def _client(settings: MailboxSettings) -> BoundedClient:
    is_implicit = settings.tls is Tls.IMPLICIT
    context = _context(settings) if is_implicit else None
    seconds = settings.timeout_seconds
    timeout = SocketTimeout(connect=min(seconds, _CONNECT_SECONDS), read=seconds)
    octets = _REPLY_OCTETS + 2 * settings.message_size
    client = BoundedClient(settings.host, settings.port, timeout, octets, ssl=is_implicit, ssl_context=context)
    client.normalise_times = False
    return client


def _context(settings: MailboxSettings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.tls_ca or None)
