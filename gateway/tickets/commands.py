"""Commands at the top of an agent's mail. Reads them; what they do is said in `disposition`."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum

from gateway.tickets.policy import Policy

_LINE = re.compile(r"#\s?([^\W\d_][\w-]*)\s*(.*)")


class Verb(StrEnum):
    """What an agent can say."""

    RESOLVE = "resolve"
    CLOSE = "close"
    OPEN = "open"
    POSTPONE = "postpone"
    ASSIGN = "assign"
    NOTE = "note"


MOVES = frozenset({Verb.RESOLVE, Verb.CLOSE, Verb.OPEN, Verb.POSTPONE})
USAGE = {
    Verb.RESOLVE: "#resolve",
    Verb.CLOSE: "#close",
    Verb.OPEN: "#open",
    Verb.POSTPONE: "#postpone 2026-12-24",
    Verb.ASSIGN: "#assign name",
    Verb.NOTE: "#note",
}


@dataclass(frozen=True, slots=True)
class Orders:
    """What an agent's mail asks for. `text` is the rest, for the customer or, with `is_note`, for colleagues only.

    `unknown` are command lines nobody understands, `faulty` such that are understood but cannot be obeyed.
    """

    text: str
    move: Verb | None = None
    until: datetime | None = None
    assignee: str = ""
    is_note: bool = False
    unknown: tuple[str, ...] = ()
    faulty: tuple[str, ...] = ()


def read(text: str, now: datetime, policy: Policy) -> Orders:
    """The commands in the first lines of `text`, up to the first line that is none, and the text after them."""
    orders, lines = Orders(""), text.splitlines()
    while lines:
        line = lines[0].strip()
        found = _LINE.fullmatch(line)
        if line and found is None:
            break
        lines = lines[1:]
        if found is None:
            continue
        verb, argument = found[1].casefold(), found[2].strip()
        orders = _obeyed(orders, verb, argument, line, now, policy)
        if verb == Verb.NOTE and argument:
            lines = [argument, *lines]
            break
    return replace(orders, text="\n".join(lines).strip())


def _obeyed(orders: Orders, verb: str, argument: str, line: str, now: datetime, policy: Policy) -> Orders:
    match verb:
        case Verb.NOTE:
            return replace(orders, is_note=True)
        case Verb.ASSIGN:
            agent = policy.agent(argument)
            return replace(orders, assignee=agent.name) if agent else _faulty(orders, f"{line} → {_assignable(policy)}")
        case Verb.RESOLVE | Verb.CLOSE | Verb.OPEN | Verb.POSTPONE:
            return _moved(orders, Verb(verb), argument, line, now, policy)
        case _:
            return replace(orders, unknown=(*orders.unknown, line))


def _moved(orders: Orders, verb: Verb, argument: str, line: str, now: datetime, policy: Policy) -> Orders:
    if orders.move not in {None, verb}:
        return _faulty(orders, f"{line} ≠ #{orders.move}")
    if verb is Verb.POSTPONE:
        until = _morning(argument, policy)
        if until is None or until <= now:
            return _faulty(orders, f"{line} → {USAGE[verb]}")
        return replace(orders, move=verb, until=until)
    if argument:
        return _faulty(orders, f"{line} → {USAGE[verb]}")
    return replace(orders, move=verb)


def _faulty(orders: Orders, what: str) -> Orders:
    """`what` shows the line and what would do instead, in no language: agents read six."""
    return replace(orders, faulty=(*orders.faulty, what))


def _assignable(policy: Policy) -> str:
    return f"#assign {' | '.join(agent.name for agent in policy.agents)}"


def _morning(day: str, policy: Policy) -> datetime | None:
    try:
        opening = datetime.combine(date.fromisoformat(day), policy.calendar.opens, policy.calendar.zone)
        return opening.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
