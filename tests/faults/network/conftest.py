"""What the network tests stand on, once a module: a spool, a server, a proxy; and their common table."""

import logging
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.inbound.accept import Acceptor
from gateway.store.engine import Database, open_database
from tests.faults.network.folders import Folder, MaildirFolder, PymapFolder
from tests.faults.network.mailbox_bench import MailboxBench
from tests.faults.network.proxy import Proxy
from tests.faults.network.tally import HEADERS, Tally, added
from tests.servers.pymap import PymapServer

_IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # the disk's faults are another test's
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with tempfile.TemporaryDirectory(dir=_IN_MEMORY) as folder:
        database = open_database(f"sqlite:///{folder}/gateway.db")
        yield database
        database.close()


@pytest.fixture(scope="module")
def acceptor(database) -> Iterator[Acceptor]:
    with Acceptor(database, lambda: NOW, lambda: None, most_unsettled=10**9) as acceptor:  # no desk is behind it
        yield acceptor


@pytest.fixture
def tally(record_property) -> Iterator[Tally]:
    """What this test saw; all tests' rows are added up at the end. Whatever was lost or doubled fails the test."""
    tally = Tally()
    logging.getLogger("gateway").addHandler(tally.alarms)
    yield tally
    logging.getLogger("gateway").removeHandler(tally.alarms)
    record_property("network", tally.table())
    tally.check()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for found in terminalreporter.stats.values() for report in found]
    tables = [
        table
        for report in reports
        if getattr(report, "when", "") == "teardown"
        for name, table in report.user_properties
        if name == "network"
    ]
    if not tables:
        return
    lines = [[str(cell) for cell in row] for row in (HEADERS, *added(tables))]
    width = max(len(line[0]) for line in lines)
    terminalreporter.write_sep("-", "network")
    for fault, *figures in lines:
        terminalreporter.write_line(fault.ljust(width) + "".join(figure.rjust(10) for figure in figures))


@pytest.fixture(scope="module", params=[pytest.param("dovecot", marks=pytest.mark.dovecot)])
def server(request):
    """A real IMAP server; tests that want pymap say so."""
    if request.param == "pymap":
        with PymapServer() as server:
            yield server
    else:
        yield request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def new_folder(server) -> Callable[[tuple[bytes, ...]], Folder]:
    """Gives a folder with these mails in it, as often as it is called."""
    make = PymapFolder if isinstance(server, PymapServer) else MaildirFolder
    return lambda mails: make(server, mails)


@pytest.fixture(scope="module")
def proxy(server) -> Iterator[Proxy]:
    with Proxy(server.port) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def bench(new_folder, proxy, database, acceptor) -> MailboxBench:
    return MailboxBench(new_folder, proxy, database, acceptor)
