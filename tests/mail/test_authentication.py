"""Only what the receiving server itself wrote counts, whatever form it has; whatever a stranger wrote does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import authentication
from gateway.mail.authentication import Authentication, Result, are_related
from gateway.mail.parse import parse

ENTRY = (
    "Received: from mail.customer.example (mail.customer.example [203.0.113.7])\n by mx.desk.example with ESMTPS id 1"
)
LOCAL = "Received: from mx.desk.example by store.desk.example with LMTP id 2"
OLDER = "Received: from laptop (home [198.51.100.9]) by mail.customer.example with ESMTPSA id 3"
PASSES = "Authentication-Results: mx.desk.example; dmarc=pass header.from=customer.example"
FROM = "From: Jane <jane@customer.example>"


def _read(*fields, authserv_id="mx.desk.example", author=FROM, is_below=False):
    raw = "\n".join((*fields, author, "", "x")).encode()
    return authentication.read(parse(raw), authserv_id, is_below=is_below)


def _said(value, **more):
    return _read(f"Authentication-Results: {value}", ENTRY, **more)


def test_nothing_is_known_of_a_mail_without_the_field():
    assert _read(ENTRY) == Authentication()


def test_all_of_a_field():
    found = _said(
        "mx.desk.example; spf=pass (sender is allowed) smtp.mailfrom=bounce@mail.customer.example;\n"
        " dkim=pass header.i=@customer.example header.s=a; dmarc=pass (p=NONE) header.from=customer.example"
    )
    assert found == Authentication(
        Result.PASS,
        Result.PASS,
        Result.PASS,
        aligned=True,
        spf_domain="mail.customer.example",
        dkim_domain="customer.example",
        dmarc_domain="customer.example",
    )


RESULTS = [
    # what follows the id, (spf, dkim, dmarc, aligned)
    ("none", "none none none no"),
    ("spf=pass smtp.mailfrom=customer.example", "pass none none no"),
    ("dkim=pass header.d=customer.example", "none pass none no"),
    ("spf=pass smtp.mailfrom=customer.example; dkim=pass header.d=customer.example", "pass pass none yes"),
    ("spf=pass smtp.mailfrom=a.customer.example; dkim=pass header.d=customer.example", "pass pass none yes"),
    ("spf=pass smtp.mailfrom=other.example; dkim=pass header.d=customer.example", "pass pass none no"),
    ("spf=pass smtp.mailfrom=customer.example; dkim=pass header.d=notcustomer.example", "pass pass none no"),
    ("spf=pass smtp.mailfrom=customer.example; dkim=pass header.d=example", "pass pass none no"),
    ("spf=softfail smtp.mailfrom=customer.example; dkim=pass header.d=customer.example", "softfail pass none no"),
    (
        "spf=pass smtp.mailfrom=customer.example; dkim=pass header.d=customer.example; dmarc=fail",
        "pass pass fail no",
    ),
    ("dmarc=pass", "none none pass yes"),
    ("dmarc=pass header.from=customer.example", "none none pass yes"),
    ("dmarc=pass header.from=other.example", "none none pass no"),
    ("dmarc=temperror header.from=customer.example", "none none temperror no"),
    ("dmarc=bestguesspass header.from=customer.example", "none none none no"),
    ("dmarc=passed", "none none none no"),
    ("dmarc=pass@other.example", "none none none no"),
    ("dkim=fail header.d=customer.example; dkim=pass header.d=other.example", "none pass none no"),
    (
        "spf=pass smtp.mailfrom=customer.example; dkim=pass header.d=list.example; dkim=pass header.d=customer.example",
        "pass pass none yes",
    ),
    ("dmarc=fail header.from=customer.example; dmarc=pass header.from=customer.example", "none none fail no"),
    ("DMARC = PASS header.from = Customer.Example", "none none pass yes"),
    ("dmarc/1=pass", "none none pass yes"),
    ("spf=hardfail; dkim=invalid; dmarc=error", "fail permerror temperror no"),
    ("spf=neutral; dkim=policy; dmarc=permerror", "neutral policy permerror no"),
    ("(a (nested ; dmarc=fail) comment) dmarc=pass", "none none pass yes"),
    ("dmarc=fail (dmarc=pass; dmarc=pass)", "none none fail no"),
    ("(dmarc=pass)", "none none none no"),
    (r"(\) dmarc=pass", "none none none no"),
    ('spf=fail reason="x; dmarc=pass"', "fail none none no"),
    (r'spf=fail reason="x\"; dmarc=pass; \""', "fail none none no"),
    ('spf=fail smtp.mailfrom="x; dmarc=pass"@other.example', "fail none none no"),
    ("spf=fail smtp.mailfrom=dmarc=pass@other.example", "fail none none no"),
    ("x-tls=pass; dmarc=pass; iprev=pass policy.iprev=203.0.113.7", "none none pass yes"),
    ("=pass; ;;dmarc=; dkim", "none none none no"),
]


@pytest.mark.parametrize(("value", "expected"), RESULTS)
def test_results(value, expected):
    found = _said(f"mx.desk.example; {value}")
    assert f"{found.spf} {found.dkim} {found.dmarc} {'yes' if found.aligned else 'no'}" == expected


@pytest.mark.parametrize(
    "said",
    [
        "mx.desk.example; dmarc=pass",
        "MX.Desk.Example.; dmarc=pass",
        "mx.desk.example 1; dmarc=pass",
        '"mx.desk.example"; dmarc=pass',
        "(one) mx.desk.example (two) 1 (three); dmarc=pass",
        "mx.desk.example;\n\tdmarc=pass",
        "mx.desk.example;dmarc=pass",
    ],
)
def test_the_servers_name_in_its_forms(said):
    assert _said(said).aligned


@pytest.mark.parametrize(
    "said",
    [
        "mx.other.example; dmarc=pass",
        "desk.example; dmarc=pass",
        "evil.mx.desk.example; dmarc=pass",
        "mx.desk.example.evil.example; dmarc=pass",
        "(mx.desk.example) mx.other.example; dmarc=pass",
        "(mx.desk.example;) ; dmarc=pass",
        "mx.other.example mx.desk.example; dmarc=pass",
        "dmarc=pass",
        "",
        ";",
    ],
)
def test_another_servers_word_is_nothing(said):
    assert _said(said) == Authentication()


def test_without_a_configured_name_nobody_is_believed():
    assert _said("mx.desk.example; dmarc=pass", authserv_id="") == Authentication()
    assert _said("; dmarc=pass", authserv_id=" ") == Authentication()


FAILS = "Authentication-Results: mx.desk.example; dmarc=fail header.from=customer.example"
FORGED_HOP = "Received: from customer.example (customer.example [10.0.0.1]) by mx.desk.example with ESMTPS id 9"
PLACES = [
    # fields from the top, whether the author is proven
    ((PASSES, ENTRY, OLDER), True),
    ((LOCAL, PASSES, ENTRY, OLDER), True),
    ((PASSES, LOCAL, ENTRY, OLDER), True),
    (("Received: (qmail 12 invoked by uid 89); Mon", PASSES, ENTRY), True),
    ((PASSES,), True),
    ((ENTRY, OLDER, PASSES), False),
    ((LOCAL, ENTRY, OLDER, PASSES), False),
    ((FAILS, ENTRY, PASSES, OLDER), False),
    ((FAILS, LOCAL, ENTRY, PASSES), False),
    ((FAILS, LOCAL, PASSES, ENTRY), False),
    ((FAILS, PASSES, ENTRY), False),
    ((ENTRY, FORGED_HOP, PASSES), False),
    ((LOCAL, ENTRY, FORGED_HOP, PASSES, OLDER), False),
    ((f"ARC-{PASSES}".replace(":", ": i=1;", 1), ENTRY, OLDER), True),
    ((f"ARC-{FAILS}".replace(":", ": i=1;", 1), ENTRY, PASSES), False),
    ((f"ARC-{PASSES}".replace(":", ": i=1;", 1).replace("mx.", "mx2."), ENTRY, OLDER), False),
    ((f"ARC-{PASSES}".replace(":", ": i=1;", 1),), False),
    ((ENTRY, "ARC-Authentication-Results: i=1; mx.desk.example; dmarc=pass", OLDER), False),
    ((ENTRY, "X-Authentication-Results: mx.desk.example; dmarc=pass"), False),
    (("Authentication-Results: mx.other.example; dmarc=fail", PASSES, ENTRY), True),
]


@pytest.mark.parametrize(("fields", "expected"), PLACES)
def test_only_what_stands_above_the_trust_line_counts(fields, expected):
    assert _read(*fields).aligned is expected


BELOW = [
    # likewise, where the server writes below its Received field: a forged one right there is told from its own by that
    ((ENTRY, PASSES, OLDER), True),
    ((LOCAL, ENTRY, "Received-SPF: pass", PASSES, OLDER), True),
    (("Received: by 10.0.0.2 with SMTP id 8", "X-Received: by 10.0.0.3", ENTRY, PASSES, OLDER), True),
    ((PASSES, ENTRY), True),
    ((ENTRY, FAILS, PASSES, OLDER), False),
    ((ENTRY, FORGED_HOP, PASSES), False),
    ((ENTRY, OLDER, PASSES), False),
    ((ENTRY, "Authentication-Results: mx.desk.example; spf=fail", PASSES), False),
]


@pytest.mark.parametrize(("fields", "expected"), BELOW)
def test_what_stands_right_below_the_line_counts_only_where_the_server_is_known_to_write_there(fields, expected):
    assert _read(*fields, is_below=True).aligned is expected
    assert not _read(*fields[fields.index(ENTRY) :]).aligned


def test_fields_of_several_filters_above_the_entry_count_together():
    spf = "Authentication-Results: mx.desk.example; spf=pass smtp.mailfrom=customer.example"
    dkim = "Authentication-Results: mx.desk.example; dkim=pass header.d=customer.example"
    assert _read(spf, dkim, ENTRY).aligned
    assert not _read(ENTRY, spf, dkim, is_below=True).aligned


@pytest.mark.parametrize(
    "entry",
    [
        "from localhost (unknown [203.0.113.7]) by mx.desk.example",
        "from by (unknown [203.0.113.7]) by mx.desk.example",
        "from [10.0.0.1] (unknown [203.0.113.7]) by mx.desk.example",
        "from mx.desk.example ([IPv6:2001:db8::7]) by mx.desk.example",
        "from unknown (HELO mx.desk.example) (203.0.113.7) by 0 with SMTP",
        "from mx.desk.example by mx.desk.example with SMTP",
        "from evil (2603:10a6:208:190::32) by mx.desk.example",
        "from evil with LMTP (unknown [203.0.113.7]) by mx.desk.example with SMTP",
        f"from {'10.0.0.1 ' * 10}(unknown [203.0.113.7]) by mx.desk.example with SMTP",
    ],
)
def test_what_a_client_says_of_itself_does_not_move_the_line(entry):
    assert not _read(f"Received: {entry}", FORGED_HOP, PASSES).aligned


EXCHANGE_HOP = (
    "Received: from A.EURP190.PROD.OUTLOOK.COM (2603:10a6:208:190::32)\n by B.eurprd08.prod.outlook.com"
    " (2603:10a6:208:db::12) with Microsoft SMTP Server; Tue"
)
EXCHANGE_ENTRY = (
    "Received: from mail.customer.example (203.0.113.7) by D.mail.protection.outlook.com (10.152.20.1) with Microsoft"
)
NAMELESS = (
    "Authentication-Results: spf=pass (sender IP is 203.0.113.7)\n smtp.mailfrom=customer.example; dkim=pass"
    " (signature was verified)\n header.d=customer.example;dmarc=pass action=none\n"
    " header.from=customer.example;compauth=pass reason=100"
)


def test_exchange_online_gives_no_name_and_is_known_by_the_hop():
    entered = (EXCHANGE_HOP, NAMELESS, "Received-SPF: Pass (protection.outlook.com: x)", EXCHANGE_ENTRY)
    found = _read(*entered, authserv_id="protection.outlook.com")
    assert (found.spf, found.dkim, found.dmarc, found.aligned) == ("pass", "pass", "pass", True)
    assert found.dkim_domain == "customer.example"
    assert not _read(*entered).aligned
    assert not _read(EXCHANGE_HOP, EXCHANGE_ENTRY, NAMELESS, authserv_id="protection.outlook.com").aligned
    assert not _read(NAMELESS, ENTRY, EXCHANGE_ENTRY, authserv_id="protection.outlook.com").aligned


@pytest.mark.parametrize(
    "author",
    [
        "From: a@customer.example, b@customer.example",
        "From: a@customer.example\nFrom: b@other.example",
        "From: <a@customer.example> <b@other.example>",
        "From: nobody",
        "Subject: x",
    ],
)
def test_an_author_who_is_not_one_is_not_proven(author):
    assert not _said("mx.desk.example; dmarc=pass", author=author).aligned


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a.example", "a.example", True),
        ("b.a.example", "a.example", True),
        ("a.example", "c.b.a.example", True),
        ("xa.example", "a.example", False),
        ("b.a.example", "c.a.example", False),
        ("example", "a.example", False),
        ("example", "example", False),
        ("", "a.example", False),
        (".example", "a.example", False),
    ],
)
def test_relaxed_alignment(one, other, expected):
    assert are_related(one, other) is expected
    assert are_related(other, one) is expected


@given(st.text(alphabet='spfdkmarc=;()" \\/.@1', max_size=200))
def test_any_value_ends_in_a_result(value):
    assert isinstance(_said(f"mx.desk.example; {value}".replace("\n", " ")), Authentication)


@pytest.mark.parametrize(
    "value", ["(" * 100_000, '"' * 99_999, "a=b;" * 50_000, "a" * 100_000, "\\" * 99_999, "= " * 90_000]
)
def test_hostile_values(value):
    assert not _said(f"mx.desk.example; {value}").aligned
    assert not _read(*[f"Received: from {value}"] * 20, *[f"Authentication-Results: {value}"] * 20).aligned


@pytest.mark.parametrize("end", [b"\n", b"\n\r", b"\r", b"\x00\n", b"\x0b", b"\x85", "\u2028".encode()])
@pytest.mark.parametrize("is_above", [True, False])
def test_a_field_smuggled_into_another_is_not_believed(end, is_above):
    """A server that ends lines at CRLF only (RFC 5321 §2.3.8) saw one field here, and had nothing to delete."""
    smuggled = b"X-Mailer: x" + end + PASSES.encode() + b"\r\n"
    entry = ENTRY.replace("\n", "\r\n").encode() + b"\r\n"
    head = smuggled + entry if is_above else entry + smuggled
    raw = head + FROM.encode() + b"\r\n\r\nx\r\n"
    assert authentication.read(parse(raw), "mx.desk.example", is_below=True) == Authentication()
    straight = raw.replace(end + PASSES.encode(), b"\r\n" + PASSES.encode())
    assert authentication.read(parse(straight), "mx.desk.example", is_below=not is_above).aligned
