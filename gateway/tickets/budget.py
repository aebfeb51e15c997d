"""How much automatic mail may go out: token buckets, and which of them one mail draws on. Keeps no state.

A bucket is full in the beginning and holds what may go out in an hour; each mail takes one token out of every bucket
that it draws on, and within an hour an empty bucket is full again.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.mail.address import domain_of, without_detail
from gateway.tickets.notices import Notice, NoticeKind
from gateway.tickets.policy import Budgets, Policy

_HOUR = timedelta(hours=1)
_UNLIMITED = frozenset({NoticeKind.REPLY, NoticeKind.ALARM, NoticeKind.AGENT_DIGEST})  # each has a bound of its own


class Scope(StrEnum):
    """What a bucket is for, the narrowest first: that is the one named when several are empty."""

    ADDRESS = "address"
    TICKET = "ticket"
    STRANGERS = "strangers"
    DOMAIN = "domain"
    QUEUE = "queue"
    OVERALL = "overall"
    AGENT_TICKET = "agent-ticket"
    AGENT = "agent"

    @property
    def is_shared(self) -> bool:
        """Whether one sender can use it up for everybody else: the operator hears of it."""
        return self in {Scope.STRANGERS, Scope.DOMAIN, Scope.QUEUE, Scope.OVERALL}


_SAID = {
    Scope.ADDRESS: "to one address",
    Scope.TICKET: "on one ticket",
    Scope.STRANGERS: "to strangers whom no server vouches for",
    Scope.DOMAIN: "to one domain",
    Scope.QUEUE: "to customers of one queue",
    Scope.OVERALL: "to customers in all",
    Scope.AGENT_TICKET: "to one agent on one ticket",
    Scope.AGENT: "to one agent",
}


@dataclass(frozen=True, slots=True)
class Bucket:
    """`level` tokens at the instant `at`; it holds `per_hour` and is filled with as many in an hour."""

    scope: Scope
    name: str
    per_hour: int
    level: float
    at: datetime

    @property
    def key(self) -> str:
        """Names it among all buckets."""
        return f"{self.scope}:{self.name}"

    @property
    def full_at(self) -> datetime:
        """From when on it is full again and need not be remembered."""
        return self.at + _HOUR * max(0.0, (self.per_hour - self.level) / self.per_hour)

    def at_instant(self, now: datetime) -> "Bucket":
        """The same bucket later; a clock that was set back fills nothing and empties nothing.

        Where it lies further ahead than other nodes' clocks may, time begins to count anew.
        """
        passed = max(timedelta(0), now - self.at) / _HOUR
        at = now if self.at - now > _HOUR else max(self.at, now)
        return replace(self, level=min(self.per_hour, self.level + passed * self.per_hour), at=at)


@dataclass(frozen=True, slots=True)
class Allowed:
    """The mail may go out; the buckets as they are after it."""

    buckets: tuple[Bucket, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """It may not: `bucket` is empty, and no bucket has lost anything."""

    bucket: Bucket

    @property
    def why(self) -> str:
        """For events and traces."""
        return f"the budget of {self.bucket.per_hour} an hour {_SAID[self.bucket.scope]} is spent"


def spend(buckets: tuple[Bucket, ...], now: datetime) -> Allowed | Refused:
    """Takes one token out of each bucket, or none out of any."""
    here = tuple(bucket.at_instant(now) for bucket in buckets)
    for bucket in here:
        if bucket.level < 1:
            return Refused(bucket)
    return Allowed(tuple(replace(bucket, level=bucket.level - 1) for bucket in here))


def drawn_on(notice: Notice, policy: Policy, now: datetime) -> tuple[Bucket, ...]:
    """The buckets that `notice` draws on, as they are when nothing has been taken; none for a person's mail."""
    if notice.kind in _UNLIMITED or not notice.to:
        return ()
    limits, to = policy.budgets, without_detail(notice.to[0].address)
    names = _agents(notice, to, limits) if notice.kind.is_for_agents else _customers(notice, to, limits)
    return tuple(Bucket(scope, name, most, most, now) for scope, name, most in names)


def _customers(notice: Notice, to: str, limits: Budgets) -> tuple[tuple[Scope, str, int], ...]:
    return (
        (Scope.ADDRESS, to, limits.address_per_hour),
        (Scope.TICKET, str(notice.ticket_id), limits.ticket_per_hour),
        *(((Scope.STRANGERS, "", limits.strangers_per_hour),) if notice.is_to_stranger else ()),
        (Scope.DOMAIN, domain_of(to), limits.domain_per_hour),
        (Scope.QUEUE, notice.queue, limits.queue_per_hour),
        (Scope.OVERALL, "", limits.overall_per_hour),
    )


def _agents(notice: Notice, to: str, limits: Budgets) -> tuple[tuple[Scope, str, int], ...]:
    """Agents are few and known: whatever strangers do to the other buckets, their notices have these of their own."""
    return (
        (Scope.AGENT_TICKET, f"{notice.ticket_id}:{to}", limits.agent_ticket_per_hour),
        (Scope.AGENT, to, limits.agent_per_hour),
    )
