import smtplib
import ssl
import threading
import time

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from tests.servers.dovecot import DovecotServer
from tests.servers.pymap import PymapServer

MAIL = b"From: anna@example.net\r\nTo: help@example.test\r\nSubject: hello\r\n\r\nIt does not work.\r\n"


def seen_by_idle(waiting: IMAPClient, deliver) -> list[object]:
    """What the server says to an idling client after a delivery by somebody else."""
    waiting.select_folder("INBOX")
    waiting.idle()
    delivery = threading.Thread(target=deliver)
    delivery.start()
    said: list[object] = []
    give_up = time.monotonic() + 10
    while (1, b"EXISTS") not in said and time.monotonic() < give_up:
        said += waiting.idle_check(timeout=1)
    delivery.join()
    waiting.idle_done()
    return said


def by_lmtp(dovecot: DovecotServer, user: str) -> None:
    with smtplib.LMTP("127.0.0.1", dovecot.lmtp_port) as lmtp:
        lmtp.sendmail("anna@example.net", [f"{user}@example.test"], MAIL)


def talk(client: IMAPClient, seconds: float) -> None:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        client.noop()
        time.sleep(0.02)


@pytest.mark.dovecot
class TestDovecot:
    def test_idle_tells_of_a_mail_that_came_by_lmtp(self, dovecot):
        dovecot.add_user("idler")
        with IMAPClient("127.0.0.1", dovecot.port, ssl=False, timeout=10) as client:
            client.login("idler", "secret")
            assert (1, b"EXISTS") in seen_by_idle(client, lambda: by_lmtp(dovecot, "idler+tag"))
            assert client.fetch([1], ["BODY.PEEK[]"])[1][b"BODY[]"].endswith(MAIL)
        assert len([*dovecot.maildir("idler").glob("*/*,*")]) == 1

    def test_tls_presents_the_certificate_that_the_fixture_names(self, dovecot):
        dovecot.add_user("careful")
        context = ssl.create_default_context(cafile=str(dovecot.certificate))
        with IMAPClient("localhost", dovecot.tls_port, ssl_context=context, timeout=10) as client:
            assert client.login("careful", "secret")

    def test_a_wrong_password_is_refused(self, dovecot):
        dovecot.add_user("forgetful")
        with IMAPClient("127.0.0.1", dovecot.port, ssl=False, timeout=10) as client, pytest.raises(LoginError):
            client.login("forgetful", "wrong")

    def test_kick_cuts_the_connection(self, dovecot):
        dovecot.add_user("kicked")
        client = IMAPClient("127.0.0.1", dovecot.port, ssl=False, timeout=10)
        client.login("kicked", "secret")
        dovecot.kick("kicked")
        with pytest.raises((OSError, client.AbortError)):
            talk(client, seconds=5)  # the signal needs a moment to arrive
        client.shutdown()

    def test_mail_outlives_a_restart_and_nothing_outlives_the_server(self):
        with DovecotServer() as server:
            server.add_user("patient")
            by_lmtp(server, "patient")
            server.stop()
            with pytest.raises(ConnectionRefusedError):
                IMAPClient("127.0.0.1", server.port, ssl=False, timeout=1)
            server.start()
            with IMAPClient("127.0.0.1", server.port, ssl=False, timeout=10) as client:
                client.login("patient", "secret")
                assert client.folder_status("INBOX")[b"MESSAGES"] == 1
        assert not server.folder.exists()


class TestPymap:
    def test_idle_tells_of_an_appended_mail(self, pymap: PymapServer):
        with (
            IMAPClient("127.0.0.1", pymap.port, ssl=False, timeout=10) as waiting,
            IMAPClient("127.0.0.1", pymap.port, ssl=False, timeout=10) as other,
        ):
            waiting.login(pymap.user, pymap.password)
            other.login(pymap.user, pymap.password)
            waiting.select_folder("INBOX")
            waiting.idle()
            other.append("INBOX", MAIL)
            waiting.idle_done()
            assert waiting.fetch([101], ["BODY.PEEK[]"])[101][b"BODY[]"] == MAIL  # its first UID

    def test_it_ends_while_a_client_is_connected(self):
        with PymapServer() as server:
            client = IMAPClient("127.0.0.1", server.port, ssl=False, timeout=10)
            client.login(server.user, server.password)
        with pytest.raises((OSError, client.AbortError)):
            client.noop()
        client.shutdown()
