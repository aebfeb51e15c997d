import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import address
from gateway.mail.address import Mailbox

ANYTHING = st.text(st.characters())  # lone surrogates too


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("Kim@Example.COM", "kim@example.com"),
        (" <kim@example.com> ", "kim@example.com"),
        ("< kim@example.com >", "kim@example.com"),
        ("\tkim@example.com\r\n", "kim@example.com"),
        ("ΝΊΚΟΣ@example.gr", "νίκοσ@example.gr"),
    ],
)
def test_addresses_are_compared_stripped_and_case_folded(written, compared):
    assert address.normalise(written) == compared


@given(ANYTHING)
def test_normalising_twice_changes_nothing(text):
    assert address.normalise(address.normalise(text)) == address.normalise(text)


@pytest.mark.parametrize(
    "good",
    [
        "kim@example.com",
        "kim.o'hara+tag@sub.example.co.uk",
        "a@b",
        f"{'a' * 64}@example.com",
        "жена@почта.рф",
        "δοκιμή@παράδειγμα.ελ",
    ],
)
def test_mail_can_be_sent_to_these(good):
    assert address.is_valid(good)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "kim",
        "@example.com",
        "kim@",
        "kim@kask@example.com",
        "kim kask@example.com",
        "kim\u00a0kask@example.com",
        "kim\u3000@example.com",
        "kim@example.com\r\nBcc: all@example.com",
        "kim@example.com,eve@example.com",
        "<kim@example.com>",
        '"kim"@example.com',
        "kim@.example.com",
        "kim@example.com.",
        "kim@-example.com",
        "kim@example..com",
        f"{'a' * 65}@example.com",
        f"{'ж' * 33}@example.com",  # 66 octets
        f"kim@{'a' * 251}",
        "kim\ud800@example.com",
        "kim\u2028@example.com",
        "kim\x00@example.com",
    ],
)
def test_mail_cannot_be_sent_to_these(bad):
    assert not address.is_valid(bad)


@given(ANYTHING)
def test_whatever_is_asked_about_an_address_gets_an_answer(text):
    address.is_valid(text)
    address.domain_of(text)
    address.detail_of(text)
    address.without_detail(text)
    str(Mailbox(text, "kim@example.com"))


@pytest.mark.parametrize(
    ("full", "bare", "detail"),
    [
        ("Support+ABC@Desk.Test", "support@desk.test", "abc"),
        ("support@desk.test", "support@desk.test", ""),
        ("support+@desk.test", "support@desk.test", ""),
        ("support+a+b@desk.test", "support@desk.test", "a+b"),
        ("support+a", "support+a", ""),
    ],
)
def test_the_detail_stands_between_the_first_plus_and_the_at(full, bare, detail):
    assert (address.without_detail(full), address.detail_of(full)) == (bare, detail)


def test_a_detail_put_in_comes_out_again():
    made = address.with_detail("support@desk.test", "abc")
    assert made == "support+abc@desk.test"
    assert address.without_detail(made) == "support@desk.test"
    assert address.detail_of(made) == "abc"


@pytest.mark.parametrize(
    ("full", "domain"), [("kim@Example.COM", "example.com"), ("a@b@c.test", "c.test"), ("kim", ""), ("", "")]
)
def test_the_domain_is_what_follows_the_last_at(full, domain):
    assert address.domain_of(full) == domain


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("", "kim@example.com"),
        ("Kim Kask", "Kim Kask <kim@example.com>"),
        ("Kask, Kim", '"Kask, Kim" <kim@example.com>'),
        ("Ķim", "=?utf-8?q?=C4=B6im?= <kim@example.com>"),
    ],
)
def test_a_mailbox_is_written_as_headers_want_it(name, written):
    assert str(Mailbox(name, "kim@example.com")) == written


def test_a_mailbox_whose_address_ascii_cannot_hold_is_written_without_its_name():
    assert str(Mailbox("Жена", "жена@почта.рф")) == "жена@почта.рф"


@given(ANYTHING)
def test_a_hostile_name_adds_no_line(text):
    written = str(Mailbox(text, "kim@example.com"))
    assert written.splitlines() == [written]
