"""By mail: what comes in, what becomes of the ticket, who is told."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway import store
from gateway.desk import agent
from gateway.desk.readers import UnreadableError
from gateway.mail import tokens
from gateway.mail.address import Mailbox
from gateway.mail.tokens import Purpose, Token
from gateway.store.spool import SpoolState
from gateway.tickets.model import ArticleKind, ReplyAddressing, State
from gateway.tickets.notices import NoticeKind, Reason
from tests.builders import DAY, KIM, NOW, POLICY, RING, SUPPORT, dsn, mail

ANNA, BEN, CARL, CUSTOMER = "anna@agents.test", "ben@agents.test", "carl@agents.test", KIM.address
AUTOMATIC = (("Auto-Submitted", "auto-replied"),)
AGENTS_HEAR_OF_A_REPLY = [(ANNA, "agent_notice", "customer_reply"), (BEN, "agent_notice", "customer_reply")]
AGENTS_HEAR_OF_A_STRANGER = [(ANNA, "agent_notice", "stranger_held"), (BEN, "agent_notice", "stranger_held")]


def test_a_mail_opens_a_ticket_is_acknowledged_and_told_to_the_queues_agents(office):
    spooled = office.receive(mail(message_id="first@customer.test"))
    ticket = office.ticket(spooled.ticket_id)
    assert (ticket.state, ticket.queue, ticket.customer, ticket.subject) == (State.NEW, "support", KIM, "Printer")
    assert (spooled.state, spooled.verdict, spooled.kind) == (SpoolState.DONE, "opened", "request")
    assert (spooled.sender, spooled.subject) == (CUSTOMER, "Printer")
    assert spooled.reason == f"opened {ticket.reference} in support"
    acknowledgement, *others = office.notices()
    assert acknowledgement.notice.kind is NoticeKind.ACKNOWLEDGEMENT
    nameless = (Mailbox("", CUSTOMER),)
    assert (acknowledgement.notice.to, acknowledgement.notice.source) == (nameless, spooled.id)
    assert acknowledgement.notice.due == (NOW + 2 * DAY).isoformat()
    assert [(each.notice.to[0].address, each.notice.reason, each.notice.text) for each in others] == [
        (ANNA, Reason.NEW_TICKET, "The printer is on fire."),
        (BEN, Reason.NEW_TICKET, "The printer is on fire."),
    ]
    (article,) = office.conversation(ticket)
    assert (article.kind, article.author, article.text) == (ArticleKind.CUSTOMER, KIM, "The printer is on fire.")
    assert (article.message_id, article.spool_id) == ("first@customer.test", spooled.id)
    (event,) = office.history(ticket)
    assert (event.actor, event.what, event.spool_id) == (CUSTOMER, "opened", spooled.id)


def test_the_trace_of_a_mail_is_kept_with_it(office):
    trace = office.receive(mail()).trace
    assert trace[0] == "kind: request"
    assert trace[-2] == "rule: a new matter"
    assert trace[-1].startswith("verdict: opened, ")


def test_a_customer_is_written_to_in_the_last_language_he_used_that_we_write(office):
    polish = "Drukarka się pali i nie wiemy, co mamy z tym teraz zrobić, proszę o pomoc."
    german = "Der Drucker brennt, und wir wissen nicht, was wir jetzt damit machen sollen."
    opened = [office.opened(mail(text, subject=text[:9])) for text in (polish, german, "?")]
    assert [ticket.language for ticket in opened] == ["pl", "pl", "pl"]


def test_those_in_copy_take_part_but_neither_we_nor_agents_do(office):
    to = "support@desk.test, Lee <lee@customer.test>, anna@agents.test, billing@desk.test, kim@customer.test"
    ticket = office.opened(mail(to=to))
    with office.database.read() as db:
        assert [each.address for each in store.tickets.participants_of(db, ticket.id)] == ["lee@customer.test"]


def test_no_more_than_ten_people_take_part(office):
    to = ", ".join(f"p{number}@customer.test" for number in range(30))
    ticket = office.opened(mail(to=to))
    with office.database.read() as db:
        assert len(store.tickets.participants_of(db, ticket.id)) == 10


def by_reply_address(office, ticket):
    return mail("More.", subject="x"), office.address(ticket, Purpose.FOLLOW_UP)


def by_signed_message_id(office, ticket):
    acknowledgement = office.message_id(office.last(NoticeKind.ACKNOWLEDGEMENT))
    return mail("More.", subject="x", headers=(("In-Reply-To", f"<{acknowledgement}>"),)), "support@desk.test"


def by_tickets_root_id(office, ticket):
    root = tokens.sign(RING, Token(Purpose.MESSAGE, ticket.code))
    return mail("More.", subject="x", headers=(("References", f"<{root}@desk.test>"),)), "support@desk.test"


def by_customers_own_message_id(office, ticket):
    return mail("More.", subject="x", headers=(("In-Reply-To", "<first@customer.test>"),)), "support@desk.test"


def by_mentioned_message_id(office, ticket):
    return mail("More.", subject="x", headers=(("References", "<before@customer.test>"),)), "support@desk.test"


def by_mail_that_was_mentioned_before_it_came(office, ticket):
    return mail("More.", subject="x", message_id="before@customer.test"), "support@desk.test"


def by_sent_message_id(office, ticket):
    with office.database.write() as db:
        store.tickets.remember_ids(db, ticket.id, store.tickets.Origin.OWN, ("given-by-the-relay@relay.test",))
    return mail(
        "More.", subject="x", headers=(("In-Reply-To", "<given-by-the-relay@relay.test>"),)
    ), "support@desk.test"


def by_subject(office, ticket):
    return mail("More.", subject=f"AW: [{ticket.reference}] Drucker"), "support@desk.test"


def by_marker_in_the_quoted_body(office, ticket):
    marker = tokens.sign(RING, Token(Purpose.FOLLOW_UP, ticket.code))
    return mail(f"More.\n\nOn Monday, Example Support wrote:\n> {ticket.reference} · #{marker}", subject="x"), (
        "support@desk.test"
    )


WAYS = [
    by_reply_address,
    by_signed_message_id,
    by_tickets_root_id,
    by_sent_message_id,
    by_customers_own_message_id,
    by_mentioned_message_id,
    by_mail_that_was_mentioned_before_it_came,
    by_subject,
    by_marker_in_the_quoted_body,
]
HEARSAY = [by_mentioned_message_id, by_mail_that_was_mentioned_before_it_came]


@pytest.fixture
def open_ticket(office):
    raw = mail(message_id="first@customer.test", headers=(("References", "<before@customer.test>"),))
    return office.opened(raw)


@pytest.mark.parametrize("way", WAYS)
def test_each_clue_alone_continues_the_customers_ticket(office, open_ticket, way):
    spooled = office.receive(*way(office, open_ticket))
    assert (spooled.verdict, spooled.ticket_id) == ("joined", open_ticket.id)
    assert [article.text for article in office.conversation(open_ticket)] == ["The printer is on fire.", "More."]
    assert office.told() == AGENTS_HEAR_OF_A_REPLY


@pytest.mark.parametrize("way", [way for way in WAYS if way not in HEARSAY])
def test_each_clue_in_a_strangers_hands_is_held_and_he_is_told_nothing(office, open_ticket, way):
    raw, to = way(office, open_ticket)
    raw = raw.replace(b"Kim Kask <kim@customer.test>", b"eve@elsewhere.test")
    spooled = office.receive(raw, to, mail_from="eve@elsewhere.test")
    assert (spooled.state, spooled.verdict, spooled.ticket_id) == (SpoolState.HELD, "held", open_ticket.id)
    assert len(office.conversation(open_ticket)) == 1
    assert office.history(open_ticket)[-1].what == "held"
    told = office.notices()
    assert [(each.notice.to[0].address, each.notice.kind, each.notice.reason) for each in told] == (
        AGENTS_HEAR_OF_A_STRANGER
    )
    assert told[0].notice.detail == f"{spooled.id} eve@elsewhere.test"


@pytest.mark.parametrize("way", HEARSAY)
def test_a_stranger_who_only_mentions_what_a_ticket_mentions_is_a_customer_of_his_own(office, open_ticket, way):
    raw, to = way(office, open_ticket)
    raw = raw.replace(b"Kim Kask <kim@customer.test>", b"eve@elsewhere.test")
    spooled = office.receive(raw, to, mail_from="eve@elsewhere.test")
    assert spooled.verdict == "opened"
    assert spooled.ticket_id != open_ticket.id
    assert [each.what for each in office.history(open_ticket)] == ["opened"]


@pytest.mark.parametrize("way", HEARSAY)
def test_a_stranger_who_wrote_to_the_customer_too_is_held_at_the_ticket_and_sees_nothing(office, open_ticket, way):
    """Whose mail comes late, though others have answered it."""
    raw, to = way(office, open_ticket)
    raw = raw.replace(b"Kim Kask <kim@customer.test>", b"eve@elsewhere.test")
    raw = raw.replace(b"To: support@desk.test", b"To: support@desk.test, kim@customer.test")
    spooled = office.receive(raw, to, mail_from="eve@elsewhere.test")
    assert (spooled.verdict, spooled.ticket_id) == ("held", open_ticket.id)
    assert {kind for _, kind, _ in office.told()} == {"agent_notice"}
    with office.database.read() as db:
        assert store.tickets.participants_of(db, open_ticket.id) == ()


@pytest.mark.parametrize("way", WAYS)
def test_a_person_in_copy_may_continue_the_ticket(office, way):
    raw = mail(
        to="support@desk.test, Lee <lee@customer.test>",
        message_id="first@customer.test",
        headers=(("References", "<before@customer.test>"),),
    )
    ticket = office.opened(raw)
    more, to = way(office, ticket)
    more = more.replace(b"Kim Kask <kim@customer.test>", b"LEE@customer.test")
    assert office.receive(more, to, mail_from="lee@customer.test").verdict == "joined"


def test_a_strangers_mail_that_an_agent_releases_joins_and_so_does_what_he_writes_later(office, open_ticket):
    to = office.address(open_ticket, Purpose.FOLLOW_UP)
    raw = mail("I am her colleague.", sender="Eve <eve@elsewhere.test>", headers=AUTOMATIC[:0])
    held = office.receive(raw, to, mail_from="eve@elsewhere.test")
    office.notices()
    agent.release(office.database, held.id, "admin", office.clock)
    office.triage.run_once()
    joined = office.mail(held.id)
    assert (joined.state, joined.verdict, joined.ticket_id) == (SpoolState.DONE, "joined", open_ticket.id)
    assert "released by hand" in joined.trace
    assert [event.what for event in office.history(open_ticket)][-3:] == ["held", "released", "customer-wrote"]
    assert office.told() == AGENTS_HEAR_OF_A_REPLY
    later = mail("One word more.", sender="eve@elsewhere.test", date="Mon, 04 May 2026 11:00:00 +0000")
    assert office.receive(later, to, mail_from="eve@elsewhere.test").verdict == "joined"


def test_a_strangers_mail_that_is_dropped_is_at_an_end(office, open_ticket):
    held = office.receive(mail("Hi.", sender="eve@elsewhere.test"), office.address(open_ticket, Purpose.FOLLOW_UP))
    office.notices()
    agent.drop(office.database, held.id, "admin", office.clock)
    assert office.triage.run_once() == 0
    assert office.told() == []
    assert office.history(open_ticket)[-1].what == "dropped"


@pytest.mark.parametrize("message_id", ["first@customer.test", ""])
@pytest.mark.parametrize(
    ("rcpt_to", "source"),
    [("support@desk.test", "imap:box"), ("billing@desk.test", "smtp"), ("support@desk.test", "smtp")],
)
def test_the_same_mail_by_two_ways_or_to_two_of_our_addresses_is_one_ticket(office, message_id, rcpt_to, source):
    raw = mail(to="support@desk.test, billing@desk.test", message_id=message_id)
    ticket = office.opened(raw)
    trace = b"Received: from elsewhere by mx.test; Mon, 04 May 2026 10:00:01 +0000\r\n"
    second = office.receive(trace + raw, rcpt_to, source=source)
    assert (second.verdict, second.ticket_id) == ("duplicate", ticket.id)
    assert second.reason == "the same mail as spool 1"
    assert len(office.tickets()) == len(office.conversation(ticket)) == 1
    assert office.told() == []
    assert office.history(ticket)[-1].what == "duplicate"


def test_three_copies_at_once_are_one_ticket(office):
    ids = [office.bring(mail(message_id="first@customer.test"), source=source) for source in ("smtp", "lmtp", "pipe")]
    office.triage.run_once()
    assert [office.mail(each).verdict for each in ids] == ["opened", "duplicate", "duplicate"]
    assert len(office.tickets()) == 1


def test_the_same_words_on_another_day_are_another_ticket(office):
    office.opened(mail())
    office.opened(mail(date="Tue, 05 May 2026 09:59:00 +0000"))
    assert len(office.tickets()) == 2


def test_a_second_copy_of_a_strangers_mail_is_not_told_again(office, open_ticket):
    raw = mail(sender="eve@elsewhere.test", message_id="eve@elsewhere.test")
    office.receive(raw, office.address(open_ticket, Purpose.FOLLOW_UP))
    office.notices()
    assert office.receive(raw, source="imap:box").verdict == "duplicate"
    assert office.told() == []


VACATION = (("Auto-Submitted", "auto-replied"), ("X-Autoreply", "yes"))
LIST = (("List-Id", "<talk.lists.test>"), ("Precedence", "list"), ("List-Post", "<mailto:talk@lists.test>"))


@pytest.mark.parametrize(
    ("raw", "mail_from", "verdict"),
    [
        (mail("I am out of the office.", subject="Automatic reply: x", headers=VACATION), "kim@customer.test", "held"),
        (mail("See the attachment.", headers=AUTOMATIC), "kim@customer.test", "opened"),
        (mail("Hello list.", headers=LIST), "talk-bounces@lists.test", "opened"),
        (mail("Failed.", sender="MAILER-DAEMON@mx.test", subject="Undelivered Mail Returned to Sender"), "", "held"),
        (mail("Buy.", headers=(("Precedence", "bulk"),)), "news@shop.test", "opened"),
        (mail("Hello.", headers=(("X-Gateway-Loop", "test-desk"),)), "kim@customer.test", "held"),
        (mail("Hello.", sender="support@desk.test"), "support@desk.test", "held"),
    ],
    ids=["vacation", "automatic", "list", "delivery report", "bulk", "own mail", "own address"],
)
def test_automatic_mail_is_never_acknowledged(office, raw, mail_from, verdict):
    spooled = office.receive(raw, mail_from=mail_from)
    assert spooled.verdict == verdict
    assert [each for each in office.told() if each[1] != "agent_notice"] == []
    assert all(ticket.is_quiet for ticket in office.tickets())


@pytest.mark.parametrize("state", ["answered", "resolved", "closed"])
@pytest.mark.parametrize(
    "headers", [VACATION, LIST, (("X-Gateway-Loop", "test-desk"),)], ids=["vacation", "list", "own"]
)
def test_automatic_mail_moves_no_ticket_and_tells_nobody(office, state, headers):
    ticket = office.answered(
        {"answered": "Try again.", "resolved": "#resolve\nDone.", "closed": "#close\nDone."}[state]
    )
    office.notices()
    spooled = office.customer_writes(ticket, "I am away.", headers=headers)
    assert (spooled.verdict, spooled.ticket_id) == ("recorded", ticket.id)
    assert office.ticket(ticket.id) == ticket
    assert ticket.state == state
    assert office.told() == []
    assert office.history(ticket)[-1].what == "recorded"


def test_a_ticket_opened_by_a_machine_is_told_to_agents_as_such_and_its_customer_may_speak_later(office):
    ticket = office.ticket(office.receive(mail(headers=AUTOMATIC, message_id="first@customer.test")).ticket_id)
    assert ticket.is_quiet
    assert office.told() == [(ANNA, "agent_notice", "automatic_mail"), (BEN, "agent_notice", "automatic_mail")]
    office.customer_writes(ticket, "It is me.")
    assert not office.ticket(ticket.id).is_quiet


def test_a_redirected_mail_of_a_person_with_a_null_reverse_path_reopens(office):
    ticket = office.answered("#close\nDone.")
    office.notices()
    raw = mail("It broke again.", date=office.date())
    spooled = office.receive(raw, office.address(ticket, Purpose.FOLLOW_UP), mail_from="")
    assert spooled.verdict == "joined"
    assert office.ticket(ticket.id).state is State.OPEN


def test_an_agents_reply_goes_to_the_customer_and_all_who_take_part(office):
    ticket = office.opened(mail(to="support@desk.test, Lee <lee@customer.test>"))
    ticket = office.agent_writes(ticket, "Turn it off.\n\nOn Monday, Kim wrote:\n> It burns.\n\n-- \nAnna, 2nd floor")
    assert (ticket.state, ticket.assignee) == (State.ANSWERED, "anna")
    (reply,) = office.notices()
    assert reply.notice.kind is NoticeKind.REPLY
    assert (reply.notice.to, [each.address for each in reply.notice.cc]) == ((KIM,), ["lee@customer.test"])
    assert (reply.notice.text, reply.notice.agent, reply.notice.queue) == ("Turn it off.", "anna", "support")
    article = office.conversation(ticket)[-1]
    assert (article.kind, article.text) == (ArticleKind.AGENT, "Turn it off.")
    assert (article.author.name, article.author.address) == ("Anna Ozola", "support@desk.test")


def test_an_agent_who_wrote_to_the_customer_himself_is_not_sent_again(office):
    ticket = office.opened()
    to = f"{office.reply_address(ticket, 'anna')}, KIM@customer.test"
    office.receive(mail("Done.", sender=ANNA, to=to), office.reply_address(ticket, "anna"), mail_from=ANNA)
    assert office.told() == []
    assert office.ticket(ticket.id).state is State.ANSWERED
    assert "not sent again" in [event.what for event in office.history(ticket)]


def test_the_first_to_reply_becomes_the_assignee_and_stays_it(office):
    ticket = office.answered()
    office.agent_writes(ticket, "I may add something.", agent=POLICY.agents[1])
    assert office.ticket(ticket.id).assignee == "anna"
    office.notices()
    office.customer_writes(ticket)
    assert office.told() == [(ANNA, "agent_notice", "customer_reply")]


@pytest.mark.parametrize(
    ("text", "state", "told"),
    [
        ("#resolve", State.RESOLVED, [(CUSTOMER, "resolved", "")]),
        ("#resolve\nDone.", State.RESOLVED, [(CUSTOMER, "reply", "")]),
        ("#close", State.CLOSED, [(CUSTOMER, "closed", "")]),
        ("#close\nDone.", State.CLOSED, [(CUSTOMER, "reply", "")]),
        ("#open", State.OPEN, []),
        ("#postpone 2026-06-01", State.POSTPONED, []),
        ("#postpone 2026-06-01\nIt comes in June.", State.POSTPONED, [(CUSTOMER, "reply", "")]),
        ("#note\nShe is angry.", State.NEW, []),
        ("#note She is angry.", State.NEW, []),
        ("#note\n#resolve\nShe phoned: it works.", State.RESOLVED, [(CUSTOMER, "resolved", "")]),
        ("#assign ben", State.NEW, [(BEN, "agent_notice", "assigned")]),
        (
            "#assign carl\nMy colleague will help.",
            State.ANSWERED,
            [(CARL, "agent_notice", "assigned"), (CUSTOMER, "reply", "")],
        ),
        ("#assign anna", State.NEW, []),
    ],
)
def test_commands_at_the_top_of_an_agents_mail_are_obeyed(office, text, state, told):
    ticket = office.agent_writes(office.opened(), text)
    assert ticket.state is state
    assert office.told() == told


def test_a_note_is_kept_for_colleagues_and_does_not_make_its_writer_the_assignee(office):
    ticket = office.agent_writes(office.opened(), "#note\nShe is angry.")
    article = office.conversation(ticket)[-1]
    assert (article.kind, article.text, article.is_public) == (ArticleKind.NOTE, "She is angry.", False)
    assert ticket.assignee == ""


def test_resolving_twice_tells_the_customer_once(office):
    ticket = office.agent_writes(office.opened(), "#resolve")
    assert office.told() == [(CUSTOMER, "resolved", "")]
    office.clock += DAY
    assert office.agent_writes(ticket, "#resolve").state is State.RESOLVED
    assert office.told() == []


@pytest.mark.parametrize(
    ("text", "reason", "detail"),
    [
        ("#bogus\nHello", "unknown_command", "#bogus"),
        ("#assign nobody", "bad_command", "#assign nobody → #assign anna | ben | carl"),
        ("#postpone 2020-01-01", "bad_command", "#postpone 2020-01-01 → #postpone 2026-12-24"),
        ("", "nothing_to_send", ""),
    ],
)
def test_a_mistaken_agents_mail_is_held_and_only_he_is_told(office, text, reason, detail):
    ticket = office.opened()
    spooled = office.receive(mail(text, sender=ANNA), office.reply_address(ticket, "anna"), mail_from=ANNA)
    assert (spooled.state, office.ticket(ticket.id).state) == (SpoolState.HELD, State.NEW)
    (error,) = office.notices()
    assert (error.notice.to[0].address, error.notice.kind, error.notice.reason) == (ANNA, "agent_error", reason)
    assert error.notice.detail == detail


@pytest.mark.parametrize(
    ("sender", "bearer", "reason"),
    [(BEN, "anna", "wrong_sender"), ("eve@elsewhere.test", "anna", "wrong_sender"), (ANNA, None, "not_recognised")],
)
def test_an_agents_address_and_his_from_belong_together_or_the_mail_is_held(office, sender, bearer, reason):
    ticket = office.opened()
    to = office.reply_address(ticket, bearer) if bearer else office.address(ticket, Purpose.FOLLOW_UP)
    spooled = office.receive(mail("#close\nBye.", sender=sender), to, mail_from=sender)
    assert spooled.state is SpoolState.HELD
    assert office.ticket(ticket.id) == ticket
    assert office.told() == [(ANNA, "agent_error", reason)]


def test_an_agents_vacation_notice_is_never_relayed(office):
    ticket = office.opened()
    raw = mail("I am on holiday.", sender=ANNA, headers=VACATION)
    spooled = office.receive(raw, office.reply_address(ticket, "anna"), mail_from="")
    assert (spooled.verdict, office.ticket(ticket.id).state, office.told()) == ("recorded", State.NEW, [])


def test_without_reply_addresses_an_agent_answers_his_notice_and_nobody_else_can(office):
    queues = (replace(SUPPORT, reply_addressing=ReplyAddressing.NONE),)
    office.change_policy(queues=queues)
    ticket = office.opened()
    notice = next(each for each in office.outbox() if each.notice.agent == "anna")
    headers = (("In-Reply-To", f"<{office.message_id(notice)}>"),)
    by_ben = office.receive(mail("#close", sender=BEN, headers=headers), mail_from=BEN)
    assert (by_ben.state, office.told()) == (SpoolState.HELD, [(ANNA, "agent_error", "wrong_sender")])
    by_anna = office.receive(mail("Try again.", sender=ANNA, headers=headers), mail_from=ANNA)
    assert (by_anna.verdict, office.told()) == ("relayed", [(CUSTOMER, "reply", "")])
    assert office.ticket(ticket.id).state is State.ANSWERED


def test_with_reply_addresses_answering_the_notice_alone_is_not_enough(office):
    office.opened()
    notice = next(each for each in office.outbox() if each.notice.agent == "anna")
    headers = (("In-Reply-To", f"<{office.message_id(notice)}>"),)
    assert office.receive(mail("Hi.", sender=ANNA, headers=headers), mail_from=ANNA).state is SpoolState.HELD
    assert office.told() == [(ANNA, "agent_error", "not_recognised")]


def test_an_agents_held_mail_goes_out_once_it_is_released(office):
    ticket = office.opened()
    held = office.receive(mail("Try again.", sender=ANNA), office.address(ticket, Purpose.FOLLOW_UP), mail_from=ANNA)
    office.notices()
    agent.release(office.database, held.id, "admin", office.clock)
    office.triage.run_once()
    assert office.mail(held.id).verdict == "relayed"
    assert office.told() == [(CUSTOMER, "reply", "")]


@pytest.mark.parametrize("deed", ["#resolve\nDone.", "#close\nDone."])
@pytest.mark.parametrize("days", [1, 13])
def test_within_the_grace_period_a_reply_reopens(office, deed, days):
    ticket = office.answered(deed)
    office.notices()
    office.pass_days(days, upkeep=False)
    assert office.customer_writes(ticket).ticket_id == ticket.id
    assert office.ticket(ticket.id).state is State.OPEN
    assert office.told() == [(ANNA, "agent_notice", "reopened")]


def test_after_the_grace_period_a_reply_opens_a_linked_ticket_without_the_old_reference(office):
    old = office.answered("#close\nDone.")
    office.notices()
    office.pass_days(15, upkeep=False)
    raw = mail("It broke again.", subject=f"Re: [{old.reference}] Printer", date=office.date())
    new = office.ticket(office.receive(raw).ticket_id)
    assert (new.linked_to, new.subject, new.state) == (old.id, "Re: Printer", State.NEW)
    assert office.ticket(old.id).state is State.CLOSED
    assert [event.what for event in office.history(old)][-1] == "continued"
    assert office.told() == [
        (CUSTOMER, "acknowledgement", ""),
        (ANNA, "agent_notice", "linked_ticket"),
        (BEN, "agent_notice", "linked_ticket"),
    ]
    answer = mail("More.", subject=f"Re: [{new.reference}] {new.subject}", date=office.date())
    assert office.receive(answer).ticket_id == new.id


@pytest.mark.parametrize(("text", "purpose"), [("", Purpose.CONFIRM), ("Yes, thank you!", None)])
def test_a_confirmed_ticket_is_closed_and_nobody_is_bothered(office, text, purpose):
    ticket = office.answered("#resolve\nDone.")
    reply = office.message_id(office.last(NoticeKind.REPLY))
    office.notices()
    to = office.address(ticket, purpose) if purpose else "support@desk.test"
    office.receive(mail(text, subject="Re: x", headers=(("In-Reply-To", f"<{reply}>"),)), to)
    assert office.ticket(ticket.id).state is State.CLOSED
    assert office.told() == []


@pytest.mark.parametrize(("text", "purpose"), [("", Purpose.REFUSE), ("No", None), ("Not solved", None)])
def test_a_refused_solution_opens_the_ticket_and_its_agent_is_told(office, text, purpose):
    ticket = office.answered("#resolve\nDone.")
    reply = office.message_id(office.last(NoticeKind.REPLY))
    office.notices()
    to = office.address(ticket, purpose) if purpose else "support@desk.test"
    office.receive(mail(text, subject="Re: x", headers=(("In-Reply-To", f"<{reply}>"),)), to)
    assert office.ticket(ticket.id).state is State.OPEN
    assert office.told() == [(ANNA, "agent_notice", "not_solved")]


@pytest.fixture
def surveyed(office):
    """Kim's closed ticket, for which she has just been asked for a rating."""
    ticket = office.answered("#close\nDone.")
    office.pass_days(1)
    assert office.last(NoticeKind.SURVEY)
    office.notices()
    return office.ticket(ticket.id)


def survey_of(office, ticket):
    with office.database.read() as db:
        found = store.surveys.get(db, ticket.id)
    assert found is not None
    return found


def answer_survey(office, ticket, text, letter="", **how):
    to = office.address(ticket, Purpose.RATING, letter) if letter else "support@desk.test"
    asked = office.message_id(office.last(NoticeKind.SURVEY))
    headers = () if letter else (("In-Reply-To", f"<{asked}>"),)
    office.clock += timedelta(minutes=1)
    return office.receive(mail(text, subject="Re: How did we do?", date=office.date(), headers=headers), to, **how)


@pytest.mark.parametrize(("text", "letter"), [("", "e"), ("5", ""), ("5/5", ""), ("★★★★★", "")])
def test_a_rating_by_link_or_digit_is_stored_and_thanked_and_reopens_nothing(office, surveyed, text, letter):
    spooled = answer_survey(office, surveyed, text, letter)
    assert (spooled.verdict, spooled.reason) == ("rated", f"5 of 5 for {surveyed.reference}")
    assert survey_of(office, surveyed).rating == 5
    assert office.ticket(surveyed.id) == surveyed
    assert office.told() == [(CUSTOMER, "thanks", "")]


def test_a_comment_is_kept_and_told_to_the_agent(office, surveyed):
    answer_survey(office, surveyed, "4\nBut it took long.")
    assert (survey_of(office, surveyed).rating, survey_of(office, surveyed).comment) == (4, "But it took long.")
    thanks, told = office.notices()
    assert (thanks.notice.kind, thanks.notice.rating) == (NoticeKind.THANKS, 4)
    assert (told.notice.reason, told.notice.text, told.notice.rating) == (Reason.RATED, "But it took long.", 4)
    assert office.conversation(surveyed)[-1].text == "But it took long."


@pytest.mark.parametrize(("letter", "is_told"), [("a", True), ("b", True), ("c", True), ("d", False), ("e", False)])
def test_a_poor_rating_is_told_even_without_a_word(office, surveyed, letter, is_told):
    answer_survey(office, surveyed, "", letter)
    assert office.told() == [(CUSTOMER, "thanks", "")] + [(ANNA, "agent_notice", "rated")] * is_told


def test_a_rating_can_be_changed_and_is_thanked_once(office, surveyed):
    answer_survey(office, surveyed, "", "d")
    answer_survey(office, surveyed, "", "e")
    assert survey_of(office, surveyed).rating == 5
    assert office.told() == [(CUSTOMER, "thanks", "")]


def test_words_alone_are_feedback_and_reopen_nothing(office, surveyed):
    answer_survey(office, surveyed, "You were all very kind to me, thank you so much.")
    assert survey_of(office, surveyed).rating is None
    assert office.ticket(surveyed.id).state is State.CLOSED
    assert office.told() == [(ANNA, "agent_notice", "rated")]


def test_a_vacation_notice_in_answer_to_a_survey_is_no_rating(office, surveyed):
    raw = mail("I am away until 5 May.", subject="Automatic reply: 5", headers=VACATION)
    office.receive(raw, office.address(surveyed, Purpose.RATING, "e"), mail_from="")
    assert survey_of(office, surveyed).rating is None
    assert office.told() == []


def test_a_reply_that_could_not_be_delivered_is_marked_and_told(office):
    ticket = office.answered()
    reply = office.last(NoticeKind.REPLY)
    office.notices()
    spooled = office.receive(dsn("failed", "5.1.1"), office.bounce_address(reply), mail_from="")
    assert (spooled.verdict, spooled.ticket_id) == ("undelivered", ticket.id)
    assert [(each.address, each.state) for each in office.last(NoticeKind.REPLY).recipients] == [
        (CUSTOMER, "undelivered")
    ]
    (told,) = office.notices()
    assert (told.notice.reason, told.notice.to[0].address) == (Reason.UNDELIVERED, ANNA)
    assert told.notice.detail == "kim@customer.test: 550 5.1.1 no such user"
    assert office.ticket(ticket.id).state is State.ANSWERED


def test_a_delay_is_noted_and_nobody_is_told(office):
    ticket = office.answered()
    reply = office.last(NoticeKind.REPLY)
    office.notices()
    assert office.receive(dsn("delayed", "4.4.1"), office.bounce_address(reply), mail_from="").verdict == "delayed"
    assert office.last(NoticeKind.REPLY).recipients[0].state == "waiting"
    assert office.told() == []
    assert office.history(ticket)[-1].what == "delayed"


def test_a_report_on_an_agents_notice_is_noted_and_starts_no_loop_of_notices(office):
    ticket = office.opened()
    notice = office.last(NoticeKind.AGENT_NOTICE)
    spooled = office.receive(dsn("failed", "5.1.1", BEN), office.bounce_address(notice), mail_from="")
    assert (spooled.verdict, spooled.ticket_id) == ("undelivered", ticket.id)
    assert office.told() == []


@pytest.mark.parametrize("forged", ["another ticket's", "no row"])
def test_a_forged_report_is_not_believed(office, forged):
    ticket = office.answered()
    reply = office.last(NoticeKind.REPLY)
    other = office.opened(mail("Another.", date="Tue, 05 May 2026 09:59:00 +0000"))
    to = office.address(
        other if forged == "another ticket's" else ticket,
        Purpose.BOUNCE,
        reply.serial if forged == "another ticket's" else tokens.row_serial(9999, reply.created_at),
    )
    office.receive(dsn("failed", "5.1.1"), to, mail_from="")
    assert office.last(NoticeKind.REPLY).recipients[0].state == "waiting"
    assert office.told() == []


class Poison:
    """A picker of letters that fails while it is armed: any fault in the middle of a change."""

    def __init__(self) -> None:
        self.is_armed = True

    def __call__(self, letters: str) -> str:
        if self.is_armed:
            raise RuntimeError("poison")
        return letters[0]


def test_a_mail_that_cannot_be_dealt_with_is_tried_four_times_and_then_held_while_others_go_on(office, caplog):
    caplog.set_level(logging.CRITICAL)
    ticket = office.opened()
    office.desk_with(Poison())
    poison = office.bring(mail("A new matter.", message_id="poison@x"))
    for attempt in range(1, 5):
        healthy = office.bring(
            mail(f"More {attempt}.", message_id=f"{attempt}@x"), office.address(ticket, Purpose.FOLLOW_UP)
        )
        assert office.triage.run_once() == 2
        assert office.mail(healthy).verdict == "joined"
        expected = SpoolState.WAITING if attempt < 4 else SpoolState.HELD
        assert (office.mail(poison).state, office.mail(poison).attempts) == (expected, attempt)
        office.clock += timedelta(minutes=5)
    assert office.triage.run_once() == 0
    assert office.mail(poison).reason == "could not be processed: RuntimeError: poison"


def test_what_was_put_off_by_a_clock_that_is_set_back_since_does_not_wait_for_its_old_hour(office, caplog):
    office.desk_with(Poison())
    poison = office.bring(mail("A new matter."))
    office.clock += timedelta(days=1)
    assert office.triage.run_once() == 1
    office.clock -= timedelta(days=1)
    office.desk_with(None)
    assert (office.mail(poison).state, office.triage.run_once()) == (SpoolState.WAITING, 1)
    assert "the clock was set back, deferred mail is due now" in [record.getMessage() for record in caplog.records]
    assert office.triage.run_once() == 1
    assert office.mail(poison).verdict == "opened"


def test_no_pause_of_a_mail_is_taken_for_one(office):
    office.desk_with(Poison())
    poison = office.bring(mail("A new matter."))
    for attempt in range(1, 5):
        assert office.triage.run_once() == 1
        assert (office.triage.run_once(), office.mail(poison).attempts) == (0, attempt)
        office.clock += timedelta(seconds=80)


def test_held_poison_opens_its_ticket_once_the_fault_is_gone_and_a_person_releases_it(office, caplog):
    caplog.set_level(logging.CRITICAL)
    poison = Poison()
    office.desk_with(poison)
    spool_id = office.bring(mail(message_id="poison@x"))
    for _ in range(4):
        office.triage.run_once()
        office.clock += timedelta(minutes=5)
    office.desk_with(None)
    agent.release(office.database, spool_id, "admin", office.clock)
    office.triage.run_once()
    assert office.mail(spool_id).verdict == "opened"


def test_a_change_that_fails_half_way_leaves_nothing_half_done(office, caplog):
    caplog.set_level(logging.CRITICAL)
    with office.database.write() as db:
        db.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON outbox WHEN NEW.kind = 'agent_notice'"
            " BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    spooled = office.receive(mail())
    assert (spooled.state, spooled.ticket_id) == (SpoolState.WAITING, None)
    assert "disk full" in spooled.reason
    assert office.tickets() == ()
    assert office.outbox() == ()
    with office.database.write() as db:
        db.exec_driver_sql("DROP TRIGGER full")
    office.clock += timedelta(minutes=5)
    office.triage.run_once()
    assert office.mail(spooled.id).verdict == "opened"
    assert len(office.told()) == 3


def test_a_mail_that_somebody_else_settled_meanwhile_is_not_dealt_with_twice(office):
    spool_id = office.bring(mail(message_id="first@customer.test"))
    slow = office.triage
    with office.database.write() as db:
        taken = store.spool.take(db, office.clock, timedelta(minutes=10), 1)
    office.clock += timedelta(minutes=11)
    assert office.triage.run_once() == 1
    office.notices()
    slow._settle_all(slow._read_all(taken))
    assert office.told() == []
    assert len(office.conversation(office.tickets()[0])) == 1
    assert office.mail(spool_id).verdict == "opened"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 1000,
        b"\xff\xfe" * 500,
        b"From: \r\n\r\n",
        b"Subject: =?utf-8?b?gICA?=\r\nFrom: kim@customer.test\r\n\r\n\x00",
        b"From: a@x.test\r\nFrom: b@x.test\r\nSubject: two\r\n\r\nHello\r\n",
        b"From: kim@customer.test\r\nSubject: x\r\n Bcc: eve@elsewhere.test\r\n\r\nHello\r\n",
        b"From: kim@customer.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n" * 3000,
        b"From: kim@customer.test\r\nSubject: " + b"x" * 100_000 + b"\r\n\r\nHello\r\n",
        b"From: kim@customer.test\r\nReferences: " + b"<a@x> " * 20_000 + b"\r\n\r\nHello\r\n",
    ],
    ids=[
        "empty",
        "nul",
        "binary",
        "no sender",
        "bad words",
        "two froms",
        "injection",
        "parts",
        "subject",
        "references",
    ],
)
def test_hostile_mail_ends_as_a_ticket_or_held_and_the_next_goes_on(office, raw):
    hostile, next_one = office.bring(raw), office.bring(mail(message_id="next@customer.test"))
    office.triage.run_once()
    assert office.mail(hostile).state in {SpoolState.DONE, SpoolState.HELD}
    assert office.mail(next_one).verdict == "opened"
    assert all("\n" not in ticket.subject for ticket in office.tickets())


def test_two_desks_at_once_deal_with_each_mail_once(office):
    ids = [office.bring(mail(f"No {number // 2}.", message_id=f"{number // 2}@x")) for number in range(24)]
    desks = [office.triage for _ in range(3)]

    def work(triage):
        while triage.run_once(limit=2):
            pass

    with ThreadPoolExecutor(len(desks)) as pool:
        list(pool.map(work, desks))
    verdicts = [office.mail(each).verdict for each in ids]
    assert (verdicts.count("opened"), verdicts.count("duplicate")) == (12, 12)
    assert len(office.tickets()) == 12
    assert len(office.outbox()) == 12 * 3


def test_the_log_names_a_mail_that_cannot_be_read_and_is_held(office, caplog):
    spool_id = office.bring(mail())

    def read_all(mails):
        return [UnreadableError("it took longer than 120 s") for _ in mails]

    replace(office.triage, read_all=read_all).run_once()
    assert office.mail(spool_id).state is SpoolState.HELD
    (told,) = (record for record in caplog.records if hasattr(record, "spool_id"))
    assert (told.levelname, told.spool_id, told.reason) == ("ERROR", spool_id, "it took longer than 120 s")


def test_a_mail_whose_bytes_cannot_be_read_is_tried_again_and_then_held(office, caplog):
    caplog.set_level(logging.CRITICAL)
    lost = office.bring(mail())
    with office.database.write() as db:
        db.exec_driver_sql("UPDATE originals SET raw = 'text, no bytes'")
    for _ in range(4):
        assert office.triage.run_once() == 1
        office.clock += timedelta(minutes=5)
    assert office.mail(lost).state is SpoolState.HELD
    assert office.mail(lost).reason.startswith("could not be processed: ")


def test_an_answer_to_a_mail_of_ours_that_is_no_longer_known_still_finds_its_ticket(office, open_ticket):
    unknown = tokens.sign(RING, Token(Purpose.MESSAGE, open_ticket.code, tokens.row_serial(9999, office.clock)))
    raw = mail("More.", subject="x", headers=(("In-Reply-To", f"<{unknown}@desk.test>"),))
    assert office.receive(raw).verdict == "joined"


def test_a_rating_by_a_link_counts_even_where_no_survey_is_known(office):
    ticket = office.answered("#close\nDone.")
    office.notices()
    office.receive(mail("", subject="5", date=office.date()), office.address(ticket, Purpose.RATING, "e"))
    assert survey_of(office, ticket).rating == 5
    assert office.told() == [(CUSTOMER, "thanks", "")]


def test_a_report_on_where_his_mail_is_forwarded_marks_the_only_one_we_wrote_to(office):
    office.answered()
    reply = office.last(NoticeKind.REPLY)
    office.notices()
    office.receive(dsn("failed", "5.1.1", "kims-other@elsewhere.test"), office.bounce_address(reply), mail_from="")
    assert office.last(NoticeKind.REPLY).recipients[0].state == "undelivered"
    assert office.told() == [(ANNA, "agent_notice", "undelivered")]


def test_an_agent_who_answers_a_ticket_whose_customer_has_no_address_is_told(office):
    held = office.receive(mail(sender=""), mail_from=None)
    agent.release(office.database, held.id, "admin", office.clock)
    office.triage.run_once()
    ticket = office.ticket(office.mail(held.id).ticket_id)
    assert office.told() == [(ANNA, "agent_notice", "new_ticket"), (BEN, "agent_notice", "new_ticket")]
    office.agent_writes(ticket, "Who are you?")
    assert office.told() == [(ANNA, "agent_error", "not_sent")]
    office.pass_days(60)
    assert office.told() == []


def test_a_mail_that_failed_waits_longer_before_each_further_attempt(office, caplog):
    caplog.set_level(logging.CRITICAL)
    office.desk_with(Poison())
    office.bring(mail())
    for pause in (20, 40, 60):
        assert office.triage.run_once() == 1
        office.clock += timedelta(seconds=pause - 1)
        assert office.triage.run_once() == 0
        office.clock += timedelta(seconds=1)
    assert office.triage.run_once() == 1


def test_an_invitation_and_what_could_not_be_read_are_told_to_the_agent(office):
    raw = (
        b"From: kim@customer.test\r\nTo: support@desk.test\r\nSubject: Visit\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
        b"Za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87 g\xc4\x99\xc5 at noon?\r\n"
        b"--b\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n"
        b"METHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Repair\r\nDTSTART:20260505T100000Z\r\nEND:VEVENT\r\n"
        b"END:VCALENDAR\r\n--b--\r\n"
    )
    office.receive(raw)
    (told,) = [each.notice for each in office.notices() if each.notice.to[0].address == ANNA]
    assert "at noon?" in told.text
    assert "Repair" in told.text
    assert "2026-05-05 10:00" in told.text
    assert told.detail == "some letters are no letters of the charset"


def test_the_same_logo_is_listed_once_a_customer(office):
    def with_logo(number: int, sender: str) -> bytes:
        return (
            b"From: %s\r\nTo: support@desk.test\r\nSubject: Case %d\r\nMessage-ID: <%d@x.test>\r\nMIME-Version: 1.0\r\n"
            b'Content-Type: multipart/related; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n'
            b'<p>Hello</p><img src="cid:logo">\r\n--b\r\nContent-Type: image/png; name=logo.png\r\n'
            b"Content-ID: <logo>\r\n\r\nPICTURE\r\n--b--\r\n" % (sender.encode(), number, number)
        )

    def left_out() -> list[int]:
        return [len(each.notice.left_out) for each in office.notices() if each.notice.to[0].address == ANNA]

    office.receive(with_logo(1, "kim@customer.test"))
    assert left_out() == [0]
    office.receive(with_logo(2, "Kim@Customer.test"))
    assert left_out() == [1]
    office.receive(with_logo(3, "somebody@else.test"))
    assert left_out() == [0]


def test_the_first_acknowledgement_repeats_nothing_and_the_next_one_the_subject_once_he_has_answered(office):
    ticket = office.opened()
    first = office.last(NoticeKind.ACKNOWLEDGEMENT).notice
    assert (first.subject, first.to[0].name, first.is_to_stranger) == ("", "", True)
    office.customer_writes(ticket)
    office.receive(mail("It jams, too.", subject="The paper jams"))
    second = office.last(NoticeKind.ACKNOWLEDGEMENT).notice
    assert (second.subject, second.to, second.is_to_stranger) == ("The paper jams", (KIM,), False)


def test_a_forged_sender_is_not_acknowledged_and_the_ticket_says_so(office):
    office.change_policy(authserv_id="mx.desk.test")
    forged = (("Authentication-Results", "mx.desk.test; dmarc=fail header.from=customer.test"),)
    spooled = office.receive(mail(headers=forged))
    ticket = office.ticket(spooled.ticket_id)
    assert {kind for _, kind, _ in office.told()} == {"agent_notice"}
    assert office.history(ticket)[-1].what == "not sent"
    assert office.history(ticket)[-1].why.startswith("acknowledgement: the receiving server found its sender forged")


def test_a_stranger_at_our_door_cannot_write_himself_a_testimony(office):
    office.change_policy(authserv_id="mx.desk.test")
    ticket = office.opened()
    marks = (("Authentication-Results", "mx.desk.test; dmarc=pass header.from=agents.test"),)
    held = []
    for peer in ("127.0.0.1", "203.0.113.9"):
        raw = mail("Here you are.", sender=ANNA, subject="Re: Printer", date=office.date(), headers=marks)
        to = office.reply_address(ticket, "anna")
        held.append(office.receive(raw, to, mail_from=ANNA, peer=peer).verdict)
        office.clock += timedelta(minutes=1)
    assert held == ["relayed", "held"]


def test_a_forged_sender_lets_nobody_in_and_breaks_no_silence(office):
    office.change_policy(authserv_id="mx.desk.test")
    marks = (("Authentication-Results", "mx.desk.test; dmarc=fail header.from=customer.test"), ("Cc", "spy@evil.test"))
    first = office.receive(mail(headers=marks, message_id="first@customer.test"))
    following = (*marks, ("In-Reply-To", "<first@customer.test>"))
    again = office.receive(mail("Still on fire.", headers=following, message_id="second@customer.test"))
    assert (again.verdict, again.ticket_id) == ("joined", first.ticket_id)
    ticket = office.ticket(first.ticket_id)
    assert ticket.is_quiet
    with office.database.read() as db:
        assert store.tickets.participants_of(db, ticket.id) == ()


def test_an_agents_mail_without_proof_is_held_and_he_hears_why(office):
    office.change_policy(authserv_id="mx.desk.test")
    ticket = office.opened()
    raw = mail("Send me the password.", sender=ANNA, subject="Re: Printer", date=office.date())
    spooled = office.receive(raw, office.reply_address(ticket, "anna"), mail_from="mallory@elsewhere.test")
    assert (spooled.state, spooled.ticket_id) == (SpoolState.HELD, ticket.id)
    assert office.told() == [(ANNA, "agent_error", "not_authenticated")]
