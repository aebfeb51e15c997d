"""The alarm clock: wakes periodic jobs by real time. What is due, and was it done before, is for the jobs to know."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Self

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler


@dataclass(frozen=True, slots=True)
class Job:
    """`what` is called every `every`; never twice at a time, and once however often it was missed."""

    name: str
    every: timedelta
    what: Callable[[], object]


class Schedule:
    """A running table of jobs. Jobs only wake others: they are short."""

    def __init__(self, jobs: Sequence[Job]) -> None:
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

    def __enter__(self) -> Self:
        self._scheduler.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._scheduler.shutdown(wait=True)
