"""Business days across time zones, weekends and holidays. Knows nothing of what is due on them."""

from datetime import UTC, date, datetime, timedelta

from gateway.tickets.policy import BusinessCalendar

_SEARCHED_DAYS = 4000  # a calendar without a working day in ten years has none


def is_business_day(day: date, calendar: BusinessCalendar) -> bool:
    """Whether the desk works on `day`."""
    return day.weekday() in calendar.weekdays and day not in calendar.holidays


def add_business_days(start: datetime, days: int, calendar: BusinessCalendar) -> datetime:
    """The instant `days` business days after `start`, within the desk's hours, in UTC.

    The hour of day stays when it is an hour of work; before opening it becomes the opening, after closing the opening
    of the next business day. With `days` = 0: `start` itself when the desk works then, else the next opening.
    """
    local = start.astimezone(calendar.zone)
    day, hour = local.date(), local.time()
    if not is_business_day(day, calendar) or hour >= calendar.closes:
        day, hour = _next_business_day(day, calendar), calendar.opens
    hour = max(hour, calendar.opens)
    for _ in range(days):
        day = _next_business_day(day, calendar)
    return datetime.combine(day, hour, calendar.zone).astimezone(UTC)


def next_opening(after: datetime, calendar: BusinessCalendar) -> datetime:
    """When the desk opens on the first business day after that of `after`, in UTC."""
    day = _next_business_day(after.astimezone(calendar.zone).date(), calendar)
    return datetime.combine(day, calendar.opens, calendar.zone).astimezone(UTC)


def _next_business_day(day: date, calendar: BusinessCalendar) -> date:
    for offset in range(1, _SEARCHED_DAYS):
        following = day + timedelta(days=offset)
        if is_business_day(following, calendar):
            return following
    return day + timedelta(days=1)
