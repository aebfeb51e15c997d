"""When a deferred mail is tried again, and when no more. Pure."""

from datetime import datetime, timedelta

from gateway.outbound.settings import DeliverySettings

LONGEST_DELAY = timedelta(hours=4)
LONGEST_PAUSE = timedelta(minutes=15)
LEAST_ATTEMPTS = 5  # a mail that waited out a long breakdown has deserved more than one
_SPREAD = 0.25


def next_attempt(
    attempts: int, now: datetime, created_at: datetime, jitter: float, settings: DeliverySettings
) -> datetime | None:
    """When to try again after `attempts` of them, the last one just now; None to give up.

    `jitter` in [0, 1) spreads mails that failed together.
    """
    is_old = now - created_at >= timedelta(hours=settings.give_up_after_hours)
    if is_old and attempts >= LEAST_ATTEMPTS:
        return None
    return now + _delay(attempts, settings, LONGEST_DELAY) * (1 + _SPREAD * jitter)


def latest_attempt(now: datetime) -> datetime:
    """What waits for an instant after this one was put off by a clock that has been set back since."""
    return now + LONGEST_DELAY * (1 + _SPREAD)


def pause_until(failures: int, now: datetime, jitter: float, settings: DeliverySettings) -> datetime:
    """When to turn to a relay again that has been down `failures` times in a row. One never gives up on it."""
    return now + _delay(failures, settings, LONGEST_PAUSE) * (1 + _SPREAD * jitter)


def is_paused(until: datetime | None, now: datetime) -> bool:
    """Whether the relay is still left in peace. A pause longer than any means that the clock was set back meanwhile."""
    return until is not None and now < until <= now + LONGEST_PAUSE * (1 + _SPREAD)


def _delay(times: int, settings: DeliverySettings, longest: timedelta) -> timedelta:
    doublings = min(max(times, 1) - 1, 20)
    return min(timedelta(seconds=settings.first_retry_seconds * (1 << doublings)), longest)
