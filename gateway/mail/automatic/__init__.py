"""Whether a machine wrote a message, which kind, and why our own machines must not answer it. Decides nothing more.

Evidence is scored, not voted: the tables are in `signs` and `words`. What makes a message automatic
and what forbids us an automatic answer (RFC 3834 §2) are kept apart, for people's mail may carry the latter.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from gateway.mail.address import domain_of, normalise
from gateway.mail.automatic import signs, wording
from gateway.mail.automatic.signs import CERTAIN, AutomaticKind, Signal
from gateway.mail.automatic.wording import Wording
from gateway.mail.delivery import events, texts
from gateway.mail.delivery.events import Outcome
from gateway.mail.envelope import Envelope
from gateway.mail.message import Message

__all__ = ["NO_REPLY", "AutomaticKind", "AutomaticReading", "Signal", "is_of_the_house", "read"]

NO_REPLY = "no-reply sender"
"""Why not to answer: for no other reason than that nobody reads what is sent there."""

_OWN = 40  # points of its own that a special kind needs
_SPECIAL = (
    AutomaticKind.ABUSE_REPORT,
    AutomaticKind.DELIVERY_REPORT,
    AutomaticKind.READ_RECEIPT,
    AutomaticKind.CALENDAR_REPLY,
    AutomaticKind.OUT_OF_OFFICE,
)
_REPORT_KINDS = {
    "delivery-status": AutomaticKind.DELIVERY_REPORT,
    "disposition-notification": AutomaticKind.READ_RECEIPT,
    "feedback-report": AutomaticKind.ABUSE_REPORT,
}
_REPORT_FILES = {
    "message/delivery-status": AutomaticKind.DELIVERY_REPORT,
    "message/global-delivery-status": AutomaticKind.DELIVERY_REPORT,
    "message/disposition-notification": AutomaticKind.READ_RECEIPT,
    "message/feedback-report": AutomaticKind.ABUSE_REPORT,
}
_EVENT_KINDS = {Outcome.COMPLAINT: AutomaticKind.ABUSE_REPORT}
_CALENDAR_METHOD = re.compile(rb"(?m)^METHOD:[ \t]*([A-Z]{3,20})")
_MACHINES_WORDS = frozenset(
    {"calls itself automatic", "asks the sender to prove himself", "says that a mail was received"}
)
_QUOTED_KINDS = frozenset({AutomaticKind.ABUSE_REPORT, AutomaticKind.DELIVERY_REPORT})
_FROM_A_FORWARD = frozenset({"exchange mailbox rules", "exchange inbox rules loop", "exchange made it"})
_SUPPRESSING = frozenset(header for _, header, _ in signs.SUPPRESSIONS)
_SIGNS: dict[str, list[signs.HeaderSign]] = {}
for _sign in signs.HEADER_SIGNS:
    _SIGNS.setdefault(_sign.header, []).append(_sign)


@dataclass(frozen=True, slots=True)
class AutomaticReading:
    """`kind` is None for a person's mail; `suppresses_reply` names each reason not to answer by machine."""

    signals: tuple[Signal, ...] = ()
    kind: AutomaticKind | None = None
    suppresses_reply: tuple[str, ...] = ()


def read(message: Message, envelope: Envelope) -> AutomaticReading:
    """What `message` and its envelope say about who wrote it. Never raises."""
    said = wording.of(message)
    found = (
        *_of_headers(message, said),
        *_of_parts(message, said),
        *_of_sender(message, envelope),
        *wording.signals(message, said),
    )
    kind = _kind(found)
    return AutomaticReading(found, kind, tuple(dict.fromkeys(_suppressions(message, envelope, kind))))


def _of_headers(message: Message, said: Wording) -> Iterator[Signal]:
    for sign in (sign for name in message.field_names for sign in _SIGNS.get(name, ())):
        # A rule that passes a person's mail on leaves the same marks as one that answers.
        is_passed_on = said.is_forward and sign.name in _FROM_A_FORWARD
        if not is_passed_on and any(sign.pattern.search(value) for value in _values(message, sign.header)):
            yield Signal(sign.name, sign.points, sign.kind)
    for name in message.field_names:
        if "auto" not in name or not _is_telling(name[:200]):
            continue
        if any(value.strip() and not signs.DENIALS.match(value) for value in _values(message, name)):
            yield Signal(f"field {name[:80]}", CERTAIN, AutomaticKind.AUTOMATIC)
    programs = [*_values(message, "user-agent"), *_values(message, "x-mailer")]
    if any(texts.PEOPLES_PROGRAMS.search(program[:200]) for program in programs[:5]):
        yield Signal("written with a mail program", -60, AutomaticKind.DELIVERY_REPORT)


def _values(message: Message, name: str) -> Iterator[str]:
    return (value[:1000].casefold() for value in message.header_all(name))


@lru_cache(maxsize=1_000)  # mails have the same few hundred
def _is_telling(name: str) -> bool:
    """Whether a field of this name is a machine's."""
    return bool(signs.AUTOMATIC_NAMES.search(name[:80]) and not signs.NOT_AUTOMATIC_NAMES.search(name))


def _of_parts(message: Message, said: Wording) -> Iterator[Signal]:
    """The report type decides what a multipart/report is (RFC 6522 §3); loose parts of a report count less."""
    if message.report is not None:
        kind = _REPORT_KINDS.get(message.report.report_type)
        if kind is not None:
            yield Signal(f"report-type {message.report.report_type}", CERTAIN, kind)
        elif message.report.groups:
            yield Signal("report of unknown type", CERTAIN, AutomaticKind.AUTOMATIC)
    for file in message.attachments[:50]:
        if file.content_type in _REPORT_FILES and not said.is_forward:
            yield Signal(f"part {file.content_type}", 60, _REPORT_FILES[file.content_type])
        if file.content_type == "text/calendar" and (method := _CALENDAR_METHOD.search(file.content[:4000].upper())):
            name = method[1].decode("ascii").lower()
            points = CERTAIN if name in {"reply", "counter"} else 0
            yield Signal(f"calendar method {name}", points, AutomaticKind.CALENDAR_REPLY)
    if event := events.read(message.text):
        kind = _EVENT_KINDS.get(event.outcome, AutomaticKind.DELIVERY_REPORT)
        yield Signal(f"sending service says {event.outcome}", CERTAIN, kind)


def _of_sender(message: Message, envelope: Envelope) -> Iterator[Signal]:
    if _has_null_reverse_path(message, envelope):
        yield Signal("null reverse-path", 50, AutomaticKind.AUTOMATIC)
    local = _local_part(message)
    author = message.author
    if texts.CERTAIN_SENDERS.match(local):
        yield Signal("sender of delivery reports", CERTAIN, AutomaticKind.DELIVERY_REPORT)
    elif texts.SENDERS.match(local):
        yield Signal("sender of delivery reports", 55, AutomaticKind.DELIVERY_REPORT)
    elif texts.NAMES.search((author.name if author else message.header("from"))[:200].casefold()):
        yield Signal("sender named like a mail system", 40, AutomaticKind.DELIVERY_REPORT)
    if signs.NO_REPLY_SENDERS.search(local):
        # A web form writes from no-reply and names the person in Reply-To.
        points = 50 if _has_other_reply_to(message) else CERTAIN
        yield Signal("no-reply sender", points, AutomaticKind.AUTOMATIC)
    elif signs.MACHINE_SENDERS.match(local):
        yield Signal("machine's sender", 45, AutomaticKind.AUTOMATIC)
    elif signs.NEWSLETTER_SENDERS.match(local):
        yield Signal("newsletter's sender", 45, AutomaticKind.NEWSLETTER)
    if signs.COMPLAINT_SENDERS.match(local):
        yield Signal("sender of complaints", 40, AutomaticKind.ABUSE_REPORT)


def _has_null_reverse_path(message: Message, envelope: Envelope) -> bool:
    return envelope.has_null_reverse_path or message.header("return-path").replace(" ", "") == "<>"


def _local_part(message: Message) -> str:
    """Of the author; some systems write a bare `MAILER-DAEMON` or `MAILER-DAEMON <>`."""
    author = message.author
    return normalise(author.address if author else message.header("from")[:200]).partition("@")[0].strip(' "<>')[:64]


def _has_other_reply_to(message: Message) -> bool:
    author = message.author
    return bool(message.reply_to and author) and all(
        not signs.NO_REPLY_SENDERS.search(normalise(mailbox.address).partition("@")[0][:64])
        and not is_of_the_house(mailbox.address, author.address if author else "")
        for mailbox in message.reply_to[:20]
    )


def is_of_the_house(address: str, author: str) -> bool:
    """Whether `address` is the sender again, or a role beside it."""
    if normalise(address) == normalise(author):
        return True
    domain, other = domain_of(address), domain_of(author)
    is_near = domain == other or domain.endswith(f".{other}") or other.endswith(f".{domain}")
    return is_near and bool(signs.ROLES.match(normalise(address).partition("@")[0]))


def _kind(found: tuple[Signal, ...]) -> AutomaticKind | None:
    own = dict.fromkeys(AutomaticKind, 0)
    for signal in found:
        own[signal.kind] += signal.points
    machine = own[AutomaticKind.AUTOMATIC]
    # Who quotes a report quotes its "automatic message" too: one text is one piece of evidence.
    beside = machine - sum(signal.points for signal in found if signal.name in _MACHINES_WORDS)
    for kind in _SPECIAL:
        if own[kind] >= _OWN and own[kind] + (beside if kind in _QUOTED_KINDS else machine) >= CERTAIN:
            return kind
    posts = any(signal.name in {"list-post", "mailing-list", "x-mailing-list", "x-beenthere"} for signal in found)
    news = own[AutomaticKind.NEWSLETTER]
    if not posts and (news >= CERTAIN or (news >= 80 and news + machine >= CERTAIN)):
        return AutomaticKind.NEWSLETTER
    if machine >= CERTAIN:
        return AutomaticKind.AUTOMATIC
    return AutomaticKind.LIST if own[AutomaticKind.LIST] >= CERTAIN else None


def _suppressions(message: Message, envelope: Envelope, kind: AutomaticKind | None) -> Iterable[str]:
    given = message.field_names & _SUPPRESSING
    for name, header, pattern in signs.SUPPRESSIONS if given else ():
        if header in given and any(pattern.search(value) for value in _values(message, header)):
            yield name
    if _has_null_reverse_path(message, envelope):
        yield "null-reverse-path"
    local = _local_part(message)
    mail_from = normalise(envelope.mail_from or "").partition("@")[0][:64]
    if signs.NO_REPLY_SENDERS.search(local) or signs.NO_REPLY_SENDERS.search(mail_from):
        yield NO_REPLY
    if texts.CERTAIN_SENDERS.match(local) or texts.SENDERS.match(local):
        yield "sender of delivery reports"
    if kind is not None:
        yield kind.value
