"""Several nodes deliver: one that was paused while another took over sends nothing twice that can be helped."""

import logging
from datetime import timedelta
from functools import cache

import pytest

from gateway import store
from gateway.mail.parse import parse
from gateway.outbound.delivery import Delivery
from gateway.outbound.settings import DeliverySettings, SmarthostSettings, Tls
from gateway.outbound.smarthost import Smarthost
from gateway.store.nodes import Node
from gateway.store.outbox import OutboxState, RecipientState
from tests.outbound.conftest import NOW
from tests.outbound.test_delivery import Room, refusals, relay

__all__ = ["relay"]

GIVEN_UP = timedelta(seconds=-1)


class Office(Room):
    """A room whose deliveries have names."""

    def named(self, owner: str, relay: Smarthost | None = None) -> Delivery:
        policy, ring, templates = self._fixed
        settings, clock = DeliverySettings(), lambda: self.time
        fixed = (policy, ring, templates, settings, clock, clock, lambda _: 0, refusals(policy, ring), owner)
        with self.database.write() as db:
            store.nodes.enter(db, Node(owner, owner, owner, ()))
        return Delivery(self.database, relay or self.relay, *fixed)

    def give_up_everybody(self) -> None:
        with self.database.write() as db:
            store.nodes.bury(db, GIVEN_UP)


@pytest.fixture
def office(tmp_path, relay, policy, ring, templates):
    office = Office(tmp_path / "gateway.db", relay, policy, ring, templates)
    yield office
    office.delivery.close()
    office.database.close()


@pytest.fixture
def other(server):
    """Another node's relay."""
    relay = Smarthost(SmarthostSettings("127.0.0.1", server.port, tls=Tls.NONE, timeout_seconds=5, hostname="desk"))
    yield relay
    relay.close()


class PausedBefore(Smarthost):
    """Does `meanwhile` before the first mail goes out, as if the process had slept."""

    meanwhile = staticmethod(lambda: None)

    def send(self, *arguments):
        do, self.meanwhile = self.meanwhile, lambda: None
        do()
        return super().send(*arguments)


class PausedWithin(PausedBefore):
    """The same when all is said but the content, and this may go."""

    def send(self, mail_from, recipients, raw, may_go):
        do, self.meanwhile = self.meanwhile, lambda: None

        def paused():
            may = may_go()
            do()
            return may

        return Smarthost.send(self, mail_from, recipients, raw, cache(paused))


class PausedAfter(PausedBefore):
    """The same, once the first mail was taken by the relay and before that is written down."""

    def send(self, *arguments):
        do, self.meanwhile = self.meanwhile, lambda: None
        replies = super().send(*arguments)
        do()
        return replies


@pytest.fixture
def paused_at(server):
    relays = []

    def make(kind):
        relays.append(kind(SmarthostSettings("127.0.0.1", server.port, tls=Tls.NONE, timeout_seconds=5)))
        return relays[-1]

    yield make
    for each in relays:
        each.close()


def ids(server):
    return [parse(taken.raw).message_id for taken in server.taken]


def test_mails_that_others_took_over_while_it_slept_it_does_not_send(office, server, other, paused_at):
    added = [office.add(key=str(number)) for number in range(5)]
    relay = paused_at(PausedAfter)
    sleeper, awake = office.named("sleeper", relay), office.named("awake", other)

    def sleep():
        office.give_up_everybody()
        assert awake.run_once() == 5  # among them the one whose answer the sleeper has not written

    relay.meanwhile = sleep
    sleeper.run_once()
    sleeper.close()
    assert len(server.taken) == 6
    assert len(set(ids(server))) == 5, "only the mail within the dialogue went twice, as the same"
    assert {office.state(each)[0] for each in added} == {OutboxState.SENT}


def test_a_mail_that_others_took_over_before_the_smarthost_heard_of_it_is_not_sent(office, server, other, paused_at):
    office.add()
    relay = paused_at(PausedBefore)
    sleeper, awake = office.named("sleeper", relay), office.named("awake", other)

    def sleep():
        office.give_up_everybody()
        assert awake.run_once() == 1

    relay.meanwhile = sleep
    sleeper.run_once()
    sleeper.close()
    assert len(server.taken) == 1


def test_what_was_sent_twice_is_told_in_the_log(office, server, other, paused_at, caplog):
    office.add()
    relay = paused_at(PausedWithin)
    sleeper, awake = office.named("sleeper", relay), office.named("awake", other)

    def sleep():
        office.give_up_everybody()
        assert awake.run_once() == 1

    relay.meanwhile = sleep
    with caplog.at_level(logging.WARNING):
        sleeper.run_once()
    sleeper.close()
    assert len(server.taken) == 2
    assert len(set(ids(server))) == 1
    assert "a mail went out twice, as the same" in caplog.text


def test_what_it_had_sent_is_not_sent_again_when_nobody_had_taken_it_yet(office, server, other, paused_at):
    added = office.add()
    relay = paused_at(PausedAfter)
    sleeper, awake = office.named("sleeper", relay), office.named("awake", other)
    relay.meanwhile = office.give_up_everybody
    sleeper.run_once()
    sleeper.close()
    assert office.state(added) == (OutboxState.WAITING, {"anna": RecipientState.SENT})
    awake.run_once()
    awake.close()
    assert office.state(added)[0] is OutboxState.SENT
    assert len(server.taken) == 1


def test_a_mail_on_its_second_attempt_is_asked_about_before_it_is_sent(office, server, other, paused_at):
    first, second = office.add(key="1"), office.add(key="2")
    server.answers["DATA"] = ["451 later", "451 later"]
    office.delivery.run_once()
    office.time = NOW + timedelta(days=1)
    relay = paused_at(PausedAfter)
    sleeper, awake = office.named("sleeper", relay), office.named("awake", other)

    def sleep():
        office.give_up_everybody()
        assert awake.run_once() == 2

    relay.meanwhile = sleep
    sleeper.run_once()
    sleeper.close()
    assert len(set(ids(server))) == 2
    assert len(server.taken) == 3, "the second was left to the other"
    assert {office.state(each)[0] for each in (first, second)} == {OutboxState.SENT}


def test_what_a_run_that_broke_off_has_left_is_sent_by_the_next(office, server):
    office.add()
    delivery = office.named("node")
    with office.database.write() as db:
        store.outbox.take(db, NOW, timedelta(days=1), 10, "node")
    assert delivery.run_once() == 1
    delivery.close()
    assert len(server.taken) == 1
