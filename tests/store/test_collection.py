"""What no mail has goes in the end, and never much at a time; what a mail has is missed where it is not."""

import hashlib
import itertools
from contextlib import closing
from datetime import timedelta

import pytest

from gateway import store
from gateway.desk.collection import Collecting
from gateway.errors import TemporaryError
from gateway.mail.envelope import Envelope
from gateway.store import collection
from gateway.store.collection import Collection
from gateway.store.engine import open_database
from gateway.store.schema import originals
from gateway.store.spool import Arrival
from gateway.tickets.model import SpoolId
from tests.builders import DAY, HOUR, NOW, POLICY

KEYS = itertools.count()
LATER = NOW + 40 * DAY


def bring(database, *raws, now=NOW):
    """Mail with these bytes."""
    database.keep(raws, now)
    with database.write() as db:
        for raw in raws:
            store.spool.add(db, Arrival(Envelope("", ("a@x",)), raw, "smtp", str(next(KEYS))), now)


def some(count, word="left"):
    return [f"{word} {number}".encode() for number in range(count)]


def names(database):
    return [name for day in database.objects.days() for name in database.objects.of(day)]


def name_of(raw, day="2026-05-04"):
    return f"{day}/{hashlib.sha256(raw).hexdigest()}"


def test_what_is_older_than_a_month_and_no_mails_is_removed_unasked(apart):
    bring(apart, *some(20, "kept"))
    apart.keep(some(2), NOW)
    apart.keep([b"young"], NOW + 15 * DAY)
    assert collection.tidy(apart, NOW + 30 * DAY) == Collection(0, 0, 0), "a month has not passed"
    assert len(names(apart)) == 23
    assert collection.tidy(apart, LATER) == Collection(22, 2, 2)
    assert set(names(apart)) == {*map(name_of, some(20, "kept")), name_of(b"young", "2026-05-19")}


def test_each_day_is_looked_through_once(apart):
    bring(apart, b"one")
    bring(apart, b"two", now=NOW + DAY)
    assert collection.tidy(apart, NOW + 31 * DAY) == Collection(1, 0, 0)
    assert collection.tidy(apart, NOW + 31 * DAY + HOUR) is None
    assert collection.tidy(apart, NOW + 32 * DAY) == Collection(1, 0, 0), "the other day"


def test_of_much_that_is_no_mails_nothing_is_removed_until_somebody_asks(apart):
    bring(apart, *some(3, "kept"))
    apart.keep(some(11), NOW)
    assert collection.tidy(apart, LATER) == Collection(14, 11, 0)
    assert collection.tidy(apart, LATER) == Collection(14, 11, 0), "and the day is not done"
    assert sorted(n for _, group in collection.unnamed(apart) for n in group) == sorted(map(name_of, some(11)))
    assert collection.collect(apart, LATER) == 11
    assert collection.tidy(apart, LATER) == Collection(3, 0, 0)


def test_where_there_is_more_a_tenth_may_be_no_mails(apart):
    bring(apart, *some(105, "kept"))
    apart.keep(some(11), NOW)
    assert collection.tidy(apart, LATER) == Collection(116, 11, 11)


def test_whoever_must_stop_stops_and_begins_anew(apart):
    bring(apart, b"kept")
    apart.keep(some(3), NOW)
    assert collection.tidy(apart, LATER, lambda: False) is None
    said = iter([True, True, False])
    assert collection.tidy(apart, LATER, lambda: next(said)) is None
    assert len(names(apart)) == 3
    assert collection.tidy(apart, LATER) == Collection(3, 2, 2)


def test_a_database_put_back_from_a_copy_costs_no_object(file, tmp_path):
    place = f"file://{tmp_path}/mail"
    with closing(open_database(f"sqlite:///{file}", originals=place)) as database:
        bring(database, *some(50, "since the copy"))
    for left in file.parent.glob("gateway.db*"):
        left.unlink()
    with closing(open_database(f"sqlite:///{file}", originals=place)) as database:
        collecting = Collecting(database, POLICY, lambda: LATER, lambda: True)
        assert collecting.run_once() == 0
        assert len(names(database)) == 50
        with database.read() as db:
            (alarm,) = store.alarms.listed(db)
        assert alarm.detail.startswith("Of 50 objects in the object store that are older than a month 50 belong to no")
        assert collecting.run_once() == 0
        with database.read() as db:
            assert [each.count for each in store.alarms.listed(db)] == [2]


def test_only_who_has_the_lease_collects(apart):
    apart.keep(some(3), NOW)
    place = apart.objects.place
    object.__setattr__(apart.objects, "place", "nobody asks it")
    assert Collecting(apart, POLICY, lambda: LATER, lambda: False).run_once() == 0
    object.__setattr__(apart.objects, "place", place)
    assert len(names(apart)) == 3
    assert Collecting(apart, POLICY, lambda: LATER, lambda: True).run_once() == 0
    assert names(apart) == []


def test_without_an_object_store_there_is_nothing_to_do(database):
    assert collection.tidy(database, NOW) is None
    assert collection.compare(database, 10, is_deep=True) == collection.Comparison(0, 0, 0, 0, (), 0)


def test_where_all_is_well_nothing_is_missed(apart):
    bring(apart, *some(3), *some(2))  # some of them twice
    bring(apart, b"another day", now=NOW + DAY)
    apart.keep([b"just now, its row to come"], NOW + DAY)
    assert collection.compare(apart, 10, is_deep=True) == collection.Comparison(4, 0, 0, 0, (), 1)


def test_what_is_gone_or_altered_is_missed(apart):
    bring(apart, b"gone", b"altered", b"fine")
    bring(apart, b"its day is gone", now=NOW + DAY)
    apart.objects.remove(name_of(b"gone"))
    apart.objects.remove(name_of(b"its day is gone", "2026-05-05"))
    apart.objects.place.put(name_of(b"altered"), b"other")
    quick = collection.compare(apart, 10, is_deep=False)
    assert (quick.named, quick.missing, quick.altered, quick.unnamed) == (4, 2, 0, 0)
    deep = collection.compare(apart, 10, is_deep=True)
    assert (deep.named, deep.missing, deep.altered, deep.unread, deep.unnamed) == (4, 2, 1, 0, 0)
    assert set(deep.told) == {
        f"{name_of(b'gone')} is not there",
        f"{name_of(b'altered')} has other bytes than were put there",
        f"{name_of(b'its day is gone', '2026-05-05')} is not there",
    }
    assert len(collection.compare(apart, 1, is_deep=True).told) == 1


def test_a_size_that_is_not_the_objects_is_told(apart):
    bring(apart, b"seven..")
    with apart.write() as db:
        db.execute(originals.update().values(size=8))
    assert collection.compare(apart, 10, is_deep=True).told == (f"{name_of(b'seven..')} has 7 octets, not 8",)


def test_what_cannot_be_read_now_is_not_taken_for_lost(file, tmp_path):
    with closing(open_database(f"sqlite:///{file}", originals=f"file://{tmp_path}/mail")) as database:
        bring(database, b"one")
        path = tmp_path / "mail" / name_of(b"one")
        path.unlink()
        path.mkdir()
        compared = collection.compare(database, 10, is_deep=True)
    assert (compared.missing, compared.altered, compared.unread) == (0, 0, 1)


@pytest.mark.parametrize("step", ["compare", "collect", "tidy", "read"])
def test_no_transaction_is_open_while_the_place_is_asked(apart, step):
    bring(apart, b"kept")
    apart.keep(some(2), NOW)
    asked = []
    place = apart.objects.place

    class Watched:
        """The place, which looks at who is at the database when it is asked."""

        def __getattr__(self, name):
            asked.append((name, apart._reading.pool.checkedout() + apart._writing.pool.checkedout()))
            return getattr(place, name)

    object.__setattr__(apart.objects, "place", Watched())
    if step == "compare":
        collection.compare(apart, 10, is_deep=True)
    elif step == "collect":
        assert collection.collect(apart, LATER) == 2
    elif step == "tidy":
        assert collection.tidy(apart, LATER) == Collection(3, 2, 2)
    else:
        with apart.read() as db:
            original = store.spool.original(db, SpoolId(1))
        assert original.read() == b"kept"
    assert asked
    assert {busy for _, busy in asked} == {0}


def test_a_row_whose_object_was_not_put_before_is_refused(apart):
    with pytest.raises(TemporaryError, match="was not kept"), apart.write() as db:
        store.spool.add(db, Arrival(Envelope("", ("a@x",)), b"raw", "smtp", "1"), NOW)
    apart.keep([b"raw"], NOW - timedelta(hours=11))
    with pytest.raises(TemporaryError, match="was not kept"), apart.write() as db:
        store.spool.add(db, Arrival(Envelope("", ("a@x",)), b"raw", "smtp", "1"), NOW)
