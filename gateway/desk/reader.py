"""The process that reads mail: hostile bytes come in by standard input, what they mean goes out. It can be killed.

Frames are a length of eight octets and a pickle, from the parent and to it only: several mails at once, so that nobody
waits for the other between them, and an answer for each.
"""

import gc
import os
import pickle
import resource
import signal
import sys
from dataclasses import replace
from typing import IO, Any

from gateway.mail.envelope import Envelope
from gateway.mail.tokens import Keyring
from gateway.tickets import reading
from gateway.tickets.policy import Policy

_LENGTH = 8
_MOST_AT_ONCE = 1_000_000  # octets


def send(stream: IO[bytes] | None, value: object) -> None:
    """Writes one frame.

    Raises:
        OSError: nobody is there to read it.
    """
    if stream is None:
        raise EOFError
    frame = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    for octets in (len(frame).to_bytes(_LENGTH, "big"), frame):
        left = memoryview(octets)
        while left:
            left = left[stream.write(left) :]  # a signal may break off one that is not buffered
    stream.flush()


def receive(stream: IO[bytes] | None) -> Any:
    """The next frame's value.

    Raises:
        EOFError: the other side has ended.
    """
    if stream is None:
        raise EOFError
    length = int.from_bytes(_exactly(stream, _LENGTH), "big")
    return pickle.loads(_exactly(stream, length))  # noqa: S301 - our own process at the other end of the pipe


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
    """Reads mail after mail until the parent ends; an answer is a `lean` Reading, or in words why there is none.

    Raises:
        BrokenPipeError: the parent was killed while it waited for an answer.
    """
    try:
        ring, policy, memory_size = receive(requests)
        resource.setrlimit(resource.RLIMIT_AS, (memory_size, memory_size))
        gc.freeze()  # what lives as long as the process need not be looked through for each mail
        while True:
            for raw, envelope in receive(requests):
                send(answers, _read(raw, envelope, ring, policy))
    except EOFError:
        return


def _read(raw: bytes, envelope: Envelope, ring: Keyring, policy: Policy) -> reading.Reading | str:
    try:
        return lean(reading.read(raw, envelope, ring, policy))
    except Exception as error:  # noqa: BLE001 - the process serves the next mail; this one is held with the reason
        return f"{type(error).__name__}: {error}"


def lean(read: reading.Reading) -> reading.Reading:
    """A Reading without what is long and nobody asks for once the mail is read: HTML and the octets of files."""
    files = tuple(file.without_content() for file in read.message.attachments)
    return replace(read, message=replace(read.message, html="", attachments=files))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent; we end when it does
    frames = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # so that a stray print cannot break a frame
    try:
        serve(sys.stdin.buffer, frames)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), frames.fileno())  # so that the last flush is quiet
