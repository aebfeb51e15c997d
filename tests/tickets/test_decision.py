"""Each row: a mail, what is known of it, and what becomes of it by which rule."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.mail import tokens
from gateway.mail.address import Mailbox, with_detail
from gateway.mail.envelope import Envelope
from gateway.mail.tokens import Purpose, Token
from gateway.tickets import decision, reading, survey
from gateway.tickets.commands import Verb
from gateway.tickets.decision import Facts
from gateway.tickets.disposition import (
    Duplicate,
    Hold,
    JoinTicket,
    OpenTicket,
    Record,
    ReportUndelivered,
    TakeRating,
)
from gateway.tickets.evidence import Strength
from gateway.tickets.follow_up import Candidate
from gateway.tickets.lifecycle import Happening
from gateway.tickets.model import ArticleKind, OutboxId, Role, SpoolId, State, Ticket, TicketId
from gateway.tickets.notices import NoticeKind, Reason
from gateway.tickets.survey import Rating
from tests.builders import ANNA, BEN, CARL, DAY, KIM, NOW, POLICY, RING, STRANGER, envelope, mail, ticket

DESK = "support@desk.test"
TICKET = ticket(1)
AUTOMATIC = (("Auto-Submitted", "auto-replied"),)
FROM_ANNA = "Anna Ozola <anna@agents.test>"
FROM_BEN = "ben@agents.test"
FROM_STRANGER = STRANGER.address


def signed(purpose: Purpose, serial: str = "", bearer: str = "", of: Ticket = TICKET) -> str:
    return with_detail(DESK, tokens.sign(RING, Token(purpose, of.code, serial), bearer))


def facts(raw: bytes, *rcpt_to: str, mail_from: str | None = "kim@customer.test", **known) -> Facts:
    return Facts(reading.read(raw, Envelope(mail_from, rcpt_to or (DESK,)), RING, POLICY), **known)


def on(of: Ticket, role: Role, strength: Strength = Strength.STORED_MESSAGE_ID) -> tuple[Candidate, ...]:
    return (Candidate(of, frozenset({strength}), role),)


def decide(known: Facts, policy=POLICY):
    """The disposition, and the name of the rule that made it."""
    decided = decision.decide(known, policy, NOW)
    return decided.disposition, decided.trace[-1].removeprefix("rule: ")


def closed(days_ago: float, state: State = State.CLOSED) -> Ticket:
    return replace(TICKET, state=state, changed_at=NOW - days_ago * DAY)


def test_a_persons_mail_that_belongs_nowhere_opens_a_ticket_and_is_acknowledged():
    assert decide(facts(mail())) == (OpenTicket("support", KIM, "Printer", "en", acknowledge=True), "a new matter")


@pytest.mark.parametrize(
    "headers",
    [(("X-Auto-Response-Suppress", "All"),), (("Precedence", "bulk"),), AUTOMATIC, (("List-Id", "<talk.lists.test>"),)],
)
def test_mail_that_forbids_it_or_is_a_machines_opens_a_ticket_without_acknowledgement(headers):
    opened, rule = decide(facts(mail(headers=headers)))
    assert (opened.acknowledge, rule) == (False, "a new matter")


def test_mail_with_a_null_reverse_path_is_not_acknowledged():
    assert decide(facts(mail(), mail_from=""))[0].acknowledge is False


def test_an_agent_who_writes_of_a_matter_of_his_own_is_a_customer():
    opened, rule = decide(facts(mail(sender=FROM_ANNA)))
    assert (opened.customer, rule) == (Mailbox("Anna Ozola", "anna@agents.test"), "a new matter")


GERMAN = "Der Drucker brennt, und wir wissen nicht, was wir jetzt damit machen sollen."  # we have no templates in it


@pytest.mark.parametrize(
    ("text", "route", "known", "language"),
    [
        ("Drukarka się pali i nie wiemy, co mamy z tym teraz zrobić, proszę o pomoc.", "", "", "pl"),
        ("Drukarka się pali i nie wiemy, co mamy z tym teraz zrobić, proszę o pomoc.", "el", "", "el"),
        ("?", "", "lv", "lv"),
        ("?", "", "", "en"),
        (GERMAN, "", "", "en"),
        (GERMAN, "", "lv", "lv"),
        ("?", "", "de", "en"),
    ],
)
def test_the_language_is_the_routes_the_words_the_one_used_before_or_the_default_if_we_write_it(
    text, route, known, language
):
    policy = replace(POLICY, queues=tuple(replace(queue, language=route) for queue in POLICY.queues))
    raw = mail(text, subject="?")
    read = reading.read(raw, envelope(), RING, policy)
    assert decide(Facts(read, known_language=known), policy)[0].language == language


@pytest.mark.parametrize("state", [State.NEW, State.OPEN, State.ANSWERED, State.POSTPONED])
@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.PARTICIPANT])
@pytest.mark.parametrize("strength", Strength)
def test_whoever_has_a_part_in_a_ticket_continues_it_by_any_clue(state, role, strength):
    here = replace(TICKET, state=state)
    joined = JoinTicket(here, Happening.CUSTOMER_WROTE, KIM, Reason.CUSTOMER_REPLY)
    assert decide(facts(mail(), candidates=on(here, role, strength))) == (joined, "a customer continues his ticket")


@pytest.mark.parametrize("state", [State.RESOLVED, State.CLOSED])
@pytest.mark.parametrize("days", [0, 13.9, 14])
def test_within_the_grace_period_a_settled_ticket_is_reopened(state, days):
    here = closed(days, state)
    joined = JoinTicket(here, Happening.CUSTOMER_WROTE, KIM, Reason.REOPENED)
    assert decide(facts(mail(), candidates=on(here, Role.CUSTOMER)))[0] == joined


def test_after_the_grace_period_a_linked_ticket_is_opened_in_its_queue_without_the_old_reference():
    old = replace(closed(15), queue="billing")
    raw = mail(subject=f"Re: [{old.reference}] [#99 their own] Printer")
    opened = OpenTicket("billing", KIM, "Re: [#99 their own] Printer", "en", acknowledge=True, linked_to=old)
    assert decide(facts(raw, candidates=on(old, Role.CUSTOMER))) == (opened, "a customer continues his ticket")


@pytest.mark.parametrize("strength", [each for each in Strength if each is not Strength.MENTIONED_MESSAGE_ID])
@pytest.mark.parametrize("state", State)
def test_a_stranger_is_held_and_the_agents_are_told(strength, state):
    here = replace(TICKET, state=state)
    hold, rule = decide(facts(mail(sender=FROM_STRANGER), candidates=on(here, Role.STRANGER, strength)))
    assert hold == Hold(f"its author has no part in {here.reference}", here, None, Reason.STRANGER_HELD, FROM_STRANGER)
    assert rule == "somebody who has no part in the ticket"


@pytest.mark.parametrize("headers", [(), (("List-Id", "<news.lists.test>"),), AUTOMATIC])
def test_a_stranger_who_only_mentions_a_message_id_of_a_ticket_has_a_matter_of_his_own(headers):
    known = facts(
        mail(sender=FROM_STRANGER, headers=headers),
        candidates=on(TICKET, Role.STRANGER, Strength.MENTIONED_MESSAGE_ID),
    )
    opened, rule = decide(known)
    assert (opened.customer, opened.linked_to, rule) == (STRANGER, None, "a new matter")


@pytest.mark.parametrize("purpose", [Purpose.CONFIRM, Purpose.REFUSE, Purpose.RATING])
def test_a_stranger_with_somebodys_link_cannot_answer_for_him(purpose):
    known = facts(mail(sender=FROM_STRANGER), signed(purpose, "a"), candidates=on(TICKET, Role.STRANGER))
    assert decide(known)[0].reason is Reason.STRANGER_HELD


def test_a_strangers_automatic_mail_is_held_and_nobody_is_told():
    known = facts(mail(sender=FROM_STRANGER, headers=AUTOMATIC), candidates=on(TICKET, Role.STRANGER))
    assert decide(known)[0] == Hold(f"automatic mail of somebody who has no part in {TICKET.reference}", TICKET)


def test_a_stranger_who_is_vouched_for_is_let_in():
    known = facts(mail(sender=FROM_STRANGER), candidates=on(TICKET, Role.STRANGER), vouched=True)
    assert decide(known)[0] == JoinTicket(TICKET, Happening.CUSTOMER_WROTE, STRANGER, Reason.CUSTOMER_REPLY)


@pytest.mark.parametrize("state", State)
def test_automatic_mail_on_a_ticket_is_kept_and_moves_nothing(state):
    here = replace(TICKET, state=state)
    known = facts(mail(headers=AUTOMATIC), candidates=on(here, Role.CUSTOMER))
    assert decide(known) == (
        Record(here, ArticleKind.AUTOMATIC, "automatic mail moves nothing"),
        "automatic mail on a ticket",
    )


def test_a_delivery_report_that_is_not_proven_ours_is_only_kept():
    raw = mail(
        "Delivery has failed.",
        sender="MAILER-DAEMON@customer.test",
        subject="Undelivered Mail Returned to Sender",
        headers=(("Auto-Submitted", "auto-replied"),),
    )
    known = facts(raw, mail_from="", candidates=on(TICKET, Role.PARTICIPANT))
    recorded = decide(known)[0]
    assert (recorded.kind, recorded.ticket) == (ArticleKind.DELIVERY_REPORT, TICKET)


VACATION = mail(
    "I am out of the office until Monday.",
    subject="Automatic reply: Printer",
    headers=(("Auto-Submitted", "auto-replied"), ("X-Autoreply", "yes")),
)


def test_a_vacation_notice_without_a_ticket_is_held_rather_than_made_one():
    assert decide(facts(VACATION)) == (
        Hold("out-of-office mail that belongs to no ticket"),
        "automatic mail that belongs nowhere",
    )


def own_mail() -> bytes:
    own = tokens.sign(RING, Token(Purpose.MESSAGE, TICKET.code, "b"))
    return mail(sender="Example Support <support@desk.test>", message_id=f"{own}@desk.test")


def test_our_own_mail_coming_back_is_kept_with_its_ticket_or_held():
    why = "our own mail came back: its Message-ID is signed by us"
    known = facts(own_mail(), candidates=on(TICKET, Role.STRANGER))
    assert decide(known) == (Record(TICKET, ArticleKind.AUTOMATIC, why, is_own=True), "our own mail coming back")
    assert decide(facts(own_mail()))[0] == Hold(why)


def test_mail_that_seems_to_come_from_our_own_address_is_held():
    hold, rule = decide(facts(mail(sender="billing@desk.test")))
    assert hold == Hold("sent from billing@desk.test, one of our own addresses")
    assert rule == "mail that nobody can answer"


DSN = (
    b"From: MAILER-DAEMON@mx.test\r\nTo: %s\r\nSubject: Undelivered Mail Returned to Sender\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
    b"--b\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    b"Reporting-MTA: dns; mx.test\r\n\r\nFinal-Recipient: rfc822; kim@customer.test\r\nAction: %s\r\nStatus: %s\r\n"
    b"Diagnostic-Code: smtp; %s\r\n\r\n--b--\r\n"
)


@pytest.mark.parametrize(
    ("action", "status", "said", "verdict"),
    [
        (b"failed", b"5.1.1", b"550 5.1.1 no such user", "undelivered"),
        (b"failed", b"4.4.1", b"451 4.4.1 gave up", "undelivered"),
        (b"delayed", b"4.4.1", b"connection timed out", "delayed"),
        (b"delivered", b"2.0.0", b"250 fine", "reported"),
    ],
)
def test_a_report_on_a_mail_of_ours_is_told_by_how_final_it_is(action, status, said, verdict):
    raw = DSN % (DESK.encode(), action, status, said)
    known = facts(raw, mail_from="", undelivered=(OutboxId(5), TICKET), candidates=on(TICKET, Role.STRANGER))
    report, rule = decide(known)
    assert isinstance(report, ReportUndelivered)
    assert (report.ticket, report.outbox_id, report.verdict) == (TICKET, 5, verdict)
    assert rule == "a delivery report on a mail of ours"
    if action == b"failed":
        assert report.said == f"kim@customer.test: {said.decode()}"


def test_a_report_without_our_token_is_not_believed():
    raw = DSN % (DESK.encode(), b"failed", b"5.1.1", b"550 5.1.1 no such user")
    assert decide(facts(raw, mail_from="")) == (
        Hold("delivery-report mail that belongs to no ticket"),
        "automatic mail that belongs nowhere",
    )


def test_a_person_who_writes_to_our_envelope_sender_is_a_person():
    known = facts(
        mail(), signed(Purpose.BOUNCE, "f"), undelivered=(OutboxId(5), TICKET), candidates=on(TICKET, Role.CUSTOMER)
    )
    assert isinstance(decide(known)[0], JoinTicket)


TO_ANNAS = signed(Purpose.AGENT, bearer="anna")
AGENT_RULE, UNPROVEN_RULE = "an agent's mail with his signed reply address", "an agent's mail without it"


def agents(text: str, sender: str = FROM_ANNA, rcpt_to: str = TO_ANNAS, headers=(), of: Ticket = TICKET, **known):
    role = known.pop("role", Role.AGENT)
    raw = mail(text, sender=sender, headers=headers)
    return decide(facts(raw, rcpt_to, candidates=on(of, role, Strength.REPLY_ADDRESS), **known))


@pytest.mark.parametrize("sender", [FROM_ANNA, "anna.ozola@agents.test", "ANNA@AGENTS.TEST"])
@pytest.mark.parametrize("state", State)
def test_an_agents_words_go_to_the_customer_in_any_state(sender, state):
    here = replace(TICKET, state=state)
    obeyed, rule = agents("Turn it off.", sender, of=here)
    assert (obeyed.ticket, obeyed.agent, obeyed.orders.text, rule) == (here, ANNA, "Turn it off.", AGENT_RULE)


def test_commands_are_obeyed_and_what_is_quoted_is_neither_a_command_nor_sent():
    text = "#resolve\n\nDone.\n\nOn Monday, Kim wrote:\n> #close\n> Help!"
    obeyed, _ = agents(text)
    assert (obeyed.orders.move, obeyed.orders.text) == (Verb.RESOLVE, "Done.")


@pytest.mark.parametrize(
    ("text", "reason", "detail"),
    [
        ("#bogus\nHello", Reason.UNKNOWN_COMMAND, "#bogus"),
        ("#one\n#two\nHello", Reason.UNKNOWN_COMMAND, "#one; #two"),
        ("#assign nobody", Reason.BAD_COMMAND, "#assign nobody → #assign anna | ben | carl"),
        ("#note", Reason.NOTHING_TO_SEND, ""),
        ("", Reason.NOTHING_TO_SEND, ""),
    ],
)
def test_a_mail_that_cannot_be_obeyed_is_held_and_its_agent_told_why(text, reason, detail):
    hold, rule = agents(text)
    assert (hold.ticket, hold.tell, hold.reason, hold.detail, rule) == (TICKET, ANNA, reason, detail, AGENT_RULE)


@pytest.mark.parametrize("sender", [FROM_BEN, FROM_STRANGER, "anna@evil.test", "kim@customer.test"])
def test_an_agents_reply_address_in_other_hands_is_held_and_the_agent_told(sender):
    hold, rule = agents("#close\nBye.", sender, role=Role.STRANGER)
    assert (hold.tell, hold.reason, hold.detail, rule) == (ANNA, Reason.WRONG_SENDER, sender, AGENT_RULE)


@pytest.mark.parametrize("rcpt_to", [DESK, signed(Purpose.FOLLOW_UP)])
def test_an_agent_without_his_reply_address_is_held_and_told(rcpt_to):
    hold, rule = agents("#close\nBye.", rcpt_to=rcpt_to)
    assert (hold.tell, hold.reason, rule) == (ANNA, Reason.NOT_RECOGNISED, UNPROVEN_RULE)


def test_the_reply_address_of_another_ticket_proves_nothing_here():
    elsewhere = signed(Purpose.AGENT, bearer="anna", of=ticket(2))
    assert agents("#close", rcpt_to=elsewhere)[0].reason is Reason.NOT_RECOGNISED


@pytest.mark.parametrize("rcpt_to", [TO_ANNAS, DESK])
def test_an_agents_vacation_notice_is_kept_and_never_relayed(rcpt_to):
    recorded, _ = agents("I am out of the office.", rcpt_to=rcpt_to, headers=AUTOMATIC)
    assert recorded == Record(TICKET, ArticleKind.AUTOMATIC, "automatic mail of agent anna, never relayed")


def test_where_there_are_no_reply_addresses_answering_his_own_notice_proves_an_agent():
    of = replace(TICKET, queue="billing")
    known: dict[str, Any] = {"rcpt_to": "billing@desk.test", "answered": NoticeKind.AGENT_NOTICE, "of": of}
    known |= {"answered_agent": "carl", "answered_ticket": of.id}
    obeyed, rule = agents("Paid.", "carl@agents.test", **known)
    assert (obeyed.agent, rule) == (CARL, AGENT_RULE)
    assert agents("Paid.", FROM_BEN, **known)[0].reason is Reason.WRONG_SENDER
    assert agents("Paid.", FROM_BEN, **{**known, "answered_agent": ""})[0].reason is Reason.NOT_RECOGNISED
    assert agents("Paid.", "carl@agents.test", **{**known, "of": TICKET})[0].reason is Reason.NOT_RECOGNISED
    others = {**known, "answered_ticket": of.id + 1}
    assert agents("Paid.", "carl@agents.test", **others)[0].reason is Reason.NOT_RECOGNISED


def test_an_agent_on_his_own_ticket_is_its_customer():
    own = replace(TICKET, customer=Mailbox("Anna", "anna@agents.test"))
    joined, rule = agents("#close\nIt works.", rcpt_to=DESK, of=own, role=Role.CUSTOMER)
    assert (joined.happening, rule) == (Happening.CUSTOMER_WROTE, "a customer continues his ticket")


def test_released_mail_of_an_agent_is_obeyed_as_his_own_even_by_anothers_address():
    assert agents("Bye.", FROM_ANNA, DESK, vouched=True)[0].agent == ANNA
    assert agents("Bye.", FROM_BEN, TO_ANNAS, vouched=True)[0].agent == BEN


def test_released_mail_with_commands_nobody_understands_becomes_a_note():
    obeyed, _ = agents("#bogus\nHello", vouched=True)
    assert (obeyed.orders.is_note, obeyed.orders.text, obeyed.orders.move) == (True, "#bogus\nHello", None)


def test_released_mail_from_elsewhere_to_an_agents_address_is_a_customers_never_the_agents():
    joined, rule = agents("#close\nBye.", FROM_STRANGER, role=Role.STRANGER, vouched=True)
    assert (joined.happening, joined.author, rule) == (
        Happening.CUSTOMER_WROTE,
        STRANGER,
        "a customer continues his ticket",
    )


def answer(text: str, purpose: Purpose | None = None, of: Ticket | None = None, subject: str = "OK", **known):
    here = of or closed(1, State.RESOLVED)
    to = signed(purpose) if purpose else DESK
    role = known.pop("role", Role.CUSTOMER)
    return decide(facts(mail(text, subject=subject), to, candidates=on(here, role), **known))


def test_pressing_yes_confirms_and_nobody_need_be_told():
    here = closed(1, State.RESOLVED)
    joined = JoinTicket(here, Happening.CUSTOMER_CONFIRMED, KIM, None)
    assert answer("", Purpose.CONFIRM) == (joined, "an answer to whether it is solved")


@pytest.mark.parametrize("text", ["Yes", "OK, thanks", "#{}"])
def test_pressing_yes_and_saying_it_is_one_thing(text):
    said = text.format(tokens.sign(RING, Token(Purpose.CONFIRM, TICKET.code)))
    assert answer(said, Purpose.CONFIRM)[0].reason is None


def test_pressing_yes_and_saying_more_confirms_and_the_agents_read_it():
    joined, _ = answer("Yes. And where is my invoice?", Purpose.CONFIRM)
    assert (joined.happening, joined.reason) == (Happening.CUSTOMER_CONFIRMED, Reason.CUSTOMER_REPLY)


def test_pressing_an_old_yes_on_a_ticket_that_is_open_again_is_told():
    joined, _ = answer("", Purpose.CONFIRM, of=TICKET)
    assert (joined.happening, joined.reason) == (Happening.CUSTOMER_CONFIRMED, Reason.CUSTOMER_REPLY)


@pytest.mark.parametrize("days", [1, 14])
def test_pressing_no_reopens_and_the_agents_are_told(days):
    joined, _ = answer("", Purpose.REFUSE, of=closed(days))
    assert (joined.happening, joined.reason) == (Happening.CUSTOMER_REFUSED, Reason.NOT_SOLVED)


def test_pressing_no_after_the_grace_period_opens_a_linked_ticket():
    opened, rule = answer("", Purpose.REFUSE, of=closed(15))
    assert (opened.linked_to, rule) == (closed(15), "a customer continues his ticket")


@pytest.mark.parametrize("asked", [NoticeKind.RESOLVED, NoticeKind.REPLY])
@pytest.mark.parametrize(
    ("text", "happening"),
    [("Yes", Happening.CUSTOMER_CONFIRMED), ("Nie", Happening.CUSTOMER_REFUSED), ("Well…", Happening.CUSTOMER_WROTE)],
)
def test_a_plain_yes_or_no_answers_the_question_that_was_asked(asked, text, happening):
    assert answer(text, answered=asked)[0].happening is happening


@pytest.mark.parametrize("answered", [NoticeKind.ACKNOWLEDGEMENT, NoticeKind.REMINDER])
def test_yes_to_nothing_that_was_asked_is_a_customers_mail(answered):
    assert answer("Yes", answered=answered)[0].happening is Happening.CUSTOMER_WROTE


def test_a_plain_yes_on_a_resolved_ticket_counts_where_a_relay_has_lost_our_message_id():
    assert answer("Yes", answered=None)[0].happening is Happening.CUSTOMER_CONFIRMED


def test_yes_to_an_agents_question_on_an_open_ticket_is_a_customers_mail():
    assert answer("Yes", of=replace(TICKET, state=State.ANSWERED), answered=NoticeKind.REPLY)[0].happening is (
        Happening.CUSTOMER_WROTE
    )


def test_a_link_of_another_ticket_does_not_answer_for_this_one():
    raw = mail("Hello", subject="x")
    known = facts(raw, signed(Purpose.CONFIRM, of=ticket(2)), candidates=on(closed(1), Role.CUSTOMER))
    assert decide(known)[0].happening is Happening.CUSTOMER_WROTE


def rated(text: str, rating: int = 0, **known):
    to = signed(Purpose.RATING, survey.serial_of(rating)) if rating else DESK
    return decide(facts(mail(text, subject="4"), to, candidates=on(closed(1), Role.CUSTOMER), **known))


@pytest.mark.parametrize(
    ("text", "rating", "known", "expected"),
    [
        ("", 4, {}, Rating(4, "")),
        ("4", 4, {}, Rating(4, "")),
        ("4\nThank you", 4, {}, Rating(4, "Thank you")),
        ("Too slow.", 2, {}, Rating(2, "Too slow.")),
        ("1 of your people was rude", 2, {}, Rating(2, "1 of your people was rude")),
        ("1", 2, {}, Rating(2, "1")),  # pressed one thing, wrote another: what he pressed, and all he wrote
        ("5", 0, {"answered": NoticeKind.SURVEY}, Rating(5, "")),
        ("Too slow.", 0, {"answered": NoticeKind.SURVEY}, Rating(None, "Too slow.")),
        ("One word more.", 0, {"answered": NoticeKind.THANKS}, Rating(None, "One word more.")),
        ("No", 0, {"answered": NoticeKind.SURVEY}, Rating(None, "No")),
    ],
)
def test_an_answer_to_a_survey_is_a_rating_and_never_reopens(text, rating, known, expected):
    taken, rule = rated(text, rating, **known)
    assert taken == TakeRating(closed(1), expected, KIM)
    assert rule == "an answer to a survey"


def test_the_marker_by_which_a_rating_came_is_no_comment():
    marker = tokens.sign(RING, Token(Purpose.RATING, TICKET.code, "e"))
    assert rated(f"#{marker}\n\nThank you")[0] == TakeRating(closed(1), Rating(5, "Thank you"), KIM)


def test_a_digit_that_answers_no_survey_is_no_rating():
    assert isinstance(rated("5")[0], JoinTicket)
    assert isinstance(rated("5", answered=NoticeKind.CLOSED)[0], JoinTicket)


def test_a_machine_rates_nothing():
    raw = mail("5", headers=AUTOMATIC)
    known = facts(raw, signed(Purpose.RATING, "e"), candidates=on(closed(1), Role.CUSTOMER))
    assert isinstance(decide(known)[0], Record)


def test_the_same_mail_by_another_way_is_noted_before_anything_else_is_asked():
    twin = (SpoolId(3), TicketId(1))
    known = facts(mail(sender=FROM_STRANGER), candidates=on(TICKET, Role.STRANGER), twin=twin)
    assert decide(known) == (Duplicate(SpoolId(3), TicketId(1)), "the same mail by another way")


def test_a_mail_that_a_person_released_is_no_duplicate():
    assert isinstance(decide(facts(mail(), twin=(SpoolId(3), None), vouched=True))[0], OpenTicket)


@pytest.mark.parametrize(
    ("raw", "mail_from", "why"),
    [
        (mail(sender=""), None, "nobody is named as its sender"),
        (mail(sender="undisclosed"), "", "nobody is named as its sender"),
        (mail(" ", subject=""), "kim@customer.test", "nothing in it: no subject, no text, no file"),
    ],
)
def test_mail_that_nobody_can_answer_is_held(raw, mail_from, why):
    assert decide(facts(raw, mail_from=mail_from)) == (Hold(why), "mail that nobody can answer")


def test_mail_without_a_sender_opens_a_ticket_once_released_but_answers_nobody():
    opened, _ = decide(facts(mail(sender=""), mail_from=None, vouched=True))
    assert (opened.customer, opened.acknowledge) == (Mailbox("", ""), False)


def test_mail_without_a_sender_cannot_continue_a_ticket():
    known = facts(mail(sender=""), mail_from=None, candidates=on(TICKET, Role.STRANGER))
    assert isinstance(decide(known)[0], Hold)


@pytest.mark.parametrize("raw", [mail("", subject="Printer"), mail("Help", subject="")])
def test_a_subject_or_a_word_is_enough_for_a_ticket(raw):
    assert isinstance(decide(facts(raw))[0], OpenTicket)


def test_the_trace_tells_all_that_was_seen_and_the_rule_that_decided():
    raw = mail(headers=AUTOMATIC)
    known = facts(raw, candidates=on(TICKET, Role.CUSTOMER, Strength.SUBJECT_REFERENCE), vouched=True)
    trace = decision.decide(known, POLICY, NOW).trace
    assert trace[0].startswith("kind: automatic because of ")
    assert "no automatic answer: automatic" in trace
    assert f"points at {TICKET.reference} by subject reference; its author is customer there" in trace
    assert "queue: support (queue support: its address in envelope)" in trace
    assert "released by hand" in trace
    assert trace[-1] == "rule: automatic mail on a ticket"


def test_the_last_rule_has_something_to_say_of_every_mail():
    assert decision.RULES[-1][0] == "a new matter"
    assert decide(facts(b"", mail_from=None, vouched=True))[1] == "a new matter"
