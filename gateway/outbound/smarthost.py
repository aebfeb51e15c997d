"""The smarthost: one kept connection, encrypted and logged in, its replies recipient by recipient. Retries nothing."""

import smtplib
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from gateway.errors import PermanentError, TemporaryError
from gateway.outbound import transaction
from gateway.outbound.line import Cord, Line, TlsLine
from gateway.outbound.relay import MayGo, RelayDownError, Reply, tidy
from gateway.outbound.settings import SmarthostSettings, Tls
from gateway.outbound.transaction import Transaction

_TRUSTED_SECONDS = 2.0  # a connection used so lately is taken to be alive
_KEPT_SECONDS = 60.0  # servers hang up on the idle, Postfix after 300 s
_MAIL_SECONDS = 420.0  # a row is ours for 15 minutes, and half of them may be gone when its turn comes
_FAREWELL_SECONDS = 3.0  # QUIT is good manners: nothing depends on its answer
_SERVICE_REFUSED = frozenset({530, 534, 535, 538})  # nothing wrong with the mail: RFC 4954 §6


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

    def send(self, mail_from: str, recipients: Sequence[str], raw: bytes, may_go: MayGo) -> Mapping[str, Reply]:
        """What the smarthost said for each recipient.

        Raises:
            RelayDownError: it cannot be reached or refuses our service; nothing was handed over.
            TemporaryError: the connection broke before it had answered for the mail.
            WithdrawnError: `may_go` said no; the connection was ended before the end of the mail.
        """
        if len({raw.count(end) for end in (b"\r\n", b"\n", b"\r")}) > 1:  # RFC 5321 §2.3.8: might be two mails to some
            return dict.fromkeys(recipients, Reply(554, "5.6.0 lines that do not end with CRLF"))
        self._deadline = self._clock() + self._mail_seconds
        with self._broken_off():
            begun = self._begin(lambda line: transaction.begun(line, mail_from, recipients, raw, may_go))
            replies = begun.carried_out(raw, may_go)
        if not all(each.is_accepted for each in replies.values()):
            try:
                begun.forget()
            except OSError:
                self._drop()
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

    def _begin(self, begin: Callable[[Line], Transaction]) -> Transaction:
        """A transaction on an open connection. A kept one that has died meanwhile is replaced."""
        kept = self._kept()
        if kept is not None:
            try:
                return self._begun(begin(kept))
            except OSError:
                self._drop()
        fresh = self._connected()
        try:
            return self._begun(begin(fresh))
        except OSError as error:
            self._drop()
            raise TemporaryError(f"{self._place}: {_said(error)}") from error

    def _begun(self, begun: Transaction) -> Transaction:
        if begun.mail is not None and begun.mail.code in _SERVICE_REFUSED:
            raise RelayDownError(f"{self._place}: refuses our mail ({begun.mail}); look at user, password and tls")
        return begun

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
        except BaseException:  # who knows how far it is
            self._drop()
            raise

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


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {tidy(error.smtp_error)}"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return tidy(str(error)) or type(error).__name__
