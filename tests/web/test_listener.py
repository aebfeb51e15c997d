"""The door holds against whoever is slow, loud, broken or many; those who ask properly get their answer meanwhile."""

import asyncio
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.daemon.sockets import Place, Sockets
from gateway.web.exchange import PHRASES, Answer
from gateway.web.listener import Listener
from gateway.web.settings import WebSettings
from tests.builders import NOW
from tests.web.conftest import URL, Visitor, door, heard, reply

GET = b"GET / HTTP/1.1\r\nHost: desk.test\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
HALF = (b"", b"GET / HTTP/1.1\r\nHost: a\r\nX-", GET[:-2], b"POST / HTTP/1.1\r\nContent-Length: 9\r\n")


def echo(request):
    return Answer(200, f"{request.method} {request.path} {len(request.body)}")


@pytest.fixture
def visitor(make_visitor):
    return make_visitor(echo)


def is_sent_away(line: socket.socket) -> bool:
    """Whether the other side hangs up without a word."""
    return heard(line) == b""


def test_one_request_one_answer_and_the_line_is_closed(visitor):
    found = reply(visitor.say(GET + GET))
    assert (found.status, found.body, found.header("connection")) == (200, "GET / 0", "close")
    assert found.header("date") == "Mon, 04 May 2026 10:00:00 GMT"
    assert found.header("content-length") == "7"


def test_a_head_is_answered_without_a_body(visitor):
    found = visitor.ask("HEAD", "/")
    assert (found.status, found.body, found.header("content-length")) == (200, "", "8")


@pytest.mark.parametrize(
    ("octets", "body"),
    [
        (b"POST /x?y=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "POST /x 3"),
        (CHUNKED + b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", "POST / 3"),
        (b"GET / HTTP/1.0\r\n\r\n", "GET / 0"),
        (b"GET http://other.test/ HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://other.test/ 0"),
    ],
)
def test_requests_as_they_may_be_written(visitor, octets, body):
    assert reply(visitor.say(octets)).body == body


def test_who_asks_before_sending_his_body_is_told_to_go_on(visitor):
    with visitor.connect() as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert line.recv(100).startswith(b"HTTP/1.1 100 ")
        line.sendall(b"abc")
        assert reply(heard(line)).body == "POST / 3"


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (b"GET /\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"EHLO stranger.test\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        (b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 4000 + b"\r\n", 431),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 32769\r\n\r\n" + b"x" * 32769, 413),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n" + b"x" * 100_000, 413),
        (
            CHUNKED + b"9000\r\n" + b"x" * 0x9000 + b"\r\n0\r\n\r\n",
            413,
        ),
        (b"HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 40000\r\n\r\n", 413),
    ],
)
def test_what_is_no_request_of_ours(visitor, octets, status):
    found = reply(visitor.say(octets))
    assert (found.status, found.body) == (status, "" if octets.startswith(b"HEAD") else f"{PHRASES[status]}\n")


def test_who_is_still_sending_when_he_is_answered_is_not_cut_off(visitor):
    """Cut off, some systems would forget our answer before he has read it."""
    with visitor.connect() as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n")
        assert reply(heard(line)).status == 413
        for _ in range(5):
            line.sendall(b"x" * 10_000)
            time.sleep(0.02)


@settings(max_examples=40)
@given(st.binary(max_size=300))
@example(b"GET / HTTP/1.1\r\nHost: \xff\r\n\r\n")
@example(b"\r\n\r\n\r\n")
def test_any_octets_are_answered_in_our_words_or_not_at_all(standing, octets):
    with standing.connect() as line:
        line.sendall(octets)
        line.shutdown(socket.SHUT_WR)
        found = heard(line)
    assert found == b"" or reply(found).status in PHRASES


@pytest.fixture(scope="module")
def standing():
    with door(echo) as listener:
        yield Visitor(listener.port)


@pytest.mark.parametrize("said", HALF)
def test_who_does_not_say_what_he_wants_is_sent_away(make_visitor, said):
    with make_visitor(echo, timeout_seconds=0.2).connect() as line:
        line.sendall(said)
        assert is_sent_away(line)


def test_time_counts_for_the_whole_request_however_it_drips(make_visitor):
    with make_visitor(echo, timeout_seconds=0.5).connect() as line:
        give_up = time.monotonic() + 20
        while not is_closed(line):
            assert time.monotonic() < give_up, "it is still listened to"
            with suppress(ConnectionError):
                line.sendall(b"X")


def is_closed(line: socket.socket) -> bool:
    line.settimeout(0.02)
    try:
        return line.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


@pytest.mark.parametrize("bound", ["connections", "connections_per_peer"])
def test_in_a_full_house_the_slowest_makes_room(make_visitor, bound):
    visitor = make_visitor(echo, **{bound: 3})
    slow = [visitor.connect() for _ in range(3)]
    for line in slow:
        line.sendall(b"GET / HTTP/1.1\r\nX")
    assert reply(visitor.say(GET)).status == 200
    assert is_sent_away(slow[0])
    slow[2].sendall(b": y\r\nHost: a\r\n\r\n")
    assert reply(heard(slow[2])).status == 200
    for line in slow:
        line.close()


def test_two_hundred_slow_ones_keep_nobody_waiting(make_visitor):
    visitor = make_visitor(echo, connections=50, connections_per_peer=50)
    slow = [visitor.connect() for _ in range(200)]
    answers = [reply(visitor.say(GET)).status for _ in range(20)]
    assert answers == [200] * 20
    for line in slow:
        line.close()


class Slow:
    """Answers when it is told to."""

    def __init__(self):
        self.asked, self.go_on = threading.Event(), threading.Event()

    def __call__(self, request):
        self.asked.set()
        self.go_on.wait(20)
        return echo(request)


def test_who_is_being_answered_is_never_sent_away_for_others(make_visitor):
    slow = Slow()
    visitor = make_visitor(slow, connections=1)
    with visitor.connect() as first:
        first.sendall(GET)
        assert slow.asked.wait(20)
        with visitor.connect() as second:
            assert is_sent_away(second)
        slow.go_on.set()
        assert reply(heard(first)).status == 200


def test_who_has_his_answer_and_does_not_leave_is_let_go(make_visitor):
    visitor = make_visitor(echo, connections=1)
    with visitor.connect() as lingering:
        lingering.sendall(GET)
        assert lingering.recv(9) == b"HTTP/1.1 "
        assert reply(visitor.say(GET)).status == 200


def test_a_fault_of_ours_is_not_told_to_strangers(make_visitor, caplog):
    def fail(_request):
        raise RuntimeError("the password is swordfish")

    found = make_visitor(fail).get("/")
    assert (found.status, found.body) == (500, "Internal Server Error\n")
    assert "swordfish" not in str(found)
    assert "swordfish" in caplog.text


def test_an_answer_that_takes_too_long_is_given_up(make_visitor):
    slow = Slow()
    found = make_visitor(slow, timeout_seconds=0.2).get("/")
    slow.go_on.set()
    assert (found.status, found.header("retry-after")) == (503, "30")


def test_many_may_wait_for_the_next_who_opens():
    async def knock() -> None:
        with Sockets() as sockets:
            kept = await sockets.at(Place("127.0.0.1"), "web")
            listener = Listener(WebSettings(URL), ThreadPoolExecutor(1), echo, (), lambda: NOW)
            await listener.open(kept)
            await listener.stop(1)
            with ExitStack() as peers:
                for _ in range(300):
                    peers.enter_context(socket.create_connection(("127.0.0.1", listener.port), 5))

    asyncio.run(knock())


def test_a_closed_door_lets_those_go_who_wait_and_answers_who_asked():
    slow = Slow()
    with door(slow) as listener:
        visitor = Visitor(listener.port)
        idle, waiting = visitor.connect(), visitor.connect()
        waiting.sendall(GET)
        assert slow.asked.wait(20)
        threading.Timer(0.2, slow.go_on.set).start()
    assert is_sent_away(idle)
    assert reply(heard(waiting)).status == 200
    idle.close()
    waiting.close()
    with pytest.raises(OSError, match="refused"):
        visitor.connect()
