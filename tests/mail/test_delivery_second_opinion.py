"""flufl.bounce as a second opinion on whom a report is about: asked late, guarded, never for what is a report."""

import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail import delivery_report
from gateway.mail.delivery import second_opinion
from gateway.mail.parse import parse
from tests.corpus import yardstick

pytest.importorskip("flufl.bounce", reason="the extra `bounce` is not installed")

NOBODY = frozenset[str]()
# A name without its domain: our own reading leaves it alone, the library knows the service.
SCREEN_NAME = b"""\
From: Mail Delivery Subsystem <MAILER-DAEMON@aol.com>
To: support@desk.example
Subject: Mail Delivery Problem
Message-ID: <report@mx.example>
Content-Type: text/plain; charset=us-ascii

Your mail to the following recipients could not be delivered because they are not accepting mail from support:
\tbobspost
"""
LLNL = b"From: somebody@there.example\nSubject: Lamps\n\nMy friend, bob@there.example, has the same lamp.\n"


def test_a_name_without_domain_is_found():
    assert second_opinion.addresses(SCREEN_NAME, NOBODY) == ("bobspost@aol.com",)


def test_never_ours():
    assert second_opinion.addresses(SCREEN_NAME, frozenset({"bobspost@aol.com"})) == ()


def test_a_report_that_we_cannot_read_is_completed():
    message = parse(SCREEN_NAME)
    own = delivery_report.read(message)
    assert own is not None
    assert own.failed == ()
    found = delivery_report.read(message, raw=SCREEN_NAME)
    assert found is not None
    assert [(each.address, each.is_permanent) for each in found.failed] == [("bobspost@aol.com", True)]


def test_the_corpus_needs_no_second_opinion():
    """Whoever has no such library reads the same."""
    for case in yardstick.cases():
        if "addresses" in case.expected.get("delivery_report", {}):
            found = delivery_report.read(parse(case.raw))
            assert found is not None, case.name
            assert [each.address for each in found.failed] == case.expected["delivery_report"]["addresses"], case.name


def test_a_delayed_report_is_not_asked_about():
    raw = (
        b"From: MAILER-DAEMON@aol.com\nSubject: Delayed mail\nContent-Type: text/plain\n\n"
        b"Delivery is delayed. We will keep trying.\n"
        b"Your mail to the following recipients could not be delivered\n\tbob\n"
    )
    found = delivery_report.read(parse(raw), raw=raw)
    assert found is not None
    assert (found.failed, found.is_delayed) == ((), True)


def test_what_is_no_report_stays_none():
    assert delivery_report.read(parse(LLNL), raw=LLNL) is None


def test_the_detector_that_takes_any_address_is_not_asked():
    assert second_opinion.addresses(LLNL, NOBODY) == ()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Subject: no sender\n\nwords\n",
        b"From: a@b.example\nContent-Type: multipart/report; boundary=x\n\n--x--\n",
        b"From: MAILER-DAEMON@aol.com\nContent-Type: text/plain\n\n" + b"a" * 200_000,
        SCREEN_NAME.replace(b"bobspost", b"b" * 90_000),
        SCREEN_NAME.replace(b"bobspost", "böb".encode()),
        SCREEN_NAME.replace(b"\tbobspost", b"\n" * 90_000 + b"bobspost"),
    ],
)
def test_nothing_is_raised_or_printed(raw, capfd, caplog):
    with caplog.at_level(logging.INFO):
        assert second_opinion.addresses(raw, NOBODY) == ()
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


@given(st.binary(max_size=200), st.integers(0, len(SCREEN_NAME)), st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_torn_reports_are_survived(junk, at, length):
    second_opinion.addresses(SCREEN_NAME[:at] + junk + SCREEN_NAME[at + length :], NOBODY)
