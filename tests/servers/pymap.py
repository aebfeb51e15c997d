"""An IMAP server inside the test process (pymap, mail in memory), for machines without Dovecot.

One user. It has IDLE, MOVE and UIDPLUS; it has no CONDSTORE, no keywords of one's own, no OAUTH and no LMTP.
"""

import asyncio
import uuid
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from typing import Self

from proxyprotocol.result import ProxyResultUnknown
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer
from pysasl.hashing import BuiltinHash

from tests.servers.background import hang_up, in_background


class PymapServer:
    """Empty folders on a loopback port, for one user."""

    def __init__(self, user: str = "help", password: str = "secret") -> None:
        self.user, self.password = user, password
        self._running = ExitStack()

    def __enter__(self) -> Self:
        self.port = self._running.enter_context(in_background(self._serve()))
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @asynccontextmanager
    async def _serve(self) -> AsyncIterator[int]:
        quick = BuiltinHash(rounds=1)  # the default costs each login a fifth of a second
        backend, config = await DictBackend.init(self._settings(), hash_context=quick)
        config.apply_context()
        imap = IMAPServer(backend.login, config)
        transports: set[asyncio.BaseTransport] = set()

        # pymap's own way in keeps no reference to its task: on Python 3.13 live connections are collected as garbage.
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            transports.add(writer.transport)
            try:
                info = SocketInfo.get(writer, ProxyResultUnknown(), unique_id=uuid.uuid4().bytes)
                await imap(reader, writer, info)
            finally:
                writer.close()
                transports.discard(writer.transport)

        async with AsyncExitStack() as stack:
            await backend.start(stack)
            server = await asyncio.start_server(connected, "127.0.0.1", 0)
            yield server.sockets[0].getsockname()[1]
            server.close()
            await hang_up(transports)

    def _settings(self) -> Namespace:
        return Namespace(
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
