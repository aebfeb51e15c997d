"""A web form writes for its visitor: he is answered, warily, and nobody has a part in a ticket by Reply-To."""

from dataclasses import replace

import pytest

from gateway import store
from gateway.mail.tokens import Purpose
from gateway.store.spool import SpoolState
from gateway.tickets.alarm import AlarmKind
from gateway.tickets.model import ReplyTo
from gateway.tickets.notices import NoticeKind
from tests.builders import HOUR, KIM, POLICY, SUPPORT, mail

VISITOR = "jane@visitor.test"
FORM = "Forms <no-reply@forms.test>"


def form(text="My order has not come.", sender=FORM, reply_to=VISITOR, **how):
    return mail(text, sender=sender, headers=(("Reply-To", reply_to),), **{"subject": "Buy now!", **how})


def alarms(office):
    with office.database.read() as db:
        return store.alarms.listed(db)


@pytest.mark.parametrize("sender", [FORM, "support@desk.test", "wordpress@shop.test"])
def test_the_visitor_of_a_form_is_the_customer_and_is_acknowledged_in_none_of_his_words(office, sender):
    ticket = office.ticket(office.receive(form(sender=sender), mail_from="www@forms.test").ticket_id)
    assert ticket.customer.address == VISITOR
    assert not ticket.is_quiet
    told = office.last(NoticeKind.ACKNOWLEDGEMENT).notice
    assert [each.address for each in told.to] == [VISITOR]
    assert (told.is_to_stranger, told.subject) == (True, "")
    (said,) = office.conversation(ticket)
    assert said.author.address == VISITOR


def test_somebody_known_and_proven_is_told_none_of_the_words_that_a_form_puts_into_his_mouth(office):
    office.customer_writes(office.opened())
    office.receive(form(reply_to=KIM.address), mail_from="www@forms.test")
    told = office.last(NoticeKind.ACKNOWLEDGEMENT).notice
    assert [each.address for each in told.to] == [KIM.address]
    assert (told.is_to_stranger, told.subject, told.to[0].name) == (True, "", "")


def test_the_agents_see_both_addresses(office):
    office.receive(form(), mail_from="www@forms.test")
    assert office.last(NoticeKind.AGENT_NOTICE).notice.detail == f"From: no-reply@forms.test; Reply-To: {VISITOR}"
    office.receive(form(sender="kim@customer.test", message_id="2@x"))
    assert office.tickets()[0].customer.address == KIM.address
    assert office.last(NoticeKind.AGENT_NOTICE).notice.detail == f"From: {KIM.address}; Reply-To: {VISITOR}"


def test_the_agents_answer_goes_to_the_visitor_who_then_continues_his_ticket(office):
    ticket = office.ticket(office.receive(form(), mail_from="www@forms.test").ticket_id)
    office.agent_writes(ticket, "It comes tomorrow.")
    assert [each.address for each in office.last(NoticeKind.REPLY).notice.to] == [VISITOR]
    answer = mail("Thank you!", sender=VISITOR, date=office.date())
    assert office.receive(answer, office.address(ticket, Purpose.FOLLOW_UP)).verdict == "joined"


@pytest.mark.parametrize("rule", list(ReplyTo))
@pytest.mark.parametrize("sender", ["mallory@else.test", FORM, "support@desk.test", "nobody at all"])
def test_a_stranger_who_names_the_customer_in_reply_to_has_no_part_in_his_ticket(office, rule, sender):
    office.change_policy(queues=(replace(SUPPORT, reply_to=rule), *POLICY.queues[1:]))
    ticket = office.opened()
    raw = form("Close it.", sender=sender, reply_to=KIM.address, subject=f"Re: [{ticket.reference}] Printer")
    spooled = office.receive(raw, office.address(ticket, Purpose.CONFIRM), mail_from="")
    assert (spooled.state, spooled.verdict) == (SpoolState.HELD, "held")
    assert office.ticket(ticket.id) == ticket
    assert {each.notice.kind for each in office.notices()} <= {NoticeKind.AGENT_NOTICE}


def test_who_has_proven_himself_proves_nobody_whom_he_names(office):
    office.change_policy(queues=(replace(SUPPORT, reply_to=ReplyTo.ALWAYS), *POLICY.queues[1:]))
    ticket = office.opened()
    raw = form("More.", sender=KIM.address, date=office.date())
    assert office.receive(raw, office.address(ticket, Purpose.FOLLOW_UP)).verdict == "joined"
    with office.database.read() as db:
        known = store.correspondents.known(db, [VISITOR, KIM.address])
    assert known[KIM.address].proven_at is not None
    assert VISITOR not in known


def test_a_machine_behind_reply_to_is_recognised_as_any_other(office):
    for number in range(8):
        raw = form(f"Received as HD-{number}.", reply_to="desk@robot.test", subject="Received", date=office.date())
        office.receive(raw, mail_from="www@forms.test")
        office.clock += HOUR / 60
    assert len([each for each in office.outbox() if each.notice.kind is NoticeKind.ACKNOWLEDGEMENT]) <= 3
    assert [each.kind for each in alarms(office)] == [AlarmKind.LOOP]


def test_mail_that_is_held_and_told_to_no_agent_is_one_alarm_an_hour(office):
    office.change_policy(alarm_address="operator@ops.test")
    for number in range(5):
        raw = mail(f"{number}", sender="support@desk.test", date=office.date())
        assert office.receive(raw).state is SpoolState.HELD
        office.clock += HOUR / 4
    (raised,) = alarms(office)
    assert (raised.kind, raised.count, len(raised.spool_ids)) == (AlarmKind.HELD, 5, 5)
    assert [each.notice.count for each in office.outbox()] == [1, 5]


def test_no_alarm_for_what_an_agent_is_told_or_machines_say_by_the_book(office):
    ticket = office.opened()
    office.receive(mail(sender="x@y.test", subject=f"[{ticket.reference}]"), mail_from="x@y.test")
    away = mail("I am away.", sender="x@y.test", subject="Away", headers=(("Auto-Submitted", "auto-replied"),))
    assert office.receive(away).state is SpoolState.HELD
    assert alarms(office) == ()
