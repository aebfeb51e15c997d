"""What PostgreSQL does otherwise than SQLite: many writers at once, text without NUL, connections that are cut."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest

from gateway import store
from gateway.errors import TemporaryError
from gateway.mail.address import Mailbox
from gateway.mail.envelope import Envelope
from gateway.store.engine import open_database
from gateway.store.mailboxes import Cursor
from gateway.store.spool import Arrival, SpoolState
from gateway.store.tickets import NewTicket, Origin
from gateway.tickets.model import Article, ArticleId, ArticleKind, Event, TimerKind
from gateway.tickets.notices import Notice, NoticeKind
from tests.builders import HOUR, KIM, NOW

pytestmark = pytest.mark.postgres

LEE = Mailbox("Lee", "lee@customer.test")
NOTICE = Notice("reply:1:mail-1", NoticeKind.REPLY, None, (KIM,), "en", "support", cc=(LEE,), text="Hello")


@pytest.fixture
def database(kept):
    return kept


@pytest.fixture
def ticket(database):
    with database.write() as db:
        return store.tickets.open_ticket(db, NewTicket("SUP-7K2M-9XQ4", "support", "Printer", KIM, "en"), NOW)


def at_once(database, work, times=6):
    """What `work(db)` returned in as many transactions, which all begin before one of them ends."""
    start = threading.Barrier(times)

    def run():
        with database.write() as db:
            db.exec_driver_sql("SELECT 1")
            start.wait(20)
            return work(db)

    with ThreadPoolExecutor(times) as pool:
        return [done.result(60) for done in [pool.submit(run) for _ in range(times)]]


def count(database, table):
    with database.read() as db:
        return db.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()


def arrival(key="1", raw=b"Subject: hello\r\n\r\nWorld\xff\x00"):
    return Arrival(Envelope("kim@x", ("support@desk.test",)), raw, "smtp", key, "192.0.2.1")


def test_a_mail_that_many_bring_at_once_is_stored_once(database):
    told = at_once(database, lambda db: store.spool.add(db, arrival(), NOW))
    assert len({spool_id for spool_id, _ in told}) == 1
    assert sorted(is_new for _, is_new in told) == [False] * 5 + [True]
    assert (count(database, "spool"), count(database, "originals")) == (1, 1)


def test_the_same_bytes_by_many_ways_are_kept_once(database):
    keys = iter(range(100))
    at_once(database, lambda db: store.spool.add(db, arrival(str(next(keys))), NOW))
    assert (count(database, "spool"), count(database, "originals")) == (6, 1)


def test_a_notice_that_many_write_at_once_is_written_once(database):
    told = at_once(database, lambda db: store.outbox.add(db, NOTICE, NOW))
    assert sum(each is not None for each in told) == 1
    assert (count(database, "outbox"), count(database, "recipients")) == (1, 2)


RACES = {
    "customers": lambda db, ticket, mail: store.customers.remember(db, KIM, "en"),
    "pictures": lambda db, ticket, mail: store.customers.shown_before(db, "kim@x", ["a", "b"], mail),
    "message_ids": lambda db, ticket, mail: store.tickets.remember_ids(db, ticket.id, Origin.RECEIVED, ["a", "b"]),
    "participants": lambda db, ticket, mail: store.tickets.add_participants(db, ticket.id, [KIM, LEE]),
    "timers": lambda db, ticket, mail: store.timers.start(db, ticket.id, TimerKind.CLOSE, 0, NOW),
    "surveys": lambda db, ticket, mail: store.surveys.send(db, ticket.id, NOW),
    "mailboxes": lambda db, ticket, mail: store.mailboxes.set_cursor(db, "support", "INBOX", Cursor(1, 5)),
}


@pytest.mark.parametrize(("table", "work"), RACES.items(), ids=RACES)
def test_a_row_that_many_bring_at_once_is_there_once(database, ticket, table, work):
    with database.write() as db:
        mail, _ = store.spool.add(db, arrival(), NOW)
    at_once(database, lambda db: work(db, ticket, mail))
    assert count(database, table) == (2 if table in {"pictures", "message_ids", "participants"} else 1)


def test_a_cursor_never_goes_back(database):
    with database.write() as db:
        store.mailboxes.set_cursor(db, "support", "INBOX", Cursor(1, 9))
        store.mailboxes.set_cursor(db, "support", "INBOX", Cursor(1, 7))  # who was paused writes it late
        assert store.mailboxes.cursor(db, "support", "INBOX") == Cursor(1, 9)
        store.mailboxes.set_cursor(db, "support", "INBOX", Cursor(2, 3))
        assert store.mailboxes.cursor(db, "support", "INBOX") == Cursor(2, 3)


def test_many_take_from_the_spool_at_once_and_nobody_waits(database):
    with database.write() as db:
        for number in range(60):
            store.spool.add(db, arrival(str(number)), NOW)
    told = at_once(database, lambda db: store.spool.take(db, NOW, HOUR, 10, "node"))
    taken = [mail.id for mails in told for mail in mails]
    assert len(taken) == len(set(taken)) == 60


def test_a_timer_acts_once_whoever_wants_it(database, ticket):
    with database.write() as db:
        store.timers.start(db, ticket.id, TimerKind.CLOSE, 0, NOW)
        (timer,) = store.timers.due(db, NOW, 10)
    assert sorted(at_once(database, lambda db: store.timers.finish(db, timer, NOW))) == [False] * 5 + [True]


def test_more_keys_than_a_statement_can_name_are_looked_up(database):
    with database.write() as db:
        store.spool.add(db, arrival("69999"), NOW)
        assert store.spool.stored(db, "smtp", (str(number) for number in range(70_000))) == {"69999"}


def test_a_reader_sees_one_moment_throughout_and_changes_nothing(database):
    with database.read() as reading:
        assert store.spool.count(reading, SpoolState.WAITING) == 0
        with database.write() as db:
            store.spool.add(db, arrival(), NOW)
        assert store.spool.count(reading, SpoolState.WAITING) == 0
    with pytest.raises(TemporaryError, match="read-only"), database.read() as db:
        store.spool.add(db, arrival("2"), NOW)


def test_text_with_nul_is_kept_with_a_mark_in_its_place_and_bytes_as_they_are(database, ticket):
    strange = Mailbox("Ki\x00m", "ki\x00m@customer.test")
    with database.write() as db:
        envelope = Envelope("ki\x00m@x", ("a\x00@desk.test",))
        mail, _ = store.spool.add(db, replace(arrival("k\x00"), envelope=envelope), NOW)
        assert store.spool.stored(db, "smtp", ["k\x00"]) == {"k\N{REPLACEMENT CHARACTER}"}
        store.customers.remember(db, strange, "en")
        store.tickets.remember_ids(db, ticket.id, Origin.RECEIVED, ["a\x00@x"])
        assert store.tickets.with_message_ids(db, ["a\x00@x"])[0][2] == ticket
        said = Article(ArticleId(0), ticket.id, ArticleKind.CUSTOMER, strange, NOW, "a\x00b", "", "", mail)
        store.tickets.add_article(db, said)
        store.tickets.add_event(db, ticket.id, Event(NOW, "kim\x00", "opened", "why\x00"))
        store.outbox.add(db, replace(NOTICE, text="a\x00b", to=(strange,)), NOW)
        (spooled,) = store.spool.listed(db)
        (article,) = store.tickets.conversation(db, ticket.id)
        (outgoing,) = store.outbox.listed(db)
        assert spooled.envelope.mail_from == "ki\N{REPLACEMENT CHARACTER}m@x"
        assert store.spool.original(db, mail).read() == arrival().raw
    assert article.text == "a\N{REPLACEMENT CHARACTER}b"
    assert outgoing.notice.text in {"a\x00b", "a\N{REPLACEMENT CHARACTER}b"}


def test_a_connection_that_was_cut_while_idle_is_replaced(database, postgres):
    with closing(open_database(database.url)) as ours:
        with ours.write() as db:
            store.spool.add(db, arrival(), NOW)
        cut(database, ours)
        with ours.write() as db:
            store.spool.add(db, arrival("2"), NOW)
    assert count(database, "spool") == 2


def cut(database, ours):
    with ours.read() as db:
        pids = db.exec_driver_sql(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).scalars()
        wanted = ",".join(str(pid) for pid in pids)
    with database.read() as db:
        db.exec_driver_sql(
            f"SELECT pg_terminate_backend(pid) FROM unnest(ARRAY[{wanted}]) AS pid WHERE pid <> pg_backend_pid()"
        )


def test_a_connection_that_is_cut_within_a_transaction_is_a_temporary_fault_and_nothing_is_left(database):
    def break_off():
        with database.write() as db:
            store.spool.add(db, arrival(), NOW)
            pid = db.exec_driver_sql("SELECT pg_backend_pid()").scalar()
            with database.read() as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")
            store.spool.add(db, arrival("2"), NOW)

    with pytest.raises(TemporaryError):
        break_off()
    assert count(database, "spool") == 0


def test_a_server_that_is_not_there_is_a_temporary_fault():
    with pytest.raises(TemporaryError, match="database"):
        open_database("postgresql+psycopg://test@127.0.0.1:1/none")
