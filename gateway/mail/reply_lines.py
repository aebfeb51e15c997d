"""What single lines of an answer are: quoted, introducing a quote, a header block, a rule, a device's signature.

Decides nothing about folding; that is `reply_text`'s. Every line is cut before any expression sees it.
"""

import re
from collections.abc import Sequence

from gateway.mail import reply_marks as marks

LONGEST_INTRODUCTION = 4  # lines
_LONGEST_LINE = 400
_SCANNED_LINES = 20_000


def _words(table: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """All words of a table as `_cut` leaves them in lines (a final sigma becomes σ, ß becomes ss)."""
    return tuple(dict.fromkeys(word.casefold() for words in table.values() for word in words))


def _any_of(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_VERB = re.compile(rf"(?:(?<!\w)(?:{_any_of(_words(marks.VERBS))})(?!\w)|写道|寫道|書きました|작성)")
_OPENER = re.compile(
    rf"\W{{0,3}}(?:(?:{_any_of(_words(marks.OPENERS))})(?!\w)|(?:{_any_of(_words(marks.WEEKDAYS))})|\d|在|于|於)"
)
_DAY = re.compile(
    r"\d{1,4}\s?[./\-]\s?\d{1,2}\s?[./\-]\s?\d{1,4}|(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,2}月\d{1,2}日"
    r"|(?<!\d)\d{1,2}\.?\s(?:de\s)?[^\W\d_]{3,12}\.?(?!\w)|[^\W\d_]{3,10}\.?\s\d{1,2}(?!\d)"
)
_TIME = re.compile(r"(?<!\d)\d{1,2}[:.hч]\s?\d{2}(?!\d)")
_ADDRESS = re.compile(r"[^\s<>@()\[\]\"]{1,64}@[^\s<>@()\[\]\"]{1,120}")
_END = re.compile(r"(?:[:：﹕]|>)\W{0,3}$")
_COLON = re.compile(r"[:：﹕][\s*_>]{0,3}$")
_LABEL_KINDS = {
    label.casefold(): kind
    for table in reversed(marks.LABELS.values())
    for kind, labels in table.items()
    for label in labels
}
_LABEL = re.compile(rf"[\s*_|]{{0,6}}({_any_of(tuple(_LABEL_KINDS))})[\s*_]{{0,4}}[:：][\s*_]{{0,4}}(.*)")
_SEPARATOR = re.compile(
    rf"[\s>*]{{0,4}}[-_=*–—]{{2,60}}\s{{0,4}}(?:{_any_of(_words(marks.SEPARATORS))})\b.{{0,60}}?[\s:：]{{0,3}}[-_=*–—]{{0,60}}\s*$"
)
_BARE_SEPARATOR = re.compile(rf"[\s*]{{0,4}}(?:{_any_of(_words(marks.SEPARATORS))})\s{{0,2}}[:：]\s*$")
_RULE = re.compile(r"\s*(?:[-_=*~–—#+]\s?){3,}\s*$")
_SIGNATURE_MARK = re.compile(r"(?:--|-- |—|––|- -|__|\*--\*)\s{0,2}$")
_DEVICE_STARTS = _words(marks.DEVICES)
_DISCLAIMER_STARTS = _words(marks.DISCLAIMERS)
_LIST_SENTENCES = _words({"": marks.LIST_FOOTERS})
_DEVICE_ENDS = _words({"": marks.DEVICE_ENDS})
_LEGAL_WORDS = _words(marks.LEGAL_WORDS)
_REPLY_ABOVE = re.compile(r"[#=\-*_]{2,10}\s?-?.{5,150}?-?\s?[#=\-*_]{2,10}$")
_REPLY_ABOVE_WORDS = _words(marks.REPLY_ABOVE)
_NAME_WORDS = re.compile(r"[^\W\d_]{2,}")
_LIST_RULE = re.compile(r"_{20,}$")
_QUOTED = re.compile(r"\s{0,3}(?:>|&gt;|\|\s?>)")


def _cut(line: str) -> str:
    return line[:_LONGEST_LINE].casefold().strip()


def is_quoted(line: str) -> bool:
    """Whether the line carries a quote mark."""
    return bool(_QUOTED.match(line[:10]))


def quoted(lines: Sequence[str]) -> frozenset[int]:
    """The numbers (0-based) of lines that are quoted, with those that introduce a quote."""
    found: set[int] = set()
    for number, line in enumerate(lines):
        if is_quoted(line):
            if number and number - 1 not in found:
                found.update(_introduction_above(lines, number))
            found.add(number)
    return frozenset(found)


def _introduction_above(lines: Sequence[str], number: int) -> range:
    """The lines right above a quote that say who wrote it when (`range` may be empty)."""
    end = number
    while end > 0 and number - end < 2 and not lines[end - 1].strip():
        end -= 1
    start = _introduction_start(lines, end, is_marked=True)
    return range(start, number) if start < end else range(0)


def _introduction_start(lines: Sequence[str], end: int, *, is_marked: bool) -> int:
    """Where an introduction that ends before line `end` starts; `end` if there is none."""
    best = end
    joined = ""
    for start in range(end - 1, max(-1, end - 1 - LONGEST_INTRODUCTION), -1):
        line = _cut(lines[start])
        if not line or is_quoted(lines[start]):
            break
        joined = f"{line} {joined}".strip()
        if best < end and not _opens(line):
            continue
        if is_introduction(joined, is_marked=is_marked):
            best = start
    return best


def _opens(line: str) -> bool:
    return bool(_OPENER.match(line) and (_DAY.search(line) or _TIME.search(line)))


def is_introduction(line: str, *, is_marked: bool) -> bool:
    """Whether a case-folded line introduces a quote; where no quote marks follow, it must say more."""
    if not line or len(line) > _LONGEST_LINE or not (is_marked or _END.search(line)):
        return False
    has_verb = bool(_VERB.search(line))
    has_day, has_time, has_address = bool(_DAY.search(line)), bool(_TIME.search(line)), bool(_ADDRESS.search(line))
    if is_marked:
        is_short = len(line) <= 80 and bool(_COLON.search(line))
        if not _END.search(line):
            return has_day and has_time and _is_only_a_name(line)
        return (has_verb and (has_day or has_address or is_short)) or (
            has_day and has_time and (has_address or is_short)
        )
    if not _COLON.search(line) or not has_day:
        return False
    return (has_verb and (has_time or has_address)) or (has_time and has_address and len(line) <= 160)


def _is_only_a_name(line: str) -> bool:
    """Whether a line is a name and nothing more, its date and time set aside."""
    rest = _ADDRESS.sub(" ", _TIME.sub(" ", _DAY.sub(" ", line)))
    return len(line) <= 80 and len(_NAME_WORDS.findall(rest)) <= 3


def original_at(lines: Sequence[str], quoted_lines: frozenset[int]) -> int:
    """The first line of an unmarked copy of an earlier mail, or the number of lines."""
    for number, line in enumerate(lines[:_SCANNED_LINES]):
        if number in quoted_lines or not line.strip():
            continue
        if _begins_original(lines, number) and not _is_followed_by_marks(lines, number, quoted_lines):
            return number
    return len(lines)


def _begins_original(lines: Sequence[str], number: int) -> bool:
    line = _cut(lines[number])
    if is_separator(line) or is_header_block(lines, number):
        return True
    # The introduction may be wrapped: it is found at its last line and reported at its first.
    for end in range(number + 1, min(len(lines), number + LONGEST_INTRODUCTION) + 1):
        if not lines[end - 1].strip():
            return False
        if not _COLON.search(_cut(lines[end - 1])):
            continue
        return _opens(line) and _introduction_start(lines, end, is_marked=False) == number
    return False


def _is_followed_by_marks(lines: Sequence[str], number: int, quoted_lines: frozenset[int]) -> bool:
    """Whether what follows is a quote with marks: then the marks tell what is quoted, and answers stand between."""
    rest = [later for later in range(number + 1, min(len(lines), number + 60)) if lines[later].strip()]
    return len(rest) > 2 and sum(later in quoted_lines for later in rest) * 2 > len(rest)


def is_separator(line: str) -> bool:
    """Whether the case-folded line is `-----Original Message-----` in some language."""
    if line.startswith(("##", "--", "==", "__", "**")) and any(words in line for words in _REPLY_ABOVE_WORDS):
        return bool(_REPLY_ABOVE.match(line))
    return bool(_SEPARATOR.match(line) or _BARE_SEPARATOR.match(line))


def is_header_block(lines: Sequence[str], number: int) -> bool:
    """Whether two or more known labels in a row begin at line `number`, one the sender's, one looking like mail."""
    kinds: set[str] = set()
    values: list[str] = []
    misses = 0
    for line in lines[number : number + 14]:
        found = _LABEL.match(_cut(line))
        if found:
            kinds.add(_LABEL_KINDS[found[1]])
            values.append(found[2])
            misses = 0
        elif not kinds or misses >= 1:
            break
        else:
            misses += 1  # a wrapped list of recipients, or an empty line that HTML left
    has_mail = any(_ADDRESS.search(value) or (_DAY.search(value) and _TIME.search(value)) for value in values)
    has_enough = marks.FROM in kinds and len(kinds - {marks.OTHER}) >= 2
    return has_enough and (has_mail or marks.SUBJECT in kinds)


def is_rule(line: str) -> bool:
    """Whether the line is only dashes, underscores or the like."""
    return len(line) <= 200 and bool(_RULE.match(line))


def is_signature_mark(line: str) -> bool:
    """Whether the line parts a signature off (`-- `, RFC 3676 §4.3, and what people's programs make of it)."""
    return bool(_SIGNATURE_MARK.match(line[:8])) and len(line) <= 6


def is_device(line: str) -> bool:
    """Whether the line is what a phone or a service adds below every mail."""
    line = _cut(line).strip("*_-–— ")
    if not line or len(line) > 120:
        return False
    return line.startswith(_DEVICE_STARTS) or (line.endswith(_DEVICE_ENDS) and len(line) <= 60)


def is_list_rule(line: str) -> bool:
    """Whether the line is the underscores that list software puts above its footer."""
    return len(line) <= 100 and bool(_LIST_RULE.match(line.strip()))


def is_list_footer(lines: Sequence[str]) -> bool:
    """Whether a paragraph is a list's: below a rule of underscores or with a sentence of group services."""
    head = " ".join(_cut(line) for line in lines[:6])
    if lines and is_list_rule(lines[0]):
        return len(lines) <= 12 and ("http" in head or "@" in head)
    return len(lines) <= 12 and any(sentence in head for sentence in _LIST_SENTENCES)


def is_disclaimer(lines: Sequence[str]) -> bool:
    """Whether a paragraph begins as legal text does."""
    head = " ".join(_cut(line) for line in lines[:3]).lstrip("*_#!-=<[( ")
    return head.startswith(_DISCLAIMER_STARTS)


def is_legal(lines: Sequence[str]) -> bool:
    """Whether a paragraph below a disclaimer goes on with it: three of the words that lawyers like."""
    words = " ".join(_cut(line) for line in lines[:20])
    return sum(word in words for word in _LEGAL_WORDS) >= 3
