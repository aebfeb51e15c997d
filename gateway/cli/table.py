"""Rows for a terminal, aligned by what is seen: wide characters count two, control characters from mail do no harm."""

import unicodedata
from collections.abc import Iterable, Sequence

_GAP = "  "
_SHORTEST = 8
_CUT = "…"


def table(headers: Sequence[str], rows: Iterable[Sequence[object]], width: int) -> str:
    """The rows under their headers, each line at most `width` columns where the columns' least width allows.

    The widest columns are cut first; a cut cell ends with an ellipsis. No newline at the end.
    """
    cells = [[printable(str(cell)) for cell in row] for row in (headers, *rows)]
    widths = _fitted([max(map(columns, column)) for column in zip(*cells, strict=True)], width)
    lines = (_GAP.join(_padded(cell, wide) for cell, wide in zip(row, widths, strict=True)).rstrip() for row in cells)
    return "\n".join(lines)


def printable(text: str) -> str:
    """`text` in one line, without anything that moves a terminal's cursor or turns its writing direction."""
    kept = ("" if _is_invisible(each) else each for each in " ".join(text.split()))
    return "".join(kept)


def columns(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    return sum(_columns(each) for each in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def _fitted(widths: list[int], width: int) -> list[int]:
    room = width - len(_GAP) * (len(widths) - 1)
    while sum(widths) > room and max(widths) > _SHORTEST:
        widest = widths.index(max(widths))
        others = max((each for index, each in enumerate(widths) if index != widest), default=0)
        excess = sum(widths) - room
        widths[widest] -= min(excess, max(1, widths[widest] - max(others, _SHORTEST)))
    return widths


def _padded(text: str, width: int) -> str:
    cut = text if columns(text) <= width else shortened(text, width)
    return cut + " " * (width - columns(cut))


def shortened(text: str, width: int) -> str:
    """As much of `text` as fits `width` columns with an ellipsis at its end."""
    kept = ""
    for character in text:
        if columns(kept) + _columns(character) > width - 1:
            break
        kept += character
    return kept + _CUT
