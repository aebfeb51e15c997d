"""Who could not be reached, from RFC 3464 parts and from the texts of common systems."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail import delivery_report
from gateway.mail.address import is_valid
from gateway.mail.automatic import AutomaticKind, AutomaticReading
from gateway.mail.delivery.status import ENHANCED
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
        ("a@x.example", "5.1.1", True),
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
        ("a@x.example", "5.1.1", True),
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


BENT = {
    # a status part, the addresses, their statuses
    "no empty line between groups": (
        "Reporting-MTA: dns; mx.example\nFinal-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1",
        ["a@x.example"],
        ["5.1.1"],
    ),
    "empty lines within a group": (
        (
            "Reporting-MTA: dns; mx.example\n\n"
            "Final-Recipient: rfc822; a@x.example\n\nAction: failed\n\nStatus: 5.1.1\n\n"
            "Final-Recipient: rfc822; b@x.example\n\nAction: failed\n\nStatus: 5.2.2"
        ),
        ["a@x.example", "b@x.example"],
        ["5.1.1", "5.2.2"],
    ),
    "no type": ("Final-Recipient: a@x.example\nAction: failed\nStatus: 5.1.1", ["a@x.example"], ["5.1.1"]),
    "a colon for the type": (
        "Final-Recipient: rfc822: a@x.example\nAction: failed\nStatus: 5.1.1",
        ["a@x.example"],
        ["5.1.1"],
    ),
    "a name before the address": (
        'Final-Recipient: rfc822; "A" <a@x.example>\nAction: failed\nStatus: 5.1.1',
        ["a@x.example"],
        ["5.1.1"],
    ),
    "xtext": (
        "Original-Recipient: rfc822;a+2Bb@x.example\nAction: failed\nStatus: 5.1.1",
        ["a+b@x.example"],
        ["5.1.1"],
    ),
    "xtext for the sign": (
        "Final-Recipient: rfc822;a+40x.example\nAction: failed\nStatus: 5.1.1",
        ["a@x.example"],
        ["5.1.1"],
    ),
    "another word for failed": (
        "Final-Recipient: rfc822; a@x.example\nAction: Failure (given up)\nStatus: 5.1.1",
        ["a@x.example"],
        ["5.1.1"],
    ),
    "an unheard-of action": (
        "Final-Recipient: rfc822; a@x.example\nAction: 5.1.1\nStatus: 5.1.1",
        ["a@x.example"],
        ["5.1.1"],
    ),
    "only a reply code as status": (
        "Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 552 mailbox full",
        ["a@x.example"],
        ["5.2.2"],
    ),
    "a user without domain, known from the returned mail": (
        "Final-Recipient: rfc822; bob\nAction: failed\nStatus: 5.1.1",
        ["bob@x.example"],
        ["5.1.1"],
    ),
    "X.400": (
        "Final-Recipient: X400; /C=US/S=Bob\nX-Actual-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1",
        ["a@x.example"],
        ["5.1.1"],
    ),
    "the same recipient twice": (
        (
            "Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1\n\n"
            "Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1"
        ),
        ["a@x.example"],
        ["5.1.1"],
    ),
}


@pytest.mark.parametrize("name", BENT)
def test_bent_status_parts(name):
    part, addresses, statuses = BENT[name]
    found = _dsn(part, original="Message-ID: <ours@desk.example>\nTo: Bob <bob@x.example>\n")
    assert found is not None
    assert [each.address for each in found.failed] == addresses
    assert [each.status for each in found.failed] == statuses
    assert not found.is_delayed
    assert found.original_message_id == "ours@desk.example"


@pytest.mark.parametrize("kind", ["mixed", "alternative"])
def test_a_status_part_outside_a_report_is_read_all_the_same(kind):
    raw = (
        f"From: MAILER-DAEMON@mx.example\nSubject: failure\nContent-Type: multipart/{kind}; boundary=b\n\n"
        "--b\n\nIt failed.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
        "Final-Recipient: rfc822; a@x.example\n"
        "Action: failed\nStatus: 5.1.1\n--b--\n"
    )
    found = delivery_report.read(parse(raw.encode()))
    assert found is not None
    assert [(each.address, each.status) for each in found.failed] == [("a@x.example", "5.1.1")]


def test_a_status_part_among_the_words_is_read():
    found = _text_report(
        "It did not work.\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; a@x.example\n"
        "Action: failed\nStatus: 4.4.7\nDiagnostic-Code: smtp; 451 too busy\n"
    )
    assert found.failed == (FailedRecipient("a@x.example", "4.4.7", False, "451 too busy"),)


SES = (
    '{"notificationType":"%s","%s":{"bounceType":"%s","bouncedRecipients":[{"emailAddress":"a@x.example","action":'
    '"failed","status":"%s","diagnosticCode":"smtp; 550 5.1.1 user unknown"}],"timestamp":"2025-06-03"},"mail":{'
    '"messageId":"0100","destination":["a@x.example"],"headers":[{"name":"Message-ID","value":"<ours@desk.example>"}]}}'
)


@pytest.mark.parametrize(
    ("filled", "expected"),
    [
        (("Bounce", "bounce", "Permanent", "5.1.1"), [("a@x.example", "5.1.1", True)]),
        (("Bounce", "bounce", "Transient", "4.4.7"), [("a@x.example", "4.4.7", False)]),
        (("Delivery", "delivery", "", ""), []),
    ],
)
@pytest.mark.parametrize("shape", ["plain", "wrapped", "with footer", "broken over lines"])
def test_events_of_amazon_ses(filled, expected, shape):
    text = SES % filled
    if shape == "wrapped":
        text = json.dumps({"Type": "Notification", "Message": text})
    elif shape == "with footer":
        text += "\n\n--\nIf you wish to stop receiving notifications, click here"
    elif shape == "broken over lines":
        text = "\n".join(text[at : at + 76] for at in range(0, len(text), 76))
    raw = f"From: AWS Notifications <no-reply@sns.example>\nSubject: Amazon SES Email Event Notification\n\n{text}"
    found = delivery_report.read(parse(raw.encode()))
    assert found is not None
    assert [(each.address, each.status, each.is_permanent) for each in found.failed] == expected
    assert found.original_message_id == "ours@desk.example"


@pytest.mark.parametrize(
    "text",
    [
        '{"event":"bounce","email":"a@x.example","status":"5.1.1","reason":"550 no","smtp-id":"<ours@desk.example>"}',
        '[{"event":"dropped","email":"a@x.example","reason":"no such user here","smtp-id":"<ours@desk.example>"}]',
        '{"Type":"HardBounce","Email":"a@x.example","Description":"user unknown","Message-Id":"<ours@desk.example>"}',
        (
            '{"event-data":{"event":"failed","severity":"permanent","recipient":"a@x.example","delivery-status":{"code":550,'
            '"message":"5.1.1 no"},"message":{"headers":{"message-id":"ours@desk.example"}}}}'
        ),
    ],
)
def test_events_of_other_services(text):
    found = delivery_report.read(parse(f"From: hooks@service.example\n\n{text}".encode()))
    assert found is not None
    assert [(each.address, each.status) for each in found.failed] == [("a@x.example", "5.1.1")]
    assert found.original_message_id == "ours@desk.example"


@pytest.mark.parametrize(
    "text", ["{", "[" * 100_000, '{"a":' * 50_000, '{"event":"bounce"}', "{}", '{"mail":1,"notificationType":"Bounce"}']
)
def test_other_json_is_no_report(text):
    assert delivery_report.read(parse(f"From: x@y.example\n\n{text}".encode())) is None


def test_the_mail_that_is_answered_is_the_original_where_nothing_else_names_it():
    found = _text_report(
        "Hi. This is the qmail-send program at x.\n\n<a@x.example>:\nno\n", "In-Reply-To: <ours@desk.example>\n"
    )
    assert found.original_message_id == "ours@desk.example"


def test_an_alias_that_we_wrote_to_is_named_instead_of_what_it_stands_for():
    text = (
        "This is the mail system at host mx.example.\n\n<b@y.example> (expanded from <a@x.example>): unknown user\n\n"
        "Received: by mx.example\nMessage-ID: <ours@desk.example>\nTo: a@x.example\nSubject: x\n"
    )
    assert [each.address for each in _text_report(text).failed] == ["a@x.example"]


def test_users_named_without_domain_are_known_from_the_returned_mail():
    text = (
        "The message that you sent was undeliverable to the following:\n\n    bob (user not found)\n\n"
        "Received: by mx.example\nMessage-ID: <ours@desk.example>\nTo: bob@x.example, eve@x.example\nSubject: x\n"
    )
    assert [each.address for each in _text_report(text).failed] == ["bob@x.example"]


def test_an_address_written_into_the_report_s_own_is_used_where_there_is_no_other():
    raw = (
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: bounces+bob=x.example@desk.example\n"
        "Subject: failure notice\n\nSorry, no luck.\n"
    )
    found = delivery_report.read(parse(raw.encode()))
    assert found is not None
    assert [each.address for each in found.failed] == ["bob@x.example"]


def test_several_recipients_each_with_his_own_reason():
    found = _text_report(
        "This is the mail system at host mx.example.\n\n<a@x.example>: host mx said: 550 5.1.1 unknown\n\n"
        "<b@x.example>: host mx said: 452 4.2.2 full\n"
    )
    assert [(each.address, each.status, each.is_permanent) for each in found.failed] == [
        ("a@x.example", "5.1.1", True),
        ("b@x.example", "4.2.2", False),
    ]


HOSTILE = [
    "a@" * 200_000,
    "<a@x.example>: " * 60_000,
    "user " * 200_000,
    "Final-Recipient: a\n" * 100_000,
    "(" * 500_000,
    "550 " * 200_000,
]


@pytest.mark.parametrize("text", [*HOSTILE, *("\n".join([each[:900]] * 300) for each in HOSTILE)])
def test_hostile_reports_cost_little(text):
    from time import process_time

    began = process_time()
    assert _text_report(text) is not None
    assert process_time() - began < 2  # a busy machine; 0.5 s is what it takes alone


LINES = st.sampled_from(
    [
        *("", "This is the mail system at host x.", "<a@x.example>: 550 5.1.1 no", "    bob@x.example", "\u2028", "@"),
        *(
            "Recipient: <c@x.example>",
            "Final-Recipient: rfc822; d@x.example",
            "Action: failed",
            "Action: delayed",
            "a@b",
        ),
        *("Status: 5.0.0", "Received: from x", "Message-ID: <ours@desk.example>", "To: a@x.example", "Subject: x"),
        *(
            "--- Below this line is a copy",
            "delayed",
            "> <a@x.example>:",
            "收件人：a@x.example",
            "\udcff",
            "user unknown",
        ),
        *('{"event":"bounce","email":"a@x.example"}', "(expanded from: <a@x>)"),
    ]
)


@given(st.lists(LINES, max_size=30), st.sampled_from(["x", "Delayed Mail", "failure notice", "Re: x"]))
@settings(max_examples=300)
def test_any_lines_end_in_a_sound_report(lines, subject):
    raw = f"From: MAILER-DAEMON@mx.example\nSubject: {subject}\n\n" + "\n".join(lines)
    found = delivery_report.read(parse(raw.encode("utf-8", "surrogateescape")))
    assert found is not None
    assert len({each.address for each in found.failed}) == len(found.failed)
    for each in found.failed:
        assert is_valid(each.address)
        assert ENHANCED.fullmatch(each.status)
        assert each.is_permanent is each.status.startswith("5")
        assert "\n" not in each.diagnostic
    assert not (found.failed and found.is_delayed)


def test_what_was_seen_with_the_envelope_counts():
    message = parse(
        b"From: Bob <bob@x.example>\nSubject: Undeliverable: x\n\nYour message could not be delivered to a@x.example."
    )
    seen = AutomaticReading((), AutomaticKind.DELIVERY_REPORT, ())
    assert delivery_report.read(message) is None
    found = delivery_report.read(message, seen)
    assert found is not None
    assert [each.address for each in found.failed] == ["a@x.example"]
