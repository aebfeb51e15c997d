r"""RTF to words, and RTF that only wraps HTML back to that HTML (MS-OXRTFEX). Keeps no looks: no fonts, no pictures.

One pass over the tokens with a stack of groups; what a reader may skip (`{\*\...}`) is skipped.
"""

import re
from dataclasses import dataclass, field, replace

from gateway.mail import charset

_TOKEN = re.compile(
    rb"\\([A-Za-z]{1,32})(-?\d{1,10})? ?"  # a control word and its number
    rb"|\\'([0-9A-Fa-f]{2})"
    rb"|\\([^A-Za-z])"
    rb"|([{}])"
    rb"|[\r\n]+"
    rb"|([^\\{}\r\n]+)",
    re.DOTALL,
)
_DEEPEST = 500  # groups
_MOST_TOKENS = 200_000
# What is data of the document and none of its words.
_SKIPPED = frozenset(
    ("colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "headerl", "headerr", "footerl", "footerr")
) | frozenset(("footnote", "filetbl", "listtable", "listoverridetable", "rsidtbl", "generator", "xmlnstbl", "fldinst"))
_WORDS = {
    "par": "\n", "line": "\n", "row": "\n", "sect": "\n", "page": "\n", "tab": "\t", "cell": "\t", "bullet": "•",
    "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "emdash": "—", "endash": "–",
    "emspace": " ", "enspace": " ", "qmspace": " ", "lbr": "\n",
}  # fmt: skip
_SYMBOLS = {b"~": "\u00a0", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n"}
_FONT_CHARSETS = {
    128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5", 161: "cp1253", 162: "cp1254", 163: "cp1258",
    177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """What the document says, as HTML where it was made of HTML."""

    content: str
    is_html: bool


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds until its closing brace."""

    codec: str
    skipped_after_unicode: int = 1
    is_skipped: bool = False
    is_tag: bool = False  # HTML, word by word
    is_rtf_only: bool = False  # looks for readers of RTF, where the HTML says the same
    is_font_table: bool = False


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    group: _Group
    outer: list[_Group] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    octets: bytearray = field(default_factory=bytearray)  # of letters that may take several
    codec: str = "cp1252"  # of the document
    codecs: dict[int, str] = field(default_factory=dict)  # of its fonts
    font: int = 0
    to_skip: int = 0  # letters for those who read no Unicode
    may_be_skipped: bool = False  # `\*` was read
    is_html: bool = False

    def flush(self) -> None:
        """Decode what has gathered."""
        if self.octets:
            self.words.append(self.octets.decode(self.group.codec, "replace"))
            self.octets.clear()

    def say(self, words: str) -> None:
        self.flush()
        if self.is_shown:
            self.words.append(words)

    @property
    def is_shown(self) -> bool:
        return not self.group.is_skipped and not (self.is_html and self.group.is_rtf_only)


def convert(octets: bytes, most: int) -> Words | None:
    """The words of a document, at most `most` characters; None where `octets` are no RTF. Never raises."""
    if octets.lstrip()[:5] != b"{\\rtf":
        return None
    reading = _Reading(_Group("cp1252"))
    for count, token in enumerate(_TOKEN.finditer(octets)):
        if count > _MOST_TOKENS or len(reading.outer) > _DEEPEST:
            break
        _take(token, reading)
    reading.flush()
    content = "".join(reading.words)[:most].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return Words(content.strip("\n"), reading.is_html)


def _take(token: re.Match[bytes], reading: _Reading) -> None:
    word, number, octet, symbol, brace, letters = token.groups()
    if word:
        _take_word(word.decode("ascii"), int(number) if number else None, reading)
    elif octet:
        _take_letters(bytes.fromhex(octet.decode("ascii")), reading)
    elif symbol:
        _take_symbol(symbol, reading)
    elif brace:
        _take_brace(brace, reading)
    elif letters:
        _take_letters(letters, reading)
    if not symbol:
        reading.may_be_skipped = False


def _take_letters(letters: bytes, reading: _Reading) -> None:
    passed = min(reading.to_skip, len(letters))
    reading.to_skip -= passed
    if reading.is_shown:
        reading.octets += letters[passed:]


def _take_symbol(symbol: bytes, reading: _Reading) -> None:
    if symbol == b"*":
        reading.may_be_skipped = True
    elif reading.to_skip:
        reading.to_skip -= 1
    elif symbol in _SYMBOLS:
        reading.say(_SYMBOLS[symbol])


def _take_brace(brace: bytes, reading: _Reading) -> None:
    reading.flush()
    reading.to_skip = 0
    if brace == b"{":
        reading.outer.append(reading.group)
    elif reading.outer:
        reading.group = reading.outer.pop()


def _take_word(word: str, number: int | None, reading: _Reading) -> None:
    reading.flush()
    group = reading.group
    if word == "u" and number is not None:
        reading.say(chr(number % 0x10000))
        reading.to_skip = group.skipped_after_unicode
    elif word == "uc":
        reading.group = replace(group, skipped_after_unicode=max(0, min(number or 0, 10)))
    elif word == "htmltag":
        reading.group = replace(group, is_tag=True, is_rtf_only=False, is_skipped=False)
    elif word == "htmlrtf":
        reading.group = replace(group, is_rtf_only=number != 0)
    elif word == "fromhtml":
        reading.is_html = number != 0
    elif word == "fonttbl":
        reading.group = replace(group, is_font_table=True, is_skipped=True)
    elif reading.may_be_skipped or word in _SKIPPED:
        reading.group = replace(group, is_skipped=True)
    elif word in {"ansicpg", "f", "fcharset", "plain", "deff"}:
        _take_font(word, number or 0, reading)
    elif word in _WORDS:
        reading.say(_WORDS[word])


def _take_font(word: str, number: int, reading: _Reading) -> None:
    """The charset of what follows: the document's code page, or that of the font."""
    match word:
        case "ansicpg":
            reading.codec = charset.codec_of(f"cp{number}") or reading.codec
            reading.group = replace(reading.group, codec=reading.codec)
        case "fcharset" if reading.group.is_font_table:
            reading.codecs[reading.font] = _FONT_CHARSETS.get(number, reading.codec)
        case "f" if reading.group.is_font_table:
            reading.font = number
        case "f":
            reading.group = replace(reading.group, codec=reading.codecs.get(number, reading.codec))
        case _:  # back to the default
            reading.group = replace(reading.group, codec=reading.codec)
