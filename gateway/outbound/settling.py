"""What follows in the outbox from what the relay said of a mail: sent, deferred or held. It talks to no relay."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway import store
from gateway.outbound import retry
from gateway.outbound.relay import Reply
from gateway.outbound.settings import DeliverySettings
from gateway.store.engine import Connection, Database
from gateway.store.outbox import Outgoing, RecipientState, Refusal
from gateway.tickets.model import OutboxId

log = logging.getLogger(__name__)

Refused = Callable[[Connection, Sequence[Refusal], datetime], None]
"""Told of the mails that are held, last in their transaction and of all at once: see the order in `store.locks`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the relay said of a mail to each recipient who was still to be served."""

    outgoing: Outgoing
    replies: Mapping[str, Reply]


@dataclass(frozen=True, slots=True)
class Settling:
    """Writes answers. `now` is the desk's clock, retries follow `wall`; `jitter` in [0, 1) spreads them."""

    database: Database
    settings: DeliverySettings
    now: Callable[[], datetime]
    wall: Callable[[], datetime]
    jitter: Callable[[], float]
    refused: Refused

    def settle(self, answers: Sequence[Answer], following: Outgoing | None) -> bool:
        """Whether `following` is still ours to be sent. The answers are durable, in the same transaction.

        Raises:
            TemporaryError: the database is away; nothing has changed.
        """
        concerned = [answer.outgoing for answer in answers] + ([following] if following else [])
        if not concerned:
            return False
        refusals: list[Refusal] = []
        with self.database.write() as db:
            ours = still_ours(db, concerned)
            for answer in answers:
                if answer.outgoing.id in ours:
                    refusals += self._settle(db, answer.outgoing, answer.replies)
                else:
                    self._note_late(db, answer.outgoing, answer.replies)
            if refusals:
                self.refused(db, refusals, self.now())
        return following is not None and following.id in ours

    def hold(self, outgoing: Outgoing, why: str) -> None:
        """A mail that cannot be written waits for a person, if it is still ours.

        Raises:
            TemporaryError: the database is away.
        """
        with self.database.write() as db:
            if still_ours(db, [outgoing]):
                store.outbox.hold(db, outgoing.id, why)
                self.refused(db, [Refusal(outgoing, outgoing.unserved, {}, why)], self.now())

    def _note_late(self, db: Connection, outgoing: Outgoing, replies: Mapping[str, Reply]) -> None:
        """What the relay has taken is taken, whoever has the row now; he need not send it once more."""
        for address, reply in replies.items():
            if reply.is_accepted and not store.outbox.serve(db, outgoing.id, address, str(reply), self.now()):
                log.warning("a mail went out twice, as the same", extra=facts(outgoing, "sent twice"))

    def _settle(self, db: Connection, outgoing: Outgoing, replies: Mapping[str, Reply]) -> list[Refusal]:
        """Sent, deferred or held, as the relay has answered; what was refused, if anything."""
        attempts = outgoing.attempts + 1
        due = retry.next_attempt(attempts, self.wall(), outgoing.created_at, self.jitter(), self.settings)
        states = {each.address: each.state for each in outgoing.recipients}
        for address, reply in replies.items():
            states[address] = _state_after(reply, gives_up=due is None)
            store.outbox.mark(db, outgoing.id, address, states[address], str(reply), self.now())
        refused = {each: reply for each, reply in replies.items() if states[each] is RecipientState.HELD}
        said = "; ".join(f"{address}: {reply}" for address, reply in replies.items() if not reply.is_accepted)
        if RecipientState.WAITING in states.values() and due is not None:
            store.outbox.defer(db, outgoing.id, due, said)
            log.info("mail is deferred", extra=facts(outgoing, "deferred") | {"reason": said, "due_at": due})
        elif RecipientState.HELD in states.values():
            held = said or outgoing.reason
            store.outbox.hold(db, outgoing.id, held)
            level = logging.ERROR if outgoing.notice.kind.is_for_agents else logging.WARNING
            log.log(level, "mail is held", extra=facts(outgoing, "held") | {"reason": held})
        else:
            store.outbox.finish(db, outgoing.id, self.now())
            log.info("mail is sent", extra=facts(outgoing, "sent") | {"reply": _last_words(replies)})
        why = f"given up after {attempts} attempts" if due is None else ""
        return [_refusal(outgoing, refused, why)] if refused else []


def still_ours(db: Connection, mails: Sequence[Outgoing]) -> frozenset[OutboxId]:
    """Those of `mails` whose taking counts; nobody else can take them until the transaction ends."""
    ours = store.outbox.still_taken(db, mails)
    for outgoing in mails:
        if outgoing.id not in ours:
            log.warning("mail was taken again by somebody else", extra=facts(outgoing, "lost"))
    return ours


def facts(outgoing: Outgoing, action: str) -> dict[str, object]:
    """A mail as the log's fields."""
    return {
        "action": action,
        "outbox_id": outgoing.id,
        "kind": outgoing.notice.kind.value,
        "ticket_id": outgoing.notice.ticket_id,
        "message_id": outgoing.message_id,
        "attempts": outgoing.attempts,
    }


def _refusal(outgoing: Outgoing, refused: Mapping[str, Reply], why: str) -> Refusal:
    said_of = {each: str(reply) for each, reply in refused.items() if not reply.is_about_sender}
    else_said = [f"{each}: {reply}" for each, reply in refused.items() if reply.is_about_sender]
    return Refusal(outgoing, tuple(refused), said_of, "\n".join(filter(None, (*else_said, why))))


def _state_after(reply: Reply, *, gives_up: bool) -> RecipientState:
    if reply.is_accepted:
        return RecipientState.SENT
    return RecipientState.HELD if reply.is_permanent or gives_up else RecipientState.WAITING


def _last_words(replies: Mapping[str, Reply]) -> str:
    return str(list(replies.values())[-1]) if replies else ""
