"""A client of our listener that breaks off anywhere: its mail is stored whole or not at all; 250 is said only then."""

import contextlib
import itertools
import smtplib
import socket
import threading
import time
from collections import Counter

import pytest

from gateway import store
from gateway.daemon.rooms import place_of
from gateway.daemon.sockets import Sockets
from gateway.inbound import smtp
from gateway.inbound.settings import ListenerSettings, Protocol
from gateway.tickets.model import SpoolId
from tests.faults import extent
from tests.faults.network.proxy import Act, Cut, Drip, Fault, HalfClose, Insert, Proxy, Stall, Way, wait_for
from tests.faults.network.tally import places
from tests.servers.background import in_background

RAW = b"From: anna@example.net\r\nSubject: hello\r\n\r\nIt does not work.\r\n..\r\nAt all.\r\n"
_ACTS: dict[str, Act] = {"RST": Cut(reset=True), "FIN": Cut(), "half-close": HalfClose()}
_WORDS = (b"[el]hlo", b"mail FROM", b"rcpt TO", b"data", b"^Subject", rb"^\.\r\n", b"quit")


class Bench:
    """One listener for all runs."""

    def __init__(self, listener, proxy, database) -> None:
        self.listener, self.proxy, self._database = listener, proxy, database
        self._last = SpoolId(0)
        self._new()

    def run(self, *faults: Fault, seconds: float = 1.0) -> tuple[bool, Counter[bytes]]:
        """Whether the client was told 250 for its mail, and what was stored when all was over."""
        self.proxy.forget()
        self.proxy.script(*faults)
        is_told = self._send(seconds)
        # The proxy cut, and the listener may be at work still: what the next client brings is stored after it.
        self.proxy.script()
        wait_for(lambda: not self.listener._places.taken, "the end of the conversation")
        marker = f"Subject: {time.monotonic()}\r\n\r\n".encode()
        assert self._send(20, marker)
        return is_told, self._new() - Counter([marker])

    def lengths(self):
        self.proxy.forget()
        self.run()
        return {way: len(self.proxy.links[0].said[way]) for way in Way}

    def _send(self, seconds: float, raw: bytes = RAW) -> bool:
        client = smtplib.LMTP if self.listener.settings.protocol is Protocol.LMTP else smtplib.SMTP
        is_told = False
        with contextlib.suppress(OSError, smtplib.SMTPException):
            connection = client("127.0.0.1", self.proxy.port, local_hostname="client.example", timeout=seconds)
            with contextlib.closing(connection):
                connection.sendmail("anna@example.net", ["help@example.test"], raw)
                is_told = True
                connection.quit()
        return is_told

    def _new(self) -> Counter[bytes]:
        with self._database.read() as db:
            new = store.spool.listed(db, self._last, limit=1_000_000)
            self._last = max((each.id for each in new), default=self._last)
            return Counter(store.spool.original(db, each.id).read() for each in new)


@contextlib.asynccontextmanager
async def _listening(settings, acceptor, prefix):
    numbers = itertools.count()
    keys = lambda: f"{prefix}{next(numbers)}"  # noqa: E731
    with Sockets() as sockets:
        opened = await sockets.at(place_of(settings), "listener")
        listener = await smtp.start(settings, opened, acceptor.accept_async, lambda _: True, keys)
        try:
            yield listener
        finally:
            await listener.stop(0.2)


@pytest.fixture(scope="module", params=list(Protocol))
def bench(request, acceptor, database):
    settings = ListenerSettings(protocol=request.param, port=0, timeout_seconds=1.0)
    with (
        in_background(_listening(settings, acceptor, request.param)) as listener,
        Proxy(listener.port) as proxy,
    ):
        yield Bench(listener, proxy, database)


def _note(tally, title, where, is_told, stored):
    """Stored whole or not at all, never twice, told only when stored. Who is not told though it is, comes again."""
    assert set(stored) <= {RAW}, "half a mail is stored"
    again = stored.total() == 1 and not is_told
    tally.add(
        f"SMTP in: {title}", where, lost=is_told and not stored, doubled=max(stored.total() - 1, 0), allowed=again
    )


def test_cut_anywhere(bench, tally):
    lengths = bench.lengths()
    for way in Way:
        for turn, place in enumerate(places(lengths[way], extent.of(12, 100_000))):
            for name in _ACTS if extent.IS_LONG else [[*_ACTS][turn % 3]]:
                is_told, stored = bench.run(Fault(way, _ACTS[name], at=place))
                _note(
                    tally, f"{name} in {'the client' if way is Way.TO_SERVER else 'our'} words", place, is_told, stored
                )


@pytest.mark.parametrize("word", extent.of(_WORDS[5:6], _WORDS))
def test_silent_in_the_middle(bench, tally, word):
    is_told, stored = bench.run(Fault(Way.TO_SERVER, Stall(), pattern=word), seconds=3)
    _note(tally, "client falls silent", word, is_told, stored)
    assert not stored or word == b"quit"


def test_one_octet_at_a_time(bench, tally):
    is_told, stored = bench.run(Fault(Way.TO_SERVER, Drip(0.0005), at=0), seconds=20)
    _note(tally, "one octet a time", "", is_told, stored)
    assert is_told


@pytest.mark.parametrize("word", extent.of(_WORDS[1:4], _WORDS[:4]))
def test_garbage_between_commands(bench, tally, word):
    for octets in (b"\x00\xff\xfe\r\n", b"\r\n" * 3, b"X" * 10_000 + b"\r\n", b"RSET\r\n"):
        is_told, stored = bench.run(Fault(Way.TO_SERVER, Insert(octets), pattern=word))
        _note(tally, "garbage", word, is_told, stored)


def test_a_client_that_says_no_more_after_its_mail_hears_what_became_of_it(bench):
    """Else it would send the mail again, and again."""
    hello = b"LHLO" if bench.listener.settings.protocol is Protocol.LMTP else b"EHLO"
    bench._new()
    with socket.create_connection(("127.0.0.1", bench.listener.port), 10) as wire:
        wire.sendall(
            hello + b" client.example\r\nMAIL FROM:<anna@example.net>\r\nRCPT TO:<help@example.test>\r\nDATA\r\n"
        )
        wire.sendall(RAW.replace(b"\n.", b"\n..") + b".\r\n")
        wire.shutdown(socket.SHUT_WR)
        with wire.makefile("rb") as replies:
            said = replies.read()
    assert b"250 2.0.0 stored" in said
    assert bench._new() == Counter([RAW])


def test_a_hundred_at_once_break_off_in_turn(bench, tally):
    """Beside each other, so that what one leaves behind could reach another's mail."""
    told: list[bool] = []
    bench._new()

    def one(number: int) -> None:
        with Proxy(bench.listener.port) as proxy:
            proxy.script(Fault(Way.TO_SERVER, Cut(reset=number % 2 > 0), at=number * 7))
            told.append(Bench(bench.listener, proxy, bench._database)._send(5))

    clients = [threading.Thread(target=one, args=(number,)) for number in range(extent.of(15, 100))]
    for step in range(0, len(clients), 15):
        for client in clients[step : step + 15]:
            client.start()
        for client in clients[step : step + 15]:
            client.join()
    wait_for(lambda: not bench.listener._places.taken, "the end of all conversations")
    stored = bench._new()
    assert set(stored) <= {RAW}
    assert stored.total() >= sum(told)
    tally.add("SMTP in: many at once", "", lost=max(sum(told) - stored.total(), 0))
