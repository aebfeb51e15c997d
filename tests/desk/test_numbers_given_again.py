"""The database is put back from a copy: rows get numbers that mail which is out already names. None is taken for it."""

import random
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway import store
from gateway.mail import tokens
from gateway.mail.tokens import Purpose, Token
from gateway.tickets.model import ReplyAddressing
from gateway.tickets.notices import NoticeKind, Reason
from tests.builders import ANNA, BEN, CARL, KIM, POLICY, RING, SUPPORT, dsn, mail

NONE = replace(
    POLICY, queues=(replace(SUPPORT, reply_addressing=ReplyAddressing.NONE), *POLICY.queues[1:])
)  # the queue whose agents are known by the notice they answer


@pytest.fixture
def put_back(tmp_path, office):
    """Context: what is written while it lasts is gone afterwards, and time has gone on."""

    @contextmanager
    def lost():
        with closing(sqlite3.connect(tmp_path / "gateway.db")) as db, closing(sqlite3.connect(":memory:")) as copy:
            db.backup(copy)
            yield
            copy.backup(db)
        office.clock += timedelta(minutes=5)

    return lost


def numbered(office, number):
    with office.database.read() as db:
        return store.outbox.get(db, number)


def answer(text, to, **how):
    return mail(text, subject="Re: your mail", headers=(("In-Reply-To", f"<{to}>"),), **how)


def test_no_two_mails_of_a_ticket_have_one_message_id(office, put_back):
    ticket = office.opened()
    with put_back():
        office.agent_writes(ticket, "Turn it off and on again.")
        lost = office.message_id(office.last(NoticeKind.REPLY))
    office.customer_writes(ticket, "Never mind.")
    assert office.outbox()[-1].id >= office.seen
    assert lost not in {office.message_id(each) for each in office.outbox()}, "servers drop the second of two"


def test_an_answer_to_a_mail_that_is_lost_is_no_answer_to_the_one_with_its_number(office, put_back):
    ticket = office.answered("#close\nDone.")
    with put_back():
        office.agent_writes(ticket, "Have you tried water?")
        lost = office.last(NoticeKind.REPLY)
        message_id = office.message_id(lost)
    office.pass_days(2)
    given_again = numbered(office, lost.id)
    assert given_again.notice.kind is NoticeKind.SURVEY
    assert office.receive(answer("5 buckets did it.", message_id)).verdict == "joined", "words, and no rating"
    rating = answer("5", office.message_id(given_again), date=office.date())
    assert office.receive(rating).verdict == "rated"


def test_a_mail_that_is_lost_proves_nobody_to_be_the_agent_to_whom_its_number_went(office, put_back):
    office.change_policy(queues=NONE.queues, agents=(replace(ANNA), BEN, CARL))
    ticket = office.opened()
    with put_back():
        with office.database.write() as db:
            notice = replace(office.last(NoticeKind.ACKNOWLEDGEMENT).notice, key="lost", kind=NoticeKind.REPLY)
            lost = numbered_in(db, store.outbox.add(db, notice, office.clock))
        message_id = office.message_id(lost)
    office.receive(mail("More.", message_id="more@customer.test", headers=(("In-Reply-To", "<first@customer.test>"),)))
    given_again = numbered(office, lost.id)
    assert (given_again.notice.agent, given_again.notice.ticket_id) == ("anna", ticket.id)
    office.notices()
    forged = answer("#close\nBye.", message_id, sender=ANNA.address, date="Mon, 04 May 2026 12:00:00 +0000")
    assert office.receive(forged, mail_from=KIM.address).verdict == "held"
    assert office.told() == [(ANNA.address, NoticeKind.AGENT_ERROR, Reason.NOT_RECOGNISED)]


def numbered_in(db, number):
    return store.outbox.get(db, number)


def test_a_report_on_a_mail_that_is_lost_speaks_against_nobody_else(office, put_back):
    ticket = office.opened()
    with put_back():
        office.customer_writes(ticket, "Not lost: this comes again.")
        lost = office.notices()[0]
        to = office.bounce_address(lost)
    office.seen = 0
    office.notices()
    office.agent_writes(ticket, "#resolve\n")
    given_again = numbered(office, lost.id)
    assert given_again.notice.to == (KIM,)
    office.receive(dsn("failed", "5.1.1", ANNA.address), to, mail_from="")
    assert numbered(office, lost.id).recipients[0].state == "waiting"
    office.receive(dsn("failed", "5.1.1", KIM.address), office.bounce_address(given_again), mail_from="")
    assert numbered(office, lost.id).recipients[0].state == "undelivered"


def test_an_agents_address_on_a_ticket_that_is_lost_is_none_on_the_one_with_its_code(office, put_back):
    """That codes meet is a matter of some hundred million; here both are made by the same dice."""
    office.desk_with(random.Random(7).choice)
    with put_back():
        lost = office.opened()
        address = office.reply_address(lost, "anna")
    office.desk_with(random.Random(7).choice)
    office.seen = 0
    other = office.opened(mail("Mine!", sender="lee@customer.test", message_id="lee-1@customer.test"))
    assert other.code == lost.code
    held = office.receive(mail("It is in room 5.", sender=ANNA.address), address, mail_from=ANNA.address)
    assert held.verdict == "held"
    assert office.told() == [(ANNA.address, NoticeKind.AGENT_ERROR, Reason.NOT_RECOGNISED)], "and nothing to Lee"
    relayed = office.receive(
        mail("It is in room 6.", sender=ANNA.address), office.reply_address(other, "anna"), mail_from=ANNA.address
    )
    assert relayed.verdict == "relayed"


def test_mail_that_went_out_before_tokens_had_marks_is_known_as_ever(office):
    ticket = office.opened()
    office.customer_writes(ticket, "More.")
    sent = office.last(NoticeKind.AGENT_NOTICE)
    old = tokens.sign(RING, Token(Purpose.MESSAGE, ticket.code, tokens.serial_of(sent.id)))
    with office.database.write() as db:
        assert store.outbox.with_serial(db, tokens.serial_of(sent.id)) is None
        store.outbox.freeze(db, sent.id, f"{old}@desk.test", "support@desk.test", b"raw", "More")
        found = store.outbox.with_serial(db, tokens.serial_of(sent.id))
        assert found is not None
        assert found.id == sent.id
    token = tokens.sign(RING, Token(Purpose.AGENT, ticket.code), bearer="anna")
    written = office.receive(mail("Done.", sender=ANNA.address), f"support+{token}@desk.test", mail_from=ANNA.address)
    assert written.verdict == "relayed"
