from dataclasses import replace

import pytest

from gateway.mail.address import Mailbox
from gateway.tickets import notices
from gateway.tickets.model import SpoolId
from gateway.tickets.notices import NoticeKind, Reason
from tests.builders import ANNA, BEN, CARL, DAY, KIM, NOW, POLICY, ticket

TICKET = ticket(7)


def test_only_an_agents_reply_is_a_persons_mail():
    assert [kind for kind in NoticeKind if not kind.is_automatic] == [NoticeKind.REPLY]


def test_agents_get_notices_and_errors_and_customers_all_else():
    ours = {NoticeKind.AGENT_NOTICE, NoticeKind.AGENT_ERROR, NoticeKind.AGENT_DIGEST, NoticeKind.ALARM}
    assert {kind for kind in NoticeKind if kind.is_for_agents} == ours


def test_a_customer_is_written_to_in_his_tickets_language_once_an_occasion():
    notice = notices.for_customer(
        NoticeKind.REMINDER, replace(TICKET, language="pl"), "1-1", source=SpoolId(3), due=NOW + DAY
    )
    assert (notice.key, notice.to, notice.language) == ("reminder:7:1-1", (KIM,), "pl")
    assert (notice.queue, notice.source, notice.due) == ("support", 3, "2026-05-05T10:00:00+00:00")


@pytest.mark.parametrize(
    ("assignee", "told"),
    [("", (ANNA, BEN)), ("ben", (BEN,)), ("carl", (CARL,)), ("left the company", (ANNA, BEN))],
)
def test_of_a_ticket_hears_its_assignee_while_he_is_an_agent_else_the_whole_queue(assignee, told):
    assert notices.told_agents(replace(TICKET, assignee=assignee), POLICY) == told


def test_each_agent_gets_a_mail_of_his_own_in_his_language():
    written = notices.for_agents(Reason.NEW_TICKET, TICKET, "mail-3", POLICY, text="Hello", folded_lines=2, rating=1)
    assert [(each.key, each.to, each.language, each.agent) for each in written] == [
        ("agent_notice:new_ticket:7:mail-3:anna", (Mailbox("Anna Ozola", "anna@agents.test"),), "lv", "anna"),
        ("agent_notice:new_ticket:7:mail-3:ben", (Mailbox("Ben Berg", "ben@agents.test"),), "en", "ben"),
    ]
    assert {(each.text, each.folded_lines, each.rating) for each in written} == {("Hello", 2, 1)}


def test_keys_differ_by_kind_reason_ticket_occasion_and_agent():
    others = (ticket(8), replace(TICKET, assignee="carl"), TICKET)
    keys = [
        notice.key
        for reason in Reason
        for each in others
        for occasion in ("mail-1", "mail-2")
        for notice in notices.for_agents(reason, each, occasion, POLICY)
    ]
    keys += [
        notices.for_customer(kind, each, occasion).key
        for kind in NoticeKind
        for each in others[:1] + others[2:]
        for occasion in ("mail-1", "mail-2")
    ]
    keys += [notices.for_mistaken_agent(reason, ANNA, TICKET, "mail-1", POLICY).key for reason in Reason]
    assert len(keys) == len(set(keys))


def test_an_agent_is_told_what_was_wrong_with_his_own_mail():
    notice = notices.for_mistaken_agent(
        Reason.UNKNOWN_COMMAND, ANNA, TICKET, "mail-3", POLICY, detail="#bogus", text="#bogus\nHello"
    )
    assert notice.kind is NoticeKind.AGENT_ERROR
    assert (notice.to, notice.agent, notice.language) == ((Mailbox("Anna Ozola", "anna@agents.test"),), "anna", "lv")
    assert (notice.detail, notice.text) == ("#bogus", "#bogus\nHello")
