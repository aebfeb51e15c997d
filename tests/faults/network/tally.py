"""What was seen when something was broken many times: how often, what was lost, what came twice, what cried."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

HEADERS = ("fault", "runs", "lost", "doubled", "alarms")


@dataclass
class Row:
    runs: int = 0
    lost: int = 0
    doubled: int = 0
    alarms: int = 0
    allowed: int = 0  # doubled as the protocol has it: the word that it was taken never came
    faults: list[str] = field(default_factory=list)


class Alarms(logging.Handler):
    """Counts what the daemon would cry out."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._number = 0

    def emit(self, record: logging.LogRecord) -> None:
        self._number += 1

    def taken(self) -> int:
        """How many since this was asked last."""
        number, self._number = self._number, 0
        return number


class Tally:
    """Rows by the fault's name, in the order of their first run."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = defaultdict(Row)
        self.alarms = Alarms()

    def add(self, fault: str, where: object, *, lost: int = 0, doubled: int = 0, allowed: int = 0) -> None:
        """One run; the alarms are those since the last one."""
        row = self.rows[fault]
        row.runs += 1
        row.lost += lost
        row.doubled += doubled + allowed
        row.allowed += allowed
        row.alarms += self.alarms.taken()
        if lost or doubled:
            row.faults.append(f"{fault} at {where}: {lost} lost, {doubled} doubled")

    def table(self) -> Sequence[Sequence[object]]:
        return [(name, row.runs, row.lost, row.doubled, row.alarms) for name, row in self.rows.items()]

    def check(self) -> None:
        """Fails with the runs in which something was lost, or doubled without need."""
        wrong = [fault for row in self.rows.values() for fault in row.faults]
        assert not wrong, "\n".join(wrong[:20])


def added(tables: Iterable[Sequence[Sequence[object]]]) -> Sequence[Sequence[object]]:
    """The rows of all tables, those of the same name added up."""
    total: dict[str, list[int]] = {}
    for name, *figures in (row for table in tables for row in table):
        sums = total.setdefault(str(name), [0] * len(figures))
        total[str(name)] = [one + int(str(other)) for one, other in zip(sums, figures, strict=True)]
    return [(name, *sums) for name, sums in total.items()]


def places(length: int, number: int, *of_interest: int) -> Sequence[int]:
    """`number` octets spread over a way of `length`, and those of interest; all of them when there are not more."""
    if number >= length:
        return range(length)
    if number == 1:
        return [length // 2]
    spread = {round(step * (length - 1) / (number - 1)) for step in range(number)}
    return sorted(spread | {each for each in of_interest if 0 <= each < length})
