"""Has the next mails read while one is explained, by a process for each processor. Explains none itself."""

import argparse
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from queue import SimpleQueue

from gateway.cli.explain import mails
from gateway.cli.explain.mails import Found
from gateway.desk.moves import Desk
from gateway.desk.readers import Readers
from gateway.desk.settings import ReadingSettings
from gateway.tickets.reading import Reading

_AHEAD = 16  # mails that are being read while one is explained

Ahead = tuple[str, bytes, "Future[Reading]"]


def read(found: Iterator[Found], arguments: argparse.Namespace, desk: Desk) -> Iterator[Ahead]:
    """The mails in their order, each with what it is and says, or will; nothing in place of one that is not there."""
    with ExitStack() as processes:
        idle: SimpleQueue[Readers] = SimpleQueue()
        for _ in range(os.cpu_count() or 1):
            reader = Readers(desk.ring, desk.policy, ReadingSettings())
            processes.push(reader)  # it starts with the first mail it is given
            idle.put(reader)

        def reading(raw: bytes | OSError) -> Reading:
            if isinstance(raw, OSError):
                raise raw
            reader = idle.get()
            try:
                return reader.read(raw, mails.envelope(raw, arguments))
            finally:
                idle.put(reader)

        pool = processes.enter_context(ThreadPoolExecutor(idle.qsize()))
        ahead: deque[Ahead] = deque()
        for path, raw in found:
            ahead.append((path, b"" if isinstance(raw, OSError) else raw, pool.submit(reading, raw)))
            if len(ahead) > _AHEAD:
                yield ahead.popleft()
        yield from ahead
