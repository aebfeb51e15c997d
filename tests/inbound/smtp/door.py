"""A listener in this process, and peers that say exactly what they are told to."""

import asyncio
import itertools
import smtplib
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from gateway.daemon.rooms import place_of
from gateway.daemon.sockets import Sockets
from gateway.inbound import smtp
from gateway.inbound.accept import Receipt
from gateway.inbound.settings import ListenerSettings
from gateway.store.spool import Arrival

MAIL = b"From: anna@example.net\r\nSubject: hello\r\n\r\nIt does not work.\r\n"


class Door:
    """A listener in a loop of its own thread, as the daemon would run it."""

    def __init__(self, settings: ListenerSettings, accept, *, is_known: Callable[[str], bool], clock, **more) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        numbers = itertools.count()
        keys = lambda: str(next(numbers))  # noqa: E731
        self.sockets = Sockets()
        try:
            sockets = self.run(self.sockets.at(place_of(settings), "listener"))
            self.listener: smtp.Listener = self.run(
                smtp.start(settings, sockets, accept, is_known, keys, clock, **more)
            )
        except BaseException:
            self.end()
            raise
        self.port = self.listener.port

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(20)

    def close(self, grace: float = 0.2) -> None:
        if self.thread.is_alive():
            self.run(self.listener.stop(grace))
            self.end()

    def end(self) -> None:
        self.sockets.close()
        self.run(self._finish())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    @staticmethod
    async def _finish() -> None:
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)


class Wire:
    """A peer that says exactly what it is told to."""

    def __init__(self, address: int | Path) -> None:
        family = socket.AF_INET if isinstance(address, int) else socket.AF_UNIX
        self.socket = socket.socket(family)
        self.socket.settimeout(20)
        self.socket.connect(("127.0.0.1", address) if isinstance(address, int) else str(address))
        self.file = self.socket.makefile("rb")
        self.greeting: str = self.reply()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, octets: bytes) -> None:
        self.socket.sendall(octets)

    def reply(self) -> str:
        """One reply; an empty string when the line is closed."""
        lines = []
        while (line := self.file.readline().decode()) and line[3:4] == "-":
            lines.append(line)
        return "".join([*lines, line]).rstrip("\r\n")

    def say(self, line: str | bytes) -> str:
        self.send((line.encode() if isinstance(line, str) else line) + b"\r\n")
        return self.reply()

    def up_to_data(self, *recipients: str, hello: str = "EHLO client.example") -> None:
        assert self.say(hello).startswith("250")
        assert self.say("MAIL FROM:<anna@example.net>").startswith("250")
        for recipient in recipients or ("help@example.test",):
            assert self.say(f"RCPT TO:<{recipient}>").startswith("250")
        assert self.say("DATA").startswith("354")


class Gate:
    """An `accept` that holds every mail until it is opened."""

    def __init__(self, accept) -> None:
        self.accept, self.reached, self.opened = accept, threading.Event(), threading.Event()

    async def __call__(self, arrival: Arrival) -> Receipt:
        async def held():
            self.reached.set()
            await asyncio.to_thread(self.opened.wait, 20)
            return await self.accept(arrival)

        self.task = asyncio.ensure_future(held())
        return await asyncio.shield(self.task)


def is_known(address: str) -> bool:
    return address.casefold() in {"help@example.test", "sales@example.test", "postmaster", "βοήθεια@example.test"}


def send(port: int, raw: bytes = MAIL, to=("help@example.test",), mail_from="anna@example.net", options=()):
    with smtplib.SMTP("127.0.0.1", port, "client.example", timeout=20) as client:
        client.sendmail(mail_from, to, raw, options)


def is_greeted(port: int) -> bool:
    with Wire(port) as wire:
        return wire.greeting.startswith("220")
