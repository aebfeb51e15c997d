"""Two transactions that decide on the same thing: on PostgreSQL the second waits, SQLite has one writer anyway."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway import store
from gateway.errors import TemporaryError
from gateway.store.tickets import NewTicket
from gateway.tickets.model import State
from tests.builders import KIM, NOW


def open_ticket(database, reference="SUP-7K2M-9XQ4"):
    with database.write() as db:
        return store.tickets.open_ticket(db, NewTicket(reference, "support", "Printer", KIM, "en"), NOW)


def test_what_is_held_by_one_is_waited_for_by_the_other(either):
    order = []
    is_held = threading.Event()

    def first():
        with either.write() as db:
            store.locks.hold(db, ["b", "a"])
            is_held.set()
            is_asked.wait(0.2)  # the other has gone as far as it can
            order.append("first")

    def second():
        is_held.wait(10)
        with either.write() as db:
            store.locks.hold(db, ["a", "c"])
            order.append("second")

    is_asked = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(first), pool.submit(second)]:
            done.result(30)
    assert order == ["first", "second"]


@pytest.mark.postgres
def test_what_differs_is_not_waited_for(kept):
    with kept.write() as one, kept.write() as other:
        store.locks.hold(one, ["a", "b"])
        store.locks.hold(other, ["c", "A"])
        store.locks.hold(other, [])


@pytest.mark.postgres
def test_of_several_groups_those_are_had_that_nobody_else_holds(kept):
    with kept.write() as one, kept.write() as other:
        store.locks.hold(one, ["b"])
        wanted = [["a", "x"], ["b", "c"], [], ["c", "d"], ["d"], ["e", "a"]]
        assert store.locks.try_to_hold(other, wanted) == [True, False, True, False, False, True]
        assert store.locks.try_to_hold(other, []) == []
        assert store.locks.try_to_hold(one, [["a"], ["b"]]) == [False, True]


def test_with_one_writer_everything_is_had(database):
    with database.write() as db:
        assert store.locks.try_to_hold(db, [["a"], ["a"]]) == [True, True]


@pytest.mark.postgres
def test_nobody_waits_in_a_circle_for_names_given_in_another_order(kept):
    def take(names):
        for _ in range(40):
            with kept.write() as db:
                store.locks.hold(db, names)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(take, ["a", "b", "c"]), pool.submit(take, ["c", "b", "a"])]:
            done.result(60)


LOOKS = {
    "by id": lambda db, ticket: store.tickets.get(db, ticket.id),
    "by code": lambda db, ticket: store.tickets.with_codes(db, ["7k2m9xq4"])[0],
    "by Message-ID": lambda db, ticket: store.tickets.with_message_ids(db, ["a@x"])[0][2],
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_a_ticket_that_two_want_to_move_is_seen_by_the_second_as_the_first_left_it(either, look):
    ticket = open_ticket(either)
    with either.write() as db:
        store.tickets.remember_ids(db, ticket.id, store.tickets.Origin.RECEIVED, ["a@x"])
    seen = []
    start = threading.Barrier(2)

    def move():
        start.wait(10)
        with either.write() as db:
            found = look(db, ticket)
            seen.append(found.state)
            following = State.OPEN if found.state is State.NEW else State.ANSWERED
            store.tickets.change(db, found, following, NOW, None)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(move), pool.submit(move)]:
            done.result(30)
    assert seen == [State.NEW, State.OPEN]


@pytest.mark.postgres
def test_a_reader_holds_nobody_up(kept):
    ticket = open_ticket(kept)
    with kept.read() as reading:
        assert store.tickets.get(reading, ticket.id) == ticket
        with kept.write() as db:
            store.tickets.change(db, ticket, State.OPEN, NOW, None)
        assert store.tickets.get(reading, ticket.id) == ticket


@pytest.mark.postgres
def test_articles_are_added_to_a_ticket_that_another_transaction_holds(kept):
    ticket = open_ticket(kept)
    with kept.write() as one:
        store.tickets.get(one, ticket.id)
        with kept.write() as other:
            store.tickets.remember_ids(other, ticket.id, store.tickets.Origin.OWN, ["b@x"])


@pytest.mark.postgres
def test_two_who_wait_for_each_other_are_a_temporary_fault_for_one_of_them(kept):
    one, other = open_ticket(kept), open_ticket(kept, "SUP-7K2M-9XQ5")
    have_both = threading.Barrier(2)

    def hold(first, second):
        with kept.write() as db:
            store.tickets.get(db, first.id)
            have_both.wait(10)
            with kept.part(db):
                store.tickets.get(db, second.id)
        return "done"

    def outcome(*pair):
        try:
            return hold(*pair)
        except TemporaryError as error:
            return "deadlock" if "deadlock" in str(error) else str(error)

    with ThreadPoolExecutor(2) as pool:
        told = [pool.submit(outcome, one, other), pool.submit(outcome, other, one)]
        assert sorted(each.result(30) for each in told) == ["deadlock", "done"]
