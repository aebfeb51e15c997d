"""An outbox row for three people, sent through a proxy to a server that obeys; afterwards all accounts are squared."""

import itertools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from gateway import store
from gateway.desk import refusal
from gateway.desk.moves import Desk
from gateway.mail.address import Mailbox
from gateway.outbound.delivery import Delivery
from gateway.outbound.settings import DeliverySettings, SmarthostSettings, Tls
from gateway.outbound.smarthost import Smarthost
from gateway.store.engine import Database
from gateway.store.outbox import OutboxState, Outgoing
from gateway.store.tickets import NewTicket
from gateway.tickets.model import Ticket
from gateway.tickets.notices import Notice, NoticeKind
from tests.faults.network.proxy import Fault, Proxy, Way
from tests.outbound.controlled import ControlledServer, Taken

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
PEOPLE = tuple(Mailbox(name.title(), f"{name}@example.org") for name in ("anna", "ben", "cid"))
ADDRESSES = frozenset(each.address for each in PEOPLE)
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Squared:
    """`first` is the row after the fault, `last` after a good line an hour later, `refused` whom it was held for.

    `lost` and `doubled` count recipients; of those doubled the server had taken the mail and its word was lost for
    `allowed`. `is_same` says that whatever came came with the same octets.
    """

    first: Outgoing
    last: Outgoing
    lost: int
    doubled: int
    allowed: int
    is_same: bool


class RelayBench:
    """`fixed` are the policy, the keyring and the templates of delivery."""

    def __init__(self, ticket: Ticket, server: ControlledServer, proxy: Proxy, database: Database, *fixed) -> None:
        self.database, self.server, self.proxy = database, server, proxy
        self._ticket, self._fixed = ticket, fixed
        self._time = NOW

    def lengths(self) -> Mapping[Way, int]:
        """Octets each way of a session in which nothing happens, its end included."""
        self.proxy.forget()
        self.run()
        return {way: len(self.proxy.links[0].said[way]) for way in Way}

    def run(self, *faults: Fault, mail_seconds: float = 60.0, **settings) -> Squared:
        """An attempt under the faults and whatever the server was told to answer, one without; then the books."""
        before = len(self.server.taken)
        row = self._add()
        self.proxy.forget()
        self.proxy.script(*faults)
        self._attempt(mail_seconds, settings)
        first, had = self._look(row), self._came(before)
        self.proxy.script()
        self.server.answers.clear()
        self._time += timedelta(hours=1)
        self._attempt(60.0, {**settings, "timeout_seconds": 30})
        return self._squared(first, self._look(row), had, before)

    def _attempt(self, mail_seconds: float, more: Mapping[str, Any]) -> None:
        given: dict[str, Any] = {
            "host": "localhost",
            "tls": Tls.NONE,
            "timeout_seconds": 10,
            "hostname": "desk",
            **more,
        }
        relay = Smarthost(SmarthostSettings(**{**given, "port": self.proxy.port}), mail_seconds=mail_seconds)
        policy, ring, templates = self._fixed
        clock = lambda: self._time  # noqa: E731
        refused = partial(refusal.refused, Desk(policy, ring, lambda letters: letters[0]))
        delivery = Delivery(
            self.database, relay, policy, ring, templates, DeliverySettings(), clock, clock, lambda _: 0, refused
        )
        delivery.run_once()
        delivery.close()

    def _add(self):
        notice = Notice(
            key=f"fault-{next(_numbers)}",
            kind=NoticeKind.CLOSED,
            to=PEOPLE,
            agent="",
            ticket_id=self._ticket.id,
            language="en",
            queue="support",
        )
        with self.database.write() as db:
            added = store.outbox.add(db, notice, self._time)
        assert added is not None
        return added

    def _look(self, row) -> Outgoing:
        with self.database.read() as db:
            found = store.outbox.get(db, row)
        assert found is not None
        return found

    def _taken(self, before: int) -> list[Taken]:
        # Agents are told of what is refused: that is another mail.
        return [mail for mail in self.server.taken[before:] if ADDRESSES.issuperset(mail.rcpt_to)]

    def _came(self, before: int) -> Counter[str]:
        return Counter(address for mail in self._taken(before) for address in mail.rcpt_to)

    def _squared(self, first: Outgoing, last: Outgoing, had: Counter[str], before: int) -> Squared:
        came = self._came(before)
        sent = {each.address for each in last.recipients if each.state == "sent"}
        told = {each.address for each in first.recipients if each.state == "sent"}
        twice = {address for address, times in came.items() if times > 1}
        allowed = {address for address in twice if had[address] == 1 and came[address] == 2 and address not in told}
        is_same = all(mail.raw == last.raw for mail in self._taken(before))
        return Squared(first, last, len(sent - set(came)), len(twice - allowed), len(allowed), is_same)


def open_ticket(database: Database) -> Ticket:
    """The ticket that the mails speak of."""
    with database.write() as db:
        new = NewTicket("SUP-7K2M-9XQ4", "support", "The printer", PEOPLE[0], "en")
        return store.tickets.open_ticket(db, new, NOW)


def is_settled(outgoing: Outgoing) -> bool:
    """Whether the row rests: sent, held, or waiting for another time with words on why."""
    return outgoing.state in {OutboxState.SENT, OutboxState.HELD} or bool(outgoing.reason)
