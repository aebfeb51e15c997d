"""How commands print: JSON for programs, a table as wide as the terminal for people."""

import json
import shutil
from collections.abc import Sequence

from gateway.cli.table import table

_WIDE_WHERE_NO_TERMINAL = 160


def print_json(value: object) -> None:
    """One JSON document."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def print_table(headers: Sequence[str], rows: Sequence[Sequence[object]], where_empty: str) -> None:
    """The rows, or `where_empty` when there are none."""
    width = shutil.get_terminal_size((_WIDE_WHERE_NO_TERMINAL, 24)).columns
    print(table(headers, rows, width) if rows else where_empty)
