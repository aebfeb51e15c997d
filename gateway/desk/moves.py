"""Moves a ticket along its life: state, event and timers together, within the caller's transaction."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from gateway import store
from gateway.mail.tokens import Keyring
from gateway.store.engine import Connection
from gateway.tickets import deadlines, lifecycle
from gateway.tickets.lifecycle import Happening
from gateway.tickets.loops import Exchange, Loop
from gateway.tickets.model import Event, SpoolId, State, Ticket, TicketId, TimerKind
from gateway.tickets.notices import Notice
from gateway.tickets.policy import Policy

_FRESH = frozenset({Happening.AGENT_REPLIED, Happening.AGENT_POSTPONED})  # count anew even where the state stays


@dataclass(frozen=True, slots=True)
class Desk:
    """What every change needs to know: the operator's policy, our keys, and a way to pick letters at random."""

    policy: Policy
    ring: Keyring
    choose: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Cause:
    """Who makes a change, when, why, and by which mail. What it wants mailed waits on the `tray`, if it has one."""

    by: str
    why: str
    at: datetime
    spool_id: SpoolId | None = None
    tray: "Tray | None" = None

    @property
    def occasion(self) -> str:
        """Names this cause in the keys of its notices."""
        return f"mail-{self.spool_id}" if self.spool_id is not None else f"at-{self.at.isoformat()}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A mail that a change wants sent."""

    notice: Notice
    cause: Cause


@dataclass(frozen=True, slots=True)
class Heard:
    """A person's mail as the loop breaker sees it: from whom, the loop it completes, whether it proves its author."""

    address: str
    exchange: Exchange
    loop: Loop | None = None
    proves: bool = False
    ticket_id: TicketId | None = None


@dataclass(slots=True)
class Tray:
    """What has happened in a transaction and is to be weighed at its end: see `desk.posting`."""

    wanted: list[Wanted] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    held: dict[SpoolId, str] = field(default_factory=dict)  # and no agent is told of it: why

    def add(self, other: "Tray") -> None:
        """Takes over what the other one carries."""
        self.wanted += other.wanted
        self.heard += other.heard
        self.held |= other.held


def note(db: Connection, ticket_id: TicketId, what: str, cause: Cause) -> None:
    """Writes an event that moves nothing."""
    store.tickets.add_event(db, ticket_id, Event(cause.at, cause.by, what, cause.why, spool_id=cause.spool_id))


def move(
    db: Connection, ticket: Ticket, happening: Happening, cause: Cause, policy: Policy, until: datetime | None = None
) -> Ticket:
    """The ticket after `happening`, its timers set for the state it is in now; `until` ends a postponement."""
    after = lifecycle.after(ticket.state, happening)
    event = Event(cause.at, cause.by, happening, cause.why, ticket.state, after, cause.spool_id)
    store.tickets.add_event(db, ticket.id, event)
    if after is ticket.state and happening not in _FRESH:
        return ticket
    moved = store.tickets.change(db, ticket, after, cause.at, until)
    store.timers.stop(db, ticket.id, cause.at, *TimerKind)
    _start_timer(db, moved, cause.at, policy)
    return moved


def _start_timer(db: Connection, ticket: Ticket, now: datetime, policy: Policy) -> None:
    match ticket.state:
        case State.ANSWERED:
            store.timers.start(db, ticket.id, TimerKind.REMINDER, 1, deadlines.reminder_at(now, policy))
        case State.POSTPONED if ticket.postponed_until is not None:
            store.timers.start(db, ticket.id, TimerKind.WAKE, 0, ticket.postponed_until)
        case State.RESOLVED:
            store.timers.start(db, ticket.id, TimerKind.CLOSE, 0, deadlines.closes_at(now, policy))
        case State.CLOSED:
            store.timers.start(db, ticket.id, TimerKind.SURVEY, 0, deadlines.survey_at(now, policy))
        case _:
            pass
