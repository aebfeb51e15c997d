"""Workers: they work while there is work, sleep, wake, and survive whatever goes wrong."""

import logging
import threading
from collections.abc import Callable

from gateway.daemon.worker import Worker
from gateway.errors import TemporaryError

LONG = 3600.0


def step(*outcomes: int | Exception) -> tuple[Callable[[], int], threading.Event]:
    """A step with these outcomes, then nothing to do; and what is set once all are used up."""
    left, done = list(outcomes), threading.Event()

    def stepped() -> int:
        if not left:
            done.set()
            return 0
        outcome = left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return stepped, done


def test_it_goes_on_while_there_is_work():
    work, done = step(1, 1, 1)
    with Worker("test", work, LONG):
        assert done.wait(5)


def test_it_sleeps_until_it_is_woken():
    calls = threading.Semaphore(0)

    def work() -> int:
        calls.release()
        return 0

    with Worker("test", work, LONG) as worker:
        assert calls.acquire(timeout=5)
        assert not calls.acquire(timeout=0.05)
        worker.wake()
        assert calls.acquire(timeout=5)


def test_it_looks_again_after_a_while_though_nobody_wakes_it():
    calls = threading.Semaphore(0)

    def work() -> int:
        calls.release()
        return 0

    with Worker("test", work, 0.01):
        assert all(calls.acquire(timeout=5) for _ in range(3))


def test_trouble_does_not_end_it_and_is_told_once_with_its_end(caplog):
    caplog.set_level(logging.WARNING)
    work, done = step(TemporaryError("database is locked"), ValueError("a bug"), 1)
    with Worker("test", work, 0.01) as worker:
        assert done.wait(20)
        assert worker.is_alive
    said = [record.message for record in caplog.records]
    assert said.count("a worker cannot work, it tries again") == 1
    assert said.count("a worker works again") == 1
    assert not worker.is_alive


def test_it_stops_in_the_middle_of_endless_work():
    begun = threading.Event()

    def work() -> int:
        begun.set()
        return 1

    with Worker("test", work, LONG) as worker:
        assert begun.wait(5)
    assert not worker.is_alive


def test_being_closed_at_the_very_moment_it_begins_to_work_is_not_slept_over():
    inside = threading.Event()

    class Meanwhile(threading.Event):
        """An event whose clearing comes just after somebody has closed the worker."""

        def clear(self) -> None:
            if not inside.is_set():
                inside.set()
                worker._closing.set()
                self.set()
            super().clear()

    worker = Worker("test", lambda: 0, LONG)
    worker._woken = Meanwhile()
    worker._thread.start()
    worker._thread.join(10)
    assert not worker.is_alive
