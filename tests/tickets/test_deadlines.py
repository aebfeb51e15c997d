from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.tickets import deadlines
from gateway.tickets.business_time import is_business_day
from gateway.tickets.deadlines import CatchUp
from gateway.tickets.model import TimerKind
from gateway.tickets.policy import BusinessCalendar, Periods
from tests.builders import DAY, HOUR, NOW, POLICY


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


WEEKS = replace(
    POLICY,
    periods=Periods(reminder_after_days=3, close_after_days=4, survey_after_hours=4, grace_days=14),
    calendar=BusinessCalendar(holidays=frozenset({date(2026, 5, 14)})),
)


def test_a_reminder_waits_business_days():
    assert deadlines.reminder_at(at("2026-05-07 15:00"), WEEKS) == at("2026-05-12 15:00")


def test_a_resolved_ticket_closes_after_business_days_holidays_left_out():
    assert deadlines.closes_at(at("2026-05-11 12:00"), WEEKS) == at("2026-05-18 12:00")


@pytest.mark.parametrize(
    ("closed_at", "asked_at"),
    [
        ("2026-05-11 10:00", "2026-05-11 14:00"),
        ("2026-05-11 15:00", "2026-05-12 09:00"),  # four hours later nobody works
        ("2026-05-15 16:00", "2026-05-18 09:00"),  # nor on a weekend
        ("2026-05-11 01:00", "2026-05-11 09:00"),
    ],
)
def test_a_survey_comes_some_hours_after_closing_but_within_business_hours(closed_at, asked_at):
    assert deadlines.survey_at(at(closed_at), WEEKS) == at(asked_at)


@pytest.mark.parametrize(
    ("queue", "due"),
    [("support", at("2026-05-06 10:00")), ("billing", None), ("no such queue", at("2026-05-06 10:00"))],
)
def test_an_answer_is_promised_by_the_queue_that_promises(queue, due):
    assert deadlines.answer_due(NOW, queue, WEEKS) == due


@pytest.mark.parametrize(("after", "expected"), [(DAY, True), (14 * DAY, True), (14 * DAY + HOUR / 60, False)])
def test_the_grace_period_is_counted_in_calendar_days(after, expected):
    assert deadlines.is_within_grace(NOW, NOW + after, WEEKS) is expected


@pytest.mark.parametrize(
    ("kind", "late", "expected"),
    [
        (TimerKind.REMINDER, timedelta(0), CatchUp.ACT),
        (TimerKind.REMINDER, 24 * HOUR, CatchUp.ACT),
        (TimerKind.REMINDER, 25 * HOUR, CatchUp.LATER),
        (TimerKind.REMINDER, 100 * DAY, CatchUp.LATER),
        (TimerKind.SURVEY, 6 * DAY, CatchUp.ACT),
        (TimerKind.SURVEY, 8 * DAY, CatchUp.NEVER),
        (TimerKind.CLOSE, 100 * DAY, CatchUp.ACT),
        (TimerKind.WAKE, 100 * DAY, CatchUp.ACT),
    ],
)
def test_what_was_slept_through_comes_later_or_never_where_it_would_flood_or_be_stale(kind, late, expected):
    assert deadlines.catch_up(kind, NOW - late, NOW, WEEKS) is expected


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-05-11 07:00", "2026-05-12"),
        ("2026-05-11 20:00", "2026-05-12"),
        ("2026-05-15 12:00", "2026-05-18"),
        ("2026-05-16 12:00", "2026-05-18"),  # a Saturday: Monday, not Tuesday
        ("2026-05-13 12:00", "2026-05-15"),  # over a holiday
    ],
)
def test_what_is_put_off_comes_on_the_next_business_day(now, day):
    assert deadlines.spread(at(now), 0, WEEKS) == at(f"{day} 09:00")


@given(
    st.lists(st.integers(1, 10**6), min_size=1, max_size=50), st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1))
)
def test_what_is_put_off_is_spread_over_the_first_four_hours_of_a_working_day(numbers, start):
    now = start.replace(tzinfo=UTC)
    times = [deadlines.spread(now, number, WEEKS) for number in numbers]
    assert len(set(times)) == len({number % 240 for number in numbers})
    for each in times:
        assert is_business_day(each.date(), WEEKS.calendar)
        assert 9 <= each.hour < 13
        assert each > now


INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
RIGA = replace(WEEKS, calendar=replace(WEEKS.calendar, zone=ZoneInfo("Europe/Riga")))


@given(set_at=INSTANTS, waited=st.timedeltas(timedelta(0), timedelta(days=30)), number=st.integers(0, 10_000))
@pytest.mark.parametrize("policy", [WEEKS, RIGA], ids=["UTC", "Riga"])
def test_no_timer_that_was_set_by_a_clock_which_goes_on_is_ever_brought_forward(policy, set_at, waited, number):
    for kind, due_at in (
        (TimerKind.REMINDER, deadlines.reminder_at(set_at, policy)),
        (TimerKind.REMINDER, deadlines.spread(set_at, number, policy)),
        (TimerKind.CLOSE, deadlines.closes_at(set_at, policy)),
        (TimerKind.SURVEY, deadlines.survey_at(set_at, policy)),
    ):
        now = set_at + waited
        assert deadlines.brought_forward(kind, due_at, now, policy) is None
        assert due_at <= deadlines.reach(now, policy)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (TimerKind.REMINDER, deadlines.reminder_at(NOW, WEEKS)),
        (TimerKind.CLOSE, deadlines.closes_at(NOW, WEEKS)),
        (TimerKind.SURVEY, deadlines.survey_at(NOW, WEEKS)),
        (TimerKind.WAKE, None),
    ],
)
def test_one_that_was_set_by_a_clock_a_year_ahead_acts_as_if_it_were_set_now(kind, expected):
    assert deadlines.brought_forward(kind, NOW + 365 * DAY, NOW, WEEKS) == expected
    assert deadlines.reach(NOW, WEEKS) < NOW + 365 * DAY
