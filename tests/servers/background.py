"""Asynchronous servers beside a synchronous test: each in a thread and an event loop of its own."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


@contextmanager
def in_background(server: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """What the server gives on entry; it is left with the block, in the same task that entered it."""
    started: Future[tuple[T, Callable[[], object]]] = Future()

    async def live() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        async with server as value:
            started.set_result((value, lambda: loop.call_soon_threadsafe(stop.set)))
            await stop.wait()

    with ThreadPoolExecutor(1, "server") as thread:
        ended = thread.submit(asyncio.run, live())
        either: tuple[Future[Any], ...] = (started, ended)
        wait(either, 10, FIRST_COMPLETED)
        if ended.done():
            ended.result()
        value, stop = started.result(0)
        try:
            yield value
        finally:
            stop()
            ended.result(10)


async def hang_up(transports: set[asyncio.BaseTransport]) -> None:
    """Closes the connections that clients left open, and waits until they know."""
    for transport in tuple(transports):
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()
    await asyncio.sleep(0.01)
