"""Has mail read by a process of its own, within bounds of time and memory, and replaces it when it must be killed."""

import contextlib
import fcntl
import logging
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence
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
_PIPE_OCTETS = 1_000_000  # so that answers may wait for a parent who is busy

Letter = tuple[bytes, Envelope]


_GIVES_BACK = {"MALLOC_MMAP_THRESHOLD_": "1048576"}  # the memory of large mail, when done with it (mallopt(3))


class UnreadableError(PermanentError):
    """A mail cannot be read within the bounds; its text says why."""


class Readers:
    """One reading process, for one thread."""

    def __init__(self, ring: Keyring, policy: Policy, settings: ReadingSettings) -> None:
        self._start_with = (ring, policy, settings.memory_size)
        self._seconds = settings.mail_seconds
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
        """What each mail is and says, or why that cannot be known; the others are read all the same."""
        found: list[Reading | UnreadableError] = []
        has_died = False
        while len(found) < len(mails):
            answers = list(self._answers(_together(mails, len(found))))
            found.extend(_judged(answer) for answer in answers)
            if answers:
                has_died = False
            elif has_died:  # of this mail; the first time it may have been of anything before
                found.append(_judged(None))
                has_died = False
            else:
                has_died = True
        return found

    def _answers(self, mails: Sequence[Letter]) -> Iterator[Reading | str]:
        """For each mail a Reading, or in words why there is none; they end early with the process."""
        if self._process is not None and self._process.poll() is not None:
            self._end()  # it died idle: of no mail that is in hand now
        process = self._process or self._started()
        self._process = process
        try:
            reader.send(process.stdin, mails)
            for _ in mails:
                if not _speaks_within(self._seconds, process.stdout):
                    log.error("reading a mail takes too long, its process is ended", extra={"action": "held"})
                    self._end()
                    yield f"it took longer than {self._seconds:g} s"
                    return
                yield reader.receive(process.stdout)
        except (EOFError, OSError):
            self._end()

    def _started(self) -> "subprocess.Popen[bytes]":
        home = str(Path(gateway.__file__).parents[1])
        process = subprocess.Popen(  # noqa: S603 - our own module, no word of a mail among the arguments
            [sys.executable, "-P", "-m", reader.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,  # an answer in a buffer of ours would be none to those who wait at the pipe
            env={**os.environ, "PYTHONPATH": home, **_GIVES_BACK},
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


def _judged(answer: Reading | str | None) -> Reading | UnreadableError:
    if isinstance(answer, Reading):
        return answer
    return UnreadableError(f"reading it failed: {answer or 'its process died of it, perhaps for want of memory'}")


def _widen(stream: IO[bytes] | None) -> None:
    with contextlib.suppress(OSError, AttributeError):  # one system has no such call, another allows no more
        fcntl.fcntl(stream.fileno() if stream else -1, fcntl.F_SETPIPE_SZ, _PIPE_OCTETS)
