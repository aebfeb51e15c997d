"""A support case from the first mail to the rating, with real servers on either side.

The customer -> Postfix -> LMTP -> the gateway -> Postfix -> Dovecot, where the customer and the agent have mailboxes.
"""

from dataclasses import dataclass

import pytest

from gateway.store.outbox import OutboxState
from gateway.tickets.model import State
from tests.journeys.gateway import Gateway, smarthost
from tests.journeys.letters import SUPPORT, Inbox, answer, everything, letter, read, submit, text_of
from tests.servers import process
from tests.servers.postfix import PostfixServer

pytestmark = [pytest.mark.dovecot, pytest.mark.postfix]


@dataclass(frozen=True, slots=True)
class Case:
    """Everybody who has a part in it."""

    gateway: Gateway
    postfix: PostfixServer
    customer: Inbox
    agent: Inbox

    def write(self, raw: bytes) -> None:
        assert submit(self.postfix.port, raw).startswith("250")

    def customer_answers(self, mail: bytes, words: str) -> None:
        self.write(answer(mail, f"Kim Kask <{self.customer.user}@customer.test>", words))

    def agent_answers(self, mail: bytes, words: str) -> None:
        self.write(answer(mail, f"Anna Ozola <{self.agent.user}@agents.test>", words))

    @property
    def state(self) -> State:
        return self.gateway.ticket.state


@pytest.fixture
def case(make_gateway, postfix_factory, dovecot, inbox):
    customer, agent = inbox("kim"), inbox("anna")
    lmtp = process.free_port()
    postfix = postfix_factory(f"lmtp:inet:127.0.0.1:{lmtp}", f"lmtp:inet:127.0.0.1:{dovecot.lmtp_port}")
    gateway = make_gateway(
        port=lmtp,
        listener=[{"protocol": "lmtp", "port": lmtp}],
        smarthost=smarthost(postfix.port),
        agent=[{"name": "anna", "full_name": "Anna Ozola", "address": f"{agent.user}@agents.test"}],
    )
    gateway.start()
    return Case(gateway, postfix, customer, agent)


def test_from_the_first_mail_to_the_rating(case):
    # The customer writes and is acknowledged.
    sender = f"Kim Kask <{case.customer.user}@customer.test>"
    question = letter("Since today the printer prints everything twice.", sender=sender, subject="Double prints")
    case.write(question)
    (acknowledgement,) = case.customer.wait_for(1)
    said = read(acknowledgement)
    assert (case.state, said["Auto-Submitted"]) == (State.NEW, "auto-replied")
    assert case.gateway.ticket.reference in said["Subject"]
    assert said["In-Reply-To"] == read(question)["Message-ID"]

    # The agent is told, and answers from his own client.
    (notice,) = case.agent.wait_for(1)
    assert "Since today the printer prints everything twice." in text_of(read(notice))
    case.agent_answers(notice, "Please switch it off and on again.\n\n-- \nAnna, at home 555-0199")

    # The customer gets his words from the queue's address under his name, in the thread, and nothing else.
    reply = case.customer.wait_for(2)[1]
    said = read(reply)
    assert said["From"].addresses[0].addr_spec == SUPPORT
    assert "Anna Ozola" in said["From"].addresses[0].display_name
    assert said["Auto-Submitted"] is None
    assert said["In-Reply-To"] == read(question)["Message-ID"]
    assert said["References"].split() == read(acknowledgement)["References"].split()
    assert "Please switch it off and on again." in text_of(said)
    for private in ("agents.test", "555-0199", "your words go to the customer"):
        assert private not in everything(reply)
    assert (case.state, case.gateway.ticket.assignee) == (State.ANSWERED, "anna")

    # The customer answers; the agent hears of it, quotation folded, and calls it resolved.
    case.customer_answers(reply, "That helped, but now it is slow.")
    second = case.agent.wait_for(2)[1]
    assert "That helped, but now it is slow." in text_of(read(second))
    assert "not shown above" in text_of(read(second))
    assert case.state == State.OPEN
    case.agent_answers(second, "#resolve\nThat is the warming up, it passes.")
    resolved = case.customer.wait_for(3)[2]
    assert "That is the warming up, it passes." in text_of(read(resolved))
    assert "#resolve" not in everything(resolved)
    assert case.state == State.RESOLVED

    # The customer confirms, and some time after closing he is asked for a rating.
    case.customer_answers(resolved, "Yes, thank you!")
    case.gateway.settled(5)
    assert case.state == State.CLOSED
    case.gateway.reload()
    survey = case.customer.wait_for(4)[3]
    case.customer_answers(survey, "5\nQuick and friendly.")
    thanks = case.customer.wait_for(5)[4]
    assert read(thanks)["Auto-Submitted"] == "auto-replied"
    rated = case.agent.wait_for(3)[2]
    assert "Quick and friendly." in text_of(read(rated))

    # It stays closed, and nobody has got anything else.
    case.gateway.settled(6)
    moved = [event.after for event in case.gateway.history(case.gateway.ticket) if event.after]
    assert moved == [State.ANSWERED, State.OPEN, State.ANSWERED, State.RESOLVED, State.CLOSED]
    assert case.gateway.verdicts == ["opened", "relayed", "joined", "relayed", "joined", "rated"]
    assert (len(case.customer.mails()), len(case.agent.mails())) == (5, 3)
    assert {mail.state for mail in case.gateway.outgoing()} == {OutboxState.SENT}
    assert not case.postfix.queue()


def test_a_customer_who_says_no_more_is_reminded_then_resolved_then_closed(case):
    sender = f"Kim Kask <{case.customer.user}@customer.test>"
    case.gateway.configure(periods={"survey_after_hours": 1})  # else it follows upon closing
    case.gateway.reload()
    case.write(letter("The printer is on fire.", sender=sender))
    (notice,) = case.agent.wait_for(1)
    case.agent_answers(notice, "Is it still?")
    case.customer.wait_for(2)

    for number, (kind, state) in enumerate(
        [
            ("reminder", State.ANSWERED),
            ("reminder", State.ANSWERED),
            ("resolved", State.RESOLVED),
            ("closed", State.CLOSED),
            ("survey", State.CLOSED),
        ],
        3,
    ):
        case.gateway.let_timers_be_due()
        case.gateway.reload()
        case.customer.wait_for(number)
        assert (case.gateway.outgoing()[-1].notice.kind, case.state) == (kind, state)
    case.gateway.let_timers_be_due()
    case.gateway.reload()
    case.gateway.settled()
    assert len(case.customer.mails()) == 7
    assert len(case.agent.mails()) == 1
