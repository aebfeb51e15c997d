"""A real SMTP server that does what a test tells it: refuses, puts off or hangs up at any command, and keeps count."""

import asyncio
import ssl
import threading
from dataclasses import dataclass
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword, syntax

from tests.servers import process

CUT = "cut"  # in place of a reply: hang up without one
USER, PASSWORD = "desk", "open sesame"


@dataclass(frozen=True, slots=True)
class Taken:
    """One mail it answered 250 for."""

    mail_from: str
    rcpt_to: tuple[str, ...]
    raw: bytes
    options: tuple[str, ...]
    is_secure: bool
    user: bytes | None


class ControlledSMTP(SMTP):
    """aiosmtpd's session with the test's answers put in front of its own."""

    line_length_limit = 1_000_000

    def __init__(self, owner: "ControlledServer", *args: Any, **kwargs: Any) -> None:
        super().__init__(owner, *args, **kwargs)
        self._owner = owner

    def connection_made(self, transport: Any) -> None:
        if self.transport is None:  # not again after STARTTLS
            self._owner.connections += 1
        self._owner.transports.append(transport)
        super().connection_made(transport)

    async def push(self, status: Any) -> None:
        said = status.decode() if isinstance(status, bytes) else status
        if said == CUT:
            self._owner.transports[-1].abort()
            return
        await super().push(said)

    async def _told(self, command: str) -> bool:
        self._owner.commands.append(command)
        answers = self._owner.answers.get(command, [])
        if not answers:
            return False
        await self.push(answers.pop(0) if isinstance(answers, list) else answers)
        return True

    @syntax("EHLO hostname")
    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802 - aiosmtpd's name
        if not await self._told("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        if not await self._told("STARTTLS"):
            await super().smtp_STARTTLS(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        if not await self._told("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        address = (arg or "").partition("<")[2].partition(">")[0]
        if not await self._told(f"RCPT {address}"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if not await self._told("DATA"):
            await super().smtp_DATA(arg)

    async def smtp_NOOP(self, arg: str) -> None:  # noqa: N802
        if not await self._told("NOOP"):
            await super().smtp_NOOP(arg)

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802
        if not await self._told("RSET"):
            await super().smtp_RSET(arg)


class _Controller(Controller):
    def __init__(self, owner: "ControlledServer", **kwargs: Any) -> None:
        self._owner = owner
        super().__init__(owner, **kwargs)

    def factory(self) -> SMTP:
        return ControlledSMTP(self._owner, **self.SMTP_kwargs)


class ControlledServer:
    """`answers` maps a command (`MAIL`, `RCPT a@b`, `DATA`, `.`) to a reply, or to a list of replies, one a time.

    `on_data` is called while the client waits for the answer to its mail. Where it is `pipelining` it says so, and
    takes commands as they come.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        login: bool = False,
        pipelining: bool = False,
        **more: Any,
    ):
        self.is_pipelining = pipelining
        self.answers: dict[str, Any] = {}
        self.commands: list[str] = []
        self.transports: list[Any] = []
        self.connections = 0
        self.taken: list[Taken] = []
        self.on_data: Any = None
        self.port = process.free_port()
        self._lock = threading.Lock()
        more |= {"tls_context": tls} if tls and not implicit else {}
        more |= {"ssl_context": tls} if tls and implicit else {}
        if login:
            more |= {"authenticator": self._authenticate, "auth_require_tls": False}
        self._more = more

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends, and every connection with it."""
        asyncio.run_coroutine_threadsafe(self._abort_all(), self._controller.loop).result()
        self._controller.stop()

    async def _abort_all(self) -> None:
        for transport in self.transports:
            if not transport.is_closing():  # Python 3.11.2 cannot abort TLS that has ended
                transport.abort()
        for _ in range(5):  # what was aborted is closed within a few turns of the loop
            await asyncio.sleep(0)

    def start(self) -> None:
        more = {"server_hostname": "smarthost.test", "enable_SMTPUTF8": False, **self._more}
        self._controller = _Controller(self, hostname="127.0.0.1", port=self.port, **more)
        self._controller.start()
        self.connections = 0  # it has knocked at its own door

    def hang_up(self) -> None:
        """Ends every connection as a server does that has waited long enough."""
        for transport in self.transports:
            self._controller.loop.call_soon_threadsafe(transport.abort)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Any, _envelope: Any, hostname: str, answers: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [answers[0], *(["250-PIPELINING"] if self.is_pipelining else []), *answers[1:]]

    async def handle_DATA(self, _server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        self.commands.append(".")
        if self.on_data is not None:
            self.on_data()
        answers = self.answers.get(".", [])
        answer = answers.pop(0) if isinstance(answers, list) and answers else answers or "250 2.0.0 taken as 4F2A"
        if answer[0] == "2" or answer == "lost":
            secure = session.ssl is not None
            user = session.auth_data.login if isinstance(session.auth_data, LoginPassword) else None
            taken = Taken(
                envelope.mail_from,
                tuple(envelope.rcpt_tos),
                envelope.original_content,
                tuple(envelope.mail_options),
                secure,
                user,
            )
            with self._lock:
                self.taken.append(taken)
        return CUT if answer == "lost" else answer

    def _authenticate(self, _server: SMTP, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        good = data.login == USER.encode() and data.password == PASSWORD.encode()
        return AuthResult(success=good, auth_data=data, handled=False)
