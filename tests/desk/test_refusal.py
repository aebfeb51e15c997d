"""What the smarthost refuses at once: who is told, what is open again, and that nobody waits in a circle for it."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from gateway import store
from gateway.desk import posting, refusal, undelivered
from gateway.desk.moves import Cause, Heard, Tray, Wanted
from gateway.mail.delivery_report import FailedRecipient
from gateway.store import ledger
from gateway.store.engine import open_database
from gateway.store.outbox import Refusal
from gateway.tickets import notices
from gateway.tickets.loops import Exchange
from gateway.tickets.model import State
from gateway.tickets.notices import NoticeKind, Reason
from tests.builders import HOUR, KIM, mail
from tests.desk.conftest import Office
from tests.journeys.gateway import eventually

CUSTOMER = KIM.address
GONE = "550 5.1.1 no such user"
LOST = FailedRecipient(CUSTOMER, "5.1.1", True, GONE)
ANNAS = "anna@agents.test"


def refuse(office, outgoing, replies=None, why=""):
    """The smarthost refuses a mail, by default its first recipient; what it caused has not been looked at."""
    office.notices()
    said = {outgoing.notice.to[0].address: GONE} if replies is None else replies
    unserved = tuple(said) or tuple(each.address for each in outgoing.recipients)
    with office.database.write() as db:
        refusal.refused(office.desk, db, [Refusal(outgoing, unserved, said, why)], office.clock)


def settled(office, commands):
    ticket = office.opened()
    return office.agent_writes(ticket, commands)


@pytest.mark.parametrize(
    ("commands", "kind"),
    [
        ("#resolve\n", NoticeKind.RESOLVED),
        ("#close\n", NoticeKind.CLOSED),
    ],
)
@pytest.mark.parametrize("how", [{}, {"replies": {}, "why": "its template is broken"}])
def test_who_never_hears_that_his_matter_is_settled_has_it_open_again(office, commands, kind, how):
    ticket = settled(office, commands)
    refuse(office, office.last(kind), **how)
    assert office.ticket(ticket.id).state is State.OPEN
    assert office.told() == [(ANNAS, "agent_notice", "undelivered")]
    said = how.get("why") or f"{CUSTOMER}: {GONE}"
    assert office.last(NoticeKind.AGENT_NOTICE).notice.detail == said
    what = [(each.what, each.why) for each in office.history(ticket)]
    assert ("not sent", f"{kind}: {said}") in what
    assert ("undelivered", f"{kind} lost") in what
    with office.database.read() as db:
        assert ledger.verify(db) == ()


@pytest.mark.parametrize("commands", ["#resolve\nIt is done.", "#close\nIt is done."])
def test_so_has_who_never_gets_the_reply_that_settled_it(office, commands):
    ticket = settled(office, commands)
    refuse(office, office.last(NoticeKind.REPLY))
    assert office.ticket(ticket.id).state is State.OPEN
    assert office.told() == [(ANNAS, "agent_error", Reason.NOT_SENT)]


def test_who_wrote_a_reply_hears_of_it_each_time_that_it_is_refused(office):
    office.answered()
    reply = office.last(NoticeKind.REPLY)
    refuse(office, reply)
    assert office.told() == [(ANNAS, "agent_error", Reason.NOT_SENT)]
    office.clock += HOUR  # by `gateway outbox retry` it has gone out again
    refuse(office, reply)
    assert office.told() == [(ANNAS, "agent_error", Reason.NOT_SENT)]


def test_the_closing_that_the_clock_announced_counts_too(office):
    ticket = office.answered()
    office.pass_days(30)
    assert office.ticket(ticket.id).state is State.CLOSED
    refuse(office, office.last(NoticeKind.CLOSED))
    assert office.ticket(ticket.id).state is State.OPEN
    with office.database.read() as db:
        assert store.timers.pending(db, ticket.id) == (), "no survey on a matter that is open"


@pytest.mark.parametrize("kind", [NoticeKind.ACKNOWLEDGEMENT, NoticeKind.REMINDER, NoticeKind.SURVEY])
def test_other_automatic_mail_reopens_nothing_and_only_the_ticket_tells_of_it(office, kind):
    ticket = office.answered()
    office.pass_days(60)
    refuse(office, office.last(kind))
    assert (office.ticket(ticket.id).state, office.told()) == (State.CLOSED, [])
    assert office.history(ticket)[-2].what == "not sent"


def test_somebody_in_copy_who_is_not_reached_reopens_nothing(office):
    ticket = office.opened(mail(to="support@desk.test, lee@customer.test", message_id="first@customer.test"))
    office.agent_writes(ticket, "#resolve\nIt is done.")
    refuse(office, office.last(NoticeKind.REPLY), {"lee@customer.test": GONE})
    assert office.ticket(ticket.id).state is State.RESOLVED


def test_what_is_open_stays_open_and_its_agents_hear_of_no_refused_notice(office):
    ticket = office.opened()
    office.agent_writes(ticket, "#resolve\n")
    lost = office.last(NoticeKind.RESOLVED)
    office.customer_writes(ticket)
    refuse(office, lost)
    assert (office.ticket(ticket.id).state, office.told()) == (State.OPEN, [])


def test_two_mails_of_one_ticket_that_are_refused_together_reopen_it_once(office):
    ticket = settled(office, "#resolve\n")
    office.pass_days(10)
    both = [office.last(kind) for kind in (NoticeKind.RESOLVED, NoticeKind.CLOSED)]
    office.notices()
    with office.database.write() as db:
        refusals = [Refusal(each, (CUSTOMER,), {CUSTOMER: GONE}, "") for each in both]
        refusal.refused(office.desk, db, refusals, office.clock)
    assert [each.what for each in office.history(ticket)].count("undelivered") == 1
    assert [kind for _, kind, _ in office.told()] == ["agent_notice"]


@pytest.fixture
def shared(postgres):
    with closing(open_database(postgres.database())) as database:
        yield Office(database)


def waiters(office):
    """How many transactions wait for another one."""
    with office.database.read() as db:
        return db.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar()


def meet(office, first, second):
    """`second` comes when `first` has done its first half, and waits for it; neither is broken off."""
    has_begun, is_waited_for = threading.Event(), threading.Event()

    def begins():
        with office.database.write() as db:
            halves = first(db)
            next(halves)
            has_begun.set()
            assert is_waited_for.wait(30)
            assert next(halves, None) is None

    def comes():
        with office.database.write() as db:
            second(db)

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(begins)
        assert has_begun.wait(30)
        other = pool.submit(comes)
        eventually(lambda: waiters(office), "it waits")
        is_waited_for.set()
        one.result(60)
        other.result(60)


def tells_agents(db, office, ticket):
    told = notices.for_agents(Reason.CUSTOMER_REPLY, ticket, "now", office.policy)
    posting.send(db, office.desk, Cause("a customer", "", office.clock), *told)


def replies(office, number):
    """So many replies of Anna's, each refused, each on a ticket of its own; the last of these."""
    tickets, refusals = [], []
    for each in range(number):
        tickets.append(office.opened(mail(f"No. {each}", message_id=f"first-{each}@x")))
        office.agent_writes(tickets[-1], f"Answer {each}")
        refusals.append(Refusal(office.last(NoticeKind.REPLY), (CUSTOMER,), {CUSTOMER: GONE}, ""))
    office.notices()
    return tickets[-1], refusals


@pytest.mark.postgres
def test_refusals_written_together_and_a_mail_to_one_of_their_tickets_meet_in_no_circle(shared):
    ticket, refusals = replies(shared, 2)

    def triages(db):
        here = store.tickets.get(db, ticket.id)
        yield
        tells_agents(db, shared, here)

    meet(shared, triages, lambda db: refusal.refused(shared.desk, db, refusals, shared.clock))
    assert Counter(kind for _, kind, _ in shared.told()) == {"agent_error": 2, "agent_notice": 1}


@pytest.mark.postgres
def test_an_address_that_is_refused_and_one_that_proves_to_live_meet_in_no_circle(shared):
    ticket, refusals = replies(shared, 1)
    refuse(shared, refusals[0].outgoing)

    def delivers(db):
        undelivered.hold_against(db, refusals[0].outgoing, CUSTOMER, LOST, shared.desk, cause)
        yield
        tells_agents(db, shared, ticket)

    def triages(db):
        told = notices.for_agents(Reason.CUSTOMER_REPLY, ticket, "mail", shared.policy)
        heard = Heard(CUSTOMER, Exchange(shared.clock, "words"), proves=True)
        posting.post(db, Tray([Wanted(each, cause) for each in told], [heard]), shared.desk, shared.clock)

    cause = Cause("somebody", "", shared.clock)
    meet(shared, delivers, triages)
    with shared.database.read() as db:
        assert not store.suppressions.among(db, [CUSTOMER]), "he wrote after it was refused"
