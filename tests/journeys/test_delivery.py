"""Mail on its way out: put off, it is tried again; refused where it should end, the agent learns of it, and no loop."""

import json

import pytest

from gateway.store.outbox import OutboxState, RecipientState
from gateway.tickets.model import ArticleKind, State
from gateway.tickets.notices import NoticeKind
from tests.journeys.gateway import eventually, smarthost
from tests.journeys.letters import ANNA, ANNAS, KIMS, answer, everything, letter, mails_to, read, submit, wait_for_mails
from tests.servers import process

REFUSED = "550 5.1.1 no such user here"


def test_mail_that_the_smarthost_puts_off_is_tried_again(make_gateway, sink):
    gateway = make_gateway(smarthost=smarthost(sink.port))
    gateway.start()
    sink.answers[KIMS] = "451 4.2.1 mailbox busy"

    submit(gateway.port, letter())

    wait_for_mails(sink, ANNAS, 1)  # others are not held up
    (put_off,) = eventually(
        lambda: [mail for mail in gateway.outgoing() if mail.state is OutboxState.DEFERRED], "deferred"
    )
    assert (put_off.notice.kind, put_off.reason) == (NoticeKind.ACKNOWLEDGEMENT, f"{KIMS}: 451 4.2.1 mailbox busy")
    del sink.answers[KIMS]

    (acknowledgement,) = wait_for_mails(sink, KIMS, 1)
    gateway.settled(1)
    assert acknowledgement == put_off.raw
    assert {mail.state for mail in gateway.outgoing()} == {OutboxState.SENT}
    assert (len(mails_to(sink, KIMS)), len(mails_to(sink, ANNAS))) == (1, 1)


def test_a_smarthost_that_is_down_gets_everything_once_it_is_back(make_gateway, sink):
    port = process.free_port()
    gateway = make_gateway(smarthost=smarthost(port))
    gateway.start()

    for number in range(3):
        submit(gateway.port, letter(subject=f"Printer {number}"))
    eventually(lambda: "the relay takes no mail" in gateway.log(), "the alarm")
    eventually(lambda: gateway.verdicts == ["opened"] * 3, "taking mail in needs no smarthost")

    gateway.configure(smarthost=smarthost(sink.port))
    gateway.reload()
    wait_for_mails(sink, KIMS, 3)
    gateway.settled(3)
    assert len({read(raw)["Message-ID"] for raw in mails_to(sink, KIMS)}) == 3
    assert gateway.log().count("the relay takes no mail") == 1


@pytest.mark.postfix
class TestAMailboxThatIsGone:
    """The customer's server refuses our mail; Postfix, our smarthost, sends a delivery report."""

    @pytest.fixture
    def gateway(self, make_gateway, postfix_factory, sink):
        port = process.free_port()
        self.postfix = postfix_factory(f"smtp:[127.0.0.1]:{port}", f"smtp:[127.0.0.1]:{sink.port}")
        gateway = make_gateway(port=port, smarthost=smarthost(self.postfix.port))
        gateway.start()
        return gateway

    def test_an_acknowledgement_that_bounces_is_noted_and_told(self, gateway, sink):
        sink.answers[KIMS] = REFUSED

        submit(gateway.port, letter())

        gateway.settled(2)
        assert gateway.verdicts == ["opened", "undelivered"]
        assert gateway.ticket.state is State.NEW
        assert gateway.events(gateway.ticket) == ["opened", "undelivered", "suppressed"]
        assert "550 5.1.1 no such user here" in gateway.history(gateway.ticket)[1].why
        assert [each.kind for each in gateway.conversation(gateway.ticket)] == [
            ArticleKind.CUSTOMER,
            ArticleKind.DELIVERY_REPORT,
        ]
        _, told = wait_for_mails(sink, ANNAS, 2)
        assert KIMS in everything(told)
        assert "could not be delivered" in everything(told)
        (acknowledgement,) = gateway.outgoing(NoticeKind.ACKNOWLEDGEMENT)
        assert [each.state for each in acknowledgement.recipients] == [RecipientState.UNDELIVERED]

    def test_the_address_gets_no_automatic_mail_until_the_operator_lifts_that(self, gateway, sink):
        sink.answers[KIMS] = REFUSED
        submit(gateway.port, letter())
        gateway.settled(2)

        submit(gateway.port, letter("Does nobody answer?", subject="Hello"))

        gateway.settled(3)
        assert gateway.verdicts == ["opened", "undelivered", "opened"]
        assert gateway.events(gateway.tickets[1]) == ["opened", "not sent"]
        assert len(gateway.outgoing(NoticeKind.ACKNOWLEDGEMENT)) == 1
        (held,) = json.loads(gateway.run("suppression", "list", "--json").stdout)
        assert (held["address"], held["fault"], held["suppressed"]) == (KIMS, "gone", True)
        lifted = gateway.run("suppression", "lift", KIMS)
        assert lifted.stdout.decode() == f"{KIMS} gets automatic mail again\n"
        submit(gateway.port, letter("Once more.", subject="Hello again"))
        eventually(lambda: len(gateway.outgoing(NoticeKind.ACKNOWLEDGEMENT)) == 2, "acknowledged again")

    def test_an_agents_reply_that_bounces_is_told_to_him_and_to_nobody_else(self, gateway, sink):
        submit(gateway.port, letter())
        (notice,) = wait_for_mails(sink, ANNAS, 1)
        wait_for_mails(sink, KIMS, 1)
        sink.answers[KIMS] = REFUSED

        submit(self.postfix.port, answer(notice, f"{ANNA} <{ANNAS}>", "Switch it off and on again."))

        gateway.settled(3)
        _, told = wait_for_mails(sink, ANNAS, 2)
        assert "could not be delivered" in everything(told)
        assert gateway.verdicts == ["opened", "relayed", "undelivered"]
        assert gateway.ticket.state is State.ANSWERED, "a machine's word moves nothing"
        assert (len(mails_to(sink, KIMS)), len(mails_to(sink, ANNAS))) == (1, 2)
        assert not self.postfix.queue()

    def test_a_notice_to_an_agent_that_bounces_makes_no_further_mail(self, gateway, sink):
        sink.answers[ANNAS] = REFUSED

        submit(gateway.port, letter())

        gateway.settled(2)
        assert gateway.verdicts == ["opened", "undelivered"]
        assert [mail.notice.kind for mail in gateway.outgoing()] == [
            NoticeKind.ACKNOWLEDGEMENT,
            NoticeKind.AGENT_NOTICE,
        ]
