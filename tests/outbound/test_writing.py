"""What is handed to the relay one by one: written now, or frozen by an earlier attempt."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway import store
from gateway.mail.address import Mailbox
from gateway.mail.envelope import Envelope
from gateway.mail.parse import parse
from gateway.outbound.writing import Writing
from gateway.store.engine import open_database
from gateway.store.spool import Arrival
from gateway.store.tickets import NewTicket
from gateway.tickets.notices import Notice, NoticeKind
from tests.outbound.conftest import NOW

ANNA = Mailbox("Anna", "anna@example.org")
LEASE = timedelta(minutes=15)


@pytest.fixture
def database(tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'gateway.db'}")
    yield database
    database.close()


@pytest.fixture
def writing(database, policy, ring, templates):
    return Writing(database, policy, ring, templates, 1024, lambda: NOW)


@pytest.fixture
def taken(database):
    """Three mails, the last of which was never tried."""
    with database.write() as db:
        new = NewTicket("SUP-7K2M-9XQ4", "support", "The printer", ANNA, "en")
        ticket = store.tickets.open_ticket(db, new, NOW)
        for key in "abc":
            notice = Notice(key, NoticeKind.CLOSED, ticket.id, (ANNA,), "en", "support")
            number = store.outbox.add(db, notice, NOW)
            if key != "c":
                freeze(db, number, f"Subject: {key}{' ' * 3_000_000}".encode())
        return store.outbox.take(db, NOW, LEASE, 10)


def freeze(db, number, raw):
    store.outbox.freeze(db, number, f"{number}@desk.test", "support@desk.test", raw, "x")


def test_what_is_frozen_is_read_when_its_turn_comes_and_no_sooner(database, writing, taken):
    assert [each.raw for each in taken] == [b""] * 3
    ready = writing.ready(taken)
    assert next(ready).outgoing.raw.rstrip() == b"Subject: a"
    with database.write() as db:
        freeze(db, taken[1].id, b"Subject: changed meanwhile, to show that it is not read yet")
    assert next(ready).outgoing.raw.startswith(b"Subject: changed meanwhile")
    (last,) = ready
    assert (last.outgoing.id, last.fault) == (taken[2].id, None)
    with database.read() as db:
        assert store.outbox.raws(db, [taken[2].id], 0) == {taken[2].id: last.outgoing.raw}
    assert parse(last.outgoing.raw).message_id == last.outgoing.message_id


def test_of_the_mail_it_answers_an_acknowledgement_is_told_the_header(database, writing):
    head = b"From: anna@example.org\r\nMessage-ID: <2@anna.test>\r\nReferences: <1@anna.test>\r\n"
    end = b"\r\n--b\r\nMessage-ID: <not-this@anna.test>\r\n\r\n" + b"x" * 100_000
    with database.write() as db:
        new = NewTicket("SUP-7K2M-9XQ4", "support", "The printer", ANNA, "en")
        ticket = store.tickets.open_ticket(db, new, NOW)
        source, _ = store.spool.add(db, Arrival(Envelope("", ()), head + end, "smtp", "1"), NOW)
        notice = Notice("a", NoticeKind.ACKNOWLEDGEMENT, ticket.id, (ANNA,), "en", "support", source=source)
        store.outbox.add(db, notice, NOW)
        taken = store.outbox.take(db, NOW, LEASE, 10)
    (ready,) = writing.ready(taken)
    sent = parse(ready.outgoing.raw)
    assert (sent.in_reply_to, sent.references[1:]) == (("2@anna.test",), ("1@anna.test", "2@anna.test"))


def test_where_the_bytes_are_gone_the_mail_is_written_anew(writing, taken):
    without = replace(taken[2], message_id="lost@desk.test")
    (ready,) = writing.ready([without])
    assert parse(ready.outgoing.raw).message_id == ready.outgoing.message_id != "lost@desk.test"
