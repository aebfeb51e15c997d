"""Reads what mail servers wrote on top of a mail (RFC 5321 §4.4) whose envelope is gone. It is no general parser."""

import re
from collections.abc import Iterator

from gateway.mail.address import is_valid, normalise
from gateway.mail.envelope import Envelope

_HEADER_OCTETS = 256 * 1024
_RECIPIENTS = 50
_RECIPIENT_FIELDS = frozenset({"delivered-to", "x-original-to", "envelope-to"})
_END = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_FIELD = re.compile(rb"^[!-9;-~]+[ \t]*:[^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*", re.MULTILINE)  # RFC 5322 §2.2
_BODY_FIELDS = (b"content-", b"mime-version")  # they speak of the body that is not there
_ANGLE = re.compile(r"<([^<>]*)>")


def envelope_of(raw: bytes, address: str) -> Envelope:
    """The envelope as far as the header tells it: Return-Path, and `address` with whomever delivery was noted for."""
    mail_from: str | None = None
    is_first = True
    rcpt_to = {normalise(address): address}
    for name, value in _fields(raw):
        if name == "return-path" and is_first:
            mail_from, is_first = _reverse_path(value), False
        elif name in _RECIPIENT_FIELDS and len(rcpt_to) < _RECIPIENTS:
            noted = _address(value)
            if noted:
                rcpt_to.setdefault(normalise(noted), noted)
    return Envelope(mail_from, tuple(rcpt_to.values()))


def stand_in(header: bytes, sentence: str) -> bytes:
    """A small mail under the header of one whose body is not at hand: `sentence` (ASCII) is its text."""
    lines = [line for line in _FIELD.findall(_header(header)) if not line.lower().startswith(_BODY_FIELDS)]
    text = ["MIME-Version: 1.0", "Content-Type: text/plain; charset=us-ascii", "", sentence, ""]
    return b"\r\n".join([*lines, *(line.encode("ascii") for line in text)])


def _header(raw: bytes) -> bytes:
    return _END.split(raw[:_HEADER_OCTETS], maxsplit=1)[0]


def _fields(raw: bytes) -> Iterator[tuple[str, str]]:
    for line in _FOLD.sub(b" ", _header(raw)).splitlines():
        name, _, value = line.partition(b":")
        yield name.decode("ascii", "replace").strip().lower(), value.decode("utf-8", "replace").strip()


def _reverse_path(value: str) -> str | None:
    found = _ANGLE.search(value)
    text = found[1].strip() if found else value
    return "" if found and not text else _address(text)


def _address(text: str) -> str | None:
    bare = text.strip().removeprefix("<").removesuffix(">")
    return bare if is_valid(bare) and "\ufffd" not in bare else None
