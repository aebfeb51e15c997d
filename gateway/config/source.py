"""One TOML file as text and as tables: finds the line of each key, which tomllib does not tell. It judges no value."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.errors import ConfigError

Key = tuple[str | int, ...]  # ("queue", 0, "address"): section, which of several, key

_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_QUOTED = r"\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*'"
_HEADER = re.compile(rf"(\[\[?)\s*((?:{_QUOTED}|[^\]\"'\n])+)\]")
_NAME = re.compile(rf"((?:{_QUOTED}|[^=\"'\n])+)=")
_VALUE = re.compile(
    r"\"\"\"(?:\\.|[^\\])*?\"{3,5}|'''.*?'{3,5}"
    rf"|{_QUOTED}|#[^\n]*|(?P<open>[\[{{])|(?P<close>[\]}}])|(?P<end>\n)|[^\"'#\[\]{{}}\n]+",
    re.DOTALL,
)
_GAP = re.compile(r"(?:\s|#[^\n]*)*")


@dataclass(frozen=True, slots=True)
class Source:
    """A configuration file that is well-formed TOML: `tables` as tomllib reads them, `lines` of their keys."""

    path: Path
    tables: dict[str, Any]
    lines: dict[Key, int]

    def line_of(self, key: Key) -> int:
        """The line where `key` stands, or else that of its first entry or of the nearest table around it; else 1."""
        while key and key not in self.lines:
            if (*key, 0) in self.lines:
                return self.lines[*key, 0]
            key = key[:-1]
        return self.lines.get(key, 1)


def read(path: Path) -> Source:
    """The file's text and tables.

    Raises:
        ConfigError: it cannot be read or is no TOML; the fault names the line.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        advice = "write one with `gateway init`, or name it by --config"
        raise ConfigError((f"{path}: there is no such file; {advice}",)) from None
    except OSError as error:
        raise ConfigError((f"{path}: cannot be read ({error.strerror}); mend its permissions",)) from error
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError((f"{path}:{line}: the file is not UTF-8; save it in that encoding",)) from error
    return parsed(path, text)


def parsed(path: Path, text: str) -> Source:
    """The same for text that is at hand; `path` is what faults call it.

    Raises:
        ConfigError: it is no TOML; the fault names the line.
    """
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # tomllib lets int()'s and the stack's own limits through
        found = _AT.search(str(error))
        line = int(found[1]) if found and found[1] else max(1, len(text.splitlines()))
        what = _AT.sub("", str(error)).removesuffix(".")
        raise ConfigError((f"{path}:{line}: no valid TOML: {what}; mend this line (text needs quotes)",)) from error
    return Source(path, tables, dict(_lines(text)))


def _lines(text: str) -> Iterator[tuple[Key, int]]:
    """Each key of a text that tomllib has accepted, and its line."""
    table: Key = ()
    arrays: dict[Key, int] = {}
    at = _skip(text, 0)
    while at < len(text):
        line = text.count("\n", 0, at) + 1
        if header := _HEADER.match(text, at):
            table = _resolved(_split(header[2]), arrays, is_array=header[1] == "[[")
            yield table, line
            at = text.find("\n", header.end())
        elif name := _NAME.match(text, at):
            yield (*table, *_split(name[1])), line
            at = _end_of_value(text, name.end())
        at = _skip(text, at) if at >= 0 else len(text)


def _skip(text: str, at: int) -> int:
    gap = _GAP.match(text, at)
    return gap.end() if gap else at


def _split(dotted: str) -> tuple[str, ...]:
    names = []
    table: Any = tomllib.loads(f"{dotted.strip()} = 0")
    while isinstance(table, dict):
        name, table = next(iter(table.items()))
        names.append(name)
    return tuple(names)


def _resolved(names: tuple[str, ...], arrays: dict[Key, int], *, is_array: bool) -> Key:
    """`names` with the number of the array's entry after each name that is one; `arrays` counts them."""
    key: Key = ()
    for position, name in enumerate(names):
        key = (*key, name)
        if is_array and position == len(names) - 1:
            arrays[key] = arrays.get(key, -1) + 1
        if key in arrays:
            key = (*key, arrays[key])
    return key


def _end_of_value(text: str, at: int) -> int:
    depth = 0
    for token in _VALUE.finditer(text, at):
        depth += bool(token["open"]) - bool(token["close"])
        if token["end"] and not depth:
            return token.end()
    return len(text)
