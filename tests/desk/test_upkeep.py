"""By the clock: the desk works from nine to five in UTC, Monday to Friday; the tests begin on a Monday at ten."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from gateway import store
from gateway.desk import upkeep
from gateway.mail.tokens import Purpose
from gateway.tickets.model import State, TimerKind
from gateway.tickets.notices import NoticeKind
from gateway.tickets.policy import BusinessCalendar, Periods
from tests.builders import DAY, HOUR, KIM, mail

ANNA, BEN, CUSTOMER = "anna@agents.test", "ben@agents.test", KIM.address
REMINDED, RESOLVED, CLOSED, SURVEYED = ((CUSTOMER, kind, "") for kind in ("reminder", "resolved", "closed", "survey"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def answered(office):
    """Kim's ticket, answered on Monday at ten."""
    ticket = office.answered()
    office.notices()
    return ticket


def days_of(office, days):
    """What went out to the customer within so many days, and on which."""
    office.pass_days(days)
    return [(f"{outgoing.created_at:%m-%d}", outgoing.notice.kind) for outgoing in office.notices()]


def test_a_silent_customer_is_reminded_twice_then_his_ticket_is_resolved_closed_and_surveyed(office, answered):
    assert days_of(office, 40) == [
        ("05-07", "reminder"),
        ("05-12", "reminder"),
        ("05-15", "resolved"),
        ("05-21", "closed"),
        ("05-21", "survey"),
    ]
    assert office.ticket(answered.id).state is State.CLOSED
    assert [event.what for event in office.history(answered)] == [
        *("opened", "assigned", "agent-replied", "reminded", "reminded", "no-answer", "silence", "surveyed"),
    ]


def test_each_reminder_says_which_it_is_and_the_last_what_follows(office, answered):
    office.pass_days(9)
    first, second = (each.notice for each in office.notices())
    assert [(each.stage, each.stages) for each in (first, second)] == [(1, 2), (2, 2)]
    assert (first.due, second.due) == ("", at("2026-05-15 10:00").isoformat())


def test_holidays_and_weekends_do_not_count(office):
    office.change_policy(calendar=BusinessCalendar(holidays=frozenset({date(2026, 5, 7), date(2026, 5, 8)})))
    office.answered()
    office.notices()
    assert days_of(office, 8) == [("05-11", "reminder")]


def test_nothing_is_sent_at_night_or_on_a_weekend(office):
    office.clock = at("2026-05-02 22:00")
    office.answered()
    office.notices()
    office.pass_days(30)
    times = [outgoing.created_at for outgoing in office.notices()]
    assert len(times) == 5
    assert all(9 <= time.hour < 17 and time.weekday() < 5 for time in times)


@pytest.mark.parametrize(
    ("reminders", "expected"),
    [
        (0, [("05-07", "resolved")]),
        (1, [("05-07", "reminder"), ("05-12", "resolved")]),
        (3, [("05-07", "reminder"), ("05-12", "reminder")]),
    ],
)
def test_the_operator_says_how_many_reminders_there_are(office, reminders, expected):
    office.change_policy(periods=Periods(reminders=reminders))
    office.answered()
    office.notices()
    assert days_of(office, 8.5) == expected


@pytest.mark.parametrize("days", [0.5, 4, 9])
def test_a_customer_who_answers_is_not_reminded(office, answered, days):
    office.pass_days(days)
    office.notices()
    office.customer_writes(answered)
    office.notices()
    office.pass_days(60)
    assert office.told() == []
    assert office.ticket(answered.id).state is State.OPEN


def test_another_answer_begins_the_count_anew_with_reminders_of_its_own(office, answered):
    office.pass_days(4)
    assert office.told() == [REMINDED]
    office.agent_writes(answered, "Did it work?")
    office.notices()
    assert days_of(office, 10) == [("05-13", "reminder"), ("05-18", "reminder")]
    reminders = [each.notice.key for each in office.outbox() if each.notice.kind is NoticeKind.REMINDER]
    assert len(set(reminders)) == 3


def test_a_ticket_that_nobody_answered_is_left_alone(office):
    office.opened()
    office.pass_days(60)
    assert office.told() == []


def test_a_resolved_ticket_closes_after_four_business_days_of_silence(office):
    ticket = office.answered("#resolve\nDone.")
    office.notices()
    assert days_of(office, 12) == [("05-08", "closed"), ("05-08", "survey")]
    assert office.ticket(ticket.id).state is State.CLOSED


def test_a_reopened_ticket_does_not_close(office):
    ticket = office.answered("#resolve\nDone.")
    office.pass_days(1)
    office.customer_writes(ticket)
    office.notices()
    office.pass_days(30)
    assert office.told() == []
    assert office.ticket(ticket.id).state is State.OPEN


def test_a_postponed_ticket_wakes_on_the_morning_of_its_day_and_its_agent_is_told(office):
    ticket = office.answered("#postpone 2026-05-20")
    office.notices()
    office.pass_days(15)
    assert (office.ticket(ticket.id).state, office.told()) == (State.POSTPONED, [])
    office.pass_days(1)
    woken = office.ticket(ticket.id)
    assert (woken.state, woken.changed_at, woken.postponed_until) == (State.OPEN, at("2026-05-20 09:00"), None)
    assert office.told() == [(ANNA, "agent_notice", "postponement_over")]


def test_a_postponed_ticket_whose_customer_writes_wakes_at_once_and_only_then(office):
    ticket = office.answered("#postpone 2026-05-20")
    office.customer_writes(ticket)
    office.notices()
    assert office.ticket(ticket.id).state is State.OPEN
    office.pass_days(30)
    assert office.told() == []


def test_a_ticket_can_be_postponed_further(office):
    ticket = office.answered("#postpone 2026-05-20")
    office.agent_writes(ticket, "#postpone 2026-06-10")
    office.notices()
    office.pass_days(30)
    assert office.told() == []
    office.pass_days(10)
    assert office.told() == [(ANNA, "agent_notice", "postponement_over")]


def closed(office, day="2026-05-04 10:00", message="first"):
    """A ticket that was answered and closed just now."""
    office.clock = at(day)
    ticket = office.opened(mail(f"About {message}.", message_id=f"{message}@customer.test", date=office.date()))
    office.agent_writes(ticket, "#close\nDone.")
    office.notices()
    return ticket


def test_a_customer_is_asked_once_a_ticket(office):
    ticket = closed(office)
    office.pass_days(1)
    assert office.told() == [SURVEYED]
    office.customer_writes(ticket)
    office.agent_writes(ticket, "#close\nDone again.")
    office.notices()
    office.pass_days(60)
    assert office.told() == []
    assert office.history(ticket)[-1].what == "not surveyed"


@pytest.mark.parametrize(("second", "expected"), [("2026-05-20 10:00", []), ("2026-06-08 10:00", [SURVEYED])])
def test_a_customer_is_asked_at_most_once_in_thirty_days(office, second, expected):
    closed(office)
    office.pass_days(1)
    office.notices()
    ticket = closed(office, second, "second")
    office.pass_days(2)
    assert office.told() == expected
    why = office.history(ticket)[-1].why
    assert why == ("some time after closing" if expected else "the customer was asked on 2026-05-04")


def test_a_ticket_that_nobody_answered_is_not_surveyed(office):
    ticket = office.opened()
    office.agent_writes(ticket, "#close")
    office.notices()
    office.pass_days(3)
    assert office.told() == []
    assert office.history(ticket)[-1].why == "nobody has answered it"


def test_a_ticket_that_is_reopened_before_its_survey_is_not_surveyed(office):
    ticket = closed(office)
    office.customer_writes(ticket)
    office.notices()
    office.pass_days(3)
    assert office.told() == []


def test_a_quiet_tickets_customer_gets_nothing_from_the_clock(office):
    raw = mail(headers=(("Auto-Submitted", "auto-generated"),), message_id="first@customer.test")
    ticket = office.opened(raw)
    office.agent_writes(ticket, "Is anybody there?")
    office.notices()
    office.pass_days(60)
    assert office.ticket(ticket.id).state is State.CLOSED
    assert office.told() == []
    assert "not reminded" in [event.what for event in office.history(ticket)]


def test_everything_that_is_due_acts_once_however_often_upkeep_runs(office, answered):
    office.pass_days(3, upkeep=False)
    assert office.upkeep.run_once() == 1
    for _ in range(3):
        assert office.upkeep.run_once() == 0
    assert office.told() == [REMINDED]


def test_three_days_of_downtime_put_reminders_off_to_the_next_business_day_one_after_another(office):
    tickets = [office.opened(mail(f"No {number}.", message_id=f"{number}@customer.test")) for number in range(20)]
    for ticket in tickets:
        office.agent_writes(ticket, f"Answer to {ticket.id}.")
    office.notices()
    office.clock = at("2026-05-10 12:00")  # they were due on Thursday; it is Sunday
    while office.upkeep.run_once():
        pass
    assert office.told() == []
    assert office.history(tickets[0])[-1].what == "put off"
    office.pass_days(1 + 1 / 24)
    sent = [outgoing.created_at for outgoing in office.notices()]
    assert len(sent) == len(set(sent)) == len(tickets)
    assert at("2026-05-11 09:00") <= min(sent) < max(sent) < at("2026-05-11 13:00")


def test_a_month_of_downtime_reminds_once_and_goes_on_from_there(office, answered):
    office.pass_days(28, upkeep=False)
    assert days_of(office, 5) == [("06-02", "reminder"), ("06-05", "reminder")]
    assert office.ticket(answered.id).state is State.ANSWERED


def test_a_survey_that_was_slept_through_for_a_week_is_never_sent(office):
    ticket = closed(office)
    office.pass_days(9, upkeep=False)
    office.pass_days(5)
    assert office.told() == []
    assert office.history(ticket)[-1].what == "skipped"


def test_closing_and_waking_happen_however_late(office):
    resolved = office.answered("#resolve\nDone.")
    postponed = office.opened(mail("Another.", message_id="second@customer.test"))
    office.agent_writes(postponed, "#postpone 2026-05-06")
    office.notices()
    office.pass_days(40, upkeep=False)
    while office.upkeep.run_once():
        pass
    assert office.ticket(resolved.id).state is State.CLOSED
    assert office.ticket(postponed.id).state is State.OPEN


def test_threads_that_see_the_same_timer_act_once(office, answered):
    office.pass_days(3, upkeep=False)
    with office.database.read() as db:
        (timer,) = store.timers.due(db, office.clock, 10)

    def act():
        with office.database.write() as db:
            upkeep.act(db, timer, office.desk, office.clock)

    with ThreadPoolExecutor(5) as pool:
        for done in [pool.submit(act) for _ in range(5)]:
            done.result(60)
    assert office.told() == [REMINDED]
    assert [event.what for event in office.history(answered)].count("reminded") == 1


def test_a_timer_that_fails_is_tried_again_and_does_not_stop_the_others(office, caplog):
    caplog.set_level(logging.CRITICAL)
    broken = office.opened(mail("Broken.", message_id="1@customer.test"))
    healthy = office.opened(mail("Healthy.", message_id="2@customer.test"))
    for ticket in (broken, healthy):
        office.agent_writes(ticket, f"Try again, {ticket.id}.")
    office.notices()
    with office.database.write() as db:
        db.exec_driver_sql(
            f"CREATE TRIGGER full BEFORE INSERT ON outbox WHEN NEW.ticket_id = {broken.id}"
            " BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    office.pass_days(3, upkeep=False)
    office.upkeep.run_once()
    assert [outgoing.notice.ticket_id for outgoing in office.notices()] == [healthy.id]
    assert [event.what for event in office.history(broken)].count("reminded") == 0
    with office.database.write() as db:
        db.exec_driver_sql("DROP TRIGGER full")
    office.clock += HOUR
    office.upkeep.run_once()
    assert [outgoing.notice.ticket_id for outgoing in office.notices()] == [broken.id]


def test_a_customer_who_confirms_ends_all_reminders_and_is_asked_once(office, answered):
    office.receive(mail("", subject="OK", date=office.date()), office.address(answered, Purpose.CONFIRM))
    assert office.ticket(answered.id).state is State.CLOSED
    office.pass_days(60)
    assert office.told() == [SURVEYED]


def test_what_a_clock_had_set_that_was_a_year_ahead_does_not_wait_for_that_year(office, caplog):
    office.clock += 365 * DAY
    office.answered()
    resolved, postponed = (office.opened(mail(f"No. {each}", message_id=f"{each}@x")) for each in range(2))
    office.agent_writes(resolved, "#resolve\nDone.")
    office.agent_writes(postponed, "#postpone 2027-06-01")
    office.clock -= 365 * DAY
    office.notices()
    assert office.upkeep.run_once() == 2
    assert "the clock was set back, timers act earlier" in [record.getMessage() for record in caplog.records]
    assert office.upkeep.run_once() == 0
    assert days_of(office, 3) == [("05-07", "reminder")]
    assert days_of(office, 2) == [("05-08", "closed"), ("05-08", "survey")]
    assert office.ticket(postponed.id).state is State.POSTPONED


def test_without_anything_due_nothing_is_done(office):
    assert office.upkeep.run_once() == 0


@pytest.mark.parametrize("kind", [TimerKind.REMINDER, TimerKind.CLOSE, TimerKind.SURVEY, TimerKind.WAKE])
def test_a_timer_that_does_not_fit_the_state_of_its_ticket_does_nothing(office, kind):
    ticket = office.opened()
    with office.database.write() as db:
        store.timers.start(db, ticket.id, kind, 1, office.clock)
    assert office.upkeep.run_once() == 1
    assert office.ticket(ticket.id) == ticket
    assert office.told() == []
