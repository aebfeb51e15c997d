"""Rows that wait are there for everybody who asks, in the order in which they were written; a failure forgets them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, bindparam, event, insert, update

from gateway import store
from gateway.errors import TemporaryError
from gateway.mail.address import Mailbox
from gateway.mail.envelope import Envelope
from gateway.store.schema import customers
from gateway.store.spool import Arrival, SpoolState, Verdict
from gateway.store.tickets import Origin
from gateway.tickets.model import Event, TicketId
from tests.builders import KIM, NOW


@contextmanager
def heard() -> Iterator[list[tuple[str, bool]]]:
    """The first words of each statement sent, and whether it carried several rows."""
    sent: list[tuple[str, bool]] = []

    def note(_db, _cursor, statement, _parameters, _context, executemany):
        sent.append((" ".join(statement.split()[:3]), executemany))

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


def tell(db, ticket, *what):
    for each in what:
        store.tickets.add_event(db, ticket.id, Event(NOW, "kim", each, ""))


def told(db, ticket):
    return [each.what for each in store.tickets.history(db, ticket.id)]


def test_rows_of_a_kind_are_written_together_when_the_block_ends(db, ticket):
    with heard() as sent, store.pending.gathered(db):
        tell(db, ticket, "one", "two")
        store.customers.remember(db, KIM, "lv")
        tell(db, ticket, "three")
        assert sent == []
    assert sent == [("INSERT INTO events", True), ("INSERT INTO customers", False)]
    assert told(db, ticket) == ["one", "two", "three"]


def test_without_a_block_each_row_is_written_at_once(db, ticket):
    with heard() as sent:
        tell(db, ticket, "one", "two")
    assert sent == [("INSERT INTO events", False)] * 2


def test_who_asks_finds_what_waits_and_the_rest_waits_on(db, ticket):
    with store.pending.gathered(db):
        tell(db, ticket, "one")
        store.customers.remember(db, KIM, "lv")
        with heard() as sent:
            assert store.tickets.with_codes(db, ["7k2m9xq4"]) == (ticket,)
            assert [each for each, _ in sent if "INSERT" in each] == []
        assert told(db, ticket) == ["one"]
        tell(db, ticket, "two")
        assert store.customers.languages(db, [KIM.address]) == {KIM.address: "lv"}
    assert told(db, ticket) == ["one", "two"]


def test_what_is_changed_at_once_is_changed_after_what_waits(db):
    spool_id, _ = store.spool.add(db, Arrival(Envelope("", ("a@x",)), b"", "smtp", "1"), NOW)
    with store.pending.gathered(db):
        store.spool.settle(db, spool_id, Verdict(SpoolState.DONE, "joined", "", trace=("first",)), NOW)
        store.spool.add_to_trace(db, spool_id, "then")
        store.spool.defer(db, spool_id, NOW, "later")
    (mail,) = store.spool.listed(db)
    assert (mail.verdict, mail.trace, mail.state) == ("joined", ("first", "then"), SpoolState.WAITING)


def test_a_row_that_comes_twice_is_written_twice_in_order(db, ticket):
    with store.pending.gathered(db):
        store.tickets.remember_ids(db, ticket.id, Origin.MENTIONED, ["a@x", "b@x"])
        store.tickets.remember_ids(db, ticket.id, Origin.RECEIVED, ["a@x"])
        store.tickets.remember_ids(db, ticket.id, Origin.MENTIONED, ["a@x"])
        for language in ("lv", "", "en"):
            store.customers.remember(db, Mailbox("", KIM.address), language)
    known = {each: origin for each, origin, _ in store.tickets.with_message_ids(db, ["a@x", "b@x"])}
    assert known == {"a@x": Origin.RECEIVED, "b@x": Origin.MENTIONED}
    assert store.customers.languages(db, [KIM.address]) == {KIM.address: "en"}


def fail(db, ticket):
    """Writes and breaks off."""
    tell(db, ticket, "undone")
    raise RuntimeError("broken off")


def test_two_ways_to_write_to_one_table_keep_their_order(db):
    add, change = insert(customers), update(customers).where(customers.c.address == bindparam("here"))
    with store.pending.gathered(db):
        store.pending.write(db, add, {"address": "a@x", "name": "", "language": "lv"})
        store.pending.write(db, change, {"here": "a@x", "language": "en"})
        store.pending.write(db, change, {"here": "b@x", "language": "en"})  # he is not there yet
        store.pending.write(db, add, {"address": "b@x", "name": "", "language": "lv"})
    assert store.customers.languages(db, ["a@x", "b@x"]) == {"a@x": "en", "b@x": "lv"}


def test_a_savepoint_keeps_what_waited_before_it(either, db, ticket):
    with store.pending.gathered(db):
        tell(db, ticket, "before")
        with pytest.raises(RuntimeError, match="broken off"), either.part(db):
            fail(db, ticket)
        tell(db, ticket, "after")
    assert told(db, ticket) == ["before", "after"]


def test_a_block_that_fails_writes_nothing_and_the_transaction_goes_on(db, ticket):
    with pytest.raises(RuntimeError, match="broken off"), store.pending.gathered(db):
        fail(db, ticket)
    tell(db, ticket, "after")
    assert told(db, ticket) == ["after"]


def write_nonsense(database):
    """A customer who is new, and an event of no ticket."""
    with database.write() as db, store.pending.gathered(db):
        store.customers.remember(db, KIM, "en")
        store.tickets.add_event(db, TicketId(99), Event(NOW, "kim", "of no ticket", ""))


def test_a_row_that_cannot_be_written_fails_with_its_block(either):
    with either.write() as db:
        store.customers.remember(db, KIM, "lv")
    with pytest.raises(TemporaryError, match=r"(?i)foreign key"):
        write_nonsense(either)
    with either.read() as db:
        assert store.customers.languages(db, [KIM.address]) == {KIM.address: "lv"}
