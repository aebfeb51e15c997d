"""A support case from the first mail to the rating, with real servers on either side.

Customer -> Postfix -> LMTP -> gateway -> Postfix -> Dovecot: the customer's mailbox there, and the agent's.
"""

import pytest

from gateway.store.outbox import OutboxState
from gateway.tickets.model import State
from tests.journeys.gateway import smarthost
from tests.journeys.letters import SUPPORT, answer, everything, letter, read, submit, text_of
from tests.servers import process

pytestmark = [pytest.mark.dovecot, pytest.mark.postfix]


def test_from_the_first_mail_to_the_rating(make_gateway, postfix_factory, dovecot, inbox):
    customer, agent = inbox("kim"), inbox("anna")
    kim, anna = f"Kim Kask <{customer.user}@customer.test>", f"Anna Ozola <{agent.user}@agents.test>"
    lmtp = process.free_port()
    postfix = postfix_factory(f"lmtp:inet:127.0.0.1:{lmtp}", f"lmtp:inet:127.0.0.1:{dovecot.lmtp_port}")
    gateway = make_gateway(
        port=lmtp,
        listener=[{"protocol": "lmtp", "port": lmtp}],
        smarthost=smarthost(postfix.port),
        agent=[{"name": "anna", "full_name": "Anna Ozola", "address": f"{agent.user}@agents.test"}],
    )
    gateway.start()

    # The customer writes and is acknowledged.
    question = letter("Since today the printer prints everything twice.", sender=kim, subject="Double prints")
    submit(postfix.port, question)
    (acknowledgement,) = customer.wait_for(1)
    said = read(acknowledgement)
    ticket = gateway.ticket
    assert (ticket.state, said["Auto-Submitted"]) == (State.NEW, "auto-replied")
    assert ticket.reference in said["Subject"]
    assert said["In-Reply-To"] == read(question)["Message-ID"]

    # The agent is told, and answers from his own client.
    (notice,) = agent.wait_for(1)
    assert "Since today the printer prints everything twice." in text_of(read(notice))
    submit(postfix.port, answer(notice, anna, "Please switch it off and on again.\n\n-- \nAnna, at home 555-0199"))

    # The customer gets his words from the queue's address under his name, in the thread, and nothing else.
    reply = customer.wait_for(2)[1]
    said = read(reply)
    assert said["From"].addresses[0].addr_spec == SUPPORT
    assert "Anna Ozola" in said["From"].addresses[0].display_name
    assert said["Auto-Submitted"] is None
    assert said["In-Reply-To"] == read(question)["Message-ID"]
    assert said["References"].split() == read(acknowledgement)["References"].split()
    assert "Please switch it off and on again." in text_of(said)
    assert "Reply to this message: your words go to the customer" not in everything(reply)
    assert "555-0199" not in everything(reply)
    assert "agents.test" not in everything(reply).lower()
    assert (gateway.ticket.state, gateway.ticket.assignee) == (State.ANSWERED, "anna")

    # The customer answers; the agent hears of it, quotation folded, and calls it resolved.
    submit(postfix.port, answer(reply, kim, "That helped, but now it is slow."))
    second = agent.wait_for(2)[1]
    assert "That helped, but now it is slow." in text_of(read(second))
    assert gateway.ticket.state is State.OPEN
    submit(postfix.port, answer(second, anna, "#resolve\nThat is the warming up, it passes."))
    resolved = customer.wait_for(3)[2]
    assert "That is the warming up, it passes." in text_of(read(resolved))
    assert "#resolve" not in everything(resolved)
    assert gateway.ticket.state is State.RESOLVED

    # The customer confirms, and some time after closing he is asked for a rating.
    submit(postfix.port, answer(resolved, kim, "Yes, thank you!"))
    gateway.settled(5)
    assert gateway.ticket.state is State.CLOSED
    gateway.reload()
    survey = customer.wait_for(4)[3]
    submit(postfix.port, answer(survey, kim, "5\nQuick and friendly."))
    thanks = customer.wait_for(5)[4]
    assert read(thanks)["Auto-Submitted"] == "auto-replied"
    rated = agent.wait_for(3)[2]
    assert "Quick and friendly." in text_of(read(rated))

    # It stays closed, and nobody has got anything else.
    gateway.settled(6)
    assert gateway.ticket.state is State.CLOSED
    after = [event.after for event in gateway.history(gateway.ticket) if event.after]
    assert after == [State.ANSWERED, State.OPEN, State.ANSWERED, State.RESOLVED, State.CLOSED]
    assert gateway.verdicts == ["opened", "relayed", "joined", "relayed", "joined", "rated"]
    assert (len(customer.mails()), len(agent.mails())) == (5, 3)
    assert {mail.state for mail in gateway.outgoing()} == {OutboxState.SENT}
    assert not postfix.queue()
