"""When something is due on a ticket, counted from when it entered its state. Sets no timer itself."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from gateway.tickets.business_time import add_business_days, next_opening
from gateway.tickets.model import TimerKind
from gateway.tickets.policy import Policy

_STALE_SURVEY = timedelta(days=7)
_SPREAD = timedelta(hours=4)
_SLACK = timedelta(days=1)  # of a calendar that is changed, of hours that a summer ends with twice


def reminder_at(last_word_at: datetime, policy: Policy) -> datetime:
    """When to remind a customer who has not answered since `last_word_at`: our answer, or the reminder before."""
    return add_business_days(last_word_at, policy.periods.reminder_after_days, policy.calendar)


def closes_at(resolved_at: datetime, policy: Policy) -> datetime:
    """When a resolved ticket closes if nobody says a word."""
    return add_business_days(resolved_at, policy.periods.close_after_days, policy.calendar)


def survey_at(closed_at: datetime, policy: Policy) -> datetime:
    """When the customer is asked for a rating."""
    due = closed_at + timedelta(hours=policy.periods.survey_after_hours)
    return add_business_days(due, 0, policy.calendar)


def answer_due(received_at: datetime, queue: str, policy: Policy) -> datetime | None:
    """By when the acknowledgement promises an answer, or None when the queue promises nothing."""
    days = policy.queue(queue).answer_within_days
    return add_business_days(received_at, days, policy.calendar) if days else None


def is_within_grace(closed_at: datetime, now: datetime, policy: Policy) -> bool:
    """Whether a late reply still reopens the ticket; after that it opens a linked one."""
    return now - closed_at <= timedelta(days=policy.periods.grace_days)


def brought_forward(kind: TimerKind, due_at: datetime, now: datetime, policy: Policy) -> datetime | None:
    """When a timer acts that lies further ahead than it is ever set: the clock was set back since. None for all others.

    The day that an agent has named is that day whatever the clock said then.
    """
    latest = _latest(kind, now, policy)
    return latest if latest is not None and due_at > latest + _SLACK else None


def reach(now: datetime, policy: Policy) -> datetime:
    """No timer of any kind is set for later than this, but for the days that agents name."""
    return max(each for kind in TimerKind if (each := _latest(kind, now, policy)) is not None) + _SLACK


def _latest(kind: TimerKind, now: datetime, policy: Policy) -> datetime | None:
    match kind:
        case TimerKind.REMINDER:
            return max(reminder_at(now, policy), next_opening(now, policy.calendar) + _SPREAD)
        case TimerKind.CLOSE:
            return closes_at(now, policy)
        case TimerKind.SURVEY:
            return survey_at(now, policy)
        case TimerKind.WAKE:
            return None
        case _:
            assert_never(kind)


class CatchUp(StrEnum):
    """What to do with a timer when its time has come."""

    ACT = "act"
    LATER = "later"
    NEVER = "never"


def catch_up(kind: TimerKind, due_at: datetime, now: datetime, policy: Policy) -> CatchUp:
    """The rule for timers that were slept through, so that downtime causes no flood and no stale question.

    Reminders move to the next business day, surveys that are a week late are not sent, all else just happens.
    """
    late = now - due_at
    if kind is TimerKind.REMINDER and late > timedelta(hours=policy.periods.late_after_hours):
        return CatchUp.LATER
    if kind is TimerKind.SURVEY and late > _STALE_SURVEY:
        return CatchUp.NEVER
    return CatchUp.ACT


def spread(now: datetime, number: int, policy: Policy) -> datetime:
    """An instant on the next business day, by `number` up to four hours after opening, so that not all come at once."""
    return next_opening(now, policy.calendar) + timedelta(minutes=number % (_SPREAD // timedelta(minutes=1)))
