"""One connection: CRLF ends a line, CRLF.CRLF a mail, nothing else does; all is bounded. Answers are `replies`'s duty.

The library parses the commands. Its loop and its DATA are replaced: the one also ends commands at a bare LF, which RFC
5321 §2.3.8 forbids, and never tires of errors; the other makes an object of every line, so that a mail of empty lines
takes forty times its size.
"""

# ruff: noqa: N802 - methods called smtp_... are found by the library under these names

import asyncio
import logging
import re
import ssl
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiosmtpd.smtp import SMTP, TLSSetupException

from gateway.inbound import path
from gateway.inbound.settings import ListenerSettings
from gateway.inbound.smtp.places import Places
from gateway.inbound.smtp.replies import Replies, name_of

log = logging.getLogger(__name__)

_COMMAND_OCTETS = 2048  # RFC 5321 §4.5.3.1.4 has 512, more with parameters; addresses may be UTF-8 (RFC 6531 §3.4)
_BUFFER_OCTETS = 64 * 1024  # twice that lies unread at most
_SLACK_OCTETS = 64 * 1024  # by which a mail may be larger while its dots are stuffed
_ERRORS = 20  # between two mails; then whoever it is tries out what there is
_COMMANDS = 1000  # between two mails
_END = b"\r\n.\r\n"  # RFC 5321 §4.1.1.4
_CONTROLS = re.compile(rb"[\x00-\x1f\x7f]")
_GROUPED = frozenset({"MAIL", "RCPT", "RSET"})  # RFC 2920 §3.2: their replies may be sent as a unit
_OTHER_PROTOCOLS = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PRI", "PUT", "TRACE"})

_TOO_LARGE = "552 5.3.4 message too large"
_SHUTTING_DOWN = "421 4.3.2 shutting down"
_CROWDED = "452 4.3.1 too much mail at once, try again later"
_LIBRARY_REPLIES = {"552 Error: message size exceeds fixed maximum message size": _TOO_LARGE}


@dataclass(frozen=True, slots=True)
class Door:
    """What all sessions of a listener share."""

    settings: ListenerSettings
    replies: Replies
    places: "Places[Session]"
    tls: ssl.SSLContext | None


class Session(SMTP):
    """One connection by SMTP."""

    line_length_limit = _BUFFER_OCTETS
    command_size_limit = _COMMAND_OCTETS
    greeting = "ESMTP"

    def __init__(self, door: Door) -> None:
        self.command_size_limits = defaultdict(lambda: _COMMAND_OCTETS)  # the library's is one for all connections
        self.declared_octets = self.octets_in_flight = 0
        self.is_committing = False
        self._places, self._since = door.places, door.places.clock()
        self._octets = self._errors = self._commands = 0
        self._last_reply = self._peer = ""
        self._is_receiving = self._is_refused = self._is_grouped = False
        self._unsaid: list[str] = []
        super().__init__(
            door.replies,
            data_size_limit=door.settings.message_size,
            enable_SMTPUTF8=True,
            hostname=door.settings.hostname,
            ident=self.greeting,
            tls_context=door.tls,
            timeout=door.settings.timeout_seconds,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
            loop=asyncio.get_running_loop(),
        )

    @property
    def waiting(self) -> tuple[float, int]:
        """Since when it has brought no mail, and the octets that came since."""
        return self._since, self._octets

    def dismiss(self) -> None:
        """Ends the conversation, unless a mail was begun: then at its end, and the peer need not send it again."""
        if not self._is_receiving and (self.envelope is None or self.envelope.mail_from is None):
            self._say_goodbye(_SHUTTING_DOWN)

    def turn_out(self) -> None:
        """Ends the connection; told to the peer, unless it is in the middle of a mail (RFC 5321 §3.8)."""
        if not self._is_receiving:
            self._say_goodbye(_SHUTTING_DOWN)
        self.cut()

    def give_way(self) -> None:
        """Ends the connection, for another's sake."""
        self._say_goodbye("421 4.3.2 too slow while others wait")
        self.cut()

    def cut(self) -> None:
        """Ends the connection at once."""
        transport = self._original_transport or self.transport  # below TLS: its goodbye takes up to 30 seconds
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The library's hook, called again when STARTTLS has put TLS on the line."""
        is_new = self._original_transport is None
        self._peer = name_of(transport.get_extra_info("peername"))
        if is_new and not self._places.admit(self, self._peer):
            assert isinstance(transport, asyncio.WriteTransport)
            self._is_refused = True
            transport.write(b"421 4.7.0 too many connections, try again later\r\n")
            transport.close()
            return
        super().connection_made(transport)
        if is_new and self._handler_coroutine is not None:
            self._handler_coroutine.add_done_callback(self._end)

    def data_received(self, data: bytes) -> None:
        """The library's hook."""
        self._octets += len(data)
        super().data_received(data)

    def eof_received(self) -> bool | None:
        """The library's hook: a peer that says no more may listen still; would it not hear, it would send again."""
        if self._is_refused:
            return False
        if self.session is not None and self.session.ssl is not None:
            return super().eof_received()  # TLS has no half of a line
        return asyncio.StreamReaderProtocol.eof_received(self)  # the library's would end the conversation at once

    def connection_lost(self, error: Exception | None) -> None:
        """The library's hook."""
        self._places.forget(self)
        if not self._is_refused:
            super().connection_lost(error)

    async def push(self, status: str | bytes) -> None:
        """The library's hook: a reply to the peer. It may go out with the next one, if that comes before we wait."""
        text = status if isinstance(status, str) else status.decode()
        self._last_reply = text
        self._unsaid.append(_LIBRARY_REPLIES.get(text, text))
        if not self._is_grouped:
            unsaid, self._unsaid = "\r\n".join(self._unsaid), []
            await super().push(unsaid)
        elif len(self._unsaid) == 1:
            self.loop.call_soon(self._say_all)

    async def smtp_DATA(self, arg: str) -> None:
        """The library's hook."""
        if self.envelope is None or not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 need RCPT first")
        elif arg:
            await self.push("501 5.5.4 DATA has no argument")
        elif not self._places.has_room_for(self.declared_octets, self):
            await self.push(_CROWDED)
        else:
            await self._take_mail()

    async def smtp_STARTTLS(self, arg: str) -> None:
        """The library's hook. What came unprotected behind the command is thrown away (RFC 3207 §4.2)."""
        if self._original_transport is not None:
            await self.push("503 5.5.1 this is TLS")
            return
        try:
            await super().smtp_STARTTLS(arg)
        except TLSSetupException as error:
            raise ConnectionResetError("no TLS handshake") from error
        if self._tls_protocol is not None and self.session is not None and self.session.ssl is None:
            raise ConnectionResetError("no TLS handshake")  # the library takes a closed line for a finished one

    async def smtp_AUTH(self, _arg: str) -> None:
        """Nobody logs in here."""
        await self.push("502 5.5.1 not implemented")

    async def smtp_VRFY(self, _arg: str) -> None:
        """Whom we know is told nobody (RFC 5321 §3.5.3)."""
        await self.push("252 2.5.0 send mail and see")

    async def _handle_client(self) -> None:
        try:
            await self.push(f"220 {self.hostname} {self.greeting}")
            while (transport := self.transport) is not None and not transport.is_closing():
                await self._answer(await self._line())
        except asyncio.IncompleteReadError:
            return  # it has said all, and has been answered
        finally:
            self._say_all()
            self._writer.close()

    async def _line(self) -> bytes:
        """The next line; in place of one that is too long NULs of which there are too many, and its end."""
        begun = b""
        while True:
            try:
                return begun + await self._reader.readuntil(b"\n")
            except asyncio.LimitOverrunError as overrun:
                passed_over = await self._reader.readexactly(overrun.consumed)
                begun = b"\x00" * _COMMAND_OCTETS + passed_over[-1:]

    async def _answer(self, line: bytes) -> None:
        self._commands += 1
        verb, _, argument = line.removesuffix(b"\r\n").partition(b" ")
        name = verb.decode("latin-1").upper()
        self._is_grouped = name in _GROUPED
        method: Callable[[str | None], Awaitable[None]] | None = self._smtp_methods.get(name)
        if self._commands > _COMMANDS:
            await self._hang_up("421 4.7.0 too many commands")
        elif not line.endswith(b"\r\n"):
            await self._hang_up("421 4.5.2 lines end with CRLF")  # RFC 5321 §2.3.8: what else may it mean otherwise?
        elif name in _OTHER_PROTOCOLS:
            await self._hang_up("421 4.7.0 this is no web server")  # a browser was made to talk to us
        elif len(line) > _COMMAND_OCTETS:
            await self.push("500 5.5.2 line too long")
        elif method is None or _CONTROLS.search(line, 0, len(line) - 2):
            await self.push("500 5.5.2 unknown command")
        else:
            self._reset_timeout()
            await self._obey(method, argument.strip().decode("utf-8", "surrogateescape") or None)
        if self._last_reply.startswith("5"):
            await self._count_error()
        if self._places.is_closed:
            self.dismiss()

    async def _obey(self, method: Callable[[str | None], Awaitable[None]], argument: str | None) -> None:
        try:
            await method(argument)
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001 - the answer to it is a reply, its log line is written there
            await self.push(await self.handle_exception(error))

    async def _count_error(self) -> None:
        self._last_reply = ""
        self._errors += 1
        if self._errors >= _ERRORS:
            self._places.blame(self._peer)
            await self._hang_up("421 4.7.0 too many errors")

    async def _hang_up(self, reply: str) -> None:
        self._is_grouped = False
        await self.push(reply)
        if self.transport is not None:
            self.transport.close()

    async def _take_mail(self) -> None:
        self._is_receiving = True
        try:
            await self.push("354 end with CRLF.CRLF")
            text, reply = await self._text()
            assert self.envelope is not None
            if not reply:
                self.envelope.content = self.envelope.original_content = text
                del text  # up to here it lies there twice
                self.is_committing = True
                reply = await self._call_handler_hook("DATA")
            self.envelope = self._create_envelope()
            if reply.startswith("2"):
                self._errors = self._commands = self._octets = 0
                self._since = self._places.clock()
                self._places.praise(self._peer)
            await self.push(reply)
        finally:
            self._is_receiving = self.is_committing = False
            self.octets_in_flight = self.declared_octets = 0

    async def _text(self) -> tuple[bytes, str]:
        """A mail's octets, or else why it is not taken; it is heard out in any case."""
        text, refusal = bytearray(b"\r\n"), ""  # the CRLF of DATA begins the end of an empty mail
        end = -1
        while end < 0:
            known = len(text)
            came = await self._reader.read(sys.maxsize)
            if not came:
                raise ConnectionResetError("the mail has no end")
            text += came
            end = text.find(_END, max(0, known - len(_END) + 1))
            refusal = refusal or self._refusal(len(text) if end < 0 else end)
            if refusal and end < 0:
                del text[: -len(_END)]
            self.octets_in_flight = 0 if refusal else len(text)
        following = bytes(memoryview(text)[end + len(_END) :])
        if following:
            self._reader.feed_data(following)  # it was emptied by the read: what follows is a command again
        if refusal:
            return b"", refusal
        raw = bytes(memoryview(text)[: end + 2]).replace(b"\r\n.", b"\r\n")[2:]  # RFC 5321 §4.5.2
        return raw, _TOO_LARGE if len(raw) > (self.data_size_limit or sys.maxsize) else ""

    def _refusal(self, octets: int) -> str:
        if octets > (self.data_size_limit or sys.maxsize) + _SLACK_OCTETS:
            return _TOO_LARGE
        return "" if self._places.has_room_for(octets, self) else _CROWDED

    def _say_all(self) -> None:
        unsaid, self._unsaid = self._unsaid, []
        if unsaid and self.transport is not None and not self.transport.is_closing():
            self._writer.write("".join(f"{reply}\r\n" for reply in unsaid).encode())

    def _say_goodbye(self, reply: str) -> None:
        self._say_all()
        transport = self.transport
        if isinstance(transport, asyncio.WriteTransport) and not transport.is_closing():
            transport.write(f"{reply}\r\n".encode())
            transport.close()

    def _end(self, task: asyncio.Task[None]) -> None:
        # Nobody else looks at how the conversation's task ended; a reset line is no news.
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        if not isinstance(error, ConnectionError):
            log.error("an SMTP connection broke", exc_info=error, extra={"action": "refused"})
        self.cut()
        self._places.forget(self)
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        # The library's own parser takes <a b@c>, NULs and paths without an end, and stumbles over `<@`.
        return path.parse(arg) or (None, None)


class LmtpSession(Session):
    """LMTP: another greeting, and one reply for each recipient that was accepted (RFC 2033 §4.2)."""

    greeting = "LMTP"
    _replies = 1

    async def smtp_LHLO(self, name: str) -> None:
        """The library's hook."""
        await super().smtp_EHLO(name)

    async def smtp_EHLO(self, _name: str) -> None:
        """RFC 2033 §4.1."""
        await self.push("500 5.5.1 this is LMTP: say LHLO")

    async def smtp_HELO(self, name: str) -> None:
        """RFC 2033 §4.1."""
        await self.smtp_EHLO(name)

    async def smtp_DATA(self, arg: str) -> None:
        """The library's hook."""
        try:
            await super().smtp_DATA(arg)
        finally:
            self._replies = 1

    async def push(self, status: str | bytes) -> None:
        """The library's hook: after 354 comes the one status that is said for each recipient."""
        for _ in range(self._replies):
            await super().push(status)
        is_go_ahead = isinstance(status, str) and status.startswith("354")
        self._replies = len(self.envelope.rcpt_tos) if is_go_ahead and self.envelope else 1
