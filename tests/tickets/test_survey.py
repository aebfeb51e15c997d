import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.tickets import survey
from gateway.tickets.survey import Rating


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", Rating(5, "")),
        ("1", Rating(1, "")),
        (" 4 \n", Rating(4, "")),
        ("5/5", Rating(5, "")),
        ("4 / 5", Rating(4, "")),
        ("5!", Rating(5, "")),
        ("3.", Rating(3, "")),
        ("(2)", Rating(2, "")),
        ("[2]", Rating(2, "")),
        ("*5*", Rating(5, "")),
        ("„5”", Rating(5, "")),
        ("５", Rating(5, "")),
        ("４／５", Rating(4, "")),
        ("5️⃣", Rating(5, "")),
        ("★★★★", Rating(4, "")),
        ("★★★☆☆", Rating(3, "")),
        ("⭐⭐⭐⭐⭐", Rating(5, "")),
        ("⭐️⭐️", Rating(2, "")),
        ("★★★★★ thank you", Rating(5, "thank you")),
        ("5\nThank you\nKim", Rating(5, "Thank you\nKim")),
        ("5 - great", Rating(5, "great")),
        ("5 – great", Rating(5, "great")),
        ("4, but slow", Rating(4, "but slow")),
        ("2: too slow", Rating(2, "too slow")),
        ("1. Never again!\nReally.", Rating(1, "Never again!\nReally.")),
        ("5/5: great", Rating(5, "great")),
        ("5，非常好！", Rating(5, "非常好！")),
    ],
)
def test_a_rating_is_a_digit_or_stars_at_the_top_and_the_rest_is_comment(text, expected):
    assert survey.read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "3 days ago I asked for help",
        "5 great people",
        "10",
        "0",
        "6",
        "5.5",
        "2026-05-04",
        "5/10",
        "10/10",
        "★★★★★★",
        "☆☆☆☆☆",
        "Great, 5 of 5",
        "five",
        "非常好，谢谢！①",
        "",
    ],
)
def test_other_words_name_no_rating_and_are_kept_as_they_are(text):
    assert survey.read(text) == Rating(None, text)


@given(st.text(), st.text("abc xyz", min_size=1))
def test_no_word_of_a_comment_is_lost(opening, words):
    read = survey.read(f"{opening}\n{words}")
    assert read.value in {None, *survey.RATINGS}
    assert read.comment.endswith(words.strip())
    assert read.value is not None or read.comment == f"{opening}\n{words}".strip()


@pytest.mark.parametrize("rating", survey.RATINGS)
def test_a_rating_survives_as_a_tokens_serial(rating):
    assert survey.rating_of(survey.serial_of(rating)) == rating


@pytest.mark.parametrize("serial", ["", "f", "ab", "1", "A"])
def test_another_serial_is_no_rating(serial):
    assert survey.rating_of(serial) is None


@pytest.mark.parametrize(
    "text",
    [
        *("Yes", "yes!", "OK", "Ok, thanks", "Okay.", "solved", "Yes, thank you!"),
        *("Tak", "Tak, dziękuję", "zgadza się", "Rozwiązane."),
        *("Да", "ДА!", "решено", "Да, решено", "Да, спасибо"),
        *("是", "是的", "好的，谢谢", "已解决", "确认。"),
        *("Ναι", "ΝΑΙ", "Λύθηκε", "Ναι, ευχαριστώ"),
        *("Jā", "Jā, paldies!", "Atrisināts", "JĀ"),
        "Ja\u0304",  # decomposed
    ],
)
def test_yes_in_six_languages(text):
    assert survey.is_yes(text)
    assert not survey.is_no(text)


@pytest.mark.parametrize(
    "text",
    [
        *("No", "no!", "Not solved", "nope"),
        *("Nie", "nierozwiązane", "Nie rozwiązane"),
        *("Нет", "не решено"),
        *("否", "不是", "没有", "未解决", "没有解决"),
        *("Όχι", "ΟΧΙ", "δεν λύθηκε"),
        *("Nē", "nav atrisināts", "neatrisināts"),
    ],
)
def test_no_in_six_languages(text):
    assert survey.is_no(text)
    assert not survey.is_yes(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "!",
        "👍",
        "Thanks",
        "Спасибо",
        "yes no",
        "Yes, but the second printer is still broken",
        "No problem, it works",
        "Yes yes yes but",
        "ok " * 40,
        "yes\n\nWhen does the other part come?",
        "yesterday",
    ],
)
def test_whatever_says_more_or_less_is_left_to_a_person(text):
    assert not survey.is_yes(text)
    assert not survey.is_no(text)


@given(st.text(min_size=100))
def test_a_long_text_is_never_just_yes_or_no(text):
    assert not survey.is_yes(text)
    assert not survey.is_no(text)
