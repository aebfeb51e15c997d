"""Has mail read by a process of its own, within bounds of time and memory, and replaces it when it must be killed."""

import logging
import os
import select
import subprocess
import sys
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
        answer = self._answer(raw, envelope) or self._answer(raw, envelope)  # it may have died before this mail
        if isinstance(answer, Reading):
            return answer
        raise UnreadableError(f"reading it failed: {answer or 'its process died of it, perhaps for want of memory'}")

    def _answer(self, raw: bytes, envelope: Envelope) -> Reading | str | None:
        """A Reading, or in words why there is none; None when the process has died."""
        process = self._process or self._started()
        self._process = process
        try:
            reader.send(process.stdin, (raw, envelope))
            if not _speaks_within(self._seconds, process.stdout):
                log.error("reading a mail takes too long, its process is ended", extra={"action": "held"})
                self._end()
                return f"it took longer than {self._seconds:g} s"
            answer: Reading | str = reader.receive(process.stdout)
        except (EOFError, OSError):
            self._end()
            return None
        return answer

    def _started(self) -> "subprocess.Popen[bytes]":
        home = str(Path(gateway.__file__).parents[1])
        process = subprocess.Popen(  # noqa: S603 - our own module, no word of a mail among the arguments
            [sys.executable, "-m", reader.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": home},
        )
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
