"""Who could not be reached, from RFC 3464 parts and from the texts of common systems."""

import pytest

from gateway.mail import delivery_report
from gateway.mail.delivery_report import DeliveryReport, FailedRecipient
from gateway.mail.parse import parse


def _dsn(*groups, original="Message-ID: <ours@desk.example>\nSubject: x\n", words="It failed."):
    status = "Reporting-MTA: dns; mx.example\n\n" + "\n\n".join(groups)
    raw = (
        "From: MAILER-DAEMON@mx.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        f"--b\n\n{words}\n--b\nContent-Type: message/delivery-status\n\n{status}\n"
        f"--b\nContent-Type: text/rfc822-headers\n\n{original}\n--b--\n"
    )
    return delivery_report.read(parse(raw.encode()))


GROUPS = [
    # one group of fields, what it says
    ("Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1", ("a@x.example", "5.1.1", True)),
    ("Final-Recipient: RFC822;a@x.example\nAction: Failed\nStatus: 5.1.1 (unknown)", ("a@x.example", "5.1.1", True)),
    ("Final-Recipient: rfc822; <a@x.example>\nAction: failed\nStatus: 5.2.2", ("a@x.example", "5.2.2", True)),
    ("Final-Recipient: a@x.example\nAction: failed\nStatus: 5.1.1", ("a@x.example", "5.1.1", True)),
    ("Final-Recipient: utf-8; a@x.example\nAction: failed\nStatus: 5.1.1", ("a@x.example", "5.1.1", True)),
    (
        "Original-Recipient: rfc822; a@x.example\nFinal-Recipient: rfc822; b@y.example\nAction: failed\nStatus: 5.1.1",
        ("a@x.example", "5.1.1", True),
    ),
    (
        "Original-Recipient: rfc822;\nFinal-Recipient: rfc822; b@y.example\nAction: failed\nStatus: 5.7.1",
        ("b@y.example", "5.7.1", True),
    ),
    ("Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 4.4.7", ("a@x.example", "4.4.7", False)),
    (
        "Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 5.1.1 unknown",
        ("a@x.example", "5.1.1", True),
    ),
    (
        "Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 User unknown",
        ("a@x.example", "5.1.1", True),
    ),
    (
        "Final-Recipient: rfc822; a@x.example\nAction: failed\nDiagnostic-Code: smtp; 552 5.2.2 full",
        ("a@x.example", "5.2.2", True),
    ),
    ("Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: junk", ("a@x.example", "5.0.0", True)),
    ("Final-Recipient: rfc822; a@x.example\nStatus: 5.1.1", ("a@x.example", "5.1.1", True)),
]


@pytest.mark.parametrize(("group", "expected"), GROUPS)
def test_groups(group, expected):
    found = _dsn(group)
    assert found is not None
    assert [(each.address, each.status, each.is_permanent) for each in found.failed] == [expected]
    assert not found.is_delayed
    assert found.original_message_id == "ours@desk.example"


def test_several_recipients_of_which_some_went_well():
    found = _dsn(
        "Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1",
        "Final-Recipient: rfc822; b@x.example\nAction: delivered\nStatus: 2.0.0",
        "Final-Recipient: rfc822; c@x.example\nAction: failed\nStatus: 5.7.1",
    )
    assert [each.address for each in found.failed] == ["a@x.example", "c@x.example"]


@pytest.mark.parametrize(
    ("action", "is_delayed"), [("delayed", True), ("delivered", False), ("relayed", False), ("expanded", False)]
)
def test_what_did_not_fail(action, is_delayed):
    found = _dsn(f"Final-Recipient: rfc822; a@x.example\nAction: {action}\nStatus: 4.0.0")
    assert found == DeliveryReport((), is_delayed, "ours@desk.example")


def test_the_diagnostic_is_one_line_without_its_type():
    group = "Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1"
    found = _dsn(f"{group}\nDiagnostic-Code: smtp; 550 5.1.1 no\n such user")
    assert found.failed == (FailedRecipient("a@x.example", "5.1.1", True, "550 5.1.1 no such user"),)


def test_without_a_returned_id_it_is_empty():
    group = "Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1"
    assert not _dsn(group, original="Subject: x").original_message_id


TEXTS = {
    "postfix": (
        """\
This is the mail system at host mx.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

<a@x.example>: host mx.x.example[192.0.2.1] said: 550 5.1.1
    <a@x.example>: unknown (in reply to RCPT TO command)
""",
        ("a@x.example", "5.1.1", True),
    ),
    "exim": (
        """\
This message was created automatically by mail delivery software.

A message that you sent could not be
delivered. The following address(es) failed:

  a@x.example
    Unrouteable address
""",
        ("a@x.example", "5.0.0", True),
    ),
    "qmail": (
        """\
Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message.

<a@x.example>:
Sorry, no mailbox here by that name. (#5.1.1)
""",
        ("a@x.example", "5.1.1", True),
    ),
    "exchange": (
        """\
Delivery has failed to these recipients or groups:

a@x.example<mailto:a@x.example>
The email address you entered couldn't be found.

Diagnostic information for administrators:

Generating server: mx.example

a@x.example
Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound'
""",
        ("a@x.example", "5.1.10", True),
    ),
    "gmail": (
        """\
** Address not found **

Your message wasn't delivered to a@x.example because the address couldn't be found.

The response from the remote server was:
550 5.1.1 no such user
""",
        ("a@x.example", "5.1.1", True),
    ),
    "gmail, old": (
        """\
Delivery to the following recipient failed permanently:

     a@x.example

Technical details of permanent failure:
550 550 unknown user (state 14).
""",
        ("a@x.example", "5.1.1", True),
    ),
    "yahoo": (
        """\
Sorry, we were unable to deliver your message to the following address.

<a@x.example>:
552: 5.2.2 Mailbox is full
""",
        ("a@x.example", "5.2.2", True),
    ),
    "qq": (
        """\
抱歉，您的邮件被退回来了……

收件人: a@x.example

550 mailbox not found
""",
        ("a@x.example", "5.0.0", True),
    ),
    "mail.ru": (
        """\
Это письмо создано автоматически сервером Mail.Ru.

К сожалению, ваше письмо не может
быть доставлено:

**********************

a@x.example
user not found
""",
        ("a@x.example", "5.0.0", True),
    ),
}
HEAD = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: desk@desk.example\nSubject: failure notice\n"


def _text_report(text, head=""):
    raw = f"{HEAD}{head}Content-Type: text/plain; charset=utf-8\n\n{text}"
    return delivery_report.read(parse(raw.encode()))


@pytest.mark.parametrize("name", TEXTS)
def test_texts_of_common_systems(name):
    text, expected = TEXTS[name]
    found = _text_report(text)
    assert found is not None
    assert [(each.address, each.status, each.is_permanent) for each in found.failed] == [expected]


@pytest.mark.parametrize("name", TEXTS)
def test_the_same_words_from_a_person_are_no_report(name):
    raw = f"From: jane@customer.example\nSubject: help\n\nI got this mail:\n\n{TEXTS[name][0]}"
    assert delivery_report.read(parse(raw.encode())) is None


def test_the_returned_mail_is_not_read_as_the_report():
    returned = "Message-ID: <ours@desk.example>\n\n<other@y.example>:\n"
    text = f"{TEXTS['qmail'][0]}\n--- Below this line is a copy of the message.\n\n{returned}"
    found = _text_report(text)
    assert [each.address for each in found.failed] == ["a@x.example"]
    assert found.original_message_id == "ours@desk.example"


def test_the_field_that_names_the_addresses_is_believed_first():
    found = _text_report("unreadable words", "X-Failed-Recipients: a@x.example,\n b@x.example\n")
    assert [each.address for each in found.failed] == ["a@x.example", "b@x.example"]


def test_our_own_address_did_not_fail():
    found = _text_report("Hi. This is the qmail-send program at x.\n\nTo: desk@desk.example\n\n<a@x.example>:\nno\n")
    assert [each.address for each in found.failed] == ["a@x.example"]


def test_a_warning_is_a_delay():
    words = "This is the mail system at host mx.example.\n\nWARNING: message delayed."
    text = f"{words}\n\n<a@x.example>: connect: timed out\n"
    assert _text_report(text) == DeliveryReport((), is_delayed=True, original_message_id="")


def test_an_attached_original_names_our_message():
    raw = (
        "From: MAILER-DAEMON@mx.example\nSubject: failure notice\nContent-Type: multipart/mixed; boundary=b\n\n"
        "--b\n\nHi. This is the qmail-send program at x.\n\n<a@x.example>:\n550 no\n"
        "--b\nContent-Type: message/rfc822\n\nMessage-Id: <ours@desk.example>\n\nx\n--b--\n"
    )
    found = delivery_report.read(parse(raw.encode()))
    assert found is not None
    assert found.original_message_id == "ours@desk.example"


@pytest.mark.parametrize("raw", [b"", b"From: jane@customer.example\n\nHello", b"Subject: Undeliverable\n\nx"])
def test_no_report(raw):
    assert delivery_report.read(parse(raw)) is None
