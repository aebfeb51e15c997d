from concurrent.futures import ThreadPoolExecutor

from gateway.store import alarms
from gateway.tickets.alarm import AlarmKind
from gateway.tickets.model import SpoolId
from tests.builders import HOUR, NOW


def test_an_alarm_comes_back_as_it_was_raised(db):
    raised = alarms.raise_(db, AlarmKind.LOOP, "kim@customer.test", "it loops", NOW, [SpoolId(2)], 1)
    assert alarms.listed(db) == (raised,)
    assert (raised.kind, raised.key, raised.detail, raised.count) == (
        AlarmKind.LOOP,
        "kim@customer.test",
        "it loops",
        1,
    )
    assert (raised.opened_at, raised.last_at, raised.told_at, raised.closed_at) == (NOW, NOW, None, None)
    alarms.set_told(db, raised.id, NOW + HOUR)
    assert alarms.listed(db)[0].told_at == NOW + HOUR


def test_closing_ends_it_and_only_open_ones_are_listed(db):
    first = alarms.raise_(db, AlarmKind.LOOP, "x", "", NOW, [], 1)
    assert alarms.close(db, first.id, NOW + HOUR)
    assert not alarms.close(db, first.id, NOW + HOUR)
    second = alarms.raise_(db, AlarmKind.LOOP, "x", "", NOW + HOUR, [], 1)
    assert alarms.listed(db) == (second,)
    assert [each.closed_at for each in alarms.listed(db, is_all=True)] == [NOW + HOUR, None]


def test_raised_by_many_at_once_it_is_one(either):
    def raise_one(number):
        with either.write() as db:
            alarms.raise_(db, AlarmKind.DELIVERY, "x", "", NOW, [SpoolId(number)], 1)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(raise_one, range(12)))
    with either.read() as db:
        (found,) = alarms.listed(db)
    assert (found.count, set(found.spool_ids)) == (12, set(range(12)))
