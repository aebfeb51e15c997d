"""What templates write beside words – links, buttons, quotations, somebody's own words – as text and as HTML.

While a template runs, each such piece is a mark of private-use characters, so that the paragraphs around it can be
formed and escaped without touching it. Knows no template engine.
"""

import html
import re
import textwrap
from dataclasses import dataclass
from unicodedata import east_asian_width

WIDTH = 74
_OPEN, _INLINE, _BLOCK = "\ue000", "\ue001", "\ue002"
_MARK = re.compile(f"{_OPEN}([0-9]{{1,6}})[{_INLINE}{_BLOCK}]")
_BLOCK_MARK = re.compile(f"({_OPEN}[0-9]{{1,6}}{_BLOCK})")
_RESERVED = re.compile(f"[{_OPEN}{_INLINE}{_BLOCK}]")
_URL = re.compile(r"(?:https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?=[/?#]|$)|mailto:)[!#-;=?-~]*")
_WEB_ADDRESS = re.compile(
    r"https?://[A-Za-z0-9-][A-Za-z0-9.-]*(?![A-Za-z0-9.-])(?::[0-9]{1,5}(?![0-9]))?(?![@:])(?:[/?][!#-;=?-~]*)?"
)
_UNBROKEN = re.compile(r"(?<![\w-])[A-Z][A-Z0-9]*-[2-9A-Z]{4}-[2-9A-Z]{4}(?![\w-])")  # a reference is read as one word
_MANY_SPACES = re.compile(r"(?m)^ | (?= )")
_BUTTON = (
    "display:inline-block;margin:4px 6px 4px 0;padding:9px 16px;border-radius:6px;"
    "background-color:#1d4f91;color:#ffffff;font-weight:600;text-decoration:none"
)
_QUOTE = "margin:0 0 16px;padding:2px 0 2px 14px;border-left:3px solid #c5ccd6;color:#56606e"


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing in both forms. A block stands by itself, between paragraphs."""

    text: str
    html: str
    is_block: bool = False


class Pieces:
    """The pieces of one mail while its template runs."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []

    def mark(self, piece: Piece) -> str:
        """The mark that stands for `piece` until `as_text` or `as_html` puts it in."""
        self._pieces.append(piece)
        return f"{_OPEN}{len(self._pieces) - 1}{_BLOCK if piece.is_block else _INLINE}"

    def as_text(self, rendered: str) -> str:
        """The finished plain text: paragraphs wrapped, people's own words as they wrote them."""
        paragraphs = re.sub(r"\n[ \t]*(?:\n[ \t]*)+\n", "\n\n", rendered.strip())
        labelled = _MARK.sub(lambda found: found[0] if _is_block(found) else self._piece(found).text, paragraphs)
        wrapped = "\n".join(_wrapped(line) for line in labelled.split("\n"))
        return _MARK.sub(lambda found: self._piece(found).text, wrapped)

    def as_html(self, rendered: str) -> str:
        """The finished HTML of the body: everything escaped, blank lines make paragraphs, line ends make breaks."""
        parts = _BLOCK_MARK.split(html.escape(rendered.strip()))
        formed = "\n".join(part if _BLOCK_MARK.fullmatch(part) else _paragraphs(part) for part in parts)
        formed = _UNBROKEN.sub(r'<span style="white-space:nowrap">\g<0></span>', formed)
        return _MARK.sub(lambda found: self._piece(found).html, formed)

    def _piece(self, found: re.Match[str]) -> Piece:
        number = int(found[1])
        return self._pieces[number] if number < len(self._pieces) else Piece("", "")


def without_marks(text: str) -> str:
    """`text` without the characters that marks are made of."""
    return _RESERVED.sub("", text)


def link(label: str, url: str) -> Piece:
    """A link in the text; ValueError unless `url` is an https or mailto URL."""
    _require_url(url)
    text = label if url.startswith("mailto:") else f"{label}: {url}"
    return Piece(text, f'<a href="{html.escape(url)}">{html.escape(label)}</a>')


def button(label: str, url: str) -> Piece:
    """A link that looks like a button; in text the same as `link`."""
    drawn = f'<a class="button" style="{_BUTTON}" href="{html.escape(url)}">{html.escape(label)}</a>'
    return Piece(link(label, url).text, drawn)


def quote(words: str) -> Piece:
    """Words said before, marked as quoted (RFC 3676 §4.5 in text)."""
    lines = words.strip("\n").split("\n")
    quoted = "\n".join(f">{'' if line.startswith('>') or not line else ' '}{line}" for line in lines)
    return Piece(quoted, f'<blockquote style="{_QUOTE}">{_as_written(words)}</blockquote>', is_block=True)


def said(words: str) -> Piece:
    """Somebody's words exactly as written: line ends, blank lines and indentation kept, web addresses made links."""
    return Piece(words.strip("\n"), f'<div class="said">{_as_written(words)}</div>', is_block=True)


def _is_block(found: re.Match[str]) -> bool:
    return found[0].endswith(_BLOCK)


def _require_url(url: str) -> None:
    if not _URL.fullmatch(url):
        raise ValueError(f"not an https: or mailto: URL: {url!r}")


def _wrapped(line: str) -> str:
    if len(line) <= WIDTH and line.isascii() and line.isprintable():
        return line.rstrip()  # most lines are
    if any(east_asian_width(letter) == "W" for letter in line):
        return line  # Chinese has no spaces to break at; the reader's client breaks it anywhere
    indent = line[: len(line) - len(line.lstrip())]
    filled = textwrap.fill(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return filled.rstrip()


def _paragraphs(escaped: str) -> str:
    found = (paragraph.strip() for paragraph in re.split(r"\n[ \t]*\n", escaped))
    return "\n".join("<p>" + paragraph.replace("\n", "<br>\n") + "</p>" for paragraph in found if paragraph)


def _as_written(words: str) -> str:
    text = words.strip("\n").expandtabs(8)
    drawn, end = "", 0
    for found in _WEB_ADDRESS.finditer(text):
        url = found[0].rstrip(".,;:!?)]}'*_")
        shown = html.escape(url)
        drawn += _spaced(text[end : found.start()]) + f'<a href="{shown}">{shown}</a>'
        end = found.start() + len(url)
    return drawn + _spaced(text[end:])


def _spaced(text: str) -> str:
    return _MANY_SPACES.sub("&nbsp;", html.escape(text)).replace("\n", "<br>\n")
