"""Until when a survey may be answered on its web page, and what of a form's words is kept. It shows nothing."""

import re
import unicodedata
from datetime import datetime, timedelta

from gateway.tickets.policy import SurveyPage

_LINE_END = re.compile(r"\r\n|[\r\n\u2028\u2029]")
LONGEST_COMMENT = 2000
MOST_ANSWERS = 10
"""Somebody who has the link may write to the agents as often."""


def is_open(sent_at: datetime, now: datetime, page: SurveyPage) -> bool:
    """Whether the link still leads to the page."""
    return now < sent_at + timedelta(days=page.link_days)


def may_answer(answers: int, first_at: datetime | None, now: datetime, page: SurveyPage, *, is_rated: bool) -> bool:
    """Whether an answer counts: the first rating always, another for some hours after the first of the `answers`."""
    if not is_rated or first_at is None:
        return answers < MOST_ANSWERS
    return answers < MOST_ANSWERS and now < first_at + timedelta(hours=page.change_hours)


def comment_of(written: str) -> str:
    """The words of a form's text field: line ends as ours, without control characters and space around them."""
    lines = _LINE_END.split(written)
    return "\n".join("".join(filter(_is_shown, line)).rstrip() for line in lines).strip()


def _is_shown(letter: str) -> bool:
    return letter == "\t" or unicodedata.category(letter) not in {"Cc", "Cs"}
