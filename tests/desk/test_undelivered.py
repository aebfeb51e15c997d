"""Delivery reports: what is held against an address, who is told, what is reopened; and that forged ones do nothing."""

import pytest

from gateway import store
from gateway.tickets.alarm import AlarmKind
from gateway.tickets.model import State
from gateway.tickets.notices import NoticeKind
from gateway.tickets.suppression import Fault
from tests.builders import DAY, KIM, dsn, mail

CUSTOMER = KIM.address


def report(office, kind, status, recipient=CUSTOMER, action="failed"):
    """The report on the newest mail of a kind, after triage; what it caused has not been looked at."""
    office.notices()
    outgoing = office.last(kind)
    return office.receive(dsn(action, status, recipient), office.bounce_address(outgoing), mail_from="")


def held(office, address=CUSTOMER):
    with office.database.read() as db:
        return store.suppressions.among(db, [address]).get(address)


def alarms(office):
    with office.database.read() as db:
        return store.alarms.listed(db)


def test_an_unknown_user_gets_no_automatic_mail_any_more_and_the_agent_knows(office):
    ticket = office.answered()
    report(office, NoticeKind.REPLY, "5.1.1")
    assert office.told() == [("anna@agents.test", "agent_notice", "undelivered")]
    suppressed = held(office)
    assert (suppressed.fault, suppressed.status, suppressed.until) == (Fault.GONE, "5.1.1", office.clock + 60 * DAY)
    events = [(each.what, each.why) for each in office.history(ticket)[-2:]]
    assert events == [
        ("undelivered", "kim@customer.test: 550 5.1.1 no such user"),
        ("suppressed", "kim@customer.test is suppressed (gone, 5.1.1 on 2026-05-04)"),
    ]
    office.agent_writes(ticket, "#resolve\n")
    assert office.told() == [], "a notice would not arrive either"


@pytest.mark.parametrize("commands", ["#resolve\nIt is done.", "#close\nIt is done."])
def test_a_settled_ticket_is_open_again_when_the_customer_never_got_the_answer(office, commands):
    ticket = office.opened()
    office.agent_writes(ticket, commands)
    report(office, NoticeKind.REPLY, "5.1.1")
    assert office.ticket(ticket.id).state is State.OPEN


@pytest.mark.parametrize(("command", "kind"), [("#resolve\n", NoticeKind.RESOLVED), ("#close\n", NoticeKind.CLOSED)])
def test_it_is_too_when_he_never_heard_that_it_is_settled(office, command, kind):
    ticket = office.opened()
    office.agent_writes(ticket, command)
    report(office, kind, "5.1.1")
    assert office.ticket(ticket.id).state is State.OPEN


def test_a_lost_survey_or_acknowledgement_reopens_nothing(office):
    ticket = office.answered()
    office.pass_days(60)
    report(office, NoticeKind.SURVEY, "5.1.1")
    assert office.ticket(ticket.id).state is State.CLOSED
    report(office, NoticeKind.ACKNOWLEDGEMENT, "5.2.2")
    assert office.ticket(ticket.id).state is State.CLOSED


def test_nothing_is_reopened_when_only_somebody_in_copy_was_not_reached(office):
    ticket = office.opened(mail(to="support@desk.test, lee@customer.test", message_id="first@customer.test"))
    office.agent_writes(ticket, "#resolve\nIt is done.")
    report(office, NoticeKind.REPLY, "5.1.1", "lee@customer.test")
    assert office.ticket(ticket.id).state is State.RESOLVED
    assert office.told() == [("anna@agents.test", "agent_notice", "undelivered")]
    assert (held(office), held(office, "lee@customer.test").fault) == (None, Fault.GONE)


def test_a_full_mailbox_is_counted_and_not_yet_suppressed(office):
    office.answered()
    report(office, NoticeKind.REPLY, "5.2.2")
    assert (held(office).fault, held(office).is_active(office.clock)) == (Fault.FULL, False)


def test_several_reports_on_one_mail_count_once(office):
    office.answered()
    for words in (b"Sorry.", b"Sorry again.", b"Sorry indeed."):
        raw = dsn("failed", "5.2.2").replace(b"Sorry.", words)
        office.receive(raw, office.bounce_address(office.last(NoticeKind.REPLY)), mail_from="")
    assert held(office).score == 40


def test_a_delay_is_a_note_and_is_held_against_nobody(office):
    ticket = office.answered()
    assert report(office, NoticeKind.REPLY, "4.4.1", action="delayed").verdict == "delayed"
    assert (held(office), office.ticket(ticket.id).state, office.told()) == (None, State.ANSWERED, [])


def test_that_we_are_refused_is_the_operators_concern_and_not_held_against_the_address(office):
    office.change_policy(alarm_address="operator@ops.test")
    office.answered()
    report(office, NoticeKind.REPLY, "5.7.1")
    (raised,) = alarms(office)
    assert (raised.kind, raised.key) == (AlarmKind.DELIVERY, "customer.test")
    assert "customer.test refuses our mail (550 5.7.1 no such user)" in raised.detail
    assert held(office) is None
    assert {kind for _, kind, _ in office.told()} == {"alarm", "agent_notice"}


def test_an_agent_who_cannot_be_reached_is_an_alarm_and_still_written_to(office):
    office.opened()
    report(office, NoticeKind.AGENT_NOTICE, "5.1.1", "ben@agents.test")
    (raised,) = alarms(office)
    assert (raised.kind, raised.key) == (AlarmKind.AGENT_UNREACHABLE, "ben@agents.test")
    assert "Mend the address of agent ben" in raised.detail
    assert held(office, "ben@agents.test") is None
    assert office.told() == []
    office.opened(mail("Another.", sender="lee@customer.test"))
    assert office.last(NoticeKind.AGENT_NOTICE).notice.agent == "ben"


@pytest.mark.parametrize("to", ["support@desk.test", "support+b234567892abcdefghijklmnop@desk.test"])
def test_a_forged_report_suppresses_nobody(office, to):
    ticket = office.answered()
    office.notices()
    spooled = office.receive(dsn("failed", "5.1.1"), to, mail_from="")
    assert spooled.verdict == "held"
    assert (held(office), office.ticket(ticket.id).state, office.told()) == (None, State.ANSWERED, [])


def test_a_report_with_our_token_speaks_only_of_those_we_wrote_to(office):
    office.answered()
    report(office, NoticeKind.REPLY, "5.1.1", "victim@elsewhere.test")
    assert held(office, "victim@elsewhere.test") is None


def test_a_report_on_a_report_and_a_report_again_are_answered_by_nobody(office):
    office.opened()
    acknowledgement = office.last(NoticeKind.ACKNOWLEDGEMENT)
    to = office.bounce_address(acknowledgement)
    first = office.receive(dsn("failed", "5.1.1"), to, mail_from="")
    office.notices()
    again = dsn("failed", "5.1.1", "mailer-daemon@mx.test").replace(b"Sorry.", b"Your report could not be delivered.")
    second = office.receive(again, to, mail_from="")
    assert [each.verdict for each in (first, second)] == ["undelivered", "undelivered"]
    assert {kind for _, kind, _ in office.told()} <= {"agent_notice"}


def test_lifted_by_hand_the_address_gets_automatic_mail_again(office):
    office.answered()
    report(office, NoticeKind.REPLY, "5.1.1")
    with office.database.write() as db:
        assert store.suppressions.lift(db, "KIM@customer.test")
        assert not store.suppressions.lift(db, CUSTOMER)
    office.notices()
    office.receive(mail("Something else.", subject="Another"))
    assert (CUSTOMER, "acknowledgement", "") in office.told()
