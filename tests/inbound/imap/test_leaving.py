"""The first visit of a mailbox in which there is mail already, and what becomes of that which it left there."""

import email
import itertools
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway import store
from gateway.errors import TemporaryError
from gateway.inbound.settings import After, FirstVisit
from gateway.store.mailboxes import Cursor
from tests.inbound.imap.account import only_dovecot
from tests.inbound.imap.box import Box
from tests.inbound.imap.meddler import CUT, REFUSE


def mail(number: int | str, *, is_named: bool = True) -> bytes:
    message_id = f"Message-ID: <{number}@example.net>\r\n" if is_named else ""
    return f"From: anna@example.net\r\n{message_id}Subject: {number}\r\n\r\nx\r\n".encode()


SEEN = ("\\Seen",)
OLD: dict[str, Any] = {"flags": SEEN, "at": datetime(2025, 5, 4, tzinfo=UTC)}


@pytest.fixture
def make(account, meddler, database, acceptor):
    return lambda **more: Box(account.settings(port=meddler.port, **more), database, acceptor)


@pytest.fixture
def subjects(stored):
    return lambda: sorted(email.message_from_bytes(raw)["Subject"] for _, _, raw in stored())


def cursor(box) -> Cursor | None:
    with box.intake.database.read() as db:
        return store.mailboxes.cursor(db, box.settings.name, box.settings.folder)


class TestWhatIsTaken:
    @pytest.mark.parametrize(
        ("first_visit", "taken"),
        [(FirstVisit.ALL, ["old", "unread", "older"]), (FirstVisit.WAITING, ["unread"]), (FirstVisit.NEW, [])],
    )
    def test_of_what_lies_there_as_it_says_and_all_that_comes_later(self, account, make, subjects, first_visit, taken):
        account.append(mail("old"), **OLD)
        account.append(mail("unread"))
        account.append(mail("older"), **OLD)
        box = make(first_visit=first_visit)
        box.read()
        assert subjects() == sorted(taken)
        account.append(mail("later"), **OLD)
        box.read()
        box.read()
        assert subjects() == sorted([*taken, "later"]), "who reads it meanwhile plays no part"

    @pytest.mark.parametrize(
        ("flags", "days", "is_taken"),
        [
            ((), 1000, True),
            (("\\Answered",), 1000, True),
            (SEEN, 0, True),
            (SEEN, 1, True),
            (SEEN, 3, False),
            ((*SEEN, "\\Answered"), 0, False),
            ((*SEEN, "\\Flagged"), 1000, False),
        ],
    )
    def test_waiting_is_what_nobody_has_read_or_answered_lately(self, account, make, subjects, flags, days, is_taken):
        """Whoever opens a mail on his phone the day before the gateway begins has not dealt with it."""
        came = datetime.fromtimestamp(time.time(), UTC) - timedelta(days=days)
        account.append(mail(1), flags=flags, at=came)
        make().read()
        assert subjects() == (["1"] if is_taken else [])

    def test_a_folder_that_was_empty_is_visited_too(self, account, make, subjects):
        box = make()
        box.read()
        account.append(mail(1), **OLD)
        box.read()
        assert subjects() == ["1"]

    def test_what_is_left_stays_as_it_is(self, account, make, subjects):
        account.append(mail("old"), **OLD)
        account.append(mail("unread"))
        box = make(after=After.DELETE)
        box.read()
        account.append(mail("later"))
        box.read()
        assert account.mails() == [mail("old")]
        assert account.flags() == [{"\\Seen"}]
        assert subjects() == ["later", "unread"]

    def test_who_reads_or_unreads_mail_after_the_decision_changes_nothing(self, account, make, subjects):
        account.append(mail("old"), **OLD)
        account.append(mail("unread"))
        box = make()
        box.read()
        with account.client() as client:
            client.remove_flags(client.search(), ["\\Seen"])
        box.read()
        assert subjects() == ["unread"]

    def test_what_was_moved_away_and_back_is_taken_in(self, account, make, subjects):
        """So a person has left mail taken in after all."""
        account.make("Aside")
        account.append(mail("old"), **OLD)
        box = make()
        box.read()
        for source, target in (("INBOX", "Aside"), ("Aside", "INBOX")):
            with account.client(source) as client:
                client.move(client.search(), target)
        box.read()
        assert subjects() == ["old"]
        assert box.compare()["INBOX"].lost == 0

    def test_a_large_folder_is_left_in_one_go(self, account, make, meddler, subjects):
        account.append(*[mail(number) for number in range(30)], **OLD)
        box = make(first_visit=FirstVisit.NEW)
        box.read()
        assert not any("BODY.PEEK[]" in line for line in meddler.lines)
        assert sum("FETCH" in line for line in meddler.lines) == 1


class TestInterruptions:
    @pytest.mark.parametrize("command", ["SEARCH", r"FETCH .*HEADER.FIELDS"])
    def test_a_line_that_breaks_before_the_decision_is_no_decision(self, account, make, meddler, subjects, command):
        account.append(mail("old"), **OLD)
        account.append(mail("unread"), at=OLD["at"])
        box = make()
        meddler.rules = [(command, CUT)]
        with pytest.raises(TemporaryError):
            box.read()
        assert cursor(box) is None
        meddler.rules = []
        with account.client() as client:  # somebody is quicker; so it is old now
            client.add_flags(client.search(), ["\\Seen"])
            client.remove_flags(client.search()[:1], ["\\Seen"])
        box.read()
        assert subjects() == ["old"]

    def test_one_that_breaks_while_mail_is_fetched_does_not_change_it(self, account, make, meddler, subjects):
        account.append(mail("old"), **OLD)
        account.append(mail("unread"), at=OLD["at"])
        box = make()
        meddler.rules = [(r"BODY.PEEK\[\]", CUT)]
        with pytest.raises(TemporaryError):
            box.read()
        meddler.rules = []
        with account.client() as client:
            client.add_flags(client.search(), ["\\Seen"])
        box.read()
        assert subjects() == ["unread"]

    @pytest.mark.parametrize("place", [0, 1])
    def test_an_answer_of_the_server_that_is_missing_leaves_no_mail(self, account, make, meddler, subjects, place):
        """The list of what is there is the first one, that of what is dealt with the second."""
        account.append(mail(1), mail(2), **OLD)
        box = make()
        answers = itertools.count()
        meddler.rewrite = lambda line: b"" if b"* SEARCH" in line and next(answers) == place else line
        if place == 0:
            with pytest.raises(TemporaryError, match="lists none of its 2 mails"):
                box.read()
            assert cursor(box) is None
        else:
            box.read()
            assert subjects() == ["1", "2"]

    def test_a_crash_before_the_cursor_is_no_decision_either(self, account, make, subjects):
        account.append(mail("old"), **OLD)
        account.append(mail("unread"))
        box = make()
        box.read()
        with box.intake.database.write() as db:
            db.exec_driver_sql("DELETE FROM mailboxes")
            db.exec_driver_sql("DELETE FROM spool")
        with account.client() as client:
            client.remove_flags(client.search(), ["\\Seen"])
        box.read()
        assert subjects() == ["old", "unread"]

    @pytest.mark.parametrize("fault", [REFUSE, CUT])
    def test_a_mail_that_the_server_cannot_look_into_hinders_nothing(self, account, make, meddler, subjects, fault):
        account.append(mail("old"), **OLD)
        account.append(mail("unread"))
        meddler.rules = [(r"HEADER.FIELDS", fault)]
        box = make()
        reading = box.reading()
        for _ in range(4):
            try:
                box.look_with(reading)
            except TemporaryError:
                assert fault == CUT
        assert subjects() == ["unread"]


class TestBesideTheLedger:
    def test_what_was_left_is_not_lost(self, account, make, subjects):
        account.append(mail(1), mail(2), **OLD)
        account.append(mail("unread"))
        box = make()
        box.read()
        for compared in (box.look(), box.compare()):
            each = compared["INBOX"]
            assert (each.listed, each.left, each.lost, each.found, each.gone) == (3, 2, 0, 0, 0)
        assert subjects() == ["unread"]

    def test_what_was_lost_still_is(self, account, make, subjects, file):
        account.append(mail(1), **OLD)
        account.append(mail("unread"))
        box = make()
        box.read()
        with box.intake.database.write() as db:
            db.exec_driver_sql("DELETE FROM spool")
        each = box.compare()["INBOX"]
        assert (each.left, each.lost) == (1, 1)
        assert subjects() == ["unread"]

    def test_it_is_known_when_somebody_drags_it_into_the_folder_of_processed_mail(self, account, make, subjects):
        account.append(mail("old"), **OLD)
        box = make(after=After.MOVE)
        box.read()
        box.compare()
        with account.client() as client:
            client.move(client.search(), "Processed")
        each = box.compare()["Processed"]
        assert (each.listed, each.left, each.lost) == (1, 1, 0)
        assert subjects() == []


class TestRenumberedFolder:
    FOLDER = "Support"

    @pytest.fixture
    def box(self, account, make):
        account.make(self.FOLDER)
        account.append(mail("old"), folder=self.FOLDER, **OLD)
        account.append(mail("unread"), folder=self.FOLDER)
        box = make(folder=self.FOLDER)
        box.read()
        return box

    def test_what_was_left_is_known_again_and_not_even_fetched(self, account, box, subjects, meddler):
        account.remake(self.FOLDER)
        account.append(mail("new"), mail("unread"), mail("old"), folder=self.FOLDER)
        meddler.lines.clear()
        box.read()
        assert subjects() == ["new", "unread"]
        (fetched,) = [line.split()[3] for line in meddler.lines if "BODY.PEEK[]" in line]
        assert len(fetched.split(",")) == 2
        assert box.told == [], "the server has said so itself"
        compared = box.compare()[self.FOLDER]
        assert (compared.listed, compared.left, compared.lost) == (3, 1, 0)

    @only_dovecot
    def test_what_has_no_message_id_cannot_be_known_again_and_comes(self, account, make, subjects):
        account.make(self.FOLDER)
        account.append(mail("nameless", is_named=False), folder=self.FOLDER, **OLD)
        box = make(folder=self.FOLDER)
        box.read()
        assert subjects() == []
        account.remake(self.FOLDER)
        account.append(mail("nameless", is_named=False), folder=self.FOLDER)
        box.read()
        assert subjects() == ["nameless"]
