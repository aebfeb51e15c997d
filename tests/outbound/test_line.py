"""What the line to the smarthost takes for a reply, and for how long. The server is a script of octets."""

import contextlib
import itertools
import smtplib
import socket
import threading
import time

import pytest

from gateway.outbound.line import Cord, Line


@pytest.fixture
def line_to():
    """Opens a line to a server that greets, then says these octets after each command, and hangs up after the last."""
    open_lines = []

    def connect(*answers: bytes, clock=time.monotonic, deadline=float("inf"), timeout=5.0) -> Line:
        listener = socket.create_server(("127.0.0.1", 0))

        def serve() -> None:
            with listener, listener.accept()[0] as peer:
                peer.sendall(b"220 hello\r\n")
                with contextlib.suppress(ConnectionError):
                    for answer in answers:
                        if not peer.recv(4096):
                            return
                        peer.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        line = Line(clock, deadline, Cord(), "127.0.0.1", listener.getsockname()[1], "desk", timeout=timeout)
        open_lines.append((line, thread))
        return line

    yield connect
    for line, thread in open_lines:
        line.close()
        thread.join(10)


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        (b"250 ok\r\n", 250, b"ok"),
        (b"250-one\r\n250 two\r\n", 250, b"one\ntwo"),
        (b"354\r\n", 354, b""),
        (b"550 5.1.1 no\n", 550, b"5.1.1 no"),
    ],
)
def test_a_reply_is_a_code_and_words(line_to, said, code, words):
    assert line_to(said).docmd("NOOP") == (code, words)


_PARTS = [b"250-SIZE 3", b"250 o", b"354", b"250-one\r\n", b"250-one\r\n250 t"]


@pytest.mark.parametrize(
    "said", [b"abc\r\n", b"25", b"999 x\r\n", b"199 x\r\n", b"2500 x\r\n", b"\r\n", b"+50 x\r\n", b"", *_PARTS]
)
def test_what_is_no_whole_reply_ends_the_line(line_to, said):
    line = line_to(said)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        line.docmd("NOOP")
    assert line.sock is None


@pytest.mark.parametrize("said", _PARTS)
def test_of_the_reply_to_a_mail_the_code_is_enough(line_to, said):
    line = line_to(said)
    line.send(b"a mail\r\n.\r\n")
    assert line.getreply()[0] == int(said[:3])
    assert line.sock is None


def test_what_is_said_unasked_is_not_taken_for_the_next_answer(line_to):
    line = line_to(b"250 ok\r\n550 and no\r\n", b"250 yes\r\n")
    assert line.docmd("NOOP") == (250, b"ok")
    with pytest.raises(smtplib.SMTPServerDisconnected, match=r"unasked.*550 and no"):
        line.docmd("NOOP")


@pytest.mark.parametrize("said", [b"250-" + b"x" * 100_000, b"250-" + b"\r\n250-".join([b"x" * 70] * 2000)])
def test_of_a_reply_too_long_the_code_is_kept_and_not_the_line(line_to, said):
    line = line_to(said)
    line.send(b"a mail\r\n.\r\n")
    code, words = line.getreply()
    assert code == 250
    assert len(words) < 80_000
    assert line.sock is None


def test_at_the_deadline_it_ends_however_busy_the_server_is(line_to):
    seconds = itertools.count()
    line = line_to(*[b"250 ok\r\n"] * 100, clock=lambda: next(seconds), deadline=30)
    with pytest.raises(smtplib.SMTPServerDisconnected, match="took too long"):
        _talk(line)


def _talk(line: Line) -> None:
    for _ in range(100):
        line.docmd("NOOP")
