import email
import logging
import socket
import sqlite3
import subprocess
import threading
import time
from contextlib import closing, contextmanager

import pytest

from gateway.inbound.imap import Mailbox
from gateway.inbound.imap.mailbox import pause
from gateway.store.sightings import Compared
from tests.inbound.imap.account import only_dovecot, only_pymap
from tests.inbound.imap.meddler import CUT, without


def mail(number: int | str) -> bytes:
    return f"From: anna@example.net\r\nSubject: {number}\r\n\r\nx\r\n".encode()


@pytest.fixture
def subjects(stored):
    return lambda: [email.message_from_bytes(raw)["Subject"] for _, _, raw in stored()]


@pytest.fixture
def running(database, acceptor):
    """Context: a mailbox with these settings is read."""

    @contextmanager
    def run(settings, **more):
        with Mailbox(settings, database, acceptor, jitter=lambda: 1.0, **more) as mailbox:
            yield mailbox

    return run


@pytest.fixture
def told(caplog):
    """What mailboxes have logged at or above the level, oldest first."""
    caplog.set_level(logging.INFO, "gateway.inbound.imap")

    def look(level=logging.WARNING):
        found = [each for each in caplog.records if each.name.endswith("mailbox") and each.levelno >= level]
        return [each.message for each in found]

    return look


FAILING = "a mailbox cannot be read; its mail waits on the server"
AGAIN = "a mailbox is read again"


class TestComparing:
    def test_it_is_told_at_the_start_and_when_it_is_time_again(self, account, running, subjects, until):
        account.append(mail(1))
        with running(account.settings()):
            until(lambda: subjects() == ["1"])
        heard: list[Compared] = []
        clock = [0.0]
        with running(account.settings(compare_seconds=3600, idle=False), compared=heard.append, clock=lambda: clock[0]):
            until(lambda: len(heard) == 1)
            account.append(mail(2))
            until(lambda: subjects() == ["1", "2"])
            assert len(heard) == 1
            clock[0] = 3601
            until(lambda: len(heard) == 2)
        assert [(each.folder, each.listed, each.lost) for each in heard] == [("INBOX", 1, 0), ("INBOX", 2, 0)]

    def test_a_line_that_breaks_meanwhile_keeps_no_mail_waiting(self, account, running, subjects, until, meddler, file):
        account.append(mail(1))
        with running(account.settings()):
            until(lambda: subjects() == ["1"])
        with closing(sqlite3.connect(file)) as db:
            for table in ("spool", "originals"):
                db.execute(f"DELETE FROM {table}")
            db.commit()
        with account.client() as client:
            (poison,) = client.search()
        meddler.rules = [(rf"UID FETCH {poison} .*BODY.PEEK\[\]", CUT)]
        heard: list[Compared] = []
        clock = [0.0]
        settings = account.settings(port=meddler.port, compare_seconds=3600, idle=False)
        with running(settings, compared=heard.append, clock=lambda: clock[0]):
            account.append(mail(2))
            until(lambda: subjects() == ["2"])
            assert heard == []
            meddler.rules = []
            clock[0] = 61
            until(lambda: len(heard) == 1)
        assert sorted(subjects()) == ["1", "2"]


class TestTurns:
    def test_a_mailbox_is_read_only_while_it_is_ours(self, account, running, subjects, until):
        turn, refusals = threading.Event(), list[bool]()

        def is_mine() -> bool:
            if not turn.is_set():
                refusals.append(True)
            return turn.is_set()

        account.append(mail(1))
        with running(account.settings(poll_seconds=1), is_mine=is_mine):
            until(lambda: refusals)
            assert subjects() == []
            turn.set()
            until(lambda: subjects() == ["1"])
            turn.clear()
            refusals.clear()
            account.append(mail(2))
            until(lambda: len(refusals) > 1)  # it has left the mailbox and looks whether its turn has come
            assert subjects() == ["1"]
            turn.set()
            until(lambda: subjects() == ["1", "2"])


class TestLooking:
    def test_idle_brings_new_mail_at_once(self, account, running, subjects, until):
        account.append(mail(1))
        with running(account.settings(poll_seconds=3600)):
            until(lambda: subjects() == ["1"])
            account.append(mail(2))
            until(lambda: subjects() == ["1", "2"])
            account.append(mail(3))
            until(lambda: subjects() == ["1", "2", "3"])

    @pytest.mark.parametrize("how", ["no IDLE there", "no IDLE wanted"])
    def test_polling_brings_new_mail_too(self, account, meddler, running, subjects, until, how):
        if how == "no IDLE there":
            meddler.rewrite = without("IDLE")
        with running(account.settings(port=meddler.port, idle=how == "no IDLE there")):
            account.append(mail(1))
            until(lambda: subjects() == ["1"])
            account.append(mail(2))
            until(lambda: subjects() == ["1", "2"])
        assert not any(line.endswith("IDLE") for line in meddler.lines)

    def test_mail_during_a_long_visit_is_not_forgotten(self, account, running, subjects, until):
        with running(account.settings(poll_seconds=3600)):
            for number in range(20):
                account.append(mail(number))
            until(lambda: sorted(map(int, subjects())) == list(range(20)))


class TestFailing:
    def test_a_dead_mailbox_does_not_disturb_a_live_one(self, account, running, subjects, until, told):
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            dead = account.settings(name="dead", port=nobody.getsockname()[1])
            locked_out = account.settings(name="locked out", password="x")
            with running(dead) as first, running(locked_out) as second, running(account.settings()) as live:
                account.append(mail(1))
                until(lambda: subjects() == ["1"])
                until(lambda: first.is_failing and second.is_failing)
                assert not live.is_failing
                time.sleep(1.2)
        assert told() == [FAILING, FAILING]

    def test_an_outage_is_told_once_and_its_end(self, account, meddler, running, subjects, until, told):
        account.append(mail(1))
        with running(account.settings(port=meddler.port)) as mailbox:
            until(lambda: subjects() == ["1"])
            meddler.down()
            until(lambda: mailbox.is_failing)
            account.append(mail(2))
            time.sleep(1)
            meddler.up()
            until(lambda: subjects() == ["1", "2"])
            until(lambda: not mailbox.is_failing)
        assert told() == [FAILING, AGAIN]

    @only_dovecot
    def test_a_kick_is_no_alarm(self, account, dovecot, running, subjects, until, told):
        account.append(mail(1))
        with running(account.settings(poll_seconds=3600)):
            until(lambda: subjects() == ["1"])
            until(lambda: "imap" in who(dovecot, account.user))
            dovecot.kick(account.user)
            account.append(mail(2))
            until(lambda: subjects() == ["1", "2"])
        assert told() == []
        assert told(logging.INFO) == ["reading a mailbox broke off; it is tried again"]

    @only_pymap
    def test_a_locked_database_is_told_once_and_mail_comes_when_it_is_free(
        self, account, running, locked, subjects, until, told
    ):
        account.append(mail(1))
        with locked() as free, running(account.settings()) as mailbox:
            until(lambda: mailbox.is_failing)
            assert subjects() == []
            assert account.mails() == [mail(1)]
            free()
            until(lambda: subjects() == ["1"])
            until(lambda: not mailbox.is_failing)
        assert told() == [FAILING, AGAIN]

    @only_pymap
    def test_a_server_that_cuts_every_line_is_not_stormed(self, account, meddler, running):
        meddler.rules = [("SELECT", CUT)]
        with running(account.settings(port=meddler.port)):
            time.sleep(2.2)
        assert sum("SELECT" in line for line in meddler.lines) <= 4


class TestStopping:
    @pytest.mark.parametrize("idle", [True, False])
    def test_it_ends_while_waiting(self, account, running, subjects, until, idle):
        account.append(mail(1))
        with running(account.settings(poll_seconds=3600, idle=idle)):
            until(lambda: subjects() == ["1"])
            started = time.monotonic()
        assert time.monotonic() - started < 3

    def test_it_ends_in_a_pause(self, account, meddler, running, until):
        meddler.down()
        with running(account.settings(port=meddler.port)) as mailbox:
            until(lambda: mailbox.is_failing)
            time.sleep(1.6)
            started = time.monotonic()
        assert time.monotonic() - started < 0.5
        meddler.up()

    @only_pymap
    def test_it_ends_while_a_server_keeps_it_busy(self, account, meddler, database, acceptor, until):
        silent = threading.Event()
        meddler.rules = [("SELECT", lambda: (silent.wait(20) and "cut") or "cut")]
        mailbox = Mailbox(account.settings(port=meddler.port), database, acceptor)
        mailbox.start()
        until(lambda: any("SELECT" in line for line in meddler.lines))
        started = time.monotonic()
        mailbox.stop(grace=0.2)
        assert time.monotonic() - started < 3
        assert not mailbox._thread.is_alive()
        silent.set()


@pytest.mark.parametrize(
    ("failures", "jitter", "seconds"),
    [
        (1, 0.0, 1.0),
        (1, 1.0, 0.5),
        (2, 0.0, 2.0),
        (5, 0.5, 12.0),
        (9, 0.0, 256.0),
        (10, 0.0, 300.0),
        (9999, 1.0, 150.0),
    ],
)
def test_pauses_double_up_to_five_minutes(failures, jitter, seconds):
    assert pause(failures, jitter) == seconds


def who(dovecot, user: str) -> str:
    command = ["doveadm", "-c", dovecot.config, "who", user]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
