"""Opens a door for SMTP or LMTP, gives each connection its session, and closes it. It says nothing to anybody."""

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from gateway.inbound.settings import ListenerSettings, Protocol
from gateway.inbound.smtp.certificate import Certificate
from gateway.inbound.smtp.places import Places
from gateway.inbound.smtp.replies import Accept, Replies
from gateway.inbound.smtp.session import Door, LmtpSession, Session

_WAITING = 512  # who may knock before the kernel lets them knock again; also once we are closed
_LOOK_SECONDS = 10.0
_TURNS = 10  # of the loop, in which whom the kernel has handed over is let in
_LEAVE_SECONDS = 0.25  # for who has only just come, or is about to go: most need not be sent away, and come again
_CUT_SECONDS = 10  # the loop needs a turn or two to tell that a cut line is gone


async def start(
    settings: ListenerSettings,
    sockets: Sequence[socket.socket],
    accept: Accept,
    is_known: Callable[[str], bool],
    new_key: Callable[[], str],
    clock: Callable[[], float] = time.monotonic,
    look_seconds: float = _LOOK_SECONDS,
) -> "Listener":
    """The listener, open, in the running loop, on duplicates of these sockets.

    `accept` stores an arrival even when its caller is cancelled; `is_known` tells our own recipients, also the bare
    `postmaster`; `new_key` names each transaction; `clock` says for how many seconds somebody has kept a place. Every
    `look_seconds` it is looked whether the certificate was renewed.

    Raises:
        PermanentError: the certificate cannot be used.
    """
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # below that the library logs whole mails
    listener = Listener(settings, Replies(settings, accept, is_known, new_key), clock)
    await listener.open(sockets, look_seconds)
    return listener


class Listener:
    """One door and everybody who stands in it. `port` is where it listens, 0 for a Unix socket."""

    def __init__(self, settings: ListenerSettings, replies: Replies, clock: Callable[[], float]) -> None:
        self.settings, self.port = settings, 0
        self._places: Places[Session] = Places(settings, clock)
        self._certificate = Certificate(settings) if settings.tls_certificate else None
        tls = self._certificate.context if self._certificate else None
        self._door = Door(settings, replies, self._places, tls)
        self._servers: list[asyncio.Server] = []
        self._looking: asyncio.Task[None] | None = None

    async def open(self, sockets: Sequence[socket.socket], look_seconds: float = _LOOK_SECONDS) -> None:
        """Listening, on duplicates: whoever knocks once we are closed waits for the next who opens them."""
        loop = asyncio.get_running_loop()
        session = LmtpSession if self.settings.protocol is Protocol.LMTP else Session
        self._servers = [
            await loop.create_server(lambda: session(self._door), sock=each.dup(), backlog=_WAITING) for each in sockets
        ]
        if sockets[0].family != socket.AF_UNIX:
            self.port = sockets[0].getsockname()[1]
        if self._certificate:
            self._looking = asyncio.create_task(self._look(self._certificate, look_seconds))

    @property
    def is_open(self) -> bool:
        """Whether it takes connections."""
        return all(server.is_serving() for server in self._servers)

    async def _look(self, certificate: Certificate, seconds: float) -> None:
        """Who comes after a renewal sees the new certificate; who is in goes on as he began."""
        while True:
            await asyncio.sleep(seconds)
            if certificate.is_renewed():
                self._door = replace(self._door, tls=certificate.context)

    async def stop(self, grace: float) -> None:
        """Closed: idle peers are sent away, mail that was begun has `grace` seconds, then the line is cut."""
        if self._looking:
            self._looking.cancel()
        await self._close()
        await self._is_left_within(min(grace, _LEAVE_SECONDS))
        self._places.is_closed = True
        for session in self._places.taken:
            session.dismiss()
        if not await self._is_left_within(grace):
            for session in self._places.taken:
                session.turn_out()
            await asyncio.wait_for(self._places.is_empty.wait(), _CUT_SECONDS)

    async def _close(self) -> None:
        """Lets nobody in any more; closed at once, the servers would drop those whom they have just taken."""
        loop = asyncio.get_running_loop()
        for listening in [each for server in self._servers for each in server.sockets]:
            loop.remove_reader(listening.fileno())
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        for server in self._servers:
            server.close()

    async def _is_left_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._places.is_empty.wait(), seconds)
        except TimeoutError:
            return False
        return True
