"""Whether a route can get any mail at all, given those before it. How mail is routed is `tickets.routing`'s."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from gateway.mail.address import normalise
from gateway.tickets.model import Route

_ALL = "*"


def shadowing(route: Route, routes: Sequence[Route]) -> Route | None:
    """The first of the routes asked before `route`, one of `routes`, that takes every mail it would take, or None."""
    at = next(index for index, each in enumerate(routes) if each is route)
    later = () if route.recipients else tuple(each for each in routes[at:] if each.recipients)
    return next((each for each in (*routes[:at], *later) if _takes_all_of(each, route)), None)


def _takes_all_of(first: Route, second: Route) -> bool:
    if first.recipients and not second.recipients and _ALL not in first.recipients:
        return False
    if second.recipients and not first.recipients:
        return False  # rules on recipients are asked before all others
    return (
        _is_wider(first.recipients, second.recipients or (_ALL,))
        and _is_wider(first.sender_domains, second.sender_domains)
        and _holds_more(first.subject_contains, second.subject_contains)
    )


def _is_wider(patterns: tuple[str, ...], narrower: tuple[str, ...]) -> bool:
    """Whether whatever one of `narrower` matches, one of `patterns` matches; none at all matches everything."""
    if not patterns:
        return True
    return bool(narrower) and all(any(_matches_all_of(wide, each) for wide in patterns) for each in narrower)


def _matches_all_of(wide: str, narrow: str) -> bool:
    wide, narrow = normalise(wide), normalise(narrow)
    if wide == narrow:
        return True
    return not set("?[") & set(wide) and not set("[") & set(narrow) and fnmatchcase(narrow, wide)


def _holds_more(words: tuple[str, ...], narrower: tuple[str, ...]) -> bool:
    if not words:
        return True
    return bool(narrower) and all(any(each.casefold() in longer.casefold() for each in words) for longer in narrower)
