"""Databases made by older versions, with work in them, are expanded; old programs and new work on them together."""

import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, inspect, text

from gateway import store
from gateway.errors import PermanentError
from gateway.mail.envelope import Envelope
from gateway.store import schema
from gateway.store.engine import open_database
from gateway.store.spool import Arrival, SpoolState, Verdict
from gateway.tickets.model import SpoolId, TicketId
from tests.builders import HOUR, NOW

# The statements of the program of version 1, as it sends them to SQLite and PostgreSQL alike.
ADD_ORIGINAL = text("INSERT INTO originals (sha256, size, raw) VALUES (:sha256, 3, :raw)")
ADD_MAIL = text(
    "INSERT INTO spool (source, key, mail_from, rcpt_to, peer, sha256, received_at, state, attempts, due_at)"
    " VALUES ('smtp', :key, 'kim@x', '[\"support@desk.test\"]', '192.0.2.1', :sha256, :at, 'waiting', 0, :at)"
    " RETURNING id"
)
ADD_TICKET = text(
    "INSERT INTO tickets (code, reference, queue, state, subject, customer_address, customer_name, language, assignee,"
    " created_at, changed_at, is_quiet) VALUES (:code, :code, 'support', 'new', 'Printer', 'kim@x', 'Kim', 'en', '',"
    " :at, :at, :no) RETURNING id"
)
TAKE_MAIL = text("UPDATE spool SET state = 'taken', due_at = :at, attempts = attempts + 1 WHERE id = :id")
SETTLE_MAIL = text("UPDATE spool SET state = 'done', verdict = 'opened', ticket_id = :ticket WHERE id = :id")
ADD_NOTICE = text(
    "INSERT INTO outbox (key, kind, ticket_id, notice, created_at, state, attempts, due_at)"
    " VALUES (:key, 'reply', :ticket, '{}', :at, 'waiting', 0, :at)"
)
OLD = "2026-05-04 10:00:00.000000"


def bring(db, key):
    db.execute(ADD_ORIGINAL, {"sha256": f"sha-{key}", "raw": b"raw"})
    return db.execute(ADD_MAIL, {"key": key, "sha256": f"sha-{key}", "at": OLD}).scalar_one()


def deal_with(db, mail, code):
    db.execute(TAKE_MAIL, {"id": mail, "at": OLD})
    ticket = db.execute(ADD_TICKET, {"code": code, "at": OLD, "no": False}).scalar_one()
    db.execute(ADD_NOTICE, {"key": code, "ticket": ticket, "at": OLD})
    db.execute(SETTLE_MAIL, {"id": mail, "ticket": ticket})
    return ticket


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request, file):
    """An empty database, of each kind in turn."""
    return f"sqlite:///{file}" if request.param == "sqlite" else request.getfixturevalue("postgres").database()


@pytest.fixture(params=[1, 2])
def old(request, url):
    """An old program's connections to the database that it has made."""
    engine = create_engine(url, connect_args={"timeout": 20} if url.startswith("sqlite") else {})
    made = Path(__file__).parent / f"version-{request.param}" / f"{engine.dialect.name}.sql"
    if engine.dialect.name == "sqlite":
        with engine.connect() as db:
            db.exec_driver_sql("PRAGMA journal_mode = WAL")
    with engine.begin() as db:
        for statement in made.read_text().split(";\n"):
            if statement.strip():
                db.exec_driver_sql(statement)
        db.exec_driver_sql(f"INSERT INTO meta (key, value) VALUES ('schema', '{request.param}')")
    yield engine
    engine.dispose()


def columns(url):
    engine = create_engine(url)
    with engine.connect() as db:
        found = inspect(db)
        tables = {name: {column["name"] for column in found.get_columns(name)} for name in found.get_table_names()}
        names = {
            "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_%'",
            "postgresql": "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%_key'"
            " AND indexname NOT LIKE '%_pkey'",
        }
        indexes = set(db.execute(text(names[db.dialect.name])).scalars())
    engine.dispose()
    return tables, indexes


def test_what_is_there_is_kept_and_the_new_program_goes_on_with_it(old, url):
    with old.begin() as db:
        settled, waiting = bring(db, "1"), bring(db, "2")
        ticket = deal_with(db, settled, "aaaaaaaa")

    with closing(open_database(url)) as database, database.write() as db:
        done, left = store.spool.listed(db)
        assert (done.state, done.ticket_id, done.owner) == (SpoolState.DONE, ticket, "")
        assert store.spool.original(db, left.id).read() == b"raw"
        (taken,) = store.spool.take(db, NOW, HOUR, 10, "node")
        assert taken.id == waiting
        assert store.spool.still_taken(db, [taken])
        assert [each.notice for each in db.execute(text("SELECT notice FROM outbox"))]


def test_it_then_has_all_that_a_new_database_has(old, url, tmp_path, request):
    with closing(open_database(url)):
        pass
    is_sqlite = url.startswith("sqlite")
    fresh = f"sqlite:///{tmp_path}/fresh.db" if is_sqlite else request.getfixturevalue("postgres").database()
    with closing(open_database(fresh)):
        pass
    assert columns(url) == columns(fresh)


def test_the_old_program_works_on_beside_the_new_one(old, url):
    with old.begin() as db:
        before = bring(db, "1")
    with closing(open_database(url)) as database:
        with old.begin() as db:
            deal_with(db, before, "aaaaaaaa")
            bring(db, "2")
        with database.write() as db:
            (new,) = store.spool.take(db, NOW, HOUR, 10, "node")
            verdict = Verdict(SpoolState.DONE, "opened", "", TicketId(1))
            store.spool.settle(db, new.id, verdict, NOW)
            store.spool.add(db, Arrival(Envelope("", ("a@x",)), b"3", "smtp", "3"), NOW)
        with old.begin() as db:
            deal_with(db, 3, "bbbbbbbb")
        with database.read() as db:
            assert [mail.state for mail in store.spool.listed(db)] == [SpoolState.DONE] * 3


def test_the_old_program_may_be_in_the_middle_of_its_work(old, url):
    is_over, brought = threading.Event(), list[int]()

    def work():
        while not is_over.wait(0.005):
            with old.begin() as db:
                brought.append(bring(db, str(len(brought))))

    worker = threading.Thread(target=work)
    worker.start()
    try:
        with closing(open_database(url)) as database:
            is_over.set()
            worker.join()
            with database.read() as db:
                assert [mail.id for mail in store.spool.listed(db)] == brought
    finally:
        is_over.set()
        worker.join()


def test_many_programs_that_open_it_at_once_expand_it_once(old, url):
    opened, start = [], threading.Barrier(4)

    def open_it():
        start.wait(10)
        with closing(open_database(url)) as database, database.read() as db:
            opened.append(store.spool.get(db, SpoolId(1)))

    openers = [threading.Thread(target=open_it) for _ in range(4)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join(30)
    assert opened == [None] * 4


def note(url, **facts):
    engine = create_engine(url)
    with engine.begin() as db:
        for key, value in facts.items():
            db.execute(text("UPDATE meta SET value = :value WHERE key = :key"), {"key": key, "value": str(value)})
    engine.dispose()


def test_a_newer_database_that_is_fit_for_us_is_opened_as_it_is(url):
    with closing(open_database(url)):
        pass
    note(url, schema=schema.VERSION + 5, oldest=schema.VERSION)
    with closing(open_database(url)) as database, database.read() as db:
        assert db.execute(text("SELECT value FROM meta WHERE key = 'schema'")).scalar() == str(schema.VERSION + 5)


def test_a_newer_database_that_has_left_us_behind_is_refused(url):
    with closing(open_database(url)):
        pass
    note(url, schema=schema.VERSION + 5, oldest=schema.VERSION + 1)
    with pytest.raises(PermanentError, match="made by a newer gateway"):
        open_database(url)


def test_opening_a_current_database_asks_it_one_thing(url):
    with closing(open_database(url)):
        pass
    asked = []

    def hear(_db, _cursor, statement, *_):
        asked.append(statement)

    from sqlalchemy import Engine

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        with closing(open_database(url)):
            pass
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
    said = [each for each in asked if not each.startswith(("BEGIN", "PRAGMA", "select pg_catalog", "show "))]
    assert len(said) == 1, said


def test_every_version_that_there_was_is_kept_as_it_was():
    """Whoever raises the version once more puts the tables of the one before beside the others."""
    kept = sorted(each.name for each in Path(__file__).parent.glob("version-*"))
    assert kept == [f"version-{number}" for number in range(1, schema.VERSION)]
