"""A thread that works while there is work, then sleeps until woken or a while has passed. What it does it is handed."""

import logging
import threading
from collections.abc import Callable
from typing import Self

from gateway.errors import TemporaryError

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 30.0


class Worker:
    """Calls `step` until it returns 0, again after `wake` or `every` seconds. Trouble never ends it."""

    def __init__(self, name: str, step: Callable[[], int], every: float, longest_pause: float = _LONGEST_PAUSE) -> None:
        self.name = name
        self._step, self._every, self._longest_pause = step, every, longest_pause
        self._woken = threading.Event()
        self._closing = threading.Event()
        self._is_in_trouble = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._woken.set()
        self._thread.join()

    @property
    def is_alive(self) -> bool:
        """Whether the thread is there; the watchdog asks."""
        return self._thread.is_alive()

    def wake(self) -> None:
        """There may be work."""
        self._woken.set()

    def _run(self) -> None:
        pause = self._every
        while not self._closing.is_set():
            self._woken.clear()
            try:
                while not self._closing.is_set() and self._step():
                    pass
                pause = self._every
                self._recovered()
            except TemporaryError as error:
                pause = self._trouble(error, pause)
            except Exception as error:
                log.exception("a worker failed and goes on", extra={"action": self.name})
                pause = self._trouble(error, pause)
            if not self._closing.is_set():  # its wake-up may have come before we cleared
                self._woken.wait(pause)

    def _trouble(self, error: Exception, pause: float) -> float:
        if not self._is_in_trouble:
            log.error("a worker cannot work, it tries again", extra={"action": self.name, "reason": str(error)})
        self._is_in_trouble = True
        return min(max(pause, 0.5) * 2, self._longest_pause)

    def _recovered(self) -> None:
        if self._is_in_trouble:
            log.warning("a worker works again", extra={"action": self.name})
        self._is_in_trouble = False
