import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import tokens
from gateway.mail.address import is_valid, with_detail
from gateway.mail.tokens import Keyring, Purpose, Token

OLD, NEW, FOREIGN = b"the old key", b"the new key", b"another installation's key"
RING = Keyring((NEW, OLD))
CODE = "7k2m9xq4"

codes = st.text("abcdefghjkmnpqrstuvwxyz23456789", min_size=8, max_size=8)
serials = st.text("abcdefghijklmnopqrstuvwxyz234567", max_size=tokens.SERIAL_LENGTH)
made = st.builds(Token, st.sampled_from(Purpose), codes, serials)
bearers = st.sampled_from(["", "anna", "ben"])


@given(made, bearers)
def test_what_is_signed_is_read_back(token, bearer):
    assert tokens.verify(RING, tokens.sign(RING, token, bearer), bearer) == token


@given(made)
def test_letter_case_and_space_around_do_not_matter(token):
    text = tokens.sign(RING, token)
    assert tokens.verify(RING, text.upper()) == token
    assert tokens.verify(RING, f" {text.title()}\n") == token


@given(made)
def test_a_token_needs_no_quoting_anywhere(token):
    assert re.fullmatch(r"[a-z2-9]{25,35}", tokens.sign(RING, token))


def test_the_longest_token_fits_a_local_part_of_64_octets_beside_a_queue_of_28():
    text = tokens.sign(RING, Token(Purpose.BOUNCE, CODE, "a" * tokens.SERIAL_LENGTH))
    assert len(text) == tokens.LONGEST == 35
    assert is_valid(with_detail(f"{'q' * 28}@desk.test", text))


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("other", Purpose)
def test_a_token_is_worth_nothing_for_another_purpose(purpose, other):
    text = tokens.sign(RING, Token(purpose, CODE))
    read = tokens.verify(RING, other.value + text[1:])
    assert read == (Token(purpose, CODE) if other is purpose else None)


@pytest.mark.parametrize(("said", "expected"), [("anna", True), ("ben", False), ("", False), ("Anna", False)])
def test_a_token_bound_to_somebody_is_worth_nothing_to_others(said, expected):
    text = tokens.sign(RING, Token(Purpose.AGENT, CODE), bearer="anna")
    assert (tokens.verify(RING, text, bearer=said) is not None) is expected


def test_a_token_bound_to_nobody_is_not_somebodys():
    assert tokens.verify(RING, tokens.sign(RING, Token(Purpose.FOLLOW_UP, CODE)), bearer="anna") is None


@given(made, st.data())
def test_no_letter_can_be_changed(token, data):
    text = tokens.sign(RING, token)
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz23456789").filter(lambda each: each != text[at]))
    assert tokens.verify(RING, text[:at] + letter + text[at + 1 :]) is None


@given(made, st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_no_serial_can_be_cut_or_grown(token, letter):
    text = tokens.sign(RING, token)
    assert tokens.verify(RING, text + letter) is None
    assert not token.serial or tokens.verify(RING, text[:-1]) is None


@given(made)
def test_another_installations_token_is_not_ours(token):
    assert tokens.verify(RING, tokens.sign(Keyring((FOREIGN,)), token)) is None


def test_a_rotated_key_still_verifies_and_signs_no_more():
    token = Token(Purpose.FOLLOW_UP, CODE)
    before = tokens.sign(Keyring((OLD,)), token)
    assert tokens.verify(RING, before) == token
    assert tokens.sign(RING, token) == tokens.sign(Keyring((NEW,)), token) != before


def test_a_key_taken_off_the_ring_verifies_nothing():
    assert tokens.verify(Keyring((NEW,)), tokens.sign(Keyring((OLD,)), Token(Purpose.FOLLOW_UP, CODE))) is None


@pytest.mark.parametrize("token", [Token(Purpose.AGENT, "short"), Token(Purpose.MESSAGE, CODE, "a" * 11)])
def test_a_code_or_serial_that_could_not_be_read_back_is_not_signed(token):
    with pytest.raises(ValueError, match="no such code or serial"):
        tokens.sign(RING, token)


@given(st.text(st.characters()))
def test_any_text_at_all_is_no_token(text):
    assert tokens.verify(RING, text) is None
    tokens.shape(text)


@given(made)
def test_a_shape_is_read_without_any_key(token):
    assert tokens.shape(tokens.sign(Keyring((FOREIGN,)), token, bearer="anna")) == token


@pytest.mark.parametrize("text", ["", "c", "z" + "a" * 24, "c" + "a" * 23, "c" + "a" * 35, "c" + "1" * 24, "c aaaa"])
def test_what_has_not_the_shape_of_a_token_claims_nothing(text):
    assert tokens.shape(text) is None


@given(st.integers(0, 32**tokens.SERIAL_LENGTH - 1))
def test_a_row_number_survives_as_a_serial(number):
    serial = tokens.serial_of(number)
    assert len(serial) <= tokens.SERIAL_LENGTH
    assert tokens.number_of(serial) == number


@pytest.mark.parametrize("serial", ["", "ab", "8", "A", "a b"])
def test_a_serial_we_never_write_is_no_number(serial):
    assert tokens.number_of(serial) is None


@given(st.integers(1, 2**31 - 1), st.datetimes(timezones=st.just(UTC)))
def test_a_row_is_found_by_its_serial_with_its_mark_and_as_it_was_without(number, made_at):
    serial = tokens.row_serial(number, made_at)
    assert len(serial) <= tokens.SERIAL_LENGTH
    assert serial.startswith(tokens.mark_of(made_at))
    assert tokens.row_numbers(serial)[0] == number
    assert tokens.row_numbers(tokens.serial_of(number))[-1] == number
    assert tokens.verify(RING, tokens.sign(RING, Token(Purpose.BOUNCE, CODE, serial))) is not None


@given(st.text("abcdefghijklmnopqrstuvwxyz23456789", max_size=tokens.SERIAL_LENGTH))
def test_no_serial_names_a_row_that_no_database_can_have(serial):
    assert all(0 <= number < 2**31 for number in tokens.row_numbers(serial))


def test_the_same_number_at_another_instant_is_another_serial():
    at = datetime(2026, 5, 4, 10, 0, 0, 123456, UTC)
    later = [at + timedelta(microseconds=number) for number in range(1, 200)]
    assert tokens.row_serial(17, at) not in {tokens.row_serial(17, each) for each in later}
    assert tokens.row_serial(17, at) == tokens.row_serial(17, at.astimezone(timezone(timedelta(hours=3))))


@given(made, bearers)
def test_no_token_of_ours_is_left_in_a_text_wherever_it_stands(token, bearer):
    signed = tokens.sign(RING, token, bearer)
    percent = f"mailto:support%2B{signed}%40x.test?body=%23{signed.upper()}"
    text = f"To: <support+{signed}@x.test>, #{signed} (https://x.test/survey/{signed}) <{signed}@desk.test> {percent}"
    left = "To: <support@x.test>, #... (https://x.test/survey/...) <...@desk.test> mailto:support%40x.test?body=%23..."
    assert tokens.without(text, RING, ("anna", "ben")) == left


@given(made, bearers)
def test_what_is_no_token_of_ours_stays_in_a_text(token, bearer):
    foreign = tokens.sign(Keyring((FOREIGN,)), token, bearer)
    for text in (foreign, f"x+{foreign}@x.test", tokens.sign(RING, token) + "0", "plain words", ""):
        assert tokens.without(text, RING, ("anna", "ben")) == text
    assert tokens.without(tokens.sign(RING, token, "carl"), RING, ("anna", "ben")) != "..."


def test_in_a_wall_of_what_looks_like_tokens_none_is_missed():
    ours = tokens.sign(RING, Token(Purpose.AGENT, CODE), "anna")
    wall = " ".join(f"a{CODE}{tokens.serial_of(number).rjust(16, 'a')}" for number in range(3000))
    assert ours not in tokens.without(f"{wall} {ours}", RING, ("anna",))


def test_the_texts_of_one_mail_together_cost_no_more_than_one_text():
    ours = tokens.sign(RING, Token(Purpose.AGENT, CODE), "anna")
    known: dict[str, bool] = {}
    for first in range(0, 3000, 500):
        wall = " ".join(f"a{CODE}{tokens.serial_of(number).rjust(16, 'a')}" for number in range(first, first + 500))
        assert (tokens.without(wall, RING, ("anna",), known) == wall) == (first < 2000)
    assert len(known) == 2000
    assert tokens.without(ours, RING, ("anna",), known) == "..."


def test_a_keyring_keeps_its_keys_out_of_logs():
    assert repr(RING) == "Keyring(2 keys)"
