"""Bytes to text, whatever the label says: declared charset, alias, marks in the data, then guesses. Knows no MIME.

The order: byte order mark; the declared charset where the bytes agree; UTF-8 (also where it fits better than the label,
and with losses where most of it is sound); a hint from elsewhere in the message; `charset_guess`; windows-1252.
"""

import codecs
import re

from gateway.mail.charset_guess import guess

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# What senders write -> the Python codec that reads what they mean (supersets where vendors widened a standard).
_ALIASES = {
    "ascii": "",
    "us-ascii": "",
    "ansi_x3.4-1968": "",
    "x-unknown": "",
    "unknown": "",
    "unknown-8bit": "",
    "x-user-defined": "",
    "default": "",
    "binary": "",
    "8bit": "",
    "7bit": "",
    "none": "",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "l1": "cp1252",
    "iso_8859-1": "cp1252",
    "ansi": "cp1252",
    "x-ansi": "cp1252",
    "cp-1252": "cp1252",
    "win-1252": "cp1252",
    "windows1252": "cp1252",
    "ansi_x3.110-1983": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "iso-8859-8-i": "iso8859_8",
    "iso-8859-8-e": "iso8859_8",
    "iso-8859-6-i": "iso8859_6",
    "iso-8859-6-e": "iso8859_6",
    "windows-1251": "cp1251",
    "win-1251": "cp1251",
    "cp-1251": "cp1251",
    "x-cp1251": "cp1251",
    "x-cp1250": "cp1250",
    "koi8": "koi8_r",
    "koi8-ru": "koi8_u",
    "x-koi8-r": "koi8_r",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-ukrainian": "mac_cyrillic",
    "x-mac-greek": "mac_greek",
    "x-mac-ce": "mac_latin2",
    "x-mac-roman": "mac_roman",
    "x-mac-turkish": "mac_turkish",
    "macintosh": "mac_roman",
    "gb2312": "gb18030",
    "iso-gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cn-gb": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "cn-big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "ks-c-5601-1987": "cp949",
    "euc-kr": "cp949",
    "x-windows-949": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-2022-jp-ms": "iso2022_jp_ext",
    "iso-2022-jp-1": "iso2022_jp_ext",
    "cp50220": "iso2022_jp_ext",
    "cp50221": "iso2022_jp_ext",
    "csiso2022jp": "iso2022_jp_ext",
    "_iso-2022-jp": "iso2022_jp_ext",
    "unicode-1-1-utf-7": "utf-7",
    "x-unicode-2-0-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "x-utf-8": "utf-8",
    "utf-8-mac": "utf-8",
    "unicode": "utf-16",
    "iso-10646-ucs-2": "utf-16",
    "ucs-2": "utf-16",
}
# Codecs in which any byte means something, so that fitting proves nothing.
_ONE_BYTE = re.compile(r"(?:cp\d{3,4}|iso8859[-_]\d+|koi8[-_].+|mac[-_].+|latin[-_]?\d+)$")
_NOT_TEXT = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
_META = re.compile(rb"<meta[^>]{0,300}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_ISO_2022 = re.compile(rb"\x1b(?:\$[@B]|\([JI]|\$\([CD])")
_HIGH = bytes(range(0x80, 0x100))


def codec_of(name: str) -> str:
    """The Python codec for a charset's name in a message; `""` when the name says nothing we can use."""
    name = name.strip().strip("\"'").lower().partition("$")[0].partition("*")[0]
    name = _ALIASES.get(name, name)
    if not name:
        return ""
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    found = info.name.replace("-", "_")
    return "" if found in _NOT_TEXT or not info._is_text_encoding else info.name  # noqa: SLF001 no public way to ask


def meta_charset(html: bytes) -> str:
    """The charset an HTML document claims in its first 4 kB, or `""` (HTML §4.2.5.4)."""
    found = _META.search(html[:4096])
    return found[1].decode("ascii") if found else ""


def decode(data: bytes, declared: str = "", hint: str = "") -> str:
    """`data` as text; never raises. `hint` is a charset seen elsewhere in the message, tried after UTF-8."""
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return data.decode(codec, "replace").removeprefix("\ufeff")
    codec = codec_of(declared)
    text = _as_declared(data, codec) if codec else None
    if text is None:
        text = _undeclared(data, codec, codec_of(hint))
    return text


def _as_declared(data: bytes, codec: str) -> str | None:
    """The text if `codec` can be believed, else None: UTF-8 labelled as one of the one-byte charsets is not."""
    if _ONE_BYTE.match(codec.replace("-", "_")):
        return None if is_utf8(data) else _strict(data, codec)
    return _utf8_with_losses(data) if codec == "utf-8" else _strict(data, codec)


def _undeclared(data: bytes, declared: str, hint: str) -> str:
    if _ISO_2022.search(data[:100_000]) and data.isascii():
        return data.decode("iso2022_jp_ext", "replace")
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
