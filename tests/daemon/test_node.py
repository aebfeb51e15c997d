"""A node among others over a real PostgreSQL: the test owns its clock. And alone at its place."""

import os
import queue
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway import store
from gateway.config.node import NodeSettings, Role
from gateway.daemon import node
from gateway.daemon.node import PATIENCE, Member, identity
from gateway.errors import TemporaryError
from gateway.store.engine import open_database
from gateway.store.nodes import Node

ONE = Node("one-1", "one", "here:one", ("clock",))
TWO = Node("two-1", "two", "here:two", ("clock",))


class Watch:
    """Seconds that pass when the test says so."""

    shown = 100.0

    def __call__(self) -> float:
        return self.shown


@pytest.fixture
def database(postgres):
    with closing(open_database(postgres.database())) as database:
        yield database


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def join(database, watch):
    def join(me: Node, *leases: str) -> Member:
        member = Member(database, me, leases or ("clock",), watch)
        member.enter()
        return member

    return join


def age(database, me: Node, by: timedelta) -> None:
    """The node was last seen so much earlier, and its leases go so much sooner."""
    seconds = by.total_seconds()
    with database.write() as db:
        db.exec_driver_sql(f"UPDATE nodes SET seen = seen - {seconds} WHERE id = '{me.id}'")
        db.exec_driver_sql(f"UPDATE leases SET until = until - {seconds} WHERE owner = '{me.id}'")


def names(database) -> list[str]:
    with database.read() as db:
        return [each.name for each, _ in store.nodes.listed(db)]


@pytest.mark.postgres
class TestMember:
    def test_the_first_has_the_leases_and_the_next_gets_them_when_it_leaves(self, join):
        one, two = join(ONE), join(TWO)
        assert (one.holds("clock"), two.holds("clock")) == (True, False)
        one.leave()
        two.run_once()
        assert (one.holds("clock"), two.holds("clock")) == (False, True)
        assert not two.holds("mailbox x")

    def test_a_lease_that_cannot_be_renewed_is_ours_no_more(self, join, watch):
        one = join(ONE)
        watch.shown += PATIENCE.total_seconds() - 1
        assert one.holds("clock")
        watch.shown += 2  # as for one who was paused, or has lost the database
        assert not one.holds("clock")
        one.run_once()
        assert one.holds("clock")

    def test_who_is_not_seen_is_given_up_and_his_lease_taken_over(self, join, watch, database, caplog):
        join(ONE)
        two = join(TWO)
        for _ in range(6):
            watch.shown += 3
            two.run_once()
        age(database, ONE, PATIENCE * 2)
        two.run_once()
        assert names(database) == ["two"]
        assert two.holds("clock")
        assert "nodes are gone" in caplog.text

    def test_who_was_away_himself_gives_nobody_up(self, join, watch, database):
        join(ONE)
        two = join(TWO)
        watch.shown += 60  # the database was away, for both
        age(database, ONE, PATIENCE * 2)
        two.run_once()
        assert names(database) == ["one", "two"]
        for _ in range(6):
            watch.shown += 3
            two.run_once()
        assert names(database) == ["two"]

    def test_who_has_just_come_gives_nobody_up_but_his_predecessor(self, join, database):
        join(ONE)
        age(database, ONE, PATIENCE * 2)
        two = join(TWO)
        two.run_once()
        assert names(database) == ["one", "two"]
        join(replace(ONE, id="one-2"))
        with database.read() as db:
            assert [each.id for each, _ in store.nodes.listed(db)] == ["one-2", "two-1"]

    def test_who_was_given_up_comes_back(self, join, database, caplog):
        one = join(ONE)
        with database.write() as db:
            store.nodes.bury(db, timedelta(seconds=-1))
        one.run_once()
        assert names(database) == ["one"]
        assert one.holds("clock")
        assert "given up by the others" in caplog.text

    def test_without_a_database_it_goes_down_all_the_same(self, join, postgres, database, caplog):
        gone = Member(replace(database, url="", _writing=_nowhere()), ONE, ("clock",))
        gone.leave()
        assert "could not say that it leaves" in caplog.text


BOXES = tuple(f"mailbox {letter}" for letter in "abcde")
READERS = tuple(Node(f"{name}-1", name, f"here:{name}", ("imap",)) for name in ("one", "two", "three"))


def held(member: Member) -> list[str]:
    return [box[-1] for box in BOXES if member.holds(box)]


@pytest.mark.postgres
class TestMailboxes:
    """Which node reads which; a look is three seconds."""

    @pytest.fixture
    def look(self, watch):
        """Every member looks once; no mailbox is two members' meanwhile."""

        def look(*members: Member, times: int = 1) -> None:
            for _ in range(times):
                watch.shown += 3
                for each in members:
                    each.run_once()
                    read = [box for member in members for box in held(member)]
                    assert len(read) == len({*read})

        return look

    def test_one_reads_all_until_another_comes_and_takes_its_share(self, join, look):
        one = join(READERS[0], *BOXES)
        assert held(one) == [*"abcde"]
        two = join(READERS[1], *BOXES)
        assert held(two) == []
        look(one, two)
        assert (held(one), held(two)) == ([*"abc"], []), "who reads has to stop first"
        look(one, two)
        assert (held(one), held(two)) == ([*"abc"], [*"de"])
        three = join(READERS[2], *BOXES)
        look(one, two, three, times=4)
        assert sorted(len(held(each)) for each in (one, two, three)) == [1, 2, 2]
        before = [held(each) for each in (one, two, three)]
        look(one, two, three, times=8)
        assert [held(each) for each in (one, two, three)] == before, "nothing goes to and fro"

    def test_who_leaves_leaves_all_to_the_others(self, join, look):
        one, two = join(READERS[0], *BOXES), join(READERS[1], *BOXES)
        look(one, two, times=2)
        one.leave()
        look(two)
        assert held(two) == [*"abcde"]

    def test_what_the_dead_had_is_read_again_within_half_a_minute(self, join, look, database, watch):
        one, two = join(READERS[0], *BOXES), join(READERS[1], *BOXES)
        look(one, two, times=2)
        died = watch.shown
        while held(two) != [*"abcde"]:
            age(database, READERS[0], timedelta(seconds=3))
            look(two)
            assert watch.shown - died < 30

    def test_a_mailbox_that_only_one_knows_is_read_by_it_beyond_its_share(self, join, look):
        """Configurations differ while they are changed one by one."""
        one, two = join(READERS[0], *BOXES), join(READERS[1], *BOXES[:1])
        look(one, two, times=6)
        assert sorted([*held(one), *held(two)]) == [*"abcde"]
        before = held(one)
        look(one, two, times=10)
        assert held(one) == before, "it is not given up again and again"

    def test_the_clock_is_shared_with_nobody(self, join, look):
        one, two = join(READERS[0], *BOXES, "clock"), join(READERS[1], *BOXES, "clock")
        look(one, two, times=3)
        assert (one.holds("clock"), two.holds("clock")) == (True, False)

    def test_nor_is_it_part_of_a_share(self, join, look):
        one, two = join(READERS[0], "mailbox a", "clock"), join(READERS[1], "mailbox a", "clock")
        look(one, two, times=3)
        assert (held(one), one.holds("clock")) == (["a"], True)

    def test_who_is_silent_has_no_share_even_before_he_is_given_up(self, join, database):
        join(READERS[0], *BOXES)
        age(database, READERS[0], PATIENCE * 2)
        two = join(READERS[1], *BOXES)
        assert names(database) == ["one", "two"]
        assert held(two) == [*"abcde"]

    def test_who_reads_no_mailboxes_is_left_none(self, join, look):
        one = join(READERS[0], *BOXES)
        two = join(TWO)
        look(one, two, times=3)
        assert held(one) == [*"abcde"]


def _nowhere():
    from sqlalchemy import create_engine

    return create_engine("postgresql+psycopg://test@127.0.0.1:1/none")


def test_on_sqlite_there_is_one_who_holds_everything(tmp_path):
    with (
        closing(open_database(f"sqlite:///{tmp_path}/gateway.db")) as database,
        node.joined(database, ONE, ()) as holds,
        node.calling(database, lambda _: None) as ring,
    ):
        assert holds("clock")
        ring(Role.TRIAGE)
        with database.read() as db:
            assert store.nodes.listed(db) == ()


def test_on_sqlite_it_hears_what_commands_write(tmp_path):
    heard: queue.Queue[str] = queue.Queue()
    with (
        closing(open_database(f"sqlite:///{tmp_path}/gateway.db")) as database,
        closing(open_database(database.url)) as other,
        node.calling(database, heard.put),
    ):
        give_up = time.monotonic() + 20
        while heard.empty() and time.monotonic() < give_up:
            with other.write() as db:
                db.exec_driver_sql("INSERT INTO meta VALUES (hex(randomblob(8)), '')")
            time.sleep(0.05)
        assert {heard.get(timeout=1), heard.get(timeout=1)} == {Role.TRIAGE, Role.DELIVER}


def test_nobody_else_begins_on_the_same_folder(tmp_path):
    refused = pytest.raises(TemporaryError, match="another gateway works on this data")
    with node.alone(tmp_path), refused, node.alone(tmp_path):
        raise AssertionError
    with node.alone(tmp_path):
        pass


def test_nodes_of_one_machine_have_different_names(tmp_path):
    refused = pytest.raises(TemporaryError, match='another node "one" runs here; give this one another --node')
    with node.alone(tmp_path, "one"), node.alone(tmp_path, "two"), refused, node.alone(tmp_path, "one"):
        raise AssertionError


def place(folder: Path, name: str = "") -> str:
    """Where a daemon that begins on this folder, and ends, has been."""
    with node.alone(folder, name) as place:
        return place


@pytest.mark.parametrize("left", ["", "0123456789abcdef\n", "\x00" * 33, "x" * 5000])
def test_who_takes_the_lock_next_is_at_the_same_place_even_after_a_write_that_broke_off(tmp_path, left):
    (tmp_path / "gateway.lock").write_text(left)
    first = place(tmp_path)
    assert place(tmp_path) == first
    assert (tmp_path / "gateway.lock").read_text() == f"{first.rpartition(':')[2]}\n"


def test_nodes_and_folders_are_places_of_their_own(tmp_path):
    """Folders stand for the volumes of two containers: neither the path nor the name of the machine is to tell."""
    places = {place(tmp_path / volume, name) for volume in ("a", "b") for name in ("", "one", "two")}
    assert len(places) == 6
    (tmp_path / "a").rename(tmp_path / "moved")
    assert place(tmp_path / "moved") in places
    assert place(tmp_path / "a") not in places, "another volume at the same path"


def test_where_nothing_can_be_written_the_place_is_nobody_elses(tmp_path):
    lock = tmp_path / "gateway.lock"
    lock.touch()
    opened = os.open(lock, os.O_RDONLY)
    try:
        assert node._mark(opened) != node._mark(opened)
    finally:
        os.close(opened)


def test_each_run_is_somebody_else_at_the_same_place():
    settings = NodeSettings("a", (Role.SMTP,))
    first, second = identity(settings, "here"), identity(settings, "here")
    assert first.id != second.id
    assert (first.name, first.place, first.roles) == ("a", second.place, (Role.SMTP,))
    assert identity(NodeSettings(), "here").name
