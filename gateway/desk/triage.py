"""Triage: mail out of the spool, through the rules, to what happens on a ticket; one verdict each. Sends nothing."""

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from gateway import store
from gateway.desk import alarms, changes, facts, posting
from gateway.desk.filing import Mail, Outcome
from gateway.desk.moves import Cause, Desk, Heard, Tray
from gateway.errors import PermanentError, TemporaryError
from gateway.mail.envelope import Envelope
from gateway.store.engine import Connection, Database
from gateway.store.originals import Original
from gateway.store.spool import Spooled, SpoolState, Verdict
from gateway.tickets import decision
from gateway.tickets.decision import Facts
from gateway.tickets.model import SpoolId
from gateway.tickets.reading import Reading

log = logging.getLogger(__name__)

_LEASE = timedelta(minutes=10)
_MOST_ATTEMPTS = 4
_PAUSE = timedelta(seconds=20)
_LONGEST_SUBJECT = 300
_OCTETS_AT_ONCE = 8 * 1024 * 1024
_MOST_BATCHES = 8  # then whoever calls may want to stop

_T = TypeVar("_T")
_Batch = Sequence[tuple[Spooled, Reading | Exception]]
_Verdicts = Sequence[tuple[Spooled, Verdict]]


@dataclass(frozen=True, slots=True)
class Triage:
    """Takes mail from the spool. `now` is the desk's clock, `wall` the one that leases and retries run by.

    `read_all` says of each mail what it is, or why it cannot be read: it is then held.
    """

    database: Database
    desk: Desk
    read_all: Callable[[Sequence[tuple[bytes, Envelope]]], Sequence[Reading | Exception]]
    now: Callable[[], datetime]
    wall: Callable[[], datetime]
    owner: str = ""  # in whose name mail is taken: of nobody else who triages

    def run_once(self, limit: int = 40) -> int:
        """How many mails were taken and dealt with, up to `limit` in one transaction; 0 when none waits.

        Where more wait, those are read while these are settled: reading is another process's work.
        """
        with self.database.write() as db:
            store.spool.reclaim(db, [self.owner])  # what a run that broke off has left
        return sum(self._settle_all(batch) for batch in self._batches(limit)) or self._bring_forward()

    def _bring_forward(self) -> int:
        """How many mails are due now that were put off for longer than any is: the clock was set back since."""
        now = self.wall()
        with self.database.write() as db:
            brought = store.spool.bring_forward(db, now, now + _PAUSE * _MOST_ATTEMPTS)
        if brought:
            log.warning("the clock was set back, deferred mail is due now", extra={"action": "clock", "mails": brought})
        return brought

    def _batches(self, limit: int) -> Iterator[_Batch]:
        taken = self._take(limit)
        if len(taken) < limit:
            yield self._read_all(taken)
            return
        with ThreadPoolExecutor(1, "reading") as reader:
            following = reader.submit(self._read_all, taken)
            for _ in range(_MOST_BATCHES):
                taken = self._take(limit)
                current, following = following, reader.submit(self._read_all, taken)
                yield current.result()
                if not taken:
                    return
            yield following.result()

    def _take(self, limit: int) -> tuple[Spooled, ...]:
        with self.database.write() as db:
            return store.spool.take(db, self.wall(), _LEASE, limit, self.owner)

    def _read_all(self, taken: Sequence[Spooled]) -> _Batch:
        read: dict[SpoolId, Reading | Exception] = {}
        left = deque(taken)
        while left:
            found = self._originals(left)
            mails = [(raw, spooled.envelope) for spooled, raw in found if isinstance(raw, bytes)]
            readings = iter(self.read_all(mails) if mails else ())
            read |= {spooled.id: next(readings) if isinstance(raw, bytes) else raw for spooled, raw in found}
        return [(spooled, read[spooled.id]) for spooled in taken]

    def _originals(self, left: deque[Spooled]) -> list[tuple[Spooled, bytes | Exception]]:
        """The first of `left`, which loses them, with their bytes: so many as may lie in memory together."""
        found: list[tuple[Spooled, Original | Exception]] = []
        octets = 0
        with self.database.read() as db:
            while left and octets < _OCTETS_AT_ONCE:
                spooled = left.popleft()
                original = _tried(spooled, partial(store.spool.original, db, spooled.id))
                octets += original.size if isinstance(original, Original) else 0
                found.append((spooled, original))
        return [
            (spooled, _tried(spooled, original.read) if isinstance(original, Original) else original)
            for spooled, original in found
        ]

    def _settle_all(self, batch: _Batch) -> int:
        left = batch
        if len(batch) > 1:
            try:
                left = self._settle_together(batch)
            except Exception as error:  # noqa: BLE001 - whose fault it is shows when each is settled for itself
                log.warning("mails could not be settled together, now each for itself", extra={"reason": str(error)})
        for spooled, mail in left:
            self._settle_alone(spooled, mail)
        return len(batch)

    def _settle_together(self, batch: _Batch) -> _Batch:
        """One transaction, and one look at what all of them want mailed; but for those that another node is just at."""
        with self.database.write() as db:
            are_free = store.locks.try_to_hold(db, [_names(mail) for _, mail in batch])
            verdicts = self._settle(db, [each for each, is_free in zip(batch, are_free, strict=True) if is_free])
        _tell(verdicts)
        return [each for each, is_free in zip(batch, are_free, strict=True) if not is_free]

    def _settle_alone(self, spooled: Spooled, mail: Reading | Exception) -> None:
        """A failure costs this mail alone: it is put back, or held with what went wrong."""
        verdicts: _Verdicts = ()
        with self.database.write() as db:
            store.locks.hold(db, _names(mail))
            try:
                with self.database.part(db):
                    verdicts = self._settle(db, [(spooled, mail)])
            except Exception as error:
                log.exception("mail could not be dealt with", extra={"spool_id": spooled.id})
                self._put_back(db, spooled, error)
        _tell(verdicts)

    def _settle(self, db: Connection, batch: _Batch) -> _Verdicts:
        """Those that have a verdict now. What all of them want mailed is posted at the end."""
        left, tray, verdicts = self._still_ours(db, batch), Tray(), list[tuple[Spooled, Verdict]]()
        with store.pending.gathered(db):
            while left:
                known = facts.gather_first(db, left, self.desk)
                for mail, each in zip(left, known, strict=False):
                    verdicts.append((mail.spooled, decide_and_do(db, mail, each, self.desk, self.now(), tray)))
                left = left[len(known) :]
        posting.post(db, tray, self.desk, self.now())
        return verdicts

    def _still_ours(self, db: Connection, batch: _Batch) -> Sequence[Mail]:
        """Those that can be settled; of the others, those that could not be read are put back."""
        still_taken = store.spool.still_taken(db, [spooled for spooled, _ in batch])
        ours = []
        for spooled, mail in batch:
            if spooled.id not in still_taken:
                log.warning("mail was taken again by somebody else", extra={"spool_id": spooled.id})
            elif isinstance(mail, Exception):
                self._put_back(db, spooled, mail)
            else:
                ours.append(Mail(spooled, mail))
        return ours

    def _put_back(self, db: Connection, spooled: Spooled, error: Exception) -> None:
        reason = str(error) if isinstance(error, PermanentError) else f"{type(error).__name__}: {error}"
        if isinstance(error, PermanentError):
            self._hold(db, spooled, reason)
        elif spooled.attempts + 1 < _MOST_ATTEMPTS or isinstance(error, TemporaryError):
            pause = _PAUSE * min(spooled.attempts + 1, _MOST_ATTEMPTS)  # a database that is away counts as attempts too
            store.spool.defer(db, spooled.id, self.wall() + pause, reason)
        else:
            self._hold(db, spooled, reason)

    def _hold(self, db: Connection, spooled: Spooled, reason: str) -> None:
        sender = spooled.envelope.mail_from or ""
        verdict = Verdict(SpoolState.HELD, "held", f"could not be processed: {reason}", sender=sender)
        store.spool.settle(db, spooled.id, verdict, self.now())
        alarms.raise_held(db, {spooled.id: verdict.reason}, self.desk.policy, self.now())
        log.error("mail is held", extra={"action": "held", "spool_id": spooled.id, "reason": reason})


def _tried(spooled: Spooled, step: Callable[[], _T]) -> _T | Exception:
    """What `step` makes of a mail, or what is wrong with that one."""
    try:
        return step()
    except Exception as error:
        log.exception("mail could not be read", extra={"spool_id": spooled.id})
        return error


def _tell(verdicts: _Verdicts) -> None:
    for spooled, verdict in verdicts:
        facts_of_it = {
            "action": verdict.verdict,
            "spool_id": spooled.id,
            "message_id": verdict.message_id,
            "ticket": verdict.ticket_id,
            "reason": verdict.reason,
        }
        log.info("mail settled", extra=facts_of_it)


def _names(mail: Reading | Exception) -> tuple[str, ...]:
    return () if isinstance(mail, Exception) else tuple(facts.names(mail))


def decide_and_do(db: Connection, mail: Mail, known: Facts, desk: Desk, now: datetime, tray: Tray) -> Verdict:
    """The verdict on one mail, with everything it causes done; what it wants mailed is on the tray, to be posted."""
    decided = decision.decide(known, desk.policy, now)
    author = mail.reading.author
    cause = Cause(author.address if author else "unknown sender", decided.trace[-1], now, mail.spooled.id, tray)
    outcome = changes.carry_out(db, decided.disposition, mail, desk, cause)
    if known.addressee is not None and known.heard is not None:
        heard = Heard(known.addressee.address, known.heard, known.loop, known.proves_author, outcome.ticket_id)
        tray.heard.append(heard)
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
