"""Bad mail through SMTP into the running daemon: taken, then a ticket or held, and the next customer is served."""

import re
import smtplib
from email.parser import BytesHeaderParser

import pytest

from gateway.store.spool import SpoolState
from tests.journeys.gateway import smarthost
from tests.journeys.letters import ANNAS, KIMS, answer, everything, letter, mails_to, read, send, submit, wait_for_mails

HEAD = b"From: Kim Kask <kim@customer.test>\r\nTo: support@example.test\r\nSubject: Printer\r\n"
DATE = b"Date: Mon, 04 May 2026 10:00:00 +0000\r\n"
HTML = b"Content-Type: text/html; charset=utf-8\r\n\r\n"


def nested(depth: int) -> bytes:
    opened = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(depth))
    return HEAD + opened + b"\r\nAt the bottom.\r\n"


def attached(name: bytes) -> bytes:
    return (
        HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nSee the file.\r\n--b\r\n'
        b"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=" + name + b"\r\n\r\n"
        b"octets\r\n--b--\r\n"
    )


HOSTILE = {
    "empty": b"",
    "a line break": b"\r\n",
    "no header": b"\r\nIt burns.\r\n",
    "no body": HEAD,
    "NUL octets": b"From: k\x00im@customer.test\r\nSubject: Pri\x00nter\r\n\r\nIt \x00burns.\x00\r\n",
    "no From": b"To: support@example.test\r\nSubject: Printer\r\n\r\nIt burns.\r\n",
    "two Froms": b"From: kim@customer.test\r\nFrom: mallory@elsewhere.test\r\nSubject: x\r\n\r\nIt burns.\r\n",
    "a From of nonsense": b"From: <<>>@@;;,,\r\nSubject: x\r\n\r\nIt burns.\r\n",
    "two Subjects": HEAD + b"Subject: Another\r\n\r\nIt burns.\r\n",
    "nested 2000 deep": nested(2000),
    "nested mails": HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 2000 + b"It burns.\r\n",
    "a subject with line breaks": HEAD.replace(b"Printer", b"=?utf-8?q?Printer=0D=0ABcc:_mallory@elsewhere.test?=")
    + b"\r\nIt burns.\r\n",
    "a name with line breaks": HEAD.replace(b"Kim Kask", b"=?utf-8?q?Kim=0D=0AX-Injected:_yes=0D=0A=0D=0ABody?=")
    + b"\r\nIt burns.\r\n",
    "a Message-ID with line breaks": HEAD
    + b"Message-ID: <a\r\n b\x0bc@d>\r\nReferences: <x\r\n\t>\r\n\r\nIt burns.\r\n",
    "a file up the tree": attached(b'"../../../../etc/passwd"'),
    "a file with line breaks": attached(b'"a=?utf-8?q?=0D=0AX-Injected:_yes?=.txt"'),
    "a file without end": attached(b'"' + b"a" * 5000 + b'.txt"'),
    "a file of NUL": attached(b'"a\x00.exe"'),
    "broken base64": HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n=====!!!!AAA\r\n",
    "an unknown charset": HEAD + b"Content-Type: text/plain; charset=martian-7\r\n\r\nIt b\xfcrns.\r\n",
    "script": HEAD + HTML + b"<script>alert(1)</script><p>{{ 7*7 }} {% raw %}</p><img src=x onerror=alert(1)>\r\n",
    "a template": HEAD.replace(b"Printer", b"{{ ring.keys }}{% for x in y %}") + b"\r\n{{ config }}\r\n",
    "20 MB": HEAD + b"\r\n" + b"All work and no play makes Kim a dull boy, all day long, said he.\r\n" * 310_000,
    "lines of 500 kB": HEAD + b"\r\n" + (b"x" * 500_000 + b"\r\n") * 3,
    "a header of 500 kB": HEAD + b"X-Long: " + b"y" * 500_000 + b"\r\n\r\nIt burns.\r\n",
    "100,000 recipients": HEAD
    + b"Cc: "
    + b",\r\n ".join(b"c%d@elsewhere.test" % n for n in range(100_000))
    + b"\r\n\r\nx\r\n",
    "bare line feeds and returns": HEAD.replace(b"\r\n", b"\n") + b"\nIt\rburns\n.\n\rat all\r\n",
    "lone surrogates": HEAD.replace(b"Printer", b"\xed\xa0\x80\xff\xfe") + b"\r\n\xed\xa0\x80\r\n",
}


@pytest.fixture
def gateway(make_gateway, sink):
    gateway = make_gateway(smarthost=smarthost(sink.port))
    gateway.start()
    return gateway


def test_each_is_taken_and_ends_as_a_ticket_or_held_and_the_next_customer_is_served(gateway, sink):
    replies = {}
    with smtplib.SMTP("127.0.0.1", gateway.port, local_hostname="client.test", timeout=60) as client:
        for name, raw in HOSTILE.items():
            client.ehlo_or_helo_if_needed()
            client.mail(KIMS)
            client.rcpt("support@example.test")
            client.putcmd("data")
            assert client.getreply()[0] == 354
            client.send(re.sub(rb"(?m)^\.", b"..", raw) + (b"" if raw.endswith(b"\r\n") else b"\r\n") + b".\r\n")
            replies[name] = client.getreply()
    submit(gateway.port, letter("Is anybody there?", sender="next@customer.test"))

    assert {name: reply for name, reply in replies.items() if reply[0] != 250} == {}
    assert all(re.fullmatch(rb"2\.0\.0 stored as spool \d+", said) for _, said in replies.values())
    gateway.settled(len(HOSTILE) + 1, 60)
    wait_for_mails(sink, "next@customer.test", 1)
    ends = dict(zip(HOSTILE, gateway.spool, strict=False))
    odd = {name: (mail.verdict, mail.reason) for name, mail in ends.items() if mail.verdict not in {"opened", "held"}}
    assert odd == {}
    unprocessed = {name: mail.reason for name, mail in ends.items() if "could not be processed" in mail.reason}
    assert unprocessed == {}
    assert {name for name, mail in ends.items() if mail.state is SpoolState.HELD} == {"empty", "a line break"}

    people = {KIMS, ANNAS, "next@customer.test", "mallory@elsewhere.test"}  # he is the second From
    for mail in sink.mails:
        assert not re.search(rb"(?im)^(bcc|x-injected):", mail.raw)
        header = BytesHeaderParser().parsebytes(mail.raw)  # the mails inside are too much for a whole parse
        assert not [name for name, value in header.items() if "\x00" in str(value)]
        assert set(mail.rcpt_to) <= people
    assert not [mail for mail in gateway.outgoing() if mail.state != "sent"]


def test_what_goes_in_by_smtp_is_stored_octet_by_octet(gateway):
    raw = HEAD + DATE + b"\r\n" + bytes(range(1, 256)).replace(b"\r", b"").replace(b"\n", b"") + b"\r\n.\r\n..\r\n"
    send(gateway.port, raw)
    gateway.settled(1)
    from gateway import store

    with gateway.database.read() as db:
        assert store.spool.original(db, gateway.spool[0].id).read() == raw


def test_hostile_words_are_only_words_to_agent_and_customer(gateway, sink):
    name = "{{ 7*7 }} <script>alert(1)</script>"
    submit(gateway.port, letter("{{ 7*7 }}{% raw %}<b>", sender=f'"{name}" <{KIMS}>', subject="{{ 7*7 }}<script>"))
    (notice,), (acknowledgement,) = wait_for_mails(sink, ANNAS, 1), wait_for_mails(sink, KIMS, 1)
    assert "{{ 7*7 }}" in everything(notice)
    for raw in (notice, acknowledgement):
        html = read(raw).get_body(("html",))
        assert html is not None
        assert "<script>" not in html.get_content()

    submit(gateway.port, answer(notice, f"Anna <{ANNAS}>", "{{ ticket }}"))

    assert "{{ ticket }}" in everything(wait_for_mails(sink, KIMS, 2)[1])


def test_larger_than_allowed_is_refused_for_good(make_gateway, sink):
    gateway = make_gateway(smarthost=smarthost(sink.port))
    gateway.configure(listener=[{"port": gateway.port, "message_size": "1 MiB"}])
    gateway.start()

    assert send(gateway.port, HEAD + b"\r\n" + (b"x" * 70 + b"\r\n") * 20_000).startswith("552")

    assert submit(gateway.port, letter()).startswith("250")
    wait_for_mails(sink, KIMS, 1)
    assert len(gateway.spool) == len(mails_to(sink, KIMS)) == 1


def test_a_line_that_breaks_off_stores_nothing(gateway, sink):
    client = smtplib.SMTP("127.0.0.1", gateway.port, local_hostname="client.test", timeout=20)
    client.ehlo()
    client.mail(KIMS)
    client.rcpt("support@example.test")
    client.putcmd("data")
    client.getreply()
    client.send(HEAD + b"\r\nIt bur")
    client.close()

    submit(gateway.port, letter())

    wait_for_mails(sink, KIMS, 1)
    assert len(gateway.spool) == 1
