"""SIGHUP under steady knocking: nobody finds the doors closed; one that moves has moved, one that is gone is gone."""

import signal
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

import pytest

from tests.journeys.gateway import eventually, smarthost
from tests.journeys.letters import letter, submit
from tests.servers import process

RELOADS = 4
UNBOUNDED = dict.fromkeys(("strangers_per_hour", "overall_per_hour"), 100_000)
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: desk.test\r\n\r\n"


class Knocking:
    """Somebody who knocks every few milliseconds until the block ends; `heard` counts how each answer begins."""

    def __init__(self, knock: Callable[[], str]) -> None:
        self.heard = Counter[str]()
        self._knock, self._is_over = knock, threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._is_over.wait(0.005):
            try:
                self.heard[self._knock()] += 1
            except OSError as error:
                self.heard[type(error).__name__] += 1

    def has_heard(self, answers: int) -> bool:
        """Whether so many have come, of any kind."""
        return self.heard.total() >= answers

    @contextmanager
    def at_work(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            self._thread.join()


def greeted(where: int | str, said: bytes = b"") -> str:
    with socket.socket(socket.AF_UNIX if isinstance(where, str) else socket.AF_INET) as line:
        line.settimeout(20)
        line.connect(where if isinstance(where, str) else ("127.0.0.1", where))
        line.sendall(said)
        heard = line.recv(100).decode()
        with suppress(OSError):
            line.sendall(b"" if said else b"QUIT\r\n")
            line.recv(100)
        return heard[9:12] if said else heard[:3]


def is_open(where: int | str) -> bool:
    try:
        return greeted(where) == "220"
    except (ConnectionRefusedError, FileNotFoundError):
        return False


@pytest.fixture
def web() -> int:
    return process.free_port()


@pytest.fixture
def gateway(make_gateway, sink, web):
    gateway = make_gateway(
        smarthost=smarthost(sink.port), budgets=UNBOUNDED, web={"url": "https://desk.test", "port": web}
    )
    gateway.configure(listener=[*gateway.sections["listener"], {"protocol": "lmtp", "socket": path(gateway)}])
    gateway.start()
    return gateway


def path(gateway) -> str:
    return str(gateway.folder / "lmtp")


def test_nobody_who_knocks_is_turned_away_over_several_reloads(gateway, web):
    numbers = iter(range(1_000_000))

    def mail() -> str:
        number = next(numbers)
        return submit(gateway.port, letter(sender=f"c{number}@house{number}.test", subject=f"Order {number}"))[:3]

    smtp, lmtp = Knocking(lambda: greeted(gateway.port)), Knocking(lambda: greeted(path(gateway)))
    page, mails = Knocking(lambda: greeted(web, HEALTH)), Knocking(mail)
    knocking = (smtp, lmtp, page, mails)
    with smtp.at_work(), lmtp.at_work(), page.at_work(), mails.at_work():
        for _ in range(RELOADS):
            goals = [each.heard.total() + 3 for each in knocking]
            gateway.reload()
            for each, goal in zip(knocking, goals, strict=True):
                eventually(partial(each.has_heard, goal), "all knock on")
    assert smtp.heard.keys() | lmtp.heard.keys() <= {"220", "421"}
    assert page.heard.keys() == {"200"}
    assert mails.heard.keys() <= {"250", "SMTPConnectError", "SMTPServerDisconnected", "SMTPResponseException"}
    gateway.settled(mails.heard["250"])
    assert gateway.verdicts.count("opened") >= mails.heard["250"]


def test_a_mail_that_is_being_sent_when_it_reloads_is_taken(gateway):
    mail = letter()
    with socket.create_connection(("127.0.0.1", gateway.port), 20) as line, line.makefile("rb") as replies:
        line.sendall(b"EHLO a.test\r\nMAIL FROM:<kim@customer.test>\r\nRCPT TO:<support@example.test>\r\nDATA\r\n")
        while not replies.readline().startswith(b"354"):
            pass
        line.sendall(mail[:50])
        gateway.running.send_signal(signal.SIGHUP)
        assert gateway.hear() == "RELOADING=1"
        line.sendall(mail[50:] + b"\r\n.\r\n")
        assert replies.readline().startswith(b"250 ")
        assert replies.readline().startswith(b"421 ")
    gateway.wait_for_word("READY=1")
    gateway.settled(1)
    assert gateway.verdicts == ["opened"]


def test_a_listener_that_moves_has_moved_and_one_that_is_gone_is_closed(gateway):
    old, new = gateway.port, process.free_port()
    assert (is_open(old), is_open(new), is_open(path(gateway))) == (True, False, True)
    gateway.configure(listener=[{"port": new}])
    gateway.reload()
    assert (is_open(old), is_open(new), is_open(path(gateway))) == (False, True, False)
    assert not (gateway.folder / "lmtp").exists()
    gateway.configure(listener=[{"port": new}, {"port": old}])
    gateway.reload()
    assert (is_open(old), is_open(new)) == (True, True)
