"""What a customer's few words mean when we have asked him: a rating from 1 to 5, or whether it is solved."""

import re
import unicodedata
from dataclasses import dataclass

RATINGS = (1, 2, 3, 4, 5)
_SERIALS = "abcde"  # tokens carry no digit 1
_DIGIT = r"([1-5１-５])\ufe0f?\u20e3?(?:\s*[/／]\s*[5５])?"  # `5`, `5/5`, full-width, or as a key cap
_ALONE = re.compile(rf"[\s*_(\[\"'„«（]*{_DIGIT}[\s*_)\]\"'”».!）。．！]*")
_WITH_COMMENT = re.compile(rf"[\s*_(\[（]*{_DIGIT}\s*(?:[.,:;!)\]–—-]+\s+|[，。．、：；！）]+\s*)(\S.*)", re.DOTALL)
_STARS = re.compile(r"\s*((?:[★⭐]\ufe0f?){1,5})[☆\ufe0f\s]*(?![★⭐])(\S.*)?")

_SOLVED = frozenset({"solved", "rozwiązane", "решено", "解决", "λύθηκε", "atrisināts"})  # yes alone, no after a denial
YES = _SOLVED | frozenset({
    *("yes", "yep", "yeah", "ok", "okay", "confirmed"),
    *("tak", "zgadza", "się", "potwierdzam"),
    *("да", "подтверждаю", "ок"),
    *("是", "是的", "好", "好的", "已解决", "解决了", "确认"),
    *("ναι", "ναί", "εντάξει", "επιβεβαιώνω"),
    *("jā", "ja", "apstiprinu", "labi"),
})  # fmt: skip
NO = frozenset({
    *("no", "nope", "not"),
    *("nie", "nierozwiązane"),
    *("нет", "не"),
    *("否", "不", "不是", "没有", "未解决", "没有解决", "没解决"),
    *("όχι", "οχι", "δεν"),
    *("nē", "ne", "nav", "neatrisināts"),
})  # fmt: skip
_THANKS = frozenset({
    *("thanks", "thank", "you", "dziękuję", "dzięki", "спасибо", "благодарю"),
    *("谢谢", "感谢", "ευχαριστώ", "paldies"),
})  # fmt: skip
_LONGEST_ANSWER = 3  # words; more than that is something to be read by a person
_LONGEST_READ = 100


@dataclass(frozen=True, slots=True)
class Rating:
    """`value` is 1 (bad) to 5 (good), None where the words name none; `comment` is what else was said."""

    value: int | None
    comment: str


def serial_of(rating: int) -> str:
    """The token serial that stands for a rating."""
    return _SERIALS[rating - 1]


def rating_of(serial: str) -> int | None:
    """The rating that a token serial stands for, or None."""
    found = _SERIALS.find(serial) if len(serial) == 1 else -1
    return found + 1 if found >= 0 else None


def read(text: str) -> Rating:
    """The rating in a reply to a survey: a digit, a digit of five, or stars, on the first line; the rest is comment."""
    text = text.strip()
    first, _, rest = text.partition("\n")
    if alone := _ALONE.fullmatch(first):
        return Rating(int(alone[1]), rest.strip())
    if stars := _STARS.fullmatch(first):
        return Rating(len(stars[1].replace("\ufe0f", "")), f"{stars[2] or ''}\n{rest}".strip())
    if said := _WITH_COMMENT.fullmatch(text):
        return Rating(int(said[1]), said[2].strip())
    return Rating(None, text)


def is_yes(text: str) -> bool:
    """Whether the whole reply says no more than that it is solved; thanks may go with it."""
    return _is_only(text, YES, _THANKS)


def is_no(text: str) -> bool:
    """Whether the whole reply says no more than that it is not solved."""
    return _is_only(text, NO, _SOLVED)


def _is_only(text: str, words: frozenset[str], beside: frozenset[str]) -> bool:
    said = frozenset(re.findall(r"\w+", unicodedata.normalize("NFC", text[:_LONGEST_READ]).casefold()))
    return len(text) < _LONGEST_READ and len(said) <= _LONGEST_ANSWER and bool(said & words) and said <= words | beside
