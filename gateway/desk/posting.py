"""Puts what a transaction wants mailed into the outbox – at its end and all at once – and withholds what must not go.

One gate for every automatic mail: suppressed addresses, broken loops, budgets. Writes no text and sends nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from gateway import store
from gateway.desk.alarms import raise_alarm
from gateway.desk.moves import Cause, Desk, Heard, Tray, Wanted, note
from gateway.mail.address import normalise, without_detail
from gateway.store.engine import Connection
from gateway.tickets import budget, loops, notices
from gateway.tickets.alarm import AlarmKind, key_among
from gateway.tickets.budget import Allowed, Bucket, Refused
from gateway.tickets.loops import Correspondent, Exchange
from gateway.tickets.model import SpoolId, TicketId
from gateway.tickets.notices import Notice
from gateway.tickets.policy import Policy
from gateway.tickets.suppression import Suppression

_AN_HOUR = timedelta(hours=1)


def send(db: Connection, desk: Desk, cause: Cause, *wanted: Notice) -> None:
    """Puts notices on the cause's tray; without a tray they are posted at once."""
    tray = Tray() if cause.tray is None else cause.tray
    tray.wanted.extend(Wanted(notice, cause) for notice in wanted)
    if cause.tray is None:
        post(db, tray, desk, cause.at)


def post(db: Connection, tray: Tray, desk: Desk, now: datetime) -> None:
    """Everything on the tray is in the outbox, or it is told on its ticket why not.

    Called last in a transaction: it takes hold of buckets that all other nodes need, too.
    """
    if not tray.wanted and not tray.heard:
        return
    gate = _Gate.opened(db, tray, desk.policy, now)
    for heard in tray.heard:
        if gate.hear(heard):
            _alarm_of_loop(db, heard, gate, desk.policy)
        if heard.proves and (refuted := gate.refute(heard.address)):
            _lift(db, refuted, heard, now)
    allowed, refused = [], []
    for each in tray.wanted:
        refusal = gate.refusal(each.notice)
        if refusal is None:
            allowed.append((each.notice, each.cause.at))  # the instant of the event by which it can be explained
        else:
            refused.append((each, refusal))
    store.outbox.add_all(db, allowed)
    gate.close(db)
    if refused:
        _tell_on_tickets(db, refused)
        _count_for_agents(db, [each.notice for each, _ in refused], now)
        _alarm_of_budgets(db, refused, desk.policy, now)


def foreseen(db: Connection, notice: Notice, policy: Policy, now: datetime) -> str:
    """Why `notice` would be withheld now, or an empty string; changes nothing."""
    tray = Tray([Wanted(notice, Cause("", "", now))])
    refusal = _Gate.opened(db, tray, policy, now).refusal(notice)
    return refusal.why if refusal else ""


def has_to_be_tidied(db: Connection, now: datetime) -> bool:
    """Whether `tidy` would find something to do."""
    overdue = store.budgets.overdue(db, now, _AN_HOUR)
    return bool(overdue) or store.budgets.has_full(db, now) or store.correspondents.has_idle(db, now)


def tidy(db: Connection, desk: Desk, now: datetime) -> int:
    """How many agents are told now of the mails that were too many to be told one by one; the rest is swept."""
    told = 0
    for each in store.budgets.overdue(db, now, _AN_HOUR):
        agent = desk.policy.agent(each.agent)
        if store.budgets.hand_out(db, each) and agent is not None:
            found = (store.tickets.get(db, ticket_id) for ticket_id in each.tickets)
            listed = tuple(ticket for ticket in found if ticket is not None)
            digest = notices.digest_for(agent, each.queue, listed, each.mails, each.since, desk.policy)
            told += store.outbox.add(db, digest, now) is not None
    store.budgets.sweep(db, now)
    store.correspondents.sweep(db, now)
    store.suppressions.sweep(db, now)
    return told


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a notice is withheld; `bucket` is the empty one, if that is why."""

    why: str
    bucket: Bucket | None = None


@dataclass(slots=True)
class _Gate:
    """What one transaction's mails are held against, and what is left of it after each."""

    policy: Policy
    now: datetime
    buckets: dict[str, Bucket]
    correspondents: dict[str, Correspondent]
    suppressions: dict[str, Suppression]
    drawn: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)

    @classmethod
    def opened(cls, db: Connection, tray: Tray, policy: Policy, now: datetime) -> "_Gate":
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

    def refusal(self, notice: Notice) -> _Refusal | None:
        """Why `notice` is withheld; None when it may go, and has been counted."""
        if _is_customers(notice) and (why := self.silence(notice.to[0].address)):
            return _Refusal(why)
        keys = [bucket.key for bucket in budget.drawn_on(notice, self.policy, self.now)]
        match budget.spend(tuple(self.buckets[key] for key in keys), self.now):
            case Refused() as refused:
                return _Refusal(refused.why, refused.bucket)
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


def _lift(db: Connection, refuted: Suppression, heard: Heard, now: datetime) -> None:
    """Forgotten for good, and told on the ticket and in the trace of the mail that is the evidence."""
    store.suppressions.lift(db, refuted.address)
    spool_id = heard.exchange.spool_id
    said = f"{refuted.address} has answered our mail; nothing is held against it any more"
    said = f"{said} ({refuted.fault}, {refuted.status} on {refuted.at:%Y-%m-%d})"
    if heard.ticket_id is not None:
        note(db, heard.ticket_id, "suppression lifted", Cause(heard.address, said, now, spool_id))
    if spool_id is not None:
        store.spool.add_to_trace(db, spool_id, f"suppression lifted: {said}")


def _tell_on_tickets(db: Connection, refused: Sequence[tuple[Wanted, _Refusal]]) -> None:
    """One event for all that one cause would have sent for one reason, and the same in the mail's trace."""
    groups: defaultdict[tuple[TicketId | None, SpoolId | None, str], list[Wanted]] = defaultdict(list)
    for each, refusal in refused:
        groups[each.notice.ticket_id, each.cause.spool_id, refusal.why].append(each)
    for (ticket_id, spool_id, why), group in groups.items():
        whom = ", ".join(each.notice.agent or each.notice.to[0].address for each in group)
        said = f"{group[0].notice.kind} to {whom}: {why}"
        if ticket_id is not None:
            note(db, ticket_id, "not sent", replace(group[0].cause, why=said))
        if spool_id is not None:
            store.spool.add_to_trace(db, spool_id, f"not sent: {said}")


def _count_for_agents(db: Connection, withheld: Iterable[Notice], now: datetime) -> None:
    groups: defaultdict[tuple[str, str], list[TicketId | None]] = defaultdict(list)
    for notice in withheld:
        if notice.kind.is_for_agents:
            groups[notice.agent, notice.queue].append(notice.ticket_id)
    for (agent, queue), tickets in sorted(groups.items()):
        named = [each for each in tickets if each is not None]
        store.budgets.withhold(db, agent, queue, named, len(tickets), now)


def _alarm_of_loop(db: Connection, heard: Heard, gate: _Gate, policy: Policy) -> None:
    if heard.loop is None:
        return
    detail = f"{heard.address} {heard.loop.why}. Mail from there is still taken in; {gate.silence(heard.address)}."
    key = key_among(without_detail(heard.address), store.alarms.open_ones(db, AlarmKind.LOOP), gate.now)
    raise_alarm(db, AlarmKind.LOOP, key, detail, policy, gate.now, spool_ids=heard.loop.spool_ids)


def _alarm_of_budgets(
    db: Connection, refused: Sequence[tuple[Wanted, _Refusal]], policy: Policy, now: datetime
) -> None:
    """For the buckets that many draw on: one sender can use them up for everybody else."""
    groups: defaultdict[str, list[tuple[Wanted, _Refusal]]] = defaultdict(list)
    for each, refusal in refused:
        if refusal.bucket is not None and refusal.bucket.scope.is_shared:
            groups[refusal.bucket.key].append((each, refusal))
    for key, group in sorted(groups.items()):
        mails = [each.cause.spool_id for each, _ in group if each.cause.spool_id is not None]
        detail = f"Mail is withheld: {group[0][1].why} ({key}). Each ticket tells of it; see [budgets] in gateway.toml."
        raise_alarm(db, AlarmKind.BUDGET, key, detail, policy, now, spool_ids=mails, times=len(group))
