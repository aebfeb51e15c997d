"""Several connections to one file, in this process and in another."""

import subprocess
import sys
import threading

import pytest

from gateway.store.engine import open_database
from gateway.store.watch import Watch


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/watched.db"


@pytest.fixture
def database(url):
    database = open_database(url)
    yield database
    database.close()


@pytest.fixture
def watched(url, database):
    """How often it was told of a change, and a word when it was."""
    told = threading.Semaphore(0)
    with Watch(url, told.release, every=0.01):
        for _ in range(200):  # until it looks for the first time it cannot know what was before
            with database.write() as db:
                db.exec_driver_sql("INSERT INTO meta VALUES (hex(randomblob(8)), '')")
            if told.acquire(timeout=0.05):
                break
        else:
            pytest.fail("nothing is told")
        for _ in range(200):
            if not told.acquire(timeout=0.2):
                break
        yield told


def test_what_another_process_writes_is_told(url, watched):
    line = "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute(\"INSERT INTO meta VALUES ('x', '')\")"
    subprocess.run([sys.executable, "-c", f"{line}; d.commit()", url.removeprefix("sqlite:///")], check=True)
    assert watched.acquire(timeout=15)


def test_who_only_looks_or_finds_nothing_to_change_is_not_told_of(database, watched):
    with database.read() as db:
        db.exec_driver_sql("SELECT * FROM meta").all()
    with database.write() as db:
        db.exec_driver_sql("UPDATE meta SET value = '' WHERE key = 'none'")
    assert not watched.acquire(timeout=0.2)


def test_where_nothing_can_be_opened_it_goes_on_and_ends(tmp_path):
    with Watch(f"sqlite:///{tmp_path}/none/none.db", lambda: None, every=0.01) as watch:
        watch._thread.join(0.1)
        assert watch._thread.is_alive()
    assert not watch._thread.is_alive()
