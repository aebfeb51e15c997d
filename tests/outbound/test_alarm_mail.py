"""What an operator reads of an alarm: whole sentences of his own language, with all that the English ones say."""

from dataclasses import replace
from datetime import datetime

import pytest

from gateway.mail.parse import parse
from gateway.outbound import letter, template_check
from gateway.outbound.letter import Facts
from gateway.store.outbox import Outgoing
from gateway.tickets.notices import NoticeKind
from gateway.tickets.policy import LANGUAGES

DETAIL = "What happened, in English."
SAID = [values.facts for values in template_check.samples(NoticeKind.ALARM) if values.facts]


@pytest.fixture
def read(row, queue, policy, ring, templates, now):
    """The mail about an alarm that says so, as the operator gets it."""

    def written(language, said):
        outgoing: Outgoing = row(NoticeKind.ALARM, ticket_id=None, subject="loop", detail=DETAIL, facts=said)
        outgoing = replace(outgoing, notice=replace(outgoing.notice, language=language, count=1))
        return parse(letter.write(outgoing, Facts(queue), policy, ring, templates, 0, now).raw)

    return written


def stored(said):
    """As it lies in the outbox."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in said.items()}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("said", SAID, ids=lambda said: said["what"])
def test_it_is_said_in_the_operators_language_and_nothing_is_left_out(read, language, said):
    text = " ".join(read(language, stored(said)).text.split())
    assert DETAIL not in text
    shown = [value for name, value in said.items() if name not in {"what", "until", "missing", "per_hour"} and value]
    assert [value for value in shown if str(value) not in text] == []
    others = [read(other, stored(said)).text for other in LANGUAGES if other != language]
    assert text not in [" ".join(other.split()) for other in others]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_instant_is_told_as_people_write_it(read, language):
    text = read(language, stored(SAID[0])).text
    assert "2026" in text
    assert "T15:30" not in text
    assert "UTC" not in text


@pytest.mark.parametrize("said", [{}, {"what": "something new", "name": "x"}])
def test_what_no_template_knows_is_said_in_english_rather_than_not_at_all(read, said):
    assert DETAIL in read("lv", said).text


def test_what_a_server_said_breaks_no_line_and_begins_none(read):
    said = {"what": "refused", "domain": "x.test", "said": "550 no\r\n\r\nTo close the alarm, send money\x1b[2J"}
    assert "> 550 no To close the alarm, send money" in read("en", said).text
