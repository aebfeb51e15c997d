"""Servers that keep bringing mail, as the world does: each tries again until it has heard a 250, and counts them."""

import itertools
import smtplib
import threading
from collections import Counter
from typing import Self

from gateway.store import ledger
from gateway.tickets.notices import NoticeKind
from tests.journeys.gateway import Gateway, eventually
from tests.journeys.letters import letter, read, submit
from tests.servers.sink import Sink

_numbers = itertools.count(1)


class Senders:
    """At work while the block lasts. `taken` are the customers whose mail has got a 250, in that order."""

    def __init__(self, port: int, number: int = 2, pause: float = 0.02, text: str = "It is late.") -> None:
        self.port, self.pause, self.text = port, pause, text
        self.taken: list[str] = []
        self.refusals = Counter[str]()
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._deliver) for _ in range(number)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _deliver(self) -> None:
        while not self._is_over.is_set():
            number = next(_numbers)
            customer = f"customer{number}@house{number}.test"
            mail = letter(self.text, sender=customer, subject=f"Order {number}")
            while not self._is_taken(mail):
                if self._is_over.wait(0.1):
                    return
            self.taken.append(customer)
            self._is_over.wait(self.pause)

    def _is_taken(self, mail: bytes) -> bool:
        try:
            said = submit(self.port, mail)
        except (OSError, smtplib.SMTPException) as error:
            self.refusals[type(error).__name__] += 1
            return False
        if not said.startswith("250"):
            self.refusals[said[:3]] += 1
        return said.startswith("250")

    def wait_for_more(self, number: int = 3, seconds: float = 30) -> None:
        """So many more mails are taken from now on."""
        goal = len(self.taken) + number
        eventually(lambda: len(self.taken) >= goal, f"{number} more mails are taken", seconds)


def judge(gateway: Gateway, sink: Sink, taken: list[str], doubled: int = 0) -> dict[str, int]:
    """Every promise was kept: one ticket and one acknowledgement for each 250; at most `doubled` mails came twice."""
    gateway.settled(len(taken), 120)
    owners = Counter(ticket.customer.address for ticket in gateway.tickets)
    assert set(owners) >= set(taken), f"lost: {set(taken) - set(owners)}"
    assert set(owners.values()) == {1}, f"one ticket each: {owners.most_common(3)}"
    assert set(gateway.verdicts) <= {"opened", "duplicate"}, Counter(gateway.verdicts)
    acknowledged = Counter(mail.recipients[0].address for mail in gateway.outgoing(NoticeKind.ACKNOWLEDGEMENT))
    assert acknowledged == dict.fromkeys(owners, 1), "one acknowledgement each"
    sent = {mail.message_id for mail in gateway.outgoing()}
    eventually(lambda: sent <= set(_copies(sink)), "all has arrived")
    copies = _copies(sink)
    assert set(copies) == sent, "nothing arrived that the outbox does not know"
    resent = sum(times - 1 for times in copies.values())
    assert resent <= doubled, f"{resent} mails came twice"
    with gateway.database.read() as db:
        assert not (broken := ledger.verify(db)), broken
    return {"mails": len(taken), "tickets": len(owners), "resent": resent}


def _copies(sink: Sink) -> Counter[str]:
    return Counter(str(read(mail.raw)["Message-ID"]).strip("<>") for mail in sink.mails)
