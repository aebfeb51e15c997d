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
        drafts: list[_Draft] = []
        for outgoing in taken:
            if raw := self._raw(outgoing):
                yield Ready(replace(outgoing, raw=raw))
                continue
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

    def _raw(self, outgoing: Outgoing) -> bytes:
        """The bytes it was frozen as, empty when it was not; read only now, as all that are due may be too much."""
        if not outgoing.message_id:
            return b""
        with self.database.read() as db:
            return store.outbox.raw(db, outgoing.id)

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
            original = store.spool.original(db, notice.source) if notice.source is not None else b""
        return Facts(
            queue=self.policy.queue(notice.queue),
            ticket=ticket,
            agent=self.policy.agent(notice.agent) if notice.agent else None,
            articles=articles,
            source=parse(original) if original else None,
            original=original,
        )

    def _frozen(self, drafts: Sequence[_Draft]) -> list[Ready]:
        """From now on their bytes never change."""
        if not drafts:
            return []
        with self.database.write() as db:
            return [Ready(frozen) for draft in drafts if (frozen := _freeze(db, draft))]


def _freeze(db: Connection, draft: _Draft) -> Outgoing | None:
    outgoing, written = draft.outgoing, draft.letter
    if not store.outbox.is_still_taken(db, outgoing):
        log.warning("mail was taken again by somebody else", extra={"action": "lost", "outbox_id": outgoing.id})
        return None
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
