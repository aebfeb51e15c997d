"""Whether a machine wrote a message, which kind, and why our own machines must not answer it. Decides nothing more.

Evidence is scored, not voted: the tables are in `automatic_signs` and `delivery_texts`. What makes a message automatic
and what forbids us an automatic answer (RFC 3834 §2) are kept apart, for people's mail may carry the latter.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.mail import automatic_signs as signs
from gateway.mail import delivery_texts, subject
from gateway.mail.address import normalise
from gateway.mail.automatic_signs import CERTAIN, AutomaticKind
from gateway.mail.envelope import Envelope
from gateway.mail.message import Message

__all__ = ["AutomaticKind", "AutomaticReading", "Signal", "read"]

_OPENING = 700  # characters in which a machine says what it is
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


def _folded(phrases: Iterable[str]) -> tuple[str, ...]:
    """The phrases as case folding leaves them in texts: a final sigma becomes σ, ß becomes ss."""
    return tuple(phrase.casefold() for phrase in phrases)


_OUT_OF_OFFICE_SUBJECTS = _folded(signs.OUT_OF_OFFICE_SUBJECTS)
_OUT_OF_OFFICE_TEXTS = _folded(signs.OUT_OF_OFFICE_TEXTS)
_READ_RECEIPT_SUBJECTS = _folded(signs.READ_RECEIPT_SUBJECTS)
_CALENDAR_SUBJECTS = _folded(signs.CALENDAR_SUBJECTS)
_GENERIC_TEXTS = _folded(signs.GENERIC_TEXTS)
_BOUNCE_SUBJECTS = _folded(delivery_texts.SUBJECTS)
_BOUNCE_OPENINGS = {system: _folded(sentences) for system, sentences in delivery_texts.OPENINGS.items()}


@dataclass(frozen=True, slots=True)
class Signal:
    """One piece of evidence that was found."""

    name: str
    points: int
    kind: AutomaticKind


@dataclass(frozen=True, slots=True)
class AutomaticReading:
    """`kind` is None for a person's mail; `suppresses_reply` names each reason not to answer by machine."""

    signals: tuple[Signal, ...] = ()
    kind: AutomaticKind | None = None
    suppresses_reply: tuple[str, ...] = ()


def read(message: Message, envelope: Envelope) -> AutomaticReading:
    """What `message` and its envelope say about who wrote it. Never raises."""
    found = (*_of_headers(message), *_of_report(message), *_of_sender(message, envelope), *_of_words(message))
    kind = _kind(found)
    return AutomaticReading(found, kind, tuple(dict.fromkeys(_suppressions(message, envelope, kind))))


def _of_headers(message: Message) -> Iterable[Signal]:
    given: dict[str, list[str]] = {}
    for name, value in message.headers:
        given.setdefault(name.lower(), []).append(value[:1000].casefold())
    for sign in signs.HEADER_SIGNS:
        if any(sign.pattern.search(value) for value in given.get(sign.header, ())):
            yield Signal(sign.name, sign.points, sign.kind)


def _of_report(message: Message) -> Iterable[Signal]:
    """The report type decides what a multipart/report is (RFC 6522 §3)."""
    if message.report is not None:
        kind = _REPORT_KINDS.get(message.report.report_type)
        if kind is not None:
            yield Signal(f"report-type {message.report.report_type}", CERTAIN, kind)
        elif message.report.groups:
            yield Signal("report of unknown type", CERTAIN, AutomaticKind.AUTOMATIC)
    for file in message.attachments:
        if file.content_type == "text/calendar":
            method = file.content[:4000].upper()
            if b"METHOD:REPLY" in method or b"METHOD:COUNTER" in method:
                yield Signal("calendar method reply", CERTAIN, AutomaticKind.CALENDAR_REPLY)


def _of_sender(message: Message, envelope: Envelope) -> Iterable[Signal]:
    if _has_null_reverse_path(message, envelope):
        yield Signal("null reverse-path", 50, AutomaticKind.AUTOMATIC)
    local = _local_part(message)
    if local.startswith(delivery_texts.SENDERS):
        yield Signal("sender of delivery reports", 60, AutomaticKind.DELIVERY_REPORT)
    if signs.NO_REPLY_SENDERS.match(local):
        # A web form writes from no-reply and names the person in Reply-To.
        points = 50 if _has_other_reply_to(message) else CERTAIN
        yield Signal("no-reply sender", points, AutomaticKind.AUTOMATIC)
    if local in signs.MACHINE_SENDERS:
        yield Signal("machine's sender", 40, AutomaticKind.AUTOMATIC)


def _has_null_reverse_path(message: Message, envelope: Envelope) -> bool:
    return envelope.has_null_reverse_path or message.header("return-path").replace(" ", "") == "<>"


def _local_part(message: Message) -> str:
    author = message.author
    return normalise(author.address).partition("@")[0][:64] if author else ""


def _has_other_reply_to(message: Message) -> bool:
    author = message.author
    return bool(message.reply_to and author) and all(
        normalise(mailbox.address) != normalise(author.address) and not signs.NO_REPLY_SENDERS.match(mailbox.address)
        for mailbox in message.reply_to
        if author
    )


def _of_words(message: Message) -> Iterable[Signal]:
    title = message.subject[:200].casefold().strip()
    opening = _opening(message)
    if title.startswith(_OUT_OF_OFFICE_SUBJECTS):
        yield Signal("out-of-office subject", 50, AutomaticKind.OUT_OF_OFFICE)
    if any(phrase in opening for phrase in _OUT_OF_OFFICE_TEXTS):
        yield Signal("out-of-office text", 40, AutomaticKind.OUT_OF_OFFICE)
    if title.startswith(_READ_RECEIPT_SUBJECTS):
        yield Signal("read receipt subject", 45, AutomaticKind.READ_RECEIPT)
    if title.startswith(_CALENDAR_SUBJECTS):
        yield Signal("calendar reply subject", 40, AutomaticKind.CALENDAR_REPLY)
    if any(phrase in opening for phrase in _GENERIC_TEXTS):
        yield Signal("calls itself automatic", 40, AutomaticKind.AUTOMATIC)
    yield from _of_bounce_words(message, title, opening)


def _of_bounce_words(message: Message, title: str, opening: str) -> Iterable[Signal]:
    if subject.is_forward(message.subject):
        return  # a person who passes a report on
    if title.startswith(_BOUNCE_SUBJECTS):
        yield Signal("delivery report subject", 45, AutomaticKind.DELIVERY_REPORT)
    for system, sentences in _BOUNCE_OPENINGS.items():
        if opening.startswith(sentences) or any(f"\n{sentence}" in opening for sentence in sentences):
            yield Signal(f"delivery report text: {system}", 50, AutomaticKind.DELIVERY_REPORT)
            break
    else:
        return
    if any(file.content_type == "message/rfc822" for file in message.attachments) or _quotes_head(message.text):
        yield Signal("returns a message", 50, AutomaticKind.DELIVERY_REPORT)


def _opening(message: Message) -> str:
    """The first lines without indentation, case-folded, with plain apostrophes."""
    head = message.text[: 4 * _OPENING].replace("’", "'").casefold()
    return "\n".join(line.strip() for line in head.split("\n") if line.strip())[:_OPENING]


def _quotes_head(text: str) -> bool:
    """Whether the text ends with the head of a mail, trace fields and all."""
    text = text[:100_000]
    return "\nReceived: " in text and ("\nMessage-ID: " in text or "\nMessage-Id: " in text or "\nSubject: " in text)


def _kind(found: tuple[Signal, ...]) -> AutomaticKind | None:
    own = {kind: sum(signal.points for signal in found if signal.kind == kind) for kind in AutomaticKind}
    machine = own[AutomaticKind.AUTOMATIC]
    for kind in _SPECIAL:
        if own[kind] >= _OWN and own[kind] + machine >= CERTAIN:
            return kind
    posts = any(signal.name in {"list-post", "mailing-list", "x-mailing-list"} for signal in found)
    if own[AutomaticKind.NEWSLETTER] >= CERTAIN and not posts:
        return AutomaticKind.NEWSLETTER
    if machine >= CERTAIN:
        return AutomaticKind.AUTOMATIC
    return AutomaticKind.LIST if own[AutomaticKind.LIST] >= CERTAIN else None


def _suppressions(message: Message, envelope: Envelope, kind: AutomaticKind | None) -> Iterable[str]:
    for name, header, pattern in signs.SUPPRESSIONS:
        if any(pattern.search(value[:1000].casefold()) for value in message.header_all(header)):
            yield name
    if _has_null_reverse_path(message, envelope):
        yield "null-reverse-path"
    local = _local_part(message)
    if signs.NO_REPLY_SENDERS.match(local) or (envelope.mail_from and signs.NO_REPLY_SENDERS.match(envelope.mail_from)):
        yield "no-reply sender"
    if local.startswith(delivery_texts.SENDERS):
        yield "sender of delivery reports"
    if kind is not None:
        yield kind.value
