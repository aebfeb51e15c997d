"""Puts what a transaction wants mailed into the outbox – at its end and all at once – or tells why it does not go.

What must not go is `gate`'s to say. Writes no text and sends nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway import store
from gateway.desk.alarms import raise_alarm, raise_held
from gateway.desk.gate import Denial, Gate
from gateway.desk.moves import Cause, Desk, Heard, Tray, Wanted, note
from gateway.mail.address import without_detail
from gateway.store.engine import Connection
from gateway.tickets import notices
from gateway.tickets.alarm import AlarmKind, Said, key_among
from gateway.tickets.budget import Bucket
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
    if tray.held:
        raise_held(db, tray.held, desk.policy, now)
    if not tray.wanted and not tray.heard:
        return
    gate = Gate.opened(db, tray, desk.policy, now)
    weighed = gate.weigh(tray)
    for heard in weighed.loops:
        _alarm_of_loop(db, heard, gate, desk.policy)
    for heard, refuted in weighed.refuted:
        _lift(db, refuted, heard, now)
    store.outbox.add_all(db, [(each.notice, each.cause.at) for each in weighed.allowed])  # of the instant of its event
    gate.close(db)
    if weighed.refused:
        _tell_on_tickets(db, weighed.refused)
        _count_for_agents(db, [each.notice for each, _ in weighed.refused], now)
        _alarm_of_budgets(db, weighed.refused, desk.policy, now)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What of a tray would go out, and what the trace of its mail would tell of the rest."""

    sent: tuple[Notice, ...]
    trace: tuple[str, ...]


def foreseen(db: Connection, tray: Tray, policy: Policy, now: datetime) -> Foreseen:
    """What `post` would do with the tray now; changes nothing."""
    weighed = Gate.opened(db, tray, policy, now).weigh(tray)
    lifted = (f"suppression lifted: {_lifted_because(refuted)}" for _, refuted in weighed.refuted)
    withheld = (f"not sent: {said}" for _, said in _by_ticket(weighed.refused))
    return Foreseen(tuple(each.notice for each in weighed.allowed), (*lifted, *withheld))


def has_to_be_tidied(db: Connection, now: datetime) -> bool:
    """Whether `tidy` would find something to do."""
    overdue = store.budgets.overdue(db, now, _AN_HOUR)
    return bool(overdue) or store.budgets.has_full(db, now) or store.correspondents.has_idle(db, now)


def tidy(db: Connection, desk: Desk, now: datetime) -> int:
    """How many agents are told now of the mails that were too many to be told one by one; the rest is swept."""
    store.suppressions.sweep(db, now)
    store.correspondents.sweep(db, now)
    store.budgets.sweep(db, now)
    told = 0
    for each in store.budgets.overdue(db, now, _AN_HOUR):
        agent = desk.policy.agent(each.agent)
        if store.budgets.hand_out(db, each) and agent is not None:
            found = (store.tickets.get(db, ticket_id) for ticket_id in each.tickets)
            listed = tuple(ticket for ticket in found if ticket is not None)
            digest = notices.digest_for(agent, each.queue, listed, each.mails, each.since, desk.policy)
            told += store.outbox.add(db, digest, now) is not None
    return told


def _lift(db: Connection, refuted: Suppression, heard: Heard, now: datetime) -> None:
    """Forgotten for good, and told on the ticket and in the trace of the mail that is the evidence."""
    store.suppressions.lift(db, refuted.address)
    spool_id, said = heard.exchange.spool_id, _lifted_because(refuted)
    if heard.ticket_id is not None:
        note(db, heard.ticket_id, "suppression lifted", Cause(heard.address, said, now, spool_id))
    if spool_id is not None:
        store.spool.add_to_trace(db, spool_id, f"suppression lifted: {said}")


def _lifted_because(refuted: Suppression) -> str:
    was = f"{refuted.fault}, {refuted.status} on {refuted.at:%Y-%m-%d}"
    return f"{refuted.address} has answered our mail; nothing is held against it any more ({was})"


def _tell_on_tickets(db: Connection, refused: Sequence[tuple[Wanted, Denial]]) -> None:
    """One event for all that one cause would have sent for one reason, and the same in the mail's trace."""
    for first, said in _by_ticket(refused):
        if first.notice.ticket_id is not None:
            note(db, first.notice.ticket_id, "not sent", replace(first.cause, why=said))
        if first.cause.spool_id is not None:
            store.spool.add_to_trace(db, first.cause.spool_id, f"not sent: {said}")


def _by_ticket(refused: Iterable[tuple[Wanted, Denial]]) -> Iterator[tuple[Wanted, str]]:
    """For each ticket, cause and reason the first mail that is withheld, and what is said of all of them."""
    groups: defaultdict[tuple[TicketId | None, SpoolId | None, str], list[Wanted]] = defaultdict(list)
    for each, refusal in refused:
        groups[each.notice.ticket_id, each.cause.spool_id, refusal.why].append(each)
    for (_, _, why), group in groups.items():
        whom = ", ".join(each.notice.agent or each.notice.to[0].address for each in group)
        yield group[0], f"{group[0].notice.kind} to {whom}: {why}"


def _count_for_agents(db: Connection, withheld: Iterable[Notice], now: datetime) -> None:
    groups: defaultdict[tuple[str, str], list[TicketId | None]] = defaultdict(list)
    for notice in withheld:
        if notice.kind.is_for_agents:
            groups[notice.agent, notice.queue].append(notice.ticket_id)
    for (agent, queue), tickets in sorted(groups.items()):
        named = [each for each in tickets if each is not None]
        store.budgets.withhold(db, agent, queue, named, len(tickets), now)


def _alarm_of_loop(db: Connection, heard: Heard, gate: Gate, policy: Policy) -> None:
    if heard.loop is None:
        return
    detail = f"{heard.address} {heard.loop.why}. Mail from there is still taken in; {gate.silence(heard.address)}."
    key = key_among(without_detail(heard.address), store.alarms.open_ones(db, AlarmKind.LOOP), gate.now)
    facts: Said = {"what": heard.loop.habit, "address": heard.address, "until": gate.quiet_until(heard.address)}
    raise_alarm(db, AlarmKind.LOOP, key, detail, policy, gate.now, spool_ids=heard.loop.spool_ids, facts=facts)


def _alarm_of_budgets(db: Connection, refused: Sequence[tuple[Wanted, Denial]], policy: Policy, now: datetime) -> None:
    """For the buckets that many draw on: one sender can use them up for everybody else."""
    empty: dict[str, tuple[Bucket, str]] = {}
    groups: defaultdict[str, list[Wanted]] = defaultdict(list)
    for each, refusal in refused:
        if refusal.bucket is not None and refusal.bucket.scope.is_shared:
            empty[refusal.bucket.key] = refusal.bucket, refusal.why
            groups[refusal.bucket.key].append(each)
    for key, (bucket, why) in sorted(empty.items()):
        mails = [each.cause.spool_id for each in groups[key] if each.cause.spool_id is not None]
        detail = f"Mail is withheld: {why} ({key}). Each ticket tells of it; see [budgets] in gateway.toml."
        facts: Said = {"what": bucket.scope, "name": bucket.name, "per_hour": bucket.per_hour}
        seen = len(groups[key])
        raise_alarm(db, AlarmKind.BUDGET, key, detail, policy, now, spool_ids=mails, times=seen, facts=facts)
