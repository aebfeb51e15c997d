"""Reads the path of MAIL and RCPT (RFC 5321 §4.1.2). Whether the address is one of ours is not its question."""

import re

NULL = "<>"
"""The null reverse-path, as text that is not empty."""

_OCTETS = 512  # RFC 5321 §4.5.3.1.3 has 256; senders that write the recipient into their local part need more
_BARRED = r"\x00-\x20\x7f-\x9f\ud800-\udfff<>()\[\]\\,;:\"@"  # control characters, broken UTF-8, RFC 5322 §3.2.3
_LOCAL = rf'(?:[^{_BARRED}]+|"(?:[^"\\\x00-\x1f\x7f-\x9f\ud800-\udfff]|\\[\x20-\x7e])*")'
_DOMAIN = rf"(?:[^{_BARRED}.]+(?:\.[^{_BARRED}.]+)*|\[[0-9A-Za-z.:-]+\])"
_ROUTE = rf"(?:@{_DOMAIN}(?:,@{_DOMAIN})*:)?"  # RFC 5321 §4.1.1.3: taken and ignored
_PATH = re.compile(rf"<{_ROUTE}({_LOCAL}@{_DOMAIN}|postmaster|)>(?: +(.*))?", re.IGNORECASE | re.DOTALL)


def parse(argument: str) -> tuple[str, str] | None:
    """The address and the parameters behind it; None when there is no sane path. `<>` gives NULL.

    `argument` is what follows `MAIL FROM:`, its octets decoded as UTF-8 with surrogates for what is none.
    """
    found = _PATH.fullmatch(argument.strip())
    if found is None or len(found[1].encode()) > _OCTETS:
        return None
    return found[1] or NULL, found[2] or ""
