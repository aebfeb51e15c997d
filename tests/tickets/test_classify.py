import pytest

from gateway.mail import automatic, tokens
from gateway.mail.address import Mailbox
from gateway.mail.automatic import AutomaticKind, AutomaticReading, Signal
from gateway.mail.envelope import Envelope
from gateway.mail.message import Message
from gateway.mail.tokens import Purpose, Token
from gateway.tickets import classify
from gateway.tickets.classify import ECHOES, LOOP_HEADER, Classified, Kind
from tests.builders import FOREIGN, KIM, POLICY, RING, ticket

NOTHING = AutomaticReading()
HUMAN = Message(from_=(KIM,), subject="Printer", text="It is on fire.")


def classified(message: Message, reading: AutomaticReading = NOTHING) -> Classified:
    return classify.classify(message, reading, RING, POLICY)


def test_a_persons_mail_is_a_request_and_may_be_answered():
    assert classified(HUMAN) == Classified(Kind.REQUEST, (), ())
    assert classified(HUMAN).may_be_answered


def test_every_kind_that_mail_knows_is_a_kind_of_the_desk():
    assert {kind.value for kind in AutomaticKind} == {kind.value for kind in Kind} - {"request", "loop"}


@pytest.mark.parametrize("kind", AutomaticKind)
def test_a_machines_mail_keeps_its_kind_and_is_never_answered(kind):
    signals = (Signal("auto-submitted", 100, kind), Signal("doubt", -10, kind))
    found = classified(HUMAN, AutomaticReading(signals, kind, (kind.value,)))
    assert found.kind == kind.value
    assert found.signals == ("auto-submitted (+100)", "doubt (-10)")
    assert not found.may_be_answered


def test_a_persons_mail_that_forbids_answers_is_still_a_request():
    found = classified(HUMAN, AutomaticReading((), None, ("x-auto-response-suppress",)))
    assert (found.kind, found.may_be_answered) == (Kind.REQUEST, False)
    assert found.silent_because == ("x-auto-response-suppress",)


def own_id(ring=RING, purpose=Purpose.MESSAGE) -> str:
    return f"{tokens.sign(ring, Token(purpose, ticket().code, 'b'))}@desk.test"


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (Message(message_id=own_id()), "its Message-ID is signed by us"),
        (Message(message_id=own_id().upper()), "its Message-ID is signed by us"),
        (Message(headers=((LOOP_HEADER, POLICY.name),)), f"its {LOOP_HEADER} names this installation"),
        (Message(headers=((LOOP_HEADER.lower(), f" {POLICY.name} "),)), f"its {LOOP_HEADER} names this installation"),
    ],
)
def test_our_own_mail_is_a_loop_whatever_else_it_seems_to_be(message, why):
    found = classified(message, AutomaticReading((), AutomaticKind.LIST, ("list",)))
    assert (found.kind, found.silent_because) == (Kind.LOOP, (why,))
    assert not found.may_be_answered


@pytest.mark.parametrize(
    "message",
    [
        Message(message_id=own_id(FOREIGN)),
        Message(message_id=own_id(purpose=Purpose.FOLLOW_UP)),
        Message(headers=((LOOP_HEADER, "another desk"),)),
        Message(in_reply_to=(own_id(),)),
    ],
)
def test_another_gateways_mail_and_answers_to_ours_are_no_loop(message):
    assert classified(message).kind is Kind.REQUEST


@pytest.mark.parametrize("address", ["support@desk.test", "Billing+x@desk.test"])
def test_mail_from_one_of_our_own_addresses_is_never_answered(address):
    found = classified(Message(from_=(Mailbox("", address),)))
    assert (found.kind, found.silent_because) == (Kind.REQUEST, ("from one of our own addresses",))


def test_a_null_reverse_path_alone_forbids_an_answer_but_leaves_a_person_a_person():
    seen = automatic.read(HUMAN, Envelope("", ("support@desk.test",)))
    found = classified(HUMAN, seen)
    assert (found.kind, found.may_be_answered) == (Kind.REQUEST, False)


def test_echoes_are_what_tells_nothing_without_the_mail_it_answers():
    assert {kind.value for kind in ECHOES} == {
        *("out-of-office", "delivery-report", "read-receipt", "calendar-reply", "loop"),
    }
