"""What it means when the ledger and what lies outside differ, and who is told. What was lost is fetched elsewhere."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway import store
from gateway.desk import alarms
from gateway.errors import TemporaryError
from gateway.store.engine import Connection, Database
from gateway.store.sightings import Compared
from gateway.tickets.alarm import AlarmKind, Said
from gateway.tickets.policy import Policy

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outside:
    """Captured mail beside the outbox, by Message-ID: what the outbox does not know, and what lies there twice."""

    unknown: tuple[str, ...]
    twice: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Hears how mailboxes compare; `now` is the desk's clock."""

    database: Database
    policy: Policy
    now: Callable[[], datetime]

    def hear(self, compared: Compared) -> None:
        """Logged, and where mail was lost an alarm is raised."""
        counts = {"mails": compared.listed, "lost": compared.lost, "unread": compared.unread, "gone": compared.gone}
        counts |= {"left": compared.left} if compared.left else {}
        facts = {"action": "reconcile", "mailbox": compared.mailbox, "folder": compared.folder, **counts}
        log.info("a folder was compared with the ledger", extra=facts)
        said = trouble(compared)
        if not said:
            return
        key, now = f"{compared.mailbox}/{compared.folder}", self.now()
        raising = (AlarmKind.LEDGER, key, said, self.policy, now)
        try:
            with self.database.write() as db:
                alarms.raise_alarm(
                    db, *raising, spool_ids=compared.fetched, times=compared.lost or 1, facts=said_of(compared)
                )
        except TemporaryError as error:  # it will not be seen a second time, for what was lost is there again
            log.error(  # noqa: TRY400 - the database's words say it all
                "mail on the server and in the database differed, and the alarm about it cannot be stored",
                extra=facts | {"reason": str(error)},
            )


def trouble(compared: Compared) -> str:
    """A sentence for the operator; empty where the folder and the ledger agree."""
    if compared.is_rewound:
        return (
            f"The server of mailbox {compared.mailbox!r} gives UIDs in folder {compared.folder!r} a second time, as "
            f"one does that was restored from its own backup. All {compared.listed} mails there were compared with the "
            f"database by their bytes: {len(compared.fetched)} of them are new and were taken in, none twice. What "
            "came since that backup and lies there no more is still in the database; see docs/ledger.md."
        )
    if not compared.lost:
        return ""
    missing = compared.lost - len(compared.fetched)
    done = "It was fetched" if compared.lost == 1 else "They were fetched"
    rest = f", but for {missing}" if missing else ""
    return (
        f"{compared.lost} of {compared.listed} mails in folder {compared.folder!r} of mailbox {compared.mailbox!r} "
        f"were not in the database, which had taken that folder's mail before. {done} again, as new mail{rest}. "
        "If the database was restored from a backup, see docs/ledger.md; if not, keep the log and run `gateway verify`."
    )


def said_of(compared: Compared) -> Said:
    """The same for mail in any language."""
    place: Said = {"mailbox": compared.mailbox, "folder": compared.folder, "listed": compared.listed}
    if compared.is_rewound:
        return {"what": "rewound", **place, "fetched": len(compared.fetched)}
    return {"what": "lost", **place, "lost": compared.lost, "missing": compared.lost - len(compared.fetched)}


def captured(db: Connection, seen: Mapping[str, int]) -> Outside:
    """How captured mail compares: `seen` says how often each Message-ID lies in the Maildir."""
    known = store.outbox.known(db, seen)
    return Outside(
        unknown=tuple(sorted(each for each in seen if each not in known)),
        twice=tuple(sorted(each for each, times in seen.items() if times > 1)),
    )
