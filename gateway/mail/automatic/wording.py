"""What the words of a message say of who wrote it: signals from subject and text. Fields and parts are `automatic`'s.

The phrases are data in `words` and `delivery.texts`.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.mail import html_marks, subject
from gateway.mail.automatic import words
from gateway.mail.automatic.signs import AutomaticKind, Signal
from gateway.mail.delivery import texts as delivery_texts
from gateway.mail.message import Message
from gateway.mail.phrases import Phrases

_OPENING = 900  # characters in which a machine says what it is
_ENDING = 1_500  # and in which a newsletter says how to be rid of it
_COLONS = (":", "：")
_QUOTE_IS_INTRODUCED = re.compile(r".{0,200}@.{0,200}.\Z|.{0,120}\d{4}.{0,120}.\Z")
_QUOTE_BEGINS = re.compile(
    r"-{2,}.{0,60}-{2,}\Z|_{8,}\Z|on .{4,200}(?:wrote|writes):?\Z"
    r"|\*?(?:from|von|de|da|van|från|fra|od|от|від|expéditeur|mittente|nadawca|отправитель|lähettäjä|kimden|feladó|no|από|nuo|kellelt|saatja"
    r"|发件人|發件人|寄件者|差出人|送信者|보낸 ?사람|từ|מאת|من|dari|จาก)\*?\s?[:：]\*?\s",
    re.IGNORECASE,
)
_QUOTES = frozenset({html_marks.QUOTE, html_marks.ORIGINAL})
_MARKS_BEFORE = re.compile(r"(?:\s*(?:\[[^\]]{0,40}\]|\*{2,5}[^*]{1,30}\*{2,5}))+\s*")
# Of lines that follow another: line ends are found much faster than beginnings.
_STATUS_FIELD = re.compile(r"\n(?:final-recipient|action|diagnostic-code|reporting-mta)\s{0,3}:", re.IGNORECASE)


def _folded(phrases: Iterable[str]) -> tuple[str, ...]:
    """The phrases as case folding leaves them in texts: a final sigma becomes σ, ß becomes ss."""
    return tuple(dict.fromkeys(phrase.casefold() for phrase in phrases))


def _folded_table(table: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    return _folded(phrase for phrases in table.values() for phrase in phrases)


_REPLY_SUBJECTS = _folded_table(words.REPLY_SUBJECTS)
_AWAY_SUBJECTS = _folded_table(words.AWAY_SUBJECTS)
_AWAY_ENDINGS = _folded(words.AWAY_ENDINGS)
_AWAY_TEXTS = frozenset(_folded_table(words.AWAY_TEXTS))
_MACHINE_TEXTS = frozenset(_folded_table(words.MACHINE_TEXTS))
_ASKING_TEXTS = frozenset(_folded(words.ASKING_TEXTS))
_RECEIVED_TEXTS = frozenset(_folded(words.RECEIVED_TEXTS))
_CHALLENGE_TEXTS = frozenset(_folded(words.CHALLENGE_TEXTS))
_NEWSLETTER_TEXTS = frozenset(_folded(words.NEWSLETTER_TEXTS))
_ABUSE_TEXTS = frozenset(_folded(words.ABUSE_TEXTS))
_RECEIPT_TEXTS = frozenset(_folded(words.READ_RECEIPT_TEXTS))
_BEGINNINGS = (
    ("read receipt subject", 45, AutomaticKind.READ_RECEIPT, _folded(words.READ_RECEIPT_SUBJECTS)),
    ("calendar reply subject", 40, AutomaticKind.CALENDAR_REPLY, _folded(words.CALENDAR_SUBJECTS)),
    ("abuse report subject", 45, AutomaticKind.ABUSE_REPORT, _folded(words.ABUSE_SUBJECTS)),
    ("machine's subject", 60, AutomaticKind.AUTOMATIC, _folded(words.MACHINE_SUBJECTS)),
    ("challenge subject", 40, AutomaticKind.AUTOMATIC, _folded(words.CHALLENGE_SUBJECTS)),
)
_BOUNCE_SUBJECTS = _folded(delivery_texts.SUBJECTS)
_BOUNCE_OPENINGS = {system: frozenset(_folded(sentences)) for system, sentences in delivery_texts.OPENINGS.items()}
_IN_OPENINGS = Phrases.of(
    *(_AWAY_TEXTS, _MACHINE_TEXTS, _RECEIVED_TEXTS, _CHALLENGE_TEXTS, _NEWSLETTER_TEXTS, _ABUSE_TEXTS, _RECEIPT_TEXTS),
    _ASKING_TEXTS,
    *_BOUNCE_OPENINGS.values(),
)
_IN_ENDINGS = Phrases.of(_NEWSLETTER_TEXTS)


@dataclass(frozen=True, slots=True)
class Wording:
    """What is looked at of the subject and the text, case-folded, on one line each."""

    title: str
    opening: str  # what a mail begins with
    own: str  # of that the beginning, down to the mail that it answers
    ending: str
    is_forward: bool
    is_answer: bool  # or a forward


def of(message: Message) -> Wording:
    """What is looked at of `message`."""
    title = message.subject[:300].casefold()
    if marks := _MARKS_BEFORE.match(title):
        title = title[marks.end() :] if title[marks.end() :].strip() else title
    opening, own = _opening(message)
    ending = " ".join(message.text[-_ENDING:].split())
    prefix = subject.prefix(message.subject)
    return Wording(
        title=" ".join(title.split()),
        opening=opening,
        own=own,
        ending=ending.casefold(),
        is_forward=prefix == "forward",
        is_answer=bool(prefix),
    )


def _opening(message: Message) -> tuple[str, str]:
    """The opening, and of it what stands above an answered mail: its words, often a machine's, are not the author's."""
    marked = min((mark.first for mark in message.marks if mark.kind in _QUOTES), default=sys.maxsize)
    kept: list[str] = []
    own = -1  # how many of these are the author's
    left = 2 * _OPENING
    for number, written in enumerate(message.text[: 4 * _OPENING].split("\n"), 1):
        line = written.strip()
        if own < 0 and (number >= marked or (number > 1 and _begins_quote(line[:300]))):
            own = len(kept)
        if line.startswith((">", "|")):
            continue
        kept.append(line)
        left -= len(line) + 1
        if left < 0:
            break
    opening = _on_one_line(kept)
    return opening, _on_one_line(kept[:own]) if 0 <= own < len(kept) else opening


def _on_one_line(lines: Iterable[str]) -> str:
    line = " ".join(" ".join(lines)[: 2 * _OPENING].split())[:_OPENING]
    return line.replace("’", "'").casefold()[:_OPENING]


def _begins_quote(line: str) -> bool:
    return bool(_QUOTE_BEGINS.match(line) or (line.endswith(_COLONS) and _QUOTE_IS_INTRODUCED.match(line)))


def signals(message: Message, said: Wording) -> Iterator[Signal]:
    """What `said`, which is of `message`, says of its author."""
    found = _IN_OPENINGS.said_in(said.opening)
    yield from _of_phrases(said, found)
    yield from _of_bounce_words(message, said, found)


def _of_phrases(said: Wording, found: frozenset[str]) -> Iterator[Signal]:
    for name, points, kind, beginnings in _BEGINNINGS:
        if said.title.startswith(beginnings):
            yield Signal(name, points, kind)
    own = frozenset(phrase for phrase in found if phrase in said.own)
    yield from _of_away_words(said, len(own & _AWAY_TEXTS), has_received=bool(own & _RECEIVED_TEXTS))
    if own & _ASKING_TEXTS and _names_automatic_replies(said):
        yield Signal("asks about automatic replies", -100, AutomaticKind.OUT_OF_OFFICE)
    if own & _MACHINE_TEXTS:
        yield Signal("calls itself automatic", 60, AutomaticKind.AUTOMATIC)
    if own & _CHALLENGE_TEXTS:
        yield Signal("asks the sender to prove himself", 60, AutomaticKind.AUTOMATIC)
    if found & _RECEIPT_TEXTS:
        yield Signal("read receipt text", 45, AutomaticKind.READ_RECEIPT)
    if own & _ABUSE_TEXTS:
        yield Signal("abuse report text", 45, AutomaticKind.ABUSE_REPORT)
    if found & _NEWSLETTER_TEXTS or _IN_ENDINGS.said_in(said.ending):
        yield Signal("says how to unsubscribe", 25, AutomaticKind.NEWSLETTER)


def _of_away_words(said: Wording, phrases: int, *, has_received: bool) -> Iterator[Signal]:
    """Somebody's absence; one phrase is weak, several about one absence are nearly certain."""
    away_kind = AutomaticKind.OUT_OF_OFFICE if phrases or not has_received else AutomaticKind.AUTOMATIC
    beginning = ""
    if said.title.startswith(_REPLY_SUBJECTS):
        beginning = max((phrase for phrase in _REPLY_SUBJECTS if said.title.startswith(phrase)), key=len)
    is_followed = said.title[len(beginning) :].lstrip()[:1] in {":", "：", "-", "–", "】", "]"}
    is_whole = is_followed or said.title == beginning or beginning.endswith(("]", "】", "）", ")"))
    if beginning in {"auto", "ooo"} and is_followed:  # "Auto: Rechnung" is about a car
        yield Signal("automatic reply subject", 50, away_kind)
    elif beginning and beginning not in {"auto", "ooo"}:
        yield Signal("automatic reply subject", 70 if is_whole else 50, away_kind)
    elif said.title.startswith(_AWAY_SUBJECTS) or _names_somebody_away(said):
        yield Signal("out-of-office subject", 50, AutomaticKind.OUT_OF_OFFICE)
    if phrases:
        yield Signal("out-of-office text", min(20 + 20 * phrases, 80), AutomaticKind.OUT_OF_OFFICE)
    if has_received:
        yield Signal("says that a mail was received", 20, AutomaticKind.AUTOMATIC)


def _names_automatic_replies(said: Wording) -> bool:
    """Whether they are the subject; what a program puts before the one that it answers ends in a colon."""
    return said.title.startswith(_REPLY_SUBJECTS + _AWAY_SUBJECTS) and not any(colon in said.title for colon in _COLONS)


def _names_somebody_away(said: Wording) -> bool:
    return not said.is_answer and said.title.rstrip(".").endswith(_AWAY_ENDINGS)


def _of_bounce_words(message: Message, said: Wording, spoken: frozenset[str]) -> Iterator[Signal]:
    if said.is_forward:
        return  # a person who passes a report on
    if said.title.startswith(_BOUNCE_SUBJECTS):
        yield Signal("delivery report subject", 45, AutomaticKind.DELIVERY_REPORT)
    if len({field.lower() for field in _STATUS_FIELD.findall(f"\n{message.text[:20_000]}")}) >= 2:
        yield Signal("delivery status in the text", 50, AutomaticKind.DELIVERY_REPORT)
    for system, sentences in _BOUNCE_OPENINGS.items():
        if spoken & sentences:
            yield Signal(f"delivery report text: {system}", 50, AutomaticKind.DELIVERY_REPORT)
            break
    else:
        return
    returned = {"message/rfc822", "text/rfc822-headers", "message/global"}
    if any(file.content_type in returned for file in message.attachments) or _quotes_head(message.text):
        yield Signal("returns a message", 50, AutomaticKind.DELIVERY_REPORT)


def _quotes_head(text: str) -> bool:
    """Whether the text ends with the head of a mail, trace fields and all."""
    text = text[:100_000]
    return "\nReceived: " in text and ("\nMessage-ID: " in text or "\nMessage-Id: " in text or "\nSubject: " in text)
