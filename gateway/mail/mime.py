"""A message's octets cut into a tree of parts (RFC 2045, RFC 2046), in time linear in its length whatever it holds.

The standard library's parser recurses for each level and tries every boundary on every line, so that 3 MB of nested
parts keep it busy for a minute; here a part is a range of the one buffer and each level is one search. Attached
messages are not opened. Decides nothing about what a part is for.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.mail import headers
from gateway.mail.limits import Limits

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]{0,20}:(.*)", re.DOTALL)
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+*%'-]{1,60}/[A-Za-z0-9!#$&^_.+*%'-]{1,120}")
_EMPTY_LINES = re.compile(rb"[\r\n]*")
_HEAD_END = re.compile(rb"\n\r*\n")
_KNOWN_FIELD = re.compile(
    rb"(?i)(?:content-[a-z-]{1,40}|mime-version|date|from|to|cc|bcc|subject|sender|reply-to|message-id|in-reply-to"
    rb"|references|received|return-path|delivered-to|x-[a-z0-9-]{1,60}|dkim-signature|authentication-results"
    rb"|list-[a-z]{1,30}|auto-submitted|precedence|importance|priority|thread-[a-z]{1,20}|user-agent)[ \t]*:"
)
_PROMISED = re.compile(rb"(?m)^--(\S[^\r\n]{0,69}?)[ \t]*\r*\n(?=content-)", re.IGNORECASE)
# Read even behind more fields than are kept.
_ESSENTIAL = frozenset(
    ("auto-submitted", "cc", "content-transfer-encoding", "content-type", "date", "from", "in-reply-to", "message-id")
) | frozenset(("mime-version", "precedence", "references", "reply-to", "return-path", "sender", "subject", "to"))
_STRICT = frozenset((b"authentication-results", b"received"))
_FOREIGN_LINES = 3  # before the first field
_LONGEST_LINE_REST = 1000  # white space behind a boundary
_MOST_FOREIGN_LINES = 50  # between fields


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its fields unfolded but not decoded, its octets as transported, its children in order.

    A part with children has no octets of its own: what stands between them is for no reader.
    """

    fields: tuple[tuple[str, bytes], ...]
    octets: bytes = field(repr=False)
    content_type: str
    parameters: dict[str, str]
    disposition: str
    file_name: str
    parts: tuple["Part", ...] = ()

    def raw(self, name: str) -> bytes:
        """The octets of the first field called `name` (lower case), or nothing."""
        return next((value for key, value in self.fields if key.lower() == name), b"")

    @property
    def encoding(self) -> str:
        """The content transfer encoding, lower-cased, without the comment that may follow it (RFC 2045 §6)."""
        said = headers.clean(self.raw("content-transfer-encoding").decode("latin-1"))
        return said.lower().partition(";")[0].partition("(")[0].strip()

    @property
    def content_id(self) -> str:
        """Content-ID without brackets."""
        return headers.clean(self.raw("content-id").decode("latin-1")).strip("<> ")


@dataclass(frozen=True, slots=True)
class _Range:
    """A piece of the one buffer."""

    buffer: bytes
    start: int
    end: int

    def octets(self) -> bytes:
        return self.buffer[self.start : self.end]


@dataclass(slots=True)
class _Budget:
    """What is left of the limits while one message is cut; the only thing here that changes."""

    limits: Limits
    parts: int
    searched: int
    near_boundaries: int
    defects: list[str]
    charset: str = ""  # the first that a part named: what raw file names after it are probably in

    @classmethod
    def of(cls, limits: Limits) -> "_Budget":
        return cls(limits, limits.parts, limits.searched_octets, limits.near_boundaries, [])

    def note(self, defect: str) -> None:
        if defect not in self.defects:
            self.defects.append(defect)


def split(raw: bytes, limits: Limits) -> tuple[Part, tuple[str, ...]]:
    """The tree of `raw` and what is wrong with it, in words. Never raises."""
    if b"\n" not in raw[:100_000] and b"\r" in raw[:100_000]:
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    budget = _Budget.of(limits)
    part = _part(_Range(raw, 0, len(raw)), budget, 0, "text/plain")
    return part, tuple(budget.defects)


def head(raw: bytes, limits: Limits) -> tuple[tuple[tuple[str, bytes], ...], int]:
    """The fields of a message's head, unfolded but not decoded, and the offset of its body. Never raises."""
    return _head(_Range(raw, 0, len(raw)), _Budget.of(limits), is_root=True)


def _part(place: _Range, budget: _Budget, depth: int, default_type: str) -> Part:
    fields, start = _head(place, budget, is_root=depth == 0)
    given = {name.lower(): value for name, value in reversed(fields)}
    content_type, parameters = headers.value_and_parameters(given.get("content-type", b""), budget.charset)
    budget.charset = budget.charset or parameters.get("charset", "")
    if not _MEDIA_TYPE.fullmatch(content_type):
        content_type = default_type if not content_type else "text/plain"
        content_type = "multipart/mixed" if parameters.get("boundary") else content_type
    disposition, disposed = headers.value_and_parameters(
        given.get("content-disposition", b""), parameters.get("charset", "") or budget.charset
    )
    name = disposed.get("filename") or parameters.get("name") or disposed.get("name") or ""
    content = _Range(place.buffer, start, place.end)
    parts: tuple[Part, ...] = ()
    if content_type.startswith("multipart/"):
        parts = _children(content, parameters.get("boundary", ""), content_type, budget, depth)
    return Part(fields, b"" if parts else content.octets(), content_type, parameters, disposition, name, parts)


def _children(place: _Range, boundary: str, content_type: str, budget: _Budget, depth: int) -> tuple[Part, ...]:
    if depth >= budget.limits.depth:
        budget.note(f"nested deeper than {budget.limits.depth}")
        return ()
    budget.searched -= place.end - place.start
    if budget.searched < 0:
        budget.note("too much in too many levels to look through")
        return ()
    spans = _spans(place, boundary.rstrip().encode("utf-8", "replace"), budget) if boundary else []
    if not spans and (promised := _PROMISED.search(place.buffer, place.start, min(place.end, place.start + 100_000))):
        budget.note("the boundary is not the one declared")
        spans = _spans(place, promised[1], budget)
    if not spans:
        budget.note(f"{content_type} without a part")
    default_type = "message/rfc822" if content_type == "multipart/digest" else "text/plain"
    found = []
    for span in spans:
        if budget.parts <= 0:
            budget.note(f"more than {budget.limits.parts} parts")
            break
        budget.parts -= 1
        found.append(_part(span, budget, depth + 1, default_type))
    return tuple(found)


def _spans(place: _Range, boundary: bytes, budget: _Budget) -> list[_Range]:
    """Where the parts between the delimiter lines lie (RFC 2046 §5.1.1); the last may lack its closing line."""
    buffer = place.buffer
    spans: list[_Range] = []
    start = -1
    for line_at, content_at, is_last in _delimiters(place, b"--" + boundary, budget):
        if 0 <= start < line_at:
            end = line_at - 2 if buffer[line_at - 2 : line_at] == b"\r\n" else line_at - 1
            spans.append(_Range(buffer, start, max(start, end)))
        start = -1 if is_last else content_at
        if is_last or len(spans) > budget.parts:
            break
    if 0 <= start < place.end:
        spans.append(_Range(buffer, start, place.end))
    return spans


def _delimiters(place: _Range, delimiter: bytes, budget: _Budget) -> Iterator[tuple[int, int, bool]]:
    """Each line that is `delimiter`: where it begins, where the next begins, and whether it is the closing one.

    Searched as plain octets: an expression for each boundary costs more to compile than to run.
    """
    buffer, end = place.buffer, place.end
    at = (
        place.start
        if buffer.startswith(delimiter, place.start, end)
        else buffer.find(b"\n" + delimiter, place.start, end) + 1
    )
    while at > 0 or at == place.start:
        after = at + len(delimiter)
        line_end = buffer.find(b"\n", after, min(end, after + _LONGEST_LINE_REST))
        line_end = end if line_end < 0 else line_end
        rest = buffer[after : min(line_end, after + _LONGEST_LINE_REST)].rstrip(b" \t\r")
        if rest in {b"", b"--"}:
            yield at, line_end + 1, rest == b"--"
        else:
            budget.near_boundaries -= 1
            if budget.near_boundaries < 0:
                budget.note("too many lines are almost a boundary")
                return
        at = buffer.find(b"\n" + delimiter, after, end) + 1 or -1


def _head(place: _Range, budget: _Budget, *, is_root: bool) -> tuple[tuple[tuple[str, bytes], ...], int]:
    """The fields of the head and where the body starts.

    Empty lines before the first field are passed over in a message; in a part they say that it has no fields. Foreign
    lines before and between fields are passed over in both.
    """
    buffer, start, end = place.buffer, place.start, place.end
    first = _EMPTY_LINES.match(buffer, start, end).end()  # type: ignore[union-attr] # matches everything
    if first > start and not (is_root and _begins_with_field(buffer[first : first + 1000])):
        return (), min(end, buffer.find(b"\n", start, end) + 1 or end)
    found = _HEAD_END.search(buffer, first, end)
    head_end = found.end() if found else end
    if head_end - first > budget.limits.head_octets:
        budget.note(f"header longer than {budget.limits.head_octets} octets")
    lines = buffer[first : min(head_end, first + budget.limits.head_octets)].split(b"\n")
    fields, body_at = _fields(lines, budget)
    if body_at is None:
        return fields, head_end
    return fields, min(end, first + sum(len(line) + 1 for line in lines[:body_at]))


def _begins_with_field(head: bytes) -> bool:
    return any(_KNOWN_FIELD.match(line) for line in head.split(b"\n")[: _FOREIGN_LINES + 1])


def _fields(lines: list[bytes], budget: _Budget) -> tuple[tuple[tuple[str, bytes], ...], int | None]:
    """The fields, and the line at which a body begins although no empty line parts it from the head."""
    found: list[tuple[str, list[bytes]]] = []
    foreign = 0
    for number, written in enumerate(lines):
        line = written.translate(None, b"\0") if b"\0" in written else written
        if line[:1] in {b" ", b"\t"} and found:
            found[-1][1].append(line.strip(b"\r"))
        elif matched := _FIELD.match(line.strip(b"\r")):
            name, value = matched.groups()
            if name.lower() in _STRICT and number and _is_bare(lines[number - 1], lines):
                budget.note("a field of the receiving server's stands after a bare line feed: not believed")
                continue
            found.append((name.decode("latin-1"), [value]))
        elif line.strip():
            foreign += 1
            later_lines = lines[number + 1 : number + 51] if foreign <= _MOST_FOREIGN_LINES else []
            if not any(_KNOWN_FIELD.match(later) for later in later_lines):
                budget.note("no empty line between header and body")
                return _joined(found, budget), number
            budget.note("a line in the header is none of its fields")
    return _joined(found, budget), None


def _is_bare(line: bytes, lines: list[bytes]) -> bool:
    """Whether a server that goes by RFC 5321 §2.3.8 saw no end of a line here, and so could delete no foreign field."""
    return not line.endswith(b"\r") and any(each.endswith(b"\r") for each in lines)


def _joined(found: list[tuple[str, list[bytes]]], budget: _Budget) -> tuple[tuple[str, bytes], ...]:
    most = budget.limits.fields
    if len(found) > most:
        budget.note(f"more than {most} header fields")
        found = found[:most] + [each for each in found[most:] if each[0].lower() in _ESSENTIAL][:most]
    octets = budget.limits.field_octets
    return tuple((name, b"".join(pieces)[:octets].strip(b"\0 \t\r\n")) for name, pieces in found)
