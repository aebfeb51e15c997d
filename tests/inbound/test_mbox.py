"""mbox files: cut where a message begins, and only there; what was quoted is unquoted."""

import pytest

from gateway.inbound import mbox

ONE, TWO = b"Subject: one\n\nHello\n", b"Subject: two\n\nBye\n"


def test_each_message_is_cut_out():
    assert list(mbox.split(b"From a@b Mon\n" + ONE + b"\nFrom c@d Tue\n" + TWO)) == [ONE, TWO[:-1]]


def test_a_line_in_the_middle_of_a_text_cuts_nothing():
    raw = b"From a@b Mon\nSubject: one\n\nHello\nFrom here on it fails\n\n"
    assert list(mbox.split(raw)) == [b"Subject: one\n\nHello\nFrom here on it fails\n"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_quoted_lines_are_as_they_were(end):
    raw = end.join((b"From a@b Mon", b"Subject: one", b"", b">From here", b">>From there", b"", b""))
    assert list(mbox.split(raw)) == [end.join((b"Subject: one", b"", b"From here", b">From there", b""))]


@pytest.mark.parametrize(
    ("raw", "is_one"),
    [
        (b"From a@b Mon\n", True),
        (b"From: a@b\n", False),
        (b"From : a@b\n", False),
        (b"", False),
        (b"Received: x\n", False),
    ],
)
def test_a_message_is_not_taken_for_an_mbox(raw, is_one):
    assert mbox.is_mbox(raw) is is_one
