from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.mail.address import Mailbox
from gateway.store import tickets
from gateway.store.tickets import NewTicket, Origin, ReferenceTakenError
from gateway.tickets.model import Article, ArticleId, ArticleKind, Event, State, Ticket, TicketId
from tests.builders import HOUR, KIM, NOW

ORIGINS = list(Origin)


def open_another(db, reference="SUP-AAAA-BBBB", **how):
    return tickets.open_ticket(db, NewTicket(reference, "billing", "Invoice", KIM, "lv", **how), NOW)


def test_a_new_ticket_is_new_and_nobodys(ticket):
    assert ticket == Ticket(
        id=ticket.id,
        reference="SUP-7K2M-9XQ4",
        queue="support",
        state=State.NEW,
        subject="Printer",
        customer=KIM,
        language="en",
        created_at=NOW,
        changed_at=NOW,
    )


def test_a_ticket_comes_back_as_it_was_opened(db, ticket):
    linked = open_another(db, linked_to=ticket.id, is_quiet=True)
    assert tickets.get(db, linked.id) == linked
    assert (linked.linked_to, linked.is_quiet) == (ticket.id, True)
    assert tickets.get(db, TicketId(99)) is None


def test_no_two_tickets_have_one_reference(db):
    one = open_another(db)
    with pytest.raises(ReferenceTakenError):
        open_another(db)
    assert tickets.listed(db) == (one,)


def test_tickets_are_found_by_the_codes_of_their_references(db, ticket):
    other = open_another(db)
    assert tickets.with_codes(db, ["7k2m9xq4"]) == (ticket,)
    assert set(tickets.with_codes(db, {"7k2m9xq4", "aaaabbbb", "zzzzzzzz"})) == {ticket, other}
    assert tickets.with_codes(db, ()) == ()


@pytest.mark.parametrize("origin", ORIGINS)
def test_a_ticket_is_found_by_a_message_id(db, ticket, origin):
    tickets.remember_ids(db, ticket.id, origin, ("a@x", "", "a@x"))
    assert tickets.with_message_ids(db, ("a@x", "b@x", "")) == (("a@x", origin, ticket),)


@pytest.mark.parametrize("first", ORIGINS)
@pytest.mark.parametrize("second", ORIGINS)
def test_an_id_that_was_only_mentioned_is_raised_and_never_lowered(db, ticket, first, second):
    tickets.remember_ids(db, ticket.id, first, ("a@x",))
    tickets.remember_ids(db, ticket.id, second, ("a@x", "b@x"))
    found = {message_id: origin for message_id, origin, _ in tickets.with_message_ids(db, ("a@x", "b@x"))}
    assert found == {"a@x": second if first is Origin.MENTIONED else first, "b@x": second}


def test_one_message_id_may_belong_to_two_tickets(db, ticket):
    other = open_another(db)
    tickets.remember_ids(db, ticket.id, Origin.RECEIVED, ("a@x",))
    tickets.remember_ids(db, other.id, Origin.MENTIONED, ("a@x",))
    found = tickets.with_message_ids(db, ("a@x",))
    assert {(each.id, origin) for _, origin, each in found} == {(ticket.id, "received"), (other.id, "mentioned")}


def test_a_change_of_state_is_kept_with_its_time(db, ticket):
    until = NOW + timedelta(days=3)
    changed = tickets.change(db, ticket, State.POSTPONED, NOW + HOUR, until)
    assert (changed.state, changed.changed_at, changed.postponed_until) == (State.POSTPONED, NOW + HOUR, until)
    assert tickets.get(db, ticket.id) == changed
    again = tickets.change(db, changed, State.OPEN, NOW + 2 * HOUR, None)
    assert tickets.get(db, ticket.id) == again
    assert again.postponed_until is None


def test_a_ticket_is_given_to_an_agent_and_taken_back(db, ticket):
    for agent in ("anna", "ben", ""):
        tickets.assign(db, ticket.id, agent)
        found = tickets.get(db, ticket.id)
        assert found is not None
        assert found.assignee == agent


def test_a_ticket_can_be_made_quiet(db, ticket):
    for is_quiet in (True, False):
        tickets.set_quiet(db, ticket.id, is_quiet=is_quiet)
        found = tickets.get(db, ticket.id)
        assert found is not None
        assert found.is_quiet is is_quiet


def test_the_history_is_told_oldest_first(db, ticket):
    other = open_another(db)
    told = (
        Event(NOW + HOUR, "kim@x", "opened", "a new matter"),
        Event(NOW, "agent anna", "agent-replied", "", State.NEW, State.ANSWERED),
    )
    for event in told:
        tickets.add_event(db, ticket.id, event)
    tickets.add_event(db, other.id, told[0])
    assert tickets.history(db, ticket.id) == told


def test_the_conversation_is_told_oldest_first_and_nothing_is_cut(db, ticket):
    said = Article(
        ArticleId(0), ticket.id, ArticleKind.CUSTOMER, KIM, NOW, "short", "long\n> short\n\x01ж", "a@x", None
    )
    tickets.add_article(db, said)
    tickets.add_article(db, replace(said, kind=ArticleKind.NOTE, author=Mailbox("", ""), text=""))
    told = tickets.conversation(db, ticket.id)
    assert told[0].id < told[1].id
    assert (told[0].author, told[0].text, told[0].full, told[0].message_id) == (KIM, "short", said.full, "a@x")
    assert [each.is_public for each in told] == [True, False]


def test_participants_are_kept_once_with_their_first_name_and_without_regard_to_case(db, ticket):
    tickets.add_participants(db, ticket.id, (Mailbox("Lee", "Lee@X.test"), Mailbox("", "mo@x.test")))
    tickets.add_participants(db, ticket.id, (Mailbox("Somebody", "lee@x.test"),))
    tickets.add_participants(db, ticket.id, ())
    people = tickets.participants_of(db, ticket.id)
    assert set(people) == {Mailbox("Lee", "lee@x.test"), Mailbox("", "mo@x.test")}


def test_tickets_are_listed_newest_first(db, ticket):
    other = open_another(db)
    closed = tickets.change(db, ticket, State.CLOSED, NOW, None)
    assert tickets.listed(db) == (other, closed)
    assert tickets.listed(db, State.CLOSED, State.OPEN) == (closed,)
    assert tickets.listed(db, queue="billing") == (other,)
    assert tickets.listed(db, limit=1) == (other,)
