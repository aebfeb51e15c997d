"""Delivery reports as JSON, as sending services mail them: Amazon SES through SNS, SendGrid, Mailgun, Postmark.

A service's object is known by its keys; what is no such object is nothing to us.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from gateway.mail.address import is_valid

_LONGEST = 300_000
_MOST = 100
_DEEPEST = 6


class Outcome(StrEnum):
    """What became of a mail."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class Addressee:
    """One recipient: `status` and `diagnostic` as the service gives them, maybe empty."""

    address: str
    status: str = ""
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One object: its outcome, whether a failure is for good, whom it concerns, and the Message-ID of the mail."""

    outcome: Outcome
    is_permanent: bool
    recipients: tuple[Addressee, ...]
    message_id: str


_SES = {
    "bounce": Outcome.FAILED,
    "complaint": Outcome.COMPLAINT,
    "delivery": Outcome.DELIVERED,
    "deliverydelay": Outcome.DELAYED,
    "reject": Outcome.FAILED,
}
_OTHERS = {
    "bounce": Outcome.FAILED,
    "bounced": Outcome.FAILED,
    "dropped": Outcome.FAILED,
    "failed": Outcome.FAILED,
    "hard_bounce": Outcome.FAILED,
    "soft_bounce": Outcome.FAILED,
    "hardbounce": Outcome.FAILED,
    "softbounce": Outcome.FAILED,
    "reject": Outcome.FAILED,
    "blocked": Outcome.FAILED,
    "deferred": Outcome.DELAYED,
    "delivered": Outcome.DELIVERED,
    "spamreport": Outcome.COMPLAINT,
    "complained": Outcome.COMPLAINT,
    "spamcomplaint": Outcome.COMPLAINT,
}


def read(text: str) -> Event | None:
    """The first event in `text`, which is JSON from its first character on; None where it is none. Never raises."""
    text = text[:_LONGEST].lstrip("\ufeff \t\n")
    if not text.startswith(("{", "[")):
        return None
    for value in _values(text):
        found = _event(value, 0)
        if found is not None:
            return found
    return None


def _values(text: str) -> Iterator[object]:
    """What the text holds: as it is, and with the line ends gone that a mail's line length has put into strings."""
    decoder = json.JSONDecoder(strict=False)
    for candidate in (text, text.replace("\n", "")):
        try:
            yield decoder.raw_decode(candidate)[0]
        except (ValueError, RecursionError):
            continue


def _event(value: object, depth: int) -> Event | None:
    if depth > _DEEPEST:
        return None
    if isinstance(value, list):
        return next((found for each in value[:_MOST] if (found := _event(each, depth + 1))), None)
    if not isinstance(value, dict):
        return None
    for read_one in (_of_ses, _of_others):
        if found := read_one(value):
            return found
    for key in ("Message", "message", "detail", "event-data", "Records", "Sns", "data"):
        inner = value.get(key)
        if isinstance(inner, str) and inner.lstrip().startswith("{"):
            inner = next(iter(_values(inner.lstrip())), None)
        if found := _event(inner, depth + 1):
            return found
    return None


def _of_ses(value: dict[str, object]) -> Event | None:
    name = _text(value, "notificationType") or _text(value, "eventType")
    outcome = _SES.get(name.replace(" ", "").lower())
    if outcome is None or not isinstance(value.get("mail"), dict):
        return None
    mail = _object(value, "mail")
    detail = _object(value, name[:1].lower() + name[1:].replace(" ", ""))
    people = [
        Addressee(_text(each, "emailAddress"), _text(each, "status"), _text(each, "diagnosticCode"))
        for key in ("bouncedRecipients", "complainedRecipients", "delayedRecipients")
        for each in _list(detail, key)
        if isinstance(each, dict)
    ]
    if not people:
        people = [
            Addressee(each)
            for each in (*_list(detail, "recipients"), *_list(mail, "destination"))
            if isinstance(each, str)
        ]
    is_permanent = _text(detail, "bounceType").lower() not in {"transient", "undetermined"}
    return Event(outcome, is_permanent, _usable(people), _id(mail))


def _id(mail: dict[str, object]) -> str:
    """Our own id; the service's is another one."""
    common = _text(_object(mail, "commonHeaders"), "messageId")
    for each in _list(mail, "headers"):
        if isinstance(each, dict) and _text(each, "name").lower() == "message-id":
            return _text(each, "value").strip("<> ") or common.strip("<> ")
    return common.strip("<> ")


def _of_others(value: dict[str, object]) -> Event | None:
    name = next(
        (_text(value, key) for key in ("event", "Event", "RecordType", "Type", "type") if _text(value, key)), ""
    )
    address = next((_text(value, key) for key in ("email", "Email", "recipient", "Recipient") if _text(value, key)), "")
    outcome = _OTHERS.get(name.replace(" ", "").lower())
    if outcome is None or not is_valid(address.strip("<> ")):
        return None
    status = _object(value, "delivery-status")
    said = [_text(value, key) for key in ("reason", "response", "Description", "Details", "error", "description")]
    said += [_text(status, "message"), _text(status, "description")]
    code = _text(value, "status") or _text(status, "enhanced-code") or _text(status, "code")
    soft = "soft" in name.lower() or "temporary" in _text(value, "severity").lower()
    ids = [_text(value, key) for key in ("smtp-id", "Message-Id", "message-id", "MessageID")]
    ids.append(_text(_object(_object(value, "message"), "headers"), "message-id"))
    found = Addressee(address, code, " ".join(each for each in said if each)[:1000])
    return Event(outcome, not soft, _usable([found]), next((each.strip("<> ") for each in ids if "@" in each), ""))


def _usable(people: list[Addressee]) -> tuple[Addressee, ...]:
    bare = [Addressee(each.address.rpartition("<")[2].strip("<> "), each.status, each.diagnostic) for each in people]
    return tuple(each for each in bare if is_valid(each.address))[:_MOST]


def _text(value: dict[str, object], key: str) -> str:
    found = value.get(key)
    return found[:5000] if isinstance(found, str) else str(found) if isinstance(found, int) else ""


def _object(value: dict[str, object], key: str) -> dict[str, object]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _list(value: dict[str, object], key: str) -> list[object]:
    found = value.get(key)
    return found[:_MOST] if isinstance(found, list) else []
