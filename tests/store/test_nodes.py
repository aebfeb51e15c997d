from datetime import timedelta

import pytest

from gateway import store
from gateway.mail.envelope import Envelope
from gateway.store import nodes
from gateway.store.nodes import Burial, Node
from gateway.store.outbox import OutboxState
from gateway.store.spool import Arrival, SpoolState
from gateway.tickets.notices import Notice, NoticeKind
from tests.builders import HOUR, KIM, NOW

MINUTE = timedelta(minutes=1)
AT_ONCE = timedelta(seconds=-1)  # nobody was seen after now
ONE = Node("one-1", "one", "here:/data:one", ("smtp", "triage"))
TWO = Node("two-1", "two", "there:/data:two", ("deliver",))
NOTICE = Notice("reply:1:mail-1", NoticeKind.REPLY, None, (KIM,), "en", "support", text="Hello")


@pytest.fixture
def at_work(db):
    """Both nodes, each with a mail of the spool, one of the outbox and a lease; and a mail that waits."""
    for number, node in enumerate((ONE, TWO)):
        nodes.enter(db, node)
        store.spool.add(db, Arrival(Envelope("", ("a@x",)), b"raw", "smtp", str(number)), NOW)
        store.spool.take(db, NOW, HOUR, 1, node.id)
        store.outbox.add(db, Notice(**{**as_dict(NOTICE), "key": str(number)}), NOW)
        store.outbox.take(db, NOW, HOUR, 1, node.id)
        store.leases.take(db, f"mailbox {number}", node.id, MINUTE)
    store.spool.add(db, Arrival(Envelope("", ("a@x",)), b"raw", "smtp", "waits"), NOW)


def as_dict(notice):
    return {name: getattr(notice, name) for name in notice.__dataclass_fields__}


def owned(db):
    """Whose the mails are that are taken, and the leases."""
    spooled = [mail.owner for mail in store.spool.listed(db) if mail.state is SpoolState.TAKEN]
    outgoing = [mail.owner for mail in store.outbox.listed(db, OutboxState.TAKEN)]
    return spooled, outgoing, sorted(store.leases.holders(db).values())


def test_nodes_are_listed_with_how_long_they_are_silent(db):
    nodes.enter(db, TWO)
    nodes.enter(db, ONE)
    (one, silent), (two, _) = nodes.listed(db)
    assert (one, two) == (ONE, TWO)
    assert -1 < silent < 60


def test_a_node_that_was_not_seen_is_given_up_and_what_it_had_is_free(db, at_work):
    nodes.bury(db, MINUTE)
    assert owned(db) == (["one-1", "two-1"], ["one-1", "two-1"], ["one-1", "two-1"])
    assert nodes.bury(db, AT_ONCE) == Burial(("one", "two"), 4)
    assert owned(db) == ([], [], [])
    assert nodes.listed(db) == ()
    assert len(store.spool.take(db, NOW, HOUR, 10, "three")) == 3


def test_a_node_that_was_given_up_is_told_when_it_says_that_it_is_there(db):
    nodes.enter(db, ONE)
    assert nodes.see(db, ONE.id)
    nodes.bury(db, AT_ONCE)
    assert not nodes.see(db, ONE.id)


def test_the_next_run_at_the_same_place_takes_back_what_the_one_before_had(db, at_work):
    assert nodes.enter(db, Node("one-2", "one", ONE.place, ())) == Burial(("one",), 2)
    assert owned(db) == (["two-1"], ["two-1"], ["two-1"])
    assert [node.id for node, _ in nodes.listed(db)] == ["one-2", "two-1"]


def test_entering_again_changes_nothing(db, at_work):
    assert nodes.enter(db, ONE) == Burial((), 0)
    assert owned(db) == (["one-1", "two-1"], ["one-1", "two-1"], ["one-1", "two-1"])


def test_a_node_that_leaves_leaves_what_it_had(db, at_work):
    nodes.leave(db, TWO.id)
    assert owned(db) == (["one-1"], ["one-1"], ["one-1"])


def test_who_was_given_up_while_he_worked_has_no_say_any_more(db, at_work):
    mail = store.spool.listed(db)[0]
    outgoing = store.outbox.listed(db)[0]
    nodes.bury(db, AT_ONCE)
    (again, *_) = store.spool.take(db, NOW, HOUR, 1, TWO.id)
    (out_again, *_) = store.outbox.take(db, NOW, HOUR, 1, TWO.id)
    assert (again.id, out_again.id) == (mail.id, outgoing.id)
    assert [bool(store.spool.still_taken(db, [each])) for each in (before(mail), again)] == [False, True]
    assert [store.outbox.is_still_taken(db, each) for each in (before(outgoing), out_again)] == [False, True]


def before(mail):
    """The taking as its taker knows it: with the attempts there were before."""
    from dataclasses import replace

    return replace(mail, attempts=mail.attempts - 1)
