import email
import logging
import sqlite3
from contextlib import closing, contextmanager

import pytest

from gateway import store
from gateway.errors import TemporaryError
from gateway.inbound.imap.connection import Connection
from gateway.inbound.imap.intake import Intake
from gateway.inbound.imap.reading import Reading
from gateway.inbound.settings import After
from gateway.mail.envelope import Envelope
from gateway.store.mailboxes import Cursor
from tests.inbound.imap.account import only_dovecot, only_pymap
from tests.inbound.imap.meddler import CUT, REFUSE, without


def mail(number: int | str, size: int = 0) -> bytes:
    return f"From: anna@example.net\r\nSubject: {number}\r\n\r\n{'x' * size}\r\n".encode()


@pytest.fixture
def reading(account, meddler, database, acceptor):
    """Makes a reading as a daemon would after its start: it knows what is in the database, and no more."""

    def make(**more) -> "Look":
        return Look(account.settings(port=meddler.port, **more), database, acceptor)

    return make


class Look:
    def __init__(self, settings, database, acceptor) -> None:
        self.settings, self.database = settings, database
        self.reading = Reading(Intake(settings, database, acceptor), lambda: False)

    @contextmanager
    def connected(self):
        with Connection(self.settings) as connection:
            connection.log_in()
            self.reading.renew()
            yield connection

    def __call__(self) -> None:
        """A connection and one visit."""
        with self.connected() as connection:
            self.reading.visit(connection)

    def cursor(self) -> Cursor | None:
        with self.database.read() as db:
            return store.mailboxes.cursor(db, self.settings.name, self.settings.folder)


@pytest.fixture
def subjects(stored):
    """The subjects in the spool, oldest first."""
    return lambda: [email.message_from_bytes(raw)["Subject"] for _, _, raw in stored()]


class TestTaking:
    def test_each_mail_comes_once_with_octets_and_envelope(self, account, reading, stored):
        first = b"Return-Path: <>\r\nDelivered-To: help+x@example.test\r\n\r\n\x80\xff \xc3\xa4\r\n.\r\n"
        account.append(first, mail(2))
        look = reading()
        look()
        look()
        account.append(mail(3))
        look()
        own = "help@example.test"
        assert stored() == [
            (f"imap:{account.user}", Envelope("", (own, "help+x@example.test")), first),
            (f"imap:{account.user}", Envelope(None, (own,)), mail(2)),
            (f"imap:{account.user}", Envelope(None, (own,)), mail(3)),
        ]

    def test_seen_answered_or_deleted_by_somebody_else_plays_no_part(self, account, reading, subjects):
        look = reading()
        look()
        account.append(mail(1), flags=("\\Seen", "\\Answered"))
        account.append(mail(2), flags=("\\Deleted",))
        look()
        assert subjects() == ["1", "2"]

    def test_nobody_sees_that_we_read_it(self, account, reading):
        account.append(mail(1))
        reading(flag="\\Flagged")()
        assert account.flags() == [{"\\Flagged"}]

    def test_after_a_restart_nothing_comes_again(self, account, reading, subjects):
        account.append(mail(1), mail(2))
        reading()()
        reading()()
        assert subjects() == ["1", "2"]

    @only_dovecot
    def test_hundreds_come_in_groups(self, account, reading, subjects):
        account.append(*[mail(number) for number in range(130)])
        reading()()
        assert sorted(map(int, subjects())) == list(range(130))

    def test_large_mails_come_one_by_one(self, account, reading, subjects, meddler):
        account.append(*[mail(number, 3_000_000) for number in range(4)])
        reading()()
        assert sorted(subjects()) == ["0", "1", "2", "3"]
        assert sum("BODY.PEEK[]" in line for line in meddler.lines) == 2

    def test_the_same_octets_twice_in_a_folder_are_two_mails(self, account, reading, subjects):
        account.append(mail(1), mail(1))
        reading()()
        assert subjects() == ["1", "1"]

    def test_a_folder_of_another_name(self, account, reading, subjects):
        account.make("Support")
        account.append(mail(1), folder="Support")
        account.append(mail(2))
        reading(folder="Support")()
        assert subjects() == ["1"]


class TestAfterwards:
    @only_dovecot
    def test_flag(self, account, reading):
        account.append(mail(1))
        reading()()
        assert account.flags() == [{"$Ticketed"}]

    @only_pymap
    def test_a_flag_that_the_server_does_not_keep_is_told_once(self, account, reading, caplog, subjects):
        account.append(mail(1))
        look = reading()
        look()
        account.append(mail(2))
        look()
        assert subjects() == ["1", "2"]
        told = [record for record in caplog.records if record.message.startswith("the server keeps no such flag")]
        assert len(told) == 1

    def test_move_makes_the_folder(self, account, reading, stored):
        account.append(mail(1), mail(2))
        look = reading(after=After.MOVE, processed_folder="Done")
        look()
        account.append(mail(3))
        look()
        assert account.mails() == []
        assert account.mails("Done") == [mail(1), mail(2), mail(3)]
        assert len(stored()) == 3

    def test_delete(self, account, reading, stored):
        account.append(mail(1), mail(2))
        reading(after=After.DELETE)()
        assert account.mails() == []
        assert len(stored()) == 2

    def test_without_uidplus_nothing_is_copied_or_taken_twice(self, account, reading, meddler, subjects):
        meddler.rewrite = without("MOVE", "UIDPLUS")
        account.append(mail(1))
        for _ in range(3):
            reading(after=After.MOVE)()
        assert subjects() == ["1"]
        assert account.mails("Processed") == [mail(1)]
        assert account.flags() == [{"\\Deleted"}]

    @pytest.mark.parametrize(
        ("after", "command"), [(After.FLAG, "STORE"), (After.MOVE, "MOVE"), (After.DELETE, "EXPUNGE")]
    )
    @pytest.mark.parametrize("fault", [CUT, REFUSE])
    @only_dovecot
    def test_a_step_that_failed_is_taken_later_and_nothing_comes_again(
        self, account, reading, meddler, caplog, subjects, after, command, fault
    ):
        """A kill between the commit and the step looks the same from outside: stored, cursor set, server untouched."""
        caplog.set_level(logging.WARNING, "gateway.inbound.imap")
        account.append(mail(1), mail(2))
        meddler.rules = [(rf"UID {command}", fault)]
        look = reading(after=after)
        for _ in range(2):
            try:
                look()
            except TemporaryError:
                assert fault == CUT
        assert subjects() == ["1", "2"]
        assert len(account.mails()) == 2
        meddler.rules = []
        look()
        assert subjects() == ["1", "2"]
        assert account.flags() == ([{"$Ticketed"}] * 2 if after is After.FLAG else [])
        alarms = [record.message.split(" on the server")[0] for record in caplog.records]
        told = "stored mail cannot be flagged, moved or deleted", "stored mail is flagged, moved or deleted"
        assert alarms == ([*told] if fault == REFUSE else [])

    def test_a_refused_step_does_not_hinder_reading(self, account, reading, meddler, subjects):
        meddler.rules = [("UID MOVE", REFUSE)]
        look = reading(after=After.MOVE)
        for number in range(3):
            account.append(mail(number))
            look()
        assert subjects() == ["0", "1", "2"]

    def test_what_was_never_stored_is_never_moved(self, account, reading, database, acceptor):
        """Mail below the cursor without a row, such as one left for its size, stays where it is."""
        account.append(mail(1), mail(2, 5000))
        reading()()
        look = reading(after=After.MOVE, message_size=1000)
        look()
        account.append(mail(3, 5000), mail(4))
        look()
        look()
        assert account.mails() == [mail(3, 5000)]


class TestCrashes:
    def test_between_the_commit_and_the_cursor(self, account, reading, database, subjects):
        account.append(mail(1), mail(2))
        look = reading(after=After.MOVE)
        with closing(sqlite3.connect(database.url.removeprefix("sqlite:///"))) as other:
            look.reading._step.take = lambda *_: None
            look()
            other.execute("DELETE FROM mailboxes")
            other.commit()
        reading(after=After.MOVE)()
        assert subjects() == ["1", "2"]
        assert account.mails() == []

    @only_pymap
    def test_a_locked_database_leaves_the_mailbox_untouched(self, account, reading, locked, subjects):
        account.append(mail(1))
        look = reading(after=After.DELETE)
        with locked(), pytest.raises(TemporaryError, match="locked"):
            look()
        assert subjects() == []
        assert account.mails() == [mail(1)]
        look()
        assert subjects() == ["1"]
        assert account.mails() == []


class TestRenumbering:
    @pytest.fixture
    def folder(self, account):
        account.make("Support")
        return "Support"

    def test_nothing_comes_twice_and_what_is_new_comes(self, account, reading, folder, subjects, caplog):
        account.append(mail(1), mail(2), mail(3), folder=folder)
        look = reading(folder=folder)
        look()
        before = look.cursor()
        account.remake(folder)
        account.append(mail(3), mail(4), mail(1), folder=folder)
        look()
        after = look.cursor()
        assert subjects() == ["1", "2", "3", "4"]
        assert before is not None
        assert after is not None
        assert before.uidvalidity != after.uidvalidity
        look()
        assert sum("renumbered" in record.message for record in caplog.records) == 1

    def test_a_fault_halfway_does_not_make_the_rest_look_new(self, account, reading, folder, subjects, meddler):
        mails = [mail(number, 3_000_000) for number in range(4)]
        account.append(*mails, folder=folder)
        reading(folder=folder)()
        account.remake(folder)
        account.append(*mails, folder=folder)
        actions = ["pass", CUT]
        meddler.rules = [(r"BODY.PEEK\[\]", lambda: actions.pop(0) if actions else "pass")]
        with pytest.raises(TemporaryError):
            reading(folder=folder)()
        reading(folder=folder)()
        assert sorted(subjects()) == ["0", "1", "2", "3"]

    def test_an_emptied_folder_goes_on_with_new_mail(self, account, reading, folder, subjects):
        account.append(mail(1), folder=folder)
        look = reading(folder=folder)
        look()
        account.remake(folder)
        look()
        account.append(mail(1), folder=folder)
        look()
        assert subjects() == ["1", "1"]

    def test_a_mail_too_large_is_told_of_once(self, account, reading, folder, subjects):
        account.append(mail(1, 5000), folder=folder)
        look = reading(folder=folder, message_size=1000)
        look()
        account.remake(folder)
        account.append(mail(2), mail(1, 5000), folder=folder)
        look()
        assert subjects() == ["1", "2"]


class TestPoison:
    def test_too_large_a_mail_stays_and_its_header_is_stored_with_a_word(self, account, reading, stored, meddler):
        account.append(mail(1), mail(2, 5000), mail(3))
        reading(message_size=1000, after=After.DELETE)()
        assert account.mails() == [mail(2, 5000)]
        assert sorted(raw for _, _, raw in stored() if raw in {mail(1), mail(3)}) == [mail(1), mail(3)]
        [stand_in] = [email.message_from_bytes(raw) for _, _, raw in stored() if b"Subject: 2" in raw]
        assert stand_in["From"] == "anna@example.net"
        assert f"it has {len(mail(2, 5000))} octets, more than this mailbox takes" in stand_in.get_payload()
        reading(message_size=1000, after=After.DELETE)()
        assert len(stored()) == 3

    @only_dovecot
    def test_one_that_vanishes_meanwhile_is_passed_over(self, account, reading, meddler, subjects):
        account.append(mail(1), mail(2), mail(3))

        def vanish() -> str:
            meddler.rules = []
            with account.client() as other:
                uid = other.search()[1]
                other.delete_messages([uid])
                other.uid_expunge([uid])
            return "pass"

        meddler.rules = [(r"BODY.PEEK\[\]", vanish)]
        look = reading()
        look()
        look()
        assert subjects() == ["1", "3"]

    @pytest.mark.parametrize("fault", [REFUSE, CUT])
    def test_one_that_the_server_cannot_hand_out_keeps_no_other_waiting(
        self, account, reading, meddler, subjects, stored, caplog, fault
    ):
        account.append(mail(1), mail(2), mail(3))
        with account.client() as other:
            poison = other.search()[1]
        meddler.rules = [(rf"FETCH (\d+,)*{poison}(,\d+)* \(BODY.PEEK\[\]", fault)]
        look = reading(after=After.DELETE)
        for number in range(8):
            try:
                look()
            except TemporaryError:
                if number == 2:
                    assert sorted(subjects()) == ["1", "3"]
        assert sorted(subjects()) == ["1", "2", "3"]
        [left] = [raw for _, _, raw in stored() if b"Subject: 2" in raw]
        assert b"the server does not hand it out" in left
        assert account.mails() == [mail(2)]
        account.append(mail(4))
        look()
        assert "4" in subjects()

    def test_a_server_that_hands_out_nothing_at_all_makes_nothing_suspect(self, account, reading, meddler, subjects):
        account.append(mail(1), mail(2))
        meddler.rules = [(r"BODY.PEEK\[\]", REFUSE)]
        look = reading()
        for _ in range(7):
            with pytest.raises(TemporaryError):
                look()
        meddler.rules = []
        look()
        assert sorted(subjects()) == ["1", "2"]
        assert look.cursor() is not None

    def test_a_server_that_denies_having_the_mail_it_lists(self, account, reading, meddler, subjects):
        """BODY[] is NIL, or missing, though the mail is there."""
        account.append(mail(1), mail(2))
        meddler.rewrite = lambda line: line.replace(b"BODY[]", b"X-BODY[]") if b"FETCH" in line else line
        with pytest.raises(TemporaryError):
            reading()()
        meddler.rewrite = lambda line: line
        reading()()
        assert sorted(subjects()) == ["1", "2"]
