"""A server that was restored from a copy of its own, index and all: UIDs come a second time, for other mail."""

import email
import shutil
import subprocess
from contextlib import closing
from datetime import UTC, datetime

import pytest

from gateway import store
from gateway.errors import TemporaryError
from gateway.inbound.accept import Acceptor
from gateway.inbound.settings import After
from gateway.store.engine import open_database
from gateway.tickets.model import SpoolId
from tests.inbound.imap.account import only_dovecot
from tests.inbound.imap.box import Box
from tests.inbound.imap.meddler import CUT


def mail(number: int | str, size: int = 0) -> bytes:
    return f"Message-ID: <{number}@example.net>\r\nSubject: {number}\r\n\r\n{'x' * size}\r\n".encode()


@pytest.fixture
def make(account, meddler, database, acceptor):
    return lambda **more: Box(account.settings(port=meddler.port, **more), database, acceptor)


@pytest.fixture
def subjects(stored):
    return lambda: [email.message_from_bytes(raw)["Subject"] for _, _, raw in stored()]


class Backup:
    """Of one account's mail, with the numbers of everything."""

    def __init__(self, folder, place) -> None:
        self.folder, self.place = folder, place

    def take(self) -> None:
        shutil.rmtree(self.place, ignore_errors=True)
        subprocess.run(["cp", "-a", self.folder, self.place], check=True)

    def put_back(self) -> None:
        shutil.rmtree(self.folder)
        subprocess.run(["cp", "-a", self.place, self.folder], check=True)


@pytest.fixture
def backup(request, account, tmp_path):
    account.mails()
    return Backup(request.getfixturevalue("dovecot").maildir(account.user), tmp_path / "backup")


def uids(account) -> dict[str, int]:
    with account.client() as client:
        found = client.fetch(client.search(), ["BODY.PEEK[]"])
    return {email.message_from_bytes(facts[b"BODY[]"])["Subject"]: uid for uid, facts in found.items()}


def cursor(box):
    with box.intake.database.read() as db:
        return store.mailboxes.cursor(db, box.settings.name, box.settings.folder)


@only_dovecot
class TestRestoredServer:
    @pytest.mark.parametrize("after", [After.FLAG, After.DELETE])
    @pytest.mark.parametrize("later", [1, 2, 3, 5])
    def test_what_is_new_comes_once_and_nothing_is_deleted_unread(self, account, make, backup, subjects, after, later):
        """Three mails came since the backup. When we look again there are fewer, as many, or more other ones."""
        box = make(after=after)
        account.append(mail("a"), mail("b"))
        backup.take()
        box.read()
        account.append(mail("c"), mail("d"), mail("e"))
        numbers = uids(account)
        box.read()

        backup.put_back()
        new = [str(number) for number in range(later)]
        account.append(*map(mail, new))
        assert uids(account)["0"] == numbers["c"], "the server gives the same UID to another mail"
        box.read()

        assert subjects() == ["a", "b", "c", "d", "e", *new]
        (told,) = box.told
        assert (told.is_rewound, told.listed, len(told.fetched)) == (True, 2 + later, later)
        assert account.mails() == ([] if after is After.DELETE else [mail("a"), mail("b"), *map(mail, new)])

        account.append(mail("after all"))
        box.read()
        assert subjects()[-1] == "after all"
        assert len(subjects()) == 6 + later
        assert len(box.told) == 1, "it is told once"
        assert box.compare()["INBOX"].lost == 0

    def test_nothing_new_there_yet_so_that_what_comes_is_not_overlooked(self, account, make, backup, subjects):
        box = make()
        account.append(mail("a"))
        backup.take()
        account.append(mail("b"), mail("c"))
        box.read()
        backup.put_back()
        assert box.look() == {}, "the next visit sees to it"
        box.read()
        account.append(mail("new"))
        box.read()
        assert subjects() == ["a", "b", "c", "new"]
        assert [len(each.fetched) for each in box.told] == [0]
        assert box.compare()["INBOX"].lost == 0

    def test_a_second_time_it_is_another_era(self, account, make, backup, subjects):
        box = make()
        backup.take()
        for number in range(3):
            account.append(mail(number), mail(f"{number} too"))
            box.read()
            backup.put_back()
            box.read()
        assert subjects() == ["0", "0 too", "1", "1 too", "2", "2 too"]
        assert cursor(box).era == 3

    def test_a_fault_halfway_makes_nothing_come_twice(self, account, make, backup, meddler, subjects):
        box = make()
        old = [mail(number, 3_000_000) for number in range(3)]
        account.append(*old)
        backup.take()
        account.append(mail("gone"))
        box.read()
        backup.put_back()
        account.append(*[mail(f"new {number}", 3_000_000) for number in range(3)])
        actions = ["pass", "pass", CUT]
        meddler.rules = [(r"BODY.PEEK\[\]", lambda: actions.pop(0) if actions else "pass")]
        with pytest.raises(TemporaryError):
            box.read()
        assert box.told == []
        box.read()
        assert sorted(subjects()) == ["0", "1", "2", "gone", "new 0", "new 1", "new 2"]
        assert len(box.told) == 1

    def test_what_was_left_at_the_first_visit_is_left(self, account, make, backup, subjects):
        account.append(mail("old"), flags=("\\Seen",), at=datetime(2025, 5, 4, tzinfo=UTC))
        account.append(mail("unread"))
        box = make()
        box.read()
        backup.take()
        account.append(mail("c"))
        box.read()
        backup.put_back()
        account.append(mail("new"))
        box.read()
        assert subjects() == ["unread", "c", "new"]
        compared = box.compare()["INBOX"]
        assert (compared.listed, compared.left, compared.lost) == (3, 1, 0)


class TestNoAlarm:
    def test_a_server_that_is_as_it_was_is_looked_at_with_one_question(self, account, make, meddler, subjects):
        box = make()
        account.append(mail(1), mail(2))
        box.read()
        meddler.lines.clear()
        box.read()
        assert sum("FETCH" in line for line in meddler.lines) == 1
        assert not any("BODY.PEEK[]" in line for line in meddler.lines)
        assert box.told == []

    def test_a_server_that_says_a_uidnext_below_its_own_mail_is_not_believed(self, account, make, meddler, subjects):
        box = make()
        account.append(mail(1), mail(2))
        box.read()
        meddler.rewrite = lambda line: b"* OK [UIDNEXT 2] so it says\r\n" if b"UIDNEXT" in line else line
        account.append(mail(3))
        for _ in range(3):
            box.read()
        assert subjects() == ["1", "2", "3"]
        assert (box.told, cursor(box).era) == ([], 0)

    @pytest.mark.parametrize(
        "header",
        [
            b"Message-ID: <1@example.net>\r\n" + b"X-Pad: 1234567890\r\n" * 16_000 + b"Date: today\r\n",
            b"Message-ID : <1@example.net>\r\nDate: today\r\n",
            b"Message-ID: <1@example.net>\r\nno field at all\r\nDate: today\r\n",
        ],
        ids=["long", "space", "broken"],
    )
    def test_a_header_that_servers_read_otherwise_than_we_do(self, account, make, subjects, header):
        box = make()
        account.append(header + b"Subject: odd\r\n\r\n")
        for _ in range(3):
            box.read()
        assert len(subjects()) == 1
        assert (box.told, cursor(box).era) == ([], 0)

    def test_bytes_that_the_object_store_has_lost_keep_no_mail_waiting(self, account, meddler, database, tmp_path):
        objects = tmp_path / "objects"
        with (
            closing(open_database(database.url, originals=f"file://{objects}")) as elsewhere,
            Acceptor(elsewhere, lambda: datetime(2026, 5, 4, tzinfo=UTC), lambda: None) as acceptor,
        ):
            box = Box(account.settings(port=meddler.port), elsewhere, acceptor)
            account.append(mail(1))
            box.read()
            shutil.rmtree(objects)
            account.append(mail(2))
            box.read()
            with elsewhere.read() as db:
                assert store.spool.get(db, SpoolId(2)) is not None
        assert box.told == []

    def test_a_server_that_tells_no_fields_is_believed(self, account, make, meddler, subjects):
        box = make()
        account.append(mail(1))
        box.read()
        meddler.rewrite = lambda line: line.replace(b"HEADER.FIELDS", b"X-OTHER")
        account.append(mail(2))
        box.read()
        assert subjects() == ["1", "2"]
        assert box.told == []
