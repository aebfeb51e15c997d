"""Several desks over one PostgreSQL decide at the same time; mails that belong together are decided on one by one."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest

from gateway import store
from gateway.desk import facts
from gateway.mail.envelope import Envelope
from gateway.store.engine import open_database
from gateway.tickets import reading
from gateway.tickets.model import State
from gateway.tickets.notices import NoticeKind
from tests.builders import POLICY, RING, mail
from tests.desk.conftest import Office

NODES = 3


@pytest.fixture
def office(postgres):
    with closing(open_database(postgres.database())) as database:
        yield Office(database)


def work(office, limit=2):
    """All nodes triage until nothing waits; each has taken something before one of them settles."""
    begin = threading.Barrier(NODES)

    def node(name):
        triage = replace(office.triage, owner=name)
        begin.wait(20)
        while triage.run_once(limit):
            pass

    with ThreadPoolExecutor(NODES) as pool:
        for done in [pool.submit(node, f"node {number}") for number in range(NODES)]:
            done.result(120)


@pytest.mark.postgres
def test_the_same_mail_by_many_ways_is_one_ticket(office):
    ids = [office.bring(mail(f"No. {number // 6}.", message_id=f"{number // 6}@x")) for number in range(60)]
    work(office)
    verdicts = Counter(office.mail(each).verdict for each in ids)
    assert verdicts == {"opened": 10, "duplicate": 50}
    assert len(office.tickets()) == 10


@pytest.mark.postgres
def test_the_mails_of_a_conversation_find_each_other(office):
    for number in range(20):
        first = f"first-{number}@x"
        office.bring(mail(f"No. {number}", message_id=first))
        for reply in range(2):
            threading_ = (("In-Reply-To", f"<{first}>"), ("References", f"<{first}>"))
            office.bring(mail(f"One more thing {number}/{reply}", message_id=f"{reply}-{number}@x", headers=threading_))
    work(office, limit=1)
    assert len(office.tickets()) == 20
    assert {len(office.conversation(ticket)) for ticket in office.tickets()} == {3}


@pytest.mark.postgres
def test_a_ticket_that_many_write_to_at_once_goes_its_way_step_by_step(office):
    ticket = office.answered()
    for number in range(12):
        office.bring(mail(f"No {number}", subject=f"Re: [{ticket.reference}]", message_id=f"{number}@x"))
    work(office, limit=1)
    ticket = office.ticket(ticket.id)
    assert ticket.state is State.OPEN
    moves = [(event.before, event.after) for event in office.history(ticket) if event.before is not event.after]
    assert moves == [(State.NEW, State.ANSWERED), (State.ANSWERED, State.OPEN)]
    assert len(office.conversation(ticket)) == 14


@pytest.mark.postgres
def test_each_is_acknowledged_once_and_every_verdict_counts(office):
    for number in range(60):
        office.bring(mail(f"No. {number}", sender=f"c{number}@house{number}.test", message_id=f"{number}@x"))
    work(office, limit=5)
    acknowledged = [each for each in office.outbox() if each.notice.kind is NoticeKind.ACKNOWLEDGEMENT]
    assert Counter(each.notice.to[0].address for each in acknowledged) == {
        f"c{number}@house{number}.test": 1 for number in range(60)
    }


@pytest.mark.postgres
def test_a_timer_and_a_mail_at_the_same_time_do_not_stand_in_each_others_way(office):
    tickets = []
    for number in range(10):
        ticket = office.opened(mail(f"No. {number}", message_id=f"first-{number}@x"))
        tickets.append(office.agent_writes(ticket, f"Answer {number}"))
    with office.database.write() as db:
        for ticket in tickets:
            for timer in store.timers.pending(db, ticket.id):
                store.timers.put_off(db, timer, office.clock)
    for number, ticket in enumerate(tickets):
        office.bring(mail(f"Yes {number}", subject=f"Re: [{ticket.reference}]", message_id=f"{number}@x"))
    with ThreadPoolExecutor(1) as clock:
        tending = clock.submit(office.upkeep.run_once)
        work(office, limit=3)
        tending.result(60)
    assert {office.ticket(ticket.id).state for ticket in tickets} == {State.OPEN}
    with office.database.read() as db:
        assert not any(store.timers.pending(db, ticket.id) for ticket in tickets)


def names(*, text="Hello", sender="kim@customer.test", message_id="a@x", references=()):
    headers = (("References", " ".join(f"<{each}>" for each in references)),) if references else ()
    raw = mail(text, sender=sender, message_id=message_id, headers=headers)
    return set(facts.names(reading.read(raw, Envelope("kim@x", ("support@desk.test",)), RING, POLICY)))


def test_mails_share_a_name_with_those_they_must_not_meet():
    one = names()
    assert one & names(sender="lee@customer.test", message_id="b@x", references=["a@x"]) == {"message a@x"}
    assert one & names(message_id="b@x", text="Other") == {"author kim@customer.test"}
    assert one == names()
    assert not one & names(sender="lee@customer.test", message_id="b@x")


def test_a_mail_with_a_thousand_references_has_few_names():
    many = names(references=[f"{number}@x" for number in range(1000)])
    assert len(many) <= 8
