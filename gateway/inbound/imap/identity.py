"""What a mail is known by where its octets are not at hand: its Message-ID and date. No proof against forgers."""

import hashlib
import re

FIELDS = ("MESSAGE-ID", "DATE")

_HEADER_OCTETS = 256 * 1024
_END = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(rb"^(message-id|date)[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)", re.MULTILINE | re.IGNORECASE)


def of(raw: bytes) -> str:
    """A digest of what names the mail (RFC 5322 §3.6.4), from all of it or from those fields; empty when nothing does.

    Servers may fold and order fields as they like; that makes no difference.
    """
    header = _END.split(b"\n" + raw[:_HEADER_OCTETS], maxsplit=1)[0]
    fields = sorted((name.lower(), b" ".join(value.split())) for name, value in _FIELD.findall(header))
    if not any(name == b"message-id" and value for name, value in fields):
        return ""
    return hashlib.sha256(repr(fields).encode()).hexdigest()
