"""The way of an outbox row: taken, written, frozen, handed to the relay; sent, deferred or held. Knows no template."""

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from functools import cache, partial

from gateway import store
from gateway.errors import TemporaryError
from gateway.mail.tokens import Keyring
from gateway.outbound import retry
from gateway.outbound.relay import MayGo, Relay, RelayDownError, Reply, WithdrawnError
from gateway.outbound.render import Templates
from gateway.outbound.settings import DeliverySettings
from gateway.outbound.settling import Answer, Refused, Settling, facts
from gateway.outbound.writing import Ready, Writing
from gateway.store.engine import Database
from gateway.store.outbox import Outgoing
from gateway.tickets.policy import Policy

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=15)
_BATCH = 20
_FINENESS = 1000
_GRACE_SECONDS = 3.0


class _UnwrittenError(TemporaryError):
    """The database is away: no other mail is sent until the answers to those before are written."""


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
        self._settling = Settling(database, settings, now, wall, self._jitter, refused)
        self._answers: list[Answer] = []
        self._wall = wall
        self._below = below
        self._owner = owner
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
            self._bring_forward(taken_at)
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

    def _bring_forward(self, now: datetime) -> None:
        """Nothing is due, perhaps because the clock was set back: nobody waits until it has come so far again."""
        with self._database.write() as db:
            brought = store.outbox.bring_forward(db, now, retry.latest_attempt(now))
        if brought:
            log.warning("the clock was set back, deferred mail is due now", extra={"action": "clock", "mails": brought})

    def _deliver(self, ready: Ready) -> None:
        outgoing, fault = ready.outgoing, ready.fault
        if fault is None:
            self._send(outgoing)
        elif isinstance(fault, TemporaryError):
            self._answers.append(Answer(outgoing, _for_everybody(outgoing, Reply(451, f"4.3.0 {fault}"))))
        else:
            self._settling.hold(outgoing, str(fault) or type(fault).__name__)

    def _send(self, outgoing: Outgoing) -> None:
        may_go = cache(partial(self._write_answers, outgoing))
        replies = self._replies(outgoing, may_go)
        if may_go():
            self._answers.append(Answer(outgoing, replies))

    def _replies(self, outgoing: Outgoing, may_go: MayGo) -> Mapping[str, Reply]:
        """What the relay says for each recipient who is still to be served. No transaction stays open meanwhile."""
        if not outgoing.unserved:
            return {}
        try:
            replies = self._relay.send(outgoing.mail_from, outgoing.unserved, outgoing.raw, may_go)
        except (RelayDownError, _UnwrittenError):
            raise
        except WithdrawnError:
            return {}
        except TemporaryError as error:
            return _for_everybody(outgoing, Reply(451, f"4.4.2 {error}"))
        except Exception:  # the loop's edge: unknown means temporary, and the next mail goes on
            log.exception("the relay failed in an unknown way", extra=facts(outgoing, "deferred"))
            return _for_everybody(outgoing, Reply(451, "4.3.0 unknown trouble with this mail, see the log"))
        self._resume()
        return replies

    def _write_answers(self, following: Outgoing | None = None) -> bool:
        """Whether `following` is still ours to be sent; what the relay has answered is durable then.

        The relay asks while the server reads the envelope. A server takes a mail with its content (RFC 5321 §4.1.1.4),
        which waits for this: so there is never more than one mail that a crash leaves in doubt.
        """
        try:
            is_ours = self._settling.settle(self._answers, following)
        except TemporaryError as error:
            raise _UnwrittenError(str(error)) from error
        self._answers.clear()
        return is_ours

    def _put_back(self, outgoing: Collection[Outgoing], due_at: datetime, reason: str) -> None:
        with self._database.write() as db:
            for taken in store.outbox.still_taken(db, outgoing):
                store.outbox.put_back(db, taken, due_at, reason)

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


def _for_everybody(outgoing: Outgoing, reply: Reply) -> Mapping[str, Reply]:
    return dict.fromkeys(outgoing.unserved, reply)
