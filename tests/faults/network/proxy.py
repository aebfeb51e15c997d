"""A TCP proxy on loopback that breaks a connection as its script says. What the breach means is the tests' business."""

import contextlib
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Self

_PIECE = 65_536
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER 0: close() sends RST
_JOIN_SECONDS = 10


class Way(Enum):
    """Which octets are meant."""

    TO_SERVER = auto()
    TO_CLIENT = auto()


@dataclass(frozen=True, slots=True)
class Cut:
    """Both lines end: by FIN, or by RST."""

    reset: bool = False


@dataclass(frozen=True, slots=True)
class HalfClose:
    """Nothing more this way, and the receiver is told so by FIN; the other way stays open."""


@dataclass(frozen=True, slots=True)
class Stall:
    """Nothing passes this way for `seconds`; None: never again. The lines stay open."""

    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Drip:
    """From here on `octets` at a time, with a pause of `seconds` before each; `total` bounds it, then all goes fast."""

    seconds: float
    octets: int = 1
    total: int = 1 << 62


@dataclass(frozen=True, slots=True)
class Insert:
    """These octets, then what came; `times` over, for floods."""

    octets: bytes
    times: int = 1


@dataclass(frozen=True, slots=True)
class Replace:
    """These octets in place of the next `length` ones; None: of all that is left of the line or was matched."""

    octets: bytes
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Behind:
    """What was matched and these octets, in one packet."""

    octets: bytes


Act = Behind | Cut | HalfClose | Stall | Drip | Insert | Replace


@dataclass(frozen=True, slots=True)
class Fault:
    """`act` before octet `at` of one way, or at the first line that has `pattern`: `after` it, or before.

    `connections` says how many connections in a row suffer it.
    """

    way: Way
    act: Act
    at: int = -1
    pattern: bytes = b""
    after: bool = False
    connections: int = 1


class Proxy:
    """Stands before `target`. `script` tells what befalls the next connections; with `tls` it talks TLS to clients."""

    def __init__(self, target: int, tls: ssl.SSLContext | None = None) -> None:
        self.target, self._tls = target, tls
        self.links: list[Link] = []
        self._faults: list[Fault] = []
        self._left: dict[int, int] = {}
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self.start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for link in tuple(self.links):
            link.cut(Cut())
        for thread in tuple(self._threads):
            thread.join(_JOIN_SECONDS)

    def script(self, *faults: Fault) -> None:
        """These befall the connections that come now; without any all goes well."""
        self._left = {number: fault.connections for number, fault in enumerate(faults)}
        self._faults = list(faults)

    def forget(self) -> None:
        """Of what was said nothing is remembered; lines that are open still are cut."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        for link in self.links:
            link.cut(Cut())
        self.links = []

    def start(self, target: Callable[..., None], *arguments: object) -> None:
        self._threads.append(threading.Thread(target=target, args=arguments, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.start(self._link, client)

    def _link(self, client: socket.socket) -> None:
        faults = [fault for number, fault in enumerate(self._faults) if self._is_due(number)]
        try:
            if self._tls is not None:
                client.settimeout(_JOIN_SECONDS)
                client = self._tls.wrap_socket(client, server_side=True)
                client.settimeout(None)
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            client.close()
            return
        for each in (client, server):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link = Link(client, server, faults)
        self.links.append(link)
        self.start(link.pump, Way.TO_SERVER)
        self.start(link.pump, Way.TO_CLIENT)

    def _is_due(self, number: int) -> bool:
        self._left[number] -= 1
        return self._left[number] >= 0


class Link:
    """One connection. `said` is what came from each side, whether it was passed on or not."""

    def __init__(self, client: socket.socket, server: socket.socket, faults: list[Fault]) -> None:
        self._ends = {Way.TO_SERVER: (client, server), Way.TO_CLIENT: (server, client)}
        self._pending = {way: [fault for fault in faults if fault.way is way] for way in Way}
        self.said = {way: bytearray() for way in Way}
        self._passed = dict.fromkeys(Way, 0)
        self._drip: dict[Way, Drip] = {}
        self._is_closed = dict.fromkeys(Way, False)
        self._is_mute = dict.fromkeys(Way, False)
        self._gone = threading.Event()
        self._lock = threading.Lock()

    def pump(self, way: Way) -> None:
        """Passes on what comes, until one of the ends is gone."""
        source, sink = self._ends[way]
        held = b""
        try:
            while data := source.recv(_PIECE):
                self.said[way] += data
                held = self._pass(way, held + data)
            self._send(way, held)
            self._close(way, sink)
        except OSError:
            self.cut(Cut())

    def cut(self, how: Cut) -> None:
        """Ends both lines."""
        with self._lock:
            if self._gone.is_set():
                return
            self._gone.set()
            for each in self._ends[Way.TO_SERVER]:
                if how.reset:
                    each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                with contextlib.suppress(OSError):  # wakes the thread that waits in recv(), and with it keeps the line
                    each.shutdown(socket.SHUT_RD if how.reset else socket.SHUT_RDWR)
                each.close()

    def _close(self, way: Way, sink: socket.socket) -> None:
        # One side is done; the other may still have something to say.
        self._is_closed[way] = True
        if all(self._is_closed.values()):
            self.cut(Cut())
            return
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def _pass(self, way: Way, data: bytes) -> bytes:
        """Passes `data` on, faults and all; what has to wait for the end of its line comes back."""
        while pending := self._pending[way]:
            fault = pending[0]
            start, end = _place(fault, data, self._passed[way])
            if start < 0:
                ready = len(data) if fault.at >= 0 else data.rfind(b"\n") + 1
                self._send(way, data[:ready])
                return data[ready:]
            self._send(way, data[:start])
            pending.pop(0)
            data = self._befall(way, fault, data[start:], end - start)
        self._send(way, data)
        return b""

    def _befall(self, way: Way, fault: Fault, data: bytes, matched: int) -> bytes:
        """What is left to be passed on of `data` after the fault."""
        match fault.act:
            case Cut() as how:
                self.cut(how)
                raise ConnectionAbortedError
            case HalfClose():
                self._is_mute[way] = True
                self._close(way, self._ends[way][1])
            case Stall(seconds):
                if self._gone.wait(seconds):
                    raise ConnectionAbortedError
            case Drip() as drip:
                self._drip[way] = drip
            case Insert(octets, times):
                for _ in range(times):
                    self._raw_send(way, octets)
            case Behind(octets):
                self._raw_send(way, data[:matched] + octets)
                self._passed[way] += matched
                return data[matched:]
            case Replace(octets, length):
                self._raw_send(way, octets)
                gone = matched if length is None else length
                self._passed[way] += len(data[:gone])
                return data[gone:]
        return data

    def _send(self, way: Way, data: bytes) -> None:
        self._passed[way] += len(data)
        drip = self._drip.get(way)
        if drip is None:
            self._raw_send(way, data)
            return
        for start in range(0, len(data), drip.octets):
            if self._gone.wait(drip.seconds):
                raise ConnectionAbortedError
            self._raw_send(way, data[start : start + drip.octets])
        total = drip.total - len(data)
        if total > 0:
            self._drip[way] = Drip(drip.seconds, drip.octets, total)
        else:
            del self._drip[way]

    def _raw_send(self, way: Way, data: bytes) -> None:
        if data and not self._is_mute[way]:
            self._ends[way][1].sendall(data)


def _place(fault: Fault, data: bytes, passed: int) -> tuple[int, int]:
    """Where in `data`, which follows on `passed` octets, the fault begins and what it speaks of ends; -1: not yet."""
    if fault.at >= 0:
        start = fault.at - passed
        return (start, start + 1) if start < len(data) else (-1, -1)
    found = re.search(fault.pattern, data, re.MULTILINE)
    end = data.find(b"\n", found.start()) + 1 if found is not None else 0
    if found is None or not end:
        return -1, -1
    start = data.rfind(b"\n", 0, found.start()) + 1
    return (end, end) if fault.after else (start, end)


def wait_for(condition: Callable[[], object], what: str, seconds: float = 20) -> None:
    """Returns when the condition holds; fails when it does not come in time."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, f"{what} did not happen"
        time.sleep(0.005)
