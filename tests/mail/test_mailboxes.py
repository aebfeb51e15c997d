"""Address lists as senders write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import mailboxes
from gateway.mail.address import is_valid

CASES = [
    (b"a@b.example", [("", "a@b.example")]),
    (b"<a@b.example>", [("", "a@b.example")]),
    (b"Jane Roe <a@b.example>", [("Jane Roe", "a@b.example")]),
    (b'"Roe, Jane" <a@b.example>', [("Roe, Jane", "a@b.example")]),
    (b'"Jane \\"JR\\" Roe" <a@b.example>', [('Jane "JR" Roe', "a@b.example")]),
    (b"Roe, Jane <a@b.example>", [("Roe, Jane", "a@b.example")]),
    (b"a@b.example (Jane Roe)", [("Jane Roe", "a@b.example")]),
    (b"a@b.example, c@d.example", [("", "a@b.example"), ("", "c@d.example")]),
    (b"a@b.example; c@d.example", [("", "a@b.example"), ("", "c@d.example")]),
    (b"<a@b.example>,<c@d.example>", [("", "a@b.example"), ("", "c@d.example")]),
    (b"=?utf-8?Q?M=C3=BCller?= <a@b.example>", [("Müller", "a@b.example")]),
    (b"=?utf-8?Q?M=C3=BCller=2C_K?= <a@b.example>", [("Müller, K", "a@b.example")]),
    (b"=?utf-8?Q?M=C3=BCller,_K?= <a@b.example>", [("Müller, K", "a@b.example")]),
    (b'"=?utf-8?Q?M=C3=BCller?=" <a@b.example>', [("Müller", "a@b.example")]),
    (b"=?utf-8?Q?Jane_Roe_<a=40b.example>?=", [("Jane Roe", "a@b.example")]),
    (b"=?utf-8?Q?a=40b=2Eexample?=", [("", "a@b.example")]),
    (b'"A " <>, "LTD" <x@y.example>', [("LTD", "x@y.example")]),
    (b"'Jane Roe' <a@b.example>", [("Jane Roe", "a@b.example")]),
    (b"\"'Jane Roe'\" <a@b.example>", [("Jane Roe", "a@b.example")]),
    (b'""Jane Roe"" <a@b.example>', [("Jane Roe", "a@b.example")]),
    (b'"a@b.example" <a@b.example>', [("", "a@b.example")]),
    (b"a@b.example <a@b.example>", [("", "a@b.example")]),
    (b"Jane <A@B.example>", [("Jane", "A@B.example")]),
    (b"M\xfcller <a@b.example>", [("Müller", "a@b.example")]),
    ("Żółć <a@b.example>".encode(), [("Żółć", "a@b.example")]),
    ("山田太郎 <a@b.example>, c@d.example".encode("iso2022_jp"), [("山田太郎", "a@b.example"), ("", "c@d.example")]),
    (b"Team: a@b.example, Jane <c@d.example>;", [("", "a@b.example"), ("Jane", "c@d.example")]),
    (b"Team: a@b.example;, e@f.example", [("", "a@b.example"), ("", "e@f.example")]),
    (b"undisclosed-recipients:;", []),
    (b"undisclosed recipients: ;", []),
    (b"<@relay.example:a@b.example>", [("", "a@b.example")]),
    (b"<mailto:a@b.example>", [("", "a@b.example")]),
    (b"Jane [mailto:a@b.example]", [("Jane", "a@b.example")]),
    (b"Jane <a@b.example", [("Jane", "a@b.example")]),
    (b'"Jane <a@b.example>', [("Jane", "a@b.example")]),
    (b"< a@b.example >", [("", "a@b.example")]),
    (b"Jane a@b.example", [("Jane", "a@b.example")]),
    (b"Jane <<a@b.example>>", [("Jane", "a@b.example")]),
    (b"root", []),
    (b"<>", []),
    (b"", []),
    (b",,,;;", []),
    (b"Jane <not an address>", []),
    (b"good@b.example, bad, other@d.example", [("", "good@b.example"), ("bad", "other@d.example")]),
    (b"\xe5\xbc\xa0\xe4\xb8\x89 <a@b.example>", [("张三", "a@b.example")]),
    ("użytkownik@żółw.example".encode(), [("", "użytkownik@żółw.example")]),
    (b"Jane\x00 <a@b.example>", [("Jane", "a@b.example")]),
    (b"=?utf-8?B?xbt1cm93c2tpLCBKYW4=?= <a@b.example>", [("Żurowski, Jan", "a@b.example")]),
    (b'"Jane" <a@b.example> <c@d.example>', [("Jane", "a@b.example")]),
    (b"<> <a@b.example>", [("", "a@b.example")]),
    (b"Jane <a@b.example,c@d.example>", [("Jane", "a@b.example")]),
    (b"Jane (a@b.example)", [("Jane", "a@b.example")]),
    (b'Jane <"jane.roe"@b.example>', [("Jane", "jane.roe@b.example")]),
    (b"Jane <mailto:a@b.example?subject=x>", [("Jane", "a@b.example")]),
    (b'"mailto:a@b.example" <a@b.example>', [("", "a@b.example")]),
    (b"Jane <SMTP:a@b.example>", [("Jane", "a@b.example")]),
    (b"Jane &lt;a@b.example&gt;", [("Jane", "a@b.example")]),
    (b"Sales: Jane <a@b.example>", [("Sales: Jane", "a@b.example")]),
    (b'"Roe, J" </O=EX/OU=FIRST/CN=RECIPIENTS/CN=JROE>', []),
    (b"/O=EX/OU=FIRST/CN=RECIPIENTS/CN=JROE", []),
    (b"c@d.example via List <a@b.example>", [("c@d.example via List", "a@b.example")]),
]


@pytest.mark.parametrize(("raw", "expected"), CASES, ids=[repr(row[0])[:50] for row in CASES])
def test_read(raw, expected):
    assert [(mailbox.name, mailbox.address) for mailbox in mailboxes.read(raw, 100)] == expected


def test_the_number_is_bounded():
    assert len(mailboxes.read(b"a@b.example, " * 5000, 200)) == 200


@given(st.binary(max_size=300))
def test_never_raises_and_yields_only_addresses_that_can_be_written_to(raw):
    for mailbox in mailboxes.read(raw, 100):
        assert is_valid(mailbox.address)
        assert not set(mailbox.name) & {"\r", "\n", "\x00"}


@given(
    st.lists(
        st.sampled_from(
            [b"<", b">", b'"', b"(", b")", b",", b";", b":", b"a@b.example", b"=?utf-8?Q?a?=", b" ", b"\\", b"@"]
        ),
        max_size=30,
    )
)
def test_never_raises_on_punctuation(pieces):
    mailboxes.read(b"".join(pieces), 100)
