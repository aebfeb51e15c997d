"""Which troubles are one alarm, and when the operator is written to about it."""

from datetime import timedelta

import pytest

from gateway.tickets.alarm import Alarm, AlarmId, AlarmKind, is_to_be_told, key_among
from tests.builders import NOW


def alarm(key="one@machine.test", minutes=0, **more):
    at = NOW - timedelta(minutes=minutes)
    return Alarm(AlarmId(1), key, AlarmKind.LOOP, "what happened", at, at, **more)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ((), "two@machine.test"),
        ((alarm(minutes=9),), "one@machine.test"),
        ((alarm(minutes=10),), "two@machine.test"),
        ((alarm(minutes=1, closed_at=NOW),), "two@machine.test"),
        ((alarm(minutes=1), alarm("two@machine.test", minutes=60)), "two@machine.test"),
        ((alarm("old@machine.test", minutes=60), alarm(minutes=3)), "one@machine.test"),
    ],
)
def test_troubles_that_begin_together_are_one_alarm(others, expected):
    assert key_among("two@machine.test", others, NOW) == expected


@pytest.mark.parametrize(("told", "expected"), [(None, True), (59, False), (60, True), (-59, False), (-60, True)])
def test_the_operator_is_told_at_once_and_then_once_an_hour(told, expected):
    told_at = NOW - timedelta(minutes=told) if told is not None else None
    assert is_to_be_told(alarm(told_at=told_at), NOW) is expected
