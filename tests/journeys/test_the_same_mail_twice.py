"""The same mail by two ways, or to two of our addresses: one ticket, one acknowledgement, and the second is noted."""

import pytest

from tests.journeys.gateway import SUPPORT_QUEUE, smarthost
from tests.journeys.letters import ANNAS, KIMS, letter, mails_to, send, submit, wait_for_mails

TWO_QUEUES = [
    SUPPORT_QUEUE,
    {"name": "sales", "title": "Example Sales", "address": "sales@example.test", "agents": ["anna"]},
]


def assert_one_ticket(gateway, sink, ways):
    gateway.settled(len(ways))
    assert sorted(gateway.verdicts) == sorted(["opened"] + ["duplicate"] * (len(ways) - 1))
    assert {mail.source for mail in gateway.spool} == set(ways)
    assert gateway.events(gateway.ticket) == ["opened"] + ["duplicate"] * (len(ways) - 1)
    wait_for_mails(sink, KIMS, 1)
    wait_for_mails(sink, ANNAS, 1)
    assert (len(mails_to(sink, KIMS)), len(mails_to(sink, ANNAS))) == (1, 1)


@pytest.mark.dovecot
def test_in_two_mailboxes(make_gateway, sink, inbox):
    one, other = inbox("support"), inbox("sales")
    boxes = [one.section(), other.section(address="sales@example.test")]
    gateway = make_gateway(smarthost=smarthost(sink.port), queue=TWO_QUEUES, mailbox=boxes)
    mail = letter(to="support@example.test, sales@example.test")
    one.append(b"Delivered-To: support@example.test\r\n" + mail)
    other.append(b"Delivered-To: sales@example.test\r\n" + mail)

    gateway.start()

    assert_one_ticket(gateway, sink, [f"imap:{one.user}", f"imap:{other.user}"])


@pytest.mark.dovecot
def test_by_smtp_and_by_imap(make_gateway, sink, inbox):
    support = inbox("support")
    gateway = make_gateway(smarthost=smarthost(sink.port), mailbox=[support.section()])
    gateway.start()
    mail = letter()

    submit(
        gateway.port, b"Received: from mx.customer.test by mx.example.test; Mon, 4 May 2026 10:00:00 +0000\r\n" + mail
    )
    support.append(mail)

    assert_one_ticket(gateway, sink, ["smtp", f"imap:{support.user}"])


def test_sent_again_by_a_server_that_did_not_hear_our_answer(make_gateway, sink):
    gateway = make_gateway(smarthost=smarthost(sink.port))
    gateway.start()
    mail = letter()

    submit(gateway.port, mail)
    submit(gateway.port, mail)

    gateway.settled(2)
    assert gateway.verdicts == ["opened", "duplicate"]
    assert gateway.events(gateway.ticket) == ["opened", "duplicate"]
    assert len(wait_for_mails(sink, KIMS, 1)) == 1


@pytest.mark.parametrize("transactions", [1, 2])
def test_to_two_of_our_addresses(make_gateway, sink, transactions):
    gateway = make_gateway(smarthost=smarthost(sink.port), queue=TWO_QUEUES)
    gateway.start()
    both = ("support@example.test", "sales@example.test")
    mail = letter(to=", ".join(both))

    for recipients in [both] if transactions == 1 else [(each,) for each in both]:
        send(gateway.port, mail, *recipients)

    gateway.settled(transactions)
    assert gateway.verdicts == ["opened", "duplicate"][:transactions]
    assert gateway.ticket.queue == "support"
    assert len(wait_for_mails(sink, KIMS, 1)) == 1


def test_without_a_message_id_two_mails_with_other_words_are_two_tickets(make_gateway, sink):
    gateway = make_gateway(smarthost=smarthost(sink.port))
    gateway.start()
    head = b"From: kim@customer.test\r\nDate: Mon, 04 May 2026 10:00:00 +0000\r\nSubject: Printer\r\n\r\n"

    for words in (b"It burns.\r\n", b"It burns.\r\n", b"It is out.\r\n"):
        assert send(gateway.port, head + words).startswith("250")

    gateway.settled(3)
    assert gateway.verdicts == ["opened", "duplicate", "opened"]
    wait_for_mails(sink, KIMS, 2)
