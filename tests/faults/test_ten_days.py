"""Ten days off: the mailbox filled up meanwhile. Everything comes in, in order; nobody gets a flood."""

from collections import Counter
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from gateway import config, store
from gateway.daemon.clock import wall
from gateway.desk.moves import Cause, move
from gateway.tickets.lifecycle import Happening
from gateway.tickets.model import State
from gateway.tickets.notices import NoticeKind
from tests.faults import extent
from tests.journeys.gateway import SUPPORT_QUEUE, eventually, smarthost
from tests.journeys.letters import SUPPORT, letter, mails_to, read, submit

pytestmark = pytest.mark.dovecot

MAILS = extent.of(60, 500)
DAYS = timedelta(days=10)


def written_at(instant: datetime, sender: str, subject: str) -> bytes:
    mail = read(letter("It does not work.", sender=sender, to=SUPPORT, subject=subject))
    mail.replace_header("Date", format_datetime(instant))
    return mail.as_bytes()


@pytest.fixture
def full(inbox):
    """A mailbox with a mail of a new customer every so often, over the ten days."""
    began = wall() - DAYS
    mailbox = inbox("support")
    with mailbox.client() as client:
        for number in range(MAILS):
            instant = began + DAYS * number / MAILS
            mail = written_at(instant, f"customer{number}@house{number}.test", f"Matter {number}")
            client.append("INBOX", mail, (), instant)
    return mailbox


def test_everything_arrives_in_order_and_everybody_is_told_once(make_gateway, full, sink, tell):
    queue = {**SUPPORT_QUEUE, "answer_within_days": 1}
    gateway = make_gateway(mailbox=[full.section()], smarthost=smarthost(sink.port), queue=[queue])
    began = wall()
    gateway.start()
    gateway.settled(MAILS, 300)
    took = wall() - began

    assert gateway.verdicts == ["opened"] * MAILS
    customers = [f"customer{number}@house{number}.test" for number in range(MAILS)]
    assert [ticket.customer.address for ticket in gateway.tickets] == customers, "in the order in which they came"
    with full.client() as client:
        assert len(client.search(["KEYWORD", "$Ticketed"])) == MAILS
    told = Counter(recipient for mail in sink.mails for recipient in mail.rcpt_to)
    assert {customer: told[customer] for customer in customers} == dict.fromkeys(customers, 1)
    for acknowledgement in gateway.outgoing(NoticeKind.ACKNOWLEDGEMENT):
        assert datetime.fromisoformat(acknowledgement.notice.due) > began, "what is promised lies ahead"
    rows = [(MAILS, len(customers), sum(told[each] for each in customers), f"{took.total_seconds():.1f}")]
    tell("ten days off, with a full mailbox", ("mails", "tickets in order", "acknowledgements", "seconds"), rows)


@pytest.mark.long_run
def test_reminders_that_were_slept_through_are_put_off_and_spread(make_gateway, sink):
    gateway = make_gateway(smarthost=smarthost(sink.port))
    gateway.start()
    many = 100
    customers = [f"customer{number}@house{number}.test" for number in range(many)]
    for customer in customers:
        assert submit(gateway.port, letter(sender=customer)).startswith("250")
    gateway.settled(many)
    gateway.stop()
    answered_ten_days_ago(gateway)

    gateway.start()

    eventually(lambda: all("put off" in gateway.events(ticket) for ticket in gateway.tickets), "all are put off")
    gateway.settled(many)
    assert gateway.outgoing(NoticeKind.REMINDER) == ()
    assert all(len(mails_to(sink, customer)) == 1 for customer in customers), "the acknowledgement and nothing more"
    with gateway.database.read() as db:
        timers = [timer for ticket in gateway.tickets for timer in store.timers.pending(db, ticket.id)]
    assert len(timers) == many
    assert all(timer.due_at > wall() - timedelta(minutes=1) for timer in timers)
    assert max(Counter(timer.due_at for timer in timers).values()) <= many / 5, "not all at once"


def answered_ten_days_ago(gateway) -> None:
    policy, then = config.load(gateway.config, {}).policy, wall() - DAYS
    tickets = gateway.tickets
    with gateway.database.write() as db:
        for ticket in tickets:
            assert ticket.state is State.NEW
            move(db, ticket, Happening.AGENT_REPLIED, Cause("anna", "the test", then), policy)
