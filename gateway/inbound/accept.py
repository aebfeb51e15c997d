"""Puts arrivals into the spool, exactly once for (source, key), many in one commit. It speaks no protocol.

It takes no more mail than is dealt with: whoever brings masses of it waits for his 250, not everybody else for answers.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from threading import Condition, Event, Thread
from typing import Self

from gateway import store
from gateway.errors import TemporaryError
from gateway.store.engine import Database
from gateway.store.spool import Arrival
from gateway.tickets.model import SpoolId

log = logging.getLogger(__name__)

_BATCH_MAILS = 100
_BATCH_OCTETS = 32 * 1024 * 1024
_MOST_UNSETTLED = 200  # then those who bring mail are held up; they bring it one after the other
_HOLD_UP_SECONDS = 1.0  # for so long at most: mail is taken where nobody deals with it, too
_LOOK_SECONDS = 0.05

Receipt = tuple[SpoolId, bool]
"""The spool id, and whether the mail is new there."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    arrival: Arrival
    receipt: Future[Receipt] = field(default_factory=Future)


class Acceptor:
    """One thread that stores whatever has gathered in one transaction, and only then tells each caller.

    `now` is asked once a commit; `wake` is called after each commit that brought something new. While more than
    `most_unsettled` mails have no verdict, each commit waits for up to a second.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        wake: Callable[[], object],
        most_unsettled: int = _MOST_UNSETTLED,
    ) -> None:
        self._database, self._now, self._wake, self._most_unsettled = database, now, wake, most_unsettled
        self._changed = Condition()
        self._waiting: deque[_Waiting] = deque()
        self._is_open = True
        self._closing = Event()
        self._is_in_trouble = False
        self._thread = Thread(target=self._run, name="accept", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """At work: arrivals are stored from now on, those handed in before among them."""
        self._thread.start()

    def stop(self) -> None:
        """Closed: what was handed in before is stored or refused, what comes now is refused."""
        with self._changed:
            self._is_open = False
            self._changed.notify()
        self._closing.set()
        self._thread.join()

    def submit(self, arrival: Arrival) -> Future[Receipt]:
        """The receipt, done once the mail is durable; it cannot be cancelled.

        The future raises TemporaryError when the mail is not stored; it may be handed in again, under the same key.
        """
        waiting = _Waiting(arrival)
        waiting.receipt.set_running_or_notify_cancel()
        with self._changed:
            if self._is_open:
                self._waiting.append(waiting)
                self._changed.notify()
                return waiting.receipt
        waiting.receipt.set_exception(TemporaryError("not stored: the gateway is shutting down"))
        return waiting.receipt

    def accept(self, arrival: Arrival) -> Receipt:
        """The receipt, once the mail is durable.

        Raises:
            TemporaryError: it is not stored.
        """
        return self.submit(arrival).result()

    async def accept_async(self, arrival: Arrival) -> Receipt:
        """The receipt, once the mail is durable. A caller that is cancelled meanwhile does not stop the commit.

        Raises:
            TemporaryError: it is not stored.
        """
        return await asyncio.shield(asyncio.wrap_future(self.submit(arrival)))

    def _run(self) -> None:
        while batch := self._gather():
            try:
                self._hold_up()
                self._store(batch, may_grow=self._database.objects is None)
            except Exception as error:  # noqa: BLE001 - the thread serves everybody and must go on
                self._refuse([each for each in batch if not each.receipt.done()], error)

    def _gather(self) -> list[_Waiting]:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or not self._is_open)
        batch: list[_Waiting] = []
        self._fill(batch)
        return batch

    def _fill(self, batch: list[_Waiting]) -> None:
        """Adds whatever waits, as far as it may lie in one transaction."""
        room = _BATCH_OCTETS - sum(len(each.arrival.raw) for each in batch)
        with self._changed:
            while self._waiting and len(batch) < _BATCH_MAILS:
                room -= len(self._waiting[0].arrival.raw)
                if batch and room < 0:
                    break
                batch.append(self._waiting.popleft())

    def _hold_up(self) -> None:
        """Returns when there is room for further mail, or after a while all the same."""
        for _ in range(round(_HOLD_UP_SECONDS / _LOOK_SECONDS)):
            if not self._is_crowded():
                return
            self._closing.wait(_LOOK_SECONDS)

    def _is_crowded(self) -> bool:
        if self._closing.is_set():
            return False
        try:
            with self._database.read() as db:
                return store.spool.is_crowded(db, self._most_unsettled)
        except TemporaryError:
            return False  # the commit will tell

    def _store(self, batch: list[_Waiting], *, may_grow: bool = False) -> bool:
        try:
            receipts = self._commit(batch, may_grow=may_grow)
        except Exception as caught:  # noqa: BLE001 - whatever is wrong with one arrival is not its neighbours' fault
            error = caught
        else:
            self._confirm(batch, receipts)
            return True
        if len(batch) > 1 and self._database_answers():
            self._store_singly(batch)
        else:
            self._refuse(batch, error)
        return False

    def _store_singly(self, batch: Sequence[_Waiting]) -> None:
        for position, each in enumerate(batch):
            if not self._store([each]) and not self._database_answers():
                self._refuse(batch[position + 1 :], TemporaryError("the database does not answer"))
                return

    def _commit(self, batch: list[_Waiting], *, may_grow: bool) -> list[Receipt]:
        """A receipt for each; who comes while we wait for our turn to write comes along, if the batch may grow."""
        now = self._now()
        self._database.keep((each.arrival.raw for each in batch), now)
        with self._database.write() as db:
            if may_grow:
                self._fill(batch)
            return [store.spool.add(db, each.arrival, now) for each in batch]

    def _database_answers(self) -> bool:
        try:
            with self._database.write():
                return True
        except TemporaryError:
            return False

    def _confirm(self, batch: Sequence[_Waiting], receipts: Sequence[Receipt]) -> None:
        if self._is_in_trouble:
            self._is_in_trouble = False
            log.warning("mail can be stored again", extra={"action": "recovered"})
        for each, receipt in zip(batch, receipts, strict=True):
            _log_stored(each.arrival, receipt)
            each.receipt.set_result(receipt)
        if any(is_new for _, is_new in receipts):
            self._wake()

    def _refuse(self, batch: Sequence[_Waiting], error: Exception) -> None:
        for each in batch:
            if not isinstance(error, TemporaryError):
                facts = {"action": "refused", "source": each.arrival.source, "key": each.arrival.key}
                log.error("a mail cannot be stored; its sender keeps it", exc_info=error, extra=facts)
            refusal = TemporaryError(f"not stored: {error}")
            refusal.__cause__ = error
            each.receipt.set_exception(refusal)
        if isinstance(error, TemporaryError) and not self._is_in_trouble:
            self._is_in_trouble = True
            log.error(
                "no mail can be stored; senders keep theirs until the database works again",
                extra={"action": "refused", "reason": str(error)},
            )


def _log_stored(arrival: Arrival, receipt: Receipt) -> None:
    facts = {
        "action": "stored",
        "spool_id": receipt[0],
        "is_new": receipt[1],
        "source": arrival.source,
        "peer": arrival.peer,
        "octets": len(arrival.raw),
        "recipients": len(arrival.envelope.rcpt_to),
    }
    log.info("mail stored", extra=facts)
