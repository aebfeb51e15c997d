"""Raises an alarm: counted in the store, logged once, mailed to the operator at most once an hour. Mends nothing.

A room that must not import the desk is handed `raise_alarm` by the daemon.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime

from gateway import store
from gateway.store.engine import Connection
from gateway.tickets import alarm as rules
from gateway.tickets import notices
from gateway.tickets.alarm import NOTHING, Alarm, AlarmKind, Said
from gateway.tickets.model import SpoolId
from gateway.tickets.policy import Policy

log = logging.getLogger(__name__)


def raise_held(db: Connection, mails: Mapping[SpoolId, str], policy: Policy, now: datetime) -> None:
    """The one alarm about mail that is held of which no agent hears; `mails` says why each is."""
    why = next(iter(mails.values()), "")
    detail = f"Mail is held and no agent was told of it ({why}). See `gateway held list`, then release or drop it."
    facts: Said = {"what": "held"}
    raise_alarm(db, AlarmKind.HELD, "held", detail, policy, now, spool_ids=mails, times=len(mails), facts=facts)


def raise_alarm(
    db: Connection,
    kind: AlarmKind,
    key: str,
    detail: str,
    policy: Policy,
    now: datetime,
    *,
    spool_ids: Iterable[SpoolId] = (),
    times: int = 1,
    facts: Said = NOTHING,
) -> Alarm:
    """The alarm as it stands now: a new one, or the open one of the same kind and `key`, counted `times` more.

    `detail` is a sentence for the operator: what happened, to which mail or setting, what to do. `key` names the
    trouble in few letters (an address, a mailbox), the same each time it is seen. `facts` is the same sentence, from
    which mail is written in the operator's language.
    """
    raised = store.alarms.raise_(db, kind, key, detail, now, spool_ids, times)
    if raised.count == times:
        log.error(
            "an alarm is raised",
            extra={"action": "alarm", "alarm": raised.id, "kind": kind.value, "key": key, "reason": detail},
        )
    if rules.is_to_be_told(raised, now):
        notice = notices.for_operator(raised, policy, facts)
        if notice is not None:
            store.outbox.add(db, notice, now)
            store.alarms.set_told(db, raised.id, now)
    return raised
