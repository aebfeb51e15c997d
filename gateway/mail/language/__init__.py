"""The language of a short text, by script, letters, endings and frequent words. A guess for templates, nothing more.

The words are data in `words`.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Set as AbstractSet
from functools import lru_cache

from gateway.mail.language import words

_SAMPLE = 4_000
_FEWEST_LETTERS = 12
_FEWEST_IDEOGRAPHS = 4
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_WEB = re.compile(r"(?:https?://|www\.)\S{1,500}")
_NOT_WORDS = re.compile(rf"{_WEB.pattern}|[^\s@]{{1,64}}@[^\s@]{{1,255}}|^>.*$")
_SCRIPTS = {"HEBREW": "he", "THAI": "th", "GREEK": "el", "HANGUL": "ko"}
_FAMILIES = (frozenset({"da", "nb", "sv"}), frozenset({"cs", "sk"}))  # share most of their words
_NOT_ARABIC = "پچژگٹڈڑےۆۇېەڭ"  # Persian, Urdu, Uyghur, Kurdish
_NAMED = frozenset({"LATIN", "CYRILLIC", "HIRAGANA", "KATAKANA", "ARABIC", *_SCRIPTS})


def _fold(word: str) -> str:
    """The word as people type it without the keyboard for it."""
    plain = unicodedata.normalize("NFD", word.replace("ł", "l").replace("đ", "d").replace("ı", "i").replace("ø", "o"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _weights(table: dict[str, str]) -> dict[str, tuple[tuple[str, float], ...]]:
    """What each word is worth for each language: the less, the more languages have it."""
    sets = {name: frozenset(said.split()) for name, said in table.items()}
    known = frozenset().union(*sets.values())
    found: dict[str, dict[str, float]] = {}
    for name, own in sets.items():
        for word in own:
            found.setdefault(word, {})[name] = 1.0
            if (plain := _fold(word)) not in known and len(plain) > 2:
                found.setdefault(plain, {})[name] = 0.8
    return {word: tuple((name, worth / len(of) ** 0.7) for name, worth in of.items()) for word, of in found.items()}


_LATIN = _weights(words.LATIN_WORDS)
_CYRILLIC = _weights(words.CYRILLIC_WORDS)
_WORD_WITH_ELISION = re.compile(r"[\w']+")


def _pattern(name: str) -> re.Pattern[str]:
    """What is counted for a language."""
    before, endings = words.ENDINGS.get(name, ("", ""))
    ending = rf"{before}(?:{'|'.join(endings.split())})\b" if endings else ""
    mark, _ = words.MARKS.get(name, ("", ""))
    return re.compile("|".join(filter(None, (ending, words.ELISIONS.get(name, ""), mark))))


def _by_end() -> dict[str, tuple[str, ...]]:
    """The last two letters of endings, and the languages that have such endings."""
    found: dict[str, list[str]] = {}
    for name, (_, endings) in words.ENDINGS.items():
        for end in dict.fromkeys(ending[-2:] for ending in endings.split()):
            found.setdefault(end, []).append(name)
    return {end: tuple(names) for end, names in found.items()}


def _owners(table: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """The letters that few languages have, and which."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, own in table.items():
        for letter in own:
            found[letter].append(name)
    return {letter: tuple(names) for letter, names in found.items()}


_LATIN_OWNERS = _owners(words.LATIN_LETTERS)
_CYRILLIC_OWNERS = _owners(words.CYRILLIC_LETTERS)
_PATTERNS = {name: _pattern(name) for name in (*words.ENDINGS, *words.MARKS)}
_MARKS = {name: tuple(letters.split()) for name, (_, letters) in words.MARKS.items()}
_BY_END = _by_end()


def detect(text: str) -> str | None:
    """The code (ISO 639-1) of the text's language; None when short, unclear or none we know."""
    text = unicodedata.normalize("NFC", _without_addresses(text[: 4 * _SAMPLE])[:_SAMPLE]).lower()
    scripts: Counter[str] = Counter()
    for letter, times in Counter(text).items():
        if letter.isalpha():
            scripts[_script(letter)] += times
    if not scripts:
        return None
    return _by_script(text, scripts)


def _without_addresses(text: str) -> str:
    """The text without what is no word of its author: addresses and quotes."""
    if not any(sign in text for sign in ("@", ">", "://", "www.")):
        return text
    return "\n".join(_without_address(line) for line in text.split("\n"))


def _without_address(line: str) -> str:
    if "@" in line:
        return _NOT_WORDS.sub(" ", line)
    if line[:1] == ">":
        return " "
    return _WEB.sub(" ", line) if "://" in line or "www." in line else line


@lru_cache(maxsize=2_000)
def _script(letter: str) -> str:
    if letter < "\u0250":
        return "LATIN"
    if "\u4e00" <= letter <= "\u9fff" or "\u3400" <= letter <= "\u4dbf":
        return "HAN"
    name = unicodedata.name(letter, "").partition(" ")[0]
    return name if name in _NAMED else "OTHER"


def _by_script(text: str, scripts: Counter[str]) -> str | None:
    letters = sum(scripts.values())
    kana = scripts["HIRAGANA"] + scripts["KATAKANA"]
    if scripts["HAN"] + kana >= max(_FEWEST_IDEOGRAPHS, letters // 5):
        # A Chinese mail quotes product names in Latin letters; a Japanese one always has kana.
        return "ja" if kana * 10 > scripts["HAN"] else "zh"
    if scripts["HANGUL"] >= max(_FEWEST_IDEOGRAPHS, letters // 4):
        return "ko"
    script, count = scripts.most_common(1)[0]
    if count < _FEWEST_LETTERS or count * 2 < letters:
        return None
    match script:
        case "LATIN":
            return _best(text, _LATIN, _LATIN_OWNERS, tuple(words.LATIN_WORDS))
        case "CYRILLIC":
            return _best(text, _CYRILLIC, _CYRILLIC_OWNERS, tuple(words.CYRILLIC_WORDS))
        case "ARABIC":
            return None if sum(letter in _NOT_ARABIC for letter in text) * 50 > count else "ar"
        case _:
            return _SCRIPTS.get(script)


def _best(
    text: str,
    worths: dict[str, tuple[tuple[str, float], ...]],
    owners: dict[str, tuple[str, ...]],
    names: tuple[str, ...],
) -> str | None:
    """The language with the most points if it leads clearly; a word is one at most, endings and own letters less."""
    said = _WORD.findall(text.replace("’", "'"))
    points = dict.fromkeys(names, 0.0)
    for word in said:
        for name, worth in worths.get(word, ()):
            points[name] += worth
    different = set(said)
    bound = max(2.0, len(said) / 4)  # a name with an odd letter is no language
    for name, times in _telling(different, owners).items():
        points[name] += min(times * 0.7, bound)
    for name, times in _endings(text, points.keys() & _PATTERNS.keys()).items():
        points[name] += min(0.4 * times, bound)
    if "ru" in points:
        points["ru"] += 0.5 if not any(letter in text for letter in words.NOT_RUSSIAN) else -1.0
    (first, most), (second, next_most) = sorted(points.items(), key=lambda row: -row[1])[:2]
    lead = 0.05 if any({first, second} <= family for family in _FAMILIES) else max(0.25, 0.08 * most)
    is_clear = most >= 0.8 and most - next_most >= lead
    return first if is_clear and most * 14 >= len(said) else None


def _telling(said: set[str], owners: dict[str, tuple[str, ...]]) -> dict[str, int]:
    """How many words have letters that few languages have."""
    found: defaultdict[str, int] = defaultdict(int)
    for word in said:
        if word.isascii():
            continue
        for name in {name for letter in owners.keys() & word for name in owners[letter]}:
            found[name] += 1
    return found


def _endings(text: str, names: AbstractSet[str]) -> dict[str, int]:
    """How often the text has what is counted for the languages called `names`.

    Looked for in the whole text only where a mark is there, else among the words that end as it may.
    """
    said: defaultdict[str, list[str]] = defaultdict(list)
    for word in _WORD_WITH_ELISION.findall(text):
        if "'" in word:
            for name in names:
                said[name].append(word)
        elif word[-2:] in _BY_END:
            for name in _BY_END[word[-2:]]:
                said[name].append(word)
    searched = {name: " ".join(found) for name, found in said.items() if name in names}
    searched |= {name: text for name in names & _MARKS.keys() if any(mark in text for mark in _MARKS[name])}
    return {name: len(_PATTERNS[name].findall(words)) for name, words in searched.items()}
