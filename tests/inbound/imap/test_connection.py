import os
import re
import threading
import time
from datetime import UTC, date, datetime

import pytest

from gateway.errors import PermanentError, TemporaryError
from gateway.inbound.imap import check
from gateway.inbound.imap.connection import Connection, RefusedError
from gateway.inbound.settings import FirstVisit, Tls
from tests.inbound.imap.account import Account, only_dovecot
from tests.inbound.imap.meddler import CUT, REFUSE, without

MAIL = b"Subject: hello\r\n\r\nIt does not work.\r\n"


@pytest.fixture
def wake():
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


@pytest.fixture
def connection(account, meddler):
    with Connection(account.settings(port=meddler.port)) as connection:
        connection.log_in()
        yield connection


def seconds(waiting) -> float:
    started = time.monotonic()
    waiting()
    return time.monotonic() - started


@pytest.fixture
def there(account, connection):
    """Puts mails into the folder, which is selected then; their UIDs."""

    def put(*mails: bytes) -> list[int]:
        account.append(*mails)
        view = connection.select()
        return [uid for uids in connection.uids(view, 1) for uid in uids]

    return put


class TestUids:
    def test_only_what_is_there_from_the_first_on(self, there, connection):
        first, second, third = there(*[MAIL] * 3)
        view = connection.select()
        assert (view.mails, view.uid_next) == (3, third + 1)
        assert [*connection.uids(view, third)] == [[third]]
        assert [*connection.uids(view, third + 1)] == []
        assert [*connection.uids(view, 1, second)] == [[first, second]]

    def test_the_last_mail_does_not_come_again_when_the_server_hides_uidnext(self, there, connection, meddler):
        [uid] = there(MAIL)
        meddler.rewrite = lambda line: line.replace(b"UIDNEXT", b"X-OTHER")
        view = connection.select()
        assert view.uid_next == 0
        assert [*connection.uids(view, uid)] == [[uid]]
        assert [*connection.uids(view, uid + 1)] == [[]]

    def test_a_large_folder_is_searched_in_ranges(self, account, there):
        uid, *_ = there(*[MAIL] * 5)
        with Connection(account.settings(), search_uids=2) as connection:
            connection.log_in()
            view = connection.select()
            assert [*connection.uids(view, uid + 1)] == [[uid + 1, uid + 2], [uid + 3, uid + 4]]
            assert [*connection.uids(view, uid, uid + 2)] == [[uid, uid + 1], [uid + 2]]

    def test_an_empty_folder_is_not_searched(self, connection, meddler):
        assert [*connection.uids(connection.select(), 1)] == []
        assert not any("SEARCH" in line for line in meddler.lines)


class TestFetching:
    def test_sizes_bodies_and_headers_leave_the_mail_unseen(self, account, there, connection):
        raw = b"Subject: \xc3\xa4\r\n folded\r\n\r\n\x80\xff 8 bit\r\n"
        first, second = there(raw, MAIL)
        assert connection.sizes([first, second, 9999]) == {first: len(raw), second: len(MAIL)}
        assert connection.bodies([first, 9999]) == {first: raw}
        assert connection.header(first).rstrip() == raw.split(b"\r\n\r\n")[0]
        assert connection.header(9999) == b""
        assert account.flags() == [set(), set()]

    def test_nothing_is_asked_for_nothing(self, connection, meddler):
        connection.select()
        assert connection.sizes([]) == connection.bodies([]) == {}
        assert not any("FETCH" in line for line in meddler.lines)


class TestFaults:
    def test_a_no_leaves_the_connection_well(self, there, connection, meddler):
        [uid] = there(MAIL)
        meddler.rules = [("FETCH", REFUSE)]
        with pytest.raises(RefusedError, match="not today"):
            connection.bodies([uid])
        meddler.rules = []
        assert connection.bodies([uid]) == {uid: MAIL}

    def test_a_cut_is_temporary_and_no_refusal(self, connection, meddler):
        meddler.rules = [("SELECT", CUT)]
        with pytest.raises(TemporaryError) as caught:
            connection.select()
        assert not isinstance(caught.value, RefusedError)

    @pytest.mark.parametrize("size", [b"{99999999999999}", b"{4294967295}", b"{x}"])
    def test_nonsense_is_temporary(self, there, connection, meddler, size):
        [uid] = there(MAIL)
        meddler.rewrite = lambda line: re.sub(rb"{\d+}", size, line)
        with pytest.raises(TemporaryError):
            connection.bodies([uid])

    def test_a_nul_among_the_uids_is_temporary(self, there, connection, meddler):
        """The mail would be passed over, and nobody would look behind the cursor but the comparison."""
        _, second, _ = there(*[MAIL] * 3)
        meddler.rewrite = lambda line: line.replace(b"%d" % second, b"\0") if b"SEARCH" in line else line
        with pytest.raises(TemporaryError, match="a NUL"):
            [*connection.uids(connection.select(), 1)]

    def test_a_folder_of_unknown_size_is_temporary(self, connection, meddler):
        meddler.rewrite = lambda line: b"" if line.endswith(b"EXISTS\r\n") else line
        with pytest.raises(TemporaryError):
            connection.select()

    def test_a_list_without_end_is_temporary(self, there, connection, meddler):
        [uid] = there(MAIL)
        meddler.rewrite = lambda line: b"* 1 FETCH " + b"(" * 50_000 + b"\r\n" + line if b"FETCH (" in line else line
        with pytest.raises(TemporaryError):
            connection.bodies([uid])

    def test_a_line_too_long_ends_the_connection(self, connection, meddler):
        """What follows would be taken for the answer to the next command."""
        meddler.rewrite = lambda line: b"* OK " + b"x" * 2_000_000 + b"\r\n" + line
        with pytest.raises(TemporaryError, match="a line of more than 1000000 octets") as caught:
            connection.select()
        assert not isinstance(caught.value, RefusedError)


class TestWaiting:
    def test_idle_ends_when_mail_comes(self, account, connection, wake):
        connection.select()
        threading.Timer(0.3, account.append, [MAIL]).start()
        assert 0.1 < seconds(lambda: connection.wait(3600, wake[0])) < 10
        assert connection.select().mails == 1

    def test_idle_ends_when_we_are_woken(self, connection, wake):
        connection.select()
        threading.Timer(0.3, os.write, [wake[1], b"."]).start()
        assert 0.1 < seconds(lambda: connection.wait(3600, wake[0])) < 5

    @pytest.mark.parametrize("said", [b"+ idling\r\n* 1 EXISTS\r\n", b"* 1 EXISTS\r\n+ idling\r\n"])
    def test_news_beside_the_servers_consent_are_seen(self, connection, meddler, wake, said):
        connection.select()
        meddler.rewrite = lambda line: said if line.startswith(b"+ ") else line
        assert seconds(lambda: connection.wait(3600, wake[0])) < 5

    def test_news_in_two_packets_are_seen(self, connection, meddler, wake):
        connection.select()
        halves = [b"+ idling\r\n* 1 EXI", b"STS\r\n"]
        meddler.rewrite = lambda line: (
            halves.pop(0) + line * (len(halves) == 0) if line.startswith(b"+ ") or len(halves) == 1 else line
        )
        assert seconds(lambda: connection.wait(3600, wake[0])) < 5

    def test_news_between_select_and_idle_are_not_waited_for(self, account, connection, wake):
        connection.select()
        account.append(MAIL)
        with account.client() as other:
            other.noop()
        connection.sizes([1])
        assert seconds(lambda: connection.wait(3600, wake[0])) < 5

    def test_a_cut_ends_it_with_an_error(self, connection, meddler, wake):
        connection.select()
        threading.Timer(0.3, meddler.cut_all).start()
        with pytest.raises(TemporaryError):
            connection.wait(3600, wake[0])

    def test_without_idle_it_is_a_pause(self, account, meddler, wake):
        meddler.rewrite = without("IDLE")
        with Connection(account.settings(port=meddler.port)) as connection:
            connection.log_in()
            connection.select()
            assert 0.2 < seconds(lambda: connection.wait(0.3, wake[0])) < 5
            os.write(wake[1], b".")
            assert seconds(lambda: connection.wait(3600, wake[0])) < 5
        assert not any("IDLE" in line for line in meddler.lines)


class TestMoving:
    def test_a_folder_is_made_once(self, account, there, connection):
        [uid] = there(MAIL)
        assert connection.ensure_folder("Processed") == connection.ensure_folder("Processed") == "Processed"
        connection.move([uid], "Processed")
        assert account.mails("Processed") == [MAIL]
        assert account.mails() == []

    @only_dovecot
    def test_a_folder_name_of_any_script(self, account):
        account.append(MAIL)
        with Connection(account.settings()) as connection:
            connection.log_in()
            connection.select()
            connection.move([1], connection.ensure_folder("Обработано & готово"))
        assert account.mails("Обработано & готово") == [MAIL]

    def test_without_move_it_is_copied_and_others_deletions_stay(self, account, there, meddler):
        own, others = there(MAIL + b"1\r\n", MAIL + b"2\r\n")
        with account.client() as other:
            other.delete_messages([others])
        meddler.rewrite = without("MOVE")
        with Connection(account.settings(port=meddler.port)) as connection:
            connection.log_in()
            connection.select()
            connection.move([own], connection.ensure_folder("Processed"))
        assert account.mails("Processed") == [MAIL + b"1\r\n"]
        assert account.mails() == [MAIL + b"2\r\n"]

    def test_without_uidplus_it_is_only_marked(self, account, there, meddler):
        own, others = there(MAIL + b"1\r\n", MAIL + b"2\r\n")
        with account.client() as other:
            other.delete_messages([others])
        meddler.rewrite = without("MOVE", "UIDPLUS")
        with Connection(account.settings(port=meddler.port)) as connection:
            connection.log_in()
            connection.select()
            connection.delete([own])
        assert account.flags() == [{"\\Deleted"}, {"\\Deleted"}]


def look(settings) -> str:
    return check(settings, date(2026, 5, 4))


class TestCheck:
    def test_it_says_what_it_found(self, account):
        account.append(MAIL)
        visit = "a first visit (first_visit = waiting) takes in 1 of them"
        assert look(account.settings()) == f"INBOX: 1 mails; {visit}; IDLE, MOVE, UIDPLUS"

    @pytest.mark.parametrize(("first_visit", "taken"), [("all", 3), ("waiting", 1), ("new", 0)])
    def test_it_says_how_much_a_first_visit_would_take_in(self, account, first_visit, taken):
        account.append(MAIL, MAIL, flags=("\\Seen",), at=datetime(2025, 5, 4, tzinfo=UTC))
        account.append(MAIL)
        said = look(account.settings(first_visit=FirstVisit(first_visit)))
        assert f"(first_visit = {first_visit}) takes in {taken} of them" in said
        assert account.flags() == [{"\\Seen"}, {"\\Seen"}, set()]

    def test_a_wrong_password_is_for_a_person_and_not_repeated(self, account):
        with pytest.raises(PermanentError, match="refuses the login of") as caught:
            look(account.settings(password="not the word"))
        assert "not the word" not in str(caught.value)

    def test_a_missing_folder_is_for_a_person(self, account):
        with pytest.raises(PermanentError, match="'Nowhere'"):
            look(account.settings(folder="Nowhere"))

    def test_a_dead_server_may_come_back(self, account, meddler):
        meddler.down()
        with pytest.raises(TemporaryError, match=f"127.0.0.1:{meddler.port} cannot be reached"):
            look(account.settings(port=meddler.port))
        meddler.up()

    def test_a_login_that_the_server_cannot_decide_now_may_come_back(self, account, meddler):
        meddler.rewrite = lambda line: b"%b NO [UNAVAILABLE] later\r\n" % line.split()[0] if b" NO " in line else line
        with pytest.raises(RefusedError, match="UNAVAILABLE"):
            look(account.settings(port=meddler.port, password="x"))

    def test_a_line_cut_at_the_login_may_come_back(self, account, meddler):
        meddler.rules = [("LOGIN", CUT)]
        with pytest.raises(TemporaryError):
            look(account.settings(port=meddler.port))


@only_dovecot
class TestTls:
    def test_implicit(self, account, dovecot):
        more = {"host": "localhost", "port": dovecot.tls_port, "tls": Tls.IMPLICIT, "tls_ca": str(dovecot.certificate)}
        assert look(account.settings(**more)).startswith("INBOX: 0 mails")

    def test_starttls(self, account, dovecot):
        more = {"host": "localhost", "tls": Tls.STARTTLS, "tls_ca": str(dovecot.certificate)}
        assert look(account.settings(**more)).startswith("INBOX: 0 mails")

    @pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
    def test_a_certificate_nobody_vouches_for_is_refused(self, account, dovecot, tls):
        port = dovecot.tls_port if tls is Tls.IMPLICIT else dovecot.port
        with pytest.raises(TemporaryError, match="CERTIFICATE_VERIFY_FAILED"):
            look(account.settings(host="localhost", port=port, tls=tls))

    def test_idle_over_tls(self, account, dovecot, wake):
        more = {"host": "localhost", "port": dovecot.tls_port, "tls": Tls.IMPLICIT, "tls_ca": str(dovecot.certificate)}
        with Connection(account.settings(**more)) as connection:
            connection.log_in()
            connection.select()
            threading.Timer(0.3, account.append, [MAIL]).start()
            assert 0.1 < seconds(lambda: connection.wait(3600, wake[0])) < 10

    def test_a_password_in_any_script(self, account, dovecot):
        dovecot.add_user("anna-el", "κωδικός")
        assert look(Account(dovecot.port, "anna-el", "κωδικός").settings()).startswith("INBOX")
