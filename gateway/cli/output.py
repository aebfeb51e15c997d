"""How commands print: JSON for programs, a table as wide as the terminal for people."""

import json
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import TextIOWrapper
from itertools import islice
from typing import TypeVar

from gateway.cli.table import table

T = TypeVar("T")

_PAGE = 1000
_UNLIMITED = 100_000  # a pipe or a file cuts nothing


def print_json(value: object) -> None:
    """One JSON document, over as many lines as make it readable."""
    print(_json(value, indent=2))


def print_json_line(value: object) -> None:
    """One JSON document in a line of its own, at once."""
    print(_json(value), flush=True)


def print_table(headers: Sequence[str], rows: Sequence[Sequence[object]], where_empty: str) -> None:
    """The rows, or `where_empty` when there are none."""
    print(table(headers, rows, width()) if rows else where_empty)


def in_pages(page: Callable[[T | None, int], Sequence[T]], limit: int) -> Iterator[T]:
    """What `page` has after the item it is handed, so many at a time, up to `limit`; all where that is 0.

    Where there is more, that is said beside it.
    """
    last: T | None = None
    left = limit or sys.maxsize
    while left > 0:
        found = page(last, min(left, _PAGE))
        yield from found
        if len(found) < min(left, _PAGE):
            return
        left, last = left - len(found), found[-1]
    if page(last, 1):
        print(f"these are the first {limit}; --limit 0 shows all", file=sys.stderr)


def print_items(items: Iterable[object]) -> None:
    """One JSON array, each item as it comes."""
    separator = "["
    for item in items:
        print(separator, textwrap.indent(_json(item, indent=2), "  "), sep="\n", end="")
        separator = ","
    print("[]" if separator == "[" else "\n]")


def print_rows(headers: Sequence[str], rows: Iterable[Sequence[object]], where_empty: str) -> None:
    """The rows as they come, a table for every thousand, or `where_empty` when there are none."""
    source, is_empty = iter(rows), True
    while page := list(islice(source, _PAGE)):
        print(table(headers, page, width()), flush=True)
        is_empty = False
    if is_empty:
        print(where_empty)


def escape_what_cannot_be_written() -> None:
    """From now on standard output takes any character; one that its encoding lacks is written by its number."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _json(value: object, indent: int | None = None) -> str:
    is_utf_8 = sys.stdout.encoding.lower().replace("-", "") == "utf8"  # nothing else is for programs (RFC 8259 §8.1)
    return json.dumps(value, ensure_ascii=not is_utf_8, indent=indent)


def width() -> int:
    """How many columns there are to print in."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _UNLIMITED
