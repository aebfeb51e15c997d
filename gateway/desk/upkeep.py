"""Upkeep: what happens to tickets because time passes. Each timer acts once, whoever wakes this and how often."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from gateway import store
from gateway.desk import posting
from gateway.desk.moves import Cause, Desk, move, note
from gateway.store.engine import Connection, Database
from gateway.store.timers import Timer
from gateway.tickets import deadlines, notices
from gateway.tickets.deadlines import CatchUp
from gateway.tickets.lifecycle import Happening
from gateway.tickets.model import ArticleKind, State, Ticket, TimerKind
from gateway.tickets.notices import NoticeKind, Reason

log = logging.getLogger(__name__)

_BY = "the clock"
_AGAIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Acts on timers that are due by the desk's clock."""

    database: Database
    desk: Desk
    now: Callable[[], datetime]

    def run_once(self, limit: int = 100) -> int:
        """How many timers acted. One that fails is tried again later and does not stop the others."""
        now = self.now()
        with self.database.read() as db:
            due = store.timers.due(db, now, limit)
        for timer in due:
            try:
                with self.database.write() as db:
                    act(db, timer, self.desk, now)
            except Exception:
                log.exception("timer failed", extra={"ticket": timer.ticket_id, "action": timer.kind})
                with self.database.write() as db:
                    store.timers.put_off(db, timer, now + _AGAIN)
        return len(due) + self._bring_forward(now, limit) + self._tidy(now)

    def _bring_forward(self, now: datetime, limit: int) -> int:
        """How many timers were set for later than any rule does: the clock was set back since."""
        policy = self.desk.policy
        with self.database.read() as db:
            late = store.timers.beyond(db, deadlines.reach(now, policy), limit)
        due = [(each, deadlines.brought_forward(each.kind, each.due_at, now, policy)) for each in late]
        brought = [(timer, due_at) for timer, due_at in due if due_at is not None]
        if brought:
            log.warning("the clock was set back, timers act earlier", extra={"action": "clock", "timers": len(brought)})
            with self.database.write() as db:
                for timer, due_at in brought:
                    store.timers.put_off(db, timer, due_at)
        return len(brought)

    def _tidy(self, now: datetime) -> int:
        """How many agents were told of what was withheld from them; what has been forgotten since is swept."""
        with self.database.read() as db:
            if not posting.has_to_be_tidied(db, now):
                return 0
        with self.database.write() as db:
            return posting.tidy(db, self.desk, now)


def act(db: Connection, timer: Timer, desk: Desk, now: datetime) -> None:
    """Does what `timer` is for, unless somebody has done it or it must not be done so late."""
    ticket = store.tickets.get(db, timer.ticket_id)  # before its timer, as everybody does who changes both
    if not store.timers.finish(db, timer, now) or ticket is None:
        return
    match deadlines.catch_up(timer.kind, timer.due_at, now, desk.policy):
        case CatchUp.ACT:
            _act(db, timer, ticket, desk, now)
        case CatchUp.LATER:
            later = deadlines.spread(now, ticket.id, desk.policy)
            store.timers.start(db, ticket.id, timer.kind, timer.stage, later)
            note(db, ticket.id, "put off", Cause(_BY, f"{timer.kind} was slept through, now due {later:%Y-%m-%d}", now))
        case CatchUp.NEVER:
            note(db, ticket.id, "skipped", Cause(_BY, f"{timer.kind} was slept through", now))


def _act(db: Connection, timer: Timer, ticket: Ticket, desk: Desk, now: datetime) -> None:
    match timer.kind:
        case TimerKind.REMINDER:
            _remind(db, timer, ticket, desk, now)
        case TimerKind.CLOSE:
            _close(db, timer, ticket, desk, now)
        case TimerKind.SURVEY:
            _survey(db, ticket, desk, now)
        case TimerKind.WAKE:
            _wake(db, timer, ticket, desk, now)
        case _:
            assert_never(timer.kind)


def _remind(db: Connection, timer: Timer, ticket: Ticket, desk: Desk, now: datetime) -> None:
    if ticket.state is not State.ANSWERED:
        return
    stages = desk.policy.periods.reminders
    following = deadlines.reminder_at(now, desk.policy)
    occasion = f"{timer.stage}-{timer.cycle}"
    if timer.stage <= stages:
        cause = Cause(_BY, f"reminder {timer.stage} of {stages}", now)
        note(db, ticket.id, "reminded" if not ticket.is_quiet else "not reminded", cause)
        store.timers.start(db, ticket.id, TimerKind.REMINDER, timer.stage + 1, following)
        due = following if timer.stage == stages else None  # only after the last one anything follows
        reminder = notices.for_customer(NoticeKind.REMINDER, ticket, occasion, due=due)
        _send(db, replace(reminder, stage=timer.stage, stages=stages), ticket, desk, now)
        return
    ticket = move(db, ticket, Happening.NO_ANSWER, Cause(_BY, "no answer to the last reminder", now), desk.policy)
    due = deadlines.closes_at(now, desk.policy)
    _send(db, notices.for_customer(NoticeKind.RESOLVED, ticket, occasion, due=due), ticket, desk, now)


def _close(db: Connection, timer: Timer, ticket: Ticket, desk: Desk, now: datetime) -> None:
    if ticket.state is not State.RESOLVED:
        return
    ticket = move(db, ticket, Happening.SILENCE, Cause(_BY, "silence since it was resolved", now), desk.policy)
    _send(db, notices.for_customer(NoticeKind.CLOSED, ticket, f"silence-{timer.cycle}"), ticket, desk, now)


def _survey(db: Connection, ticket: Ticket, desk: Desk, now: datetime) -> None:
    refusal = _no_survey_because(db, ticket, desk, now)
    if refusal:
        note(db, ticket.id, "not surveyed", Cause(_BY, refusal, now))
        return
    if store.surveys.send(db, ticket.id, now):
        store.customers.set_surveyed(db, ticket.customer.address, now)
        note(db, ticket.id, "surveyed", Cause(_BY, "some time after closing", now))
        _send(db, notices.for_customer(NoticeKind.SURVEY, ticket, ""), ticket, desk, now)


def _no_survey_because(db: Connection, ticket: Ticket, desk: Desk, now: datetime) -> str:
    if ticket.state is not State.CLOSED:
        return "no longer closed"
    if ticket.is_quiet:
        return "its customer gets no automatic mail"
    if not any(article.kind is ArticleKind.AGENT for article in store.tickets.conversation(db, ticket.id)):
        return "nobody has answered it"
    last = store.customers.surveyed_at(db, ticket.customer.address)
    if last is not None and now - last < timedelta(days=desk.policy.periods.survey_cooldown_days):
        return f"the customer was asked on {last:%Y-%m-%d}"
    return ""


def _wake(db: Connection, timer: Timer, ticket: Ticket, desk: Desk, now: datetime) -> None:
    if ticket.state is not State.POSTPONED:
        return
    cause = Cause(_BY, "the day it was postponed to", now)
    ticket = move(db, ticket, Happening.POSTPONEMENT_ENDED, cause, desk.policy)
    told = notices.for_agents(Reason.POSTPONEMENT_OVER, ticket, f"wake-{timer.cycle}", desk.policy)
    posting.send(db, desk, cause, *told)


def _send(db: Connection, notice: notices.Notice, ticket: Ticket, desk: Desk, now: datetime) -> None:
    if not ticket.is_quiet:
        posting.send(db, desk, Cause(_BY, "", now), notice)
