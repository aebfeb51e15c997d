"""A door for HTTP/1.1: one request a connection, bounded in size and time, one answer. What it says is others'."""

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network

import h11

from gateway.web.exchange import PHRASES, Answer, Headers, Request, headers_of, plain
from gateway.web.settings import WebSettings

log = logging.getLogger(__name__)

_LONGEST_HEAD = 8 * 1024
_LONGEST_BODY = 32 * 1024
_LONGEST_REST = 256 * 1024  # of a request we have answered before its end: unread, the answer might be lost
_READ_SIZE = 4096
_WAITING = 512  # who may knock before the kernel lets them knock again; also once we are closed
_TURNS = 10  # of the loop, in which whom the kernel has handed over is let in
_ASKING_SECONDS = 0.25  # for who has only just come, when we close
_LINGER_SECONDS = 1.0  # for the peer to close first


class _TooLongError(Exception):
    """The body is longer than any form of ours."""


class _GoneError(Exception):
    """The peer went away, or asked for nothing."""


@dataclass(eq=False, slots=True)
class _Talk:
    """One connection. It `may_go` for somebody else while it has not asked yet, and once it has its answer."""

    peer: str
    task: "asyncio.Task[None]"
    may_go: bool = True
    is_head: bool = False


@dataclass(eq=False, slots=True)
class Listener:
    """One door. `answer` is asked in a thread of the `pool`; `always` go with every answer; `now` dates it."""

    settings: WebSettings
    pool: Executor
    answer: Callable[[Request], Answer]
    always: Headers
    now: Callable[[], datetime]
    port: int = 0
    _talks: dict["asyncio.Task[None]", _Talk] = field(default_factory=dict)
    _servers: list[asyncio.Server] = field(default_factory=list)

    async def open(self, sockets: Sequence[socket.socket]) -> None:
        """Listening, at `port`, on duplicates: whoever knocks once we are closed waits for the next who opens them."""
        self._servers = [
            await asyncio.start_server(self._welcome, sock=each.dup(), limit=_LONGEST_HEAD, backlog=_WAITING)
            for each in sockets
        ]
        self.port = sockets[0].getsockname()[1]

    async def stop(self, grace: float) -> None:
        """Closed: who has not asked yet is sent away, who waits for an answer gets it within `grace` seconds."""
        await self._close()
        if self._talks:
            await asyncio.wait(self._talks, timeout=min(grace, _ASKING_SECONDS))
        for talk in self._talks.values():
            if talk.may_go:
                talk.task.cancel()
        if self._talks:
            _, left = await asyncio.wait(self._talks, timeout=grace)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _close(self) -> None:
        """Lets nobody in any more; closed at once, the servers would drop those whom they have just taken."""
        loop = asyncio.get_running_loop()
        for listening in [each for server in self._servers for each in server.sockets]:
            loop.remove_reader(listening.fileno())
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        for server in self._servers:
            server.close()

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talk = _Talk(_network(writer), task)
        try:
            if self._has_room(talk.peer):
                self._talks[task] = talk
                await self._talk(talk, reader, writer)
        except (_GoneError, OSError, TimeoutError, asyncio.CancelledError):
            pass  # a stranger's connection: whatever became of it concerns nobody else
        except Exception:
            log.exception("a web request failed", extra={"action": "web"})
        finally:
            self._talks.pop(task, None)
            writer.transport.abort()

    def _has_room(self, peer: str) -> bool:
        """Whether one more may come in. In a full house whoever takes longest to say what he wants makes room."""
        of_peer = [talk for talk in self._talks.values() if talk.peer == peer]
        if len(of_peer) >= self.settings.connections_per_peer:
            return _has_dismissed(of_peer)
        if len(self._talks) >= self.settings.connections:
            return _has_dismissed(list(self._talks.values()))
        return True

    async def _talk(self, talk: _Talk, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = h11.Connection(h11.SERVER, max_incomplete_event_size=_LONGEST_HEAD)
        async with asyncio.timeout(self.settings.timeout_seconds):
            asked = await _asked(talk, line, reader, writer)
        talk.may_go = False
        answer = asked if isinstance(asked, Answer) else await self._answered(asked)
        talk.may_go = True
        writer.write(_written(line, answer, self.always, self.now(), is_head=talk.is_head))
        async with asyncio.timeout(self.settings.timeout_seconds):
            await writer.drain()
        writer.write_eof()
        async with asyncio.timeout(_LINGER_SECONDS):
            await _read_rest(reader)

    async def _answered(self, request: Request) -> Answer:
        try:
            answering = asyncio.get_running_loop().run_in_executor(self.pool, self.answer, request)
            return await asyncio.wait_for(answering, self.settings.timeout_seconds)
        except TimeoutError:
            log.warning("a web request took too long", extra={"action": "web"})
            return plain(503, ("Retry-After", "30"))
        except Exception:
            log.exception("a web request failed", extra={"action": "web"})
            return plain(500)


def _has_dismissed(talks: list[_Talk]) -> bool:
    slowest = next((talk for talk in talks if talk.may_go), None)
    if slowest is None:
        return False
    slowest.may_go = False
    slowest.task.cancel()
    return True


def _network(writer: asyncio.StreamWriter) -> str:
    """Whose connection it is: an address, of IPv6 the /64 that one household has."""
    host = str((writer.get_extra_info("peername") or ("",))[0]).partition("%")[0]
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else host


async def _asked(
    talk: _Talk, line: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Request | Answer:
    """The request; or the answer to something that is none."""
    try:
        return await _request(talk, line, reader, writer)
    except _TooLongError:
        return plain(413)
    except h11.RemoteProtocolError as error:
        return plain(error.error_status_hint if error.error_status_hint in PHRASES else 400)


async def _request(
    talk: _Talk, line: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Request:
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = line.next_event()
        if event is h11.NEED_DATA:
            if line.they_are_waiting_for_100_continue:  # RFC 9110 §10.1.1
                writer.write(line.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            line.receive_data(await reader.read(_READ_SIZE))
        elif isinstance(event, h11.Request):
            head = event
            talk.is_head = head.method == b"HEAD"
            if _announced(head) > _LONGEST_BODY:
                raise _TooLongError
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > _LONGEST_BODY:
                raise _TooLongError
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return _understood(head, bytes(body))
        else:
            raise _GoneError


def _announced(head: h11.Request) -> int:
    """Octets that are to come, as far as it is said."""
    return max((int(value) for name, value in head.headers if name == b"content-length"), default=0)


def _understood(head: h11.Request, body: bytes) -> Request:
    headers: dict[str, str] = {}
    for name, value in head.headers:
        key = name.decode("ascii")
        said = value.decode("latin-1")
        headers[key] = f"{headers[key]}, {said}" if key in headers else said  # RFC 9110 §5.3
    path = head.target.decode("latin-1").partition("?")[0]
    return Request(head.method.decode("ascii"), path, headers, body)


def _written(line: h11.Connection, answer: Answer, always: Headers, now: datetime, *, is_head: bool) -> bytes:
    """The octets of an answer; a HEAD gets none of its body (RFC 9110 §9.3.2)."""
    headers = [(name.encode(), value.encode()) for name, value in headers_of(answer, always, now)]
    head = h11.Response(status_code=answer.status, headers=headers, reason=PHRASES[answer.status].encode())
    parts = [line.send(head)]
    if not is_head:
        parts.append(line.send(h11.Data(data=answer.body.encode())))
    parts.append(line.send(h11.EndOfMessage()))
    return b"".join(part for part in parts if part)


async def _read_rest(reader: asyncio.StreamReader) -> None:
    """Until the peer closes, or has sent too much: closed on unread octets, the system would take our answer back."""
    left = _LONGEST_REST
    with suppress(ConnectionError):
        while left > 0 and (octets := await reader.read(_READ_SIZE)):
            left -= len(octets)
