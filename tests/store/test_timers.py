import pytest

from gateway.store import timers
from gateway.tickets.model import TimerKind
from tests.builders import HOUR, NOW

REMINDER, CLOSE = TimerKind.REMINDER, TimerKind.CLOSE


def only(found):
    (timer,) = found
    return timer


def test_a_timer_is_due_at_its_time_and_not_before(db, ticket):
    timers.start(db, ticket.id, REMINDER, 1, NOW)
    assert timers.due(db, NOW - HOUR, 10) == ()
    timer = only(timers.due(db, NOW, 10))
    assert (timer.ticket_id, timer.kind, timer.stage, timer.due_at, timer.cycle) == (ticket.id, REMINDER, 1, NOW, 1)


def test_due_timers_come_earliest_first_and_no_more_than_asked_for(db, ticket):
    for stage, due_at in ((1, NOW), (2, NOW - 2 * HOUR), (3, NOW - HOUR), (4, NOW + HOUR)):
        timers.start(db, ticket.id, REMINDER, stage, due_at)
    assert [timer.stage for timer in timers.due(db, NOW, 10)] == [2, 3, 1]
    assert [timer.stage for timer in timers.due(db, NOW, 2)] == [2, 3]
    assert [timer.stage for timer in timers.pending(db, ticket.id)] == [2, 3, 1, 4]


def test_a_timer_acts_once(db, ticket):
    timers.start(db, ticket.id, REMINDER, 1, NOW)
    timer = only(timers.due(db, NOW, 10))
    assert timers.finish(db, timer, NOW)
    assert not timers.finish(db, timer, NOW)
    assert timers.due(db, NOW, 10) == timers.pending(db, ticket.id) == ()


@pytest.mark.parametrize("acted", [True, False])
def test_setting_a_timer_anew_begins_another_cycle_in_the_same_row(db, ticket, acted):
    timers.start(db, ticket.id, REMINDER, 1, NOW)
    old = only(timers.due(db, NOW, 10))
    if acted:
        timers.finish(db, old, NOW)
    timers.start(db, ticket.id, REMINDER, 1, NOW + HOUR)
    assert not timers.finish(db, old, NOW)
    assert timers.due(db, NOW, 10) == ()
    new = only(timers.due(db, NOW + HOUR, 10))
    assert (new.id, new.cycle) == (old.id, 2)
    assert timers.finish(db, new, NOW + HOUR)


def test_timers_are_told_apart_by_ticket_kind_and_stage(db, ticket):
    timers.start(db, ticket.id, REMINDER, 1, NOW)
    timers.start(db, ticket.id, REMINDER, 2, NOW)
    timers.start(db, ticket.id, CLOSE, 1, NOW)
    assert {(timer.kind, timer.stage, timer.cycle) for timer in timers.due(db, NOW, 10)} == {
        (REMINDER, 1, 1),
        (REMINDER, 2, 1),
        (CLOSE, 1, 1),
    }


def test_stopped_timers_do_nothing_and_the_others_go_on(db, ticket):
    timers.start(db, ticket.id, REMINDER, 1, NOW)
    timers.start(db, ticket.id, CLOSE, 0, NOW)
    timer = timers.due(db, NOW, 10)[0]
    timers.stop(db, ticket.id, NOW, REMINDER, TimerKind.WAKE)
    assert only(timers.due(db, NOW, 10)).kind is CLOSE
    assert not timers.finish(db, timer, NOW)


def test_a_timer_that_failed_comes_again_later_in_the_same_cycle(db, ticket):
    timers.start(db, ticket.id, REMINDER, 1, NOW)
    timer = only(timers.due(db, NOW, 10))
    timers.put_off(db, timer, NOW + HOUR)
    assert timers.due(db, NOW, 10) == ()
    again = only(timers.due(db, NOW + HOUR, 10))
    assert (again.id, again.cycle) == (timer.id, 1)


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda db, timer: timers.finish(db, timer, NOW),
        lambda db, timer: timers.start(db, timer.ticket_id, REMINDER, 1, NOW + 5 * HOUR),
        lambda db, timer: timers.stop(db, timer.ticket_id, NOW, REMINDER),
    ],
    ids=["acted", "set anew", "stopped"],
)
def test_a_timer_that_failed_here_is_left_alone_once_it_acted_or_was_set_elsewhere(db, ticket, meanwhile):
    timers.start(db, ticket.id, REMINDER, 1, NOW)
    timer = only(timers.due(db, NOW, 10))
    meanwhile(db, timer)
    before = timers.pending(db, ticket.id)
    timers.put_off(db, timer, NOW + HOUR)
    assert timers.pending(db, ticket.id) == before


def test_the_next_timer_is_the_earliest_that_has_not_acted(db, ticket):
    assert timers.next_due(db) is None
    timers.start(db, ticket.id, REMINDER, 1, NOW)
    timers.start(db, ticket.id, CLOSE, 0, NOW + HOUR)
    assert timers.next_due(db) == NOW
    timers.finish(db, only(timers.due(db, NOW, 1)), NOW)
    assert timers.next_due(db) == NOW + HOUR
