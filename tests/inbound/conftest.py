"""A spool on a real disk, an acceptor before it, and the two questions every test of the way in asks."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import pytest

from gateway import store
from gateway.inbound.accept import Acceptor
from gateway.store.engine import open_database

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def file(tmp_path):
    return tmp_path / "gateway.db"


@pytest.fixture
def database(file):
    database = open_database(f"sqlite:///{file}")
    yield database
    database.close()


@pytest.fixture
def woken():
    """One entry for each time the desk was woken."""
    return []


@pytest.fixture
def acceptor(database, woken):
    with Acceptor(database, lambda: NOW, lambda: woken.append(1)) as acceptor:
        yield acceptor


@pytest.fixture
def locked(file):
    """Context: another process writes to the database, until the callable that it gives is called."""

    @contextmanager
    def lock():
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield other.close

    return lock


@pytest.fixture
def stored(database):
    """All that lies in the spool: (source, envelope, octets), oldest first."""

    def look():
        with database.read() as db:
            return [
                (each.source, each.envelope, store.spool.original(db, each.id).read())
                for each in store.spool.listed(db)
            ]

    return look


@pytest.fixture
def until():
    """Waits for a condition; fails when it does not come within 15 seconds."""

    def wait(condition: Callable[[], object], what: str = "it"):
        give_up = time.monotonic() + 15
        while not condition():
            assert time.monotonic() < give_up, f"{what} did not happen"
            time.sleep(0.01)

    return wait
