"""kill -9 at the worst moments: every mail we said 250 to has its ticket, and nobody is answered twice.

The one mail in flight may arrive twice; it is then recognisably the same, by its Message-ID.
"""

import random
import smtplib
import threading
from collections import Counter

import pytest

from gateway.store.outbox import OutboxState
from gateway.store.spool import SpoolState
from gateway.tickets.notices import NoticeKind
from tests.journeys.gateway import eventually, smarthost
from tests.journeys.letters import ANNAS, KIMS, letter, mails_to, read, submit, wait_for_mails
from tests.servers.sink import Sink

ROUNDS = 8


def test_after_spooling_nothing_is_lost(make_gateway, sink):
    gateway = make_gateway(smarthost=smarthost(sink.port))

    def killed_with_mail_in_the_spool() -> bool:
        gateway.start()
        customers = [f"customer{len(gateway.spool) + number}@customer.test" for number in range(15)]
        senders = [
            threading.Thread(target=lambda each=each: submit(gateway.port, letter(sender=each))) for each in customers
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        gateway.kill()
        return any(mail.state is not SpoolState.DONE for mail in gateway.spool)

    eventually(killed_with_mail_in_the_spool, "killed before triage had seen everything", 60)
    said_250 = len(gateway.spool)

    gateway.start()

    gateway.settled(said_250)
    assert gateway.verdicts == ["opened"] * said_250
    for customer in {ticket.customer.address for ticket in gateway.tickets}:
        ids = {read(raw)["Message-ID"] for raw in wait_for_mails(sink, customer, 1)}
        assert len(ids) == 1


class Hook(Sink):
    """Takes a mail for `KIMS` and, before it says 250, does what `before_250` does."""

    before_250 = staticmethod(lambda: None)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        said = await super().handle_DATA(server, session, envelope)
        if KIMS in envelope.rcpt_tos:
            self.before_250()
        return said


@pytest.fixture
def far_end():
    with Hook() as sink:
        yield sink


def test_after_the_smarthosts_250_the_mail_in_flight_is_sent_again_as_the_same(make_gateway, far_end):
    gateway = make_gateway(smarthost=smarthost(far_end.port))
    gateway.start()
    database, is_locked, may_go_on = gateway.database, threading.Event(), threading.Event()

    def hold_the_commit() -> None:  # the 250 is heard, and cannot be written down
        with database.write():
            is_locked.set()
            may_go_on.wait(20)

    holder = threading.Thread(target=hold_the_commit)

    def before_250() -> None:
        if not is_locked.is_set():
            holder.start()
            is_locked.wait(20)

    far_end.before_250 = before_250
    submit(gateway.port, letter())
    assert is_locked.wait(20)
    wait_for_mails(far_end, KIMS, 1)
    gateway.kill()
    may_go_on.set()
    holder.join()
    (acknowledgement,) = gateway.outgoing(NoticeKind.ACKNOWLEDGEMENT)
    assert acknowledgement.state is OutboxState.TAKEN, "it had not been written down"

    gateway.start()

    first, second = wait_for_mails(far_end, KIMS, 2)
    gateway.settled(1)
    assert first == second == acknowledgement.raw
    assert len(mails_to(far_end, KIMS)) == 2
    assert len(mails_to(far_end, ANNAS)) == 1
    assert "mail of an interrupted run is taken up again" in gateway.log()


def test_before_the_smarthosts_250_too(make_gateway, far_end):
    gateway = make_gateway(smarthost=smarthost(far_end.port))
    gateway.start()
    far_end.before_250 = gateway.running.kill

    submit(gateway.port, letter())

    wait_for_mails(far_end, KIMS, 1)
    gateway.kill()
    far_end.before_250 = lambda: None
    gateway.start()
    first, second = wait_for_mails(far_end, KIMS, 2)
    gateway.settled(1)
    assert first == second
    assert (len(mails_to(far_end, KIMS)), len(mails_to(far_end, ANNAS))) == (2, 1)


class Senders:
    """Some servers that each deliver one mail after the other, and bring again what they did not hear a 250 for."""

    def __init__(self, port: int, number: int) -> None:
        self.port, self.taken = port, list[str]()
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._deliver, args=(name,)) for name in range(number)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _deliver(self, name: int) -> None:
        number = 0
        while not self._is_over.is_set():
            customer = f"customer-{name}-{number}@customer.test"
            mail = letter(f"My order {number} is late.", sender=customer)
            while not self._is_taken(mail):
                if self._is_over.wait(0.05):
                    return
            self.taken.append(customer)
            number += 1
            self._is_over.wait(0.02)

    def _is_taken(self, mail: bytes) -> bool:
        try:
            return submit(self.port, mail).startswith("250")
        except (OSError, smtplib.SMTPException):
            return False


def test_at_random_moments_under_load(make_gateway, sink):
    gateway = make_gateway(smarthost=smarthost(sink.port))
    chance = random.Random(0)
    moment = threading.Event()
    with Senders(gateway.port, 2) as senders:
        for _ in range(ROUNDS):
            gateway.start()
            moment.wait(chance.uniform(0.05, 0.6))  # the moment, not a wait for anything
            gateway.kill()
        gateway.start()
        taken = len(senders.taken)
        eventually(lambda: len(senders.taken) > taken, "mail is taken again")

    gateway.settled(len(senders.taken), 60)
    assert len(senders.taken) >= ROUNDS
    owners = Counter(ticket.customer.address for ticket in gateway.tickets)
    assert set(owners) >= set(senders.taken), "every 250 has its ticket"
    assert set(owners.values()) == {1}, "and none has two, though servers brought mail again"
    assert set(gateway.verdicts) <= {"opened", "duplicate"}
    copies = Counter(str(read(mail.raw)["Message-ID"]) for mail in sink.mails)
    assert len(copies) == 2 * len(owners), "one acknowledgement and one notice for each"
    assert set(copies.values()) <= {1, 2}
    assert sum(each == 2 for each in copies.values()) <= ROUNDS, "at most the one in flight at each kill"
