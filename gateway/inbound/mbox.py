"""Cuts an mbox file into its messages (RFC 4155). Reads no file itself."""

import re
from collections.abc import Iterator

_DAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_START = re.compile(rb"^From [^\r\n]{1,400}? " + _DAY + rb"\b[^\r\n]*\r?\n", re.MULTILINE)
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def is_mbox(raw: bytes) -> bool:
    """Whether `raw` begins as an mbox does: who, then when. `From :` is an obsolete but legal field of a message."""
    return _START.match(raw) is not None


def split(raw: bytes) -> Iterator[bytes]:
    """Each message, its `From ` line taken off and `>From ` lines as they were."""
    starts = [found for found in _START.finditer(raw) if _begins_message(raw, found.start())]
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        end = following.start() if following else len(raw)
        message = raw[start.end() : end]
        yield _QUOTED.sub(rb"\1", message.removesuffix(b"\r\n" if message.endswith(b"\r\n") else b"\n"))


def _begins_message(raw: bytes, at: int) -> bool:
    return at == 0 or raw[max(at - 3, 0) : at].endswith((b"\n\n", b"\n\r\n"))
