"""The line to the smarthost, bounded: what a reply may hold and how long all may take. It decides on no mail."""

import re
import select
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

_PIECE_OCTETS = 65_536  # the timeout is for each piece: for a whole mail it would shut out large ones on slow lines
_LAST_WORD = 5  # times the timeout: who gives up sooner has the mail delivered twice (RFC 5321 §4.5.3.2.6)
_LINE_OCTETS = 8192
_REPLY_OCTETS = 65_536
_COMMANDS_AT_ONCE = 100  # two who both only write wait for each other for ever: RFC 2920 §3.1
_TOO_LONG = "all of it took too long"
_REPLY = re.compile(rb"([2-5][0-9]{2})(-|[ \r\n]|$)")  # RFC 5321 §4.2


class Line(smtplib.SMTP):
    """A connection in the clear, until STARTTLS. By `clock`, at `deadline` whatever it is doing has taken too long."""

    sock: Any

    def __init__(self, clock: Callable[[], float], deadline: float, cord: "Cord", *arguments: Any, **more: Any) -> None:
        self._clock, self.deadline, self._cord = clock, deadline, cord
        self._ahead = b""  # has come and was not read yet
        self._is_mail_sent = False
        self._ended = ""
        try:
            super().__init__(*arguments, **more)
        except OSError:
            cord.let_go()
            raise

    def close(self) -> None:
        """The library's hook: ends the connection."""
        super().close()
        self._cord.let_go()

    def send(self, s: Any) -> None:
        """The library's hook: commands, or a mail.

        Raises:
            SMTPServerDisconnected: the line is broken, or the server has spoken unasked: its next words would be taken
                for the answer to this.
        """
        self._listen()
        self._is_mail_sent = False
        octets = s.encode() if isinstance(s, str) else s
        for start in range(0, len(octets), _PIECE_OCTETS):
            self._hurry()
            try:
                self.sock.sendall(octets[start : start + _PIECE_OCTETS])
            except OSError as error:
                raise self.lost(str(error)) from error
        self._is_mail_sent = not isinstance(s, str)

    def docmd(self, cmd: str, args: str = "") -> tuple[int, bytes]:
        """The library's hook: a command and its reply. What a stranger adds before TLS is not listened to."""
        reply = super().docmd(cmd, args)
        if cmd.upper() == "STARTTLS":
            self._listen()
        return reply

    def ask(self, commands: Sequence[str], meanwhile: Callable[[], object]) -> Iterator[tuple[int, bytes]]:
        """The reply to each of `commands`, the last of which may be DATA.

        Who does not want to go on asks for no more of them, where the server wants one command at a time. Where it
        takes many at once (RFC 2920) they have been said with the first. `meanwhile` is called while the server has
        something to read.

        Raises:
            SMTPServerDisconnected: the line is broken.
            ValueError: a command is more than one line.
        """
        if any("\r" in command or "\n" in command for command in commands):
            raise ValueError(f"not one line each: {commands}")
        at_once = _COMMANDS_AT_ONCE if self.is_pipelining else 1
        for start in range(0, len(commands), at_once):
            group = commands[start : start + at_once]
            self.send("".join(f"{command}\r\n" for command in group))
            meanwhile()
            for _ in group:
                yield self.getreply()

    @property
    def is_pipelining(self) -> bool:
        """Whether the server takes many commands at once."""
        return "pipelining" in self.esmtp_features

    def getreply(self) -> tuple[int, bytes]:
        """The library's hook: a code and the words beside it.

        Of the reply to a mail its code is enough, though the line ends before the words do, or they have no end: it
        says whether the mail is taken, and must not be sent again. Then the line is closed.

        Raises:
            SMTPServerDisconnected: what came is no whole reply; no telling what the next one would answer.
        """
        lines: list[bytes] = []
        octets, code, is_last = 0, 0, False
        while not is_last:
            line = self._line()
            octets += len(line)
            found = _REPLY.match(line)
            if found is not None:
                code, is_last = int(found[1]), found[2] != b"-"
                lines.append(line[4:].strip())
            if line.endswith(b"\n") and found is not None and octets <= _REPLY_OCTETS:
                continue
            is_garbage = found is None and line != b""
            if is_garbage or not lines or not self._is_mail_sent:
                raise self.lost(f"no reply to make sense of: {line[:100]!r}" if line else "")
            self.close()
            break
        return code, b"\n".join(lines)

    def _line(self) -> bytes:
        """Up to the end of a line, of the connection, or of our patience with a long one."""
        if self.sock is None:
            return b""
        while not (end := self._ahead.find(b"\n", 0, _LINE_OCTETS) + 1) and len(self._ahead) < _LINE_OCTETS:
            try:
                self._hurry()
                came = self.sock.recv(_LINE_OCTETS)
            except OSError as error:
                lost = self.lost(_TOO_LONG if self._clock() >= self.deadline else str(error))
                if not _REPLY.match(self._ahead):
                    raise lost from error
                came = b""
            self._ahead += came
            if not came:
                break
        end = end or min(len(self._ahead), _LINE_OCTETS)
        line, self._ahead = self._ahead[:end], self._ahead[end:]
        return line

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """The library's hook: a connection to the first address of `host` that answers; the cord can cut even that."""
        failed: OSError = OSError(f"{host} has no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            connecting = socket.socket(family, kind, protocol)
            try:
                connecting.settimeout(timeout)
                self._cord.hold(connecting)
                connecting.connect(address)
            except OSError as error:
                connecting.close()
                self._cord.let_go()
                failed = error
            else:
                return connecting
        raise failed

    def _listen(self) -> None:
        """Nothing has been said that nobody asked for."""
        if self.sock is None:
            return
        if not self._ahead and _has_come(self.sock):
            self.sock.settimeout(0)
            try:
                self._ahead = self.sock.recv(_LINE_OCTETS)
            except (BlockingIOError, ssl.SSLWantReadError):  # TLS has spoken, the server has not
                self.sock.settimeout(self.timeout)
                return
            except OSError as error:
                raise self.lost(str(error)) from error
            if not self._ahead:
                raise self.lost("")
        if self._ahead:
            raise self.lost(f"the server said unasked: {self._ahead[:100]!r}")

    def _hurry(self) -> None:
        left = self.deadline - self._clock()
        if left <= 0:
            raise self.lost(_TOO_LONG)
        if self.sock is None:
            raise self.lost("")
        self.sock.settimeout(min(self.timeout * (_LAST_WORD if self._is_mail_sent else 1), left))

    def lost(self, why: str) -> smtplib.SMTPServerDisconnected:
        """The error to raise: the line has ended, for this or for an earlier reason."""
        self.close()
        self._ended = self._ended or why
        return smtplib.SMTPServerDisconnected(f"connection closed: {self._ended}".removesuffix(": "))


def _has_come(connection: socket.socket) -> bool:
    """Whether there is anything to read, if only that it has ended. TLS may hold back what it has already read."""
    if isinstance(connection, ssl.SSLSocket) and connection.pending():
        return True
    waiting = select.poll()
    waiting.register(connection, select.POLLIN)
    return bool(waiting.poll(0))


class TlsLine(Line):
    """A connection that begins with TLS (RFC 8314)."""

    def __init__(self, *arguments: Any, context: ssl.SSLContext | None, **more: Any) -> None:
        self._context = context or ssl.create_default_context()
        super().__init__(*arguments, **more)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._context.wrap_socket(super()._get_socket(host, port, timeout), server_hostname=host)


class Cord:
    """By which another thread cuts a line, whatever it is at; what is cut stays cut."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: socket.socket | None = None
        self._is_cut = False

    def hold(self, connection: socket.socket) -> None:
        """From now on this is what is cut.

        Raises:
            ConnectionAbortedError: it is too late.
        """
        self.let_go()
        with self._lock:
            if self._is_cut:
                raise ConnectionAbortedError("the gateway is stopping")
            self._held = connection.dup()  # stays good when TLS is put around the connection

    def let_go(self) -> None:
        """There is nothing to cut."""
        with self._lock:
            held, self._held = self._held, None
        if held is not None:
            held.close()

    def cut(self) -> None:
        """Ends the connection that is held, and lets no other begin."""
        with self._lock:
            self._is_cut = True
            if self._held is not None:
                with suppress(OSError):
                    self._held.shutdown(socket.SHUT_RDWR)
