"""The one gate for automatic mail: what is withheld, how that is told, and that nobody's mail is lost by it."""

import itertools
import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway import store
from gateway.desk import explanation
from gateway.mail.envelope import Envelope
from gateway.store.spool import SpoolState
from gateway.tickets import reading
from gateway.tickets.alarm import AlarmKind
from gateway.tickets.model import State
from gateway.tickets.notices import NoticeKind
from gateway.tickets.policy import Budgets
from gateway.tickets.suppression import Fault, Suppression
from tests.builders import DAY, HOUR, KIM, NOW, RING, mail

CUSTOMER = KIM.address
MINUTE = timedelta(minutes=1)


@pytest.fixture
def limited(office):
    def of(**budgets):
        office.change_policy(budgets=replace(office.policy.budgets, **budgets), alarm_address="operator@ops.test")
        return office

    return of


def requests(office, number, sender="p{}@customer.test"):
    """As many mails from different people, settled together."""
    ids = [
        office.bring(
            mail(
                f"My {WORDS[each % len(WORDS)]} matter.",
                sender=sender.format(each),
                subject=f"Matter {each}",
                message_id=f"{next(office.keys)}@customer.test",
            )
        )
        for each in range(number)
    ]
    office.triage.run_once(limit=1000)
    return [office.mail(each) for each in ids]


WORDS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh"]


def sent(office, kind=NoticeKind.ACKNOWLEDGEMENT):
    return [each.notice.to[0].address for each in office.outbox() if each.notice.kind is kind]


def withheld(office, ticket):
    return [event.why for event in office.history(ticket) if event.what == "not sent"]


def alarms(office):
    with office.database.read() as db:
        return store.alarms.listed(db)


def test_beyond_the_budget_of_an_address_a_ticket_is_opened_and_says_that_nobody_was_told(limited):
    office = limited(address_per_hour=2)
    settled = requests(office, 4, sender="robot@customer.test")
    assert [each.verdict for each in settled] == ["opened"] * 4
    assert sent(office) == ["robot@customer.test"] * 2
    why = "acknowledgement to robot@customer.test: the budget of 2 an hour to one address is spent"
    assert [withheld(office, office.ticket(each.ticket_id)) for each in settled] == [[], [], [why], [why]]
    assert settled[3].trace[-1] == f"not sent: {why}"
    assert settled[0].trace[-1].startswith("verdict: opened")
    assert alarms(office) == (), "one sender's own budget is nobody else's trouble"


def test_the_bucket_fills_again(limited):
    office = limited(address_per_hour=2)
    requests(office, 4, sender="robot@customer.test")
    office.clock += 31 * MINUTE
    requests(office, 2, sender="robot@customer.test")
    assert len(sent(office)) == 3


def test_a_flood_of_forged_senders_uses_up_the_strangers_budget_and_nobody_elses(limited):
    office = limited(strangers_per_hour=5)
    ticket = office.opened()
    office.customer_writes(ticket, "It is still broken.")
    requests(office, 12, sender="p{}@victims.test")
    assert len(sent(office)) == 5, "one of them is Kim's first"
    (raised,) = alarms(office)
    assert (raised.kind, raised.key, raised.count) == (AlarmKind.BUDGET, "strangers:", 8)
    assert len(raised.spool_ids) == 8
    office.receive(mail("Something else.", subject="Another matter"))
    assert sent(office)[-1] == CUSTOMER, "he has proven that he reads our mail"
    assert sent(office, NoticeKind.ALARM) == ["operator@ops.test"]


@pytest.mark.parametrize(
    ("budget", "key"),
    [
        ("domain_per_hour", "domain:customer.test"),
        ("queue_per_hour", "queue:support"),
        ("overall_per_hour", "overall:"),
    ],
)
def test_a_bucket_that_many_share_raises_one_alarm_when_it_is_empty(limited, caplog, budget, key):
    office = limited(**{budget: 3})
    with caplog.at_level(logging.ERROR):
        requests(office, 5)
        requests(office, 4)
    assert len(sent(office)) == 3
    assert [(each.key, each.count) for each in alarms(office)] == [(key, 6)]
    assert [record.getMessage() for record in caplog.records] == ["an alarm is raised"]


def test_every_automatic_mail_to_a_customer_goes_through_the_gate(limited):
    office = limited(ticket_per_hour=1)
    ticket = office.answered()
    office.change_policy(budgets=Budgets(ticket_per_hour=1))
    hold(office, CUSTOMER)
    office.notices()
    office.pass_days(60)
    assert office.ticket(ticket.id).state is State.CLOSED, "what happens to a ticket does not wait for mail"
    assert [each.split(" ")[0] for each in withheld(office, ticket)] == [
        "reminder", "reminder", "resolved", "closed", "survey",
    ]  # fmt: skip
    assert office.told() == []


def hold(office, address, **how):
    with office.database.write() as db:
        until = office.clock + 365 * DAY
        store.suppressions.keep(db, Suppression(address, Fault.GONE, 100, office.clock, "5.1.1", "no such user", until))


def test_a_suppressed_address_gets_no_automatic_mail_and_the_ticket_says_why(office):
    hold(office, CUSTOMER)
    spooled = office.receive(mail())
    assert sent(office) == []
    why = "acknowledgement to kim@customer.test: kim@customer.test is suppressed (gone, 5.1.1 on 2026-05-04)"
    assert withheld(office, office.ticket(spooled.ticket_id)) == [why]
    assert len(sent(office, NoticeKind.AGENT_NOTICE)) == 2


def test_an_agents_reply_to_a_suppressed_address_is_sent_and_he_is_warned(office):
    ticket = office.opened()
    hold(office, CUSTOMER)
    office.agent_writes(ticket, "Turn it off and on again.")
    assert office.told() == [
        (CUSTOMER, "reply", ""),
        ("anna@agents.test", "agent_error", "address_dead"),
    ]
    assert "5.1.1" in office.last(NoticeKind.AGENT_ERROR).notice.detail


def test_agents_hear_of_what_was_withheld_from_them_in_one_mail_an_hour(limited):
    office = limited(agent_per_hour=3, agent_ticket_per_hour=2)
    settled = requests(office, 7)
    assert sent(office, NoticeKind.AGENT_NOTICE).count("anna@agents.test") == 3
    assert withheld(office, office.ticket(settled[6].ticket_id)) == [
        "agent_notice to anna, ben: the budget of 3 an hour to one agent is spent"
    ]
    office.clock += 59 * MINUTE
    office.upkeep.run_once()
    assert sent(office, NoticeKind.AGENT_DIGEST) == []
    office.clock += MINUTE
    assert office.upkeep.run_once() == 2
    assert sent(office, NoticeKind.AGENT_DIGEST) == ["anna@agents.test", "ben@agents.test"]
    digest = office.last(NoticeKind.AGENT_DIGEST).notice
    assert (digest.count, digest.queue, digest.due) == (4, "support", NOW.isoformat())
    assert digest.text.splitlines()[0] == f"{office.ticket(settled[3].ticket_id).reference}  Matter 3"
    assert len(digest.text.splitlines()) == 4
    office.clock += HOUR
    assert office.upkeep.run_once() == 0, "once"


def test_a_machine_on_one_ticket_does_not_use_up_an_agents_budget_for_the_others(limited):
    office = limited(agent_ticket_per_hour=3)
    ticket = office.opened()
    for each in range(6):
        office.clock += timedelta(seconds=1)
        office.customer_writes(ticket, f"Still {WORDS[each]}.")
    assert sent(office, NoticeKind.AGENT_NOTICE).count("anna@agents.test") == 3
    office.opened(mail("Another.", sender="lee@customer.test"))
    assert sent(office, NoticeKind.AGENT_NOTICE).count("anna@agents.test") == 4


def test_an_agents_reply_is_never_withheld(limited):
    office = limited(address_per_hour=1, ticket_per_hour=1, overall_per_hour=1, domain_per_hour=1, queue_per_hour=1)
    ticket = office.opened()
    for each in range(5):
        office.clock += MINUTE
        office.agent_writes(ticket, f"Try the {WORDS[each]} way.")
    assert len(sent(office, NoticeKind.REPLY)) == 5


def test_what_has_happened_before_a_failure_is_undone_with_what_it_wanted_mailed(office, caplog):
    caplog.set_level(logging.CRITICAL)
    with office.database.write() as db:
        db.exec_driver_sql(
            "CREATE TRIGGER poison BEFORE INSERT ON outbox WHEN NEW.notice LIKE '%p2@customer.test%'"
            " BEGIN SELECT RAISE(ABORT, 'cannot be stored'); END"
        )
    settled = requests(office, 5)
    assert [each.verdict for each in settled] == ["opened", "opened", "", "opened", "opened"]
    assert settled[2].state is SpoolState.WAITING
    assert sorted(sent(office)) == [f"p{each}@customer.test" for each in (0, 1, 3, 4)]
    with office.database.read() as db:
        assert store.budgets.levels(db, ["overall:"])["overall:"][0] == office.policy.budgets.overall_per_hour - 4


def test_a_notice_is_of_the_instant_of_its_cause_however_late_it_is_posted(office):
    ticks = itertools.count()
    for each in range(4):
        office.bring(mail(f"My {WORDS[each]} matter.", sender=f"p{each}@customer.test"))
    replace(office.triage, now=lambda: NOW + next(ticks) * MINUTE).run_once()
    for each in office.outbox():
        assert each.created_at in {event.at for event in office.history(office.ticket(each.notice.ticket_id))}
    assert len({each.created_at for each in office.outbox()}) == 4


def test_a_restart_empties_no_bucket_and_fills_none(limited, office):
    limited(address_per_hour=2)
    for _ in range(3):
        requests(office, 1, sender="robot@customer.test")  # every run makes a triage of its own
    assert len(sent(office)) == 2


def test_what_says_nothing_any_more_is_swept(office):
    requests(office, 3)
    hold(office, "gone@customer.test")
    with office.database.read() as db:
        assert store.budgets.has_full(db, office.clock + HOUR)
        assert store.correspondents.known(db, ["p1@customer.test"])["p1@customer.test"].exchanges
    office.clock += 366 * DAY
    office.upkeep.run_once()
    with office.database.read() as db:
        for table in ("budgets", "correspondents", "suppressions", "withheld"):
            assert db.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0


def test_explain_tells_beforehand_what_would_be_withheld(limited):
    office = limited(address_per_hour=1)
    raw = mail("One more.", sender="robot@customer.test", subject="More")

    def explained():
        read = reading.read(raw, Envelope("robot@customer.test", ("support@desk.test",)), RING, office.policy)
        with office.database.read() as db:
            return explanation.explain(db, read, office.desk, office.clock).trace[-1]

    assert explained() == "rule: a new matter"
    requests(office, 1, sender="robot@customer.test")
    told = "acknowledgement to robot@customer.test: the budget of 1 an hour to one address is spent"
    assert explained() == f"not sent: {told}"


def test_ten_thousand_old_mails_at_once_are_all_registered_and_disturb_nobody(office):
    """A hundred stand for them: the number of mails that are sent does not grow with the number that came."""
    office.change_policy(budgets=Budgets(strangers_per_hour=5, agent_per_hour=2))
    settled = requests(office, 100)
    assert {each.verdict for each in settled} == {"opened"}
    assert len(office.outbox()) == 5 + 2 * 2
    office.clock += HOUR
    office.upkeep.run_once()
    assert office.last(NoticeKind.AGENT_DIGEST).notice.count == 98


def test_who_answers_our_mail_with_our_signature_is_reachable_after_all(office):
    ticket = office.opened()
    hold(office, CUSTOMER)
    spooled = office.customer_writes(ticket)
    with office.database.read() as db:
        assert not store.suppressions.among(db, [CUSTOMER])
    assert "suppression lifted" in [event.what for event in office.history(ticket)]
    assert any(line.startswith(f"suppression lifted: {CUSTOMER} has answered") for line in spooled.trace)


def test_who_only_writes_again_proves_nothing(office):
    hold(office, CUSTOMER)
    office.receive(mail())
    with office.database.read() as db:
        assert store.suppressions.among(db, [CUSTOMER])
