"""The alarm clock: wakes periodic jobs by real time. What is due, and was it done before, is for the jobs to know."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from threading import Event, Thread
from typing import Self

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
_JUMP_SECONDS = 2.0  # more than clocks are slewed by within a second


@dataclass(frozen=True, slots=True)
class Job:
    """`what` is called every `every`; never twice at a time, and once however often it was missed."""

    name: str
    every: timedelta
    what: Callable[[], object]


class Schedule:
    """A running table of jobs. Jobs only wake others: they are short.

    The library counts by the time of day: set back by an hour, it would keep all jobs waiting for an hour.
    """

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = tuple(jobs)
        self._scheduler = BackgroundScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(2)})
        for job in jobs:
            self._scheduler.add_job(
                job.what,
                "interval",
                id=job.name,
                seconds=job.every.total_seconds(),
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
            )

        self._closing = Event()
        self._guard = Thread(target=self._watch_clock, name="clock guard", daemon=True)

    def __enter__(self) -> Self:
        self._scheduler.start()
        self._guard.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._guard.join()
        self._scheduler.shutdown(wait=True)

    def _watch_clock(self) -> None:
        known = _wall_ahead()
        while not self._closing.wait(_LOOK_SECONDS):
            ahead = _wall_ahead()
            if abs(ahead - known) > _JUMP_SECONDS:
                facts = {"action": "clock-set", "seconds": round(ahead - known)}
                log.warning("the clock was set; periodic jobs count anew", extra=facts)
                for job in self._jobs:
                    self._scheduler.reschedule_job(job.name, trigger="interval", seconds=job.every.total_seconds())
            known = ahead


def _wall_ahead() -> float:
    """By how many seconds the time of day is ahead of a clock that nobody sets."""
    return time.time() - time.monotonic()
