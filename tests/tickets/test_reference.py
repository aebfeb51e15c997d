import random
import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.tokens import Keyring
from gateway.tickets import reference
from gateway.tickets.reference import ALPHABET, Prefixes
from tests.builders import FOREIGN, RING

ROTATED = Keyring((b"a newer key", *RING.keys))
PREFIXES = Prefixes("SUP", ("HELP", "OLD2"))
seeds = st.integers(0, 10**9)


def new(seed: int, ring: Keyring = RING, prefix: str = "SUP") -> str:
    return reference.new(prefix, ring, random.Random(seed).choice)


def code_of(written: str) -> str:
    return written[-9:].replace("-", "").lower()


def found(subject: str, ring: Keyring = RING) -> tuple[str, ...]:
    return reference.found_in(subject, PREFIXES, ring)


REF = new(1)
CODE = code_of(REF)
OTHER = new(2)
FULL_WIDTH = REF.translate({ord(c): ord(c) + 0xFEE0 for c in string.printable if "!" <= c <= "~"})


@given(seeds)
def test_a_reference_is_readable_over_the_phone(seed):
    prefix, one, two = new(seed).split("-")
    assert prefix == "SUP"
    assert len(one) == len(two) == 4
    assert not set(one + two) & set("01OIL")


@given(seeds)
def test_a_reference_is_found_in_its_own_subject(seed):
    assert found(f"[{new(seed)}] Printer") == (code_of(new(seed)),)


@pytest.mark.parametrize("ring", [RING, ROTATED], ids=["one key", "an older key too"])
@pytest.mark.parametrize("seed", range(20))
def test_no_single_wrong_letter_is_taken_for_a_reference_of_ours(seed, ring):
    code = code_of(new(seed, ring)).upper()
    typed = [code[:at] + letter + code[at + 1 :] for at in range(8) for letter in ALPHABET if letter != code[at]]
    assert len(typed) == 8 * 30
    assert [each for each in typed if found(reference.written("SUP", each), ring)] == []


@pytest.mark.parametrize("ring", [RING, ROTATED], ids=["one key", "an older key too"])
@pytest.mark.parametrize("seed", range(20))
def test_no_two_neighbours_can_be_swapped(seed, ring):
    code = code_of(new(seed, ring)).upper()
    swapped = {code[:at] + code[at + 1] + code[at] + code[at + 2 :] for at in range(7)} - {code}
    assert swapped
    assert [each for each in swapped if found(reference.written("SUP", each), ring)] == []


@pytest.mark.parametrize("letter", "01OIL")
def test_letters_that_no_reference_has_make_none(letter):
    assert found(f"SUP-{letter}{CODE[1:4]}-{CODE[4:]}") == ()


def test_hardly_any_reference_of_another_installation_is_taken_for_ours():
    theirs = [new(seed, FOREIGN) for seed in range(1000)]
    assert sum(bool(found(each)) for each in theirs) < 10  # two check letters let one of 961 through


def test_references_made_before_a_key_was_rotated_are_still_found():
    assert found(REF, ROTATED) == (CODE,)
    assert found(new(1, ROTATED), ROTATED) == (code_of(new(1, ROTATED)),)


@pytest.mark.parametrize(
    "subject",
    [
        f"[{REF}] Printer",
        f"Re: AW: SV: Odp: Ответ: 回复: ΑΠ: Atb: [{REF}] Printer",
        f"回复:{REF}请帮忙",
        f"Re: {REF} Printer",
        f"Re: {REF.lower()}",
        f"Re: {REF.replace('-', ' ')}",
        f"Re: {REF.replace('-', '')}",
        f"Re: {REF.replace('-', ' - ')}",
        f"Re: {REF.replace('-', '–')}",
        f"Re: {REF.replace('-', '—')}",
        f"Re: {REF.replace('-', '‑')}",
        f"Re: {REF.replace('-', '−')}",
        f"Re: {REF.replace('-', '_')}",
        f"Re: {REF.replace('-', '- ')}",
        f"Re: {REF.replace('-', chr(0xA0))}",
        f"Re: {REF.replace('-', '-' + chr(9))}",
        f"Re: {REF.replace('-', '-' + ' ' * 3)}",
        f"回复：【{REF}】打印机",
        FULL_WIDTH,
        f"Re: ［{FULL_WIDTH}］ Printer",
        f"Re:{REF}",
        f"({REF})",
        f"Printer {REF}.",
        f"[HELP-{REF[4:]}] an older prefix",
        f"[old2-{REF[4:].lower()}] another",
    ],
)
def test_a_reference_survives_what_mail_clients_do_to_subjects(subject):
    assert found(subject) == (CODE,)


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "Printer",
        f"[XYZ-{REF[4:]}]",
        f"X{REF}",
        f"{REF}X",
        f"SUP-{REF[4:8]}",
        REF[4:],
        f"SUP--{REF[4:]}",
        "SUP-2345-6789",
    ],
)
def test_other_systems_tags_and_half_references_are_not_ours(subject):
    assert found(subject) == ()


def test_the_last_reference_of_a_subject_comes_first_and_each_once():
    assert found(f"[{REF}] [{OTHER}] Re: [{REF}]") == (CODE, code_of(OTHER))
    assert found(f"[{REF}] [{OTHER}]") == (code_of(OTHER), CODE)


def test_only_the_first_2000_letters_of_a_subject_are_read():
    assert found("x " * 900 + REF) == (CODE,)
    assert found("x " * 1000 + REF) == ()


@given(st.text(st.characters()))
def test_any_subject_at_all_can_be_searched_and_stripped(subject):
    reference.found_in(subject, PREFIXES, RING)
    reference.stripped(subject, {CODE}, PREFIXES)


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        (f"Re: [{REF}] Printer", "Re: Printer"),
        (f"Re: {REF.lower()} Printer", "Re: Printer"),
        (f"{REF} {REF}", ""),
        (f"Re: ［{FULL_WIDTH}］ Printer", "Re: Printer"),
        (f"[HELP-{REF[4:]}] Printer", "Printer"),
        (f"Re: [{OTHER}] Printer", f"Re: [{OTHER}] Printer"),
        ("Re: [#123] [OTHER-22AA-33BB] Printer", "Re: [#123] [OTHER-22AA-33BB] Printer"),
        ("Suppressant for the pump", "Suppressant for the pump"),
        ("打印机：坏了", "打印机：坏了"),
        ("  two   spaces ", "two spaces"),
    ],
)
def test_only_the_references_meant_are_stripped_from_a_subject(subject, bare):
    assert reference.stripped(subject, {CODE}, PREFIXES) == bare


@pytest.mark.parametrize("subject", [f"[{REF}] x", FULL_WIDTH, f"Re: {REF.replace('-', ' ')} [{OTHER}]"])
def test_nothing_is_found_once_everything_found_is_stripped(subject):
    assert found(reference.stripped(subject, found(subject), PREFIXES)) == ()


def test_a_hostile_run_of_spaces_costs_little():
    hostile = "[" * 20_000 + " " * 80_000
    assert reference.stripped(hostile, {CODE}, PREFIXES) == "[" * 20_000


@pytest.mark.parametrize("prefix", ["SUP", "sup"])
def test_a_reference_is_written_in_capitals(prefix):
    assert reference.written(prefix, CODE) == REF
    assert unicodedata.is_normalized("NFKC", REF)


@pytest.mark.parametrize("given", ["", "x", "SUP-ÄÄÄÄ-ÄÄÄÄ", "SUP-\udc80\udc80\udc80\udc80-ABCD"])
def test_what_is_no_reference_is_not_ours_whatever_it_holds(given):
    assert not reference.is_ours(given, RING)
