from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.tickets import survey_page
from gateway.tickets.policy import SurveyPage
from gateway.tickets.survey_page import MOST_ANSWERS, comment_of, is_open, may_answer
from tests.builders import DAY, HOUR, NOW

PAGE = SurveyPage("https://desk.test", link_days=30, change_hours=24)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(("after", "leads_there"), [(0 * DAY, True), (30 * DAY - MOMENT, True), (30 * DAY, False)])
def test_a_link_leads_there_for_some_days(after, leads_there):
    assert is_open(NOW, NOW + after, PAGE) is leads_there


@pytest.mark.parametrize(
    ("answers", "first_after", "is_rated", "counts"),
    [
        (0, None, False, True),  # nothing yet
        (1, 0 * HOUR, True, True),
        (1, 24 * HOUR - MOMENT, True, True),
        (1, 24 * HOUR, True, False),
        (1, 300 * HOUR, False, True),  # words alone, by mail: the rating is still to come
        (MOST_ANSWERS - 1, 0 * HOUR, True, True),
        (MOST_ANSWERS, 0 * HOUR, True, False),
        (MOST_ANSWERS, 0 * HOUR, False, False),
    ],
)
def test_the_first_rating_counts_and_changes_for_some_hours(answers, first_after, is_rated, counts):
    first_at = None if first_after is None else NOW - first_after
    assert may_answer(answers, first_at, NOW, PAGE, is_rated=is_rated) is counts


def test_without_hours_a_rating_stays():
    page = SurveyPage("https://desk.test", change_hours=0)
    assert not may_answer(1, NOW, NOW, page, is_rated=True)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("", ""),
        ("  Thank you.  \r\n\r\n", "Thank you."),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("a\x00b\x07c\x1b[2Jd\x9be", "abc[2Jde"),
        ("tab\tstays", "tab\tstays"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),  # escaped where it is shown
        ("👨\u200d👩\u200d👧 Ευχαριστώ! 谢谢", "👨\u200d👩\u200d👧 Ευχαριστώ! 谢谢"),
        ("\ud800", ""),
    ],
)
def test_a_comment_is_kept_as_it_was_meant(written, kept):
    assert comment_of(written) == kept


@given(st.text())
@example("\r\r\n\n")
def test_no_comment_can_hurt_who_stores_or_prints_it(written):
    kept = comment_of(written)
    kept.encode()
    assert comment_of(kept) == kept
    assert len(kept) <= len(written)
    assert not any(letter < " " and letter not in "\n\t" for letter in kept)
    assert kept == kept.strip()


def test_the_bound_is_what_the_form_says():
    assert survey_page.LONGEST_COMMENT == 2000
