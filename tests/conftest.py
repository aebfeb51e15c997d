"""Servers for the tests that ask for one by its marker; where the machine lacks it, they are skipped with the reason.

With GATEWAY_REQUIRE_SERVERS=1, as CI has it, they fail instead; so does whatever else is skipped.
"""

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import settings

from tests.servers import machine

if TYPE_CHECKING:
    from tests.servers.dovecot import DovecotServer
    from tests.servers.postfix import PostfixServer
    from tests.servers.postgres import PostgresServer
    from tests.servers.pymap import PymapServer
    from tests.servers.sink import Sink


pytest_plugins = ["pytester"]

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

# Properties are about values, not about time: a busy machine must not fail them.
settings.register_profile("gateway", deadline=None)
settings.load_profile("gateway")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers():
        if reason := machine.missing(mark.name):
            pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    return _required(report) if not hasattr(report, "wasxfail") else report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _required((yield))


def _required(report: Report) -> Report:
    """The report; where all must run, one of a skip says that it failed."""
    if report.skipped and os.environ.get("GATEWAY_REQUIRE_SERVERS") == "1":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome, report.longrepr = "failed", f"required here: {reason}"
    return report


@pytest.fixture(scope="session")
def dovecot() -> "Iterator[DovecotServer]":
    """One Dovecot for all tests marked `dovecot`; each adds a user of its own."""
    from tests.servers.dovecot import DovecotServer

    with DovecotServer() as server:
        yield server


@pytest.fixture
def postfix_factory() -> "Iterator[Callable[..., PostfixServer]]":
    """Starts a Postfix with PostfixServer's arguments, for tests marked `postfix`; it ends with the test."""
    from tests.servers.postfix import PostfixServer

    with ExitStack() as servers:
        yield lambda gateway, sink, extra="": servers.enter_context(PostfixServer(gateway, sink, extra))


@pytest.fixture(scope="session")
def postgres() -> "Iterator[PostgresServer]":
    """One PostgreSQL for all tests marked `postgres`; each takes a database of its own."""
    from tests.servers.postgres import PostgresServer

    with PostgresServer() as server:
        yield server


@pytest.fixture
def pymap() -> "Iterator[PymapServer]":
    """An IMAP server with empty folders inside this process."""
    from tests.servers.pymap import PymapServer

    with PymapServer() as server:
        yield server


@pytest.fixture
def sink() -> "Iterator[Sink]":
    """An SMTP server that keeps what it gets."""
    from tests.servers.sink import Sink

    with Sink() as server:
        yield server
