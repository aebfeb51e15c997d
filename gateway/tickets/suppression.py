"""Which addresses automatic mail does not go to, by what delivery reports said of them. Stores and reads no report.

A fault of the mailbox counts points against its address. Points fade by half in a week; an address is suppressed while
it has a hundred, or until the day that its kind of fault sets.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import exp2, log2

from gateway.mail.delivery_report import FailedRecipient

_ENOUGH = 100.0
_HALF_LIFE = timedelta(days=7)
FADED_AFTER = timedelta(days=60)
"""Points that are so old are next to none: five mailbox-full reports on one day have left less than one."""


class Fault(StrEnum):
    """What is wrong, and so what follows."""

    GONE = "gone"  # there is no such mailbox or domain, or it takes nothing from us: at once, and for long
    FULL = "full"  # there is a mailbox, it has no room
    PASSING = "passing"  # something that may be different tomorrow
    POLICY = "policy"  # we are refused, not the address: the operator's concern
    MAIL = "mail"  # this one mail is refused: too large, not wanted


@dataclass(frozen=True, slots=True)
class Weight:
    """How many points a fault counts, and for how long it suppresses at least."""

    points: float
    rest: timedelta = timedelta(0)


_WEIGHTS = {
    Fault.GONE: Weight(_ENOUGH, timedelta(days=60)),
    Fault.FULL: Weight(40.0),
    Fault.PASSING: Weight(25.0),
}

# RFC 3463 §3 and the IANA registry of enhanced status codes: subject and detail; the longest beginning counts.
_FAULTS: dict[str, Fault] = {
    "1.0": Fault.PASSING,
    "1.1": Fault.GONE,  # no such mailbox
    "1.2": Fault.GONE,  # no such domain
    "1.3": Fault.GONE,  # no valid address
    "1.4": Fault.PASSING,  # ambiguous
    "1.6": Fault.GONE,  # moved, nobody says where to
    "1.7": Fault.POLICY,  # our own address is refused
    "1.8": Fault.POLICY,
    "1.9": Fault.MAIL,
    "1.10": Fault.GONE,  # null MX: takes no mail
    "1": Fault.PASSING,
    "2.1": Fault.GONE,  # disabled
    "2.2": Fault.FULL,
    "2.3": Fault.MAIL,  # longer than the mailbox allows
    "2": Fault.PASSING,
    "3.1": Fault.FULL,  # the whole system is
    "3.4": Fault.MAIL,  # too large
    "3": Fault.PASSING,
    "4": Fault.PASSING,  # network and routing
    "5": Fault.PASSING,  # protocol
    "6": Fault.MAIL,  # content
    "7.13": Fault.GONE,  # the account is disabled
    "7.124": Fault.GONE,  # groups that take nothing from outside their house
    "7.129": Fault.GONE,
    "7.133": Fault.GONE,
    "7": Fault.POLICY,
}


@dataclass(frozen=True, slots=True)
class Suppression:
    """What is held against one address (without letter case). `until` is the day its last grave fault set."""

    address: str
    fault: Fault
    score: float
    at: datetime
    status: str
    said: str
    until: datetime | None = None

    def score_at(self, now: datetime) -> float:
        """The points that are left."""
        return self.score * exp2(-(max(timedelta(0), now - self.at) / _HALF_LIFE))

    def is_active(self, now: datetime) -> bool:
        """Whether automatic mail to it rests."""
        if self.until is not None and now < self.until:
            return True
        return self.until is None and self.score_at(now) >= _ENOUGH

    def lasts_until(self, now: datetime) -> datetime | None:
        """When it ends if nothing more is reported; None when it is not active."""
        if not self.is_active(now):
            return None
        return self.until or now + log2(self.score_at(now) / _ENOUGH) * _HALF_LIFE

    @property
    def why(self) -> str:
        """For events and traces."""
        return f"{self.address} is suppressed ({self.fault}, {self.status} on {self.at:%Y-%m-%d})"


def fault_of(status: str) -> Fault:
    """What an enhanced status says; an unknown one is passing (RFC 3463 §2: unknown means temporary)."""
    rest = status.strip().partition(".")[2]
    subject = rest.partition(".")[0]
    return _FAULTS.get(rest) or _FAULTS.get(subject) or Fault.PASSING


def after(known: Suppression | None, lost: FailedRecipient, address: str, now: datetime) -> Suppression | None:
    """What is held against `address` after one more report; None where it says nothing against it."""
    fault = fault_of(lost.status)
    if fault is Fault.GONE and not lost.is_permanent:
        fault = Fault.PASSING
    weight = _WEIGHTS.get(fault)
    if weight is None:
        return None
    new = Suppression(address, fault, weight.points, now, lost.status, lost.diagnostic)
    if weight.rest:
        return replace(new, until=now + weight.rest)
    if known is None:
        return new
    if known.until is not None:
        return known if known.is_active(now) else new
    return replace(new, score=known.score_at(now) + weight.points)
