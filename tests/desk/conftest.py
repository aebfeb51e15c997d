"""A desk over a real database: mail goes in by the spool, notices come out of the outbox, the test owns the clock."""

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from gateway import store
from gateway.desk.moves import Desk
from gateway.desk.triage import Triage
from gateway.desk.upkeep import Upkeep
from gateway.mail import tokens
from gateway.mail.address import with_detail
from gateway.mail.envelope import Envelope
from gateway.mail.tokens import Purpose, Token
from gateway.store.engine import Database, open_database
from gateway.store.outbox import Outgoing
from gateway.store.spool import Arrival, Spooled, SpoolState
from gateway.tickets import reading
from gateway.tickets.model import Article, Event, SpoolId, Ticket, TicketId
from gateway.tickets.notices import NoticeKind
from gateway.tickets.policy import Policy
from tests.builders import ANNA, DAY, NOW, POLICY, RING, mail


@dataclass
class Office:
    """What a test does and sees. `seen` is how far the outbox has been looked at."""

    database: Database
    policy: Policy = POLICY
    clock: datetime = NOW
    seen: int = 0
    choose: Callable[[str], str] | None = None
    keys: itertools.count = field(default_factory=itertools.count)  # type: ignore[type-arg]

    @property
    def desk(self) -> Desk:
        return Desk(self.policy, RING, self.choose or random.Random(next(self.keys)).choice)

    @property
    def triage(self) -> Triage:
        return Triage(self.database, self.desk, self.read_all, lambda: self.clock, lambda: self.clock)

    def read_all(self, mails: Sequence[tuple[bytes, Envelope]]) -> list[reading.Reading | Exception]:
        """What a reading process would answer."""
        return [reading.read(raw, envelope, self.desk.ring, self.policy) for raw, envelope in mails]

    @property
    def upkeep(self) -> Upkeep:
        return Upkeep(self.database, self.desk, lambda: self.clock)

    def bring(
        self,
        raw: bytes,
        *rcpt_to: str,
        mail_from: str | None = "kim@customer.test",
        source: str = "smtp",
        peer: str = "127.0.0.1",
    ) -> SpoolId:
        """Puts a mail into the spool and leaves it there."""
        envelope = Envelope(mail_from, rcpt_to or ("support@desk.test",))
        with self.database.write() as db:
            return store.spool.add(db, Arrival(envelope, raw, source, str(next(self.keys)), peer), self.clock)[0]

    def receive(self, raw: bytes, *rcpt_to: str, mail_from: str | None = "kim@customer.test", **how: str) -> Spooled:
        """The mail after triage."""
        spool_id = self.bring(raw, *rcpt_to, mail_from=mail_from, **how)
        self.triage.run_once()
        return self.mail(spool_id)

    def mail(self, spool_id: SpoolId) -> Spooled:
        with self.database.read() as db:
            found = store.spool.get(db, spool_id)
        assert found is not None
        return found

    def opened(self, raw: bytes | None = None, *rcpt_to: str, **how: str) -> Ticket:
        """The ticket that a mail of Kim's opened; its notices have been looked at."""
        spooled = self.receive(raw or mail(message_id="first@customer.test"), *rcpt_to, **how)
        assert spooled.verdict == "opened", spooled
        self.notices()
        return self.ticket(spooled.ticket_id)

    def answered(self, text: str = "Turn it off and on again.", **how: str) -> Ticket:
        """Kim's ticket, answered by Anna."""
        ticket = self.opened()
        return self.agent_writes(ticket, text, **how)

    def agent_writes(self, ticket: Ticket, text: str, agent=ANNA, **how) -> Ticket:
        """The ticket after a mail of the agent to his reply address."""
        spooled = self.receive(
            mail(text, sender=agent.address, subject=f"Re: {ticket.subject}", date=self.date()),
            self.reply_address(ticket, agent.name),
            mail_from=agent.address,
            **how,
        )
        assert spooled.state is SpoolState.DONE, spooled
        return self.ticket(ticket.id)

    def customer_writes(self, ticket: Ticket, text: str = "Still on fire.", **how) -> Spooled:
        """A mail of Kim's to the ticket's reply address, after triage."""
        return self.receive(mail(text, date=self.date(), **how), self.address(ticket, Purpose.FOLLOW_UP))

    def date(self) -> str:
        """A Date field of now, so that two mails with the same words are two mails."""
        return f"{self.clock:%a, %d %b %Y %H:%M:%S} +0000"

    def ticket(self, ticket_id: TicketId | None) -> Ticket:
        assert ticket_id is not None
        with self.database.read() as db:
            found = store.tickets.get(db, ticket_id)
        assert found is not None
        return found

    def tickets(self) -> tuple[Ticket, ...]:
        """All of them, newest first."""
        with self.database.read() as db:
            return store.tickets.listed(db)

    def conversation(self, ticket: Ticket) -> tuple[Article, ...]:
        with self.database.read() as db:
            return store.tickets.conversation(db, ticket.id)

    def history(self, ticket: Ticket) -> tuple[Event, ...]:
        with self.database.read() as db:
            return store.tickets.history(db, ticket.id)

    def outbox(self) -> tuple[Outgoing, ...]:
        with self.database.read() as db:
            return store.outbox.listed(db)

    def notices(self) -> list[Outgoing]:
        """Outgoing mail that was not looked at before."""
        new = [each for each in self.outbox() if each.id > self.seen]
        self.seen = max((each.id for each in new), default=self.seen)
        return new

    def told(self) -> list[tuple[str, str, str]]:
        """Of outgoing mail not looked at before: to whom, its kind, its reason."""
        return [(each.notice.to[0].address, each.notice.kind, each.notice.reason or "") for each in self.notices()]

    def last(self, kind: NoticeKind) -> Outgoing:
        """The newest outgoing mail of a kind."""
        return [each for each in self.outbox() if each.notice.kind is kind][-1]

    def message_id(self, outgoing: Outgoing) -> str:
        """The signed Message-ID under which outbound sends it."""
        ticket = self.ticket(outgoing.notice.ticket_id)
        token = Token(Purpose.MESSAGE, ticket.code, outgoing.serial)
        return f"{tokens.sign(RING, token)}@{self.policy.hostname}"

    def address(self, ticket: Ticket, purpose: Purpose, serial: str = "") -> str:
        """The address that does what `purpose` says."""
        token = tokens.sign(RING, Token(purpose, ticket.code, serial))
        return with_detail(self.policy.queue(ticket.queue).address, token)

    def bounce_address(self, outgoing: Outgoing) -> str:
        """The envelope sender under which outbound sends it; reports on it come there."""
        return self.address(self.ticket(outgoing.notice.ticket_id), Purpose.BOUNCE, outgoing.serial)

    def reply_address(self, ticket: Ticket, agent: str) -> str:
        """Where that agent answers."""
        token = tokens.sign(RING, Token(Purpose.AGENT, ticket.code, tokens.mark_of(ticket.created_at)), bearer=agent)
        return with_detail(self.policy.queue(ticket.queue).address, token)

    def pass_days(self, days: float, *, upkeep: bool = True) -> None:
        """Time passes and upkeep does everything at its time; or it sleeps."""
        end = self.clock + days * DAY
        while upkeep and (due_at := self._next_due()) and due_at <= end:
            self.clock = max(self.clock, due_at)
            self.upkeep.run_once()
        self.clock = end

    def _next_due(self) -> datetime | None:
        with self.database.read() as db:
            return store.timers.next_due(db)

    def desk_with(self, choose: Callable[[str], str] | None) -> None:
        """From now on letters of references are picked by `choose`."""
        self.choose = choose

    def change_policy(self, **changes) -> None:
        self.policy = replace(self.policy, **changes)


@pytest.fixture
def database(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/gateway.db", is_lasting=False)
    yield database
    database.close()


@pytest.fixture
def office(database):
    return Office(database)
