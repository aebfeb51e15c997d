"""The daemon as its operator runs it, struck down at a named moment. It is not changed in any way until then.

STRIKE in the environment says when: steps that one thread takes in this order, the blow falls with the last one. A
step is a function, `call` or `return`, and the how-manieth time: `gateway.store.spool:add return 1`. STRIKE_WHOM says
whom: `us` (SIGKILL to this process) or `children` (to the processes that it has started; it goes on).
"""

import importlib
import inspect
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from gateway import cli


@dataclass(frozen=True, slots=True)
class Step:
    """What one thread does; a generator is called whenever it goes on, and returns whenever it yields."""

    function: str
    event: str
    times: int = 1

    @classmethod
    def read(cls, text: str) -> "Step":
        function, event, times = text.split()
        return cls(function, event, int(times))

    def __str__(self) -> str:
        return f"{self.function} {self.event} {self.times}"

    @property
    def code(self) -> CodeType:
        """The function's code, below whatever decorates it."""
        module, _, name = self.function.partition(":")
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = inspect.getattr_static(found, part)
        code = inspect.unwrap(getattr(found, "__func__", found)).__code__
        assert isinstance(code, CodeType)
        return code


class _Progress(threading.local):
    """How far this thread has come."""

    step = 0
    times = 0


def watch(steps: Sequence[Step], thread: str, strike: Callable[[], None]) -> Callable[[FrameType, str, object], None]:
    """A profile function: it calls `strike` once, when a thread whose name begins with `thread` has taken all steps."""
    wanted = [(id(step.code), step.event, step.times) for step in steps]
    known = {code for code, _, _ in wanted}
    progress, once = _Progress(), threading.Lock()

    def profile(frame: FrameType, event: str, _argument: object) -> None:
        if id(frame.f_code) not in known or progress.step == len(wanted):
            return
        code, named, times = wanted[progress.step]
        if id(frame.f_code) != code or event != named or not threading.current_thread().name.startswith(thread):
            return
        progress.times += 1
        if progress.times < times:
            return
        progress.step, progress.times = progress.step + 1, 0
        if progress.step == len(wanted) and once.acquire(blocking=False):
            strike()

    return profile


def strike_us() -> None:
    os.write(2, b"STRUCK at the named moment\n")
    os.kill(os.getpid(), signal.SIGKILL)


def strike_children() -> None:
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text().split():
            os.kill(int(child), signal.SIGKILL)
    os.write(2, b"STRUCK at the named moment\n")


def main() -> int:
    steps = [Step.read(text) for text in os.environ.pop("STRIKE").split(",")]
    strike = {"us": strike_us, "children": strike_children}[os.environ.pop("STRIKE_WHOM", "us")]
    profile = watch(steps, os.environ.pop("STRIKE_THREAD", ""), strike)
    threading.setprofile(profile)
    sys.setprofile(profile)
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
