"""Machines' mail is told from people's; what only forbids an automatic answer proves nothing."""

import pytest

from gateway.mail import automatic
from gateway.mail.automatic import AutomaticKind
from gateway.mail.envelope import Envelope
from gateway.mail.parse import parse

PERSON = ("jane@customer.example", ())


def _read(head, body="Hello, my printer is broken.", mail_from="jane@customer.example"):
    fields = head if "From:" in head else f"From: Jane <jane@customer.example>\n{head}"
    fields = fields if "Subject:" in fields else f"{fields}\nSubject: Printer"
    raw = f"{fields.strip()}\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
    return automatic.read(parse(raw.encode()), Envelope(mail_from, ()))


PEOPLE = [
    "",
    "Auto-Submitted: no",
    "Auto-Submitted: No; x=y",
    "auto-submitted: NO (really)",
    "X-Auto-Response-Suppress: All",
    "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply",
    "X-Loop: somebody@x.example",
    "Precedence: normal",
    "Precedence: first-class",
    "Precedence: bulk",
    "List-Unsubscribe: <mailto:x@y.example>",
    "Return-Path: <jane@customer.example>",
    "X-Autoreply: no",
    "X-MS-Exchange-Inbox-Rules-Loop: jane@customer.example",
    "From: Postmaster <postmaster@customer.example>",
    "From: No Reply Ltd <info@customer.example>",
    "From: Norbert <nor@customer.example>",
    "From: form <noreply@site.example>\nReply-To: jane@customer.example",
    "Subject: Out of office",
    "Subject: Re: Automatic reply: Printer",
    "Subject: Undelivered mail returned to sender",
    "Subject: Fwd: Undeliverable: offer",
    "Subject: Re: failure notice",
    "Subject: Read: this please",
    "Subject: Accepted: your offer",
    "Subject: Abwesenheit im Juli",
    "Subject: Автоответ не работает",
    "Importance: high\nX-Priority: 1",
    "X-Mailer: Thunderbird",
    "In-Reply-To: <x@desk.example>\nReferences: <x@desk.example>",
]


@pytest.mark.parametrize("head", PEOPLE)
def test_a_persons_mail_is_a_persons(head):
    assert _read(head).kind is None


@pytest.mark.parametrize(
    "head", [head for head in PEOPLE if "Precedence: bulk" not in head and "postmaster" not in head]
)
def test_a_redirect_that_blanks_the_reverse_path_does_not_make_a_machine(head):
    if head.startswith(("Subject: Out", "Subject: Abw", "Subject: Авто", "From: form", "X-MS-Exchange")):
        return  # two signs together
    assert _read(head, mail_from="").kind is None


@pytest.mark.parametrize(
    "body",
    [
        "This is an automated message, they wrote. What does it mean?",
        "I am out of the office tomorrow, please answer today.",
        "Your message could not be delivered, says my mail program. Why?",
        "I got this:\n\nThis is the mail system at host mx.example.\n\n<bob@x.example>: user unknown",
        "Please do not reply to this email, call me.",
    ],
)
def test_words_alone_prove_nothing(body):
    assert _read("", body).kind is None


MACHINES = [
    ("Auto-Submitted: auto-generated", "automatic"),
    ("Auto-Submitted: auto-replied", "automatic"),
    ('Auto-Submitted: auto-replied; owner-email="x@y.example"', "out-of-office"),
    ("Auto-Submitted: auto-replied (vacation)", "out-of-office"),
    ("Auto-Submitted: AUTO-GENERATED (failure)", "automatic"),
    ("Auto-Submitted: auto-notified", "automatic"),
    ("X-Autoreply: yes", "automatic"),
    ("X-Autorespond: x", "automatic"),
    ("X-AutoReply-From: x@y.example", "automatic"),
    ("X-Mail-Autoreply: x", "automatic"),
    ("X-FC-MachineGenerated: true", "automatic"),
    ("X-Amazon-Mail-Relay-Type: notification", "automatic"),
    ("Precedence: auto_reply", "automatic"),
    ("Precedence: Auto_Reply", "automatic"),
    ("X-Cron-Env: <SHELL=/bin/sh>", "automatic"),
    ("From: no-reply@shop.example", "automatic"),
    ("From: Shop <NoReply@shop.example>", "automatic"),
    ("From: do-not-reply@shop.example", "automatic"),
    ("From: donotreply@shop.example\nReply-To: noreply@shop.example", "automatic"),
    ("Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nSubject: Automatic reply: x", "out-of-office"),
    ("Auto-Submitted: auto-replied\nSubject: Odpowiedź automatyczna: x", "out-of-office"),
    ("Auto-Submitted: auto-replied\nSubject: Автоответ: x", "out-of-office"),
    ("Auto-Submitted: auto-replied\nSubject: 自动回复: x", "out-of-office"),
    ("Auto-Submitted: auto-replied\nSubject: Αυτόματη απάντηση: x", "out-of-office"),
    ("Auto-Submitted: auto-replied\nSubject: Automātiska atbilde: x", "out-of-office"),
    ("Auto-Submitted: auto-replied\nSubject: Εκτός γραφείου: x", "out-of-office"),
    ("Auto-Submitted: auto-replied\nSubject: Abwesenheitsnotiz: x", "out-of-office"),
    ("X-Autoreply: yes\nSubject: Réponse automatique : x", "out-of-office"),
    ("Precedence: junk\nSubject: Out of Office: x", "out-of-office"),
    ("X-MS-Exchange-Inbox-Rules-Loop: a@b\nSubject: Automatic reply: x", "out-of-office"),
    ("X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", "out-of-office"),
    ("X-Failed-Recipients: a@b.example", "delivery-report"),
    ("From: MAILER-DAEMON@mx.example\nSubject: failure notice", "delivery-report"),
    ("From: Postmaster <postmaster@mx.example>\nSubject: Undeliverable: x", "delivery-report"),
    ("From: Mailer-Daemon@mx.example\nSubject: 系统退信", "delivery-report"),
    ("List-Id: <users.lists.example>", "list"),
    ("Mailing-List: contact x@y.example", "list"),
    ("List-Id: <u.l.example>\nList-Post: <mailto:u@l.example>\nList-Unsubscribe: <x>\nPrecedence: bulk", "list"),
    ("List-Unsubscribe: <x>\nPrecedence: bulk", "newsletter"),
    (
        "List-Unsubscribe: <x>\nList-Id: <news.shop.example>\nList-Unsubscribe-Post: One-Click\nFeedback-ID: 1",
        "newsletter",
    ),
    ("List-Unsubscribe: <x>\nX-Campaign: 1", "newsletter"),
    ("Feedback-Type: abuse", "abuse-report"),
    ("Auto-Submitted: auto-replied\nSubject: Read: x", "read-receipt"),
]


@pytest.mark.parametrize(("head", "kind"), MACHINES)
def test_machines_are_known(head, kind):
    found = _read(head)
    assert found.kind == kind
    assert found.signals
    assert kind in found.suppresses_reply


def test_the_null_reverse_path_counts_together_with_another_sign():
    assert _read("Subject: Out of office: x", mail_from="").kind is AutomaticKind.OUT_OF_OFFICE
    assert _read("From: mailer-daemon@x.example", mail_from="").kind is AutomaticKind.DELIVERY_REPORT
    assert _read("Precedence: junk", mail_from="").kind is AutomaticKind.AUTOMATIC
    assert _read("Return-Path: <>\nPrecedence: junk", mail_from=None).kind is AutomaticKind.AUTOMATIC


SUPPRESSED = [
    ("", (), "jane@customer.example"),
    ("", (), None),
    ("", ("null-reverse-path",), ""),
    ("Return-Path: <>", ("null-reverse-path",), None),
    ("Auto-Submitted: no", (), "jane@customer.example"),
    ("Auto-Submitted: auto-replied", ("auto-submitted",), "jane@customer.example"),
    ("List-Id: <x>", ("list-id",), "jane@customer.example"),
    ("List-Unsubscribe: <x>", ("list-unsubscribe",), "jane@customer.example"),
    ("X-Mailing-List: x", ("mailing-list",), "jane@customer.example"),
    ("Precedence: list", ("precedence",), "jane@customer.example"),
    ("Precedence: BULK", ("precedence",), "jane@customer.example"),
    ("Precedence: junk", ("precedence",), "jane@customer.example"),
    ("Precedence: normal", (), "jane@customer.example"),
    ("X-Auto-Response-Suppress: All", ("x-auto-response-suppress",), "jane@customer.example"),
    ("X-Auto-Response-Suppress: DR, AutoReply", ("x-auto-response-suppress",), "jane@customer.example"),
    ("X-Auto-Response-Suppress: DR, OOF", (), "jane@customer.example"),
    ("X-Loop: x", ("x-loop",), "jane@customer.example"),
    ("X-No-Loop: x", ("x-no-loop",), "jane@customer.example"),
    ("From: noreply@x.example\nReply-To: jane@customer.example", ("no-reply sender",), "jane@customer.example"),
    ("", ("no-reply sender",), "noreply@x.example"),
    ("From: postmaster@x.example", ("sender of delivery reports",), "jane@customer.example"),
]


@pytest.mark.parametrize(("head", "reasons", "mail_from"), SUPPRESSED)
def test_reasons_not_to_answer_by_machine(head, reasons, mail_from):
    found = _read(head, mail_from=mail_from)
    named = tuple(reason for reason in found.suppresses_reply if reason != (found.kind or ""))
    assert named == reasons


def test_the_report_type_decides():
    def report(kind):
        head = f"From: x@y.example\nContent-Type: multipart/report; report-type={kind}; boundary=b"
        return automatic.read(parse(f"{head}\n\n--b\n\nwords\n--b--\n".encode()), Envelope(None, ())).kind

    assert report("delivery-status") is AutomaticKind.DELIVERY_REPORT
    assert report("Delivery-Status") is AutomaticKind.DELIVERY_REPORT
    assert report("disposition-notification") is AutomaticKind.READ_RECEIPT
    assert report("feedback-report") is AutomaticKind.ABUSE_REPORT
    assert report("unheard-of") is None


@pytest.mark.parametrize(
    ("method", "kind"), [("REPLY", "calendar-reply"), ("COUNTER", "calendar-reply"), ("REQUEST", None)]
)
def test_an_answer_to_an_invitation_is_automatic_an_invitation_is_not(method, kind):
    head = f"From: x@y.example\nContent-Type: text/calendar; method={method}"
    raw = f"{head}\n\nBEGIN:VCALENDAR\nMETHOD:{method}\nEND:VCALENDAR\n"
    assert automatic.read(parse(raw.encode()), Envelope(None, ())).kind == kind


DISGUISED = """From: Help <help@provider.example>
Subject: {subject}
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

{words}
--b
Content-Type: message/rfc822

Message-ID: <ours@desk.example>
Subject: hello

x
--b--
"""


def test_a_delivery_report_in_a_persons_clothes_is_told_by_its_words_and_what_it_returns():
    words = "Your message could not be delivered to bob@x.example."
    raw = DISGUISED.format(subject="Re: hello", words=words)
    assert automatic.read(parse(raw.encode()), Envelope(None, ())).kind is AutomaticKind.DELIVERY_REPORT


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("Fwd: Undelivered mail", "Your message could not be delivered to bob@x.example."),
        ("Help", "What is this?\n\nI asked Bob."),
        ("Help", "Please have a look at the attached mail."),
    ],
)
def test_a_person_who_passes_a_report_on_stays_a_person(subject, words):
    raw = DISGUISED.format(subject=subject, words=words)
    assert automatic.read(parse(raw.encode()), Envelope("help@provider.example", ())).kind is None


def test_every_sign_is_named_with_its_points():
    names = [signal.name for signal in _read("Auto-Submitted: auto-replied\nPrecedence: bulk", mail_from="").signals]
    assert names == [
        *("auto-submitted", "precedence bulk", "list precedence", "newsletter precedence"),
        "null reverse-path",
    ]
