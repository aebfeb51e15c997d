"""The comparison says of each way whether ours is as many times faster than the best of the others as is wanted."""

from dataclasses import replace

import pytest

from bench import others
from bench.others import Run

OURS = (
    Run("gateway", "SMTP", "mixed", 300.0, 0.004, 66, 100),
    Run("gateway", "IMAP", "mixed", 400.0, 0.004, 66, 100),
)
THEIRS = (
    Run("slow desk", "IMAP", "mixed", 20.0, 0.004, 66, 100),
    Run("fast desk", "mbox", "mixed", 50.0, 0.004, 60, 90),
)


def test_ours_is_measured_against_the_best_of_them():
    text, is_met = others.report([*OURS, *THEIRS])
    assert "mixed: ours by SMTP is 6.0 times the best of them, fast desk  met: 6\n" in text
    assert "mixed: ours by IMAP is 8.0 times the best of them, fast desk  met: 8\n" in text
    assert is_met


@pytest.mark.parametrize(("way", "rate", "verdict"), [("SMTP", 299.0, "MISSED: 6"), ("IMAP", 399.0, "MISSED: 8")])
def test_one_way_that_is_too_slow_is_a_miss(way, rate, verdict):
    text, is_met = others.report([*(replace(run, rate=rate) if run.way == way else run for run in OURS), *THEIRS])
    assert not is_met
    assert text.count("MISSED") == 1
    assert verdict in text


def test_mixed_and_plain_mail_are_compared_each_with_its_own():
    plain = [replace(run, mail="plain", rate=run.rate * 2) for run in (*OURS, *THEIRS)]
    text, _ = others.report([*OURS, *THEIRS, *plain])
    assert text.count("by SMTP is 6.0 times") == 2
    assert "plain: ours by IMAP is 8.0 times the best of them, fast desk" in text


def test_old_tickets_count_against_the_same_desk_and_in_no_ratio():
    grown = [replace(OURS[0], rate=291.0, old=20_000), replace(THEIRS[0], rate=1000.0, old=20_000)]
    text, is_met = others.report([*OURS, *THEIRS, *grown])
    assert "with 20000 old tickets gateway does 0.97 of what it does without" in text
    assert "with 20000 old tickets slow desk does 50.00 of what it does without" in text
    assert is_met


def test_each_run_has_its_line_with_what_came_of_the_mails():
    text, _ = others.report([*OURS, *THEIRS])
    assert [line.split() for line in text.splitlines()[3:5]] == [
        ["slow", "desk", "IMAP", "mixed", "0", "20.0", "4.00", "66", "100"],
        ["fast", "desk", "mbox", "mixed", "0", "50.0", "4.00", "60", "90"],
    ]


def test_of_several_rounds_the_middle_rate_counts():
    taken = [[replace(OURS[0], rate=rate), replace(THEIRS[0], rate=rate / 10)] for rate in (500.0, 100.0, 300.0)]
    assert [run.rate for run in others.middle(taken)] == [300.0, 30.0]
