"""A rating from the web page is one like any other: kept, in the history, told when it matters; the ledger agrees."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway import store
from gateway.desk.ratings import Ratings
from gateway.tickets.model import ArticleKind, State, TicketId
from gateway.tickets.notices import NoticeKind, Reason
from gateway.tickets.policy import SurveyPage
from gateway.tickets.survey import Rating
from gateway.tickets.survey_page import MOST_ANSWERS
from tests.builders import DAY, HOUR, KIM, POLICY

ANNA = "anna@agents.test"


@pytest.fixture
def surveyed(office):
    """Kim's closed ticket, for which she has just been asked for a rating."""
    office.change_policy(survey_page=SurveyPage("https://desk.test"))
    ticket = office.answered("#close\nDone.")
    office.pass_days(1)
    assert office.last(NoticeKind.SURVEY)
    office.notices()
    return office.ticket(ticket.id)


@pytest.fixture
def take(office, surveyed):
    def answer(value: int, comment: str = "", after: timedelta = HOUR) -> bool:
        office.clock += after
        return Ratings(office.database, office.desk, lambda: office.clock).take(surveyed.id, Rating(value, comment))

    return answer


def survey_of(office, ticket):
    with office.database.read() as db:
        return store.surveys.get(db, ticket.id)


def is_sound(office) -> bool:
    with office.database.read() as db:
        return store.ledger.verify(db) == ()


def test_a_rating_is_stored_and_told_in_the_history_and_moves_nothing(office, surveyed, take):
    assert take(4)
    assert (survey_of(office, surveyed).rating, survey_of(office, surveyed).rated_at) == (4, office.clock)
    event = office.history(surveyed)[-1]
    assert (event.actor, event.what, event.why) == (KIM.address, "rated", "4 of 5, on the survey page")
    assert office.ticket(surveyed.id) == surveyed
    assert surveyed.state is State.CLOSED
    assert office.told() == [], "the page thanks, and nobody need think about it"
    assert is_sound(office)


def test_a_poor_rating_with_words_is_told_to_the_agent(office, surveyed, take):
    assert take(1, "Nobody called back.")
    (told,) = office.notices()
    assert (told.notice.to[0].address, told.notice.reason) == (ANNA, Reason.RATED)
    assert (told.notice.rating, told.notice.text) == (1, "Nobody called back.")
    article = office.conversation(surveyed)[-1]
    assert (article.kind, article.author, article.text) == (ArticleKind.CUSTOMER, KIM, "Nobody called back.")
    assert is_sound(office)


@pytest.mark.parametrize("value", [1, 2, 3])
def test_a_poor_rating_is_told_even_without_a_word(office, take, value):
    assert take(value)
    assert office.told() == [(ANNA, "agent_notice", "rated")]


def test_the_same_answer_again_changes_nothing(office, surveyed, take):
    for _ in range(3):
        assert take(2, "Slow.", after=timedelta(seconds=1))
    assert survey_of(office, surveyed).comment == "Slow."
    assert [event.what for event in office.history(surveyed)].count("rated") == 1
    assert len(office.notices()) == 1


def test_it_can_be_changed_for_some_hours_and_no_longer(office, surveyed, take):
    assert take(1)
    assert take(5, "It was my mistake.", after=23 * HOUR)
    assert not take(2, after=HOUR)
    assert (survey_of(office, surveyed).rating, survey_of(office, surveyed).comment) == (5, "It was my mistake.")
    assert is_sound(office)


def test_the_link_ends(office, surveyed, take):
    assert not take(5, after=30 * DAY)
    assert survey_of(office, surveyed).rating is None


def test_nobody_answers_without_end(office, surveyed, take):
    taken = [take(number % 5 + 1, f"word {number}", timedelta(seconds=1)) for number in range(MOST_ANSWERS + 5)]
    assert taken == [True] * MOST_ANSWERS + [False] * 5
    assert [event.what for event in office.history(surveyed)].count("rated") == MOST_ANSWERS


def test_what_was_never_asked_is_not_rated(office):
    ticket = office.opened()
    ratings = Ratings(office.database, replace(office.desk, policy=POLICY), lambda: office.clock)
    assert not ratings.take(ticket.id, Rating(5, ""))
    assert not ratings.take(TicketId(4711), Rating(5, ""))
    assert "rated" not in [event.what for event in office.history(ticket)]
