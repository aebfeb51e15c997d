"""Recognises a machine that answers our automatic mail without saying that it is one. Sends and stores nothing.

Machines that do say so are `mail.automatic`'s. Here it is told by what it does: the same words again, each time after
a mail of ours; or any words, faster than people write. People send the very same mail twice, too: they go on without an
answer to it, but not for a machine.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.mail.message import Message
from gateway.mail.subject import is_reply
from gateway.tickets.model import SpoolId

REMEMBERED = 16
MEMORY = timedelta(hours=24)
_ANSWERS_WITHIN = timedelta(minutes=30)  # help desks that fetch their mail every few minutes are machines, too
_SAME_WORDS = 2
_SAME_LETTERS = 3  # of mail that answers nothing and does not change in one digit
_AT_ONCE = timedelta(seconds=60)
_QUICK_ANSWERS = 6
_FIRST_COOL_DOWN = timedelta(hours=1)
_LONGEST_COOL_DOWN = timedelta(days=7)
_FORGIVEN_AFTER = timedelta(days=30)
_READ_CHARACTERS = 5_000
_CHANGING = re.compile(r"\S*\d\S*|\b[A-Z]{2,10}-\w{4}-\w{4}\b")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One mail between an address and us: theirs with the pattern of its words, or an automatic one of ours.

    `letters` tells theirs from others of the same pattern; it is empty in what answers another mail by its own account.
    """

    at: datetime
    pattern: str = ""
    spool_id: SpoolId | None = None
    letters: str = ""

    @property
    def is_ours(self) -> bool:
        """Whether it went out."""
        return not self.pattern


@dataclass(frozen=True, slots=True)
class Correspondent:
    """What is remembered of an address (without detail) between one mail and the next.

    `proven_at` is when he first showed that he receives our mail; until `quiet_until` he gets no automatic mail,
    because his machine repeated itself with `looped` for the `strikes`th time.
    """

    address: str
    exchanges: tuple[Exchange, ...] = ()
    proven_at: datetime | None = None
    strikes: int = 0
    quiet_until: datetime | None = None
    looped: str = ""

    def is_quiet(self, now: datetime) -> bool:
        """Whether automatic mail to him rests. A rest longer than any means that the clock was set back meanwhile."""
        return self.quiet_until is not None and now < self.quiet_until <= now + _LONGEST_COOL_DOWN


class Habit(StrEnum):
    """What gives a machine away."""

    SAME_WORDS = "same-words"
    TOO_FAST = "too-fast"


_SAID = {
    Habit.SAME_WORDS: "sends the same words in answer to automatic mail",
    Habit.TOO_FAST: "answers automatic mail faster than people write",
}


@dataclass(frozen=True, slots=True)
class Loop:
    """A cycle, with the mails that show it."""

    habit: Habit
    spool_ids: tuple[SpoolId, ...]

    @property
    def why(self) -> str:
        """A sentence without its subject."""
        return _SAID[self.habit]


def pattern_of(message: Message, words: str) -> str:
    """The same for two mails that differ in numbers, references and white space only; files count by their content."""
    said = f"{message.subject}\n{words}"[:_READ_CHARACTERS]
    steady = " ".join(_CHANGING.sub("#", said).casefold().split())
    files = sorted(attachment.sha256 for attachment in message.attachments)
    return hashlib.sha256("\n".join((steady, *files)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def exchange_of(
    message: Message, words: str, at: datetime, spool_id: SpoolId | None, *, is_on_ticket: bool = False
) -> Exchange:
    """A mail of theirs, with the `words` that are its author's own."""
    is_answer = is_on_ticket or message.in_reply_to or message.references or is_reply(message.subject)
    said = hashlib.sha256(f"{message.subject}\n{words}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return Exchange(at, pattern_of(message, words), spool_id, "" if is_answer else said)


def is_repeated(known: Correspondent, heard: Exchange) -> bool:
    """Whether `heard` is a mail that was sent again as it was: it would be a machine's, were it not for that."""
    same = [each for each, _ in _recent_answers(known, heard) if each.pattern == heard.pattern]
    is_same = bool(heard.letters) and all(each.letters == heard.letters for each in same)
    return is_same and _SAME_WORDS <= len(same) < _SAME_LETTERS and heard.pattern != known.looped


def judge(known: Correspondent, heard: Exchange) -> Loop | None:
    """The cycle that `heard`, the newest mail from this address, completes; None when it may well be a person's."""
    answers = _recent_answers(known, heard)
    if not any(each is heard for each, _ in answers):
        return None
    same = [each for each, _ in answers if each.pattern == heard.pattern]
    is_same = len(same) >= _SAME_WORDS and not is_repeated(known, heard)
    if is_same or heard.pattern == known.looped:
        return Loop(Habit.SAME_WORDS, _mails(same))
    quick = [each for each, after in answers if after <= _AT_ONCE]
    if len(quick) >= _QUICK_ANSWERS:
        return Loop(Habit.TOO_FAST, _mails(quick))
    return None


def after_loop(known: Correspondent, pattern: str, now: datetime) -> Correspondent:
    """The correspondent once his loop has been seen: silence for an hour, twice as long each time it is seen again."""
    if known.is_quiet(now):
        return known
    is_forgiven = known.quiet_until is None or now - known.quiet_until > _FORGIVEN_AFTER
    strikes = 1 if is_forgiven else known.strikes + 1
    rest = min(_FIRST_COOL_DOWN * 2 ** min(strikes - 1, 20), _LONGEST_COOL_DOWN)
    return replace(known, strikes=strikes, quiet_until=now + rest, looped=pattern)


def remembered(exchanges: Iterable[Exchange]) -> tuple[Exchange, ...]:
    """The newest of them, in order; the older ones prove nothing any more."""
    ordered = sorted(exchanges, key=lambda each: each.at)
    if not ordered:
        return ()
    newest = ordered[-1].at
    return tuple(each for each in ordered if newest - each.at <= MEMORY)[-REMEMBERED:]


def idle_at(known: Correspondent) -> datetime | None:
    """From when on nothing that is known of him matters; None when something always will."""
    if known.proven_at is not None:
        return None
    ends = [each.at + MEMORY for each in known.exchanges[-1:]]
    if known.quiet_until is not None:
        ends.append(known.quiet_until + _FORGIVEN_AFTER)
    return max(ends, default=None)


def _recent_answers(known: Correspondent, heard: Exchange) -> list[tuple[Exchange, timedelta]]:
    within = (each for each in known.exchanges if heard.at - each.at <= MEMORY)
    recent = sorted((*within, heard), key=lambda each: each.at)
    return [(each, after) for each, after in _answers(recent) if after <= _ANSWERS_WITHIN]


def _answers(exchanges: Sequence[Exchange]) -> Iterable[tuple[Exchange, timedelta]]:
    """Their mails that came next after one of ours, each with how long that took."""
    ours: datetime | None = None
    for each in exchanges:
        if each.is_ours:
            ours = each.at
        elif ours is not None and each.at > ours:
            yield each, each.at - ours
            ours = None


def _mails(exchanges: Iterable[Exchange]) -> tuple[SpoolId, ...]:
    return tuple(each.spool_id for each in exchanges if each.spool_id is not None)
