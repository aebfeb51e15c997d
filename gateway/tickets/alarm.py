"""What an alarm is and when the operator is written to about it. Raises none, stores none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NewType

from gateway.tickets.model import SpoolId

AlarmId = NewType("AlarmId", int)

Said = Mapping[str, str | int]
"""What an alarm's detail says, piece by piece, with `what` for which sentence; `alarm.txt` says it in any language."""
NOTHING: Said = MappingProxyType({})

MOST_SAMPLES = 20
_BETWEEN_MAILS = timedelta(hours=1)
_AT_ONCE = timedelta(minutes=10)


class AlarmKind(StrEnum):
    """What went wrong, in one word; the template `alarm` says it to people."""

    LOOP = "loop"  # a machine answers our automatic mail
    BUDGET = "budget"  # automatic mail is withheld from many
    LEDGER = "ledger"  # the servers, or the object store, and the database do not hold the same mail
    DELIVERY = "delivery"  # mail of ours does not get through
    AGENT_UNREACHABLE = "agent-unreachable"  # notices to an agent come back
    HELD = "held"  # mail waits for a person, and no agent was told


@dataclass(frozen=True, slots=True)
class Alarm:
    """One trouble, from when it was first seen until somebody closes it; seen again, it only counts on.

    `key` tells it from others of its kind that are open; `spool_ids` are the first mails it is about.
    """

    id: AlarmId
    key: str
    kind: AlarmKind
    detail: str
    opened_at: datetime
    last_at: datetime
    count: int = 1
    spool_ids: tuple[SpoolId, ...] = ()
    told_at: datetime | None = None
    closed_at: datetime | None = None


def is_to_be_told(alarm: Alarm, now: datetime) -> bool:
    """Whether the operator gets a mail about it now: at once, and while it goes on once an hour."""
    return alarm.told_at is None or not -_BETWEEN_MAILS < now - alarm.told_at < _BETWEEN_MAILS  # clocks are set back


def key_among(key: str, others: Iterable[Alarm], now: datetime) -> str:
    """`key`, or that of an open alarm of the kind which has just been raised: many troubles at once are one alarm."""
    keys = {other.key: other.opened_at for other in others if other.closed_at is None}
    if key in keys:
        return key
    return next((other for other, opened_at in keys.items() if now - opened_at < _AT_ONCE), key)
