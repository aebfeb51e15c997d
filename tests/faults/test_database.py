"""A SQLite database that is full, read-only, slow or damaged: mail waits with its senders, and nothing is lost."""

import contextlib
import itertools
import smtplib
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.faults import extent
from tests.faults.premises import MortalGateway
from tests.journeys.gateway import eventually, smarthost
from tests.journeys.letters import letter, submit, wait_for_mails

SMALL = "6m"
LARGE = "400m"
BULK = "An order with all its lines.\n" * 8_000


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    """A small file system of its own, where the first gateway of the test keeps its data."""
    place = tmp_path / "gateway-1" / "data"
    place.mkdir(parents=True)
    mount("-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(place))
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


@pytest.fixture
def gateway(make_gateway, sink):
    return make_gateway(smarthost=smarthost(sink.port))


_numbers = itertools.count(1)


def write(gateway, text: str = "Where is it?") -> tuple[str, str]:
    """A new customer, and what was said to his mail."""
    customer = f"customer{next(_numbers)}@customer.test"
    return customer, submit(gateway.port, letter(text, sender=customer))


def all_have_tickets(gateway, customers) -> bool:
    return {ticket.customer.address for ticket in gateway.tickets} == set(customers)


@pytest.mark.mount
@pytest.mark.long_run
def test_a_full_disk_keeps_mail_with_its_senders_until_there_is_room(gateway, disk, sink):
    gateway.start()
    said = dict(write(gateway, BULK) for _ in range(30))
    taken = [customer for customer, word in said.items() if word.startswith("250")]
    refused = {word for word in said.values() if not word.startswith("250")}
    assert refused == {"451 4.3.0 try again later"}
    assert "database or disk is full" in gateway.log()
    assert gateway.running.poll() is None

    mount("-o", f"remount,size={LARGE}", str(disk))

    (later,) = eventually(lambda: taken_at_last(gateway), "mail is taken again")
    gateway.settled(len(taken) + 1, 60)
    assert all_have_tickets(gateway, [*taken, later])
    assert all(len(wait_for_mails(sink, customer, 1)) == 1 for customer in (*taken, later))
    assert "mail can be stored again" in gateway.log()


def taken_at_last(gateway) -> list[str]:
    """The customer whose mail is taken, if it is."""
    customer, word = write(gateway)
    return [customer] if word.startswith("250") else []


@pytest.mark.mount
@pytest.mark.long_run
def test_a_read_only_disk_is_told_at_the_start_with_what_to_do(gateway, disk):
    gateway.start()
    write(gateway)
    gateway.settled(1)
    gateway.stop()
    gateway.look_away()
    mount("-o", "remount,ro", str(disk))

    ended = gateway.run("run")

    assert ended.returncode == 75
    assert b"nothing can be written there (Read-only file system); look at data_dir" in ended.stderr
    mount("-o", "remount,rw", str(disk))
    gateway.start()
    assert gateway.verdicts == ["opened"]


PLACES = extent.of(("tickets",), ("header", "tickets", "spool_waiting"))


def prepared(gateway: MortalGateway) -> Path:
    """The database file of a gateway that has worked and was stopped."""
    gateway.start()
    for _ in range(3):
        write(gateway)
    gateway.settled(3)
    assert gateway.stop() == 0
    gateway.look_away()
    file = gateway.folder / "data" / "gateway.db"
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


def pages(file: Path) -> dict[str, int]:
    """Where each table's and index's first page begins, and the file's own header."""
    with closing(sqlite3.connect(file)) as database:
        (size,) = database.execute("PRAGMA page_size").fetchone()
        found = database.execute("SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 0").fetchall()
    return {"header": 0, **{name: (page - 1) * size for name, page in found}}


@contextmanager
def torn(file: Path, offset: int) -> Iterator[None]:
    """The page there is rubbish until the block ends."""
    whole = file.read_bytes()
    file.write_bytes(whole[:offset] + b"\xff" * 100 + whole[offset + 100 :])
    yield
    for rest in file.parent.glob("gateway.db*"):
        rest.unlink()
    file.write_bytes(whole)


def test_a_damaged_page_ends_it_with_what_to_do_and_never_in_silence(gateway, tell):
    file = prepared(gateway)
    rows = []
    for name, offset in pages(file).items():
        if extent.IS_LONG or name in PLACES:
            with torn(file, offset):
                rows.append((name, met(gateway)))
            gateway.look_away()
    tell("a page of the database is torn", ("page of", "what the daemon does"), rows)
    found = dict(rows)
    assert all(found[place].startswith("ends with 65") for place in PLACES), found
    assert set(found.values()) <= {ENDED_AT_START, ENDED_AT_WORK, UNTOUCHED}

    gateway.start()
    write(gateway)
    gateway.settled(4)
    assert all(verdict == "opened" for verdict in gateway.verdicts)


def test_a_database_that_is_moved_away_confirms_no_more_and_put_back_has_all_that_was(gateway, sink):
    gateway.start()
    taken, word = write(gateway)
    assert word.startswith("250")
    file = gateway.folder / "data" / "gateway.db"
    file.rename(file.with_name("old.db"))

    asked = gateway.run("ticket", "list")
    with contextlib.suppress(OSError, smtplib.SMTPException):
        assert write(gateway)[1] == "451 4.3.0 try again later"

    assert (asked.returncode, b"there is no database" in asked.stderr) == (66, True)
    assert gateway.ended_by_itself() == 65
    assert f"is now {file.with_name('old.db')}: put it back" in gateway.log()
    assert gateway.run("run").returncode == 65
    assert not file.exists()

    file.with_name("old.db").rename(file)
    gateway.start()
    later, _ = write(gateway)
    gateway.settled(2)
    assert all_have_tickets(gateway, [taken, later])
    assert all(len(wait_for_mails(sink, customer, 1)) == 1 for customer in (taken, later))


ENDED_AT_START = "ends with 65 before it is ready"
ENDED_AT_WORK = "ends with 65 when it comes there"
UNTOUCHED = "does not come there"


def met(gateway) -> str:
    """What a daemon does that finds the page torn."""
    is_ready = starts(gateway)
    if is_ready:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            write(gateway)
        is_ended = eventually_or_not(lambda: gateway.is_gone)
        if not is_ended:
            assert gateway.stop() == 0
            return UNTOUCHED
    log = gateway.log_of_this_life()
    assert gateway.ended_by_itself() == 65, log
    assert "is damaged" in log
    assert "put back the last backup" in log
    return ENDED_AT_WORK if is_ready else ENDED_AT_START


def starts(gateway) -> bool:
    gateway.spawn()
    try:
        gateway.wait_for_word("READY=1")
    except AssertionError:
        return False
    return True


def eventually_or_not(condition: Callable[[], bool], seconds: float = 3) -> bool:
    give_up = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < give_up:
        time.sleep(0.02)
    return found
