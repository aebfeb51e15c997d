"""Octets to a Message: choice of text and files, reports, and nothing that raises."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.mail.address import Mailbox
from gateway.mail.parse import Limits, parse, trace


def _message(*parts, kind="mixed", head=""):
    body = "".join(f"--b\n{part}\n" for part in parts)
    return parse(f"{head}Content-Type: multipart/{kind}; boundary=b\n\n{body}--b--\n".encode())


PLAIN = "Content-Type: text/plain\n\nplain words"
HTML = "Content-Type: text/html\n\n<p>html words"
PDF = "Content-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment\n\n%PDF"

TEXTS = [
    # what is chosen as text, and which files there are
    (("alternative", PLAIN, HTML), "plain words", []),
    (("alternative", HTML, PLAIN), "plain words", []),
    (("alternative", HTML), "html words", []),
    (("alternative", "Content-Type: text/plain\n\n  ", HTML), "html words", []),
    (("alternative", PLAIN, "Content-Type: text/x-amp-html\n\n<p>amp", HTML), "plain words", []),
    (("alternative", PLAIN, "Content-Type: text/watch-html\n\nw", HTML), "plain words", []),
    (("alternative", "Content-Type: text/enriched\n\n<bold>rich</bold>", HTML), "rich", []),
    (("alternative", PLAIN, "Content-Type: text/calendar\n\nBEGIN:VCALENDAR"), "plain words", ["invitation.ics"]),
    (("alternative", "Content-Type: text/plain; name=a.txt\n\nplain words", HTML), "plain words", []),
    (("mixed", PLAIN, PDF), "plain words", ["a.pdf"]),
    (("mixed", PLAIN, PDF, PLAIN), "plain words\nplain words", ["a.pdf"]),
    (("mixed", HTML, PDF, HTML), "html words\nhtml words", ["a.pdf"]),
    (("mixed", PLAIN, "Content-Type: text/plain; name=log.txt\n\nlog"), "plain words", ["log.txt"]),
    (("mixed", PLAIN, "Content-Type: text/plain\nContent-Disposition: attachment\n\nlog"), "plain words", ["file.txt"]),
    (("mixed", PLAIN, "Content-Type: text/csv\n\na,b"), "plain words", ["file.csv"]),
    (("mixed", PLAIN, "Content-Type: text/calendar\n\nBEGIN"), "plain words", ["invitation.ics"]),
    (("mixed", PLAIN, "Content-Type: message/rfc822\n\nSubject: a/b\n\nx"), "plain words", ["a_b.eml"]),
    (("mixed", PLAIN, "Content-Type: message/rfc822\n\nX: y\n\nx"), "plain words", ["message.eml"]),
    (("mixed", PLAIN, "Content-Type: message/rfc822; name=n.eml\n\nSubject: s\n\nx"), "plain words", ["n.eml"]),
    (("mixed", PLAIN, "Content-Type: application/ms-tnef\n\nx"), "plain words", ["winmail.dat"]),
    (("mixed", PLAIN, "Content-Type: image/png\nContent-ID: <image001.png@01D>\n\nx"), "plain words", ["image001.png"]),
    (("mixed", PLAIN, "Content-Type: image/png\n\nx"), "plain words", ["image.png"]),
    (("mixed", PLAIN, "Content-Type: image/png\n\n"), "plain words", []),
    (("mixed", PLAIN, "Content-Type: image/png; name=empty.png\n\n"), "plain words", ["empty.png"]),
    (("mixed", PDF, PDF), "", ["a.pdf", "a (2).pdf"]),
    (("signed", PLAIN, "Content-Type: application/pgp-signature; name=s.asc\n\nx"), "plain words", ["s.asc"]),
    (("related", HTML, "Content-Type: image/png; name=i.png\nContent-ID: <c>\n\nx"), "html words", ["i.png"]),
    (("related", "Content-Type: text/css\n\np{}", HTML), "html words", ["file.css"]),
    (("encrypted", "Content-Type: application/pgp-encrypted\n\nVersion: 1", PDF), "", ["version.asc", "a.pdf"]),
    (("unheard-of", PLAIN, PDF), "plain words", ["a.pdf"]),
    (("alternative", "Content-Type: text/plain\n\nYour client does not support HTML mail.", HTML), "html words", []),
    (("alternative", "Content-Type: text/plain\n\nThis message is in HTML format.", HTML), "html words", []),
    (("alternative", "Content-Type: text/plain\n\nDo we send HTML, Jane?", HTML), "Do we send HTML, Jane?", []),
    (
        ("alternative", "Content-Type: text/plain\n\nHTML mail only.", "Content-Type: text/x\n\ny"),
        "HTML mail only.",
        ["file.txt"],
    ),
    (("alternative", "Content-Type: text/plain; charset=utf-8\n\n\u200b \ufeff", HTML), "html words", []),
    (("alternative", "Content-Type: text/plain\n\n<html><body>x</body></html>", HTML), "x", []),
    (("mixed", PLAIN, "Content-Type: text/html\n\n<b>plain</b> words"), "plain words", []),
    (
        ("mixed", "Content-Type: text/plain; name=body.txt\nContent-Disposition: inline\n\nmms", PDF),
        "mms",
        ["body.txt", "a.pdf"],
    ),
    (
        ("mixed", "Content-Type: text/plain; name=log.txt\nContent-Disposition: attachment\n\nlog", PDF),
        "",
        ["log.txt", "a.pdf"],
    ),
    (
        ("mixed", PLAIN, "Content-Type: image/gif\nContent-Location: http://x.example/pic/a%20b.gif?c\n\nx"),
        "plain words",
        ["a b.gif"],
    ),
    (("mixed", PLAIN, "Content-Type: image/png\nContent-ID: <20592.1022586929.3>\n\nx"), "plain words", ["image.png"]),
    (("mixed", PLAIN, "Content-Type: application/pkcs7-signature\n\nx"), "plain words", ["smime.p7s"]),
    (("mixed", PLAIN, "Content-Type: application/pdf; name*=utf-8''%C5%BB.pdf\n\nx"), "plain words", ["Ż.pdf"]),
    (
        ("mixed", PLAIN, "Content-Type: x/y\nContent-Disposition: attachment; name=only-name.pdf\n\nx"),
        "plain words",
        ["only-name.pdf"],
    ),
]


@pytest.mark.parametrize(("structure", "text", "names"), TEXTS)
def test_text_and_files(structure, text, names):
    kind, *parts = structure
    message = _message(*parts, kind=kind)
    assert message.text == text
    assert [file.name for file in message.attachments] == names


def test_alternative_keeps_the_html_beside_the_text():
    message = _message(PLAIN, HTML, kind="alternative")
    assert message.html == "<p>html words"


def test_apple_mail_puts_files_inside_the_html_alternative():
    inner = "Content-Type: multipart/mixed; boundary=c\n\n--c\n" + HTML + "\n--c\n" + PDF + "\n--c--"
    message = _message(PLAIN, inner, kind="alternative")
    assert message.text == "plain words"
    assert [file.name for file in message.attachments] == ["a.pdf"]


@pytest.mark.parametrize(
    ("html", "disposition", "is_inline"),
    [
        ('<img src="cid:logo@x">', "inline", True),
        ('<img src="CID:LOGO@X">', "", True),
        ("<p>no picture", "inline", False),
        ('<img src="cid:other@x">', "inline", False),
    ],
)
def test_inline_is_what_only_the_html_shows(html, disposition, is_inline):
    picture = (
        f"Content-Type: image/png; name=l.png\nContent-ID: <logo@x>\nContent-Disposition: {disposition or 'x'}\n\nx"
    )
    message = _message(f"Content-Type: text/html\n\n{html}", picture, kind="related")
    assert [file.is_inline for file in message.attachments] == [is_inline]


SINGLE = [
    ("Content-Type: text/html\n\n<p>a</p><p>b</p>", "a\n\nb"),
    ("Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\nPHA+YTwvcD4=\n", "a"),
    ("Content-Type: text/plain\nContent-Transfer-Encoding: BASE64 (really)\n\nYQ==\n", "a"),
    ("Content-Type: text/plain; format=flowed\n\none \ntwo\n", "one two"),
    ("Content-Type: text/plain; format=flowed; delsp=yes\n\non \ne\n", "one"),
    ("Content-Type: text/plain\n\n<!DOCTYPE html><html><body>a</body></html>", "a"),
    ("Content-Type: text/unheard-of\n\nwords\n", "words"),
    ("Content-Type: text/plain; name=a.txt\n\nwords\n", "words"),
    ("\nwords\n", "words"),
    ("Content-Type: text\n\nwords\n", "words"),
    ("Content-Type: text/plain; charset=x-unknown\n\nwords\n", "words"),
    ("Content-Type: text/plain\nContent-Transfer-Encoding: BASE64 \n\nd29yZHM=\n", "words"),
    ("Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\nwo=\nrds=20\n", "words "),
    ("Content-Type: text/plain\n\na\x07b\x1bc\n", "abc"),
    ("Content-Type: application/xhtml+xml\n\n<html><body><p>a</p></body></html>", "a"),
]


@pytest.mark.parametrize(("raw", "text"), SINGLE, ids=[row[0][:60] for row in SINGLE])
def test_single_part(raw, text):
    message = parse(raw.encode())
    assert message.text.rstrip("\n") == text
    assert message.attachments == ()


def test_a_message_that_is_one_file():
    message = parse(b"Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\nJVBERg==\n")
    assert message.text == ""
    assert [(file.name, file.content) for file in message.attachments] == [("a.pdf", b"%PDF")]


def test_every_field_is_kept_in_order_with_its_name_as_written():
    message = parse(b"X-One: 1\nsubject: s\nX-One: =?utf-8?Q?=C5=BC?=\n\n")
    assert message.headers == (("X-One", "1"), ("subject", "s"), ("X-One", "ż"))
    assert message.header("x-one") == "1"
    assert message.header_all("X-ONE") == ("1", "ż")


def test_of_fields_that_may_stand_once_the_first_that_says_something_counts():
    message = parse(
        b"Subject:\nSubject: one\nSubject: two\nMessage-ID: <>\nMessage-ID: <a@b>\nDate:\nDate: 3 Jun 2025 09:15\n\n"
    )
    assert (message.subject, message.message_id) == ("one", "a@b")
    assert message.date is not None


def test_everybody_who_may_have_written_it():
    message = parse(
        b"Return-Path: <r@x.example>\nReply-To: p@x.example, F@x.example\nSender: s@x.example\nFrom: f@x.example\n\n"
    )
    assert [each.address for each in message.authors] == ["f@x.example", "s@x.example", "r@x.example"]
    assert parse(b"Return-Path: <>\nFrom: nobody\n\n").authors == ()


@pytest.mark.parametrize(
    ("raw", "is_wrapper"),
    [
        (b"Content-Type: message/rfc822\n\nSubject: inner\n\nx", True),
        (
            b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n \n--b\nContent-Type: message/rfc822\n\nSubject:",
            True,
        ),
        (
            b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nw\n--b\nContent-Type: message/rfc822\n\nSubject:",
            False,
        ),
        (b"Content-Type: application/pdf\n\nx", False),
        (b"\n", False),
    ],
)
def test_a_wrapper_is_known(raw, is_wrapper):
    assert parse(raw).is_wrapper is is_wrapper


def test_only_small_pictures_decorate():
    html = 'Content-Type: text/html\n\n<p>see<img src="cid:a@x"><img src="cid:b%40x">'
    small = "Content-Type: image/png; name=logo.png\nContent-ID: <a@x>\n\n" + "x" * 100
    large = "Content-Type: image/png; name=screen.png\nContent-ID: <b@x>\n\n" + "x" * 100_000
    message = _message(html, small, large, kind="related")
    assert [(file.name, file.is_inline) for file in message.attachments] == [("logo.png", True), ("screen.png", False)]


def test_parts_nested_too_deep_are_kept_as_they_came():
    raw = b"Subject: x\n"
    for level in range(5):
        raw += b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level)
    message = parse(raw + b"\nwords", Limits(depth=3))
    assert message.text == ""
    assert [file.content.endswith(b"words") for file in message.attachments] == [True]
    assert message.defects == ("nested deeper than 3",)


def test_text_beyond_the_bound_is_kept_as_files():
    message = _message(*(["Content-Type: text/plain\n\n" + "x" * 1000] * 5))
    assert message.attachments == ()
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n" + (b"--b\n\n" + b"x" * 1000 + b"\n") * 5 + b"--b--"
    bounded = parse(raw, Limits(text=1500))
    assert [file.size for file in bounded.attachments] == [1000, 1000, 1000]


def test_a_raw_file_name_is_read_in_the_charset_that_the_text_has():
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=shift_jis\n\nw\n--b\n"
    name = "見積書.pdf".encode("cp932")
    message = parse(raw + b'Content-Disposition: attachment; filename="' + name + b'"\n\nx\n--b--\n')
    assert [file.name for file in message.attachments] == ["見積書.pdf"]


def test_letters_that_are_lost_are_named():
    assert parse("\nzażółć".encode()[:-1]).defects == ("some letters are no letters of the charset",)
    assert parse("\nż \ufffd ó".encode()).defects == ()


def test_a_line_without_end_is_broken():
    message = parse(b"\n" + b"x" * 250, Limits(line=100))
    assert [len(line) for line in message.text.split("\n")] == [100, 100, 50]
    assert message.defects == ("a line of more than 100 characters",)


def test_fields_beyond_the_careful_part_are_taken_for_utf8():
    raw = b"A: \xe0\nB: " + b"x" * 50 + b"\nC: =?utf-8?Q?=C3=BC?= \xc3\xbc\n\n"
    assert parse(raw).header("C") == "ü ü"
    assert parse(raw, Limits(careful_octets=20)).header("C") == "=?utf-8?Q?=C3=BC?= ü"


def test_files_within_the_text():
    raw = (
        b"\nbefore\nbegin 644 a.txt\n%2&5L;&\\\n`\nend\n=ybegin line=128 size=1 name=b.bin\n\x8b\n=yend size=1\nafter\n"
    )
    message = parse(raw)
    assert message.text == "before\nafter"
    assert [(file.name, file.content) for file in message.attachments] == [("b.bin", b"a"), ("a.txt", b"Hello")]


def test_two_from_fields_are_one_author_and_recipients_of_all_fields_count():
    message = parse(b"From: nobody\nFrom: a@b.example\nFrom: c@d.example\nTo: e@f.example\nTo: g@h.example\n\n")
    assert message.from_ == (Mailbox("", "a@b.example"),)
    assert message.to == (Mailbox("", "e@f.example"), Mailbox("", "g@h.example"))


def test_without_from_the_sender_is_the_author():
    message = parse(b"Sender: a@b.example\nReply-To: c@d.example\n\n")
    assert message.from_ == ()
    assert message.author == Mailbox("", "a@b.example")
    assert parse(b"Reply-To: c@d.example\n\n").author is None


def test_nothing_at_all():
    message = parse(b"")
    assert (message.subject, message.text, message.from_, message.attachments) == ("", "", (), ())
    assert message.date is None
    assert message.content_type == "text/plain"


def test_report_parts():
    groups = "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822;a@b\nAction: failed\n"
    status = f"Content-Type: message/delivery-status\n\n{groups}"
    original = "Content-Type: text/rfc822-headers\n\nMessage-ID: <o@x>\nSubject: =?utf-8?Q?=C5=BC?=\n"
    message = _message(PLAIN, status, original, kind="report; report-type=delivery-status")
    assert message.report is not None
    assert message.report.report_type == "delivery-status"
    assert message.report.groups == (
        {"reporting-mta": "dns; x"},
        {"final-recipient": "rfc822;a@b", "action": "failed"},
    )
    assert message.report.original == {"message-id": "<o@x>", "subject": "ż"}
    assert message.text == "plain words"


def test_a_report_within_a_lists_wrapper_is_still_the_messages():
    status = "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x"
    report = (
        f"Content-Type: multipart/report; report-type=delivery-status; boundary=c\n\n--c\n{PLAIN}\n--c\n{status}\n--c--"
    )
    assert _message(report, "Content-Type: text/plain\n\nlist footer").report is not None


def test_a_report_that_a_person_attached_is_a_file():
    status = "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x"
    report = (
        f"Content-Type: multipart/report; report-type=delivery-status; boundary=c\n\n--c\n{PLAIN}\n--c\n{status}\n--c--"
    )
    message = _message(PLAIN, report)
    assert message.report is None
    assert [file.content_type for file in message.attachments] == ["message/delivery-status"]


def test_limits_bound_the_text():
    message = parse(b"\n" + b"x" * 5000, Limits(text=100))
    assert len(message.text) == 100
    assert len(parse(b"Content-Type: text/html\n\n" + b"<p>x" * 5000, Limits(html=1000)).text) < 1000


def test_pictures_within_html_do_not_push_its_words_out():
    picture = b"<img src='data:image/png;base64," + b"A" * 5000 + b"'>"
    message = parse(b"Content-Type: text/html\n\n" + picture + b"<p>words", Limits(html=1000))
    assert message.text == "words"


def test_hops_are_oldest_first():
    raw = (
        b"Received: from b.example (b.example [192.0.2.2]) by c.example with ESMTPS id 2;\n"
        b"\tMon, 2 Jun 2025 10:00:05 +0300\n"
        b"Received: from a.example (a.example [192.0.2.1]) by b.example with ESMTP id 1;\n"
        b" Mon, 2 Jun 2025 10:00:00 +0300\n\n"
    )
    first, second = trace(raw).hops
    assert (first.by, second.by) == ("b.example", "c.example")
    assert first.at == datetime(2025, 6, 2, 7, 0, tzinfo=UTC)
    assert second.protocol == "ESMTPS"
    assert (first.delay, second.delay) == (None, timedelta(seconds=5))


def test_the_library_names_what_is_malformed():
    raw = b"Content-Type: multipart/mixed; boundary=b\n\nno parts"
    assert "StartBoundaryNotFoundDefect" in trace(raw).defects
    assert trace(raw + b"x" * 1_000_000).defects == ()
    assert trace(b"Subject: x\n\nwords").defects == ()


@pytest.mark.parametrize(
    "raw", [b"", b"Received:\n\n", b"Received: \xff\xfe\x00;;;\n\n", b"Received: from\n" * 5000 + b"\n"]
)
def test_hops_of_junk_do_not_raise(raw):
    assert isinstance(trace(raw).hops, tuple)
