"""The smarthost: one kept connection, encrypted and logged in, its replies recipient by recipient. Retries nothing."""

import smtplib
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from gateway.errors import PermanentError, TemporaryError
from gateway.mail.address import is_valid
from gateway.outbound.line import Cord, Line, TlsLine
from gateway.outbound.relay import RelayDownError, Reply
from gateway.outbound.settings import SmarthostSettings, Tls

_TRUSTED_SECONDS = 2.0  # a connection used so lately is taken to be alive
_KEPT_SECONDS = 60.0  # servers hang up on the idle, Postfix after 300 s
_MAIL_SECONDS = 420.0  # a row is ours for 15 minutes, and half of them may be gone when its turn comes
_FAREWELL_SECONDS = 3.0  # QUIT is good manners: nothing depends on its answer
_SERVICE_REFUSED = frozenset({421, 530, 534, 535, 538})  # nothing wrong with the mail: RFC 5321 §3.8, RFC 4954 §6


class Smarthost:
    """A relay over SMTP submission (RFC 6409). Not for two threads at once.

    However slowly it answers, a mail is given up after `mail_seconds`.
    """

    def __init__(
        self,
        settings: SmarthostSettings,
        clock: Callable[[], float] = time.monotonic,
        mail_seconds: float = _MAIL_SECONDS,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._mail_seconds = mail_seconds
        self._deadline = 0.0
        self._connection: Line | None = None
        self._used_at = 0.0
        self._cord = Cord()

    def send(self, mail_from: str, recipients: Sequence[str], raw: bytes) -> Mapping[str, Reply]:
        """What the smarthost said for each recipient.

        Raises:
            RelayDownError: it cannot be reached or refuses our service; nothing was handed over.
            TemporaryError: the connection broke before it had answered for the mail.
        """
        replies = {address: Reply(553, "5.1.3 not an address") for address in recipients if not is_valid(address)}
        if (
            not raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r")
        ):  # RFC 5321 §2.3.8: might be two mails to some
            return dict.fromkeys(recipients, Reply(554, "5.6.0 lines that do not end with CRLF"))
        open_for = [address for address in recipients if address not in replies]
        if not open_for:
            return replies
        self._deadline = self._clock() + self._mail_seconds
        connection, reply = self._begin(mail_from, open_for, raw)
        with self._broken_off():
            if reply.is_accepted:
                replies |= _offer(connection, open_for, raw)
            else:
                replies |= dict.fromkeys(open_for, replace(reply, is_about_sender=True))
        if not all(each.is_accepted for each in replies.values()):
            self._forget_mail(connection)
        self._used_at = self._clock()
        return replies

    def close_idle(self) -> None:
        """Says goodbye when nothing has been sent for some time."""
        if self._clock() - self._used_at >= _KEPT_SECONDS:
            self.close()

    def close(self) -> None:
        """Says goodbye, if there is somebody to say it to."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        connection.deadline = self._clock() + min(_FAREWELL_SECONDS, self._settings.timeout_seconds)
        try:
            connection.quit()
        except OSError:  # smtplib's own errors are OSErrors too
            connection.close()

    def cut(self) -> None:
        """Whatever another thread is doing here fails at once, and everything that it tries later."""
        self._cord.cut()

    def check(self) -> str:
        """Logs in and leaves again; what was found, in a line.

        Raises:
            RelayDownError: with what is wrong and which setting to look at.
        """
        self._deadline = self._clock() + self._mail_seconds
        connection = self._connected()
        size = connection.esmtp_features.get("size", "").strip()
        secured = connection.sock.version() if isinstance(connection.sock, ssl.SSLSocket) else "no encryption"
        self.close()
        who = f"logged in as {self._settings.user}" if self._settings.user else "without login"
        limit = f", takes mail up to {int(size) // 10**6} MB" if size.isdigit() and int(size) else ""
        return f"{self._place}: {secured}, {who}{limit}"

    def _begin(self, mail_from: str, recipients: Sequence[str], raw: bytes) -> tuple[Line, Reply]:
        """An open connection and its reply to MAIL. A kept connection that has died meanwhile is replaced."""
        kept = self._kept()
        if kept is not None:
            try:
                return kept, self._mail(kept, mail_from, recipients, raw)
            except OSError:
                self._drop()
        fresh = self._connected()
        try:
            return fresh, self._mail(fresh, mail_from, recipients, raw)
        except OSError as error:
            self._drop()
            raise TemporaryError(f"{self._place}: {_said(error)}") from error

    def _mail(self, connection: smtplib.SMTP, mail_from: str, recipients: Sequence[str], raw: bytes) -> Reply:
        most = connection.esmtp_features.get("size", "").strip()
        if most.isdigit() and 0 < int(most) < len(raw):
            return Reply(552, f"5.3.4 the smarthost takes no mail of more than {most} octets")  # RFC 1870 §6
        options = [f"SIZE={len(raw)}"] if connection.has_extn("size") else []  # RFC 1870
        if not raw.isascii() and connection.has_extn("8bitmime"):
            options.append("BODY=8BITMIME")  # RFC 6152
        if not mail_from.isascii() or not all(address.isascii() for address in recipients):
            if connection.has_extn("smtputf8"):
                options.append("SMTPUTF8")  # RFC 6531 §3.4
            elif not mail_from.isascii() or not any(address.isascii() for address in recipients):
                return Reply(553, "5.6.7 the smarthost takes no internationalised addresses")
        reply = _reply(connection.mail(mail_from, options))
        if reply.code == 421:  # RFC 5321 §3.8: it is closing the connection
            raise smtplib.SMTPServerDisconnected(str(reply))
        if reply.code in _SERVICE_REFUSED:
            self._drop()
            raise RelayDownError(f"{self._place}: refuses our mail ({reply}); look at user, password and tls")
        return reply

    def _forget_mail(self, connection: smtplib.SMTP) -> None:
        """Lets nothing of a refused mail reach into the next (RFC 5321 §4.1.1.5)."""
        try:
            connection.rset()
        except OSError:
            self._drop()

    def _kept(self) -> Line | None:
        """The connection from before while it is good."""
        idle = self._clock() - self._used_at
        if self._connection is not None:
            self._connection.deadline = self._deadline
        if self._connection is None or idle < _TRUSTED_SECONDS:
            return self._connection
        try:
            if idle < _KEPT_SECONDS and self._connection.noop()[0] == 250:
                return self._connection
        except OSError:
            pass
        self.close()
        return None

    def _connected(self) -> Line:
        """A new connection, encrypted and logged in as configured.

        Raises:
            RelayDownError: with what is wrong and which setting to look at.
        """
        self._drop()
        try:
            connection = self._opened()
        except ssl.SSLError as error:
            raise RelayDownError(
                f"{self._place}: no trusted TLS ({_said(error)}); look at host, tls and tls_ca"
            ) from error
        except OSError as error:
            raise RelayDownError(
                f"{self._place}: cannot connect ({_said(error)}); look at host, port and tls"
            ) from error
        self._connection = connection
        try:
            if self._settings.user:
                connection.login(self._settings.user, self._settings.password)
        except (OSError, UnicodeError) as error:
            self._drop()
            why = "a letter that is not ASCII" if isinstance(error, UnicodeError) else _said(error)
            raise RelayDownError(f"{self._place}: login refused ({why}); look at user and password") from error
        self._used_at = self._clock()
        return connection

    def _opened(self) -> Line:
        settings = self._settings
        name = settings.hostname or "localhost"
        secure = None if settings.tls is Tls.NONE else ssl.create_default_context(cafile=settings.tls_ca or None)
        place = (self._clock, self._deadline, self._cord, settings.host, settings.port, name)
        if settings.tls is Tls.IMPLICIT:
            connection: Line = TlsLine(*place, timeout=settings.timeout_seconds, context=secure)
        else:
            connection = Line(*place, timeout=settings.timeout_seconds)
        try:
            connection.ehlo_or_helo_if_needed()
            if settings.tls is Tls.STARTTLS:
                connection.starttls(context=secure)
                connection.ehlo_or_helo_if_needed()
        except OSError:
            connection.close()
            raise
        return connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    @contextmanager
    def _broken_off(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._drop()
            raise TemporaryError(f"{self._place}: broke off ({_said(error)})") from error

    @property
    def _place(self) -> str:
        return f"smarthost {self._settings.host}:{self._settings.port}"


def check(settings: SmarthostSettings) -> str:
    """What a login at the smarthost finds, in a line.

    Raises:
        PermanentError: with what is wrong and which setting to look at.
    """
    try:
        return Smarthost(settings).check()
    except RelayDownError as error:
        raise PermanentError(str(error)) from error


def _offer(connection: smtplib.SMTP, recipients: Sequence[str], raw: bytes) -> dict[str, Reply]:
    """The replies to RCPT where it was refused, to DATA where it was accepted."""
    replies = {address: _rcpt(connection, address) for address in recipients}
    accepted = [address for address, reply in replies.items() if reply.is_accepted]
    return replies | dict.fromkeys(accepted, _data(connection, raw)) if accepted else replies


def _rcpt(connection: smtplib.SMTP, address: str) -> Reply:
    if not address.isascii() and not connection.has_extn("smtputf8"):
        return Reply(553, "5.6.7 the smarthost takes no internationalised addresses")  # RFC 6531 §3.5
    reply = _reply(connection.rcpt(address))
    if reply.code == 421:
        raise smtplib.SMTPServerDisconnected(str(reply))
    return reply


def _data(connection: smtplib.SMTP, raw: bytes) -> Reply:
    try:
        return _reply(connection.data(raw))  # smtplib doubles leading dots (RFC 5321 §4.5.2)
    except smtplib.SMTPDataError as error:
        if not 400 <= error.smtp_code < 600:  # neither go ahead nor a refusal: it answers something else
            raise smtplib.SMTPServerDisconnected(f"DATA was answered by {_said(error)}") from error
        return Reply(error.smtp_code, _text(error.smtp_error))


def _reply(said: tuple[int, bytes]) -> Reply:
    return Reply(said[0], _text(said[1]))


def _text(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:500]


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return _text(str(error)) or type(error).__name__
