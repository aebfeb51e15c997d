"""Whole messages as clients of today send them: every value that matters, read end to end."""

import tomllib
from pathlib import Path

import pytest

from gateway.mail import automatic, delivery_report, language, reply_text, subject
from gateway.mail.envelope import Envelope
from gateway.mail.parse import parse

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.eml"))


def _read(path):
    expected = tomllib.loads(path.with_suffix(".toml").read_text("utf-8"))
    return parse(path.read_bytes()), expected


@pytest.fixture(params=GOLDEN, ids=lambda path: path.stem)
def case(request):
    return _read(request.param)


def _shown(mailbox):
    return f"{mailbox.name} <{mailbox.address}>" if mailbox.name else mailbox.address


def test_headers(case):
    message, expected = case
    seen = {
        "subject": message.subject,
        "base": subject.base(message.subject),
        "from": _shown(message.author) if message.author else "",
        "to": [_shown(mailbox) for mailbox in message.to],
        "cc": [_shown(mailbox) for mailbox in message.cc],
        "message_id": message.message_id,
        "in_reply_to": list(message.in_reply_to),
        "references": list(message.references),
        "date": message.date,
    }
    assert {key: seen[key] for key in seen if key in expected} == {
        key: expected[key] for key in seen if key in expected
    }


def test_text(case):
    message, expected = case
    assert "not understood" not in " ".join(message.defects)
    if "text" in expected:
        assert message.text.rstrip("\n") == expected["text"].rstrip("\n")
    for words in expected.get("text_contains", ()):
        assert words in message.text


def test_attachments(case):
    message, expected = case
    if "attachments" in expected:
        assert [[file.name, file.size, file.is_inline] for file in message.attachments] == expected["attachments"]


def test_reply_text(case):
    message, expected = case
    found = reply_text.extract(message)
    if "reply" in expected:
        assert found.text == expected["reply"]
    if "folds" in expected:
        assert [[fold.kind, fold.first, fold.last] for fold in found.folded] == expected["folds"]


def test_kind(case):
    message, expected = case
    found = automatic.read(message, Envelope(expected.get("envelope_from"), ()))
    assert (found.kind or "") == expected.get("kind", "")
    if "suppresses" in expected:
        assert set(expected["suppresses"]) <= set(found.suppresses_reply)
        assert expected["suppresses"] or not found.suppresses_reply


def test_delivery_report(case):
    message, expected = case
    found = delivery_report.read(message)
    assert (found is not None) == (expected.get("kind") == "delivery-report")
    if found is not None:
        assert [[each.address, each.status, each.is_permanent] for each in found.failed] == expected["failed"]
        assert found.is_delayed == expected.get("is_delayed", False)
        assert found.original_message_id == expected["original_message_id"]


def test_language(case):
    message, expected = case
    if "language" in expected:
        assert language.detect(reply_text.extract(message).text) == expected["language"]


def test_report_part(case):
    message, expected = case
    if "report_type" in expected:
        assert message.report is not None
        assert message.report.report_type == expected["report_type"]
        assert message.report.groups
