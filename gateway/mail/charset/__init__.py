"""Bytes to text, whatever the label says: declared charset, alias, marks in the data, then guesses. Knows no MIME.

The order: byte order mark; the declared charset where the bytes agree; UTF-8 (also where it fits better than the label,
and with losses where most of it is sound); a hint from elsewhere in the message; `guess`; windows-1252.
"""

import codecs
import re

from gateway.mail.charset import japanese
from gateway.mail.charset.guess import guess
from gateway.mail.charset.names import codec_of

__all__ = ["codec_of", "decode", "fits", "is_utf8", "meta_charset"]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# Codecs in which any byte means something, so that fitting proves nothing.
_ONE_BYTE = re.compile(r"(?:cp(?!932|949|950)\d{3,4}|iso8859[-_]\d+|koi8[-_].+|mac[-_].+|latin[-_]?\d+)$")
_META = re.compile(rb"<meta[^>]{0,300}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
# Codecs in which octets of ASCII may mean other letters; two and four octets a letter never come without a NUL.
_ESCAPING = frozenset({"utf-7", "hz", "cp037", "cp273", "cp424", "cp500", "cp875", "cp1026", "cp1140"})
_WITH_NUL = re.compile(r"utf-(?:16|32)")
_ISO_2022 = re.compile(rb"\x1b(?:\$[@B]|\([JI]|\$\([CD])")
_HIGH = bytes(range(0x80, 0x100))


def meta_charset(html: bytes) -> str:
    """The charset an HTML document claims in its first 4 kB, or `""` (HTML §13.2.3.2).

    One whose octets could not have shown the claim means UTF-8.
    """
    found = _META.search(html[:4096])
    name = found[1].decode("ascii") if found else ""
    return "utf-8" if _WITH_NUL.match(codec_of(name)) else name


def decode(data: bytes, declared: str = "", hint: str = "") -> str:
    """`data` as text; never raises. `hint` is a charset seen elsewhere in the message, tried after UTF-8."""
    codec = codec_of(declared)
    if data.isascii() and b"\x1b" not in data and not _escapes(data, codec):
        return data.decode("ascii")
    for mark, marked in _BOMS:
        if data.startswith(mark):
            return data.decode(marked, "replace").removeprefix("\ufeff")
    text = _as_declared(data, codec) if codec else None
    if text is None:
        text = _undeclared(data, codec, codec_of(hint))
    return text


def _escapes(data: bytes, codec: str) -> bool:
    return codec in _ESCAPING or (b"\0" in data and bool(_WITH_NUL.match(codec)))


def _as_declared(data: bytes, codec: str) -> str | None:
    """The text if `codec` can be believed, else None: UTF-8 labelled as one of the one-byte charsets is not."""
    if _ONE_BYTE.match(codec.replace("-", "_")):
        return None if is_utf8(data) else _strict(data, codec)
    return _utf8_with_losses(data) if codec == "utf-8" else _strict(data, codec)


def _undeclared(data: bytes, declared: str, hint: str) -> str:
    if _ISO_2022.search(data[:100_000]) and (data.isascii() or declared.startswith("iso2022_jp")):
        return japanese.decode(data)
    text = _utf8_with_losses(data)
    if text is None and hint and hint != "utf-8":
        text = _strict(data, hint)
    if text is None and declared and not _ONE_BYTE.match(declared.replace("-", "_")) and declared != "utf-8":
        text = _mostly(data, declared)
    if text is None:
        text = _strict(data, guess(data))
    return data.decode("cp1252", "replace") if text is None else text


def fits(data: bytes, name: str) -> bool:
    """Whether the charset called `name` is known and reads all of `data`."""
    codec = codec_of(name) or ("ascii" if not name or data.isascii() else "")
    return bool(codec) and _strict(data, codec) is not None


def is_utf8(data: bytes) -> bool:
    """Whether `data` holds a character beyond ASCII and is sound UTF-8."""
    return not data.isascii() and _strict(data, "utf-8") is not None


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        # Five positions of windows-1252 are empty; Latin-1 software leaves controls there.
        return data.decode("latin-1") if codec == "cp1252" and not _high_share(data) > 1 / 2 else None


def _high_share(data: bytes) -> float:
    return 1 - len(data.translate(None, _HIGH)) / max(1, len(data))


def _utf8_with_losses(data: bytes) -> str | None:
    """UTF-8 if sound characters outnumber the broken ones: half a character missing must not cost the rest."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if not broken:
        return text
    sound = len(text) - len(text.encode("ascii", "ignore")) - broken
    return text if sound > broken else None


def _mostly(data: bytes, codec: str) -> str | None:
    text = data.decode(codec, "replace")
    return text if text.count("\ufffd") * 20 <= len(text) else None
