"""Writes the mail of outbox rows and freezes it: facts, letter, one commit for many rows. Sends nothing."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway import store
from gateway.errors import TemporaryError
from gateway.mail.parse import parse
from gateway.mail.tokens import Keyring
from gateway.outbound import letter
from gateway.outbound.letter import Facts, Letter
from gateway.outbound.render import Templates
from gateway.outbound.settling import still_ours
from gateway.store.engine import Connection, Database
from gateway.store.outbox import Outgoing
from gateway.store.tickets import Origin
from gateway.tickets.model import TicketId
from gateway.tickets.policy import Policy

log = logging.getLogger(__name__)

_OCTETS_AT_ONCE = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Ready:
    """A mail whose bytes are frozen, or one that cannot be written, and why."""

    outgoing: Outgoing
    fault: Exception | None = None


@dataclass(frozen=True, slots=True)
class _Draft:
    outgoing: Outgoing
    letter: Letter
    ticket_id: TicketId | None


@dataclass(frozen=True, slots=True)
class Writing:
    """Writes mail by these templates; `now` dates it, `attachments_size` is in octets."""

    database: Database
    policy: Policy
    keyring: Keyring
    templates: Templates
    attachments_size: int
    now: Callable[[], datetime]

    def ready(self, taken: Sequence[Outgoing]) -> Iterator[Ready]:
        """The mails of `taken` in some order, but for those that are somebody else's now.

        Raises:
            TemporaryError: the database is away.
        """
        unwritten = [each for each in taken if not each.message_id]
        for outgoing in self._with_bytes([each for each in taken if each.message_id]):
            if outgoing.raw:
                yield Ready(outgoing)
            else:
                unwritten.append(outgoing)
        drafts: list[_Draft] = []
        for outgoing in unwritten:
            try:
                drafts.append(self._draft(outgoing))
            except TemporaryError as error:
                yield Ready(outgoing, error)
            except Exception as error:  # the loop's edge: one mail that cannot be written must not stop the others
                facts = {"action": "held", "outbox_id": outgoing.id, "kind": outgoing.notice.kind.value}
                log.exception("outgoing mail cannot be written", extra=facts)
                yield Ready(outgoing, error)
            if sum(len(each.letter.raw) for each in drafts) > _OCTETS_AT_ONCE:
                yield from self._frozen(drafts)
                drafts = []
        yield from self._frozen(drafts)

    def _with_bytes(self, begun: Sequence[Outgoing]) -> Iterator[Outgoing]:
        """As they were frozen; read in groups when their turn comes, as all that are due may be too much for memory."""
        while begun:
            with self.database.read() as db:
                raws = store.outbox.raws(db, [each.id for each in begun], _OCTETS_AT_ONCE)
            yield from (replace(each, raw=raws[each.id]) for each in begun[: len(raws)])
            begun = begun[len(raws) :]

    def _draft(self, outgoing: Outgoing) -> _Draft:
        facts = self._facts(outgoing)
        settled = (self.policy, self.keyring, self.templates, self.attachments_size)
        written = letter.write(outgoing, facts, *settled, self.now())
        return _Draft(outgoing, written, facts.ticket.id if facts.ticket else None)

    def _facts(self, outgoing: Outgoing) -> Facts:
        notice = outgoing.notice
        with self.database.read() as db:
            ticket = store.tickets.get(db, notice.ticket_id) if notice.ticket_id is not None else None
            articles = store.tickets.conversation(db, ticket.id) if ticket else ()
            source = store.spool.original(db, notice.source) if notice.source is not None else None
        original = source.read() if source else b""  # it may come from elsewhere: no transaction is open meanwhile
        said = original if letter.needs_body(notice.kind) else original.partition(b"\r\n\r\n")[0]
        return Facts(
            queue=self.policy.queue(notice.queue),
            ticket=ticket,
            agent=self.policy.agent(notice.agent) if notice.agent else None,
            articles=articles,
            source=parse(said) if said else None,
            original=original,
        )

    def _frozen(self, drafts: Sequence[_Draft]) -> list[Ready]:
        """From now on their bytes never change."""
        if not drafts:
            return []
        with self.database.write() as db:
            ours = still_ours(db, [draft.outgoing for draft in drafts])
            return [Ready(_freeze(db, draft)) for draft in drafts if draft.outgoing.id in ours]


def _freeze(db: Connection, draft: _Draft) -> Outgoing:
    outgoing, written = draft.outgoing, draft.letter
    store.outbox.freeze(db, outgoing.id, written.message_id, written.mail_from, written.raw, written.subject)
    if draft.ticket_id is not None:
        store.tickets.remember_ids(db, draft.ticket_id, Origin.OWN, (written.message_id, written.root_id))
    return replace(
        outgoing,
        message_id=written.message_id,
        mail_from=written.mail_from,
        raw=written.raw,
        subject=written.subject,
    )
