"""The bytes of mail outside of the database: durable before the row, the same when read, collected when nobody's."""

import hashlib
import threading
from contextlib import closing
from datetime import timedelta

import pytest

from gateway import store
from gateway.errors import PermanentError, TemporaryError
from gateway.inbound.accept import Acceptor
from gateway.mail.envelope import Envelope
from gateway.store import objects
from gateway.store.engine import open_database
from gateway.store.spool import Arrival
from tests.builders import DAY, NOW

RAW = b"Subject: hello\r\n\r\nWorld\xff\x00"
SHA256 = hashlib.sha256(RAW).hexdigest()


def arrival(key="1", raw=RAW):
    return Arrival(Envelope("kim@x", ("support@desk.test",)), raw, "smtp", key)


def names(database):
    return sorted(name for day in database.objects.days() for name in database.objects.of(day))


def bring(database, *raws, now=NOW):
    database.keep(raws, now)
    with database.write() as db:
        return [store.spool.add(db, arrival(str(hash(raw)), raw), now)[0] for raw in raws]


def test_bytes_lie_elsewhere_and_the_row_says_where(apart):
    (mail,) = bring(apart, RAW)
    assert names(apart) == [f"2026-05-04/{SHA256}"]
    with apart.read() as db:
        assert store.spool.original(db, mail).read() == RAW
        row = db.exec_driver_sql("SELECT length(raw), place, size FROM originals").one()
    assert tuple(row) == (0, f"2026-05-04/{SHA256}", len(RAW))


def test_what_is_handed_in_is_there_before_the_database_knows_of_it(apart):
    seen = []

    def now():
        return NOW

    class Watched(Acceptor):
        def _confirm(self, *said):
            seen.append(names(apart))
            super()._confirm(*said)

    with Watched(apart, now, lambda: None) as acceptor:
        acceptor.accept(arrival())
    assert seen == [[f"2026-05-04/{SHA256}"]]


def test_mail_that_came_before_and_after_the_change_is_read_all_the_same(file, place):
    with closing(open_database(f"sqlite:///{file}")) as database:
        (old,) = bring(database, b"old")
    with closing(open_database(f"sqlite:///{file}", originals=place)) as database:
        (new,) = bring(database, b"new")
        (again,) = bring(database, b"old")  # the same bytes, once more
        with database.read() as db:
            assert [store.spool.original(db, each).read() for each in (old, new)] == [b"old", b"new"]
    assert again == old
    with closing(open_database(f"sqlite:///{file}")) as database, database.read() as db:
        assert store.spool.original(db, old).read() == b"old"
        with pytest.raises(PermanentError, match="set originals under"):
            store.spool.original(db, new)


def test_what_was_altered_or_is_lost_is_a_temporary_fault(apart):
    (mail,) = bring(apart, RAW)
    with apart.read() as db:
        original = store.spool.original(db, mail)
    apart.objects.place.put(f"2026-05-04/{SHA256}", b"other")
    with pytest.raises(TemporaryError, match="has other bytes"):
        original.read()
    apart.objects.remove(f"2026-05-04/{SHA256}")
    with pytest.raises(TemporaryError, match="could not read"):
        original.read()


def test_what_no_mail_has_is_removed_once_it_is_some_days_old(apart):
    bring(apart, b"kept")
    apart.keep([b"a crash came between"], NOW)
    apart.keep([b"yesterday's"], NOW + DAY)
    assert len(names(apart)) == 3
    assert store.collection.collect(apart, NOW + DAY) == 0
    assert store.collection.collect(apart, NOW + 3 * DAY) == 1
    kept = {hashlib.sha256(raw).hexdigest() for raw in (b"kept", b"yesterday's")}
    assert {name.rpartition("/")[2] for name in names(apart)} == kept
    assert store.collection.collect(apart, NOW + 9 * DAY) == 1


def test_bytes_whose_object_was_collected_are_kept_anew(apart):
    apart.keep([RAW], NOW)
    assert store.collection.collect(apart, NOW + 9 * DAY) == 1
    (mail,) = bring(apart, RAW, now=NOW + 9 * DAY)
    with apart.read() as db:
        assert store.spool.original(db, mail).read() == RAW


def test_collecting_and_taking_mail_at_once_loses_none(apart):
    apart.keep([b"left %d" % number for number in range(30)], NOW)
    now = NOW + 9 * DAY
    is_over = threading.Event()

    def collect():
        while not is_over.is_set():
            store.collection.collect(apart, now)

    collector = threading.Thread(target=collect)
    collector.start()
    try:
        mails = [bring(apart, b"left %d" % number, now=now)[0] for number in range(30)]
    finally:
        is_over.set()
        collector.join()
    with apart.read() as db:
        kept = [store.spool.original(db, mail) for mail in mails]
    assert [each.read() for each in kept] == [b"left %d" % number for number in range(30)]


def test_without_such_a_place_nothing_is_collected(database):
    assert store.collection.collect(database, NOW) == 0


def test_a_folder_that_cannot_be_written_is_a_temporary_fault(file, tmp_path):
    (tmp_path / "blocked").write_text("a file")
    with closing(open_database(f"sqlite:///{file}", originals=f"file://{tmp_path}/blocked")) as database:
        with pytest.raises(TemporaryError, match="could not keep"):
            bring(database, RAW)
        with database.read() as db:
            assert store.spool.listed(db) == ()


def test_what_a_crash_left_half_written_in_a_folder_is_collected_too(file, tmp_path):
    with closing(open_database(f"sqlite:///{file}", originals=f"file://{tmp_path}/mail")) as database:
        database.keep([RAW], NOW)
        (tmp_path / "mail" / "2026-05-04" / ".half").write_bytes(b"half")
        assert store.collection.collect(database, NOW + 9 * DAY) == 2
        assert not list((tmp_path / "mail").iterdir())


def test_a_foreign_folder_is_left_alone(file, tmp_path):
    (tmp_path / "mail" / "mine").mkdir(parents=True)
    (tmp_path / "mail" / "mine" / "letter").write_bytes(b"x")
    with closing(open_database(f"sqlite:///{file}", originals=f"file://{tmp_path}/mail")) as database:
        assert store.collection.collect(database, NOW + timedelta(days=900)) == 0
    assert (tmp_path / "mail" / "mine" / "letter").exists()


def test_a_place_that_nothing_can_read_is_told():
    with pytest.raises(PermanentError, match=r"nonsense: mail cannot be kept there.*\[objects\]"):
        objects.at("nonsense://bucket")
