"""What lies on the server beside what lies in the ledger, with rows taken out of the ledger by hand."""

import email
import sqlite3
from contextlib import closing

import pytest

from gateway.errors import TemporaryError
from gateway.inbound.settings import After
from gateway.store.sightings import Compared
from tests.inbound.imap.account import only_dovecot
from tests.inbound.imap.box import Box
from tests.inbound.imap.meddler import CUT, REFUSE


def mail(number: int | str, size: int = 0) -> bytes:
    return f"From: anna@example.net\r\nSubject: {number}\r\n\r\n{'x' * size}\r\n".encode()


@pytest.fixture
def make(account, meddler, database, acceptor):
    return lambda **more: Box(account.settings(port=meddler.port, **more), database, acceptor)


@pytest.fixture
def subjects(stored):
    return lambda: [email.message_from_bytes(raw)["Subject"] for _, _, raw in stored()]


@pytest.fixture
def forget(file):
    """Takes the mail with this subject out of the database, as a mended file or a wrong hand does."""

    def forget(*subjects: str, table: str = "spool") -> None:
        with closing(sqlite3.connect(file)) as db:
            for subject in subjects:
                if table == "spool":
                    like = f"%Subject: {subject}\r\n%"
                    (key,) = db.execute(
                        "SELECT sha256 FROM originals WHERE CAST(raw AS TEXT) LIKE ?", [like]
                    ).fetchone()
                    mine = "(SELECT id FROM spool WHERE sha256 = ?)"
                    db.execute(f"DELETE FROM sightings WHERE spool_id IN {mine}", [key])
                    db.execute("DELETE FROM spool WHERE sha256 = ?", [key])
                    db.execute("DELETE FROM originals WHERE sha256 = ?", [key])
            if table != "spool":
                db.execute(f"DELETE FROM {table}")
            db.commit()

    return forget


def fetched(meddler) -> int:
    return sum("BODY.PEEK[]" in line for line in meddler.lines)


class TestWhatLiesWhereItWasRead:
    def test_nothing_is_lost_and_nothing_fetched(self, account, make, meddler):
        box = make()
        account.append(mail(1), mail(2))
        assert box.compare() == {}, "before the first visit there is nothing to compare"
        box.read()
        account.append(mail(3))
        before = fetched(meddler)
        assert box.compare() == {"INBOX": Compared(account.user, "INBOX", listed=2)}
        assert fetched(meddler) == before

    def test_what_was_lost_is_fetched_again_once(self, account, make, subjects, forget):
        box = make()
        account.append(mail(1), mail(2), mail(3))
        box.read()
        forget("2")
        assert subjects() == ["1", "3"]
        box.read()
        assert subjects() == ["1", "3"], "the reading never looks back"

        compared = box.compare()["INBOX"]

        assert (compared.listed, compared.lost, compared.found, len(compared.fetched)) == (3, 1, 0, 1)
        assert sorted(subjects()) == ["1", "2", "3"]
        again = box.compare()["INBOX"]
        assert (again.listed, again.lost) == (3, 0)
        assert sorted(subjects()) == ["1", "2", "3"]

    def test_who_only_looks_changes_nothing(self, account, make, subjects, forget):
        box = make(after=After.MOVE)
        account.append(mail(1), mail(2))
        box.compare()
        box.read()
        forget("2")
        compared = box.look()["Processed"]
        assert (compared.listed, compared.lost, compared.fetched) == (2, 1, ())
        assert subjects() == ["1"]
        assert box.look()["Processed"] == compared

    def test_who_only_looks_makes_no_folder(self, account, make):
        box = make(after=After.MOVE)
        account.append(mail(1))
        assert box.look() == {}
        with account.client("") as client:
            assert not client.folder_exists("Processed")

    def test_what_people_have_deleted_is_counted_and_nothing_else(self, account, make, subjects):
        box = make()
        account.append(mail(1), mail(2))
        box.read()
        with account.client() as client:
            client.delete_messages(client.search()[:1])
            client.expunge()
        assert box.compare() == {"INBOX": Compared(account.user, "INBOX", listed=1, gone=1)}
        assert subjects() == ["1", "2"]

    def test_what_the_server_does_not_hand_out_keeps_no_other_waiting(self, account, make, subjects, forget, meddler):
        box = make()
        account.append(mail(1), mail(2), mail(3))
        box.read()
        forget("1", "2", "3")
        with account.client() as client:
            first, poison, last = client.search()
        several = f"{first},{poison},{last}"
        meddler.rules = [(rf"UID FETCH ({several}|{first}:{last}|{poison}) .*BODY.PEEK\[\]", REFUSE)]
        compared = box.compare()["INBOX"]
        assert (compared.lost, compared.unread) == (2, 1)
        assert subjects() == ["1", "3"]
        meddler.rules = []
        assert box.compare()["INBOX"].lost == 1
        assert subjects() == ["1", "3", "2"]


class TestLargeMail:
    def test_its_header_is_what_the_ledger_has(self, account, make, subjects, forget):
        box = make(message_size=1000)
        account.append(mail(1, 2000), mail(2))
        box.read()
        assert box.compare()["INBOX"].lost == 0
        forget(table="sightings")
        assert box.compare()["INBOX"].found == 1
        forget("1")
        compared = box.compare()["INBOX"]
        assert (compared.lost, len(compared.fetched)) == (1, 1)
        assert sorted(subjects()) == ["1", "2"]
        assert box.compare()["INBOX"] == Compared(account.user, "INBOX", listed=2, gone=0)
        assert len(account.mails()) == 2, "it stays on the server"


class TestRenumberedFolder:
    FOLDER = "Support"

    @pytest.fixture
    def box(self, account, make):
        account.make(self.FOLDER)
        account.append(mail(1), mail(2), folder=self.FOLDER)
        box = make(folder=self.FOLDER)
        box.read()
        account.remake(self.FOLDER)
        account.append(mail(1), mail(2), folder=self.FOLDER)
        return box

    def test_until_it_was_read_it_is_not_compared(self, box):
        assert box.compare() == {}

    def test_its_mail_is_known_by_the_new_numbers_too(self, box, subjects, meddler):
        box.read()
        before = fetched(meddler)
        assert box.compare()[self.FOLDER] == Compared(box.settings.name, self.FOLDER, listed=2)
        assert fetched(meddler) == before
        assert subjects() == ["1", "2"]

    def test_where_that_was_not_kept_the_bytes_tell(self, box, subjects, forget, meddler):
        box.read()
        forget(table="sightings")
        assert box.compare()[self.FOLDER].found == 2
        before = fetched(meddler)
        assert box.compare()[self.FOLDER].found == 0
        assert fetched(meddler) == before, "once is enough"
        assert subjects() == ["1", "2"]


class TestProcessedMail:
    @pytest.fixture
    def box(self, account, make):
        """Two mails were processed, beside what somebody had put there before."""
        account.make("Processed")
        account.append(mail("somebody's own"), folder="Processed")
        box = make(after=After.MOVE)
        box.compare()
        account.append(mail(1), mail(2))
        box.read()
        return box

    def test_it_is_known_where_it_lies_now(self, box, account, subjects, meddler):
        before = fetched(meddler)
        assert box.compare() == {
            "INBOX": Compared(account.user, "INBOX", gone=2),
            "Processed": Compared(account.user, "Processed", listed=2),
        }
        assert fetched(meddler) == before
        assert subjects() == ["1", "2"]

    def test_where_the_server_does_not_say_where_the_bytes_tell(self, account, make, meddler, subjects):
        meddler.rewrite = lambda line: line.replace(b"COPYUID", b"X-OTHER")
        box = make(after=After.MOVE)
        box.compare()
        account.append(mail(1), mail(2))
        box.read()
        assert box.compare()["Processed"].found == 2
        assert box.compare()["Processed"].found == 0
        assert subjects() == ["1", "2"]

    def test_what_was_lost_is_fetched_from_there(self, box, account, subjects, forget):
        forget("1")
        compared = box.compare()["Processed"]
        assert (compared.listed, compared.lost, len(compared.fetched)) == (2, 1, 1)
        assert sorted(subjects()) == ["1", "2"]
        box.read()
        assert sorted(account.mails("Processed")) == [mail(1), mail(2), mail("somebody's own")]

    def test_a_mail_that_somebody_moved_back_comes_anew_and_nothing_is_lost(self, box, account, subjects):
        with account.client("Processed") as client:
            client.move(client.search(["SUBJECT", "1"]), "INBOX")
        box.read()
        assert subjects() == ["1", "2", "1"], "triage knows the twin"
        assert [each.lost for each in box.compare().values()] == [0, 0]

    def test_when_it_is_renumbered_it_is_looked_at_from_then_on(self, box, account, subjects):
        account.remake("Processed")
        account.append(mail("somebody's own"), folder="Processed")
        assert "Processed" not in box.compare()
        account.append(mail("late"), folder="Processed")
        assert box.compare()["Processed"].lost == 1
        assert subjects() == ["1", "2", "late"]


def test_a_broken_line_is_told_to_the_caller(account, make, meddler, forget):
    box = make()
    account.append(mail(1))
    box.read()
    forget("1")
    meddler.rules = [(r"BODY.PEEK\[\]", CUT)]
    with pytest.raises(TemporaryError):
        box.compare()


@only_dovecot
def test_hundreds_are_fetched_again_in_groups(account, make, subjects, file):
    box = make()
    account.append(*[mail(number) for number in range(120)])
    box.read()
    with closing(sqlite3.connect(file)) as db:
        for table in ("spool", "originals"):
            db.execute(f"DELETE FROM {table}")
        db.commit()
    assert box.compare()["INBOX"].lost == 120
    assert sorted(map(int, subjects())) == list(range(120))
