"""The process that reads mail: hostile bytes come in by standard input, what they mean goes out. It can be killed.

Frames are a head of eight octets and a pickle, from the parent and to it only: several mails at once, so that nobody
waits for the other between them, and an answer for each. The octets of mails stand behind their frame, each with its
length before all of them, so that nobody copies them into a pickle and out of it.
"""

import gc
import io
import os
import pickle
import resource
import signal
import sys
from collections.abc import Iterable
from typing import IO, Any

from gateway.desk.lean import REDUCERS
from gateway.desk.settings import ReadingSettings
from gateway.mail.envelope import Envelope
from gateway.mail.tokens import Keyring
from gateway.tickets import reading
from gateway.tickets.policy import Policy

_HEAD = 8  # octets: how many lengths follow in two of them, the length of the pickle in the others
_COUNT = 2
_LENGTH = 8
_MOST_AT_ONCE = 1_000_000  # octets


def send(stream: IO[bytes] | None, value: object) -> None:
    """Writes one frame; what of the value is `uncopied` behind it.

    Raises:
        OSError: nobody is there to read it.
    """
    if stream is None:
        raise EOFError
    frame = io.BytesIO()
    beside: list[pickle.PickleBuffer] = []
    pickler = pickle.Pickler(frame, pickle.HIGHEST_PROTOCOL, buffer_callback=beside.append)
    pickler.dispatch_table = REDUCERS
    pickler.dump(value)
    bodies = [each.raw() for each in beside]
    head = len(bodies).to_bytes(_COUNT) + frame.tell().to_bytes(_HEAD - _COUNT)
    lengths = b"".join(len(body).to_bytes(_LENGTH) for body in bodies)
    for piece in (memoryview(head + lengths + frame.getvalue()), *bodies):
        left = piece
        while left:
            left = left[stream.write(left) :]  # a signal may break off one that is not buffered
    stream.flush()


def uncopied(mails: Iterable[tuple[bytes, Envelope]]) -> list[tuple[pickle.PickleBuffer, Envelope]]:
    """The mails as they are best sent; the octets are received as such again."""
    return [(pickle.PickleBuffer(raw), envelope) for raw, envelope in mails]


def receive(stream: IO[bytes] | None) -> Any:
    """The next frame's value.

    Raises:
        EOFError: the other side has ended.
    """
    if stream is None:
        raise EOFError
    head = _exactly(stream, _HEAD)
    count, length = (int.from_bytes(octets) for octets in (head[:_COUNT], head[_COUNT:]))
    lengths = [int.from_bytes(_exactly(stream, _LENGTH)) for _ in range(count)]
    frame = _exactly(stream, length)
    beside = [_exactly(stream, each) for each in lengths]
    return pickle.loads(frame, buffers=beside)  # noqa: S301 - our own process at the other end of the pipe


def _exactly(stream: IO[bytes], octets: int) -> bytes:
    pieces = []
    while octets:
        found = stream.read(min(octets, _MOST_AT_ONCE))
        if not found:
            raise EOFError
        pieces.append(found)
        octets -= len(found)
    return b"".join(pieces)


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Reads mail after mail until the parent ends; an answer is a Reading made `lean`, or in words why there is none.

    A mail that keeps a processor busy for too long ends the process by SIGPROF, whatever it is being done with.

    Raises:
        BrokenPipeError: the parent was killed while it waited for an answer.
    """
    try:
        ring, policy, settings = _opening(requests)
        resource.setrlimit(resource.RLIMIT_AS, (settings.memory_size, settings.memory_size))
        gc.freeze()  # what lives as long as the process need not be looked through for each mail
        while True:
            for raw, envelope in receive(requests):
                signal.setitimer(signal.ITIMER_PROF, settings.mail_seconds)  # what it has run for, not what has passed
                send(answers, _read(raw, envelope, ring, policy))
            signal.setitimer(signal.ITIMER_PROF, 0)
    except EOFError:
        return


def _opening(requests: IO[bytes]) -> tuple[Keyring, Policy, ReadingSettings]:
    ring, policy, settings = receive(requests)
    return ring, policy, settings


def _read(raw: bytes, envelope: Envelope, ring: Keyring, policy: Policy) -> reading.Reading | str:
    try:
        return reading.read(raw, envelope, ring, policy)
    except Exception as error:  # noqa: BLE001 - the process serves the next mail; this one is held with the reason
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent; we end when it does
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # our parent's parent may have it ignored
    frames = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # so that a stray print cannot break a frame
    try:
        serve(sys.stdin.buffer, frames)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), frames.fileno())  # so that the last flush is quiet
