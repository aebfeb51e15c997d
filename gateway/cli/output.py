"""How commands print: JSON for programs, a table as wide as the terminal for people."""

import json
import shutil
import sys
from collections.abc import Sequence

from gateway.cli.table import table

_UNLIMITED = 100_000  # a pipe or a file cuts nothing


def print_json(value: object) -> None:
    """One JSON document."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def print_table(headers: Sequence[str], rows: Sequence[Sequence[object]], where_empty: str) -> None:
    """The rows, or `where_empty` when there are none."""
    print(table(headers, rows, width()) if rows else where_empty)


def width() -> int:
    """How many columns there are to print in."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _UNLIMITED
