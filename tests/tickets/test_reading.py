import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail.envelope import Envelope
from gateway.mail.parse import parse
from gateway.tickets import reading
from gateway.tickets.classify import Kind
from gateway.tickets.evidence import Strength
from gateway.tickets.reading import Reading
from tests.builders import KIM, POLICY, RING, envelope, mail, ticket


def read(raw: bytes, env: Envelope | None = None) -> Reading:
    return reading.read(raw, env or envelope(), RING, POLICY)


def test_an_ordinary_mail_is_read_whole():
    raw = mail(
        "The printer is still on fire and nobody came to help us.\n\nOn Monday, Example Support wrote:\n> Is it?",
        subject=f"Re: [{ticket(1).reference}] Printer",
        message_id="a1@customer.test",
    )
    found = read(raw)
    assert found.author == KIM
    assert found.reply.text == "The printer is still on fire and nobody came to help us."
    assert found.classified.kind is Kind.REQUEST
    assert [clue.strength for clue in found.evidence.clues] == [Strength.SUBJECT_REFERENCE]
    assert (found.report, found.routed.queue, found.language) == (None, "support", "en")


@pytest.mark.parametrize(
    ("fields", "mail_from", "address"),
    [
        ("From: a@x.test\r\nSender: b@x.test\r\nReply-To: c@x.test\r\n", "d@x.test", "a@x.test"),
        ("Sender: b@x.test\r\nReply-To: c@x.test\r\n", "d@x.test", "b@x.test"),
        ("From: nobody at all\r\nReply-To: c@x.test\r\n", "d@x.test", "d@x.test"),
        ("From: nobody at all\r\nReply-To: c@x.test\r\n", "", None),
        ("From: a@x.test\r\nReply-To: c@x.test\r\n", "d@x.test", "a@x.test"),
        ("Subject: hi\r\n", "d@x.test", "d@x.test"),
        ("Subject: hi\r\n", "", None),
        ("Subject: hi\r\n", None, None),
        ("Subject: hi\r\n", "not an address", None),
    ],
)
def test_the_author_is_from_then_whoever_else_can_be_answered(fields, mail_from, address):
    found = read(f"{fields}\r\nHello\r\n".encode(), Envelope(mail_from, ("support@desk.test",)))
    assert (found.author.address if found.author else None) == address


def digest(raw: bytes) -> str:
    return reading.digest(parse(raw))


SAME = mail(message_id="a1@customer.test")


@pytest.mark.parametrize(
    "other",
    [
        SAME,
        b"Received: from somewhere by us\r\nDelivered-To: billing@desk.test\r\n" + SAME,
        mail(message_id="a1@customer.test", to="billing@desk.test"),
        mail(message_id="a1@customer.test", sender="KIM@customer.test"),
        mail("The printer  is\non fire.", message_id="a1@customer.test"),
        mail(message_id="a1@customer.test", date="Mon, 04 May 2026 11:59:00 +0200"),
    ],
)
def test_the_way_a_mail_came_does_not_change_its_digest(other):
    assert digest(other) == digest(SAME) != ""


@pytest.mark.parametrize(
    "other",
    [
        mail("The printer is wet.", message_id="a1@customer.test"),
        mail(message_id="a1@customer.test", sender="lee@customer.test"),
        mail(message_id="a1@customer.test", subject="Scanner"),
        mail(message_id="a1@customer.test", date="Mon, 04 May 2026 10:00:00 +0000"),
    ],
)
def test_another_author_subject_date_or_text_is_another_mail(other):
    assert digest(other) != digest(SAME)


def test_a_mail_without_message_id_is_told_by_its_date_and_without_both_not_at_all():
    assert digest(mail()) == digest(mail(to="billing@desk.test")) != ""
    assert digest(mail(date="")) == ""
    assert digest(mail(date="", message_id="a1@customer.test")) != ""


def test_a_file_is_part_of_what_was_sent():
    def with_file(content: str) -> bytes:
        head = 'Message-ID: <a1@x>\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nHi\r\n--b\r\n'
        file = f'Content-Disposition: attachment; filename="a.txt"\r\n\r\n{content}\r\n--b--\r\n'
        return (head + file).encode()

    assert digest(with_file("one")) != digest(with_file("two"))


@settings(max_examples=60)
@given(st.binary(max_size=400), st.sampled_from([None, "", "kim@customer.test", "\ud800"]))
def test_any_bytes_at_all_can_be_read(noise, mail_from):
    found = read(b"From: kim@customer.test\r\nContent-Type: text/html\r\n" + noise, Envelope(mail_from, ("a@b",)))
    assert found.routed.queue == "support"


def test_the_language_is_what_it_is_whether_or_not_we_write_in_it():
    german = mail("Der Drucker brennt, und wir wissen nicht, was wir jetzt damit machen sollen.")
    assert "de" not in POLICY.languages
    assert read(german).language == "de"
