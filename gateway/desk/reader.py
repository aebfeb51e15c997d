"""The process that reads mail: hostile bytes come in by standard input, what they mean goes out. It can be killed.

Frames are a length of eight octets and a pickle, from the parent and to it only.
"""

import os
import pickle
import resource
import signal
import sys
from typing import IO, Any

from gateway.mail.envelope import Envelope
from gateway.mail.tokens import Keyring
from gateway.tickets import reading
from gateway.tickets.policy import Policy

_LENGTH = 8


def send(stream: IO[bytes] | None, value: object) -> None:
    """Writes one frame.

    Raises:
        OSError: nobody is there to read it.
    """
    if stream is None:
        raise EOFError
    frame = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    stream.write(len(frame).to_bytes(_LENGTH, "big"))
    stream.write(frame)
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
    found = stream.read(octets)
    if len(found) < octets:
        raise EOFError
    return found


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Reads mail after mail until the parent ends; an answer is a Reading, or in words why there is none.

    Raises:
        BrokenPipeError: the parent was killed while it waited for an answer.
    """
    try:
        ring, policy, memory_size = receive(requests)
        resource.setrlimit(resource.RLIMIT_AS, (memory_size, memory_size))
        while True:
            raw, envelope = receive(requests)
            send(answers, _read(raw, envelope, ring, policy))
    except EOFError:
        return


def _read(raw: bytes, envelope: Envelope, ring: Keyring, policy: Policy) -> reading.Reading | str:
    try:
        return reading.read(raw, envelope, ring, policy)
    except Exception as error:  # noqa: BLE001 - the process serves the next mail; this one is held with the reason
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent; we end when it does
    frames = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # so that a stray print cannot break a frame
    try:
        serve(sys.stdin.buffer, frames)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), frames.fileno())  # so that the last flush is quiet
