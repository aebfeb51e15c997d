"""Finds the tickets that mails point at, and what each mail's author is on them. Chooses none."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway import store
from gateway.desk.moves import Desk
from gateway.mail.address import Mailbox, normalise
from gateway.store.engine import Connection
from gateway.store.tickets import Origin
from gateway.tickets import follow_up
from gateway.tickets.classify import Kind
from gateway.tickets.evidence import Strength
from gateway.tickets.follow_up import Candidate
from gateway.tickets.model import Role, Ticket, TicketId
from gateway.tickets.reading import Reading

_STORED = {
    Origin.OWN: Strength.STORED_MESSAGE_ID,
    Origin.RECEIVED: Strength.STORED_MESSAGE_ID,
    Origin.MENTIONED: Strength.MENTIONED_MESSAGE_ID,
}


@dataclass(frozen=True, slots=True)
class PointedAt:
    """The tickets that any of several mails points at, by what points there."""

    by_id: Mapping[str, Sequence[tuple[Origin, Ticket]]]
    by_code: Mapping[str, Ticket]
    participants: Mapping[TicketId, Sequence[Mailbox]]

    def by(self, reading: Reading, desk: Desk) -> tuple[Candidate, ...]:
        """Those that this mail's clues point at, and what its author is on each."""
        clues = reading.evidence.clues
        found: dict[TicketId, Ticket] = {}
        stored = defaultdict[TicketId, set[Strength]](set)
        for origin, ticket in (known for each in _ids(reading) for known in self.by_id.get(each, ())):
            found[ticket.id] = ticket
            stored[ticket.id].add(_STORED[origin])
        for clue in clues:
            if clue.code in self.by_code:
                ticket = self.by_code[clue.code]
                found[ticket.id] = ticket
        return tuple(
            Candidate(
                ticket,
                follow_up.strengths_for(ticket, clues, stored.get(ticket.id, ())),
                self._role(ticket, reading, desk),
                is_to_its_people=self._is_to_people_of(ticket, reading),
            )
            for ticket in found.values()
        )

    def _role(self, ticket: Ticket, reading: Reading, desk: Desk) -> Role:
        people = self._participants(ticket)
        return follow_up.role_of(reading.author.address if reading.author else "", ticket, people, desk.policy)

    def _is_to_people_of(self, ticket: Ticket, reading: Reading) -> bool:
        if reading.classified.kind is not Kind.REQUEST:
            return False  # lists and newsletters go to anybody
        people = {normalise(ticket.customer.address), *self._participants(ticket)}
        listed = (*reading.message.to, *reading.message.cc)
        return any(normalise(each.address) in people for each in listed)

    def _participants(self, ticket: Ticket) -> frozenset[str]:
        return frozenset(normalise(person.address) for person in self.participants.get(ticket.id, ()))


def pointed_at(db: Connection, readings: Sequence[Reading]) -> PointedAt:
    """What the store knows of the clues of all of these mails: one look-up a kind of clue."""
    by_id = defaultdict[str, list[tuple[Origin, Ticket]]](list)
    for message_id, origin, ticket in store.tickets.with_message_ids(db, {i for each in readings for i in _ids(each)}):
        by_id[message_id].append((origin, ticket))
    codes = {clue.code for each in readings for clue in each.evidence.clues}
    by_code = {ticket.code: ticket for ticket in store.tickets.with_codes(db, codes)}
    found = {ticket.id for known in by_id.values() for _, ticket in known} | {each.id for each in by_code.values()}
    return PointedAt(by_id, by_code, store.tickets.participants_among(db, found))


def _ids(reading: Reading) -> tuple[str, ...]:
    own = reading.message.message_id
    return (*reading.evidence.message_ids, *((own,) if own else ()))
