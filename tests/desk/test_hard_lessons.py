"""What other help desks have learnt the hard way, where it needs the whole desk to show and no other test does."""

from dataclasses import replace

import pytest

from gateway.mail import tokens
from gateway.mail.tokens import Purpose, Token
from gateway.store.spool import SpoolState
from gateway.tickets.model import ArticleKind, State
from gateway.tickets.notices import NoticeKind
from tests.builders import ANNA, FOREIGN, KIM, POLICY, SUPPORT, mail
from tests.desk.conftest import Office

LEE = "lee@customer.test"
AWAY = (("Auto-Submitted", "auto-replied"),)
HTML = mail("<p>#resolve</p><p>Turn it <b>off</b>.</p>", sender=ANNA.address).replace(b"text/plain", b"text/html")


def with_lee(office: Office):
    return office.opened(mail(to=f"support@desk.test, {LEE}", message_id="first@customer.test"))


def test_an_agents_mail_that_is_nothing_but_html_is_obeyed_and_relayed(office):
    ticket = office.opened()
    spooled = office.receive(HTML, office.reply_address(ticket, "anna"), mail_from=ANNA.address)
    assert spooled.verdict == "relayed"
    assert office.ticket(ticket.id).state is State.RESOLVED
    assert office.last(NoticeKind.REPLY).notice.text == "Turn it off."


def test_what_a_customer_writes_is_never_a_command(office):
    ticket = office.answered()
    office.customer_writes(ticket, "#close\n#assign ben\nIt still burns.")
    assert (office.ticket(ticket.id).state, office.ticket(ticket.id).assignee) == (State.OPEN, "anna")
    assert office.last(NoticeKind.AGENT_NOTICE).notice.text.startswith("#close")


@pytest.mark.parametrize("words", ["Turn it off.", "#close\n"])
def test_an_agent_who_has_left_reaches_nobody_by_his_old_reply_address(office, words):
    ticket = office.opened()
    to = office.reply_address(ticket, "anna")
    office.change_policy(agents=POLICY.agents[1:])
    spooled = office.receive(mail(words, sender=ANNA.address, subject="Hello"), to, mail_from=ANNA.address)
    assert spooled.verdict == "opened", "he is a customer like any other now"
    assert KIM.address not in {address for address, *_ in office.told()}
    assert (office.ticket(ticket.id).state, len(office.conversation(ticket))) == (State.NEW, 1)


def test_when_the_assignee_has_left_the_whole_queue_hears_of_the_customer(office):
    ticket = office.answered()
    office.notices()
    queues = (replace(SUPPORT, agents=("anna", "ben", "carl")), *POLICY.queues[1:])
    office.change_policy(agents=POLICY.agents[1:], queues=queues)
    office.customer_writes(ticket)
    assert [address for address, *_ in office.told()] == ["ben@agents.test", "carl@agents.test"]


def test_somebody_in_copy_who_is_away_is_answered_by_nobody_and_moves_nothing(office):
    ticket = with_lee(office)
    office.agent_writes(ticket, "#resolve\nDone.")
    office.notices()
    away = mail("I am away.", sender=LEE, subject="Away", headers=AWAY)
    spooled = office.receive(away, office.address(ticket, Purpose.FOLLOW_UP), mail_from="")
    assert (spooled.verdict, spooled.ticket_id) == ("recorded", ticket.id)
    assert (office.ticket(ticket.id).state, office.told()) == (State.RESOLVED, [])


def test_nobody_takes_part_because_of_automatic_mail(office):
    ticket = office.answered()
    office.customer_writes(ticket, "I am away.", headers=(*AWAY, ("Cc", LEE)))
    office.agent_writes(ticket, "Are you back?")
    assert office.last(NoticeKind.REPLY).notice.cc == ()


def test_whom_the_agent_has_served_himself_is_named_and_the_others_get_his_words(office):
    ticket = with_lee(office)
    raw = mail("Turn it off.", sender=ANNA.address, to=f"support@desk.test, {KIM.address}", date=office.date())
    office.receive(raw, office.reply_address(ticket, "anna"), mail_from=ANNA.address)
    reply = office.last(NoticeKind.REPLY).notice
    assert [each.address for each in (*reply.to, *reply.cc)] == [LEE]
    assert ("not sent again", f"the agent wrote to {KIM.address} directly") in [
        (each.what, each.why) for each in office.history(ticket)
    ]


def test_a_marker_of_somebodys_ticket_that_is_quoted_leads_nobody_else_there(office):
    lees = office.opened(mail("Lee's.", sender=LEE, message_id="lee@customer.test"))
    kims = office.opened(mail("Kim's.", message_id="kim@customer.test"))
    marker = office.address(lees, Purpose.FOLLOW_UP).partition("+")[2].partition("@")[0]
    quoted = f"Look what Lee sent me.\n\n> #{marker}\n"
    joined = office.receive(mail(quoted, date=office.date()), office.address(kims, Purpose.FOLLOW_UP))
    assert (joined.verdict, joined.ticket_id) == ("joined", kims.id)
    held = office.receive(mail(quoted, subject="By the way"))
    assert (held.state, held.ticket_id) == (SpoolState.HELD, lees.id)
    assert [each.kind for each in office.conversation(lees)] == [ArticleKind.CUSTOMER]


def test_a_token_of_another_installation_opens_a_ticket_like_any_new_matter(office):
    ticket = office.opened()
    foreign = tokens.sign(FOREIGN, Token(Purpose.FOLLOW_UP, ticket.code))
    spooled = office.receive(mail("New.", subject="New", date=office.date()), f"support+{foreign}@desk.test")
    assert spooled.verdict == "opened"
    assert spooled.ticket_id != ticket.id
