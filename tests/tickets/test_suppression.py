"""What a delivery report holds against an address, for how long, and how it fades."""

from datetime import timedelta

import pytest

from gateway.mail.delivery_report import FailedRecipient
from gateway.tickets import suppression
from gateway.tickets.suppression import Fault
from tests.builders import DAY, NOW

KIM = "kim@customer.test"


def lost(status, *, is_permanent=None):
    permanent = status.startswith("5") if is_permanent is None else is_permanent
    return FailedRecipient(KIM, status, permanent, f"said {status}")


def after(*reports):
    """What is held after reports, each a status and the day it comes."""
    held = None
    for status, day in reports:
        held = suppression.after(held, lost(status), KIM, NOW + day * DAY)
    return held


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        ("5.1.1", Fault.GONE),
        ("5.1.10", Fault.GONE),
        ("5.1.6", Fault.GONE),
        ("5.1.2", Fault.GONE),
        ("5.2.1", Fault.GONE),
        ("5.7.129", Fault.GONE),
        ("5.7.133", Fault.GONE),
        ("5.2.2", Fault.FULL),
        ("4.2.2", Fault.FULL),
        ("5.2.3", Fault.MAIL),
        ("5.3.4", Fault.MAIL),
        ("5.6.0", Fault.MAIL),
        ("5.7.1", Fault.POLICY),
        ("5.7.26", Fault.POLICY),
        ("5.1.8", Fault.POLICY),
        ("4.4.7", Fault.PASSING),
        ("5.0.0", Fault.PASSING),
        ("5.9.9", Fault.PASSING),
        ("", Fault.PASSING),
        ("nonsense", Fault.PASSING),
    ],
)
def test_an_enhanced_status_says_whose_fault_it_is(status, fault):
    assert suppression.fault_of(status) is fault


def test_an_address_that_does_not_exist_is_suppressed_at_once_and_for_sixty_days():
    held = after(("5.1.1", 0))
    assert held.is_active(NOW)
    assert held.is_active(NOW + 59 * DAY)
    assert not held.is_active(NOW + 60 * DAY)
    assert held.lasts_until(NOW) == NOW + 60 * DAY
    assert held.why == "kim@customer.test is suppressed (gone, 5.1.1 on 2026-05-04)"


@pytest.mark.parametrize(
    ("reports", "is_active"),
    [
        ([("5.2.2", 0)], False),
        ([("5.2.2", 0), ("5.2.2", 0)], False),
        ([("5.2.2", 0), ("5.2.2", 0), ("5.2.2", 0)], True),
        ([("5.2.2", 0), ("5.2.2", 7), ("5.2.2", 14)], False),
        ([("4.4.7", 0), ("4.4.7", 0), ("4.4.7", 0)], False),
        ([("4.4.7", 0), ("4.4.7", 0), ("4.4.7", 0), ("4.4.7", 0)], True),
        ([("5.2.2", 0), ("5.2.2", 0), ("4.4.7", 0)], True),
    ],
)
def test_a_full_mailbox_counts_only_when_it_stays_full(reports, is_active):
    assert after(*reports).is_active(NOW + reports[-1][1] * DAY) is is_active


def test_points_fade_by_half_in_a_week():
    held = after(*[("5.2.2", 0)] * 4)
    assert held.score_at(NOW + 7 * DAY) == pytest.approx(80)
    assert not held.is_active(NOW + 7 * DAY)
    ends = held.lasts_until(NOW)
    assert held.is_active(ends - timedelta(hours=1))
    assert not held.is_active(ends + timedelta(hours=1))
    assert held.lasts_until(NOW + 7 * DAY) is None


@pytest.mark.parametrize("status", ["5.7.1", "5.3.4", "5.6.1"])
def test_what_is_our_fault_or_the_mails_is_not_held_against_the_address(status):
    assert after((status, 0)) is None
    assert suppression.after(after(("5.1.1", 0)), lost(status), KIM, NOW) is None


def test_unknown_for_now_is_not_unknown_for_good():
    held = suppression.after(None, lost("4.1.1"), KIM, NOW)
    assert held is not None
    assert (held.fault, held.until) == (Fault.PASSING, None)


def test_a_passing_fault_does_not_shorten_a_grave_one_and_counts_alone_once_that_is_over():
    held = after(("5.1.1", 0), ("4.4.7", 10))
    assert (held.fault, held.until) == (Fault.GONE, NOW + 60 * DAY)
    held = after(("5.1.1", 0), ("4.4.7", 70))
    assert (held.fault, held.until, held.score) == (Fault.PASSING, None, 25)
