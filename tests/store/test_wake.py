"""The bell over a real PostgreSQL: others hear it, whoever rings does not, and a cut line is mended."""

import queue

import pytest

from gateway.store import wake
from gateway.store.wake import Bell

pytestmark = pytest.mark.postgres


class Room:
    """A bell and what is heard by it."""

    def __init__(self, url):
        self.heard: queue.Queue[str] = queue.Queue()
        self.bell = Bell(url, self.heard.put, lambda: self.heard.put("everything"))

    def hears(self, seconds=20):
        return self.heard.get(timeout=seconds)

    def is_silent(self):
        return self.heard.empty()


@pytest.fixture
def rooms(kept):
    one, other = Room(kept.url), Room(kept.url)
    with one.bell, other.bell:
        assert one.hears() == other.hears() == "everything"  # what was called before they listened
        yield one, other


def test_what_one_rings_the_others_hear_and_he_does_not(rooms):
    one, other = rooms
    one.bell.ring("triage")
    assert other.hears() == "triage"
    other.bell.ring("deliver")
    assert one.hears() == "deliver"
    assert one.is_silent()
    assert other.is_silent()


def test_what_a_command_writes_is_heard_once_it_is_committed(rooms, kept):
    one, other = rooms
    with kept.write() as db:
        wake.call(db, "triage")
        one.bell.ring("first")
        assert other.hears() == "first"
    assert other.hears() == one.hears() == "triage"


def test_many_calls_at_once_are_few(rooms):
    one, other = rooms
    for _ in range(10_000):
        one.bell.ring("triage")
    one.bell.ring("z")
    heard = []
    while (word := other.hears()) != "z":
        heard.append(word)
    assert set(heard) == {"triage"}
    assert len(heard) < 5000


def test_after_the_line_was_cut_everything_is_looked_for_and_calls_are_heard_again(rooms, kept):
    one, other = rooms
    with kept.read() as db:
        db.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN%%'"
        )
    assert one.hears() == other.hears() == "everything"
    one.bell.ring("triage")
    assert other.hears() == "triage"


def test_a_server_that_is_not_there_disturbs_nobody():
    room = Room("postgresql+psycopg://test@127.0.0.1:1/none")
    with room.bell:
        room.bell.ring("triage")
    assert room.is_silent()
