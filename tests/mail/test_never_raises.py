"""Whatever arrives, every reader of mail answers: arbitrary octets, and real messages with damage."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail import automatic, delivery_report, language, reply_text, subject
from gateway.mail.compose import Outgoing, compose
from gateway.mail.envelope import Envelope
from gateway.mail.parse import parse, trace

GOLDEN = [path.read_bytes() for path in sorted((Path(__file__).parent / "golden").glob("*.eml"))]


def _read_all(raw):
    message = parse(raw)
    assert not [defect for defect in message.defects if defect.startswith("not understood")]
    for _, value in message.headers:
        assert not set(value) & {"\r", "\n", "\x00"}
    lines = message.text.split("\n")
    assert all(1 <= mark.first <= mark.last <= max(1, len(lines)) for mark in message.marks)
    names = [file.name.casefold() for file in message.attachments]
    assert len(names) == len(set(names))
    found = reply_text.extract(message)
    assert found.full == message.text
    assert found.text.strip() or not message.text.strip()
    _folds_are_sound(found)
    automatic.read(message, Envelope(None, ()))
    automatic.read(message, Envelope("", ()))
    delivery_report.read(message)
    language.detect(message.text)
    subject.base(message.subject)
    return message


def _folds_are_sound(found):
    lines = found.full.split("\n")
    last = 0
    for fold in found.folded:
        assert last < fold.first <= fold.last <= len(lines)
        last = fold.last
    hidden = {number for fold in found.folded for number in range(fold.first, fold.last + 1)}
    shown = [line for number, line in enumerate(lines, 1) if number not in hidden]
    assert found.text == "\n".join(shown).strip("\n").rstrip()


@given(st.binary(max_size=2000))
@settings(max_examples=300)
def test_arbitrary_octets(raw):
    _read_all(raw)
    trace(raw)


@given(st.sampled_from(GOLDEN), st.data())
@settings(max_examples=400)
def test_damaged_messages(raw, data):
    kind = data.draw(st.sampled_from(["cut", "flip", "remove", "repeat", "insert"]))
    start = data.draw(st.integers(0, len(raw)))
    end = min(len(raw), start + data.draw(st.integers(0, 80)))
    match kind:
        case "cut":
            raw = raw[:start]
        case "flip":
            raw = raw[:start] + bytes(octet ^ 0x80 for octet in raw[start:end]) + raw[end:]
        case "remove":
            raw = raw[:start] + raw[end:]
        case "repeat":
            raw = raw[:end] + raw[start:]
        case _:
            raw = raw[:start] + data.draw(st.binary(max_size=40)) + raw[start:]
    _read_all(raw)


LINES = st.sampled_from(
    ["", "words of mine", "> quoted", ">> deeper", "-- ", "--", "On 2025-06-03 10:00, A <a@b.example> wrote:", "wrote:",
     "-----Original Message-----", "From: a@b.example", "Sent: 2025", "To: x", "Subject: y", "Sent from my phone",
     "________________________________", "This email is confidential", "Od: a@b.example", "Ваш", "писал:", "\u2028",
     "a" * 500, ">" * 300, "On", "<a@b.example> wrote:", "---------- Forwarded message ---------"]
)  # fmt: skip


@given(st.lists(LINES, max_size=40))
@settings(max_examples=400)
def test_letters_of_any_lines(lines):
    _read_all(("Content-Type: text/plain; charset=utf-8\n\n" + "\n".join(lines)).encode())


HOSTILE = {
    "a megabyte of quote marks": b"\n" + b">" * 1_000_000,
    "quote marks on lines": b"\n" + b">\n" * 300_000,
    "3 MB of nested parts": b"".join(
        b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (number, number + 1) for number in range(60_000)
    ),
    "nested parts from the head on": b"Content-Type: multipart/mixed; boundary=b0\n\n"
    + b"".join(b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (at, at + 1) for at in range(50_000)),
    "parts without end": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 200_000,
    "100,000 fields": b"".join(b"X-%d: y\n" % number for number in range(100_000)) + b"\nwords",
    "a line of 10 MB": b"\n" + b"a" * 10_000_000,
    "a field of 10 MB": b"Subject: " + b"a" * 10_000_000,
    "encoded words without end": b"Subject: " + b"=?a?Q?" * 100_000 + b"\n\n",
    "addresses": b"To: " + b"a@b.example, " * 100_000 + b"\n\n",
    "brackets": b"To: " + b"<" * 300_000 + b"\nReferences: " + b"<" * 300_000 + b"\n\n",
    "quotes": b"From: " + b'"' * 300_001 + b"\n\n",
    "deep html": b"Content-Type: text/html\n\n" + b"<div>" * 200_000,
    "deep quotes": b"Content-Type: text/html\n\n" + b"<blockquote>" * 100_000 + b"x",
    "opened tags": b"Content-Type: text/html\n\n" + b"<" * 1_000_000,
    "uuencode without end": b"\n" + b"begin 644 x\n#0V%T\n" * 50_000 + b"\nend\n",
    "introductions": b"\n" + b"On 2025-06-03 10:00 a@b.example wrote:\n" * 30_000,
    "signature marks": b"\n" + b"--\n" * 300_000,
    "labels": b"\n" + b"From: a\n\n" * 100_000,
    "empty lines": b"\n" * 5_000_000,
    "nul octets": b"\0" * 5_000_000,
    "carriage returns": b"a\r" * 2_000_000,
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_hostile_messages(raw):
    _read_all(raw)


@pytest.mark.parametrize("raw", GOLDEN)
def test_what_was_read_can_be_sent_on_and_read_again(raw):
    from datetime import UTC, datetime

    from gateway.mail.address import Mailbox

    message = parse(raw)
    sent = compose(
        Outgoing(
            from_=Mailbox("Desk", "desk@example.com"),
            to=(Mailbox("Agent", "agent@example.com"),),
            subject=message.subject,
            date=datetime(2025, 6, 3, tzinfo=UTC),
            message_id="x@example.com",
            text=message.text,
            html=message.html,
            attachments=message.attachments,
        ),
    )
    again = parse(sent)
    assert again.subject == " ".join(message.subject.split(" "))
    assert again.text.rstrip("\n") == message.text.rstrip("\n")
    assert [file.size for file in again.attachments] == [file.size for file in message.attachments]
