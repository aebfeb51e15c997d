"""Where mail that goes out ends in tests: an SMTP server in the test process that keeps what it gets."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from typing import Any, Self

from aiosmtpd.smtp import SMTP

from tests.servers import process
from tests.servers.background import hang_up, in_background


@dataclass(frozen=True, slots=True)
class Caught:
    """One mail as it arrived: its envelope and its octets."""

    mail_from: str
    rcpt_to: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> Message:
        return message_from_bytes(self.raw)


class Sink:
    """Takes every mail, unless `answers` has another reply for a recipient: `{"gone@example.net": "550 5.1.1 no"}`."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.port = process.free_port()
        self._caught: list[Caught] = []
        self._arrived = threading.Condition()
        self._running = ExitStack()

    def __enter__(self) -> Self:
        self._running.enter_context(in_background(self._serve()))
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @asynccontextmanager
    async def _serve(self) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        sessions: list[SMTP] = []

        def session() -> SMTP:
            sessions.append(SMTP(self, hostname="sink.example.net", enable_SMTPUTF8=True, loop=loop))
            return sessions[-1]

        server = await loop.create_server(session, "127.0.0.1", self.port)
        yield
        server.close()
        await asyncio.sleep(0.01)  # who was just let in is not yet among the sessions
        await hang_up({session.transport for session in sessions if session.transport})

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 yes"

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        with self._arrived:
            self._caught.append(Caught(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.original_content))
            self._arrived.notify_all()
        return "250 2.0.0 kept"

    @property
    def mails(self) -> tuple[Caught, ...]:
        """All that arrived so far, in order."""
        with self._arrived:
            return tuple(self._caught)

    def wait_for(self, number: int, seconds: float = 15) -> tuple[Caught, ...]:
        """All mail, once at least that many have arrived; raises TimeoutError when they don't."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self._caught) >= number, seconds):
                raise TimeoutError(f"{len(self._caught)} of {number} mails arrived within {seconds} s")
            return tuple(self._caught)
