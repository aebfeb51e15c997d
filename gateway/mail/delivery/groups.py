"""The field groups of a delivery status part (RFC 3464 §2.1), also where empty lines are missing or too many.

Says what the fields are, not what they mean.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.mail import headers
from gateway.mail.message import Message

_MOST_OCTETS = 1_000_000
_MOST_GROUPS = 500
_MOST_LINES = 20_000
_FIELD = re.compile(rb"([A-Za-z][A-Za-z0-9\-]{1,60})[ \t]{0,5}:(.*)", re.DOTALL)
_RECIPIENT = frozenset({"original-recipient", "final-recipient"})
_ONCE = _RECIPIENT | {"action", "status"}
_PARTS = frozenset({"message/delivery-status", "message/global-delivery-status", "text/delivery-status"})
_INLINE = re.compile(r"(?mi)^final-recipient[ \t]*:")


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    value: str
    is_after_gap: bool


def of(message: Message) -> tuple[dict[str, str], ...]:
    """The groups that `message` has: in its report, in a part beside one, or among its words; else nothing."""
    if message.report is not None and message.report.groups:
        return _grouped(_again(message.report.groups))
    for file in message.attachments:
        if file.content_type in _PARTS:
            return parse(file.content)
    inline = _INLINE.search(message.text[:200_000])
    if inline is None:
        return ()
    # A line above it may be `Original-Recipient`.
    start = message.text.rfind("\n\n", 0, inline.start()) + 1
    return parse(message.text[start : start + 50_000].encode("utf-8", "replace"))


def parse(content: bytes) -> tuple[dict[str, str], ...]:
    """The groups in the octets of a part, names lower-cased, the first of each name's values. Never raises."""
    return _grouped(list(_fields(content[:_MOST_OCTETS])))


def _fields(content: bytes) -> Iterator[_Field]:
    name, pieces, is_after_gap, gap = "", [b""], False, True
    for line in content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")[:_MOST_LINES]:
        if name and line[:1] in {b" ", b"\t"} and line.strip():
            pieces.append(line)
            continue
        if name:
            yield _Field(name, headers.decode(b"".join(pieces)[:10_000].strip()), is_after_gap)
            name = ""
        if found := _FIELD.match(line):
            name, pieces = found[1].decode("ascii").lower(), [found[2]]
            is_after_gap, gap = gap, False
        gap = gap or not line.strip()
    if name:
        yield _Field(name, headers.decode(b"".join(pieces)[:10_000].strip()), is_after_gap)


def _again(groups: Iterable[dict[str, str]]) -> list[_Field]:
    return [_Field(name, value, number == 0) for group in groups for number, (name, value) in enumerate(group.items())]


def _grouped(fields: list[_Field]) -> tuple[dict[str, str], ...]:
    """A group begins where a recipient is named and the one before is complete; what stands alone goes on."""
    groups: list[dict[str, str]] = []
    for at, field in enumerate(fields):
        following = fields[at + 1].name if at + 1 < len(fields) else ""
        if not groups or _begins(field, following, groups[-1]):
            groups.append({})
            if len(groups) > _MOST_GROUPS:
                break
        groups[-1].setdefault(field.name, field.value)
    return tuple(groups)


def _begins(field: _Field, following: str, group: dict[str, str]) -> bool:
    if field.name not in _ONCE:
        return False
    if field.name in group:
        return True
    has_recipient = "final-recipient" in group
    if field.name == "original-recipient":
        return has_recipient and (field.is_after_gap or following == "final-recipient")
    if field.name == "final-recipient":
        return field.is_after_gap and "original-recipient" not in group
    return False
