"""An IMAP server inside the test process (pymap, mail in memory), for machines without Dovecot.

One user. It has IDLE, MOVE and UIDPLUS; it has no CONDSTORE, no keywords of one's own, no OAUTH and no LMTP.
"""

import asyncio
import threading
import uuid
from argparse import Namespace
from contextlib import AsyncExitStack
from typing import Self

from proxyprotocol.result import ProxyResultUnknown
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer


class PymapServer:
    """Runs in a thread and loop of its own, on a port that the kernel chooses."""

    def __init__(self, user: str = "help", password: str = "secret") -> None:
        self.user, self.password = user, password
        self._ready = threading.Event()
        self._failure: BaseException | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, name="pymap")
        self._thread.start()
        self._ready.wait(10)
        if self._failure:
            raise self._failure
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        if self._failure:
            raise self._failure

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as failure:  # noqa: BLE001 - handed to the thread of the test, whatever it is
            self._failure = failure
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        settings = Namespace(
            host="127.0.0.1",
            port=0,
            tls=False,
            cert=None,
            key=None,
            demo_data=False,
            demo_user=self.user,
            demo_password=self.password,
            debug=False,
            inherited_sockets=None,
            passlib_cfg=None,
            proxy_protocol=None,
        )
        backend, config = await DictBackend.init(settings)
        config.apply_context()
        imap = IMAPServer(backend.login, config)
        writers: set[asyncio.StreamWriter] = set()

        # pymap's own way in keeps no reference to its task: on Python 3.13 live connections are collected as garbage.
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writers.add(writer)
            try:
                info = SocketInfo.get(writer, ProxyResultUnknown(), unique_id=uuid.uuid4().bytes)
                await imap(reader, writer, info)
            finally:
                writer.close()
                writers.discard(writer)

        async with AsyncExitStack() as stack:
            await backend.start(stack)
            server = await asyncio.start_server(connected, "127.0.0.1", 0)
            self.port: int = server.sockets[0].getsockname()[1]
            self._ready.set()
            await self._stop.wait()
            server.close()
            for writer in tuple(writers):
                writer.transport.abort()
            await asyncio.sleep(0.05)
            await self._cancel_rest()

    @staticmethod
    async def _cancel_rest() -> None:
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
