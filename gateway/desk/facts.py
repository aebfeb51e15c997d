"""Asks the store what it knows of mails that have been read. Decides nothing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from gateway import store
from gateway.desk import candidates
from gateway.desk.candidates import PointedAt
from gateway.desk.filing import Mail
from gateway.desk.moves import Desk
from gateway.mail import tokens
from gateway.mail.address import Mailbox, normalise, without_detail
from gateway.mail.tokens import Purpose
from gateway.store.engine import Connection
from gateway.store.outbox import Outgoing
from gateway.store.spool import Spooled
from gateway.tickets import decision, follow_up, loops
from gateway.tickets.decision import Facts
from gateway.tickets.evidence import Evidence
from gateway.tickets.follow_up import Candidate
from gateway.tickets.loops import Correspondent, Exchange
from gateway.tickets.model import OutboxId, SpoolId, Ticket, TicketId
from gateway.tickets.reading import Reading

_NEAREST_IDS = 3  # of those that a mail refers to; PostgreSQL has room for some thousand locks in all


def names(reading: Reading) -> Iterator[str]:
    """What a mail shares with those that must not be decided on at the same time: content, thread and author.

    The two halves of a conversation then find each other, whichever node has which, and nobody is counted twice.
    """
    ids = reading.evidence.message_ids
    nearest_and_first = {*ids[:_NEAREST_IDS], *ids[-1:]}
    if reading.digest:
        yield f"content {reading.digest}"
    yield from (f"author {each}" for each in sorted({normalise(person.address) for person in _people(reading)}))
    yield from (f"message {each}" for each in (reading.message.message_id, *nearest_and_first) if each)


def gather(db: Connection, reading: Reading, desk: Desk, now: datetime) -> Facts:
    """The facts about a mail that is only being explained."""
    return _Known.of_all(db, [reading], ()).about(db, reading, None, desk, now)


def gather_first(db: Connection, mails: Sequence[Mail], desk: Desk) -> list[Facts]:
    """The facts about the first of `mails`: about so many as have nothing to do with each other, at least one.

    What is then done for one of them changes nothing that was asked about another.
    """
    first = mails[: _strangers(mails)]
    known = _Known.of_all(db, [mail.reading for mail in first], [mail.spooled.id for mail in first])
    found: list[Facts] = []
    touched: set[TicketId] = set()
    for mail in first:
        facts = known.about(db, mail.reading, mail.spooled, desk, mail.spooled.received_at)
        tickets = _tickets(facts)
        if found and not touched.isdisjoint(tickets):
            break
        found.append(facts)
        touched |= tickets
    return found


def _strangers(mails: Sequence[Mail]) -> int:
    """How many come before the first that has its author, content or a Message-ID in common with one before it."""
    met: set[str] = set()
    for count, mail in enumerate(mails):
        ties = {*names(mail.reading), *(f"message {each}" for each in mail.reading.evidence.message_ids)}
        if not met.isdisjoint(ties):
            return count
        met |= ties
    return len(mails)


def _tickets(facts: Facts) -> set[TicketId]:
    """Every ticket that the mail may change."""
    undelivered, twin = facts.undelivered, facts.twin
    others = (undelivered[1].id if undelivered else None, twin[1] if twin else None, facts.answered_ticket)
    return {each for each in (*(candidate.ticket.id for candidate in facts.candidates), *others) if each is not None}


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store knows of several mails: one look-up a question, however many they are."""

    pointed_at: PointedAt
    twins: Mapping[tuple[str, str], tuple[SpoolId, TicketId | None]]
    languages: Mapping[str, str]
    correspondents: Mapping[str, Correspondent]

    @classmethod
    def of_all(cls, db: Connection, readings: Sequence[Reading], spool_ids: Collection[SpoolId]) -> Self:
        people = [person.address for reading in readings for person in _people(reading)]
        return cls(
            candidates.pointed_at(db, readings),
            store.spool.twins(db, [_identity(reading) for reading in readings if reading.digest], spool_ids),
            store.customers.languages(db, people),
            store.correspondents.known(db, people),
        )

    def about(self, db: Connection, reading: Reading, spooled: Spooled | None, desk: Desk, at: datetime) -> Facts:
        """The facts about one of them, which came at that instant; what only few mails ask for is looked up now."""
        answered, pointed_at = _answered(db, reading.evidence), self.pointed_at.by(reading, desk)
        addressee = decision.addressee(reading, pointed_at)
        address = addressee.address if addressee else ""
        correspondent = without_detail(address)
        return Facts(
            reading=reading,
            candidates=pointed_at,
            answered=answered.notice.kind if answered else None,
            answered_agent=answered.notice.agent if answered else "",
            answered_ticket=answered.notice.ticket_id if answered else None,
            undelivered=_undelivered(db, reading, desk),
            twin=self.twins.get(_identity(reading)),
            known_language=self.languages.get(normalise(address), ""),
            correspondent=self.correspondents.get(correspondent) or Correspondent(correspondent),
            is_known=normalise(address) in self.languages,
            heard=_heard(reading, pointed_at, spooled, at),
            vouched=bool(spooled and spooled.released_by),
        )


def _people(reading: Reading) -> tuple[Mailbox, ...]:
    """Who wrote it, and whom else it names to be written to."""
    return tuple(each for each in (reading.author, reading.named) if each)


def _identity(reading: Reading) -> tuple[str, str]:
    return reading.digest, reading.message.message_id


def _answered(db: Connection, evidence: Evidence) -> Outgoing | None:
    for serial in evidence.answered:
        outgoing = store.outbox.with_serial(db, serial)
        if outgoing is not None:
            return outgoing
    return None


def _undelivered(db: Connection, reading: Reading, desk: Desk) -> tuple[OutboxId, Ticket] | None:
    """The mail of ours that came back: by our envelope sender, or by our signed Message-ID in what was returned."""
    token = reading.evidence.bounce
    if token is None and reading.report is not None:
        token = tokens.verify(desk.ring, reading.report.original_message_id.partition("@")[0])
    if token is None or token.purpose not in {Purpose.BOUNCE, Purpose.MESSAGE}:
        return None
    outgoing = store.outbox.with_serial(db, token.serial)
    ticket = next(iter(store.tickets.with_codes(db, {token.code})), None)
    return (outgoing.id, ticket) if outgoing and ticket and outgoing.notice.ticket_id == ticket.id else None


def _heard(
    reading: Reading, pointed_at: tuple[Candidate, ...], spooled: Spooled | None, at: datetime
) -> Exchange | None:
    """Machines that say what they are get no automatic answer and need not be watched."""
    if reading.customer is None or not reading.classified.may_be_answered:
        return None
    number, is_on_ticket = spooled.id if spooled else None, follow_up.choose(pointed_at) is not None
    return loops.exchange_of(reading.message, reading.reply.text, at, number, is_on_ticket=is_on_ticket)
