from gateway import store
from gateway.store import surveys
from gateway.store.surveys import Survey
from gateway.tickets.model import Event
from tests.builders import HOUR, NOW


def test_a_survey_is_sent_once(db, ticket):
    assert surveys.get(db, ticket.id) is None
    assert surveys.send(db, ticket.id, NOW)
    assert not surveys.send(db, ticket.id, NOW + HOUR)
    assert surveys.get(db, ticket.id) == Survey(NOW, None, "", None)


def test_a_rating_can_be_changed_and_comments_add_up(db, ticket):
    surveys.send(db, ticket.id, NOW)
    surveys.rate(db, ticket.id, 2, "Slow.", NOW + HOUR)
    surveys.rate(db, ticket.id, 4, "", NOW + 2 * HOUR)
    surveys.rate(db, ticket.id, None, "But friendly.", NOW + 3 * HOUR)
    assert surveys.get(db, ticket.id) == Survey(NOW, 4, "Slow.\n\nBut friendly.", NOW + 2 * HOUR)


def test_a_comment_alone_is_no_rating(db, ticket):
    surveys.send(db, ticket.id, NOW)
    surveys.rate(db, ticket.id, None, "Hm.", NOW)
    assert surveys.get(db, ticket.id) == Survey(NOW, None, "Hm.", None)


def test_what_was_never_asked_cannot_be_rated(db, ticket):
    surveys.rate(db, ticket.id, 5, "", NOW)
    assert surveys.get(db, ticket.id) is None


def test_answers_are_counted_from_the_first_by_whatever_way(db, ticket):
    assert surveys.answers(db, ticket.id) == (0, None)
    for hours, what in ((1, "surveyed"), (2, "rated"), (3, "rated")):
        store.tickets.add_event(db, ticket.id, Event(NOW + hours * HOUR, "kim", what, ""))
    assert surveys.answers(db, ticket.id) == (2, NOW + 2 * HOUR)
