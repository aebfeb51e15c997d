"""HTML bodies as readable text: paragraphs, lists, table rows, links, quotes as `> `; nothing a reader would not see.

Walks the tree without recursion and bounds nesting before the tree is built, for a parser's time grows with the square
of it. Also says which lines the sending client itself marked as quote or signature. Sanitises nothing: `html_marks`
holds what clients write, this module only what it means as text.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from gateway.mail import html_marks
from gateway.mail.limits import Limits
from gateway.mail.message import Mark

_DEEPEST = 200
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:]{0,30})")
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "wbr"}
)
_SELF_CLOSING = _VOID | {"html", "body", "head", "p", "li", "td", "th", "tr", "dt", "dd", "option", "tbody", "thead"}
_BLOCK_WORDS = (
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol p pre section summary table tbody "
    "tfoot thead tr ul"
)
_BLOCK = frozenset(_BLOCK_WORDS.split())
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "pre", "blockquote"})
_LISTS = frozenset({"ul", "ol"})
_SILENT_WORDS = (
    "script style head title noscript template object embed iframe svg math select textarea audio video canvas"
)
_SILENT = frozenset(_SILENT_WORDS.split())
_OPENED = _LISTS | {"br", "hr", "img", "blockquote", "pre", "li", "tr", "td", "th"}  # write, or change how is written
_SPACES = re.compile(r"[ \t\r\n\f\u00a0]{2,}|[\t\r\n\f\u00a0]")  # one space is what it should be
# Also joiners that stand alone: newsletters pad their preview with them.
_INVISIBLE = re.compile(r"[\u200b\u2060\ufeff\u00ad\u034f]+|(?<= )[\u200c\u200d](?= |$)")
_PERHAPS_INVISIBLE = re.compile(r"[\u200b-\u200d\u2060\ufeff\u00ad\u034f]")  # a set alone is soon looked for
_LINKS = ("http://", "https://", "mailto:", "tel:", "ftp://")
_LINK_BEGINNING = re.compile(r"^(?:https?://|mailto:|tel:)(?:www\.)?", re.IGNORECASE)
_HIDDEN = re.compile(
    r"(?:^|;)(?:display:none|visibility:hidden|mso-hide:all|(?:max-height|font-size):0(?:px|pt|em|%)?(?:;|$))"
)


_Element = tuple[LexborNode, str, str, int]  # its tag, what the client calls it, the line where that begins


@dataclass(frozen=True, slots=True)
class HtmlText:
    """The text, and the ranges of its lines that the client marked (1-based, inclusive)."""

    text: str
    marks: tuple[Mark, ...] = ()


@dataclass(slots=True)
class _Writer:
    """Lines written so far, and the one being written."""

    links_left: int
    lines: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    quote_depth: int = 0
    preformatted: int = 0
    wants_blank: bool = False
    lists: list[int] = field(default_factory=list)  # next number, -1 for bullets
    cells: int = 0
    bullet: str = ""

    def write(self, text: str) -> None:
        """Add running text, its white space folded as HTML does (CSS 2.1 §16.6.1)."""
        if self.preformatted:
            first, *rest = text.replace("\r\n", "\n").split("\n")
            self.pieces.append(first)
            for line in rest:
                self.end_line()
                self.pieces.append(line)
            return
        if "  " in text or not text.isprintable():  # of white space only the one space is printable
            text = _SPACES.sub(" ", text)
        if not self.pieces or self.pieces[-1].endswith(" "):
            text = text.lstrip(" ")
        if text:
            self.pieces.append(text)

    def end_line(self, *, is_forced: bool = True) -> None:
        """Close the line being written; an empty one stays only when forced."""
        content = "".join(self.pieces).rstrip()
        self.pieces.clear()
        if content:
            if self.wants_blank and self.lines and self.lines[-1].strip("> "):
                self.lines.append(self._quoted("", min(self.quote_depth, _depth_of(self.lines[-1]))))
            self.lines.append(self._quoted(content, self.quote_depth))
            self.wants_blank = False
        elif is_forced:
            self.lines.append(self._quoted("", self.quote_depth))
            self.wants_blank = False

    def break_block(self, *, is_spaced: bool) -> None:
        """Begin on a new line, after an empty one if the element keeps a distance; a list's bullet waits for words."""
        if self.pieces:
            if self.pieces == [self.bullet]:
                return
            self.end_line(is_forced=False)
        self.wants_blank = self.wants_blank or is_spaced

    @staticmethod
    def _quoted(content: str, depth: int) -> str:
        return f"{'>' * depth} {content}".rstrip() if depth else content


def _depth_of(line: str) -> int:
    return len(line) - len(line.lstrip(">"))


def convert(html: str, limits: Limits = Limits()) -> HtmlText:  # noqa: B008 frozen
    """What a reader of `html` sees, as text with Unix line ends; never raises."""
    tree = LexborHTMLParser(_flattened(html[: limits.html]))
    writer = _Writer(limits.links)
    if tree.body is not None:
        _walk(tree.body, writer)
    writer.end_line(is_forced=False)
    return _tidied(writer)


def _flattened(html: str) -> str:
    """`html` without the tags that would open more than `_DEEPEST` levels."""
    depth = 0
    for closing, name in _TAG.findall(html):
        if name.lower() in _SELF_CLOSING:
            continue
        if not closing:
            depth += 1
        elif depth:
            depth -= 1
        if depth > _DEEPEST:
            return _without_deep_tags(html)
    return html


def _without_deep_tags(html: str) -> str:
    kept: list[str] = []
    depth = at = 0
    for found in _TAG.finditer(html):
        if found.start() < at or found[2].lower() in _VOID:
            continue
        depth = max(0, depth - 1) if found[1] else depth + 1
        if depth >= _DEEPEST:
            kept.append(html[at : found.start()])
            end = html.find(">", found.end(), found.end() + 2000)
            at = found.end() if end < 0 else end + 1
    return " ".join([*kept, html[at:]])


def _walk(root: LexborNode, writer: _Writer) -> None:
    """Visit the tree in document order; the stack holds what is still open."""
    open_elements: list[_Element] = []
    node = root
    while True:
        tag = node.tag or ""
        if tag == "-text":
            writer.write(node.text_content or "")
        elif element := _enter(node, tag, writer):
            child = node.child
            if child is not None:
                open_elements.append(element)
                node = child
                continue
            _leave(element, writer)
        following = node.next if open_elements else None
        while following is None:
            if not open_elements:
                return
            closed = open_elements.pop()
            _leave(closed, writer)
            following = closed[0].next if open_elements else None
        node = following


def _enter(node: LexborNode, tag: str, writer: _Writer) -> _Element | None:
    """Write what comes before the node's children; None where they are not to be seen."""
    if tag in _SILENT or not tag or tag.startswith(("-", "!")):
        return None
    attributes = node.attributes
    kind = ""
    if attributes:
        if _is_hidden(attributes):
            return None
        kind = html_marks.kind_of(tag, attributes)
    if tag in _BLOCK or kind in html_marks.KINDS:
        writer.break_block(is_spaced=tag in _SPACED and not (tag in _LISTS and writer.lists))
    if tag in _OPENED:
        _open(tag, attributes, kind, writer)
    return node, tag, kind, len(writer.lines) + 1


def _open(tag: str, attributes: dict[str, str | None], kind: str, writer: _Writer) -> None:
    match tag:
        case "br":
            writer.end_line()
        case "hr":
            writer.pieces.append("-" * 20)
            writer.end_line()
        case "img":
            writer.write(_image(attributes))
        case "blockquote":
            writer.quote_depth += 0 if kind == html_marks.INDENT else 1
        case "pre":
            writer.preformatted += 1
        case "ul" | "ol":
            writer.lists.append(1 if tag == "ol" else -1)
        case "li":
            _open_item(writer)
        case "tr" | "td" | "th":
            _open_cell(tag, writer)
        case _:
            pass


def _image(attributes: dict[str, str | None]) -> str:
    words = (attributes.get("alt") or "").strip()[:200]
    return f"[{words}]" if words else ""


def _open_cell(tag: str, writer: _Writer) -> None:
    """A row is one line, its cells parted by a space."""
    writer.cells = 0 if tag == "tr" else writer.cells + 1
    if writer.cells > 1 and writer.pieces:
        writer.pieces.append(" ")


def _open_item(writer: _Writer) -> None:
    number = writer.lists[-1] if writer.lists else -1
    writer.bullet = "  " * (len(writer.lists) - 1) + ("- " if number < 0 else f"{number}. ")
    writer.pieces.append(writer.bullet)
    if number > 0:
        writer.lists[-1] += 1


def _leave(element: _Element, writer: _Writer) -> None:
    """Write what comes after the element's children, and remember its mark."""
    node, tag, kind, line = element
    if tag == "a":
        _close_link(node, writer)
    if tag in _BLOCK or kind:
        writer.break_block(is_spaced=tag in _SPACED and not (tag in _LISTS and len(writer.lists) > 1))
    if tag == "blockquote" and kind != html_marks.INDENT:
        writer.quote_depth = max(0, writer.quote_depth - 1)
    elif tag == "pre":
        writer.preformatted = max(0, writer.preformatted - 1)
    elif tag in _LISTS and writer.lists:
        writer.lists.pop()
    if kind == html_marks.ORIGINAL or (kind in html_marks.KINDS and len(writer.lines) >= line):
        writer.marks.append(Mark(kind, line, max(line, len(writer.lines))))


def _close_link(node: LexborNode, writer: _Writer) -> None:
    """Write a link's target after its words unless the words say it already."""
    target = (node.attributes.get("href") or "").strip()[:2000]
    if not target.lower().startswith(_LINKS) or writer.links_left <= 0:
        return
    words = node.text()[:2000]
    bare = _LINK_BEGINNING.sub("", target).rstrip("/")
    if bare and bare.split("?")[0].lower() not in words.lower() and words.strip():
        writer.links_left -= 1
        writer.pieces.append(f" <{target}>")


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    if "hidden" in attributes:
        return True
    style = attributes.get("style")
    return bool(style and _hides(style[:1000]))


@lru_cache(maxsize=500)  # of the same styles mails are full
def _hides(style: str) -> bool:
    return bool(_HIDDEN.search(style.lower().replace(" ", "").replace("!important", "")))


def _visible(line: str) -> str:
    if _PERHAPS_INVISIBLE.search(line):
        line = _INVISIBLE.sub("", line)
    return line.replace("\u00a0", " ")


def _tidied(writer: _Writer) -> HtmlText:
    """Lines without leading, trailing and doubled empty ones, and the marks moved along."""
    moved: list[int] = []
    kept: list[str] = []
    for line in writer.lines:
        if line.strip("> ") or (kept and kept[-1].strip("> ")):
            kept.append(line if line.isascii() else _visible(line))
        moved.append(len(kept))
    while kept and not kept[-1].strip("> "):
        kept.pop()
    marks = []
    for mark in writer.marks:
        first = moved[mark.first - 2] + 1 if mark.first > 1 else 1
        last = max(first, moved[min(mark.last, len(moved)) - 1]) if moved else 0
        last = min(len(kept), last)
        if first <= last:
            marks.append(Mark(mark.kind, first, last))
    return HtmlText("\n".join(kept), tuple(sorted(marks, key=lambda mark: mark.first)))
