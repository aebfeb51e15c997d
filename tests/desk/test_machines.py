"""Machines at the other end that answer each of our automatic mails: how many of ours there are before it ends.

Their answers come back some seconds later, until nothing of ours is left to answer. What real servers make of it is in
`tests/journeys`.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway import store
from gateway.mail.tokens import Purpose
from gateway.tickets.alarm import AlarmKind
from gateway.tickets.model import State
from gateway.tickets.notices import NoticeKind, Reason
from tests.builders import DAY, HOUR, mail

ROBOT = "helpdesk@else.test"
OURS = (*(kind for kind in NoticeKind if kind.is_automatic and not kind.is_for_agents),)


def answers_in_its_own_thread(office, outgoing, number):
    """Opens a ticket for each mail, with its own reference, and hides that it is automatic."""
    text = f"Dear customer,\n\nyour request HD-{4000 + number} has been received at {office.clock:%H:%M:%S}."
    return mail(text, sender=ROBOT, subject=f"[HD-{4000 + number}] Received", date=office.date()), "support@desk.test"


def answers_in_our_thread(office, outgoing, number):
    """Likewise, but keeps our reference in the subject and writes to our Reply-To."""
    ticket = office.ticket(outgoing.notice.ticket_id)
    raw = mail(f"Received as HD-{number}.", sender=ROBOT, subject=f"Re: [{ticket.reference}] x", date=office.date())
    return raw, office.address(ticket, Purpose.FOLLOW_UP)


def is_away_by_the_book(office, outgoing, number):
    marks = (("Auto-Submitted", "auto-replied"),)
    return mail("I am away.", sender=ROBOT, subject="Away", headers=marks, date=office.date()), "support@desk.test"


def is_away_and_says_so_in_words_only(office, outgoing, number):
    text = "I am out of the office until Monday with no access to e-mail."
    return mail(text, sender=ROBOT, subject="Automatic reply: x", date=office.date()), "support@desk.test"


def is_away_without_any_mark(office, outgoing, number):
    return mail("Back on Monday.", sender=ROBOT, subject="Hello", date=office.date()), "support@desk.test"


def never_says_the_same_twice(office, outgoing, number):
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    text = f"Today's saying is {words[number % 12]} {words[number // 12 % 12]}."
    return mail(text, sender=ROBOT, subject="Hello", date=office.date()), "support@desk.test"


def uses_a_new_detail_each_time(office, outgoing, number):
    raw, to = answers_in_its_own_thread(office, outgoing, number)
    return raw.replace(ROBOT.encode(), f"helpdesk+id{number}@else.test".encode()), to


def converse(office, robot, pause=20.0, rounds=40):
    """How many automatic mails of ours went to the robot's house; it has answered each of them."""
    answered, number = set(), 0
    for _ in range(rounds):
        new = [each for each in office.outbox() if each.notice.kind in OURS and each.id not in answered]
        if not new:
            break
        for outgoing in new:
            answered.add(outgoing.id)
            number += 1
            office.clock += timedelta(seconds=pause)
            raw, to = robot(office, outgoing, number)
            sender = outgoing.notice.to[0].address
            assert office.receive(raw, to, mail_from=sender).verdict in {"opened", "joined", "recorded", "held"}
    return len([each for each in office.outbox() if each.notice.kind in OURS])


def begin(office):
    """A person at the robot's house writes to us."""
    office.change_policy(alarm_address="operator@ops.test")
    office.receive(mail("Can you help us?", sender=ROBOT, date=office.date()), mail_from=ROBOT)


def alarms(office):
    with office.database.read() as db:
        return store.alarms.listed(db)


@pytest.mark.parametrize(
    ("robot", "pause", "most", "alarmed"),
    [
        (is_away_by_the_book, 20, 1, 0),
        (is_away_and_says_so_in_words_only, 20, 1, 0),
        (answers_in_our_thread, 20, 1, 0),
        (is_away_without_any_mark, 20, 2, 0),  # as if a person had sent his mail twice
        (answers_in_its_own_thread, 2, 2, 1),
        (answers_in_its_own_thread, 20, 2, 1),
        (answers_in_its_own_thread, 15 * 60, 2, 1),
        (uses_a_new_detail_each_time, 20, 2, 1),
        (never_says_the_same_twice, 20, 6, 1),
    ],
)
def test_it_ends_after_so_many_mails_of_ours(office, robot, pause, most, alarmed):
    begin(office)
    assert converse(office, robot, pause) == most
    assert len(alarms(office)) == alarmed


def test_a_person_who_sends_a_mail_twice_is_heard_on_his_other_matters(office):
    begin(office)
    for text in ("It burns!", "It burns!", "Another thing: where is my invoice?"):
        office.clock += timedelta(seconds=20)
        assert office.receive(mail(text, sender=ROBOT, date=office.date()), mail_from=ROBOT).verdict == "opened"
    assert len([each for each in office.outbox() if each.notice.kind is NoticeKind.ACKNOWLEDGEMENT]) == 3
    assert alarms(office) == ()
    assert not any(ticket.is_quiet for ticket in office.tickets())


def test_the_loop_is_one_alarm_with_its_mails_and_the_tickets_say_what_was_not_sent(office):
    begin(office)
    converse(office, answers_in_its_own_thread)
    (raised,) = alarms(office)
    assert (raised.kind, raised.key, raised.count) == (AlarmKind.LOOP, ROBOT, 1)
    assert [office.mail(each).subject for each in raised.spool_ids] == ["[HD-4001] Received", "[HD-4002] Received"]
    assert raised.detail == (
        f"{ROBOT} sends the same words in answer to automatic mail. Mail from there is still taken in; "
        f"a machine at {ROBOT} answers automatic mail; none goes there until 2026-05-04 11:00 UTC."
    )
    newest, *others = office.tickets()
    assert office.history(newest)[-1].what == "not sent"
    assert len(others) == 2
    trace = office.mail(raised.spool_ids[-1]).trace
    assert any(line.startswith(f"loop: {ROBOT} sends the same words") for line in trace)
    assert trace[-1].startswith("not sent: acknowledgement to")
    assert [each.notice.to[0].address for each in office.outbox() if each.notice.kind is NoticeKind.ALARM] == [
        "operator@ops.test"
    ]


def test_while_it_rests_its_mail_is_kept_and_told_to_the_agents(office):
    begin(office)
    converse(office, answers_in_its_own_thread)
    office.notices()
    office.clock += timedelta(minutes=10)
    spooled = office.receive(mail("A person now: we still wait.", sender=ROBOT, date=office.date()), mail_from=ROBOT)
    assert spooled.verdict == "opened"
    assert [kind for _, kind, _ in office.told()] == ["agent_notice", "agent_notice"]


def test_after_the_rest_one_mail_is_tried_and_the_rest_doubles(office):
    begin(office)
    assert converse(office, answers_in_its_own_thread) == 2
    for hours in (1, 2, 4):
        office.clock += hours * HOUR
        before = len(office.outbox())
        office.receive(mail("Again?", sender=ROBOT, date=office.date()), mail_from=ROBOT)
        ours = converse(office, answers_in_its_own_thread)
        assert ours == len([each for each in office.outbox() if each.notice.kind in OURS])
        assert len([each for each in office.outbox()[before:] if each.notice.kind in OURS]) == 1
    (raised,) = alarms(office)
    assert raised.count == 4


def test_a_machine_that_reopens_does_so_once(office):
    office.change_policy(alarm_address="operator@ops.test")
    ticket = office.answered()
    states = []
    for _ in range(4):
        office.clock += HOUR / 2
        ticket = office.agent_writes(ticket, "#resolve\n")
        office.clock += timedelta(seconds=20)
        office.customer_writes(ticket, "Thank you for your message, we will look at it.")
        ticket = office.ticket(ticket.id)
        states.append(ticket.state)
        if ticket.state is not State.OPEN:
            break
    assert states == [State.OPEN, State.RESOLVED]
    assert office.history(ticket)[-1].why == "a machine that answers automatic mail reopens nothing"
    assert office.conversation(ticket)[-1].text.startswith("Thank you for your message")


def test_who_is_taken_for_a_machine_on_a_settled_ticket_is_shown_to_the_agents(office):
    """A person who is quick, each time with other words: what he says last moves nothing, but somebody reads it."""
    ticket = office.answered()
    seen = []
    for number in range(1, 7):
        ticket = office.agent_writes(ticket, "#resolve\n")
        office.notices()
        office.clock += timedelta(seconds=40)
        spooled = office.customer_writes(ticket, f"It smokes {'so ' * number}much.")
        told = [(each.notice.kind, each.notice.reason, each.notice.source) for each in office.notices()]
        assert [(kind, source) for kind, _, source in told] == [(NoticeKind.AGENT_NOTICE, spooled.id)]
        seen.append((spooled.verdict, told[0][1], office.ticket(ticket.id).state))
        office.clock += HOUR
    opened, kept = ("joined", Reason.REOPENED, State.OPEN), ("recorded", Reason.AUTOMATIC_MAIL, State.RESOLVED)
    assert seen == [*[opened] * 5, kept]


def test_a_person_with_many_matters_is_acknowledged_for_each(office):
    words = ["printer", "screen", "keyboard", "chair", "lamp", "window", "door"]
    for word in words:
        office.clock += timedelta(minutes=2)
        office.receive(mail(f"My {word} is broken.", subject=f"The {word}", date=office.date()))
    assert len([each for each in office.outbox() if each.notice.kind is NoticeKind.ACKNOWLEDGEMENT]) == len(words)
    assert alarms(office) == ()


@pytest.mark.parametrize(
    ("purpose", "word", "text", "state"),
    [
        (Purpose.REFUSE, "✗", "", State.OPEN),
        (Purpose.CONFIRM, "✓", "", State.CLOSED),
        (Purpose.FOLLOW_UP, "Contact form", "No!", State.OPEN),
        (Purpose.FOLLOW_UP, "Contact form", "Yes, thanks", State.CLOSED),
    ],
)
def test_a_person_answers_what_we_ask_on_each_ticket_in_the_same_words(office, purpose, word, text, state):
    for number in range(3):
        raw = mail("I need help.", subject="Contact form", date=office.date(), message_id=f"{number}@customer.test")
        ticket = office.ticket(office.receive(raw).ticket_id)
        office.clock += HOUR
        ticket = office.agent_writes(ticket, "#resolve\n")
        office.clock += HOUR / 12
        pressed = mail(text, subject=f"[{ticket.reference}] {word}", date=office.date())
        office.receive(pressed, office.address(ticket, purpose))
        assert office.ticket(ticket.id).state is state
    assert alarms(office) == ()


def test_the_rest_holds_for_every_kind_of_automatic_mail(office):
    begin(office)
    converse(office, answers_in_its_own_thread)
    ticket = office.tickets()[-1]
    office.agent_writes(ticket, "Turn it off and on again.")
    office.notices()
    for _ in range(8):
        with office.database.write() as db:
            known = store.correspondents.known(db, [ROBOT])[ROBOT]
            store.correspondents.keep(db, [replace(known, quiet_until=office.clock + 6 * DAY)])
        office.pass_days(5)
    assert office.told() == []
    assert [each.what for each in office.history(ticket)].count("not sent") == 5
