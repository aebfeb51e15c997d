"""The life of a ticket as one table. Nobody else compares states to choose the next."""

from enum import StrEnum

from gateway.tickets.model import State

NEW, OPEN, ANSWERED = State.NEW, State.OPEN, State.ANSWERED
POSTPONED, RESOLVED, CLOSED = State.POSTPONED, State.RESOLVED, State.CLOSED


class Happening(StrEnum):
    """What can happen to a ticket. Automatic mail and notes are not among them: they move nothing."""

    CUSTOMER_WROTE = "customer-wrote"
    CUSTOMER_CONFIRMED = "customer-confirmed"
    CUSTOMER_REFUSED = "customer-refused"
    AGENT_REPLIED = "agent-replied"
    AGENT_OPENED = "agent-opened"
    AGENT_POSTPONED = "agent-postponed"
    AGENT_RESOLVED = "agent-resolved"
    AGENT_CLOSED = "agent-closed"
    POSTPONEMENT_ENDED = "postponement-ended"
    NO_ANSWER = "no-answer"  # the last reminder stayed unanswered
    SILENCE = "silence"  # nothing since it was resolved
    UNDELIVERED = "undelivered"  # the customer never got the answer or the news that the matter is settled


_KEPT = {state: state for state in State}
_H = Happening
AFTER: dict[Happening, dict[State, State]] = {
    _H.CUSTOMER_WROTE: dict.fromkeys(State, OPEN) | {NEW: NEW},
    _H.CUSTOMER_CONFIRMED: dict.fromkeys(State, CLOSED) | {NEW: NEW, OPEN: OPEN, POSTPONED: OPEN},
    _H.CUSTOMER_REFUSED: dict.fromkeys(State, OPEN) | {NEW: NEW},
    _H.AGENT_REPLIED: dict.fromkeys(State, ANSWERED),
    _H.AGENT_OPENED: dict.fromkeys(State, OPEN),
    _H.AGENT_POSTPONED: dict.fromkeys(State, POSTPONED),
    _H.AGENT_RESOLVED: dict.fromkeys(State, RESOLVED) | {CLOSED: CLOSED},
    _H.AGENT_CLOSED: dict.fromkeys(State, CLOSED),
    _H.POSTPONEMENT_ENDED: _KEPT | {POSTPONED: OPEN},
    _H.NO_ANSWER: _KEPT | {ANSWERED: RESOLVED},
    _H.SILENCE: _KEPT | {RESOLVED: CLOSED},
    _H.UNDELIVERED: _KEPT | {RESOLVED: OPEN, CLOSED: OPEN},
}


def after(state: State, happening: Happening) -> State:
    """The state a ticket in `state` is in once `happening` has happened."""
    return AFTER[happening][state]


def is_settled(state: State) -> bool:
    """Whether the desk considers the matter done: a customer's mail then reopens it or opens a linked ticket."""
    return state in {RESOLVED, CLOSED}
