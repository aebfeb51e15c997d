from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.tickets.business_time import add_business_days, is_business_day, next_opening
from gateway.tickets.policy import BusinessCalendar

RIGA = ZoneInfo("Europe/Riga")
WEEK = BusinessCalendar(zone=RIGA, holidays=frozenset({date(2026, 5, 1), date(2026, 5, 4)}))


def riga(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=RIGA)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 4, 30), True),  # a Thursday
        (date(2026, 5, 1), False),  # a holiday
        (date(2026, 5, 2), False),  # Saturday
        (date(2026, 5, 3), False),
        (date(2026, 5, 4), False),  # a holiday on a Monday
        (date(2026, 5, 5), True),
    ],
)
def test_the_desk_works_on_weekdays_that_are_no_holidays(day, expected):
    assert is_business_day(day, WEEK) is expected


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-06-01 10:00", 0, "2026-06-01 10:00"),  # Monday within hours: itself
        ("2026-06-01 10:00", 1, "2026-06-02 10:00"),
        ("2026-06-01 10:00", 4, "2026-06-05 10:00"),
        ("2026-06-01 10:00", 5, "2026-06-08 10:00"),  # over the weekend
        ("2026-06-05 16:59", 1, "2026-06-08 16:59"),
        ("2026-06-01 07:30", 0, "2026-06-01 09:00"),  # before opening
        ("2026-06-01 07:30", 1, "2026-06-02 09:00"),
        ("2026-06-01 09:00", 0, "2026-06-01 09:00"),
        ("2026-06-01 17:00", 0, "2026-06-02 09:00"),  # at closing
        ("2026-06-01 23:30", 1, "2026-06-03 09:00"),
        ("2026-06-06 12:00", 0, "2026-06-08 09:00"),  # on a Saturday
        ("2026-06-06 12:00", 1, "2026-06-09 09:00"),
        ("2026-04-30 11:00", 1, "2026-05-05 11:00"),  # two holidays around a weekend
        ("2026-04-30 18:00", 0, "2026-05-05 09:00"),
        ("2026-03-27 16:00", 1, "2026-03-30 16:00"),  # the clock goes forward on Sunday: 47 hours of weekend
        ("2026-10-23 16:00", 1, "2026-10-26 16:00"),  # and back
        ("2026-12-31 10:00", 1, "2027-01-01 10:00"),
    ],
)
def test_business_days_keep_the_hour_of_the_desks_own_clock(start, days, expected):
    assert add_business_days(riga(start), days, WEEK) == riga(expected)


def test_summer_time_shifts_the_instant_not_the_hour():
    friday = riga("2026-03-27 16:00")
    assert friday.astimezone(UTC).hour == 14
    assert add_business_days(friday, 1, WEEK) == datetime(2026, 3, 30, 13, tzinfo=UTC)


def test_a_desk_that_works_on_sundays_keeps_its_hour_when_the_clock_changes():
    always = BusinessCalendar(zone=RIGA, weekdays=frozenset(range(7)), opens=time(0), closes=time(23, 59))
    assert add_business_days(riga("2026-03-28 03:30"), 1, always) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert add_business_days(riga("2026-03-28 03:30"), 2, always) == riga("2026-03-30 03:30")
    assert add_business_days(riga("2026-10-24 03:30"), 1, always) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_result_is_utc_whatever_zone_is_handed_in():
    start = datetime(2026, 6, 1, 5, 0, tzinfo=ZoneInfo("America/New_York"))
    due = add_business_days(start, 1, WEEK)
    assert (due, due.utcoffset()) == (riga("2026-06-02 12:00"), timedelta(0))


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-06-01 10:00", "2026-06-02 09:00"),
        ("2026-06-01 07:00", "2026-06-02 09:00"),
        ("2026-06-01 20:00", "2026-06-02 09:00"),
        ("2026-06-05 10:00", "2026-06-08 09:00"),
        ("2026-06-06 10:00", "2026-06-08 09:00"),
        ("2026-04-30 10:00", "2026-05-05 09:00"),
    ],
)
def test_the_next_opening_is_on_another_day(after, expected):
    assert next_opening(riga(after), WEEK) == riga(expected)


instants = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
calendars = st.builds(
    BusinessCalendar,
    zone=st.sampled_from([ZoneInfo(name) for name in ("UTC", "Europe/Riga", "America/New_York", "Asia/Kathmandu")]),
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    opens=st.times(time(5), time(11)),
    closes=st.times(time(12), time(22)),
    holidays=st.frozensets(st.dates(date(2020, 1, 1), date(2035, 1, 1)), max_size=5),
)


@given(instants, st.integers(0, 20), calendars)
def test_the_result_is_always_within_business_hours_and_never_before_the_start(start, days, calendar):
    due = add_business_days(start, days, calendar)
    local = due.astimezone(calendar.zone)
    assert is_business_day(local.date(), calendar)
    assert calendar.opens <= local.time() < calendar.closes
    assert due >= start


@given(instants, instants, st.integers(0, 20), st.integers(0, 20), calendars)
def test_who_starts_later_or_waits_longer_is_never_due_earlier(one, other, days, more, calendar):
    early, late = sorted((one, other))
    few, many = sorted((days, more))
    assert add_business_days(early, few, calendar) <= add_business_days(late, few, calendar)
    assert add_business_days(early, few, calendar) <= add_business_days(early, many, calendar)


def test_a_calendar_without_a_working_day_still_ends():
    never = BusinessCalendar(weekdays=frozenset())
    assert add_business_days(riga("2026-06-01 10:00"), 1, never) > riga("2026-06-01 10:00")
