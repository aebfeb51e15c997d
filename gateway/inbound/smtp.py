"""Takes mail by SMTP and LMTP: refuses unknown recipients early, says 250 only after the commit. It relays nothing."""

# ruff: noqa: N802 - methods called smtp_... and handle_... are found by the library under these names

import asyncio
import logging
import ssl
from collections import defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiosmtpd.smtp import SMTP
from aiosmtpd.smtp import Envelope as Transaction
from aiosmtpd.smtp import Session as Conversation

from gateway.errors import PermanentError, TemporaryError
from gateway.inbound import path
from gateway.inbound.accept import Receipt
from gateway.inbound.settings import ListenerSettings, Protocol
from gateway.mail.address import normalise
from gateway.mail.envelope import Envelope
from gateway.store.spool import Arrival

log = logging.getLogger(__name__)

_LINE_OCTETS = 1_000_000  # RFC 5321 §4.5.3.1.6 has 1000; real mail has more, and a refusal would be for good
_COMMAND_OCTETS = 2048  # RFC 5321 §4.5.3.1.4 has 512, more with parameters; addresses may be UTF-8 (RFC 6531 §3.4)
_MAILS_IN_FLIGHT = 20  # of full size; they lie in memory until stored, so further ones are asked to wait
_CALLS = {"*": 1_000_000} | dict.fromkeys(("EHLO", "HELO", "LHLO", "HELP", "NOOP", "VRFY", "EXPN", "AUTH"), 1000)

_CUT_SECONDS = 10  # the loop needs a turn or two to tell that a cut line is gone

_LATER = "451 4.3.0 try again later"
_TOO_LARGE = "552 5.3.4 message too large"
_LIBRARY_REPLIES = {
    "552 Error: Too much mail data": _TOO_LARGE,
    "552 Error: message size exceeds fixed maximum message size": _TOO_LARGE,
    "500 Line too long (see RFC5321 4.5.3.1.6)": "554 5.6.0 line too long",
}

Accept = Callable[[Arrival], Awaitable[Receipt]]


async def start(
    settings: ListenerSettings, accept: Accept, is_known: Callable[[str], bool], new_key: Callable[[], str]
) -> "Listener":
    """The listener, open, in the running loop.

    `accept` stores an arrival even when its caller is cancelled; `is_known` tells our own recipients, also the bare
    `postmaster`; `new_key` names each transaction.

    Raises:
        PermanentError: the certificate cannot be used.
        TemporaryError: the address or socket is not to be had.
    """
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # below that the library logs whole mails
    listener = Listener(settings, accept, is_known, new_key)
    await listener.open()
    return listener


class Listener:
    """One door and everybody who stands in it. `port` is where it listens, 0 for a Unix socket."""

    def __init__(
        self, settings: ListenerSettings, accept: Accept, is_known: Callable[[str], bool], new_key: Callable[[], str]
    ) -> None:
        self.settings, self.port, self.is_stopping = settings, 0, False
        self.tls = _tls_context(settings)
        self.handler = _Handler(settings, accept, is_known, new_key)
        self._sessions: dict[_Session, str] = {}
        self._is_empty = asyncio.Event()
        self._is_empty.set()

    async def open(self) -> None:
        """Listening."""
        loop = asyncio.get_running_loop()
        session = _LmtpSession if self.settings.protocol is Protocol.LMTP else _Session
        socket = self.settings.socket
        try:
            if socket:
                self._server = await loop.create_unix_server(lambda: session(self), socket)
                _open_to_all(socket)
            else:
                self._server = await loop.create_server(lambda: session(self), self.settings.host, self.settings.port)
                self.port = self._server.sockets[0].getsockname()[1]
        except OSError as error:
            where = socket or f"{self.settings.host}:{self.settings.port}"
            raise TemporaryError(f"listener {where}: cannot be opened: {error}") from error

    async def stop(self, grace: float) -> None:
        """Closed: idle peers are sent away, mail in transfer has `grace` seconds, then the line is cut."""
        self.is_stopping = True
        self._server.close()
        for session in tuple(self._sessions):
            session.dismiss()
        try:
            await asyncio.wait_for(self._is_empty.wait(), grace)
        except TimeoutError:
            for session in tuple(self._sessions):
                session.cut()
            await asyncio.wait_for(self._is_empty.wait(), _CUT_SECONDS)
        if self.settings.socket:
            _remove(self.settings.socket)

    def admit(self, session: "_Session", peer: str) -> bool:
        """Whether the peer may talk: the limits on connections, in all and from one address, are not reached."""
        from_there = sum(each == peer for each in self._sessions.values())
        is_remote = peer != "unix"
        if (
            self.is_stopping
            or len(self._sessions) >= self.settings.connections
            or (is_remote and from_there >= self.settings.connections_per_peer)
        ):
            log.info("connection refused: too many are open", extra={"action": "refused", "peer": peer})
            return False
        self._sessions[session] = peer
        self._is_empty.clear()
        return True

    def forget(self, session: "_Session") -> None:
        """The connection is gone."""
        self._sessions.pop(session, None)
        if not self._sessions:
            self._is_empty.set()

    def has_room_for(self, octets: int) -> bool:
        """Whether a further mail of that size may be transferred now."""
        in_flight = sum(session.octets_in_flight for session in self._sessions)
        return in_flight + octets <= _MAILS_IN_FLIGHT * self.settings.message_size


class _Handler:
    """The library's hooks: what is answered to a peer, and why."""

    def __init__(
        self, settings: ListenerSettings, accept: Accept, is_known: Callable[[str], bool], new_key: Callable[[], str]
    ) -> None:
        self._settings, self._accept, self._is_known, self._new_key = settings, accept, is_known, new_key

    async def handle_EHLO(
        self, _server: SMTP, conversation: Conversation, _transaction: Transaction, name: str, replies: list[str]
    ) -> list[str]:
        """What we can do; the library would offer AUTH without anybody who could log in."""
        conversation.host_name = name
        offered = [reply for reply in replies if not reply.startswith("250-AUTH")]
        return [*offered[:-1], "250-PIPELINING", offered[-1]]

    async def handle_MAIL(
        self, server: SMTP, conversation: Conversation, transaction: Transaction, address: str, options: list[str]
    ) -> str:
        """Any sender may write to us."""
        if self._settings.require_tls and conversation.ssl is None:
            return "530 5.7.0 issue STARTTLS first"  # RFC 3207 §4
        transaction.mail_from = address
        transaction.mail_options.extend(options)
        assert isinstance(server, _Session)
        server.declared_octets = _declared(options)
        return "250 2.1.0 ok"

    async def handle_RCPT(
        self, _server: SMTP, conversation: Conversation, transaction: Transaction, address: str, _options: list[str]
    ) -> str:
        """Only recipients of ours, and not too many."""
        if len(transaction.rcpt_tos) >= self._settings.recipients:
            return "452 4.5.3 too many recipients"
        if address == path.NULL or not self._is_known(address):
            facts = {"action": "refused", "peer": _name(conversation.peer), "recipient": address}
            log.info("unknown recipient refused", extra=facts)
            return "550 5.1.1 no such recipient here"
        transaction.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, _server: SMTP, conversation: Conversation, transaction: Transaction) -> str:
        """250 when the mail is durable (RFC 5321 §4.2.5), else the peer keeps it."""
        try:
            spool_id, _ = await self._accept(self._arrival(conversation, transaction))
        except TemporaryError:
            return _LATER  # whoever raised it has logged it
        except Exception:
            log.exception("mail not taken", extra={"action": "refused", "peer": _name(conversation.peer)})
            return _LATER
        return f"250 2.0.0 stored as spool {spool_id}"

    def _arrival(self, conversation: Conversation, transaction: Transaction) -> Arrival:
        raw = transaction.content
        assert isinstance(raw, bytes)
        mail_from = "" if transaction.mail_from == path.NULL else transaction.mail_from
        rcpt_to: dict[str, str] = {}
        for address in transaction.rcpt_tos:
            rcpt_to.setdefault(normalise(address), address)
        envelope = Envelope(mail_from, tuple(rcpt_to.values()))
        return Arrival(envelope, raw, self._settings.protocol, self._new_key(), _name(conversation.peer))

    async def handle_exception(self, error: Exception) -> str:
        """Never a word on what went wrong to the peer, and never for good."""
        log.error("an SMTP command failed", exc_info=error, extra={"action": "refused"})
        return _LATER


class _Session(SMTP):
    """One connection. The library parses commands and DATA; this adds bounds, and strictness with addresses."""

    line_length_limit = _LINE_OCTETS
    command_size_limit = _COMMAND_OCTETS
    greeting = "ESMTP"

    def __init__(self, listener: Listener) -> None:
        self.command_size_limits = defaultdict(lambda: _COMMAND_OCTETS)  # the library's is one for all connections
        self.declared_octets = 0
        self._listener = listener
        self._received_octets = 0
        self._is_receiving = self._is_refused = False
        super().__init__(
            listener.handler,
            data_size_limit=listener.settings.message_size,
            enable_SMTPUTF8=True,
            hostname=listener.settings.hostname,
            ident=self.greeting,
            tls_context=listener.tls,
            timeout=listener.settings.timeout_seconds,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
            command_call_limit=_CALLS,
            loop=asyncio.get_running_loop(),
        )

    @property
    def octets_in_flight(self) -> int:
        """What this connection's mail takes in memory, as far as is known."""
        return max(self.declared_octets, self._received_octets) if self._is_receiving else 0

    def dismiss(self) -> None:
        """Ends the conversation, unless a mail is in transfer: then at its end."""
        transport = self.transport
        if not self._is_receiving and isinstance(transport, asyncio.WriteTransport) and not transport.is_closing():
            transport.write(b"421 4.3.2 shutting down\r\n")
            transport.close()

    def cut(self) -> None:
        """Ends the connection at once."""
        transport = self._original_transport or self.transport  # below TLS: its goodbye takes up to 30 seconds
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The library's hook, called again when STARTTLS has put TLS on the line."""
        is_new = self._original_transport is None
        if is_new and not self._listener.admit(self, _name(transport.get_extra_info("peername"))):
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
        self._received_octets += len(data)
        super().data_received(data)

    def eof_received(self) -> bool | None:
        """The library's hook: a peer that says no more will not hear our answer."""
        return False if self._is_refused else super().eof_received()

    def connection_lost(self, error: Exception | None) -> None:
        """The library's hook."""
        self._listener.forget(self)
        if not self._is_refused:
            super().connection_lost(error)

    async def push(self, status: str | bytes) -> None:
        """The library's hook: a reply to the peer."""
        text = status if isinstance(status, str) else status.decode()
        await super().push(_LIBRARY_REPLIES.get(text, text))

    async def smtp_DATA(self, arg: str) -> None:
        """The library's hook."""
        if not self._listener.has_room_for(self.declared_octets):
            await self.push("452 4.3.1 too much mail at once, try again later")
            return
        self._received_octets = 0
        self._is_receiving = True
        try:
            await super().smtp_DATA(arg)
        finally:
            self._is_receiving = False
            if self._listener.is_stopping:
                self.dismiss()

    async def smtp_STARTTLS(self, arg: str) -> None:
        """The library's hook."""
        await super().smtp_STARTTLS(arg)
        if self._tls_protocol is not None and self.session is not None and self.session.ssl is None:
            raise ConnectionResetError("no TLS handshake")  # the library takes a closed line for a finished one

    async def smtp_AUTH(self, _arg: str) -> None:
        """Nobody logs in here."""
        await self.push("502 5.5.1 not implemented")

    async def smtp_VRFY(self, _arg: str) -> None:
        """Whom we know is told nobody (RFC 5321 §3.5.3)."""
        await self.push("252 2.5.0 send mail and see")

    def _end(self, task: asyncio.Task[None]) -> None:
        # Nobody else looks at how the conversation's task ended; a reset line is no news.
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        if not isinstance(error, ConnectionError):
            log.error("an SMTP connection broke", exc_info=error, extra={"action": "refused"})
        self.cut()
        self._listener.forget(self)

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        # The library's own parser takes <a b@c>, NULs and paths without an end, and stumbles over `<@`.
        return path.parse(arg) or (None, None)


class _LmtpSession(_Session):
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


def _name(peer: object) -> str:
    return str(peer[0]) if isinstance(peer, tuple) else "unix"


def _declared(options: list[str]) -> int:
    sizes = [option.removeprefix("SIZE=") for option in options if option.startswith("SIZE=")]
    return int(sizes[0]) if sizes else 0
