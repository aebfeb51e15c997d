"""What the fault tests share: gateways that may be struck down, and the tables that are printed when all is over.

`./dev faults` runs everything; with the other tests goes what is not marked `long_run`, in the numbers that
`extent.of(quick, long)` gives. A test adds its figures by the fixture `tell`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from tests.faults import extent
from tests.faults.premises import MortalGateway
from tests.journeys.letters import Inbox
from tests.servers.dovecot import DovecotServer

Rows = Sequence[Sequence[object]]
_HERE = Path(__file__).parent
_people = count(1)
UNBOUNDED = dict.fromkeys(("strangers_per_hour", "agent_per_hour", "queue_per_hour", "overall_per_hour"), 1_000_000)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long_run: only under ./dev faults")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if extent.IS_LONG:
        return
    left = [item for item in items if _HERE in item.path.parents and item.get_closest_marker("long_run")]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


@pytest.fixture
def tell(record_property) -> Callable[[str, Sequence[str], Rows], None]:
    """Adds a table, with its title and headers, to what is printed at the end."""
    return lambda title, headers, rows: record_property("faults", (title, list(headers), [list(row) for row in rows]))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for found in terminalreporter.stats.values() for report in found]
    for report in reports:
        if getattr(report, "when", "") != "teardown":
            continue
        for name, table in report.user_properties:
            if name == "faults":
                _print(terminalreporter, *table)


def _print(terminal: pytest.TerminalReporter, title: str, headers: Sequence[str], rows: Rows) -> None:
    lines = [[str(cell) for cell in row] for row in (headers, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    terminal.write_sep("-", title)
    for line in lines:
        terminal.write_line("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


@pytest.fixture
def make_gateway(tmp_path: Path) -> Iterator[Callable[..., MortalGateway]]:
    """Makes a gateway, not yet started, with `Gateway`'s arguments; it ends with the test, and has to end well."""
    numbers = count(1)
    with ExitStack() as ending:

        def make(**arguments) -> MortalGateway:
            gateway = MortalGateway(tmp_path / f"gateway-{next(numbers)}", **{"budgets": UNBOUNDED, **arguments})
            ending.callback(gateway.close)
            return gateway

        yield make


@pytest.fixture
def inbox(dovecot: DovecotServer) -> Callable[[str], Inbox]:
    """Gives somebody a mailbox at Dovecot; the user's name is his and the test's alone."""
    return lambda name: Inbox(dovecot, f"{name}.f{next(_people)}")
