"""Token buckets: what may go out at once, how they fill again, and which of them a mail draws on."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.tickets import budget, notices
from gateway.tickets.budget import Allowed, Bucket, Refused, Scope
from gateway.tickets.model import SpoolId, Standing
from gateway.tickets.notices import NoticeKind, Reason
from gateway.tickets.policy import Budgets
from tests.builders import ANNA, HOUR, KIM, NOW, POLICY, ticket

TICKET = ticket(7)
LIMITED = replace(POLICY, budgets=Budgets(3, 2, 30, 5, 40, 50, 20, 4))


def bucket(level, per_hour=10, scope=Scope.ADDRESS, at=NOW):
    return Bucket(scope, "kim@customer.test", per_hour, level, at)


@pytest.mark.parametrize(
    ("level", "minutes", "left"),
    [(10, 0, 9), (1, 0, 0), (0, 6, 0), (0, 60, 9), (0, 600, 9), (5, 30, 9), (2.5, 6, 2.5), (20, 0, 9), (10, -90, 9)],
)
def test_a_mail_takes_one_token_and_an_hour_fills_the_bucket(level, minutes, left):
    after = budget.spend((bucket(level),), NOW + timedelta(minutes=minutes))
    assert isinstance(after, Allowed)
    assert after.buckets[0].level == pytest.approx(left)


@pytest.mark.parametrize(("level", "minutes"), [(0, 0), (0.99, 0), (0, 5.9), (0, -60)])
def test_less_than_a_token_is_not_enough(level, minutes):
    assert isinstance(budget.spend((bucket(level),), NOW + timedelta(minutes=minutes)), Refused)


def test_a_clock_that_was_set_back_neither_fills_nor_empties():
    after = budget.spend((bucket(5),), NOW - HOUR)
    assert after == Allowed((bucket(4),))


def test_it_does_not_keep_a_bucket_empty_until_it_has_come_so_far_again():
    then = NOW - 5 * HOUR
    assert isinstance(budget.spend((bucket(0),), then), Refused)
    assert bucket(0).at_instant(then).at == then
    after = budget.spend((bucket(0).at_instant(then),), then + HOUR)
    assert isinstance(after, Allowed)


def test_when_one_bucket_is_empty_the_narrowest_is_named_and_none_loses_anything():
    wide, narrow = bucket(0, 50, Scope.OVERALL), bucket(0.5, 20)
    refused = budget.spend((bucket(3), narrow, wide), NOW)
    assert isinstance(refused, Refused)
    assert refused.bucket.scope is Scope.ADDRESS
    assert refused.why == "the budget of 20 an hour to one address is spent"


@given(st.lists(st.floats(0, 7200), max_size=200), st.integers(1, 50))
def test_in_no_hour_go_out_more_than_twice_what_an_hour_is_allowed(waits, per_hour):
    here, now, sent = bucket(per_hour, per_hour), NOW, []
    for wait in waits:
        now += timedelta(seconds=wait)
        after = budget.spend((here,), now)
        if isinstance(after, Allowed):
            (here,) = after.buckets
            sent.append(now)
    for first in sent:
        assert len([each for each in sent if first <= each < first + HOUR]) <= 2 * per_hour


def test_a_full_bucket_need_not_be_remembered():
    assert bucket(10).full_at == NOW
    assert bucket(4).full_at == NOW + timedelta(minutes=36)
    assert bucket(4).at_instant(NOW + timedelta(minutes=36)).level == 10


def drawn(notice):
    return [(each.key, each.per_hour) for each in budget.drawn_on(notice, LIMITED, NOW)]


CUSTOMERS = [
    ("address:kim@customer.test", 3),
    ("ticket:7", 2),
    ("domain:customer.test", 30),
    ("queue:support", 40),
    ("overall:", 50),
]


@pytest.mark.parametrize("kind", [kind for kind in NoticeKind if kind.is_automatic and not kind.is_for_agents])
def test_every_automatic_mail_to_a_customer_draws_on_the_same_buckets(kind):
    assert drawn(notices.for_customer(kind, TICKET, "x")) == CUSTOMERS


def test_a_detail_in_the_address_opens_no_bucket_of_its_own():
    tagged = replace(TICKET, customer=replace(KIM, address="Kim+4711@Customer.test"))
    assert drawn(notices.for_customer(NoticeKind.REMINDER, tagged, "x")) == CUSTOMERS


@pytest.mark.parametrize(("standing", "is_stranger"), [(Standing.STRANGER, True), (Standing.AUTHENTICATED, False)])
def test_an_acknowledgement_to_a_stranger_has_a_bucket_that_all_strangers_share(standing, is_stranger):
    notice = notices.acknowledgement(TICKET, SpoolId(1), None, standing)
    assert (("strangers:", 5) in drawn(notice)) is is_stranger


def test_agents_have_buckets_of_their_own_that_no_flood_of_strangers_empties():
    (notice, *_) = notices.for_agents(Reason.NEW_TICKET, TICKET, "x", LIMITED)
    assert drawn(notice) == [("agent-ticket:7:anna@agents.test", 4), ("agent:anna@agents.test", 20)]
    error = notices.for_mistaken_agent(Reason.BAD_COMMAND, ANNA, TICKET, "x", LIMITED)
    assert drawn(error) == drawn(notice)


def test_a_persons_mail_is_never_limited():
    reply = replace(notices.for_customer(NoticeKind.REMINDER, TICKET, "x"), kind=NoticeKind.REPLY)
    assert drawn(reply) == []
    assert isinstance(budget.spend((), NOW), Allowed)
