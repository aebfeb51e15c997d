"""An MTA's pipe beside the running daemon: `gateway ingest` stores, or says 75 and the MTA keeps the mail."""

import pytest

from tests.journeys.gateway import smarthost
from tests.journeys.letters import ANNAS, KIMS, SUPPORT, letter, mails_to, wait_for_mails


@pytest.fixture
def gateway(make_gateway, sink):
    gateway = make_gateway(smarthost=smarthost(sink.port))
    gateway.start()
    return gateway


def test_a_piped_mail_is_acknowledged_like_any_other(gateway, sink):
    ran = gateway.run("ingest", "--rcpt", SUPPORT, "--mail-from", KIMS, stdin=letter())

    assert (ran.returncode, ran.stdout) == (0, b"stored as spool 1\n"), ran.stderr
    wait_for_mails(sink, KIMS, 1)  # the daemon finds it without being told
    wait_for_mails(sink, ANNAS, 1)
    assert gateway.verdicts == ["opened"]


def test_piped_again_it_is_known(gateway, sink):
    mail = letter()
    gateway.run("ingest", "--rcpt", SUPPORT, "--mail-from", KIMS, stdin=mail)
    ran = gateway.run("ingest", "--rcpt", SUPPORT, "--mail-from", KIMS, stdin=mail)

    assert ran.returncode == 0
    assert ran.stdout == b"already stored as spool 1\n"
    gateway.reload()
    gateway.settled(1)
    assert len(gateway.tickets) == 1
    assert len(wait_for_mails(sink, KIMS, 1)) == 1


def test_while_the_database_is_locked_the_mta_is_asked_to_try_again(gateway, sink):
    mail = letter()
    with gateway.locked():
        refused = gateway.run("ingest", "--rcpt", SUPPORT, "--mail-from", KIMS, stdin=mail)
    assert refused.returncode == 75
    assert b"Traceback" not in refused.stderr
    assert refused.stdout == b""

    again = gateway.run("ingest", "--rcpt", SUPPORT, "--mail-from", KIMS, stdin=mail)

    assert again.returncode == 0
    gateway.reload()
    wait_for_mails(sink, KIMS, 1)
    gateway.settled(1)
    assert gateway.verdicts == ["opened"]
    assert len(mails_to(sink, KIMS)) == 1


def test_a_piped_report_with_the_null_reverse_path_is_never_answered(gateway, sink):
    raw = letter("The backup has finished.", subject="Backup", headers=(("Auto-Submitted", "auto-replied"),))
    gateway.run("ingest", "--rcpt", SUPPORT, "--mail-from", "", stdin=raw)

    gateway.reload()
    wait_for_mails(sink, ANNAS, 1)
    gateway.settled(1)
    assert mails_to(sink, KIMS) == []
