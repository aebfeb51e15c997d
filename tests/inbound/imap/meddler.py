"""Stands between an IMAP client and a real server, and meddles as it is told: the faults that servers have."""

import contextlib
import re
import socket
import threading
from collections.abc import Callable
from typing import Self

PASS, CUT, REFUSE = "pass", "cut", "NO"


class Meddler:
    """A relay on a loopback port, line by line.

    `rules` are asked, first match first, for each line of the client: an action, or a callable that gives one.
    `rewrite` is applied to each line of the server. `lines` is all that the client said.
    """

    def __init__(self, port: int) -> None:
        self.target = port
        self.rules: list[tuple[str, str | Callable[[], str]]] = []
        self.rewrite: Callable[[bytes], bytes] = lambda line: line
        self.lines: list[str] = []
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._listen(0)
        return self

    def __exit__(self, *_: object) -> None:
        self.down()
        for thread in self._threads:
            thread.join(10)

    def down(self) -> None:
        """As if the server had died; `up` brings it back on the same port."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut_all()

    def up(self) -> None:
        self._listen(self.port)

    def cut_all(self) -> None:
        for pair in self._pairs:
            self._cut(*pair)

    def _listen(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self._start(self._accept, self._listener)

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        self._threads.append(threading.Thread(target=target, args=arguments))
        self._threads[-1].start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            for each in (client, server):  # line by line, each would wait for the other side's delayed ACK
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._pairs.append((client, server))
            self._start(self._from_client, client, server)
            self._start(self._from_server, client, server)

    def _from_client(self, client: socket.socket, server: socket.socket) -> None:
        with client, client.makefile("rb") as lines:
            try:
                for line in lines:
                    self.lines.append(line.decode("utf-8", "replace").strip())
                    match self._action(self.lines[-1]):
                        case "pass":
                            server.sendall(line)
                        case "NO":
                            client.sendall(line.split()[0] + b" NO [SERVERBUG] not today\r\n")
                        case _:
                            break
            except OSError:
                pass
            self._cut(client, server)

    def _from_server(self, client: socket.socket, server: socket.socket) -> None:
        with server, server.makefile("rb") as lines:
            try:
                for line in lines:
                    client.sendall(self.rewrite(line))
            except OSError:
                pass
            self._cut(client, server)

    def _action(self, line: str) -> str:
        for pattern, action in self.rules:
            if re.search(pattern, line):
                return action if isinstance(action, str) else action()
        return PASS

    @staticmethod
    def _cut(*pair: socket.socket) -> None:
        for each in pair:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def without(*capabilities: str) -> Callable[[bytes], bytes]:
    """A rewrite that hides what the server can do."""

    def hide(line: bytes) -> bytes:
        if b"CAPABILITY" not in line:
            return line
        for capability in capabilities:
            line = re.sub(rb" %b\b" % capability.encode(), b"", line)
        return line

    return hide
