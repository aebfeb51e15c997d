"""Machines that do not say what they are, told from people by what they do."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.mail.parse import parse
from gateway.tickets import loops
from gateway.tickets.loops import Correspondent, Exchange
from gateway.tickets.model import SpoolId
from tests.builders import DAY, HOUR, NOW, mail

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def told(*exchanges, **known):
    """Each exchange is minutes after NOW, and "us" or the words they sent."""
    made = tuple(
        Exchange(NOW + at * MINUTE) if words == "us" else Exchange(NOW + at * MINUTE, words, SpoolId(number))
        for number, (at, words) in enumerate(exchanges)
    )
    return loops.judge(Correspondent("robot@else.test", made[:-1], **known), made[-1])


LOOPS = [
    ("the same words twice, each in answer to us", [(0, "a"), (0, "us"), (1, "b"), (1, "us"), (2, "b")]),
    ("with a human's mail between", [(0, "a"), (0, "us"), (1, "b"), (2, "us"), (3, "c"), (3, "us"), (20, "b")]),
    ("every quarter of an hour", [(0, "us"), (15, "b"), (15, "us"), (30, "b")]),
    ("hours apart", [(0, "us"), (1, "b"), (300, "us"), (301, "b")]),
]


@pytest.mark.parametrize(("why", "exchanges"), LOOPS, ids=[why for why, _ in LOOPS])
def test_the_same_words_again_in_answer_to_automatic_mail_are_a_machines(why, exchanges):
    found = told(*exchanges)
    assert found is not None
    assert found.why == "sends the same words in answer to automatic mail"
    assert [exchanges[number][1] for number in found.spool_ids] == ["b", "b"]


def test_a_mail_of_ours_that_went_out_after_it_came_does_not_hide_what_it_answers():
    ours, theirs = [Exchange(NOW + at * MINUTE) for at in (0, 5, 9)], [(1, "b"), (7, "b")]
    first, second = (Exchange(NOW + at * MINUTE, words, SpoolId(at)) for at, words in theirs)
    assert loops.judge(Correspondent("robot@else.test", (ours[0], first, *ours[1:])), second) is not None


PEOPLE = [
    ("a first mail", [(0, "a")]),
    ("an answer", [(0, "a"), (0, "us"), (1, "b")]),
    ("several matters", [(0, "a"), (0, "us"), (5, "b"), (5, "us"), (9, "c"), (9, "us"), (15, "d")]),
    ("the same words twice after one mail of ours", [(0, "a"), (0, "us"), (1, "b"), (2, "b")]),
    ("sent again, but not in answer", [(0, "b"), (0, "us"), (40, "b"), (40, "us"), (80, "b")]),
    ("it came while ours was being written", [(0, "b"), (0, "us"), (0, "b"), (0, "us"), (0, "b")]),
    ("a day later", [(0, "us"), (1, "b"), (24 * 60, "us"), (24 * 60 + 2, "b")]),
    ("others' words since", [(0, "us"), (1, "b"), (5, "us"), (6, "b"), (9, "us"), (10, "c")]),
]


@pytest.mark.parametrize(("why", "exchanges"), PEOPLE, ids=[why for why, _ in PEOPLE])
def test_people_are_not_taken_for_machines(why, exchanges):
    assert told(*exchanges) is None


def test_other_words_each_time_are_a_machines_when_they_come_faster_than_people_write():
    exchanges = [each for turn in range(6) for each in ((turn * 2, "us"), (turn * 2 + 0.5, f"words {turn}"))]
    assert told(*exchanges[:-2]) is None
    assert told(*exchanges).why == "answers automatic mail faster than people write"
    slow = [each for turn in range(7) for each in ((turn * 9, "us"), (turn * 9 + 2, f"words {turn}"))]
    assert told(*slow) is None


def test_words_that_looped_before_are_known_at_once():
    assert told((0, "us"), (1, "b"), looped="b") is not None
    assert told((0, "us"), (1, "c"), looped="b") is None
    assert told((1, "b"), looped="b") is None, "in answer to nothing"


def test_the_rest_doubles_each_time_up_to_a_week_and_is_forgiven_after_a_month():
    known, now, rests = Correspondent("robot@else.test"), NOW, []
    for _ in range(10):
        known = loops.after_loop(known, "b", now)
        assert known.quiet_until is not None
        rests.append((known.quiet_until - now) / HOUR)
        now = known.quiet_until
    assert rests == [1, 2, 4, 8, 16, 32, 64, 128, 168, 168]
    assert (known.strikes, known.looped) == (10, "b")
    again = loops.after_loop(known, "b", now + 31 * DAY)
    assert (again.strikes, again.quiet_until) == (1, now + 31 * DAY + HOUR)


def test_while_it_rests_nothing_is_added():
    known = loops.after_loop(Correspondent("robot@else.test"), "b", NOW)
    assert loops.after_loop(known, "b", NOW + 59 * MINUTE) == known
    assert known.is_quiet(NOW + 59 * MINUTE)
    assert not known.is_quiet(NOW + HOUR)
    assert not known.is_quiet(NOW - 8 * DAY), "the clock was set back since"


def pattern(text, subject, files=""):
    message = parse(mail(text, subject=subject))
    return loops.pattern_of(message, message.text)


def test_numbers_and_references_do_not_change_a_pattern_and_words_do():
    first = pattern("Your request 4711 of 10:03 was received. SUP-ABCD-EFGH", "[HD#1] Received")
    assert pattern("Your  request 9 of 11:59 was\nreceived. SUP-WXYZ-QRST", "[HD#22] received") == first
    assert pattern("Your request 4711 of 10:03 was closed. SUP-ABCD-EFGH", "[HD#1] Received") != first
    assert pattern("Your request 4711 of 10:03 was received. SUP-ABCD-EFGH", "[HD#1] Closed") != first


def test_only_the_newest_exchanges_are_remembered():
    many = [Exchange(NOW + number * MINUTE, "x") for number in range(40)]
    assert loops.remembered(reversed(many)) == tuple(many[-16:])
    assert loops.remembered((Exchange(NOW, "x"), Exchange(NOW + 2 * DAY, "x"))) == (Exchange(NOW + 2 * DAY, "x"),)


@pytest.mark.parametrize(
    ("known", "idle_at"),
    [
        (Correspondent("a@x", (Exchange(NOW, "x"),)), NOW + DAY),
        (Correspondent("a@x", (Exchange(NOW, "x"),), quiet_until=NOW + HOUR), NOW + HOUR + 30 * DAY),
        (Correspondent("a@x", (Exchange(NOW, "x"),), proven_at=NOW), None),
    ],
)
def test_what_is_known_of_somebody_is_forgotten_when_it_says_nothing_any_more(known, idle_at):
    assert loops.idle_at(known) == idle_at


def resent(times, *, number="", **how):
    """What becomes of a mail that is sent so many times, each time after an acknowledgement of ours."""
    exchanges = [Exchange(NOW)]
    for count in range(1, times + 1):
        message = parse(mail(f"It burns{f' {count}' if number else ''}.", **how))
        newest = loops.exchange_of(message, message.text, NOW + count * MINUTE, SpoolId(count))
        exchanges += [newest, Exchange(newest.at + SECOND)]
    *before, newest, _ = exchanges
    known = Correspondent("kim@customer.test", tuple(before))
    return loops.is_repeated(known, newest), loops.judge(known, newest) is not None


def test_a_person_may_send_the_very_same_mail_twice():
    assert [resent(times) for times in (1, 2, 3)] == [(False, False), (True, False), (False, True)]


@pytest.mark.parametrize(
    "how", [{"subject": "Re: Your request"}, {"headers": (("In-Reply-To", "<a@b>"),)}, {"number": "changes"}]
)
def test_what_calls_itself_an_answer_or_counts_is_a_machines_the_second_time(how):
    assert resent(2, **how) == (False, True)


def test_the_words_of_an_earlier_loop_are_no_repetition():
    message = parse(mail())
    newest = loops.exchange_of(message, message.text, NOW + MINUTE, SpoolId(1))
    before = replace(newest, at=NOW + SECOND)
    sent = (Exchange(NOW), before, Exchange(NOW + 2 * SECOND))
    for known, is_machines in (
        (Correspondent("x@y.test", sent), False),
        (Correspondent("x@y.test", sent, looped=newest.pattern), True),
    ):
        assert loops.is_repeated(known, newest) is not is_machines
        assert (loops.judge(known, newest) is not None) is is_machines
