"""The line to an IMAP server, bounded: what a reply may take in memory and how slowly it may come. It asks nothing."""

import imaplib
import ssl
import time
from typing import Any, Protocol

from imapclient import IMAPClient, SocketTimeout
from imapclient.imap4 import IMAP4WithTimeout
from imapclient.tls import IMAP4_TLS

_LINE_OCTETS = 1_000_000
_PIECE_OCTETS = 1_000_000
_LINE_COST = 64  # what the library keeps of a line takes more than its octets
_PATIENCE = 10  # times the timeout: so long may a reply take that brings less than `_LEAST_OCTETS`
_LEAST_OCTETS = 1000

abort = imaplib.IMAP4.abort


class BoundedClient(IMAPClient):  # type: ignore[misc]
    """The library's client; a reply of more than `octets`, or one that never ends, breaks the connection."""

    def __init__(self, host: str, port: int, timeout: SocketTimeout, octets: int, **more: Any) -> None:
        self._bounds = timeout.read, octets
        super().__init__(host, port, timeout=timeout, **more)

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802 - the library's hook
        connect = self._timeout.connect
        if self.ssl:
            return _TlsLine(self._bounds, self.host, self.port, self.ssl_context, connect)
        return _PlainLine(self._bounds, self.host, self.port, connect)


class _Reader(Protocol):
    def peek(self, size: int, /) -> bytes: ...
    def read(self, size: int, /) -> bytes: ...
    def read1(self, size: int, /) -> bytes: ...


class _Bounded(imaplib.IMAP4):
    """The library's line, counting since the last command was sent."""

    def __init__(self, bounds: tuple[float, int], *arguments: Any) -> None:
        self._patience, self._octets = bounds[0] * _PATIENCE, bounds[1]
        self._begin()
        super().__init__(*arguments)

    def send(self, data: Any) -> None:
        """The library's hook: a command."""
        self._begin()
        super().send(data)

    def read(self, size: int) -> bytes:
        """The library's hook: a literal; the server says its size, and may lie."""
        if size > self._left:
            raise abort(f"the server announces {size} octets, more than any reply may have")
        pieces = []
        while size and (piece := self._reader.read1(min(size, _PIECE_OCTETS))):
            self._count(len(piece))
            pieces.append(piece)
            size -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def readline(self) -> bytes:
        """The library's hook: a line, without its end when the server has hung up."""
        line = b""
        while not line.endswith(b"\n") and (ahead := self._reader.peek(1)):
            line += self._reader.read(ahead.find(b"\n") + 1 or len(ahead))
            if len(line) > _LINE_OCTETS:
                raise abort(f"the server sends a line of more than {_LINE_OCTETS} octets")
            self._count(0)
        if b"\0" in line:  # RFC 3501 §9 knows none here; the library reads on as if nothing were there
            raise abort("the server sends a NUL")
        self._count(len(line) + _LINE_COST)
        return line

    def _simple_command(self, name: str, *arguments: Any) -> Any:
        answer = super()._simple_command(name, *arguments)  # type: ignore[misc]
        if name == "STARTTLS" and is_ahead(self):  # a stranger's words; after TLS they would look like the server's
            raise abort("the server speaks on, unprotected, where TLS begins")
        return answer

    def _begin(self) -> None:
        self._left, self._seen = self._octets, 0
        self._since = time.monotonic()

    def _count(self, octets: int) -> None:
        self._left -= octets
        self._seen += octets
        if self._left < 0:
            raise abort("the server sends more octets than any reply may have")
        now = time.monotonic()
        if now - self._since > self._patience:
            if self._seen < _LEAST_OCTETS:
                raise abort(f"the server brings less than {_LEAST_OCTETS} octets in {self._patience:.0f} seconds")
            self._since, self._seen = now, 0

    @property
    def _reader(self) -> _Reader:
        return _reader(self)


def is_ahead(imap: imaplib.IMAP4) -> bool:
    """Whether something of the server's can be read at once, also what was read ahead and no poll sees."""
    line = imap.socket()
    if isinstance(line, ssl.SSLSocket) and line.pending():
        return True
    timeout = line.gettimeout()
    line.settimeout(0)
    try:
        return bool(_reader(imap).peek(1))
    except (ssl.SSLWantReadError, BlockingIOError):
        return False
    finally:
        line.settimeout(timeout)


def _reader(imap: imaplib.IMAP4) -> _Reader:
    found: Any = getattr(imap, "_file", None) or imap.file  # the one before Python 3.14
    return found  # type: ignore[no-any-return]


class _PlainLine(_Bounded, IMAP4WithTimeout):  # type: ignore[misc]
    """In the clear, until STARTTLS."""


class _TlsLine(_Bounded, IMAP4_TLS):  # type: ignore[misc]
    """With TLS from the start."""
