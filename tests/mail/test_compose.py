"""What we send: clean octets, no way to smuggle a field in, readable by any parser."""

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.address import Mailbox
from gateway.mail.compose import Outgoing, compose
from gateway.mail.message import Attachment
from gateway.mail.parse import parse

PLAIN = Outgoing(
    from_=Mailbox("Support", "support@desk.example"),
    to=(Mailbox("Jane Roe", "jane@customer.example"),),
    subject="[T-1] Printer",
    date=datetime(2025, 6, 3, 9, 15, tzinfo=timezone(timedelta(hours=3))),
    message_id="m1@desk.example",
    text="Hello,\n\nit works.\n",
)
PDF = Attachment("report.pdf", "application/pdf", b"%PDF-1.4\n")
EML = Attachment("inner.eml", "message/rfc822", b"Subject: inner\n\nwords\n")


def _head(raw):
    return raw.partition(b"\r\n\r\n")[0]


def _is_clean(raw):
    assert raw.isascii()
    assert b"\x00" not in raw
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_the_plainest_message_in_full():
    assert compose(PLAIN) == (
        b"From: Support <support@desk.example>\r\n"
        b"To: Jane Roe <jane@customer.example>\r\n"
        b"Subject: [T-1] Printer\r\n"
        b"Date: Tue, 03 Jun 2025 09:15:00 +0300\r\n"
        b"Message-ID: <m1@desk.example>\r\n"
        b"MIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: 7bit\r\n"
        b"\r\n"
        b"Hello,\r\n\r\nit works.\r\n"
    )


def test_same_input_same_octets():
    outgoing = replace(PLAIN, html="<p>x", attachments=(PDF, EML))
    assert compose(outgoing) == compose(outgoing)


@pytest.mark.parametrize(
    "text",
    ["Zażółć gęślą jaźń", "Здравствуйте, спасибо", "您好，谢谢", "Ευχαριστώ", "Paldies, lūdzu", "a" * 3000, "💬" * 500],
)
def test_words_of_all_languages_come_back(text):
    outgoing = replace(
        PLAIN, subject=text[:200], text=text, html=f"<p>{text}", from_=Mailbox(text[:60], "support@desk.example")
    )
    raw = compose(outgoing)
    _is_clean(raw)
    message = parse(raw)
    assert message.subject == text[:200]
    assert message.text == text
    assert message.html == f"<p>{text}\n"
    assert message.from_ == (Mailbox(text[:60], "support@desk.example"),)
    other = email.message_from_bytes(raw)
    assert str(make_header(decode_header(other["subject"]))) == text[:200]
    assert " ".join(str(make_header(decode_header(other["from"]))).split()) == f"{text[:60]} <support@desk.example>"


@pytest.mark.parametrize(
    "name",
    [
        "Roe, Jane",
        'Jane "JR" Roe',
        "back\\slash",
        "Jane (desk)",
        "a@b",
        "[x]",
        'Żółć, "K"',
        "=?utf-8?Q?x?=",
        "J. R.",
        "x" * 150,
    ],
)
def test_names_come_back(name):
    raw = compose(replace(PLAIN, to=(Mailbox(name, "jane@customer.example"),)))
    _is_clean(raw)
    assert parse(raw).to == (Mailbox(name, "jane@customer.example"),)


INJECTIONS = [
    "x\r\nBcc: evil@x.example",
    "x\nBcc: evil@x.example",
    "x\rBcc: evil@x.example",
    "x\r\n\r\nbody",
    "x\x00y",
    "x\u2028Bcc: e",
    "x\x85Bcc: e",
    "x\x0bBcc: e",
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_field_can_be_smuggled_in(text):
    raw = compose(
        replace(
            PLAIN,
            subject=text,
            from_=Mailbox(text, "support@desk.example"),
            to=(Mailbox(text, "jane@customer.example"),),
            headers=(("X-Queue", text),),
            attachments=(Attachment(text, f"text/{text}", b"x", content_id=text),),
        )
    )
    _is_clean(raw)
    names = [line.partition(b":")[0].lower() for line in _head(raw).split(b"\r\n") if not line.startswith(b" ")]
    assert b"bcc" not in names
    assert len(names) == len(set(names)) == 8
    message = parse(raw)
    assert len(message.attachments) == 1
    assert message.text == PLAIN.text.strip()


@pytest.mark.parametrize(
    "change",
    [
        {"to": (Mailbox("", "użytkownik@x.example"),)},
        {"to": (Mailbox("", "a@żółw.example"),)},
        {"to": (Mailbox("", "a@x.example\r\nBcc: b@x.example"),)},
        {"to": (Mailbox("", "nobody"),)},
        {"from_": Mailbox("", "")},
        {"cc": (Mailbox("", "a b@x.example"),)},
        {"reply_to": Mailbox("", "<a@x.example>")},
        {"message_id": ""},
        {"message_id": "a b@x"},
        {"message_id": "a@x>\r\nBcc: b"},
        {"in_reply_to": "a\n@x"},
        {"references": ("a@x", "b@x\r\n")},
        {"date": datetime(2025, 6, 3)},
        {"headers": (("Bcc", "x@y.example"),)},
        {"headers": (("Subject", "again"),)},
        {"headers": (("Content-Type", "text/html"),)},
        {"headers": (("X Bad", "x"),)},
        {"headers": (("X-Bad:", "x"),)},
        {"headers": (("", "x"),)},
        {"headers": (("X-Ł", "x"),)},
    ],
    ids=str,
)
def test_what_cannot_be_sent_is_refused(change):
    with pytest.raises(ValueError, match=r"cannot be written|not a|time zone"):
        compose(replace(PLAIN, **change))


def test_references_are_capped_at_both_ends_and_never_broken():
    ids = tuple(f"{number}.{'x' * 100}@desk.example" for number in range(50))
    raw = compose(replace(PLAIN, in_reply_to=ids[-1], references=ids))
    _is_clean(raw)
    message = parse(raw)
    assert message.references == ids[:4] + ids[-6:]
    assert message.in_reply_to == (ids[-1],)


def test_extra_fields_are_written_and_folded():
    raw = compose(
        replace(
            PLAIN,
            headers=(("Auto-Submitted", "auto-replied"), ("X-Long", "word " * 100), ("X-Ż".replace("Ż", "Z"), "ż")),
        )
    )
    _is_clean(raw)
    message = parse(raw)
    assert message.header("Auto-Submitted") == "auto-replied"
    assert message.header("X-Long") == ("word " * 100).strip()
    assert message.header("X-Z") == "ż"


def test_no_recipient_is_written_as_an_empty_group():
    assert b"\r\nTo: undisclosed-recipients:;\r\n" in compose(replace(PLAIN, to=()))


STRUCTURES = [
    ({}, "text/plain"),
    ({"html": "<p>x"}, ("multipart/alternative", "text/plain", "text/html")),
    ({"attachments": (PDF,)}, ("multipart/mixed", "text/plain", "application/pdf")),
    (
        {"html": "<p>x", "attachments": (PDF, EML)},
        ("multipart/mixed", ("multipart/alternative", "text/plain", "text/html"), "application/pdf", "message/rfc822"),
    ),
]


def _shape(part):
    if part.get_content_type() == "message/rfc822" or not part.is_multipart():
        return part.get_content_type()
    return (part.get_content_type(), *map(_shape, part.get_payload()))


@pytest.mark.parametrize(("change", "shape"), STRUCTURES)
def test_structure(change, shape):
    raw = compose(replace(PLAIN, **change))
    _is_clean(raw)
    parsed = email.message_from_bytes(raw)
    assert _shape(parsed) == shape
    assert not [defect for part in parsed.walk() for defect in part.defects]


FILES = [
    Attachment("report.pdf", "application/pdf", bytes(range(256)) * 20),
    Attachment("Żółty raport z bardzo długą nazwą, która nie mieści się w jednej linii.pdf", "application/pdf", b"x"),
    Attachment("发票.pdf", "application/pdf", b"x"),
    Attachment('we"ird;name=x.txt', "text/plain", b"line\r\nFrom me\r\n.\r\n"),
    Attachment("smime.p7s", "application/pkcs7-signature", b"\x30\x82\x00\xff"),
    Attachment("empty.bin", "application/octet-stream", b""),
    Attachment("odd", "no media type", b"x"),
    Attachment("logo.png", "image/png", b"x", content_id="logo@x", is_inline=True),
    Attachment("eight.eml", "message/rfc822", "Subject: ż\n\nż".encode()),
    Attachment("long", "message/rfc822", b"Subject: x\n\n" + b"y" * 2000),
    Attachment("clean.eml", "message/rfc822", b"Subject: x\n\nwords\n"),
    Attachment("status", "message/delivery-status", b"Action: failed\n"),
]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_files_come_back(file):
    raw = compose(replace(PLAIN, attachments=(file,), html="<img src='cid:logo@x'>" if file.is_inline else ""))
    _is_clean(raw)
    (found,) = parse(raw).attachments
    if file.content_type == "message/rfc822" and found.content_type == "message/rfc822":
        assert found.content.replace(b"\r\n", b"\n") == file.content
    else:
        assert found.content == file.content
    assert found.is_inline == file.is_inline
    assert found.name.rpartition(".")[0] or found.name == file.name
    if file.name.endswith(".pdf"):
        assert found.name == file.name
        other = email.message_from_bytes(raw, policy=email.policy.default)
        assert [part.get_filename() for part in other.iter_attachments()] == [file.name]


def test_an_attached_message_is_never_base64_and_opens_by_its_name():
    raw = compose(replace(PLAIN, attachments=(FILES[8],)))
    (found,) = parse(raw).attachments
    assert (found.name, found.content_type) == ("eight.eml", "application/octet-stream")


def test_text_that_looks_like_a_boundary_does_not_end_its_part():
    raw = compose(replace(PLAIN, html="<p>x"))
    (boundary,) = re.findall(r'boundary="([^"]+)"', raw.decode())
    text = f"--{boundary}\nContent-Type: text/html\n\nsmuggled\n--{boundary}--\n"
    message = parse(compose(replace(PLAIN, html="<p>x", text=text)))
    assert message.text == text.strip()


@pytest.mark.parametrize(
    "text", ["From me\n", ".\n", "..\n", "trailing \n", "tab\t\n", "-- \nsig\n", "\x0c\n", "=20\n", "no end"]
)
def test_delicate_lines_come_back(text):
    raw = compose(replace(PLAIN, text=text))
    _is_clean(raw)
    body = raw.partition(b"\r\n\r\n")[2]
    assert not body.startswith((b"From ", b".\r\n"))
    assert not re.search(rb"[ \t]\r\n", body)
    assert parse(raw).text.replace("\x0c", "\n").rstrip("\n") == text.replace("\x0c", "\n").rstrip("\n")


@given(
    subject=st.text(max_size=300),
    name=st.text(max_size=100),
    text=st.text(st.characters(codec="utf-8"), max_size=400),
    file_name=st.text(max_size=100),
    content=st.binary(max_size=300),
)
def test_anything_makes_clean_octets(subject, name, text, file_name, content):
    raw = compose(
        replace(
            PLAIN,
            subject=subject,
            from_=Mailbox(name, "support@desk.example"),
            text=text,
            date=datetime(2025, 6, 3, tzinfo=UTC),
            attachments=(
                Attachment(file_name, "application/zip", content),
                Attachment("m.eml", "message/rfc822", content),
            ),
        )
    )
    _is_clean(raw)
    message = parse(raw)
    assert next(file.content for file in message.attachments) == content
    assert message.from_[0].address == "support@desk.example"
