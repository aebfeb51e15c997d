"""A file that SQLite finds damaged, and a disk that is full in the middle of a transaction."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import DamagedError, TemporaryError
from gateway.store.engine import open_database


def tear(file, name):
    """The first page of a table or index is rubbish; without a name, the file's header."""
    with closing(sqlite3.connect(file)) as database:
        (size,) = database.execute("PRAGMA page_size").fetchone()
        query = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
        page = database.execute(query, (name,)).fetchone()[0] if name else 1
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = bytearray(file.read_bytes())
    whole[(page - 1) * size : (page - 1) * size + 100] = b"\xff" * 100
    file.write_bytes(whole)


def test_damage_is_told_to_whoever_meets_it_and_to_the_watcher(database, file):
    database.close()
    tear(file, "customers")
    told: list[DamagedError] = []
    damaged = open_database(f"sqlite:///{file}", when_damaged=told.append)

    with pytest.raises(DamagedError, match="put back the last backup") as met, damaged.read() as db:
        db.execute(text("SELECT * FROM customers")).all()

    assert told == [met.value]
    assert str(file) in str(met.value)
    damaged.close()


def test_a_file_that_is_no_database_cannot_be_opened(database, file):
    database.close()
    tear(file, "")
    with pytest.raises(DamagedError, match="file is not a database"):
        open_database(f"sqlite:///{file}")


def meet_a_full_disk(db):
    db.execute(text("PRAGMA max_page_count = 1"))
    with pytest.raises(SQLAlchemyError, match="full"):
        db.execute(text("INSERT INTO originals (sha256, size, raw) VALUES ('x', 1, zeroblob(1000000))"))


def write_on_after_the_disk_was_full(database):
    with database.write() as db:
        db.execute(text("INSERT INTO meta VALUES ('before', '1')"))
        meet_a_full_disk(db)
        db.execute(text("INSERT INTO meta VALUES ('after', '1')"))


def test_on_a_full_disk_nothing_of_the_transaction_stays_and_nothing_more_of_it_is_done(database):
    with pytest.raises(TemporaryError, match="rolled back"):
        write_on_after_the_disk_was_full(database)

    with database.read() as db:
        assert db.scalar(text("SELECT count(*) FROM meta WHERE key IN ('before', 'after')")) == 0
