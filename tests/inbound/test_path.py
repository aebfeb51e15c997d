import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.inbound import path

TAKEN = {
    "<anna@example.net>": ("anna@example.net", ""),
    " <anna@example.net>  SIZE=100 BODY=8BITMIME ": ("anna@example.net", "SIZE=100 BODY=8BITMIME"),
    "<>": ("<>", ""),
    "<> SIZE=7": ("<>", "SIZE=7"),
    "<Postmaster>": ("Postmaster", ""),
    '<"a > b"@example.net>': ('"a > b"@example.net', ""),
    "<anna@[192.0.2.1]>": ("anna@[192.0.2.1]", ""),
    "<@one.example,@two.example:anna@example.net>": ("anna@example.net", ""),
    "<άννα@παράδειγμα.example>": ("άννα@παράδειγμα.example", ""),
    "<bounces+0123=anna=example.net@mailer.example>": ("bounces+0123=anna=example.net@mailer.example", ""),
}
REFUSED = (
    "",
    "anna@example.net",
    "<anna@example.net",
    "anna@example.net>",
    "<anna>",
    "<@",
    "<@>",
    "<a b@example.net>",
    "<a@b@example.net>",
    "<\x00@example.net>",
    "<anna@example.net\r>",
    "<anna@>",
    "<anna@.example.net>",
    "<anna@example..net>",
    "<anna@example.net>SIZE=1",
    "<anna@\udcff.example>",
    "<\x85@example.net>",
    '<"anna@example.net>',
    "<anna@example.net><otto@example.net>",
    f"<{'a' * 512}@example.net>",
)


@pytest.mark.parametrize(("argument", "found"), TAKEN.items())
def test_sane_paths_are_read(argument, found):
    assert path.parse(argument) == found


@pytest.mark.parametrize("argument", REFUSED)
def test_others_are_refused(argument):
    assert path.parse(argument) is None


@given(st.text(st.sampled_from('<>@".,: \\[]a\x00\udcff'), max_size=30))
def test_nothing_raises_and_what_is_taken_can_be_stored(argument):
    found = path.parse(argument)
    if found is not None and found[0] != path.NULL:
        found[0].encode()
        assert "@" in found[0]
        assert "\x00" not in found[0]
