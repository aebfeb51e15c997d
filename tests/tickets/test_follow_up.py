from dataclasses import replace

import pytest

from gateway.mail.address import Mailbox
from gateway.tickets import follow_up
from gateway.tickets.evidence import Clue, Strength
from gateway.tickets.follow_up import Candidate
from gateway.tickets.model import Role
from tests.builders import KIM, POLICY, ticket

ONE, TWO = ticket(1), ticket(2)


def candidate(number: int, role: Role, *strengths: Strength) -> Candidate:
    return Candidate(ticket(number), frozenset(strengths), role)


@pytest.mark.parametrize(
    ("address", "role"),
    [
        (KIM.address, Role.CUSTOMER),
        ("KIM@Customer.Test", Role.CUSTOMER),
        ("lee@customer.test", Role.PARTICIPANT),
        ("anna@agents.test", Role.AGENT),
        ("anna.ozola@agents.test", Role.AGENT),
        ("eve@elsewhere.test", Role.STRANGER),
        ("", Role.STRANGER),
    ],
)
def test_what_somebody_is_on_a_ticket(address, role):
    assert follow_up.role_of(address, ONE, frozenset({"lee@customer.test"}), POLICY) is role


def test_an_agent_who_asks_as_a_customer_is_one_and_a_participant_who_is_an_agent_takes_part():
    asked = replace(ONE, customer=Mailbox("", "ben@agents.test"))
    assert follow_up.role_of("ben@agents.test", asked, frozenset(), POLICY) is Role.CUSTOMER
    assert follow_up.role_of("ben@agents.test", ONE, frozenset({"ben@agents.test"}), POLICY) is Role.PARTICIPANT


def test_without_candidates_nothing_is_chosen():
    assert follow_up.choose(()) is None


@pytest.mark.parametrize(
    "stronger",
    [Strength.SUBJECT_REFERENCE, Strength.SIGNED_MESSAGE_ID, Strength.REPLY_ADDRESS],
)
def test_the_strongest_clue_wins_whoever_the_author_is_there(stronger):
    weaker = Strength(stronger - 1)
    winner = candidate(1, Role.STRANGER, stronger)
    assert follow_up.choose((winner, candidate(2, Role.CUSTOMER, weaker))) == winner
    assert follow_up.choose((candidate(2, Role.CUSTOMER, weaker), winner)) == winner


@pytest.mark.parametrize(
    ("role", "strengths", "is_chosen"),
    [
        (Role.STRANGER, [Strength.MENTIONED_MESSAGE_ID], False),
        (Role.STRANGER, [Strength.MENTIONED_MESSAGE_ID, Strength.BODY_MARKER], True),
        (Role.STRANGER, [Strength.MENTIONED_MESSAGE_ID, Strength.SUBJECT_REFERENCE], True),
        (Role.STRANGER, [Strength.BODY_MARKER], True),
        (Role.STRANGER, [Strength.STORED_MESSAGE_ID], True),
        (Role.CUSTOMER, [Strength.MENTIONED_MESSAGE_ID], True),
        (Role.PARTICIPANT, [Strength.MENTIONED_MESSAGE_ID], True),
        (Role.AGENT, [Strength.MENTIONED_MESSAGE_ID], True),
    ],
)
def test_a_message_id_that_is_only_mentioned_says_nothing_of_a_stranger(role, strengths, is_chosen):
    one = candidate(1, role, *strengths)
    assert follow_up.choose([one]) == (one if is_chosen else None)


def test_a_stranger_who_wrote_to_the_tickets_people_as_well_is_of_their_conversation():
    one = replace(candidate(1, Role.STRANGER, Strength.MENTIONED_MESSAGE_ID), is_to_its_people=True)
    assert follow_up.choose([one]) == one


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.PARTICIPANT, Role.AGENT])
def test_whether_a_mail_came_or_was_only_mentioned_is_chance_and_ones_own_ticket_is_not(role):
    his, other = (
        candidate(1, role, Strength.MENTIONED_MESSAGE_ID),
        candidate(2, Role.STRANGER, Strength.STORED_MESSAGE_ID),
    )
    assert follow_up.choose((other, his)) == his == follow_up.choose((his, other))
    nearer = candidate(1, role, Strength.STORED_MESSAGE_ID)
    assert follow_up.choose((nearer, candidate(2, role, Strength.MENTIONED_MESSAGE_ID))) == nearer


def test_many_weak_clues_do_not_outweigh_a_strong_one():
    many = candidate(2, Role.CUSTOMER, Strength.BODY_MARKER, Strength.SUBJECT_REFERENCE, Strength.STORED_MESSAGE_ID)
    one = candidate(1, Role.CUSTOMER, Strength.REPLY_ADDRESS)
    assert follow_up.choose((many, one)) == one


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.PARTICIPANT, Role.AGENT])
def test_between_equal_clues_the_ticket_wins_on_which_the_author_has_a_part(role):
    his = candidate(1, role, Strength.STORED_MESSAGE_ID)
    newer = candidate(2, Role.STRANGER, Strength.STORED_MESSAGE_ID)
    assert follow_up.choose((newer, his)) == his


def test_between_equals_the_newest_ticket_wins():
    old, new = (candidate(number, Role.CUSTOMER, Strength.SUBJECT_REFERENCE) for number in (1, 2))
    assert follow_up.choose((new, old)) == new == follow_up.choose((old, new))


def test_a_tickets_clues_are_those_with_its_code_and_its_stored_message_ids():
    clues = (Clue(Strength.REPLY_ADDRESS, ONE.code), Clue(Strength.BODY_MARKER, TWO.code))
    assert follow_up.strengths_for(ONE, clues, ()) == {Strength.REPLY_ADDRESS}
    stored = (Strength.STORED_MESSAGE_ID,)
    assert follow_up.strengths_for(TWO, clues, stored) == {Strength.BODY_MARKER, Strength.STORED_MESSAGE_ID}
