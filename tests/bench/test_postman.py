"""What the benchmarks send arrives as it was written, and what they receive is counted."""

import pytest

from bench.postman import Letter, Line, deliver
from bench.sink import Sink

RAW = b"From: <a@customer.example>\r\nSubject: dots\r\n\r\n.\r\n..two\r\nend"


def test_dots_are_doubled_and_the_end_is_put_on():
    assert Letter.of("a@customer.example", RAW).octets.endswith(b"\r\n\r\n..\r\n...two\r\nend\r\n.\r\n")
    assert Letter.of("a@customer.example", b"Subject: one\r\n\r\n").octets == b"Subject: one\r\n\r\n.\r\n"


def test_every_letter_is_brought_once_over_some_lines():
    letters = [Letter.of(f"author-{number}@customer.example", RAW) for number in range(20)]
    with Sink() as sink:
        assert len(deliver(sink.port, letters, 3)) == 20
        assert sink.mails == 20
        assert set(sink.came) == {"support@desk.example"}


def test_a_mail_that_is_not_taken_is_an_error():
    with Sink() as sink, Line(sink.port) as line, pytest.raises(RuntimeError, match="354 was wanted"):
        line.bring(Letter("a@customer.example>\r\nRSET\r\nNOOP <", b"."))
