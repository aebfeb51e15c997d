"""What a customer's few words mean when we have asked him: a rating from 1 to 5, or whether it is solved."""

import re
import unicodedata
from dataclasses import dataclass

RATINGS = (1, 2, 3, 4, 5)
_SERIALS = "abcde"  # tokens carry no digit 1
_ALONE = re.compile(r"[\s*_(\[\"'„«]*([1-5])(?:\s*/\s*5)?[\s*_)\]\"'”».!]*")
_WITH_COMMENT = re.compile(r"[\s*_(\[]*([1-5])(?:\s*/\s*5)?\s*[.,:;!)\]–—-]+\s+(\S.*)", re.DOTALL)
_STARS = re.compile(r"\s*((?:[★⭐]\ufe0f?){1,5})[☆\ufe0f\s]*")

YES = frozenset({
    *("yes", "yep", "yeah", "ok", "okay", "solved", "confirmed"),
    *("tak", "zgadza", "się", "rozwiązane", "potwierdzam"),
    *("да", "решено", "подтверждаю", "ок"),
    *("是", "是的", "好", "好的", "已解决", "确认"),
    *("ναι", "ναί", "εντάξει", "λύθηκε", "επιβεβαιώνω"),
    *("jā", "ja", "atrisināts", "apstiprinu", "labi"),
})  # fmt: skip
NO = frozenset({
    *("no", "nope"),
    *("nie", "nierozwiązane"),
    *("нет", "не", "решено"),
    *("否", "不", "不是", "没有", "未解决"),
    *("όχι", "οχι"),
    *("nē", "ne", "neatrisināts"),
})  # fmt: skip
_LONGEST_ANSWER = 3  # words; more than that is something to be read by a person


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
    normal = unicodedata.normalize("NFKC", text).strip()
    first, _, rest = normal.partition("\n")
    if alone := _ALONE.fullmatch(first):
        return Rating(int(alone[1]), rest.strip())
    if stars := _STARS.fullmatch(first):
        return Rating(len(stars[1].replace("\ufe0f", "")), rest.strip())
    if said := _WITH_COMMENT.fullmatch(normal):
        return Rating(int(said[1]), said[2].strip())
    return Rating(None, normal)


def is_yes(text: str) -> bool:
    """Whether the whole reply says no more than that it is solved."""
    return _is_only(text, YES)


def is_no(text: str) -> bool:
    """Whether the whole reply says no more than that it is not solved."""
    return _is_only(text, NO) and not is_yes(text)


def _is_only(text: str, words: frozenset[str]) -> bool:
    said = re.findall(r"\w+", unicodedata.normalize("NFC", text).casefold())
    return 0 < len(said) <= _LONGEST_ANSWER and all(word in words for word in said)
