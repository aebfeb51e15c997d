"""The tables of every language: what each must have, and that each of its words is understood."""

import pytest

from gateway.mail import reply_text
from gateway.mail.message import Message
from gateway.mail.reply_text import introduction, lines, marks
from gateway.mail.reply_text.marks.words import FIELDS, phrases

REQUIRED = (
    *("en", "de", "fr", "es", "it", "pt", "nl", "da", "sv", "nb", "fi", "pl", "cs", "sk", "hu", "ro", "bg", "ru", "uk"),
    *("el", "lv", "lt", "et", "tr", "he", "ar", "zh-Hans", "zh-Hant", "ja", "ko", "vi", "th", "id"),
)
OWN = "my own words\n\nJane"


def _first(code, field):
    return phrases(getattr(marks.LANGUAGES[code], field))[0]


@pytest.mark.parametrize("code", REQUIRED)
@pytest.mark.parametrize("field", FIELDS)
def test_no_required_language_lacks_anything(code, field):
    assert phrases(getattr(marks.LANGUAGES[code], field))


@pytest.mark.parametrize("code", REQUIRED)
def test_the_verb_introduces_an_unmarked_quote(code):
    line = f"3.6.2025 09:15 Desk <desk@x.example> {_first(code, 'verbs')}:"
    assert reply_text.extract(Message(text=f"{OWN}\n\n{line}\n\nold words")).text == OWN


@pytest.mark.parametrize("code", REQUIRED)
@pytest.mark.parametrize("form", ["{}: {}", "*{}:* {}", "{}：{}", "{} : {}"])
def test_a_header_block_begins_the_earlier_mail(code, form):
    values = (("senders", "Desk"), ("dates", "3.6.2025 09:15"), ("recipients", "Jane"), ("subjects", "Printer"))
    for order in (values, values[::-1]):
        block = "\n".join(form.format(_first(code, field), value) for field, value in order)
        assert reply_text.extract(Message(text=f"{OWN}\n\n{block}\n\nold words")).text == OWN


@pytest.mark.parametrize("code", REQUIRED)
def test_every_separator_begins_the_earlier_mail(code):
    for words in phrases(marks.LANGUAGES[code].separators):
        for line in (f"-----{words}-----", f"-------- {words.title()} --------", f"----- {words}:"):
            assert introduction.is_separator(lines.cut(line)), line


@pytest.mark.parametrize("code", REQUIRED)
def test_every_device_line_is_told(code):
    words = marks.LANGUAGES[code]
    for phrase in phrases(words.devices):
        assert lines.is_device(phrase), phrase
    for phrase in phrases(words.sent):
        for line in (f"{phrase} iPhone", f"iPhone {phrase}"):
            assert lines.is_device(line), line


@pytest.mark.parametrize("code", REQUIRED)
def test_legal_and_list_texts_at_the_end_are_folded(code):
    words = marks.LANGUAGES[code]
    for phrase in phrases(words.disclaimers):
        found = reply_text.extract(Message(text=f"{OWN}\n\n{phrase.capitalize()} … {_first(code, 'legal')}"))
        assert (found.text, [fold.kind for fold in found.folded]) == (OWN, ["disclaimer"]), phrase
    for phrase in phrases(words.list_footers):
        found = reply_text.extract(Message(text=f"{OWN}\n\n{phrase.capitalize()} … https://lists.example"))
        assert (found.text, [fold.kind for fold in found.folded]) == (OWN, ["footer"]), phrase


@pytest.mark.parametrize("code", REQUIRED)
def test_the_line_of_a_desk_parts_its_mail_off(code):
    line = f"##- … {_first(code, 'reply_above')} … -##"
    assert reply_text.extract(Message(text=f"{OWN}\n\n{line}\n\nold words")).text == OWN


def test_digits_and_directions_are_made_plain():
    assert lines.cut("\u202b٢١.١١.٢٠٢٥ ๑๖:๐๕\u202c：\u00a0X") == "21.11.2025 16:05: x"
