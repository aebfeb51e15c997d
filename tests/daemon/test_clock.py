"""Clocks: the wall's is aware; the swift one runs at its speed, leaps forward, and never goes back."""

from datetime import UTC, datetime, timedelta

from gateway.daemon.clock import Clock, SwiftClock, wall

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_the_wall_clock_is_aware_and_both_agree_in_service():
    clock = Clock()
    assert clock.now is clock.wall is wall
    assert wall().tzinfo is UTC


def test_a_swift_clock_starts_where_it_is_set():
    assert timedelta() <= SwiftClock(0.0, MONDAY).now() - MONDAY < timedelta(seconds=1)


def test_a_stopped_clock_stands_until_it_leaps():
    clock = SwiftClock(0.0, MONDAY)
    clock.leap_to(MONDAY + timedelta(days=3))
    assert clock.now() == MONDAY + timedelta(days=3)


def test_it_never_leaps_back():
    clock = SwiftClock(0.0, MONDAY)
    clock.leap_to(MONDAY - timedelta(days=3))
    assert clock.now() == MONDAY


def test_it_goes_on_from_what_it_shows_when_its_speed_changes():
    clock = SwiftClock(1e9, MONDAY)
    shown = clock.now()
    assert shown > MONDAY
    clock.run_at(0.0)
    stopped = clock.now()
    assert stopped >= shown
    assert clock.now() == stopped
