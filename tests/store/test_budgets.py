from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from gateway.store import budgets
from gateway.tickets import budget
from gateway.tickets.budget import Allowed, Bucket, Scope
from gateway.tickets.model import TicketId
from tests.builders import HOUR, NOW


def bucket(name, level=10.0, at=NOW):
    return Bucket(Scope.ADDRESS, name, 10, level, at)


def test_a_bucket_that_nobody_has_drawn_on_is_not_there(db):
    budgets.keep(db, [])
    assert budgets.levels(db, ["address:a@x"]) == {}
    assert budgets.levels(db, []) == {}


def test_levels_are_kept_and_written_over(db):
    budgets.keep(db, [bucket("b@x", 3.5), bucket("a@x", 2)])
    budgets.keep(db, [bucket("a@x", 1, NOW + HOUR)])
    found = budgets.levels(db, ["address:a@x", "address:b@x", "address:c@x"])
    assert found == {"address:a@x": (1.0, NOW + HOUR), "address:b@x": (3.5, NOW)}


def test_what_is_full_again_is_swept(db):
    budgets.keep(db, [bucket("a@x", 5), bucket("b@x", 1)])
    assert not budgets.has_full(db, NOW + HOUR / 4)
    assert budgets.has_full(db, NOW + HOUR / 2)
    assert budgets.sweep(db, NOW + HOUR / 2) == 1
    assert budgets.levels(db, ["address:a@x", "address:b@x"]) == {"address:b@x": (1.0, NOW)}


def test_what_is_withheld_from_an_agent_is_counted_until_it_is_handed_out(db):
    budgets.withhold(db, "anna", "support", [TicketId(1), TicketId(2)], 2, NOW)
    budgets.withhold(db, "anna", "support", [TicketId(2), TicketId(3)], 2, NOW + HOUR / 2)
    budgets.withhold(db, "ben", "support", [TicketId(1)], 1, NOW + HOUR / 2)
    assert budgets.overdue(db, NOW + HOUR * 0.9, HOUR) == ()
    (annas,) = budgets.overdue(db, NOW + HOUR, HOUR)
    assert (annas.agent, annas.queue, annas.mails, annas.since, annas.tickets) == ("anna", "support", 4, NOW, (1, 2, 3))
    assert budgets.hand_out(db, annas)
    assert not budgets.hand_out(db, annas), "once"
    assert [each.agent for each in budgets.overdue(db, NOW + 2 * HOUR, HOUR)] == ["ben"]


def test_what_was_withheld_meanwhile_is_not_lost_by_handing_out(db):
    budgets.withhold(db, "anna", "support", [TicketId(1)], 1, NOW)
    (annas,) = budgets.overdue(db, NOW + HOUR, HOUR)
    budgets.withhold(db, "anna", "support", [TicketId(2)], 1, NOW + HOUR)
    assert not budgets.hand_out(db, annas)


def test_only_the_first_tickets_are_named(db):
    budgets.withhold(db, "anna", "support", [TicketId(number) for number in range(1, 500)], 499, NOW)
    (annas,) = budgets.overdue(db, NOW + HOUR, HOUR)
    assert (annas.mails, annas.tickets) == (499, tuple(range(1, 51)))


def test_nodes_that_draw_on_the_same_buckets_at_once_neither_wait_in_a_circle_nor_forget(either):
    names = ["a@x", "b@x", "c@x"]
    with either.write() as db:
        budgets.keep(db, [replace(bucket(name, 1000), per_hour=1000) for name in names])

    def draw(turn):
        wanted = names if turn % 2 else names[::-1]
        with either.write() as db:
            full = {f"address:{name}": replace(bucket(name), per_hour=1000) for name in wanted}
            found = budgets.levels(db, full)
            drawn = tuple(replace(each, level=found[key][0]) for key, each in full.items())
            after = budget.spend(drawn, NOW)
            assert isinstance(after, Allowed)
            budgets.keep(db, after.buckets)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(draw, range(24)))
    with either.read() as db:
        assert {level for level, _ in budgets.levels(db, [f"address:{name}" for name in names]).values()} == {976.0}
