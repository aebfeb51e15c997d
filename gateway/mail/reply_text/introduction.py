"""Where a quoted mail is introduced: `On ..., X wrote:` in any language and order, header blocks, lines of dashes.

An introduction is told by its parts: a day, a time, an address, a verb, a colon at its end; the words are data in
`marks`. Decides nothing about folding; that is `reply_text`'s. Every line is cut before an expression sees it.
"""

import re
from collections.abc import Sequence

from gateway.mail.reply_text import marks
from gateway.mail.reply_text.lines import COLONS, DIRECTIONS, cut, is_quoted

LONGEST = 5  # lines
_LONGEST_LINE = 400
_SCANNED_LINES = 20_000
_HEADER_LINES = 14
_MOST_CANDIDATES = 3_000
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def _any_of(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_VERBS = marks.all_of("verbs")
# Scripts that leave no space between words put the verb last.
_VERB = re.compile(
    rf"(?<!\w)(?:{_any_of([verb for verb in _VERBS if not _UNSPACED.search(verb)])})(?!\w)"
    rf"|(?:{_any_of([verb for verb in _VERBS if _UNSPACED.search(verb)])})\W{{0,4}}$"
)
_OPENER = re.compile(
    rf"\W{{0,6}}(?:(?:{_any_of([word for word in marks.all_of('openers') if not _UNSPACED.search(word)])})(?!\w)"
    rf"|(?:{_any_of([word for word in marks.all_of('openers') if _UNSPACED.search(word)])})"
    rf"|(?:{_any_of(marks.all_of('days'))})|\d|ב)"
)
_DAY = re.compile(
    r"\d{1,4}\s?[./\-]\s?\d{1,2}\s?[./\-]\s?\d{1,4}|(?<!\d)(?:19|20|25)\d\d(?!\d)"
    r"|\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]|\d{1,2}\s(?:thg|tháng)\s?\d{1,2}"
    r"|(?<!\d)\d{1,2}\.?\s(?:de\s)?[^\W\d_]{3,12}\.?(?!\w)|[^\W\d_]{3,10}\.?\s\d{1,2}(?!\d)"
)
_TIME = re.compile(
    r"(?<!\d)\d{1,2}[:.huч]\s?\d{2}(?!\d)|(?<!\d)\d{1,2}\s?[時点點时시]|(?<!\d)\d{1,2}\s?(?:a\.?m|p\.?m)\b"
)
_ADDRESS = re.compile(r"[^\s<>@()\[\]\"]{1,64}@[^\s<>@()\[\]\"]{1,120}")
_END = re.compile(r"[:>]\W{0,3}$")
_COLON = re.compile(r":[\s*_>]{0,3}$")
_OPEN_BRACKET = re.compile(r"<[^<>]{0,200}$")
_BRACKETED = re.compile(r"<[^\s<>@]{1,64}@[^\s<>@]{1,120}>")
_BROKEN_END = re.compile(r"\s{0,3}>[^>]{0,80}:\s{0,3}$")
_DASHES = "-_=*–—－─━"
# Without any of these a line begins no original, and most lines of people have none.
_TELLING = re.compile(f"[{re.escape(_DASHES + COLONS + DIRECTIONS)}:#@>]")
_SEPARATORS = marks.all_of("separators")
_WHOLE_SEPARATORS = frozenset(_SEPARATORS)
_LEADING_SEPARATORS = tuple(words for words in _SEPARATORS if " " in words or _UNSPACED.search(words))
_RULES = ("- -", *(dash * 2 for dash in _DASHES))
_LONGEST_LABEL = 40
_LONGEST_FOREIGN = 160
_FEWEST_FOREIGN_LABELS = 3
_LONGEST_SEPARATOR = 120
_LABELS_BELOW_SEPARATOR = 3
_LONG_QUOTED, _LONGEST_TORN_OFF = 60, 40  # characters
_MOST_WORDS = 16
_GROUPWISE = re.compile(r">>> ?(?!>).{5,300}$")
_UNDERSCORES = re.compile(r"\s*_{20,}\s*$")
_REPLY_ABOVE = re.compile(r"[#=\-*_]{2,10}\s?-?.{5,150}?-?\s?[#=\-*_]{2,10}$")
_REPLY_ABOVE_WORDS = marks.all_of("reply_above")
_SENTENCE = re.compile(r"(?:[!?。]|[^\W\d_]{4}\.)$")
_TOLD = re.compile(r"(?<!\w)(?:to (?:you|me|us|him|her|them)|ich|mir|ihnen|je|ik|jag|jeg|мне|вам|нам)(?!\w)")
_ENDS_WITH_ADDRESS = re.compile(r"@[^\s<>@]{1,120}\W{0,3}$")
_NAME_WORDS = re.compile(r"[^\W\d_]{2,}")
_ZONES = re.compile(r"(?<!\w)(?:gmt|utc|cest|cet|eest|eet|msk|mez|mesz|am|pm|uhr|at|um|the)(?!\w)|[+\-]\d\d:?\d\d")


def quoted(lines: Sequence[str]) -> frozenset[int]:
    """The numbers (0-based) of lines that are quoted, with those that introduce a quote."""
    found: set[int] = set()
    left = _MOST_CANDIDATES
    for number, line in enumerate(lines):
        if not is_quoted(line) or _closes_address(lines, number) or _is_groupwise(lines, number):
            continue
        if number and number - 1 not in found and left:
            left -= 1
            found.update(_above(lines, number))
        found.add(number)
    found.update(_torn_off(lines, found))
    return frozenset(found)


def _torn_off(lines: Sequence[str], quoted_lines: set[int]) -> list[int]:
    """Ends of quoted lines that a program broke off without a mark: they go on in the middle of a sentence."""
    return [
        number + 1
        for number in quoted_lines
        if number + 1 not in quoted_lines
        and number + 2 in quoted_lines
        and len(lines[number]) >= _LONG_QUOTED
        and lines[number][-1].isalpha()
        and lines[number + 1][:1].islower()
        and len(lines[number + 1]) <= _LONGEST_TORN_OFF
    ]


def _closes_address(lines: Sequence[str], number: int) -> bool:
    """Whether the line's `>` belongs to an address that was broken before it, and is no quote mark."""
    if ":" not in lines[number] or not _BROKEN_END.match(lines[number][:120]):
        return False
    above = "".join(line[-_LONGEST_LINE:] for line in lines[max(0, number - 3) : number] if not is_quoted(line))
    return above.count("<") > above.count(">")


def _is_groupwise(lines: Sequence[str], number: int) -> bool:
    """Whether the line is GroupWise's `>>> X 3.6.2025 9:15 >>>` above an unmarked quote."""
    if lines[number].count(">") < 3:
        return False
    line = cut(lines[number])
    if not _GROUPWISE.match(line) or not (_DAY.search(line) and _TIME.search(line)):
        return False
    below = next((later for later in lines[number + 1 : number + 4] if later.strip()), "")
    return not is_quoted(below)


def _above(lines: Sequence[str], number: int) -> range:
    """The lines right above a quote that say who wrote it when (`range` may be empty)."""
    end = number
    while end > 0 and number - end < 2 and not lines[end - 1].strip():
        end -= 1
    start = _start(lines, end, is_marked=True)
    start = _separator_above(lines, _labels_above(lines, start, end))
    return range(start, number) if start < end else range(0)


def _labels_above(lines: Sequence[str], start: int, end: int) -> int:
    """Where a header block starts that reaches down to the quote; `start` where none does."""
    top = end
    while top > 0 and end - top < _HEADER_LINES and _label(lines[top - 1])[0] in marks.LABELS:
        top -= 1
    return top if top < min(start, end) and is_header_block(lines, top) else start


def _separator_above(lines: Sequence[str], start: int) -> int:
    """The line of dashes above an introduction, where one stands there; labels, as `From "X" <a@b>`, may be between."""
    above, labels = start - 1, 0
    while above >= 0 and start - above <= _LABELS_BELOW_SEPARATOR + 2:
        line = cut(lines[above])
        if is_separator(line):
            return above
        if line:
            labels += 1
            if labels > _LABELS_BELOW_SEPARATOR or not (_ADDRESS.search(line) or _DAY.search(line)):
                break
        above -= 1
    return start


def _start(lines: Sequence[str], end: int, *, is_marked: bool) -> int:
    """Where an introduction that ends before line `end` starts; `end` if there is none."""
    best = end
    joined = ""
    for start in range(end - 1, max(-1, end - 1 - LONGEST), -1):
        line = cut(lines[start])
        if not line and joined.startswith(("<", ">")):
            continue
        if not line or (is_quoted(lines[start]) and not _closes_address(lines, start)):
            break
        if best < end and not (_opens(line) or _belongs(line, joined)):
            # A wrapped name may stand between; a sentence is the author's.
            if _is_complete(joined) or _SENTENCE.search(line):
                break
            joined = f"{line} {joined}"
            continue
        joined = f"{line} {joined}".strip()
        if is_introduction(joined, is_marked=is_marked):
            best = start
    return best


def _belongs(line: str, below: str) -> bool:
    """Whether a line above what may be an introduction is its beginning: a name or address cut in two."""
    if _is_complete(below):
        return False
    if below.startswith("<") or _OPEN_BRACKET.search(line):
        return len(line) <= 120 and not line.endswith((".", "!", "?", "。"))
    return bool(_ADDRESS.search(line) or (_DAY.search(line) and _TIME.search(line)))


def _is_complete(line: str) -> bool:
    return is_introduction(line, is_marked=False) and not line.startswith(("<", ">"))


def _opens(line: str) -> bool:
    return bool(_OPENER.match(line) and (_DAY.search(line) or _TIME.search(line)))


def is_introduction(line: str, *, is_marked: bool) -> bool:
    """Whether a case-folded line introduces a quote; where no quote marks follow, it must say more."""
    if not line or len(line) > _LONGEST_LINE or not (is_marked or _COLON.search(line)):
        return False
    has_day, has_time, has_address = bool(_DAY.search(line)), bool(_TIME.search(line)), bool(_ADDRESS.search(line))
    if not is_marked:
        if not has_day or not (has_time or has_address) or _TOLD.search(line):
            return False
        return (has_time and has_address and len(line) <= 160) or bool(_VERB.search(line))
    if not _END.search(line):
        return has_day and has_time and _is_only_a_name(line)
    is_short = len(line) <= 80 and bool(_COLON.search(line))
    if has_day and has_time and (has_address or is_short):
        return True
    if has_day and has_address and _is_only_a_name(line):
        return True
    return (has_day or has_address or is_short) and bool(_VERB.search(line))


def _is_only_a_name(line: str) -> bool:
    """Whether a line is a name and nothing more, its date and time set aside."""
    rest = line
    for part in (_ADDRESS, _TIME, _DAY, _ZONES):
        rest = part.sub(" ", rest)
    return len(line) <= 120 and len(_NAME_WORDS.findall(rest)) <= 4


def original_at(lines: Sequence[str], quoted_lines: frozenset[int]) -> int:
    """The first line of an unmarked copy of an earlier mail, or the number of lines."""
    left = _MOST_CANDIDATES
    for number, line in enumerate(lines[:_SCANNED_LINES]):
        if number in quoted_lines or not _TELLING.search(line):
            continue
        left -= line.rstrip().endswith((":", "：", ">", "*"))
        if left < 0:
            break
        start = _begins_original(lines, number)
        if start <= number and not _is_followed_by_marks(lines, number, quoted_lines):
            return start
    return len(lines)


def _begins_original(lines: Sequence[str], number: int) -> int:
    """Where an introduction starts that line `number` begins or ends; the number of lines if it does not."""
    line = cut(lines[number])
    if is_separator(line) or _is_groupwise(lines, number):
        return number
    if _is_foreign_block(lines, number):
        return number
    if is_header_block(lines, number):
        return _address_above(lines, number)
    if _COLON.search(line):
        start = _start(lines, number + 1, is_marked=False)
        first = cut(lines[start]) if start <= number else ""
        if first and (_opens(first) or _is_certain(lines, start, number)):
            return start
    elif _is_bare(line) and _stands_alone(lines, number):
        return number
    return len(lines)


def _address_above(lines: Sequence[str], number: int) -> int:
    """Where a header block starts: Foxmail puts the bare address of the sender above it."""
    above = number - 1
    while above > 0 and number - above <= 2 and not lines[above].strip():
        above -= 1
    return above if above >= 0 and _ADDRESS.fullmatch(cut(lines[above])) else number


def _is_certain(lines: Sequence[str], start: int, last: int) -> bool:
    """Whether lines that begin with a name have all that an introduction may have; in an unknown language no verb."""
    line = " ".join(cut(each) for each in lines[start : last + 1])
    if not (_DAY.search(line) and _TIME.search(line) and _ADDRESS.search(line)):
        return False
    stands_alone = start > 0 and not lines[start - 1].strip()
    return bool(_VERB.search(line)) or (
        stands_alone and bool(_BRACKETED.search(line)) and len(line) <= _LONGEST_FOREIGN
    )


def _is_bare(line: str) -> bool:
    """Whether a line without verb and colon is nothing but day, time, name and address, the address last or first."""
    if "@" not in line or not (_DAY.search(line) and _TIME.search(line)):
        return False
    address = _ADDRESS.search(line)
    is_at_end = bool(address) and bool(_ENDS_WITH_ADDRESS.search(line))
    is_name_first = ">" in line and not line[:1].isdigit()
    return bool(address) and (is_at_end or is_name_first) and _is_only_a_name(line)


def _stands_alone(lines: Sequence[str], number: int) -> bool:
    """Whether an empty line or nothing is above, and below is something that is no such line: logs have many."""
    if number == 0 or lines[number - 1].strip() or number + 1 >= len(lines):
        return False
    return not _is_bare(cut(lines[number + 1]))


def _is_followed_by_marks(lines: Sequence[str], number: int, quoted_lines: frozenset[int]) -> bool:
    """Whether what follows is a quote with marks: then the marks tell what is quoted, and answers stand between."""
    rest = [later for later in range(number + 1, min(len(lines), number + 60)) if lines[later].strip()]
    return len(rest) > 2 and sum(later in quoted_lines for later in rest) * 2 > len(rest)


def is_separator(line: str) -> bool:
    """Whether the case-folded line is `-----Original Message-----` in some language."""
    if line.startswith(("##", "--", "==", "__", "**")) and any(words in line for words in _REPLY_ABOVE_WORDS):
        return bool(_REPLY_ABOVE.match(line))
    line = line.lstrip("> ")
    inner = line.strip(_DASHES + " ")
    if not inner or len(line) > _LONGEST_LINE:
        return False
    if not line.startswith(_RULES):
        return line.endswith(":") and inner.rstrip(": ") in _WHOLE_SEPARATORS
    inner = inner.replace("&nbsp;", " ").strip()  # QQ writes it into plain text too
    if inner.rstrip(": ") in _WHOLE_SEPARATORS or inner.startswith(_LEADING_SEPARATORS):
        return len(inner) <= _LONGEST_SEPARATOR
    # `---- On 3 Jun 2025 09:15, Desk wrote ----`: Zoho, Notes, old phones
    return line.endswith(_RULES) and len(_NAME_WORDS.findall(inner)) <= _MOST_WORDS and bool(_VERB.search(inner))


def is_header_block(lines: Sequence[str], number: int) -> bool:
    """Whether two or more known labels in a row begin at line `number`, one the sender's, and it looks like mail."""
    said: list[frozenset[str]] = []
    is_mail = False
    misses = 0
    for line in lines[number : number + _HEADER_LINES]:
        label, value = _label(line)
        if label in marks.LABELS:
            said.append(marks.LABELS[label])
            is_mail = is_mail or _is_of_mail(label, value)
            misses = 0
        elif not said or misses >= 1:
            break
        else:
            misses += 1  # a wrapped list of recipients, or an empty line that HTML left
            is_mail = is_mail or "@" in line[:_LONGEST_LINE]
    kinds = _kinds(said)
    return is_mail and marks.FROM in kinds and bool(kinds & {marks.DATE, marks.SUBJECT})


def _is_foreign_block(lines: Sequence[str], number: int) -> bool:
    """Whether a rule of underscores and labels of an unknown language begin here, as Outlook writes them."""
    if not _UNDERSCORES.match(lines[number][:_LONGEST_LINE]):
        return False
    values = []
    for line in lines[number + 1 : number + _HEADER_LINES]:
        label, value = _label(line)
        if not label or len(label.split()) > _FEWEST_FOREIGN_LABELS:
            break
        values.append(value)
    has_address = any(_ADDRESS.search(value) for value in values)
    return len(values) >= _FEWEST_FOREIGN_LABELS and has_address and any(_TIME.search(value) for value in values)


def _is_of_mail(label: str, value: str) -> bool:
    """Whether people do not write so when they order a removal van: an address, a time, or a word like `Sent`."""
    if "@" in value:
        return True
    is_date = marks.DATE in marks.LABELS[label]
    return is_date and (bool(_TIME.search(value)) or label not in marks.EVERYDAY)


def _label(line: str) -> tuple[str, str]:
    """What stands before the line's first colon, if that is short, and what after."""
    label, colon, value = cut(line).partition(":")
    return (label.strip("*_| >\t"), value) if colon and len(label) <= _LONGEST_LABEL else ("", "")


def _kinds(said: Sequence[frozenset[str]]) -> set[str]:
    """What a row of labels says, each label one thing: those that can say only one come first."""
    kinds: set[str] = set()
    for label in sorted(said, key=len):
        kinds.update(sorted(label - kinds)[:1])
    return kinds
