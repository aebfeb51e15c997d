"""The way of an outbox row: taken, written, frozen, handed to the relay; sent, deferred or held. Knows no template."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from gateway import store
from gateway.errors import TemporaryError
from gateway.mail.tokens import Keyring
from gateway.outbound import retry
from gateway.outbound.relay import Relay, RelayDownError, Reply
from gateway.outbound.render import Templates
from gateway.outbound.settings import DeliverySettings
from gateway.outbound.writing import Ready, Writing
from gateway.store.engine import Connection, Database
from gateway.store.outbox import Outgoing, RecipientState
from gateway.tickets.policy import Policy

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=15)
_BATCH = 20
_FINENESS = 1000
_GRACE_SECONDS = 3.0

Refused = Callable[[Connection, Outgoing, Mapping[str, str], str, datetime], None]
"""Told in the transaction of a mail that is held: what was said of each address, and what else was wrong with it."""


class Delivery:
    """Sends what lies in the outbox. For one thread; several of them, here or elsewhere, never take the same row.

    `now` is the desk's clock, which dates mail; leases and retries follow `wall`. `below` picks a random number below
    the one it is given; `refused` does what follows when mail is held. `owner` is in whose name mail is taken, of
    nobody else who delivers.
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
        refused: Refused,
        owner: str = "",
    ) -> None:
        self._database = database
        self._relay = relay
        self._settings = settings
        self._writing = Writing(database, policy, keyring, templates, settings.attachments_size, now)
        self._now = now
        self._wall = wall
        self._below = below
        self._refused = refused
        self._owner = owner
        self._answered: list[tuple[Outgoing, Mapping[str, Reply]]] = []
        self._failures = 0
        self._paused_until: datetime | None = None
        self._is_stopping = threading.Event()
        self._at_work = threading.Lock()

    def run_once(self, limit: int = _BATCH) -> int:
        """How many mails were dealt with, of at most `limit`; 0 when none is due or the relay is left in peace.

        Raises:
            TemporaryError: the database is away. What the relay has answered is kept and written by the next run.
        """
        with self._at_work:
            return self._run(limit)

    def stop(self) -> None:
        """For another thread: no mail is begun any more. One that takes long is broken off, to go again later."""
        self._is_stopping.set()
        if self._at_work.acquire(timeout=_GRACE_SECONDS):
            self._at_work.release()
        else:
            self._relay.cut()

    def close(self) -> None:
        """Writes what is still to be written and takes leave of the relay."""
        self._relay.close()
        self._write_answers()

    def _run(self, limit: int) -> int:
        self._write_answers()
        if self._is_stopping.is_set():
            return 0
        taken_at = self._wall()
        if retry.is_paused(self._paused_until, taken_at):
            return 0
        with self._database.write() as db:
            store.outbox.reclaim(db, [self._owner])  # what a run that broke off has left
            taken = store.outbox.take(db, taken_at, LEASE, limit, self._owner)
        if not taken:
            self._relay.close_idle()
        left = {each.id: each for each in taken}
        for ready in self._writing.ready(taken):
            if self._is_stopping.is_set():
                self._put_back(left.values(), self._wall(), "the gateway was stopped")
                break
            if self._wall() - taken_at > LEASE / 2:
                self._put_back(left.values(), self._wall(), "the mails before it took long")
                break
            try:
                self._deliver(ready)
            except RelayDownError as error:
                due_at = self._wall() if self._is_stopping.is_set() else self._pause(error)
                self._put_back(left.values(), due_at, str(error))
                break
            del left[ready.outgoing.id]
        self._write_answers()
        return len(taken) - len(left)

    def _deliver(self, ready: Ready) -> None:
        outgoing, fault = ready.outgoing, ready.fault
        if fault is None:
            if self._write_answers(outgoing):
                self._answered.append((outgoing, self._replies(outgoing)))
        elif isinstance(fault, TemporaryError):
            self._answered.append((outgoing, _for_everybody(outgoing, Reply(451, f"4.3.0 {fault}"))))
        else:
            self._hold_unwritten(outgoing, str(fault) or type(fault).__name__)

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

    def _write_answers(self, following: Outgoing | None = None) -> bool:
        """Commits what the relay has answered before another mail is sent; whether `following` is ours to be it."""
        if not self._answered and following is None:
            return False
        with self._database.write() as db:
            for outgoing, replies in self._answered:
                if _is_still_ours(db, outgoing):
                    self._settle(db, outgoing, replies)
                else:
                    self._note_late(db, outgoing, replies)
            is_ours = following is not None and _is_still_ours(db, following)
        self._answered.clear()
        return is_ours

    def _note_late(self, db: Connection, outgoing: Outgoing, replies: Mapping[str, Reply]) -> None:
        """What the relay has taken is taken, whoever has the row now; he need not send it once more."""
        for address, reply in replies.items():
            if reply.is_accepted and not store.outbox.serve(db, outgoing.id, address, str(reply), self._now()):
                log.warning("a mail went out twice, as the same", extra=_fields(outgoing, "sent twice"))

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
            said_of = {each: str(reply) for each, reply in refused.items() if not reply.is_about_sender}
            else_said = [f"{each}: {reply}" for each, reply in refused.items() if reply.is_about_sender]
            self._refused(db, outgoing, said_of, "\n".join(filter(None, (*else_said, why))), self._now())
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
            if not _is_still_ours(db, outgoing):
                return
            store.outbox.hold(db, outgoing.id, why)
            self._refused(db, outgoing, {}, why, self._now())

    def _put_back(self, outgoing: Iterable[Outgoing], due_at: datetime, reason: str) -> None:
        with self._database.write() as db:
            for each in outgoing:
                if store.outbox.is_still_taken(db, each):
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


def _is_still_ours(db: Connection, outgoing: Outgoing) -> bool:
    if store.outbox.is_still_taken(db, outgoing):
        return True
    log.warning("mail was taken again by somebody else", extra=_fields(outgoing, "lost"))
    return False


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
