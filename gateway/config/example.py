"""The shipped example as what it says of each setting: meanings are written only there. It loads nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.config import shipped

_HEADER = re.compile(r"#?\[{1,2}(?P<name>\w+)\]{1,2}")
_KEY = re.compile(r"(?P<off>#?)(?P<name>\w+) = (?P<value>.+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting of the example, or a whole section when `key` is empty. `meaning` is the comment above it."""

    section: str
    key: str
    value: str
    is_active: bool
    meaning: str


def path() -> Path:
    """Where the example lies."""
    return shipped.folder("config") / "gateway.toml"


def entries(text: str) -> tuple[Entry, ...]:
    """The example's sections and settings, in its order."""
    return tuple(_entries(text))


def uncommented(text: str) -> str:
    """The example with every section and setting switched on."""
    is_entry = (_HEADER.fullmatch, _KEY.fullmatch)
    lines = (line.removeprefix("#") if any(each(line) for each in is_entry) else line for line in text.splitlines())
    return "\n".join(lines)


def _entries(text: str) -> Iterator[Entry]:
    section, comment = "", []
    for line in text.splitlines():
        if line.startswith("# "):
            comment.append(line[2:])
            continue
        if header := _HEADER.fullmatch(line):
            section = header["name"]
            yield Entry(section, "", "", is_active=not line.startswith("#"), meaning=" ".join(comment))
        elif key := _KEY.fullmatch(line):
            yield Entry(section, key["name"], key["value"], is_active=not key["off"], meaning=" ".join(comment))
        comment = []
