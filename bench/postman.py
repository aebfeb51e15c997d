"""Brings mail by SMTP over several kept connections, as busy servers do, at little cost to the processor."""

import socket
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Self

RECIPIENT = "support@desk.example"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail, its octets ready for the line."""

    sender: str
    octets: bytes

    @classmethod
    def of(cls, sender: str, raw: bytes) -> Self:
        """Dots doubled and the end put on (RFC 5321 §4.5.2)."""
        stuffed = raw.replace(b"\r\n.", b"\r\n..")
        return cls(sender, stuffed + (b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n"))


class Line:
    """One SMTP connection that is kept, or an LMTP one; commands go out together (RFC 2920)."""

    def __init__(self, port: int, hello: str = "EHLO") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._replies = self._socket.makefile("rb")
        self._expect(b"220")
        self._socket.sendall(f"{hello} bench.example\r\n".encode())
        self._expect(b"250")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.sendall(b"QUIT\r\n")
        self._socket.close()

    def bring(self, letter: Letter) -> float:
        """Seconds until the 250.

        Raises:
            RuntimeError: the mail was not taken.
        """
        start = time.monotonic()
        self._socket.sendall(
            f"MAIL FROM:<{letter.sender}> SIZE={len(letter.octets)}\r\nRCPT TO:<{RECIPIENT}>\r\nDATA\r\n".encode()
        )
        for code in (b"250", b"250", b"354"):
            self._expect(code)
        self._socket.sendall(letter.octets)
        self._expect(b"250")
        return time.monotonic() - start

    def _expect(self, code: bytes) -> None:
        reply = self._replies.readline()
        while reply[3:4] == b"-":
            reply = self._replies.readline()
        if not reply.startswith(code):
            raise RuntimeError(f"{code.decode()} was wanted, {reply!r} came")


def deliver(port: int, letters: Sequence[Letter], lines: int, hello: str = "EHLO") -> tuple[float, ...]:
    """Seconds that each mail took to its 250, brought in order over so many connections at a time."""
    numbers = count()

    def carry(line: Line) -> Iterator[float]:
        while (number := next(numbers)) < len(letters):
            yield line.bring(letters[number])

    def carry_all(_: int) -> list[float]:
        with Line(port, hello) as line:
            return list(carry(line))

    with ThreadPoolExecutor(lines) as pool:
        return tuple(seconds for each in pool.map(carry_all, range(lines)) for seconds in each)
