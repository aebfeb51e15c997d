"""A smarthost at the far end: takes every mail at little cost, and knows when it came and for whom."""

import socket
import threading
import time
from contextlib import suppress
from typing import Self

_EHLO = b"250-sink.example\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"


class Sink:
    """Listens on `port` while its block lasts. `came` maps a recipient to the monotonic instant of his first mail."""

    def __init__(self) -> None:
        self.came: dict[str, float] = {}
        self.mails = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._server.accept()
            except OSError:
                return
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._answer, args=(line,), daemon=True).start()

    def _answer(self, line: socket.socket) -> None:
        with suppress(ConnectionError):  # whoever is killed hangs up
            self._talk(line)

    def _talk(self, line: socket.socket) -> None:
        recipients: list[str] = []
        with line, line.makefile("rb") as commands:
            line.sendall(b"220 sink.example ESMTP\r\n")
            for command in commands:
                match command[:4].upper():
                    case b"EHLO":
                        line.sendall(_EHLO)
                    case b"RCPT":
                        recipients.append(command.partition(b"<")[2].partition(b">")[0].decode())
                        line.sendall(b"250 2.1.5 ok\r\n")
                    case b"DATA":
                        line.sendall(b"354 go ahead\r\n")
                        while commands.readline() != b".\r\n":
                            pass
                        self._take(recipients)
                        recipients = []
                        line.sendall(b"250 2.0.0 taken\r\n")
                    case b"QUIT":
                        line.sendall(b"221 2.0.0 bye\r\n")
                        return
                    case _:
                        line.sendall(b"250 2.0.0 ok\r\n")

    def _take(self, recipients: list[str]) -> None:
        now = time.monotonic()
        self.mails += 1
        for each in recipients:
            self.came.setdefault(each, now)

    def wait_for(self, recipient: str, seconds: float) -> float:
        """When the first mail for `recipient` came.

        Raises:
            TimeoutError: none did within so many seconds.
        """
        give_up = time.monotonic() + seconds
        while recipient not in self.came:
            if time.monotonic() > give_up:
                raise TimeoutError(f"no mail for {recipient} within {seconds:g} s")
            time.sleep(0.0005)
        return self.came[recipient]
