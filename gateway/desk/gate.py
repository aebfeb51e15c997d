"""The gate that every automatic mail passes: suppressed addresses, broken loops, budgets. Writes and sends nothing.

It holds all that is on one tray against what the store knows of everybody on it.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway import store
from gateway.desk.moves import Heard, Tray, Wanted
from gateway.mail.address import normalise, without_detail
from gateway.store.engine import Connection
from gateway.tickets import budget, loops
from gateway.tickets.budget import Allowed, Bucket, Refused
from gateway.tickets.loops import Correspondent, Exchange
from gateway.tickets.notices import Notice
from gateway.tickets.policy import Policy
from gateway.tickets.suppression import Suppression


@dataclass(frozen=True, slots=True)
class Denial:
    """Why a notice is withheld; `bucket` is the empty one, if that is why."""

    why: str
    bucket: Bucket | None = None


@dataclass(slots=True)
class Weighed:
    """What was on a tray: who begins to be silenced, whom nothing is held against any more, what goes and what not."""

    loops: list[Heard] = field(default_factory=list)
    refuted: list[tuple[Heard, Suppression]] = field(default_factory=list)
    allowed: list[Wanted] = field(default_factory=list)
    refused: list[tuple[Wanted, Denial]] = field(default_factory=list)


@dataclass(slots=True)
class Gate:
    """What one transaction's mails are held against, and what is left of it after each."""

    policy: Policy
    now: datetime
    buckets: dict[str, Bucket]
    correspondents: dict[str, Correspondent]
    suppressions: dict[str, Suppression]
    drawn: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)

    @classmethod
    def opened(cls, db: Connection, tray: Tray, policy: Policy, now: datetime) -> "Gate":
        """With all that the store knows of everybody on the tray: three look-ups, however much it carries."""
        notices_ = [each.notice for each in tray.wanted]
        customers = [to.address for notice in notices_ if _is_customers(notice) for to in notice.to]
        proven = [heard.address for heard in tray.heard if heard.proves]
        suppressed = store.suppressions.among(db, (*customers, *proven))
        known = store.correspondents.among(db, (*customers, *(heard.address for heard in tray.heard)))
        drawn = {bucket.key: bucket for notice in notices_ for bucket in budget.drawn_on(notice, policy, now)}
        for key, (level, at) in store.budgets.levels(db, drawn).items():
            drawn[key] = replace(drawn[key], level=min(level, drawn[key].per_hour), at=at)
        return cls(policy, now, drawn, dict(known), dict(suppressed))

    def weigh(self, tray: Tray) -> Weighed:
        """What is to become of all that is on the tray; first what was heard, for it speaks for or against the rest."""
        weighed = Weighed()
        for heard in tray.heard:
            if self.hear(heard):
                weighed.loops.append(heard)
            if heard.proves and (refuted := self.refute(heard.address)):
                weighed.refuted.append((heard, refuted))
        for each in tray.wanted:
            refusal = self.refusal(each.notice)
            if refusal is None:
                weighed.allowed.append(each)
            else:
                weighed.refused.append((each, refusal))
        return weighed

    def hear(self, heard: Heard) -> bool:
        """Remembers a mail that came in; whether a loop begins to be broken with it."""
        known = self._correspondent(heard.address)
        if heard.proves and known.proven_at is None:
            known = replace(known, proven_at=self.now)
        after = loops.after_loop(known, heard.exchange.pattern, self.now) if heard.loop else known
        self._remember(replace(after, exchanges=loops.remembered((*known.exchanges, heard.exchange))))
        return after.quiet_until != known.quiet_until

    def refute(self, address: str) -> Suppression | None:
        """What was held against an address from which our mail is answered: it counts no more."""
        return self.suppressions.pop(normalise(address), None)

    def refusal(self, notice: Notice) -> Denial | None:
        """Why `notice` is withheld; None when it may go, and has been counted."""
        if _is_customers(notice) and (why := self.silence(notice.to[0].address)):
            return Denial(why)
        keys = [bucket.key for bucket in budget.drawn_on(notice, self.policy, self.now)]
        match budget.spend(tuple(self.buckets[key] for key in keys), self.now):
            case Refused() as refused:
                return Denial(refused.why, refused.bucket)
            case Allowed(left):
                self.buckets.update({bucket.key: bucket for bucket in left})
                self.drawn.update(keys)
        if _is_customers(notice):
            known = self._correspondent(notice.to[0].address)
            self._remember(replace(known, exchanges=loops.remembered((*known.exchanges, Exchange(self.now)))))
        return None

    def silence(self, address: str) -> str:
        """Why no machine of ours may write there, or an empty string."""
        held = self.suppressions.get(normalise(address))
        if held is not None and held.is_active(self.now):
            return held.why
        known = self._correspondent(address)
        if known.quiet_until is not None and known.is_quiet(self.now):
            until = f"{known.quiet_until:%Y-%m-%d %H:%M} UTC"
            return f"a machine at {known.address} answers automatic mail; none goes there until {until}"
        return ""

    def quiet_until(self, address: str) -> str:
        """The instant (ISO 8601) to which a machine there is left alone; empty where it is not."""
        until = self._correspondent(address).quiet_until
        return until.isoformat() if until else ""

    def close(self, db: Connection) -> None:
        """Writes what is left."""
        store.correspondents.keep(db, [self.correspondents[each] for each in self.changed])
        store.budgets.keep(db, [self.buckets[each] for each in self.drawn])

    def _correspondent(self, address: str) -> Correspondent:
        wanted = without_detail(address)
        return self.correspondents.get(wanted) or Correspondent(wanted)

    def _remember(self, known: Correspondent) -> None:
        self.correspondents[known.address] = known
        self.changed.add(known.address)


def _is_customers(notice: Notice) -> bool:
    return notice.kind.is_automatic and not notice.kind.is_for_agents and bool(notice.to)
