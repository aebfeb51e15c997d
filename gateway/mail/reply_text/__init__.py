"""What the author of an answer wrote himself, and which lines are folded around it. Deletes nothing: a fold is a range.

Text written between quoted pieces is the answer, so quotes stay unless nothing but quotes and signatures follows them.
When in doubt more is shown: a lost word costs more than a quoted line too many. The words that mail programs write
are data in `marks`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from gateway.mail import html_marks
from gateway.mail.message import Mark, Message
from gateway.mail.reply_text import introduction as reply_introduction
from gateway.mail.reply_text import lines as reply_lines

_LONG_LEADING_QUOTE = 10
_LONGEST_SIGNATURE = 20
_LONGEST_PARAGRAPH = 60
_MOST_TAILS = 100
_MOST_LEGAL_PARAGRAPHS = 8
_LONGEST_MARKED_SIGNATURE = 30
# RFC 9580 §7: a text signed in the clear.
_ARMOUR_HEAD, _LONGEST_ARMOUR_HEAD = "-----BEGIN PGP SIGNED MESSAGE-----", 6
_ARMOUR_BEGINS, _ARMOUR_ENDS, _LONGEST_ARMOUR = "-----BEGIN PGP SIGNATURE-----", "-----END PGP SIGNATURE-----", 100


class FoldKind(StrEnum):
    """Why lines are folded."""

    QUOTE = "quote"  # marked with `>` or by an introducing line
    SIGNATURE = "signature"
    DISCLAIMER = "disclaimer"
    FOOTER = "footer"  # of a list or service, and rules left over at the end
    ORIGINAL = "original"  # the unmarked copy of an earlier mail


@dataclass(frozen=True, slots=True)
class Fold:
    """Lines `first` to `last` of `ReplyText.full`, 1-based and inclusive."""

    kind: FoldKind
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class ReplyText:
    """`text` is `full` without the folded lines and the empty ones at its ends."""

    text: str
    full: str
    folded: tuple[Fold, ...] = ()


def extract(message: Message) -> ReplyText:
    """What is shown of the message first; never raises and never empty where the message has words."""
    full = message.text
    lines = tuple(full.split("\n"))
    folds = _folds(_Letter(lines, message.marks, reply_introduction.quoted(lines)))
    hidden = {number for fold in folds for number in range(fold.first, fold.last + 1)}
    shown = "\n".join(line for number, line in enumerate(lines, 1) if number not in hidden).strip("\n")
    if not shown.strip():
        return ReplyText(full.strip("\n").rstrip(), full)
    return ReplyText(shown.rstrip(), full, folds)


@dataclass(frozen=True, slots=True)
class _Letter:
    """The lines of a text, what HTML said of them, and which are quoted with their introduction (0-based)."""

    lines: tuple[str, ...]
    marks: tuple[Mark, ...]
    quoted: frozenset[int]

    def is_empty(self, start: int, end: int) -> bool:
        return not any(line.strip() for line in self.lines[start:end])


def _folds(letter: _Letter) -> tuple[Fold, ...]:
    letter = _Letter(letter.lines, letter.marks, letter.quoted | _marked_quotes(letter))
    end = _original_at(letter)
    folds: list[Fold] = []
    if end < len(letter.lines):
        if not _has_own_words(letter, end):
            return ()  # a forwarded message without a word of one's own is the message
        if reply_lines.says_inline(letter.lines[:end]):
            return ()  # unmarked answers cannot be told from what they answer
        folds.append(Fold(FoldKind.ORIGINAL, end + 1, len(letter.lines)))
    for _ in range(_MOST_TAILS):
        kind, start = _tail(letter, end)
        if kind is None:
            break
        if start < end and not letter.is_empty(start, end):
            folds.append(Fold(kind, start + 1, end))
        end = start
    folds.extend((*_leading_armour(letter), *_leading_quote(letter, end)))
    return _merged(folds)


def _tail(letter: _Letter, end: int) -> tuple[FoldKind | None, int]:
    """What ends at line `end` (exclusive) and where it starts; None for words of the author."""
    text_end = end
    while text_end > 0 and not letter.lines[text_end - 1].strip():
        text_end -= 1
    if text_end == 0:
        return None, end
    for kind, start_of in _TAILS:
        start = start_of(letter, text_end)
        if start < text_end:
            return kind, start
    return None, end


def _quote(letter: _Letter, end: int) -> int:
    start = end
    while start > 0 and (start - 1 in letter.quoted or not letter.lines[start - 1].strip()):
        start -= 1
    while start < end and start not in letter.quoted:
        start += 1
    return start


def _rule(letter: _Letter, end: int) -> int:
    return end - 1 if reply_lines.is_rule(letter.lines[end - 1]) else end


def _device(letter: _Letter, end: int) -> int:
    """The line of a phone or program, and the link to it that was wrapped onto a line of its own."""
    start = end - 1
    if start > 0 and reply_lines.is_link(letter.lines[start]):
        start -= 1
    return start if reply_lines.is_device(letter.lines[start]) else end


def _marked_signature(letter: _Letter, end: int) -> int:
    for mark in letter.marks:
        size = mark.last - mark.first + 1
        if mark.kind == html_marks.SIGNATURE and mark.first <= end <= mark.last and size <= _LONGEST_MARKED_SIGNATURE:
            return mark.first - 1
    return end


def _signature(letter: _Letter, end: int) -> int:
    for number in range(end - 1, max(-1, end - 1 - _LONGEST_SIGNATURE), -1):
        if number in letter.quoted:
            break
        if reply_lines.is_signature_mark(letter.lines[number]):
            return number
    return end


def _armour(letter: _Letter, end: int) -> int:
    """Where the signature below a text signed in the clear begins."""
    if letter.lines[end - 1].strip() != _ARMOUR_ENDS:
        return end
    above = range(end - 1, max(-1, end - 1 - _LONGEST_ARMOUR), -1)
    return next((number for number in above if letter.lines[number].strip() == _ARMOUR_BEGINS), end)


def _leading_armour(letter: _Letter) -> list[Fold]:
    """The line above a text signed in the clear, with what it says of the hash."""
    start = next((number for number, line in enumerate(letter.lines) if line.strip()), 0)
    if letter.lines[start].strip() != _ARMOUR_HEAD:
        return []
    below = range(start, min(len(letter.lines), start + _LONGEST_ARMOUR_HEAD))
    return [Fold(FoldKind.SIGNATURE, start + 1, number + 1) for number in below if not letter.lines[number].strip()][:1]


def _paragraph(letter: _Letter, end: int) -> int:
    start = end
    lowest = max(0, end - _LONGEST_PARAGRAPH)
    while start > lowest and letter.lines[start - 1].strip() and start - 1 not in letter.quoted:
        start -= 1
    return start


def _list_footer(letter: _Letter, end: int) -> int:
    paragraph = _paragraph(letter, end)
    ruled = (number for number in range(paragraph, end) if reply_lines.is_list_rule(letter.lines[number]))
    start = next(ruled, paragraph)
    return start if reply_lines.is_list_footer(letter.lines[start:end]) else end


def _disclaimer(letter: _Letter, end: int) -> int:
    """Legal paragraphs at the end: the first begins as such texts do, and none might be the author's."""
    found = start = end
    for _ in range(_MOST_LEGAL_PARAGRAPHS):
        stop = start
        start = _paragraph(letter, stop)
        paragraph = letter.lines[start:stop]
        if reply_lines.is_disclaimer(paragraph):
            found = start
        elif not reply_lines.is_legal(paragraph):
            break
        while start > 0 and not letter.lines[start - 1].strip():
            start -= 1
    return found


_TAILS: tuple[tuple[FoldKind, Callable[[_Letter, int], int]], ...] = (
    (FoldKind.QUOTE, _quote),
    (FoldKind.SIGNATURE, _marked_signature),
    (FoldKind.SIGNATURE, _device),
    (FoldKind.FOOTER, _list_footer),
    (FoldKind.DISCLAIMER, _disclaimer),
    (FoldKind.SIGNATURE, _armour),
    (FoldKind.SIGNATURE, _signature),
    (FoldKind.FOOTER, _rule),
)


def _original_at(letter: _Letter) -> int:
    """The first line of an unmarked copy of an earlier mail, or the number of lines."""
    marked = [mark.first - 1 for mark in letter.marks if mark.kind == html_marks.ORIGINAL]
    found = [*marked[:1], reply_introduction.original_at(letter.lines, letter.quoted)]
    start = min(found)
    if start >= len(letter.lines):
        return len(letter.lines)
    while start > 0 and (not letter.lines[start - 1].strip() or reply_lines.is_rule(letter.lines[start - 1])):
        start -= 1
    return start


def _marked_quotes(letter: _Letter) -> frozenset[int]:
    """Lines that HTML calls a quote: all where none carries `>`, else those before the first that does."""
    found: set[int] = set()
    for mark in letter.marks:
        if mark.kind != html_marks.QUOTE:
            continue
        numbers = range(mark.first - 1, min(mark.last, len(letter.lines)))
        first = next((number for number in numbers if letter.lines[number].startswith(">")), None)
        limit = numbers.stop if first is None else first
        if first is None or limit - numbers.start <= reply_introduction.LONGEST + 2:
            found.update(range(numbers.start, limit))
    return frozenset(found)


def _has_own_words(letter: _Letter, end: int) -> bool:
    """Whether anything but quotes, signatures and rules stands above line `end`."""
    for _ in range(_MOST_TAILS):
        kind, start = _tail(letter, end)
        if kind is None:
            break
        end = start
    return not letter.is_empty(0, end)


def _leading_quote(letter: _Letter, end: int) -> list[Fold]:
    """A quote of the whole mail above a single answer: introduced, or long; a short bare one is what is answered."""
    start = next((number for number in range(end) if letter.lines[number].strip()), end)
    stop = start
    while stop < end and (stop in letter.quoted or not letter.lines[stop].strip()):
        stop += 1
    while stop > start and not letter.lines[stop - 1].strip():
        stop -= 1
    is_interleaved = any(number in letter.quoted for number in range(stop, len(letter.lines)))
    if stop == start or is_interleaved or stop >= end:
        return []
    is_introduced = not reply_lines.is_quoted(letter.lines[start])
    if not is_introduced and stop - start <= _LONG_LEADING_QUOTE:
        return []
    return [Fold(FoldKind.QUOTE, start + 1, stop)]


def _merged(folds: list[Fold]) -> tuple[Fold, ...]:
    """In order of lines, neighbours of one kind as one."""
    found: list[Fold] = []
    for fold in sorted(folds, key=lambda each: each.first):
        if found and found[-1].kind == fold.kind and found[-1].last + 1 >= fold.first:
            found[-1] = Fold(fold.kind, found[-1].first, fold.last)
        else:
            found.append(fold)
    return tuple(found)
