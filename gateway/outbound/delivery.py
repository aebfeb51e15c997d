"""The way of an outbox row: taken, written, frozen, handed to the relay; sent, deferred or held. Knows no template."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from gateway import store
from gateway.errors import TemporaryError
from gateway.mail.parse import parse
from gateway.mail.tokens import Keyring
from gateway.outbound import letter, retry
from gateway.outbound.letter import Facts
from gateway.outbound.relay import Relay, RelayDownError, Reply
from gateway.outbound.render import Templates
from gateway.outbound.settings import DeliverySettings
from gateway.store.engine import Connection, Database
from gateway.store.outbox import Outgoing, RecipientState
from gateway.store.tickets import Origin
from gateway.tickets import notices
from gateway.tickets.notices import NoticeKind, Reason
from gateway.tickets.policy import Policy

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=15)
_BATCH = 20
_FINENESS = 1000


class Delivery:
    """Sends what lies in the outbox. For one thread; several of them, here or elsewhere, never take the same row.

    `now` is the desk's clock, which dates mail; leases and retries follow `wall`. `below` picks a random number below
    the one it is given.
    """

    def __init__(
        self,
        database: Database,
        relay: Relay,
        policy: Policy,
        keyring: Keyring,
        templates: Templates,
        settings: DeliverySettings,
        now: Callable[[], datetime],
        wall: Callable[[], datetime],
        below: Callable[[int], int],
    ) -> None:
        self._database = database
        self._relay = relay
        self._policy = policy
        self._keyring = keyring
        self._templates = templates
        self._settings = settings
        self._now = now
        self._wall = wall
        self._below = below
        self._answered: list[tuple[Outgoing, Mapping[str, Reply]]] = []
        self._failures = 0
        self._paused_until: datetime | None = None

    def run_once(self, limit: int = _BATCH) -> int:
        """How many mails were dealt with, of at most `limit`; 0 when none is due or the relay is left in peace.

        Raises:
            TemporaryError: the database is away. What the relay has answered is kept and written by the next run.
        """
        self._write_answers()
        taken_at = self._wall()
        if self._paused_until is not None and taken_at < self._paused_until:
            return 0
        with self._database.write() as db:
            taken = store.outbox.take(db, taken_at, LEASE, limit)
        if not taken:
            self._relay.close_idle()
        for number, outgoing in enumerate(taken):
            if self._wall() - taken_at > LEASE / 2:
                self._put_back(taken[number:], self._wall(), "the mails before it took long")
                return number
            try:
                self._deliver(outgoing)
            except RelayDownError as error:
                self._put_back(taken[number:], self._pause(error), str(error))
                return number
        return len(taken)

    def close(self) -> None:
        """Writes what is still to be written and takes leave of the relay."""
        self._relay.close()
        self._write_answers()

    def _deliver(self, outgoing: Outgoing) -> None:
        try:
            ready = outgoing if outgoing.raw else self._frozen(outgoing)
        except TemporaryError as error:
            self._answered.append((outgoing, _for_everybody(outgoing, Reply(451, f"4.3.0 {error}"))))
        except Exception as error:  # the loop's edge: one mail that cannot be written must not stop the others
            log.exception("outgoing mail cannot be written", extra=_fields(outgoing, "held"))
            self._hold_unwritten(outgoing, str(error) or type(error).__name__)
        else:
            self._answered.append((ready, self._replies(ready)))
        self._write_answers()

    def _replies(self, outgoing: Outgoing) -> Mapping[str, Reply]:
        """What the relay says for each recipient who is still to be served. No transaction is open meanwhile."""
        waiting = [each.address for each in outgoing.recipients if each.state is RecipientState.WAITING]
        if not waiting:
            return {}
        try:
            replies = self._relay.send(outgoing.mail_from, waiting, outgoing.raw)
        except RelayDownError:
            raise
        except TemporaryError as error:
            return _for_everybody(outgoing, Reply(451, f"4.4.2 {error}"))
        except Exception:  # the loop's edge: unknown means temporary, and the next mail goes on
            log.exception("the relay failed in an unknown way", extra=_fields(outgoing, "deferred"))
            return _for_everybody(outgoing, Reply(451, "4.3.0 unknown trouble with this mail, see the log"))
        self._resume()
        return replies

    def _frozen(self, outgoing: Outgoing) -> Outgoing:
        """The row with its mail written; from now on its bytes never change."""
        facts = self._facts(outgoing)
        size = self._settings.attachments_size
        written = letter.write(outgoing, facts, self._policy, self._keyring, self._templates, size, self._now())
        with self._database.write() as db:
            store.outbox.freeze(db, outgoing.id, written.message_id, written.mail_from, written.raw, written.subject)
            if facts.ticket is not None:
                ids = (written.message_id, written.root_id)
                store.tickets.remember_ids(db, facts.ticket.id, Origin.OWN, ids)
        return replace(
            outgoing,
            message_id=written.message_id,
            mail_from=written.mail_from,
            raw=written.raw,
            subject=written.subject,
        )

    def _facts(self, outgoing: Outgoing) -> Facts:
        notice = outgoing.notice
        with self._database.read() as db:
            ticket = store.tickets.get(db, notice.ticket_id) if notice.ticket_id is not None else None
            articles = store.tickets.conversation(db, ticket.id) if ticket else ()
            original = store.spool.original(db, notice.source) if notice.source is not None else b""
        return Facts(
            queue=self._policy.queue(notice.queue),
            ticket=ticket,
            agent=self._policy.agent(notice.agent) if notice.agent else None,
            articles=articles,
            source=parse(original) if original else None,
            original=original,
        )

    def _write_answers(self) -> None:
        """Commits what the relay has answered, at once and in any case before another mail is taken."""
        while self._answered:
            outgoing, replies = self._answered[0]
            with self._database.write() as db:
                self._settle(db, outgoing, replies)
            del self._answered[0]

    def _settle(self, db: Connection, outgoing: Outgoing, replies: Mapping[str, Reply]) -> None:
        attempts = outgoing.attempts + 1
        due = retry.next_attempt(attempts, self._wall(), outgoing.created_at, self._jitter(), self._settings)
        states = {each.address: each.state for each in outgoing.recipients}
        for address, reply in replies.items():
            states[address] = _state_after(reply, gives_up=due is None)
            store.outbox.mark(db, outgoing.id, address, states[address], str(reply), self._now())
        refused = {each: reply for each, reply in replies.items() if states[each] is RecipientState.HELD}
        said = "; ".join(f"{address}: {reply}" for address, reply in replies.items() if not reply.is_accepted)
        if refused:
            why = f"given up after {attempts} attempts" if due is None else ""
            self._tell_of_refusal(db, outgoing, refused, why)
        if RecipientState.WAITING in states.values() and due is not None:
            store.outbox.defer(db, outgoing.id, due, said)
            log.info("mail is deferred", extra=_fields(outgoing, "deferred") | {"reason": said, "due_at": due})
        elif RecipientState.HELD in states.values():
            held = said or outgoing.reason
            store.outbox.hold(db, outgoing.id, held)
            level = logging.ERROR if outgoing.notice.kind.is_for_agents else logging.WARNING
            log.log(level, "mail is held", extra=_fields(outgoing, "held") | {"reason": held})
        else:
            store.outbox.finish(db, outgoing.id, self._now())
            log.info("mail is sent", extra=_fields(outgoing, "sent") | {"reply": _last_words(replies)})

    def _hold_unwritten(self, outgoing: Outgoing, why: str) -> None:
        with self._database.write() as db:
            store.outbox.hold(db, outgoing.id, why)
            if outgoing.notice.kind is NoticeKind.REPLY:
                self._tell_of_refusal(db, outgoing, {}, why)

    def _tell_of_refusal(self, db: Connection, outgoing: Outgoing, refused: Mapping[str, Reply], why: str = "") -> None:
        """Writes to the agent whose words did not arrive, or to those who hear of the ticket.

        Never about mail to agents: its refusal would be told by mail that is refused.
        """
        notice = outgoing.notice
        ticket = store.tickets.get(db, notice.ticket_id) if notice.ticket_id is not None else None
        if ticket is None or notice.kind.is_for_agents:
            return
        author = self._policy.agent(notice.agent) if notice.agent else None
        told = (author,) if author else notices.told_agents(ticket, self._policy)
        detail = "\n".join((outgoing.subject, *(f"{each}: {reply}" for each, reply in refused.items()), why)).strip()
        occasion = f"outbox-{outgoing.id}-{','.join(sorted(refused))}"
        for agent in told:
            error = notices.for_mistaken_agent(
                Reason.NOT_SENT, agent, ticket, occasion, self._policy, detail=detail, text=notice.text
            )
            store.outbox.add(db, error, self._now())

    def _put_back(self, outgoing: tuple[Outgoing, ...], due_at: datetime, reason: str) -> None:
        with self._database.write() as db:
            for each in outgoing:
                store.outbox.put_back(db, each.id, due_at, reason)

    def _pause(self, error: RelayDownError) -> datetime:
        """Until when the relay is left in peace. One alarm an incident, however often it is tried."""
        self._failures += 1
        if self._failures == 1:
            log.error("the relay takes no mail", extra={"action": "relay-down", "reason": str(error)})
        self._paused_until = retry.pause_until(self._failures, self._wall(), self._jitter(), self._settings)
        return self._paused_until

    def _resume(self) -> None:
        if self._failures:
            log.warning("the relay takes mail again", extra={"action": "relay-up", "failures": self._failures})
        self._failures, self._paused_until = 0, None

    def _jitter(self) -> float:
        return self._below(_FINENESS) / _FINENESS


def _state_after(reply: Reply, *, gives_up: bool) -> RecipientState:
    if reply.is_accepted:
        return RecipientState.SENT
    return RecipientState.HELD if reply.is_permanent or gives_up else RecipientState.WAITING


def _for_everybody(outgoing: Outgoing, reply: Reply) -> Mapping[str, Reply]:
    waiting = (each.address for each in outgoing.recipients if each.state is RecipientState.WAITING)
    return dict.fromkeys(waiting, reply)


def _last_words(replies: Mapping[str, Reply]) -> str:
    return str(list(replies.values())[-1]) if replies else ""


def _fields(outgoing: Outgoing, action: str) -> dict[str, object]:
    return {
        "action": action,
        "outbox_id": outgoing.id,
        "kind": outgoing.notice.kind.value,
        "ticket_id": outgoing.notice.ticket_id,
        "message_id": outgoing.message_id,
        "attempts": outgoing.attempts,
    }
