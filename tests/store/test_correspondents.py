from dataclasses import replace
from datetime import timedelta

from gateway.store import correspondents
from gateway.tickets.loops import Correspondent, Exchange
from gateway.tickets.model import SpoolId
from tests.builders import DAY, HOUR, NOW

ROBOT = Correspondent(
    "robot@else.test",
    (Exchange(NOW, "pattern", SpoolId(7), "letters"), Exchange(NOW + timedelta(seconds=1))),
    NOW,
    3,
    NOW + HOUR,
    "pattern",
)


def test_of_a_stranger_nothing_is_known(db):
    assert correspondents.known(db, ["Robot+7@Else.test"]) == correspondents.known(db, []) == {}
    assert correspondents.among(db, ["robot@else.test"]) == correspondents.among(db, []) == {}


def test_what_is_kept_comes_back_whatever_the_detail_of_the_address(db):
    correspondents.keep(db, [ROBOT, Correspondent("kim@customer.test")])
    assert correspondents.known(db, ["Robot+7@Else.test"]) == {"robot@else.test": ROBOT}
    assert correspondents.among(db, ["robot+1@else.test", "robot@else.test"]) == {"robot@else.test": ROBOT}
    changed = replace(ROBOT, exchanges=(), quiet_until=None)
    correspondents.keep(db, [changed])
    assert correspondents.known(db, ["robot@else.test"]) == {"robot@else.test": changed}


def test_who_has_proven_himself_is_never_forgotten_and_others_are(db):
    passing = Correspondent("passing@else.test", (Exchange(NOW, "x"),))
    correspondents.keep(db, [ROBOT, passing])
    assert not correspondents.has_idle(db, NOW + DAY - HOUR)
    assert correspondents.has_idle(db, NOW + DAY)
    assert correspondents.sweep(db, NOW + 400 * DAY) == 1
    assert correspondents.known(db, ["robot@else.test", "passing@else.test"]) == {"robot@else.test": ROBOT}
