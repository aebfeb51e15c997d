"""Rows that make no sense: found one by one, so that one keeps no other waiting. It decides nothing about them."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, Table, select

T = TypeVar("T")

NONSENSE = (ValueError, TypeError, KeyError, AttributeError)
"""What reading such a row raises: no JSON, no instant, a word that is none of ours, a field too many."""

_LONGEST_WHY = 200


def parted(
    db: Connection, table: Table, rows: Select[Any], read: Callable[[Row[Any]], T]
) -> tuple[list[T], list[tuple[int, str]]]:
    """Those of the `rows` of `table` that can be read, and the ids of the others, each with the reason in words."""
    sound: list[T] = []
    poisoned: list[tuple[int, str]] = []
    for number in db.scalars(rows.with_only_columns(table.c.id)).all():
        try:
            sound.append(read(db.execute(select(*rows.selected_columns).where(table.c.id == number)).one()))
        except NONSENSE as error:
            why = f"its row in the database makes no sense ({type(error).__name__}: {error})"
            poisoned.append((number, why[:_LONGEST_WHY]))
    return sound, poisoned
