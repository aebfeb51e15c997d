"""Opens a door for SMTP or LMTP, gives each connection its session, and closes it. It says nothing to anybody."""

import asyncio
import logging
import ssl
import time
from collections.abc import Callable
from pathlib import Path

from gateway.errors import PermanentError, TemporaryError
from gateway.inbound.settings import ListenerSettings, Protocol
from gateway.inbound.smtp.places import Places
from gateway.inbound.smtp.replies import Accept, Replies
from gateway.inbound.smtp.session import Door, LmtpSession, Session

_CUT_SECONDS = 10  # the loop needs a turn or two to tell that a cut line is gone


async def start(
    settings: ListenerSettings,
    accept: Accept,
    is_known: Callable[[str], bool],
    new_key: Callable[[], str],
    clock: Callable[[], float] = time.monotonic,
) -> "Listener":
    """The listener, open, in the running loop.

    `accept` stores an arrival even when its caller is cancelled; `is_known` tells our own recipients, also the bare
    `postmaster`; `new_key` names each transaction; `clock` says for how many seconds somebody has kept a place.

    Raises:
        PermanentError: the certificate cannot be used.
        TemporaryError: the address or socket is not to be had.
    """
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # below that the library logs whole mails
    listener = Listener(settings, Replies(settings, accept, is_known, new_key), clock)
    await listener.open()
    return listener


class Listener:
    """One door and everybody who stands in it. `port` is where it listens, 0 for a Unix socket."""

    def __init__(self, settings: ListenerSettings, replies: Replies, clock: Callable[[], float]) -> None:
        self.settings, self.port = settings, 0
        self._places: Places[Session] = Places(settings, clock)
        self._door = Door(settings, replies, self._places, _tls_context(settings))

    async def open(self) -> None:
        """Listening."""
        loop = asyncio.get_running_loop()
        session = LmtpSession if self.settings.protocol is Protocol.LMTP else Session
        socket = self.settings.socket
        try:
            if socket:
                self._server = await loop.create_unix_server(lambda: session(self._door), socket)
                _open_to_all(socket)
            else:
                host, port = self.settings.host, self.settings.port
                self._server = await loop.create_server(lambda: session(self._door), host, port)
                self.port = self._server.sockets[0].getsockname()[1]
        except OSError as error:
            where = socket or f"{self.settings.host}:{self.settings.port}"
            raise TemporaryError(f"listener {where}: cannot be opened: {error}") from error

    async def stop(self, grace: float) -> None:
        """Closed: idle peers are sent away, mail in transfer has `grace` seconds, then the line is cut."""
        self._places.is_closed = True
        self._server.close()
        for session in self._places.taken:
            session.dismiss()
        try:
            await asyncio.wait_for(self._places.is_empty.wait(), grace)
        except TimeoutError:
            for session in self._places.taken:
                session.cut()
            await asyncio.wait_for(self._places.is_empty.wait(), _CUT_SECONDS)
        if self.settings.socket:
            _remove(self.settings.socket)


def _open_to_all(socket: str) -> None:
    Path(socket).chmod(0o666)  # its folder says who may connect, as the loopback does for a port


def _remove(socket: str) -> None:
    Path(socket).unlink(missing_ok=True)  # asyncio does it from Python 3.13 on


def _tls_context(settings: ListenerSettings) -> ssl.SSLContext | None:
    if not settings.tls_certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key or None)
    except OSError as error:
        raise PermanentError(f"listener certificate {settings.tls_certificate}: {error}") from error
    return context
