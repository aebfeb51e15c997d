"""Machines that answer machines: whoever is at the other end, it ends after one mail each."""

import itertools
import json
import smtplib
import threading

import pytest

from gateway.tickets.model import State
from gateway.tickets.notices import NoticeKind
from tests.journeys.gateway import smarthost
from tests.journeys.letters import (
    ANNA,
    ANNAS,
    KIMS,
    answer,
    letter,
    mails_to,
    read,
    recipient_of_answers,
    send,
    submit,
    text_of,
    wait_for_mails,
)
from tests.servers import process
from tests.servers.sink import Sink


@pytest.mark.postfix
class TestTwoGateways:
    """Each is the other's customer: desk A is support@a.test, desk B is help@b.test, with one Postfix between them."""

    @pytest.fixture
    def desks(self, make_gateway, postfix_factory, sink):
        port_a, port_b = process.free_port(), process.free_port()
        ways = f"a.test=smtp:[127.0.0.1]:{port_a}, b.test=smtp:[127.0.0.1]:{port_b}"
        postfix = postfix_factory("discard:", f"smtp:[127.0.0.1]:{sink.port}", f"transport_maps = inline:{{ {ways} }}")
        desks = []
        for name, port, address in (("a", port_a, "support@a.test"), ("b", port_b, "help@b.test")):
            agent = {"name": "anna", "full_name": "Anna Ozola", "address": f"anna@agents-of-{name}.test"}
            queue = {"name": "desk", "title": f"Desk {name}", "address": address, "agents": ["anna"]}
            names = {"name": f"desk-{name}", "hostname": f"desk.{name}.test"}
            out = smarthost(postfix.port)
            desk = make_gateway(port=port, gateway=names, smarthost=out, agent=[agent], queue=[queue])
            desk.start()
            desks.append(desk)
        return desks

    def test_a_mail_from_ones_queue_to_the_others_is_acknowledged_once(self, desks, sink):
        a, b = desks
        submit(a.port, letter(sender="Desk b <help@b.test>", to="support@a.test"))

        a.settled(1)
        b.settled(1)
        assert [mail.verdict for mail in (*a.spool, *b.spool)] == ["opened", "opened"]
        assert [mail.notice.kind for mail in a.outgoing()] == [NoticeKind.ACKNOWLEDGEMENT, NoticeKind.AGENT_NOTICE]
        assert [mail.notice.kind for mail in b.outgoing()] == [NoticeKind.AGENT_NOTICE], "B answers no machine"
        wait_for_mails(sink, "anna@agents-of-b.test", 1)

    def test_agents_may_talk_through_both_desks_and_machines_keep_quiet(self, desks, sink):
        a, b = desks
        submit(a.port, letter(sender="Desk b <help@b.test>", to="support@a.test"))
        b.settled(1)
        (notice,) = wait_for_mails(sink, "anna@agents-of-a.test", 1)

        submit(a.port, answer(notice, "anna@agents-of-a.test", "What is it about?"))

        b.settled(2)
        a.settled(2)
        assert a.verdicts == ["opened", "relayed"]
        assert b.verdicts == ["opened", "joined"], "a person's words, on the ticket of the acknowledgement"
        customers = [mail for desk in desks for mail in desk.outgoing() if not mail.notice.kind.is_for_agents]
        assert [mail.notice.kind for mail in customers] == [NoticeKind.ACKNOWLEDGEMENT, NoticeKind.REPLY]


class Answerer(Sink):
    """A mailbox whose owner is away: everything that reaches him is answered at once, by `write`, through `port`."""

    def __init__(self, write) -> None:
        super().__init__()
        self.write, self.target = write, 0
        self.answered = 0

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        said = await super().handle_DATA(server, session, envelope)
        if KIMS in envelope.rcpt_tos and self.answered < 20:
            self.answered += 1
            mail = self.write(envelope.original_content, envelope.mail_from)
            threading.Thread(target=self._send, args=mail).start()
        return said

    def _send(self, mail_from: str, to: str, raw: bytes) -> None:
        try:
            send(self.target, raw, to, mail_from=mail_from)
        except (OSError, smtplib.SMTPException):
            return


AWAY = "I am away until Monday and will read your mail then."
RFC_3834 = (("Auto-Submitted", "auto-replied"),)


def by_the_book(raw, mail_from):
    said = answer(raw, KIMS, AWAY, headers=RFC_3834)
    return "", mail_from, said


def like_a_person(raw, _mail_from):
    return KIMS, recipient_of_answers(read(raw)), answer(raw, KIMS, AWAY)


def to_the_visible_sender_under_his_own_subject(raw, _mail_from):
    to = read(raw)["From"].addresses[0].addr_spec
    headers = (("X-Auto-Response-Suppress", "All"),)
    return KIMS, to, letter(AWAY, to=to, subject="Automatic reply: out of office", headers=headers)


@pytest.mark.parametrize("write", [by_the_book, like_a_person, to_the_visible_sender_under_his_own_subject])
def test_a_customer_who_is_away_gets_one_acknowledgement(make_gateway, write):
    with Answerer(write) as away:
        gateway = make_gateway(smarthost=smarthost(away.port))
        gateway.start()
        away.target = gateway.port

        submit(gateway.port, letter())

        gateway.settled(2)
        wait_for_mails(away, KIMS, 1)
        gateway.settled(2)
        assert len(mails_to(away, KIMS)) == away.answered == 1
        first, *others = gateway.tickets
        assert first.state is State.NEW
        assert all(ticket.is_quiet for ticket in others), (
            "what shows no sign of its ticket is one that no machine answers"
        )


def test_another_help_desk_that_hides_what_it_is_gets_two_acknowledgements_and_is_one_alarm(make_gateway):
    numbers = itertools.count(4711)

    def acknowledge(raw, _mail_from):
        number, to = next(numbers), read(raw)["From"].addresses[0].addr_spec
        words = f"Your request {number} has been received. We will answer within two days."
        return KIMS, to, letter(words, to=to, subject=f"[HD#{number}] Request received")

    with Answerer(acknowledge) as other:
        operator = {"alarm_address": "operator@ops.test"}
        gateway = make_gateway(smarthost=smarthost(other.port), gateway=operator)
        gateway.start()
        other.target = gateway.port

        submit(gateway.port, letter())

        gateway.settled(3)
        wait_for_mails(other, "operator@ops.test", 1)
        gateway.settled(3)
        assert (len(mails_to(other, KIMS)), len(gateway.tickets)) == (2, 3), "nothing of what it sent is lost"
        assert gateway.events(gateway.tickets[2]) == ["opened", "not sent"]
        (alarm,) = json.loads(gateway.run("alarm", "list", "--json").stdout)
        assert (alarm["kind"], alarm["about"], alarm["mails"]) == ("loop", KIMS, [2, 3])
        (told,) = mails_to(other, "operator@ops.test")
        assert "gateway explain --stored 3" in text_of(read(told))
        assert gateway.run("alarm", "close", alarm["id"]).stdout == b"alarm 1 closed\n"
        assert gateway.run("alarm", "list").stdout == b"no alarm is open\n"


def test_an_agent_who_is_away_tells_the_customer_nothing(make_gateway, sink):
    gateway = make_gateway(smarthost=smarthost(sink.port))
    gateway.start()
    submit(gateway.port, letter())
    (notice,) = wait_for_mails(sink, ANNAS, 1)

    submit(gateway.port, answer(notice, f"{ANNA} <{ANNAS}>", AWAY, headers=RFC_3834))

    gateway.settled(2)
    assert gateway.verdicts == ["opened", "recorded"]
    assert gateway.ticket.state is State.NEW
    assert len(wait_for_mails(sink, KIMS, 1)) == 1
    assert AWAY not in text_of(read(mails_to(sink, KIMS)[0]))
    assert len(mails_to(sink, ANNAS)) == 1
