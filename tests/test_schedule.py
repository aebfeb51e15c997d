"""The alarm clock: jobs are called again and again, one at a time, and one that fails is called again."""

import threading
from datetime import timedelta

from gateway.schedule import Job, Schedule

OFTEN = timedelta(milliseconds=20)


def test_jobs_are_called_again_and_again():
    calls = threading.Semaphore(0)
    with Schedule([Job("tick", OFTEN, calls.release)]):
        assert all(calls.acquire(timeout=5) for _ in range(3))


def test_a_job_never_runs_twice_at_a_time():
    inside, most, calls = [0], [0], threading.Semaphore(0)

    def slow() -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        threading.Event().wait(0.06)
        inside[0] -= 1
        calls.release()

    with Schedule([Job("slow", OFTEN, slow)]):
        assert all(calls.acquire(timeout=5) for _ in range(3))
    assert most[0] == 1


def test_a_job_that_fails_is_called_again(caplog):
    calls = threading.Semaphore(0)

    def fail() -> None:
        calls.release()
        raise ValueError("no")

    with Schedule([Job("fail", OFTEN, fail)]):
        assert all(calls.acquire(timeout=5) for _ in range(2))
    assert "ValueError" in caplog.text
