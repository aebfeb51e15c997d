"""The whole table, written out a second time by hand: what customers and agents are promised."""

import pytest

from gateway.tickets import lifecycle
from gateway.tickets.lifecycle import Happening
from gateway.tickets.model import State

COLUMNS = ("new", "open", "answered", "postponed", "resolved", "closed")
TABLE = {
    # in state            new          open         answered     postponed    resolved     closed
    "customer-wrote":     ("new",      "open",      "open",      "open",      "open",      "open"),
    "customer-confirmed": ("new",      "open",      "closed",    "open",      "closed",    "closed"),
    "customer-refused":   ("new",      "open",      "open",      "open",      "open",      "open"),
    "agent-replied":      ("answered", "answered",  "answered",  "answered",  "answered",  "answered"),
    "agent-opened":       ("open",     "open",      "open",      "open",      "open",      "open"),
    "agent-postponed":    ("postponed", "postponed", "postponed", "postponed", "postponed", "postponed"),
    "agent-resolved":     ("resolved", "resolved",  "resolved",  "resolved",  "resolved",  "closed"),
    "agent-closed":       ("closed",   "closed",    "closed",    "closed",    "closed",    "closed"),
    "postponement-ended": ("new",      "open",      "answered",  "open",      "resolved",  "closed"),
    "no-answer":          ("new",      "open",      "resolved",  "postponed", "resolved",  "closed"),
    "silence":            ("new",      "open",      "answered",  "postponed", "closed",    "closed"),
    "undelivered":        ("new",      "open",      "answered",  "postponed", "open",      "open"),
}  # fmt: skip
CELLS = [
    (before, happening, after) for happening, row in TABLE.items() for before, after in zip(COLUMNS, row, strict=True)
]


@pytest.mark.parametrize(("before", "happening", "after"), CELLS)
def test_what_a_happening_makes_of_a_ticket(before, happening, after):
    assert lifecycle.after(State(before), Happening(happening)) == after


def test_the_table_has_every_happening_in_every_state():
    assert (len(State), len(Happening), len(CELLS)) == (6, 12, 72)
    assert set(lifecycle.AFTER) == set(Happening)


@pytest.mark.parametrize("happening", [Happening.POSTPONEMENT_ENDED, Happening.NO_ANSWER, Happening.SILENCE])
def test_the_clock_moves_each_ticket_at_most_once(happening):
    for state in State:
        once = lifecycle.after(state, happening)
        assert lifecycle.after(once, happening) == once


def test_only_an_agents_own_deed_or_the_customers_yes_settles_a_ticket_at_once():
    settling = {
        happening
        for happening in Happening
        for state in State
        if not lifecycle.is_settled(state) and lifecycle.is_settled(lifecycle.after(state, happening))
    }
    assert settling == {
        Happening.CUSTOMER_CONFIRMED,
        Happening.AGENT_RESOLVED,
        Happening.AGENT_CLOSED,
        Happening.NO_ANSWER,
    }


@pytest.mark.parametrize("state", State)
def test_resolved_and_closed_are_settled(state):
    assert lifecycle.is_settled(state) is (state in {"resolved", "closed"})
