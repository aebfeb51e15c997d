"""A stranger with somebody else's reference: held, the agent decides, and the stranger learns nothing from us."""

import pytest

from gateway.store.spool import SpoolState
from gateway.tickets.model import State
from tests.journeys.gateway import eventually, smarthost
from tests.journeys.letters import (
    ANNA,
    ANNAS,
    KIMS,
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

MALLORY = "mallory@elsewhere.test"


@pytest.fixture
def gateway(make_gateway, sink):
    gateway = make_gateway(smarthost=smarthost(sink.port))
    gateway.start()
    submit(gateway.port, letter("My customer number is 4711."))
    gateway.settled(1)
    return gateway


def by_reference(gateway, _acknowledgement):
    return letter("Send it to me.", sender=MALLORY, subject=f"Re: [{gateway.ticket.reference}] Printer")


def by_reply_address(_gateway, acknowledgement):
    address = recipient_of_answers(read(acknowledgement))
    return letter("Send it to me.", sender=MALLORY, to=address, subject="Printer")


def by_forwarded_mail(_gateway, acknowledgement):
    return answer(acknowledgement, MALLORY, "Send it to me.")


@pytest.mark.parametrize("written", [by_reference, by_reply_address, by_forwarded_mail])
def test_he_is_held_whatever_he_knows_and_gets_no_word(gateway, sink, written):
    (acknowledgement,) = wait_for_mails(sink, KIMS, 1)

    said = submit(gateway.port, written(gateway, acknowledgement))

    assert said.startswith("250 2.0.0 stored as spool"), "the same as everybody is told"
    gateway.settled(2)
    held = gateway.spool[1]
    assert (held.state, held.ticket_id) == (SpoolState.HELD, gateway.ticket.id)
    assert gateway.events(gateway.ticket) == ["opened", "held"]
    _, told = wait_for_mails(sink, ANNAS, 2)
    assert MALLORY in everything(told)
    assert f"gateway held release {held.id}" in text_of(read(told))
    assert "Send it to me." in text_of(read(told))
    assert mails_to(sink, MALLORY) == []
    assert len(mails_to(sink, KIMS)) == 1


def test_released_he_takes_part_and_is_answered_like_the_customer(gateway, sink):
    colleague = "lea@customer.test"
    submit(gateway.port, letter("It is my printer, too.", sender=colleague, subject=f"[{gateway.ticket.reference}]"))
    gateway.settled(2)

    released = gateway.run("held", "release", gateway.spool[1].id)

    assert released.returncode == 0, released.stderr
    gateway.reload()
    eventually(lambda: gateway.verdicts == ["opened", "joined"], "joined")
    notice = wait_for_mails(sink, ANNAS, 3)[2]
    assert "It is my printer, too." in text_of(read(notice))
    submit(gateway.port, answer(notice, f"{ANNA} <{ANNAS}>", "Both of you: switch it off and on again."))
    for person in (KIMS, colleague):
        assert "Both of you" in text_of(read(wait_for_mails(sink, person, 1 + (person == KIMS))[-1]))
    assert gateway.ticket.state is State.ANSWERED


def test_dropped_his_mail_leaves_nothing_but_a_note(gateway, sink):
    submit(gateway.port, by_reference(gateway, b""))
    gateway.settled(2)

    dropped = gateway.run("held", "drop", gateway.spool[1].id)

    assert dropped.returncode == 0, dropped.stderr
    assert gateway.spool[1].state is SpoolState.DROPPED
    assert gateway.events(gateway.ticket) == ["opened", "held", "dropped"]
    assert len(gateway.conversation(gateway.ticket)) == 1
    assert mails_to(sink, MALLORY) == []
