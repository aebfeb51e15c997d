"""The certificate of a listener, read anew when its files change. A new one that is broken changes nothing."""

import logging
import os
import ssl

from gateway.errors import PermanentError
from gateway.inbound.settings import ListenerSettings

log = logging.getLogger(__name__)

_Stamp = tuple[tuple[int, int, int], ...]


class Certificate:
    """`context` is what new connections speak TLS with.

    Raises:
        PermanentError: it cannot be used.
    """

    def __init__(self, settings: ListenerSettings) -> None:
        self._certificate, self._key = settings.tls_certificate, settings.tls_key or None
        self._tried = self._seen = self._stamp()
        self.context = self._read()

    def is_renewed(self) -> bool:
        """Whether there is another now. Files that have changed since the last look are left alone until the next.

        Whoever renews them writes one after the other, so that for a moment they do not fit.
        """
        stamp = self._stamp()
        is_settled, self._seen = stamp == self._seen, stamp
        if stamp == self._tried or not is_settled:
            return False
        self._tried = stamp
        facts = {"action": "certificate", "file": self._certificate}
        try:
            self.context = self._read()
        except PermanentError as error:
            log.error(  # noqa: TRY400 - the library's words say it all
                "the new certificate cannot be used, the old one stays", extra={**facts, "reason": str(error)}
            )
            return False
        log.info("a new certificate is used from now on", extra=facts)
        return True

    def _read(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        try:
            context.load_cert_chain(self._certificate, self._key, password=_no_password)
        except (OSError, ValueError) as error:
            raise PermanentError(f"listener certificate {self._certificate}: {error}") from error
        return context

    def _stamp(self) -> _Stamp:
        """Tells the files' states apart; also where a name now leads elsewhere."""
        return tuple(_state(path) for path in (self._certificate, self._key) if path)


def _state(path: str) -> tuple[int, int, int]:
    try:
        found = os.stat(path)  # noqa: PTH116 - a Path for each look is no clearer
    except OSError:
        return (0, 0, 0)
    return found.st_ino, found.st_ctime_ns, found.st_size  # ctime: a key may be made ours after it was written


def _no_password() -> str:
    # Without this the library would ask on the terminal, and wait.
    raise ValueError("its key is protected by a password; a daemon has nobody to ask")
