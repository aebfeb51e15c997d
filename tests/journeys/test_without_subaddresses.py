"""reply_addressing = "none", for providers that deliver no support+anything@: conversations hold all the same."""

import pytest

from gateway.tickets.model import State
from tests.journeys.gateway import SUPPORT_QUEUE, smarthost
from tests.journeys.letters import (
    ANNA,
    ANNAS,
    KIM,
    KIMS,
    SUPPORT,
    answer,
    everything,
    letter,
    mails_to,
    read,
    recipient_of_answers,
    submit,
    text_of,
    wait_for_mails,
)

AS_ANNA, AS_KIM = f"{ANNA} <{ANNAS}>", f"{KIM} <{KIMS}>"


@pytest.fixture
def gateway(make_gateway, sink):
    queue = {**SUPPORT_QUEUE, "reply_addressing": "none"}
    gateway = make_gateway(smarthost=smarthost(sink.port), queue=[queue])
    gateway.start()
    submit(gateway.port, letter())
    gateway.settled(1)
    return gateway


def test_the_agent_answers_by_the_notices_message_id(gateway, sink):
    (notice,) = wait_for_mails(sink, ANNAS, 1)
    assert recipient_of_answers(read(notice)) == SUPPORT

    submit(gateway.port, answer(notice, AS_ANNA, "#resolve\nSwitch it off and on again."))

    reply = wait_for_mails(sink, KIMS, 2)[1]
    assert "Switch it off and on again." in text_of(read(reply))
    assert "agents.test" not in everything(reply)
    assert gateway.ticket.state is State.RESOLVED


def test_an_agent_who_begins_a_new_mail_with_the_reference_is_held_and_told(gateway, sink):
    wait_for_mails(sink, ANNAS, 1)

    submit(gateway.port, letter("Switch it off.", sender=AS_ANNA, subject=f"Re: [{gateway.ticket.reference}] Printer"))

    gateway.settled(2)
    assert gateway.verdicts == ["opened", "held"]
    assert "did not come as a reply" in text_of(read(wait_for_mails(sink, ANNAS, 2)[1]))
    assert len(mails_to(sink, KIMS)) == 1


def test_somebody_who_only_has_the_agents_notice_is_not_the_agent(gateway, sink):
    (notice,) = wait_for_mails(sink, ANNAS, 1)

    submit(gateway.port, answer(notice, "mallory@elsewhere.test", "Send it to me."))

    gateway.settled(2)
    assert gateway.verdicts == ["opened", "held"]
    assert len(mails_to(sink, KIMS)) == 1
    assert mails_to(sink, "mallory@elsewhere.test") == []


def test_the_customer_follows_up_by_the_threading_of_his_client(gateway, sink):
    (acknowledgement,) = wait_for_mails(sink, KIMS, 1)
    threading = (("In-Reply-To", read(acknowledgement)["Message-ID"]),)

    submit(gateway.port, letter("One thing more.", subject="Re: my printer", headers=threading))

    gateway.settled(2)
    assert gateway.verdicts == ["opened", "joined"]


def test_the_customer_follows_up_by_the_subject_alone(gateway, sink):
    submit(gateway.port, letter("One thing more.", subject=f"AW: Re: {gateway.ticket.reference} my printer"))

    gateway.settled(2)
    assert gateway.verdicts == ["opened", "joined"]
    assert len(wait_for_mails(sink, KIMS, 1)) == 1


def test_the_customer_rates_by_digit_and_by_button(gateway, sink):
    (notice,) = wait_for_mails(sink, ANNAS, 1)
    submit(gateway.port, answer(notice, AS_ANNA, "#close\nIt is done."))
    gateway.settled(2)
    gateway.reload()
    survey = wait_for_mails(sink, KIMS, 3)[2]

    submit(gateway.port, answer(survey, AS_KIM, "4"))

    thanks = wait_for_mails(sink, KIMS, 4)[3]
    assert "Thank you" in read(thanks)["Subject"]
    gateway.settled(3)
    assert gateway.verdicts[-1] == "rated"
    assert gateway.ticket.state is State.CLOSED
