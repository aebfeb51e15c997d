"""A Postfix before the gateway: while anything hinders the gateway, Postfix keeps the mail; then it is there once."""

import pytest

from gateway.tickets.model import State
from tests.journeys.gateway import eventually, smarthost
from tests.journeys.letters import ANNAS, KIMS, everything, letter, mails_to, send, submit, wait_for_mails
from tests.servers import process

pytestmark = pytest.mark.postfix


@pytest.fixture
def port():
    return process.free_port()


@pytest.fixture
def postfix(postfix_factory, port, sink):
    return postfix_factory(f"smtp:[127.0.0.1]:{port}", f"smtp:[127.0.0.1]:{sink.port}")


@pytest.fixture
def gateway(make_gateway, port, postfix):
    return make_gateway(port=port, smarthost=smarthost(postfix.port))


def deferred(postfix):
    return [mail for mail in postfix.queue() if mail["queue_name"] == "deferred"]


def test_mail_for_a_gateway_that_is_down_waits_and_is_delivered(gateway, postfix, sink):
    assert submit(postfix.port, letter()).startswith("250")
    eventually(lambda: deferred(postfix), "deferred by Postfix")

    gateway.start()
    postfix.flush()

    wait_for_mails(sink, KIMS, 1)
    gateway.settled(1)
    assert gateway.verdicts == ["opened"]
    assert not postfix.queue()


def test_mail_for_a_gateway_whose_database_is_locked_waits_and_is_stored_once(gateway, postfix, sink):
    gateway.start()

    with gateway.locked():
        submit(postfix.port, letter())
        (waiting,) = eventually(lambda: deferred(postfix), "deferred by Postfix")
    assert "451 4.3.0 try again later" in waiting["recipients"][0]["delay_reason"]

    postfix.flush()
    wait_for_mails(sink, KIMS, 1)
    wait_for_mails(sink, ANNAS, 1)
    gateway.settled(1)
    assert gateway.verdicts == ["opened"]
    assert (len(mails_to(sink, KIMS)), len(mails_to(sink, ANNAS))) == (1, 1)
    assert not postfix.queue()
    assert "no mail can be stored" in gateway.log()
    assert "mail can be stored again" in gateway.log()


def test_an_unknown_recipient_is_refused_at_once_and_the_sender_told_by_his_server(gateway, postfix, sink):
    gateway.start()

    submit(postfix.port, letter(to="nobody@example.test"))

    (report,) = wait_for_mails(sink, KIMS, 1)
    assert "Status: 5.1.1" in everything(report)
    assert "550 5.1.1 no such recipient here" in " ".join(everything(report).split())
    assert gateway.spool == ()


def test_known_recipients_of_a_mail_are_served_beside_unknown_ones(gateway, postfix, sink):
    gateway.start()

    send(postfix.port, letter(), "nobody@example.test", "support@example.test")

    gateway.settled(1)
    assert gateway.ticket.state is State.NEW
    wait_for_mails(sink, KIMS, 2)
    kinds = sorted(raw.count(b"multipart/report") for raw in mails_to(sink, KIMS))
    assert kinds == [0, 1], "an acknowledgement, and Postfix's report"
