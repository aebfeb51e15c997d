"""What the corpus expects of a message held against what was read: names the measures that are wrong."""

import re
import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from pathlib import Path
from typing import Any

from gateway.mail.envelope import Envelope
from gateway.mail.tokens import Keyring
from gateway.tickets import reading
from gateway.tickets.model import Agent, Queue
from gateway.tickets.policy import Policy
from gateway.tickets.reading import Reading

CORPUS = Path(__file__).parent
RING = Keyring((b"0123456789abcdef0123456789abcdef",))
POLICY = Policy(
    "explain",
    "desk.invalid",
    (Queue("support", "Support", "support@desk.invalid", ("agent",), ()),),
    (Agent("agent", "Agent", "agent@desk.invalid"),),
    (),
    "support",
)
UNDECIDED = 40  # letters
KEPT, WANTED = 0.98, 0.90  # of the author's words, of what is shown: what a reply should reach
# A word; of scripts that write no spaces between words, a letter.
_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
KNOWN_KEYS = frozenset(
    (
        *("kind", "subject", "from", "text", "text_contains", "text_lacks", "reply_text", "or_reply_text", "keeps"),
        *("hides", "language", "attachments", "delivery_report", "defects_contains", "has_defects", "folded"),
        *("ignores_empty_lines", "client", "shape", "case", "why", "message_id", "thread"),
    )
)


@dataclass(frozen=True)
class Case:
    """A message with its expected values."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(CORPUS).as_posix()

    @cached_property
    def expected(self) -> dict[str, Any]:
        return tomllib.loads(self.path.with_suffix(".toml").read_text("utf-8"))

    @cached_property
    def raw(self) -> bytes:
        return self.path.read_bytes()

    @property
    def cases(self) -> tuple[str, ...]:
        """The numbered cases that it stands for: its folder's and those it names itself."""
        folder = re.match(r"case-(\d+)", self.path.parent.name)
        return (*((str(int(folder[1])),) if folder else ()), *(str(each) for each in self.expected.get("case", ())))


def cases() -> list[Case]:
    return [Case(path) for path in sorted(CORPUS.rglob("*.eml"))]


def known_gaps() -> dict[str, list[str]]:
    return tomllib.loads((CORPUS / "known_gaps.toml").read_text("utf-8"))


def seen(raw: bytes) -> dict[str, Any]:
    """What is read of a message, in the shape of `explain --json`."""
    found = re.search(rb"(?im)^Return-Path:[ \t]*<?([^>\r\n]*)>?", raw[:20_000])
    envelope = Envelope(found[1].decode("utf-8", "replace").strip() if found else None, ())
    return _told(reading.read(raw, envelope, RING, POLICY))


def _told(read: Reading) -> dict[str, Any]:
    message, report, author = read.message, read.report, read.author
    return {
        "kind": str(read.classified.kind),
        "subject": message.subject,
        "from": {"name": author.name, "address": author.address} if author else None,
        "message_id": message.message_id,
        "text": message.text,
        "reply_text": read.reply.text,
        "folded": [{"kind": str(fold.kind)} for fold in read.reply.folded],
        "language": read.language or None,
        "attachments": [
            {"name": each.name, "content_type": each.content_type, "size": each.size} for each in message.attachments
        ],
        "delivery_report": {
            "addresses": [each.address for each in report.failed],
            "status": [each.status for each in report.failed],
            "permanent": any(each.is_permanent for each in report.failed),
            "original_message_id": report.original_message_id or None,
        }
        if report
        else None,
        "defects": list(message.defects),
    }


def wrong(expected: dict[str, Any], told: dict[str, Any]) -> dict[str, str]:
    """The measures that `told` fails, each with what was read instead."""
    found = {}
    for measure, check in MEASURES.items():
        if measure in expected and (complaint := check(expected, told)):
            found[measure] = complaint
    return found


@dataclass(frozen=True, slots=True)
class Shares:
    """Of a reply: how much of the author's words is shown, and how much of what is shown was the author's."""

    kept: float
    wanted: float

    @property
    def reaches_both(self) -> bool:
        return self.kept >= KEPT and self.wanted >= WANTED


def shares(expected: dict[str, Any], told: dict[str, Any]) -> Shares:
    """How near the reply text comes to the nearest of the right ones.

    Counted are words that both have in the same order (runs that `difflib` finds, so rather too few than too many); a
    word that was lost is not made good by the same word of a quote elsewhere. Case, punctuation, quote marks and line
    ends do not count. Where nothing is right, showing anything is unwanted, and nothing can be lost.
    """
    shown = _words(told["reply_text"])
    found = [_shares_of(_words(each), shown) for each in (expected["reply_text"], *expected.get("or_reply_text", ()))]
    return max(found, key=lambda each: (each.reaches_both, each.kept + each.wanted))


def _shares_of(right: list[str], shown: list[str]) -> Shares:
    same = sum(run.size for run in SequenceMatcher(None, right, shown, autojunk=False).get_matching_blocks())
    return Shares(same / len(right) if right else 1.0, same / len(shown) if shown else 1.0)


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", text).casefold())


def normal(text: str, *, without_empty: bool = False) -> str:
    """Lines without white space at their ends, empty lines never doubled, none at all where they do not matter."""
    lines = [re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in unicodedata.normalize("NFC", text).split("\n")]
    if without_empty:
        return "\n".join(line for line in lines if line.strip("> "))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _loose(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).replace(">", " ").split())


def _same(key: str) -> Callable[[dict[str, Any], dict[str, Any]], str]:
    def check(expected: dict[str, Any], told: dict[str, Any]) -> str:
        return "" if expected[key] == (told[key] or "") else f"{told[key]!r}"

    return check


def _from(expected: dict[str, Any], told: dict[str, Any]) -> str:
    author = told["from"] or {"name": "", "address": ""}
    shown = f"{author['name']} <{author['address']}>" if author["name"] else author["address"]
    return "" if shown == expected["from"] else shown or "nobody"


def _subject(expected: dict[str, Any], told: dict[str, Any]) -> str:
    def plain(value: str) -> str:
        return " ".join(unicodedata.normalize("NFC", value).split())

    return "" if plain(expected["subject"]) == plain(told["subject"]) else repr(told["subject"])


def _text(expected: dict[str, Any], told: dict[str, Any]) -> str:
    without_empty = expected.get("ignores_empty_lines", False)
    return (
        ""
        if normal(expected["text"], without_empty=without_empty) == normal(told["text"], without_empty=without_empty)
        else told["text"]
    )


def _text_contains(expected: dict[str, Any], told: dict[str, Any]) -> str:
    shown = _loose(told["text"])
    missing = [words for words in expected["text_contains"] if _loose(words) not in shown]
    return f"lacks {missing} in {told['text'][:300]!r}" if missing else ""


def _text_lacks(expected: dict[str, Any], told: dict[str, Any]) -> str:
    return ", ".join(words for words in expected["text_lacks"] if words in told["text"])


def _reply_text(expected: dict[str, Any], told: dict[str, Any]) -> str:
    without_empty = expected.get("ignores_empty_lines", False)
    right = (expected["reply_text"], *expected.get("or_reply_text", ()))
    shown = normal(told["reply_text"], without_empty=without_empty)
    return (
        ""
        if shown in {normal(each, without_empty=without_empty) for each in right}
        else told["reply_text"] or "nothing"
    )


def _keeps(expected: dict[str, Any], told: dict[str, Any]) -> str:
    shown = _loose(told["reply_text"])
    missing = [words for words in expected["keeps"] if _loose(words) not in shown]
    return f"lost {missing}" if missing else ""


def _hides(expected: dict[str, Any], told: dict[str, Any]) -> str:
    return ", ".join(words for words in expected["hides"] if _loose(words) in _loose(told["reply_text"]))


def _attachments(expected: dict[str, Any], told: dict[str, Any]) -> str:
    """Each as far as it is described; `or_name` where two names are right."""
    found, wanted = told["attachments"], expected["attachments"]
    if len(found) != len(wanted):
        return f"{len(found)}: {[each['name'] for each in found]}"
    for each, want in zip(found, wanted, strict=True):
        names = {want.get("name", each["name"]), *want.get("or_name", ())}
        if each["name"] not in names:
            return f"named {each['name']!r}"
        if any(each[key] != want[key] for key in ("content_type", "size") if key in want):
            return f"{each}"
    return ""


def _delivery_report(expected: dict[str, Any], told: dict[str, Any]) -> str:
    report, wanted = told["delivery_report"], expected["delivery_report"]
    if report is None:
        return "none" if wanted else ""
    if not wanted:
        return f"{report}"
    differs = [
        key for key in wanted if report[key] != (wanted[key] or None if key == "original_message_id" else wanted[key])
    ]
    return f"{[(key, report[key]) for key in differs]}" if differs else ""


def _language(expected: dict[str, Any], told: dict[str, Any]) -> str:
    """A short text in Latin letters may be left undecided; a wrong language is wrong at any length."""
    if told["language"] == expected["language"]:
        return ""
    letters = [letter for letter in told["reply_text"] if letter.isalpha()]
    is_short = len(letters) < UNDECIDED and all(letter < "\u0370" for letter in letters)
    return "" if told["language"] is None and is_short else f"{told['language']!r}"


def _defects(expected: dict[str, Any], told: dict[str, Any]) -> str:
    said = " / ".join(told["defects"]).lower()
    return f"{told['defects']}" if any(words.lower() not in said for words in expected["defects_contains"]) else ""


def _has_defects(expected: dict[str, Any], told: dict[str, Any]) -> str:
    return "" if bool(told["defects"]) == expected["has_defects"] else f"{told['defects']}"


def _folded(expected: dict[str, Any], told: dict[str, Any]) -> str:
    kinds = {fold["kind"] for fold in told["folded"]}
    return "" if kinds == set(expected["folded"]) else f"{sorted(kinds)}"


MEASURES: dict[str, Callable[[dict[str, Any], dict[str, Any]], str]] = {
    "kind": _same("kind"),
    "subject": _subject,
    "from": _from,
    "message_id": _same("message_id"),
    "text": _text,
    "text_contains": _text_contains,
    "text_lacks": _text_lacks,
    "reply_text": _reply_text,
    "keeps": _keeps,
    "hides": _hides,
    "language": _language,
    "attachments": _attachments,
    "delivery_report": _delivery_report,
    "defects_contains": _defects,
    "has_defects": _has_defects,
    "folded": _folded,
}
