"""Rows that make no sense: they are held with the reason, those behind them are taken, and all can be listed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from gateway.mail.envelope import Envelope
from gateway.store import outbox, spool, timers
from gateway.store.outbox import OutboxState
from gateway.store.spool import Arrival, SpoolState
from gateway.tickets.model import TimerKind
from gateway.tickets.notices import Notice, NoticeKind
from tests.builders import HOUR, KIM, NOW

LEASE = timedelta(minutes=10)
NOTICE = Notice("reply:1", NoticeKind.REPLY, None, (KIM,), "en", "support", text="Hello")
SPOOL = {
    "no JSON": "rcpt_to = '[1'",
    "no list": "rcpt_to = '7'",
    "no instant": "received_at = 'yesterday'",
    "no trace": "trace = 'x'",
}
OUTBOX = {
    "no JSON": "notice = '{'",
    "no object": "notice = '[]'",
    "nothing in it": "notice = '{}'",
    "no kind of ours": "notice = json_set(notice, '$.kind', 'blessing')",
    "no instant": "created_at = 'yesterday'",
}


@pytest.fixture
def either(database):
    """PostgreSQL itself takes no such rows."""
    return database


def arrived(db, key):
    return spool.add(db, Arrival(Envelope(KIM.address, ("support@desk.test",)), b"Hello", "smtp", key), NOW)[0]


@pytest.mark.parametrize("poison", SPOOL.values(), ids=SPOOL)
def test_a_mail_whose_row_makes_no_sense_is_held_and_the_next_one_taken(db, poison):
    bad, good = arrived(db, "1"), arrived(db, "2")
    db.execute(text(f"UPDATE spool SET {poison} WHERE id = {bad}"))

    assert [mail.id for mail in spool.take(db, NOW, LEASE, 10)] == [good]

    (held,) = spool.held(db)
    assert (held.id, held.state) == (bad, SpoolState.HELD)
    assert held.reason.startswith("its row in the database makes no sense (")
    assert [mail.id for mail in spool.listed(db)] == [bad, good]
    assert db.scalar(text(f"SELECT reason FROM spool WHERE id = {bad}")) == held.reason
    assert [mail.id for mail in spool.take(db, NOW + HOUR, LEASE, 10)] == [good], "it is not looked at again"


def test_what_a_newer_version_says_beside_in_a_notice_is_passed_over(db):
    """Old and new nodes work side by side while one after the other is replaced."""
    mail = outbox.add(db, NOTICE, NOW)
    before = outbox.listed(db)
    db.execute(text("UPDATE outbox SET notice = json_set(notice, '$.colour', 'red')"))
    assert outbox.listed(db) == before
    assert [each.id for each in outbox.take(db, NOW, LEASE, 10)] == [mail]


@pytest.mark.parametrize("poison", OUTBOX.values(), ids=OUTBOX)
def test_an_outgoing_mail_whose_row_makes_no_sense_is_held_and_the_next_one_taken(db, poison):
    bad, good = outbox.add(db, NOTICE, NOW), outbox.add(db, replace(NOTICE, key="reply:2"), NOW)
    db.execute(text(f"UPDATE outbox SET {poison} WHERE id = {bad}"))

    assert [mail.id for mail in outbox.take(db, NOW, LEASE, 10)] == [good]

    (held,) = outbox.listed(db, OutboxState.HELD)
    assert held.id == bad
    assert held.reason.startswith("its row in the database makes no sense (")
    assert [mail.id for mail in outbox.listed(db)] == [bad, good]
    assert [mail.id for mail in outbox.take(db, NOW + HOUR, LEASE, 10)] == [good], "it is not looked at again"


def test_once_it_is_mended_it_can_be_taken(db):
    bad = arrived(db, "1")
    db.execute(text("UPDATE spool SET rcpt_to = '{'"))
    spool.take(db, NOW, LEASE, 10)
    db.execute(text("""UPDATE spool SET rcpt_to = '["support@desk.test"]'"""))
    assert spool.release(db, bad, "operator")
    assert [mail.id for mail in spool.take(db, NOW, LEASE, 10)] == [bad]


def test_a_timer_of_a_kind_that_nobody_knows_hides_no_other(db, ticket):
    timers.start(db, ticket.id, TimerKind.CLOSE, 0, NOW)
    timers.start(db, ticket.id, TimerKind.WAKE, 0, NOW)
    db.execute(text("UPDATE timers SET kind = 'dance' WHERE kind = 'close'"))
    assert [timer.kind for timer in timers.due(db, NOW, 10)] == [TimerKind.WAKE]
