"""Triage: mail out of the spool, through the rules, to what happens on a ticket; one verdict each. Sends nothing."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway import store
from gateway.desk import changes, facts
from gateway.desk.filing import Mail, Outcome
from gateway.desk.moves import Cause, Desk
from gateway.errors import PermanentError, TemporaryError
from gateway.mail.envelope import Envelope
from gateway.store.engine import Connection, Database
from gateway.store.spool import Spooled, SpoolState, Verdict
from gateway.tickets import decision
from gateway.tickets.reading import Reading

log = logging.getLogger(__name__)

_LEASE = timedelta(minutes=10)
_MOST_ATTEMPTS = 4
_PAUSE = timedelta(seconds=20)
_LONGEST_SUBJECT = 300


@dataclass(frozen=True, slots=True)
class Triage:
    """Takes mail from the spool. `now` is the desk's clock, `wall` the one that leases and retries run by.

    `read` says what a mail is, or raises PermanentError when it cannot be read: the mail is then held.
    """

    database: Database
    desk: Desk
    read: Callable[[bytes, Envelope], Reading]
    now: Callable[[], datetime]
    wall: Callable[[], datetime]

    def run_once(self, limit: int = 50) -> int:
        """How many mails were taken and dealt with; 0 when none waits."""
        with self.database.write() as db:
            taken = store.spool.take(db, self.wall(), _LEASE, limit)
        if not taken:
            return 0
        read = [(spooled, self._read(spooled)) for spooled in taken]
        with self.database.write() as db:
            for spooled, mail in read:
                self._settle(db, spooled, mail)
        return len(taken)

    def _read(self, spooled: Spooled) -> Reading | Exception:
        try:
            with self.database.read() as db:
                raw = store.spool.original(db, spooled.id)
            return self.read(raw, spooled.envelope)
        except Exception as error:
            log.exception("mail could not be read", extra={"spool_id": spooled.id})
            return error

    def _settle(self, db: Connection, spooled: Spooled, mail: Reading | Exception) -> None:
        if not store.spool.is_still_taken(db, spooled):
            log.warning("mail was taken again by somebody else", extra={"spool_id": spooled.id})
            return
        if isinstance(mail, Exception):
            self._put_back(db, spooled, mail)
            return
        try:
            with self.database.part(db):
                verdict = decide_and_do(db, Mail(spooled, mail), self.desk, self.now())
        except Exception as error:
            log.exception("mail could not be dealt with", extra={"spool_id": spooled.id})
            self._put_back(db, spooled, error)
            return
        log.info(
            "mail settled",
            extra={
                "action": verdict.verdict,
                "spool_id": spooled.id,
                "message_id": verdict.message_id,
                "ticket": verdict.ticket_id,
                "reason": verdict.reason,
            },
        )

    def _put_back(self, db: Connection, spooled: Spooled, error: Exception) -> None:
        reason = str(error) if isinstance(error, PermanentError) else f"{type(error).__name__}: {error}"
        if isinstance(error, PermanentError):
            self._hold(db, spooled, reason)
        elif spooled.attempts + 1 < _MOST_ATTEMPTS or isinstance(error, TemporaryError):
            store.spool.defer(db, spooled.id, self.wall() + _PAUSE * (spooled.attempts + 1), reason)
        else:
            self._hold(db, spooled, reason)

    def _hold(self, db: Connection, spooled: Spooled, reason: str) -> None:
        sender = spooled.envelope.mail_from or ""
        verdict = Verdict(SpoolState.HELD, "held", f"could not be processed: {reason}", sender=sender)
        store.spool.settle(db, spooled.id, verdict, self.now())


def decide_and_do(db: Connection, mail: Mail, desk: Desk, now: datetime) -> Verdict:
    """The verdict on one mail, with everything it causes done in the same transaction."""
    known = facts.gather(db, mail.reading, desk, mail.spooled, now)
    decided = decision.decide(known, desk.policy, now)
    author = mail.reading.author
    cause = Cause(author.address if author else "unknown sender", decided.trace[-1], now, mail.spooled.id)
    outcome = changes.carry_out(db, decided.disposition, mail, desk, cause)
    verdict = _verdict(mail.reading, outcome, decided.trace)
    store.spool.settle(db, mail.spooled.id, verdict, now)
    return verdict


def _verdict(mail: Reading, outcome: Outcome, trace: tuple[str, ...]) -> Verdict:
    author = mail.author
    return Verdict(
        state=outcome.state,
        verdict=outcome.verdict,
        reason=outcome.reason,
        ticket_id=outcome.ticket_id,
        kind=mail.classified.kind,
        trace=(*trace, f"verdict: {outcome.verdict}, {outcome.reason}"),
        digest=mail.digest,
        message_id=mail.message.message_id,
        sender=author.address if author else "",
        subject=mail.message.subject[:_LONGEST_SUBJECT],
    )
