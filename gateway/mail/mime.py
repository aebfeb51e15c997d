"""A message's octets cut into a tree of parts (RFC 2045, RFC 2046), in time linear in its length whatever it holds.

The standard library's parser recurses for each level and tries every boundary on every line, so that 3 MB of nested
parts keep it busy for a minute; here a part is a range of the one buffer and each level is one search. Attached
messages are not opened. Decides nothing about what a part is for.
"""

import itertools
import re
from dataclasses import dataclass, field

from gateway.mail import headers
from gateway.mail.limits import Limits

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]{0,20}:(.*)", re.DOTALL)
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
_FOREIGN_LINES = 3  # before the first field
_MOST_FOREIGN_LINES = 50  # between fields


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its fields unfolded but not decoded, its octets as transported, its children in order."""

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
        """The content transfer encoding, lower-cased (RFC 2045 §6)."""
        return headers.clean(self.raw("content-transfer-encoding").decode("latin-1")).lower().partition(";")[0]

    @property
    def content_id(self) -> str:
        """Content-ID without brackets."""
        return headers.clean(self.raw("content-id").decode("latin-1")).strip("<> ")


@dataclass(slots=True)
class _Budget:
    """What is left of the limits while one message is cut; the only thing here that changes."""

    limits: Limits
    parts: int
    defects: list[str]

    def note(self, defect: str) -> None:
        if defect not in self.defects:
            self.defects.append(defect)


def split(raw: bytes, limits: Limits) -> tuple[Part, tuple[str, ...]]:
    """The tree of `raw` and what is wrong with it, in words. Never raises."""
    if b"\n" not in raw[:100_000] and b"\r" in raw[:100_000]:
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    budget = _Budget(limits, limits.parts, [])
    part = _part(raw.translate(None, b"\0") if b"\0" in raw else raw, budget, 0, "text/plain")
    return part, tuple(budget.defects)


def head(raw: bytes, limits: Limits) -> tuple[tuple[tuple[str, bytes], ...], int]:
    """The fields of a message's head, unfolded but not decoded, and the offset of its body. Never raises."""
    return _head(raw, _Budget(limits, 0, []), is_root=True)


def _part(raw: bytes, budget: _Budget, depth: int, default_type: str) -> Part:
    fields, start = _head(raw, budget, is_root=depth == 0)
    given = {name.lower(): value for name, value in reversed(fields)}
    content_type, parameters = headers.value_and_parameters(given.get("content-type", b""))
    if not re.fullmatch(r"[!-.0-~]{1,60}/[!-.0-~]{1,120}", content_type):
        content_type = default_type if not content_type else "text/plain"
    disposition, disposed = headers.value_and_parameters(
        given.get("content-disposition", b""), parameters.get("charset", "")
    )
    name = disposed.get("filename") or parameters.get("name") or ""
    octets = raw[start:] if start else raw
    parts: tuple[Part, ...] = ()
    if content_type.startswith("multipart/"):
        parts = _children(octets, parameters.get("boundary", ""), content_type, budget, depth)
    return Part(fields, octets, content_type, parameters, disposition, name, parts)


def _children(octets: bytes, boundary: str, content_type: str, budget: _Budget, depth: int) -> tuple[Part, ...]:
    if depth >= budget.limits.depth:
        budget.note(f"nested deeper than {budget.limits.depth}")
        return ()
    spans = _spans(octets, boundary.rstrip().encode("utf-8", "replace"), budget.parts) if boundary else []
    if not spans and (promised := _PROMISED.search(octets[:100_000])):
        budget.note("the boundary is not the one declared")
        spans = _spans(octets, promised[1], budget.parts)
    if not spans:
        budget.note(f"{content_type} without a part")
    default_type = "message/rfc822" if content_type == "multipart/digest" else "text/plain"
    found = []
    for start, end in spans:
        if budget.parts <= 0:
            budget.note(f"more than {budget.limits.parts} parts")
            break
        budget.parts -= 1
        found.append(_part(octets[start:end], budget, depth + 1, default_type))
    return tuple(found)


def _spans(octets: bytes, boundary: bytes, most: int) -> list[tuple[int, int]]:
    """Where the parts between the delimiter lines lie (RFC 2046 §5.1.1); the last may lack its closing line."""
    line_rest = rb"(--)?[ \t]*\r*(?=\n|\Z)"
    first = re.compile(rb"--" + re.escape(boundary) + line_rest).match(octets)
    # The line feed leads the expression, not an alternative: only so is it searched for as a plain string.
    later = re.compile(rb"\n--" + re.escape(boundary) + line_rest).finditer(octets)
    spans: list[tuple[int, int]] = []
    start = -1
    for found in itertools.chain((first,) if first else (), later):
        if start >= 0:
            end = found.start()
            spans.append((start, end - 1 if octets[end - 1 : end] == b"\r" else end))
        start = -1 if found[1] else found.end() + 1
        if found[1] or len(spans) > most:
            break
    if 0 <= start < len(octets):
        spans.append((start, len(octets)))
    return [(begin, max(begin, end)) for begin, end in spans]


def _head(raw: bytes, budget: _Budget, *, is_root: bool) -> tuple[tuple[tuple[str, bytes], ...], int]:
    """The fields of the head and where the body starts.

    Empty lines before the first field are passed over in a message; in a part they say that it has no fields. Foreign
    lines before and between fields are passed over in both.
    """
    lead = len(raw) - len(raw.lstrip(b"\r\n"))
    if lead and not (is_root and _begins_with_field(raw[lead : lead + 1000])):
        return (), raw.find(b"\n") + 1
    found = _HEAD_END.search(raw, lead)
    end = found.end() if found else len(raw)
    if end - lead > budget.limits.head_octets:
        budget.note(f"header longer than {budget.limits.head_octets} octets")
    lines = raw[lead : min(end, lead + budget.limits.head_octets)].split(b"\n")
    fields, body_at = _fields(lines, budget)
    if body_at is None:
        return fields, end
    return fields, lead + sum(len(line) + 1 for line in lines[:body_at])


def _begins_with_field(head: bytes) -> bool:
    return any(_KNOWN_FIELD.match(line) for line in head.split(b"\n")[: _FOREIGN_LINES + 1])


def _fields(lines: list[bytes], budget: _Budget) -> tuple[tuple[tuple[str, bytes], ...], int | None]:
    """The fields, and the line at which a body begins although no empty line parts it from the head."""
    found: list[tuple[str, list[bytes]]] = []
    foreign = 0
    for number, line in enumerate(lines):
        if line[:1] in {b" ", b"\t"} and found:
            found[-1][1].append(line.strip(b"\r"))
        elif matched := _FIELD.match(line.strip(b"\r")):
            found.append((matched[1].decode("latin-1"), [matched[2]]))
        elif line.strip():
            foreign += 1
            later_lines = lines[number + 1 : number + 51] if foreign <= _MOST_FOREIGN_LINES else []
            if not any(_KNOWN_FIELD.match(later) for later in later_lines):
                budget.note("no empty line between header and body")
                return _joined(found, budget), number
            budget.note("a line in the header is none of its fields")
    return _joined(found, budget), None


def _joined(found: list[tuple[str, list[bytes]]], budget: _Budget) -> tuple[tuple[str, bytes], ...]:
    most = budget.limits.fields
    if len(found) > most:
        budget.note(f"more than {most} header fields")
        found = found[:most] + [each for each in found[most:] if each[0].lower() in _ESSENTIAL][:most]
    octets = budget.limits.field_octets
    return tuple((name, b"".join(pieces)[:octets].strip()) for name, pieces in found)
