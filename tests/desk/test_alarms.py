"""One alarm a trouble: counted, logged once, mailed at once and then once an hour."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway import store
from gateway.desk.alarms import raise_alarm
from gateway.desk.reconcile import Reconciliation
from gateway.outbound import template_check
from gateway.store.sightings import Compared
from gateway.tickets.alarm import AlarmKind
from gateway.tickets.model import SpoolId
from gateway.tickets.notices import NoticeKind
from tests.builders import NOW, POLICY, dsn, mail

WATCHED = replace(POLICY, alarm_address="operator@ops.test")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def alarm(office):
    def raised(after=0, kind=AlarmKind.LOOP, key="kim@customer.test", policy=WATCHED, **how):
        with office.database.write() as db:
            return raise_alarm(db, kind, key, f"seen after {after} minutes", policy, NOW + after * MINUTE, **how)

    return raised


def test_a_trouble_that_goes_on_is_one_alarm_that_counts(alarm, office):
    for after in (0, 1, 2):
        alarm(after, spool_ids=(SpoolId(10 + after), SpoolId(10)))
    alarm(3, spool_ids=(SpoolId(1),), times=5)
    with office.database.read() as db:
        (found,) = store.alarms.listed(db)
    assert (found.count, found.opened_at, found.last_at) == (8, NOW, NOW + 3 * MINUTE)
    assert (found.detail, found.spool_ids) == ("seen after 3 minutes", (10, 11, 12, 1))


def test_only_the_first_mails_are_kept_as_samples(alarm):
    assert alarm(spool_ids=[SpoolId(number) for number in range(1, 100)]).spool_ids == tuple(range(1, 21))


def test_another_key_or_kind_is_another_alarm(alarm, office):
    alarm()
    alarm(key="lee@customer.test")
    alarm(kind=AlarmKind.BUDGET)
    with office.database.read() as db:
        assert len(store.alarms.listed(db)) == 3


def test_it_is_logged_once(alarm, caplog):
    with caplog.at_level(logging.ERROR):
        for after in range(3):
            alarm(after, times=2)
    (record,) = caplog.records
    assert (record.getMessage(), record.kind) == ("an alarm is raised", "loop")


def test_the_operator_is_told_at_once_and_then_once_an_hour_while_it_goes_on(alarm, office):
    for after in (0, 10, 59, 60, 61, 119, 121):
        alarm(after, spool_ids=(SpoolId(7),))
    told = office.notices()
    assert [(each.notice.kind, each.notice.count) for each in told] == [
        (NoticeKind.ALARM, 1),
        (NoticeKind.ALARM, 4),
        (NoticeKind.ALARM, 7),
    ]
    assert {each.notice.to[0].address for each in told} == {"operator@ops.test"}
    assert told[0].notice.text == "gateway explain --stored 7"


def test_without_an_operators_address_nobody_is_written_to(alarm, office):
    assert alarm(policy=POLICY).told_at is None
    assert office.notices() == []


def test_once_closed_the_same_trouble_is_a_new_alarm(alarm, office):
    first = alarm()
    with office.database.write() as db:
        assert store.alarms.close(db, first.id, NOW)
        assert not store.alarms.close(db, first.id, NOW)
    second = alarm(5)
    assert (second.id != first.id, second.count) == (True, 1)
    with office.database.read() as db:
        assert [each.id for each in store.alarms.listed(db)] == [second.id]
        assert [each.id for each in store.alarms.listed(db, is_all=True)] == [first.id, second.id]


def report(office, kind, status, recipient):
    office.receive(dsn("failed", status, recipient), office.bounce_address(office.last(kind)), mail_from="")


def compare(office, **found):
    Reconciliation(office.database, office.policy, lambda: office.clock).hear(Compared("box", "INBOX", 7, **found))


def a_machine_repeats_itself(office):
    for number in range(3):
        office.clock += MINUTE
        office.receive(mail(f"Received as {number}.", sender="robot@else.test", date=office.date()))


def a_machine_is_fast(office):
    for number in range(8):
        office.clock += MINUTE / 20
        words = f"Wisdom of {'abcdefgh'[number] * 4}."
        office.receive(mail(words, sender="robot@else.test", subject="Hello", date=office.date()))


def strangers_flood(office):
    office.change_policy(budgets=replace(office.policy.budgets, strangers_per_hour=1))
    for name in ("x", "y"):
        office.receive(mail(sender=f"{name}@else.test"))


@pytest.mark.parametrize(
    ("what", "trouble"),
    [
        ("same-words", a_machine_repeats_itself),
        ("too-fast", a_machine_is_fast),
        ("strangers", strangers_flood),
        ("refused", lambda office: report(office, NoticeKind.ACKNOWLEDGEMENT, "5.7.1", "kim@customer.test")),
        ("agent", lambda office: report(office, NoticeKind.AGENT_NOTICE, "5.1.1", "ben@agents.test")),
        ("lost", lambda office: compare(office, lost=2, fetched=(SpoolId(3),))),
        ("rewound", lambda office: compare(office, fetched=(SpoolId(3),), is_rewound=True)),
    ],
)
def test_its_mail_is_given_all_that_its_template_speaks_of(office, what, trouble):
    office.change_policy(alarm_address="operator@ops.test", default_language="el")
    office.opened()
    trouble(office)
    (told,) = [each.notice for each in office.outbox() if each.notice.kind is NoticeKind.ALARM]
    known = next(each.facts for each in template_check.samples(NoticeKind.ALARM) if each.facts.get("what") == what)
    assert (told.facts["what"], told.facts.keys()) == (what, known.keys())
    assert told.language == "el"


def test_the_operator_is_told_what_was_seen(office):
    office.change_policy(alarm_address="operator@ops.test")
    a_machine_repeats_itself(office)
    until = office.clock + 60 * MINUTE
    assert office.last(NoticeKind.ALARM).notice.facts == {
        "what": "same-words",
        "address": "robot@else.test",
        "until": until.isoformat(),
    }
