"""Has mail read by a process of its own, within bounds of time and memory, and replaces it when it must be killed."""

import contextlib
import fcntl
import logging
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Self

import gateway
from gateway.desk import reader
from gateway.desk.settings import ReadingSettings
from gateway.errors import PermanentError
from gateway.mail.envelope import Envelope
from gateway.mail.tokens import Keyring
from gateway.tickets.policy import Policy
from gateway.tickets.reading import Reading

log = logging.getLogger(__name__)

_MOST_AT_ONCE = 50  # mails
_MOST_OCTETS_AT_ONCE = 2_000_000
_FEW, _NAP = 10, 0.01  # mails, and seconds in which not even a fast machine reads so many
_PIPE_OCTETS = 1_000_000  # so that answers may wait for a parent who is busy

Letter = tuple[bytes, Envelope]

# The memory of large mail is given back when done with it, that of small mail kept for the next (mallopt(3)).
_MEMORY = {"MALLOC_MMAP_THRESHOLD_": "1048576", "MALLOC_TRIM_THRESHOLD_": "4194304"}


class UnreadableError(PermanentError):
    """A mail cannot be read within the bounds; its text says why."""


class Readers:
    """One reading process, for one thread.

    It bounds itself by the processor's time; by the clock it has `patience` times as long, for it may not get to run.
    """

    def __init__(self, ring: Keyring, policy: Policy, settings: ReadingSettings, patience: float = 4) -> None:
        self._start_with = (ring, policy, settings)
        self._busy_seconds, self._seconds = settings.mail_seconds, patience * settings.mail_seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._process = self._started()
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    @property
    def pid(self) -> int:
        """The process that reads now."""
        return self._process.pid if self._process else 0

    def read(self, raw: bytes, envelope: Envelope) -> Reading:
        """What the mail is and says.

        Raises:
            UnreadableError: it took too long, needed too much memory, or met a bug.
        """
        (answer,) = self.read_all([(raw, envelope)])
        if isinstance(answer, UnreadableError):
            raise answer
        return answer

    def read_all(self, mails: Sequence[Letter]) -> list[Reading | UnreadableError]:
        """What each mail is and says, or why that cannot be known; the others are read all the same.

        Where the process ends, its next mail is tried once more, alone in a fresh one: it need not be the cause.
        """
        found: list[Reading | UnreadableError] = []
        is_tried = False  # the mail that is next
        while len(found) < len(mails):
            start = len(found)
            answers, why = self._answers(mails[start : start + 1] if is_tried else _together(mails, start))
            found.extend(_judged(answer) for answer in answers)
            if is_tried and why:
                found.append(_judged(why))
            is_tried = bool(why) and not is_tried
        return found

    def _answers(self, mails: Sequence[Letter]) -> tuple[list[Reading | str], str]:
        """For each mail a Reading, or in words why there is none; fewer, and why, where the process ended."""
        if self._process is not None and self._process.poll() is not None:
            self._end()  # it died idle: of no mail that is in hand now
        process = self._process or self._started()
        self._process = process
        answers: list[Reading | str] = []
        why = ""
        try:
            reader.send(process.stdin, reader.uncopied(mails))
            for left in range(len(mails), 0, -1):
                if not _is_answered(process.stdout, left, self._seconds):
                    why = f"it took longer than {self._seconds:g} s"
                    break
                answers.append(reader.receive(process.stdout))
        except (EOFError, OSError):
            why = "its process died of it, perhaps for want of memory"
        return answers, self._ended(process, why) if why else ""

    def _ended(self, process: "subprocess.Popen[bytes]", why: str) -> str:
        """Why it had to end, once it has."""
        self._end()
        if process.returncode == -signal.SIGPROF:
            why = f"it kept a processor busy for more than {self._busy_seconds:g} s"
        extra = {"action": "replaced", "pid": process.pid, "reason": why}
        log.warning("the process that reads mail ended over one, a new one takes its place", extra=extra)
        return why

    def _started(self) -> "subprocess.Popen[bytes]":
        home = str(Path(gateway.__file__).parents[1])
        process = subprocess.Popen(  # noqa: S603 - our own module, no word of a mail among the arguments
            [sys.executable, "-P", "-m", reader.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,  # an answer in a buffer of ours would be none to those who wait at the pipe
            env={**os.environ, "PYTHONPATH": home, **_MEMORY},
        )
        _widen(process.stdout)
        reader.send(process.stdin, self._start_with)
        return process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.communicate()


def _is_answered(stream: IO[bytes] | None, left: int, seconds: float) -> bool:
    """Whether an answer is there within `seconds`.

    Where many are `left` we look now and then: to be woken for each costs our other threads more than to take it.
    """
    if left > _FEW:
        if _speaks_within(0, stream):
            return True
        time.sleep(_NAP)
    return _speaks_within(seconds, stream)


def _speaks_within(seconds: float, stream: IO[bytes] | None) -> bool:
    waiting = select.poll()
    waiting.register(stream.fileno() if stream else -1, select.POLLIN | select.POLLHUP)
    return bool(waiting.poll(seconds * 1000))


def _together(mails: Sequence[Letter], start: int) -> Sequence[Letter]:
    """The mails from `start` on that are sent at once: what a process that must be killed has in hand is little."""
    octets = 0
    for count, (raw, _) in enumerate(islice(mails, start, start + _MOST_AT_ONCE)):
        octets += len(raw)
        if count and octets > _MOST_OCTETS_AT_ONCE:
            return mails[start : start + count]
    return mails[start : start + _MOST_AT_ONCE]


def _judged(answer: Reading | str) -> Reading | UnreadableError:
    return answer if isinstance(answer, Reading) else UnreadableError(f"reading it failed: {answer}")


def _widen(stream: IO[bytes] | None) -> None:
    with contextlib.suppress(OSError, AttributeError):  # one system has no such call, another allows no more
        fcntl.fcntl(stream.fileno() if stream else -1, fcntl.F_SETPIPE_SZ, _PIPE_OCTETS)
