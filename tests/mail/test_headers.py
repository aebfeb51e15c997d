"""Header fields from octets to values."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import headers

DECODED = [
    (b"plain", "plain"),
    (b"=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
    (b"=?UTF-8?B?R3LDvMOfZQ==?=", "Grüße"),
    (b"=?utf-8?b?R3LDvMOfZQ?=", "Grüße"),
    (b"=?utf-8?Q?two_words?= and =?utf-8?Q?more?=", "two words and more"),
    (b"=?utf-8?Q?joined?= =?utf-8?Q?_here?=", "joined here"),
    (b"=?utf-8?Q?joined?=\r\n =?utf-8?Q?_here?=", "joined here"),
    (b"=?utf-8?Q?=C3?= =?utf-8?Q?=BC?=", "ü"),
    (b"=?utf-8?B?w7w=?= =?utf-8?B?w7w=?=", "üü"),
    (b"=?utf-8?B?ww==?= =?utf-8?B?vA==?=", "ü"),
    (b"=?utf-8?Q?a?= =?iso-8859-1?Q?=FC?=", "aü"),
    (b"=?utf-8?Q?with space inside?=", "with space inside"),
    (b"=?utf-8?Q?question?mark?=", "question?mark"),
    (b"=?utf-8*en?Q?language?=", "language"),
    (b"=?iso-8859-1?Q?Fr\xf6sche?=", "Frösche"),
    (b"Gr\xfc\xdfe =?iso-8859-1?Q?K=F6ln?=", "Grüße Köln"),
    ("Grüße roh".encode(), "Grüße roh"),
    (b"=?gb2312?B?xOO6ww==?=", "你好"),
    (b"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"),
    (b"=?x-unknown?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
    (b"=?utf-8?X?broken?=", "=?utf-8?X?broken?="),
    (b"=?utf-8?Q?unterminated", "=?utf-8?Q?unterminated"),
    (b"=?utf-8?B?!!!?=", ""),
    (b"tab\tand\r\n fold", "tab and  fold"),
    (b"nul\x00led", "nul led"),
    (b"=?utf-8?Q?in=0D=0AX-Injected:_1?=", "in X-Injected: 1"),
    (b"=?utf-8?Q??=", ""),
    (b"=?utf-8?Q?no?==?utf-8?Q?space?=", "nospace"),
    (b"Re:=?utf-8?Q?stuck=20to?=it", "Re:stuck toit"),
    (b"=? utf-8 ?Q?spaces?=", "spaces"),
    (b"=?utf-8? B?w7w=?=", "ü"),
    (b"=?utf-8?B?w7w= w7w=?=", "üü"),
    (b"=?UTF8?B?ww==?= =?utf-8?B?vA==?=", "ü"),
    (b"Re: =?utf-8?B?5L2g5aW9", "Re: 你好"),
    (b"Re: =?utf-8?B?5L2g5aW9?", "Re: 你好"),
    (b"Re: =?no-such?B?5L2g5aW9", "Re: =?no-such?B?5L2g5aW9"),
    (b"=?utf-8?Q?Fr\xc3\xb6sche?= \xc3\xbc", "Frösche ü"),
    (b"\x1b$B$3$s\x1b(B", "こん"),
    (b"", ""),
]


@pytest.mark.parametrize(("raw", "expected"), DECODED, ids=[repr(row[0])[:40] for row in DECODED])
def test_decode(raw, expected):
    assert headers.decode(raw) == expected


PARAMETERS = [
    (b"text/plain", "text/plain", {}),
    (b"TEXT/Plain; CHARSET=utf-8", "text/plain", {"charset": "utf-8"}),
    (b'text/plain; charset="utf-8"; format=flowed', "text/plain", {"charset": "utf-8", "format": "flowed"}),
    (b"text/plain ; charset = utf-8", "text/plain", {"charset": "utf-8"}),
    (b'a/b; name="se;mi.txt"', "a/b", {"name": "se;mi.txt"}),
    (b'a/b; name="quo\\"te.txt"', "a/b", {"name": 'quo"te.txt'}),
    (b"a/b; name=two words.txt", "a/b", {"name": "two words.txt"}),
    (b'a/b; name="no end', "a/b", {"name": "no end"}),
    (b'a/b; name="=?utf-8?Q?=C5=BB.pdf?="', "a/b", {"name": "Ż.pdf"}),
    (b"a/b; name*=utf-8''%C5%BB.pdf", "a/b", {"name": "Ż.pdf"}),
    (b"a/b; name*=UTF-8'pl'%C5%BB.pdf", "a/b", {"name": "Ż.pdf"}),
    (b"a/b; name*0*=utf-8''%C5%BB; name*1=o; name*2*=%C5%82ty.pdf", "a/b", {"name": "Żołty.pdf"}),
    (b"a/b; name*1*=%C5%82.pdf; name*0*=utf-8''%C5%BB", "a/b", {"name": "Żł.pdf"}),
    (b"a/b; name*0=long; name*1=er.pdf", "a/b", {"name": "longer.pdf"}),
    (b"a/b; name=plain.pdf; name*=utf-8''%C5%BB.pdf", "a/b", {"name": "Ż.pdf"}),
    (b"a/b; name=plain.pdf; name*=utf-8''%FF.pdf", "a/b", {"name": "plain.pdf"}),
    (b"a/b; name*0*=iso-8859-1''%FC; name*1*=%DF", "a/b", {"name": "üß"}),
    (b"a/b; name=\xc5\xbb.pdf", "a/b", {"name": "Ż.pdf"}),
    (b"a/b; name*=utf-8''", "a/b", {"name": ""}),
    (b"", "", {}),
    (b";;;=", "", {}),
    (b"text/plain (comment); charset=utf-8", "text/plain", {"charset": "utf-8"}),
    (b"text/plain charset=utf-8", "text/plain", {"charset": "utf-8"}),
    (b"text/plain, charset=utf-8", "text/plain", {"charset": "utf-8"}),
    (b'multipart/mixed boundary="x y"', "multipart/mixed", {"boundary": "x y"}),
    (b"filename=x.pdf", "", {"filename": "x.pdf"}),
    (b'a/b; name="C:\\temp\\new.txt"', "a/b", {"name": "C:\\temp\\new.txt"}),
    (b"a/b; name=UTF-8''%e4%bd%a0.pdf", "a/b", {"name": "你.pdf"}),
    (b"a/b; name*=\"UTF-8''%e4%bd%a0.pdf\"", "a/b", {"name": "你.pdf"}),
    (b"a/b; name*=it's.pdf", "a/b", {"name": "it's.pdf"}),
    (b'a/b; name*0="=?UTF-8?B?5L2g"; name*1="5aW9?="', "a/b", {"name": "你好"}),
    (b"a/b; name*0=a; name*2=c", "a/b", {"name": "ac"}),
    (b'a/b; name="\xd6\xd0\xce\xc4.txt"', "a/b", {"name": "中文.txt"}),
    (b"a/b; name==?utf-8?Q?=C5=BB=2Epdf?=", "a/b", {"name": "Ż.pdf"}),
]


@pytest.mark.parametrize(("raw", "value", "parameters"), PARAMETERS, ids=[repr(row[0])[:50] for row in PARAMETERS])
def test_value_and_parameters(raw, value, parameters):
    assert headers.value_and_parameters(raw) == (value, parameters)


IDS = [
    ("<a@b>", ("a@b",)),
    ("<a@b> <c@d>", ("a@b", "c@d")),
    ("<a@b><c@d>", ("a@b", "c@d")),
    ("<a@b>\r\n\t<c@d>", ("a@b", "c@d")),
    ("<a@b>, <c@d>", ("a@b", "c@d")),
    ("<a@ b>", ("a@b",)),
    ("<a@b> <a@b>", ("a@b",)),
    ("a@b", ("a@b",)),
    ("a@b c@d", ("a@b", "c@d")),
    ("Your message of Monday <a@b>", ("a@b",)),
    ("<no-at-sign>", ("no-at-sign",)),
    ("<>", ()),
    ("nothing", ()),
    ("@", ()),
    ("user@", ()),
    ("", ()),
]


@pytest.mark.parametrize(("value", "expected"), IDS)
def test_ids(value, expected):
    assert headers.ids(value, 100) == expected


def test_many_ids_keep_both_ends():
    found = headers.ids(" ".join(f"<{number}@x>" for number in range(1000)), 100)
    assert len(found) == 100
    assert found[0] == "0@x"
    assert found[-1] == "999@x"


DATES = [
    ("Tue, 03 Jun 2025 09:15:00 +0300", datetime(2025, 6, 3, 6, 15, tzinfo=UTC)),
    ("3 Jun 2025 09:15:00 GMT", datetime(2025, 6, 3, 9, 15, tzinfo=UTC)),
    ("Tue, 3 Jun 2025 09:15 +0000 (UTC)", datetime(2025, 6, 3, 9, 15, tzinfo=UTC)),
    ("Tue, 03 Jun 2025 09:15:00 -0000", datetime(2025, 6, 3, 9, 15, tzinfo=UTC)),
    ("Tue, 03 Jun 2025 09:15:00", datetime(2025, 6, 3, 9, 15, tzinfo=UTC)),
    ("Tue, 03 Jun 2025 09:15:00 EST", datetime(2025, 6, 3, 14, 15, tzinfo=UTC)),
    ("yesterday", None),
    ("Tue, 99 Jun 2025 09:15:00 +0000", None),
    ("Fri, 31 Dec 9999 23:59:59 -2300", None),
    ("", None),
    ("1" * 100_000, None),
]


@pytest.mark.parametrize(("value", "expected"), DATES, ids=[row[0][:40] for row in DATES])
def test_date(value, expected):
    assert headers.date(value) == expected


@given(st.binary(max_size=300))
def test_nothing_raises(raw):
    text = headers.decode(raw)
    assert not set(text) & {"\r", "\n", "\x00"}
    headers.value_and_parameters(raw)
    headers.ids(text, 10)
    headers.date(text)


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1, max_size=40)
)
def test_words_of_any_letters_come_back(text):
    import base64

    octets = text.encode()
    words = b" ".join(b"=?utf-8?B?" + base64.b64encode(octets[at : at + 5]) + b"?=" for at in range(0, len(octets), 5))
    assert headers.decode(words) == text
