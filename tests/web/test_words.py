from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.tickets.policy import LANGUAGES
from gateway.web.words import FILE, KEYS, Dictionary, accepted
from tests.web.conftest import TEMPLATES


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path


def put(folder: Path, language: str, text: str) -> None:
    (folder / language).mkdir(exist_ok=True)
    (folder / language / FILE).write_text(text, encoding="utf-8")


def test_all_our_languages_have_all_words_each_its_own():
    dictionary = Dictionary((TEMPLATES,), "en")
    assert dictionary.faults == ()
    for key in KEYS:
        assert len({dictionary[language][key] for language in LANGUAGES}) == len(LANGUAGES), key


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (("pl",), "pl"),
        (("PL-pl",), "pl"),
        (("zh-Hans-CN",), "zh"),
        (("fr", "lv"), "lv"),
        (("fr",), "ru"),
        ((), "ru"),
        (("../../etc",), "ru"),
    ],
)
def test_the_language_is_the_first_that_there_is(wanted, found):
    assert Dictionary((TEMPLATES,), "ru").language(*wanted) == found


def test_an_operators_words_take_the_place_of_ours(own):
    put(own, "en", 'thanks = "Cheers!"')
    dictionary = Dictionary((TEMPLATES, own), "en")
    assert (dictionary.faults, dictionary["en"]["thanks"], dictionary["en"]["send"]) == ((), "Cheers!", "Send rating")


def test_a_language_of_the_operators_is_used_when_it_is_whole(own):
    put(own, "de", "\n".join(f'{key} = "Wort"' for key in KEYS[1:]))
    dictionary = Dictionary((TEMPLATES, own), "en")
    (fault,) = dictionary.faults
    assert fault == f"de/{FILE}: lacks {KEYS[0]}; until then the page is not shown in this language"
    assert dictionary.language("de") == "en"
    put(own, "de", "\n".join(f'{key} = "Wort"' for key in KEYS))
    dictionary = Dictionary((TEMPLATES, own), "en")
    assert (dictionary.faults, dictionary.language("de-AT")) == ((), "de")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("thanks = ", "cannot be read"),
        ('thank = "x"', "thank is unknown; known are title"),
        ("thanks = 7", "thanks is no text"),
        ('thanks = ""', "thanks is no text"),
    ],
)
def test_what_is_wrong_is_told_and_ours_is_used(own, text, said):
    put(own, "en", text)
    dictionary = Dictionary((TEMPLATES, own), "en")
    (fault,) = dictionary.faults
    assert fault.startswith(f"{own}/en/{FILE}: {said}")
    assert dictionary["en"]["thanks"] == "Thank you for your rating"


@pytest.mark.parametrize(
    ("header", "languages"),
    [
        ("", ("",)),
        ("pl", ("pl",)),
        ("en;q=0.5, pl, ru;q=0.7", ("pl", "ru", "en")),
        ("en;q=0, pl;q=x, ru", ("ru",)),
    ],
)
def test_languages_by_weight(header, languages):
    assert accepted(header) == languages


def test_of_a_long_header_the_beginning_is_read():
    assert len(accepted("a," * 1000)) <= 101


@given(st.text())
def test_no_header_is_too_odd(header):
    assert Dictionary((TEMPLATES,), "en").language(*accepted(header)) in LANGUAGES
