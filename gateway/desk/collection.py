"""Once a day: what no mail has any more is removed from the object store, and who must know of too much is told."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway import store
from gateway.desk.alarms import raise_alarm
from gateway.store.collection import Collection
from gateway.store.engine import Database
from gateway.tickets.alarm import AlarmKind, Said
from gateway.tickets.policy import Policy

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Collecting:
    """Tidies the object store while it `goes_on`; `now` is the clock by which objects are named."""

    database: Database
    policy: Policy
    now: Callable[[], datetime]
    goes_on: Callable[[], bool]

    def run_once(self) -> int:
        """Always 0: what is left to do is tomorrow's.

        Raises:
            TemporaryError: the database or the object store cannot be read.
        """
        done = store.collection.tidy(self.database, self.now(), self.goes_on) if self.goes_on() else None
        if done is not None:
            facts = {"action": "collect", "seen": done.seen, "unnamed": done.unnamed, "removed": done.removed}
            log.info("the object store was looked through", extra=facts)
            self._tell(done)
        return 0

    def _tell(self, done: Collection) -> None:
        if done.removed == done.unnamed:
            return
        detail = (
            f"Of {done.seen} objects in the object store that are older than a month {done.unnamed} belong to no mail "
            "of this database: too many to be left by crashes. All are kept. If the database was put back from a copy, "
            "they may be mail that came after it (docs/ledger.md); if another gateway keeps its mail at the same "
            "place, give each one its own under [database] originals; else `gateway db collect` removes them."
        )
        with self.database.write() as db:
            facts: Said = {"what": "objects", "seen": done.seen, "unnamed": done.unnamed}
            raise_alarm(db, AlarmKind.LEDGER, "object store", detail, self.policy, self.now(), facts=facts)
