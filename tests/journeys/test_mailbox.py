"""Mail fetched from a provider's mailbox by IMAP: known at once, taken once, put away; trouble stays where it is."""

import re
import time

import pytest

from gateway.tickets.model import State
from tests.journeys.gateway import SUPPORT_QUEUE, eventually, smarthost
from tests.journeys.letters import (
    ANNA,
    ANNAS,
    KIM,
    KIMS,
    answer,
    letter,
    mails_to,
    read,
    recipient_of_answers,
    text_of,
    wait_for_mails,
)
from tests.servers import process

pytestmark = pytest.mark.dovecot

TOLD_SECONDS = 5  # poll_seconds are 600; Dovecot itself waits half a second


@pytest.fixture
def support(inbox):
    return inbox("support")


@pytest.fixture
def make(make_gateway, sink):
    return lambda *mailboxes, **more: make_gateway(
        smarthost=smarthost(sink.port), listener=[], mailbox=list(mailboxes), **more
    )


def test_a_new_mail_is_acknowledged_within_seconds_and_moved(make, support, sink):
    gateway = make(support.section(after="move"))
    gateway.start()
    support.deliver(letter(subject="The first"))  # so that it idles
    wait_for_mails(sink, KIMS, 1)

    delivered_at = time.monotonic()
    support.deliver(letter(subject="The second"))

    wait_for_mails(sink, KIMS, 2)
    assert time.monotonic() - delivered_at < TOLD_SECONDS
    eventually(lambda: support.mails() == [], "INBOX is empty")
    assert [read(raw)["Subject"] for raw in support.mails("Processed")] == ["The first", "The second"]
    assert [ticket.subject for ticket in gateway.tickets] == ["The first", "The second"]


def test_a_whole_conversation_through_one_mailbox(make, support, sink):
    address = f"{support.user}@example.test"
    gateway = make(support.section(address=address), queue=[{**SUPPORT_QUEUE, "address": address}])
    gateway.start()

    support.deliver(letter(to=address))
    (notice,) = wait_for_mails(sink, ANNAS, 1)
    support.deliver(
        answer(notice, f"{ANNA} <{ANNAS}>", "#resolve\nSwitch it off and on again."), recipient_of_answers(read(notice))
    )
    reply = wait_for_mails(sink, KIMS, 2)[1]
    assert "Switch it off and on again." in text_of(read(reply))
    support.deliver(answer(reply, f"{KIM} <{KIMS}>", "It burns again."), recipient_of_answers(read(reply)))

    wait_for_mails(sink, ANNAS, 2)
    assert gateway.verdicts == ["opened", "relayed", "joined"]
    assert gateway.ticket.state is State.OPEN
    assert len(mails_to(sink, KIMS)) == 2


@pytest.mark.parametrize("after", ["flag", "delete"])
def test_mail_that_somebody_has_opened_is_taken_all_the_same(make, support, sink, after):
    support.append(letter(subject="Opened"), flags=[b"\\Seen"])
    support.append(letter(subject="Not opened"))
    gateway = make(support.section(after=after))

    gateway.start()

    wait_for_mails(sink, KIMS, 2)
    assert [ticket.subject for ticket in gateway.tickets] == ["Opened", "Not opened"]
    eventually(lambda: len(support.mails()) == (2 if after == "flag" else 0), after)
    with support.client() as client:
        uids = client.search()
        flags = [client.get_flags([uid])[uid] for uid in uids]
    if after == "flag":
        assert all(b"$Ticketed" in each for each in flags)
        assert [b"\\Seen" in each for each in flags] == [True, False], "nobody sees that we read it"


def test_a_folder_that_was_renumbered_gives_nothing_twice(make, support, sink):
    gateway = make(support.section())
    gateway.start()
    for number in range(3):
        support.deliver(letter(subject=f"Printer {number}"))
    wait_for_mails(sink, KIMS, 3)
    gateway.stop()
    before = uid_validity(support)

    def renumber() -> bool:  # the server's numbers for that are seconds
        for known in (*support.dovecot.maildir(support.user).glob("dovecot*"),):
            known.unlink()
        return uid_validity(support) != before

    eventually(renumber, "renumbered")
    gateway.start()
    support.deliver(letter(subject="Printer 3"))

    wait_for_mails(sink, KIMS, 4)
    gateway.settled(4)
    assert [ticket.subject for ticket in gateway.tickets] == [f"Printer {number}" for number in range(4)]
    assert len(gateway.spool) == 4, "known octets are not even stored"
    assert "the server has renumbered a folder" in gateway.log()


def uid_validity(inbox) -> int:
    with inbox.client() as client:
        return int(client.folder_status("INBOX", ["UIDVALIDITY"])[b"UIDVALIDITY"])


def test_dead_mailboxes_disturb_no_other(make, support, inbox, sink):
    locked_out = inbox("locked-out")
    locked_out.deliver(letter())
    wrong_password = support.dovecot.folder / "wrong.password"
    wrong_password.write_text("wrong")
    gateway = make(
        support.section(name="dead", port=process.free_port()),
        locked_out.section(password_file=str(wrong_password)),
        support.section(),
    )
    gateway.start()

    support.deliver(letter())

    wait_for_mails(sink, KIMS, 1)
    eventually(lambda: len(alarms(gateway)) == 2, "alarms")
    assert set(alarms(gateway)) == {"dead", locked_out.user}
    assert gateway.verdicts == ["opened"]
    began = time.monotonic()
    assert gateway.stop() == 0
    assert time.monotonic() - began < 5, "waiting for a server keeps nobody from stopping"
    assert len(alarms(gateway)) == 2, "one alarm an incident"


def alarms(gateway) -> list[str]:
    return re.findall(r"ERROR a mailbox cannot be read.* mailbox=(\S+)", gateway.log())


def test_a_connection_that_was_cut_is_made_anew(make, support, sink):
    gateway = make(support.section())
    gateway.start()
    support.deliver(letter())
    wait_for_mails(sink, KIMS, 1)

    support.dovecot.kick(support.user)
    support.deliver(letter())

    wait_for_mails(sink, KIMS, 2, seconds=TOLD_SECONDS)
    assert alarms(gateway) == [], "servers do that every day"


def test_a_server_that_was_restarted_is_found_again(make, support, sink):
    gateway = make(support.section(after="move"))
    gateway.start()
    support.deliver(letter())
    wait_for_mails(sink, KIMS, 1)

    support.dovecot.stop()
    eventually(lambda: "mailbox" in gateway.log(), "it notices")
    support.dovecot.start()
    support.deliver(letter())

    wait_for_mails(sink, KIMS, 2)
    gateway.settled(2)
    assert gateway.verdicts == ["opened", "opened"]


def test_while_the_database_is_locked_mail_stays_on_the_server(make, support, sink):
    gateway = make(support.section(after="delete"))
    gateway.start()
    support.deliver(letter())
    wait_for_mails(sink, KIMS, 1)
    eventually(lambda: support.mails() == [], "INBOX is empty")

    with gateway.locked():
        support.deliver(letter())
        eventually(lambda: "no mail can be stored" in gateway.log(), "the alarm")
        assert len(support.mails()) == 1
        assert len(gateway.spool) == 1

    wait_for_mails(sink, KIMS, 2)
    gateway.settled(2)
    eventually(lambda: support.mails() == [], "INBOX is empty again")
    assert gateway.verdicts == ["opened", "opened"]


def test_killed_while_it_fetches_it_takes_every_mail_once(make, support, sink):
    gateway = make(support.section(after="move"))
    with support.client() as client:
        for number in range(60):
            client.append("INBOX", letter(subject=f"Printer {number}", sender=f"customer{number}@customer.test"))

    for _ in range(3):
        gateway.start()
        eventually(lambda: len(gateway.spool) > 0, "some are stored")
        gateway.kill()
    gateway.start()

    gateway.settled(60)
    eventually(lambda: support.mails() == [], "INBOX is empty")
    assert gateway.verdicts == ["opened"] * 60
    assert len(support.mails("Processed")) == 60
    for number in range(60):
        copies = wait_for_mails(sink, f"customer{number}@customer.test", 1)
        assert len({read(raw)["Message-ID"] for raw in copies}) == 1
