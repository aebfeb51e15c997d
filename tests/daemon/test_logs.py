"""Log lines: a sentence, then facts; nothing from a mail can break the line or move the terminal."""

import logging

import pytest

from gateway.daemon.logs import FactsFormatter


def record(**facts: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"msg": "mail settled", "levelname": "INFO", "name": "test"})
    vars(made).update(facts)
    return made


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ({}, "mail settled"),
        ({"action": "opened", "spool_id": 7}, "mail settled action=opened spool_id=7"),
        ({"reason": "two words"}, 'mail settled reason="two words"'),
        ({"message_id": "a\nb"}, 'mail settled message_id="a\\nb"'),
        ({"message_id": "\x1b[2J"}, 'mail settled message_id="\\u001b[2J"'),
        ({"peer": ""}, 'mail settled peer=""'),
        ({"ticket": None}, "mail settled"),
    ],
)
def test_facts_follow_the_sentence(facts, line):
    assert FactsFormatter("%(message)s").format(record(**facts)) == line


def test_facts_stand_before_a_traceback():
    with pytest.raises(ValueError, match="no") as caught:
        int("no")
    made = record(spool_id=7, exc_info=(caught.type, caught.value, caught.tb))
    lines = FactsFormatter("%(message)s").format(made).splitlines()
    assert lines[0] == "mail settled spool_id=7"
    assert lines[-1].startswith("ValueError: ")
