"""The language of a short text, by script, letters and frequent words. A guess for choosing templates, nothing more.

The words are data in `language_words`.
"""

import re
import unicodedata
from collections import Counter

from gateway.mail import language_words as words

_SAMPLE = 4_000
_FEWEST_LETTERS = 12
_FEWEST_IDEOGRAPHS = 4
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NOT_WORDS = re.compile(r"(?:https?://|www\.)\S{1,500}|[^\s@]{1,64}@[^\s@]{1,255}|^>.*$", re.MULTILINE)

_LATIN = {name: frozenset(said.split()) for name, said in words.LATIN_WORDS.items()}
_CYRILLIC = {name: frozenset(said.split()) for name, said in words.CYRILLIC_WORDS.items()}


def detect(text: str, allowed: tuple[str, ...]) -> str | None:
    """The code (ISO 639-1) of the text's language if `allowed` has it; None when short, unclear or foreign."""
    text = unicodedata.normalize("NFC", _NOT_WORDS.sub(" ", text[: 4 * _SAMPLE])[:_SAMPLE]).lower()
    scripts = Counter(_script(letter) for letter in text if letter.isalpha())
    if not scripts:
        return None
    found = _by_script(text, scripts)
    return found if found in allowed else None


def _script(letter: str) -> str:
    if "\u4e00" <= letter <= "\u9fff" or "\u3400" <= letter <= "\u4dbf":
        return "HAN"
    name = unicodedata.name(letter, "").partition(" ")[0]
    return name if name in {"LATIN", "GREEK", "CYRILLIC", "HIRAGANA", "KATAKANA", "HANGUL"} else "OTHER"


def _by_script(text: str, scripts: Counter[str]) -> str | None:
    letters = sum(scripts.values())
    kana = scripts["HIRAGANA"] + scripts["KATAKANA"]
    if scripts["HAN"] + kana >= max(_FEWEST_IDEOGRAPHS, letters // 5):
        # A Chinese mail quotes product names in Latin letters; a Japanese one always has kana.
        return "ja" if kana * 10 > scripts["HAN"] else "zh"
    script, count = scripts.most_common(1)[0]
    if letters < _FEWEST_LETTERS or count * 10 < letters * 6:
        return None
    match script:
        case "GREEK":
            return "el"
        case "CYRILLIC":
            return _best(text, _CYRILLIC, words.CYRILLIC_LETTERS, fewest=1)
        case "LATIN":
            return _best(text, _LATIN, words.LATIN_LETTERS, fewest=2)
        case "HANGUL":
            return "ko"
        case _:
            return None


def _best(text: str, sets: dict[str, frozenset[str]], letters: dict[str, str], *, fewest: int) -> str | None:
    """The language with the most points, if it has `fewest` and leads clearly; a word is one, its own letters more."""
    said = _WORD.findall(text.replace("’", "'"))
    points = {name: float(sum(word in known for word in said)) for name, known in sets.items()}
    for name, own in letters.items():
        # A name with an odd letter is no language: what single words can add is bounded.
        with_letter = Counter(letter for word in set(said) for letter in set(word) if letter in own)
        points[name] += min(sum(with_letter.values()), max(2, len(said) // 4))
    if "ru" in points and not any(letter in text for letter in words.NOT_RUSSIAN):
        points["ru"] += 1
    (first, most), (_, next_most) = sorted(points.items(), key=lambda row: -row[1])[:2]
    is_clear = most >= fewest and most > next_most and (most - next_most >= 1 or most >= 4)
    return first if is_clear and most * 12 >= len(said) else None
