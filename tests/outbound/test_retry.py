from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.outbound import retry
from gateway.outbound.settings import DeliverySettings

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SETTINGS = DeliverySettings()


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (8, 128), (9, 240), (10, 240), (1000, 240)]
)
def test_the_delay_doubles_up_to_four_hours(attempts, minutes):
    assert retry.next_attempt(attempts, NOW, NOW, 0, SETTINGS) == NOW + timedelta(minutes=minutes)


@given(attempts=st.integers(1, 200), jitter=st.floats(0, 0.999))
def test_jitter_spreads_by_at_most_a_quarter(attempts, jitter):
    plain = retry.next_attempt(attempts, NOW, NOW, 0, SETTINGS)
    spread = retry.next_attempt(attempts, NOW, NOW, jitter, SETTINGS)
    assert plain is not None
    assert spread is not None
    assert plain - NOW <= spread - NOW <= (plain - NOW) * 1.25


@pytest.mark.parametrize(
    ("hours", "attempts", "gives_up"),
    [(95.9, 50, False), (96, 50, True), (96, 5, True), (96, 4, False), (0, 500, False)],
)
def test_it_gives_up_when_the_mail_is_old_and_was_really_tried(hours, attempts, gives_up):
    created = NOW - timedelta(hours=hours)
    assert (retry.next_attempt(attempts, NOW, created, 0.5, SETTINGS) is None) is gives_up


@pytest.mark.parametrize(("failures", "minutes"), [(1, 1), (2, 2), (4, 8), (5, 15), (500, 15)])
def test_a_relay_is_never_given_up(failures, minutes):
    assert retry.pause_until(failures, NOW, 0, SETTINGS) == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("minutes", "is_paused"), [(None, False), (-1, False), (0, False), (1, True), (18, True), (19, False), (600, False)]
)
def test_a_pause_lasts_until_its_end_unless_the_clock_was_set_back(minutes, is_paused):
    until = NOW + timedelta(minutes=minutes) if minutes is not None else None
    assert retry.is_paused(until, NOW) is is_paused


@given(attempts=st.integers(1, 200), jitter=st.floats(0, 0.999))
def test_no_mail_is_ever_put_off_for_longer_than_it_is_left_to_wait(attempts, jitter):
    settings = DeliverySettings(first_retry_seconds=86_400)
    due = retry.next_attempt(attempts, NOW, NOW, jitter, settings)
    assert due is not None
    assert max(due, retry.pause_until(attempts, NOW, jitter, settings)) <= retry.latest_attempt(NOW)
