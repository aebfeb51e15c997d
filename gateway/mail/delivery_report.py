"""What a delivery report says: who could not be reached, why, for how long, and about which of our mails.

RFC 3464 parts first, then a sending service's JSON, then the words of common systems, those only where `automatic`
calls the message a delivery report. Whether a report is believed is not decided here: anybody can write one.
"""

import re
from dataclasses import dataclass, replace

from gateway.mail import automatic, headers, parse
from gateway.mail.address import is_valid, normalise
from gateway.mail.automatic import AutomaticKind, AutomaticReading
from gateway.mail.delivery import addresses as delivery_addresses
from gateway.mail.delivery import events, second_opinion, texts
from gateway.mail.delivery import groups as delivery_groups
from gateway.mail.delivery import original as delivery_original
from gateway.mail.delivery import status as delivery_status
from gateway.mail.delivery.events import Event, Outcome
from gateway.mail.delivery.original import Original
from gateway.mail.envelope import Envelope
from gateway.mail.message import Message

_READ_CHARACTERS = 200_000
_REASON_LINES = 12
_MOST_RECIPIENTS = 100
_LARGEST_WRAPPED = 1_000_000
_ADDRESS = re.compile(r"<?[^\s<>@]{1,64}@[^\s<>@,;:)]{1,255}>?")
_XTEXT = re.compile(r"\+(2B|3D|20|40)")  # RFC 3461 §4
_UNICODE = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")  # RFC 6533 §3
_FAILED_ACTIONS = ("fail", "undeliver", "error", "bounce", "reject")
_KNOWN_ACTIONS = ("delay", "deliver", "relay", "expand")


@dataclass(frozen=True, slots=True)
class FailedRecipient:
    """An address as we wrote to it, the enhanced status (RFC 3463), and the system's own words on one line."""

    address: str
    status: str
    is_permanent: bool
    diagnostic: str


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """`failed` is empty where nothing failed for good yet (`is_delayed`) or the address cannot be found."""

    failed: tuple[FailedRecipient, ...]
    is_delayed: bool
    original_message_id: str  # without brackets, `""` where the report does not return it


def read(message: Message, seen: AutomaticReading | None = None, raw: bytes = b"") -> DeliveryReport | None:
    """The report, or None where the message is none; `seen` is what `automatic` saw, if known. Never raises.

    `raw` are the octets of `message`, for a second opinion where no failed address is found in it.
    """
    is_report = message.report is not None and message.report.report_type == "delivery-status"
    if not is_report:
        seen = seen or automatic.read(message, Envelope(None, ()))
        if seen.kind is not AutomaticKind.DELIVERY_REPORT:
            return None
    if event := events.read(message.text):
        return _of_event(event)
    original, groups = delivery_original.of(message), delivery_groups.of(message)
    if found := _of_groups(message, groups, original):
        return found if found.failed or not _has_failed(groups) else _of_second_opinion(message, found, raw)
    found = _of_text(message, original)
    return (
        found if found.failed or found.is_delayed else _of_wrapped(message) or _of_second_opinion(message, found, raw)
    )


def _of_wrapped(message: Message) -> DeliveryReport | None:
    """The report that a gateway on its way wrapped into a mail of its own; None where there is none."""
    for file in message.attachments[:20]:
        if file.content_type in delivery_original.RETURNED and b"delivery-status" in file.content[:_READ_CHARACTERS]:
            inner = parse.parse(file.content[:_LARGEST_WRAPPED])
            groups = inner.report.groups if inner.report and inner.report.report_type == "delivery-status" else ()
            report = _of_groups(inner, groups, delivery_original.of(inner))
            if report and report.failed:
                return report
    return None


def _of_second_opinion(message: Message, report: DeliveryReport, raw: bytes) -> DeliveryReport:
    """`report` with the addresses that a library finds."""
    found = second_opinion.addresses(raw, _ours(message)) if raw else ()
    lines = delivery_original.own_words(message.text)
    failed = tuple(
        _from_text(address, lines, message.subject, tuple(other for other in found if other != address))
        for address in found
    )
    return replace(report, failed=failed)


def _of_event(event: Event) -> DeliveryReport:
    failed = tuple(
        _failed(each.address, _given_status(each.status, each.diagnostic, event), each.diagnostic)
        for each in event.recipients
        if event.outcome is Outcome.FAILED
    )
    return DeliveryReport(failed, event.outcome is Outcome.DELAYED, event.message_id)


def _given_status(given: str, diagnostic: str, event: Event) -> str:
    status = delivery_status.of(f"{given} {diagnostic}", is_delayed=not event.is_permanent)
    return (
        status
        if event.is_permanent or status.startswith("4") or delivery_status.ENHANCED.search(given)
        else f"4{status[1:]}"
    )


def _failed(address: str, status: str, diagnostic: str) -> FailedRecipient:
    return FailedRecipient(address, status, status.startswith("5"), headers.clean(diagnostic)[:1000])


def _of_groups(message: Message, groups: tuple[dict[str, str], ...], original: Original) -> DeliveryReport | None:
    """RFC 3464 §2.3: one group a recipient; `failed` is for good, `delayed` is not, the rest went well.

    None where the groups name no recipient's fate.
    """
    fates = [(group, _action(group)) for group in groups if "action" in group or "final-recipient" in group]
    failed = [_recipient(group, original) for group, action in fates if action == "failed"]
    if not any(action for _, action in fates):
        return None
    known = tuple(dict.fromkeys(recipient for recipient in failed if recipient.address))[:_MOST_RECIPIENTS]
    if failed and not known:
        known = _of_text(message, original, has_failed=True).failed
    is_delayed = any(action == "delayed" for _, action in fates)
    return DeliveryReport(known, is_delayed and not failed, original.message_id)


def _has_failed(groups: tuple[dict[str, str], ...]) -> bool:
    return any(_action(group) == "failed" for group in groups)


def _action(group: dict[str, str]) -> str:
    """`failed`, `delayed`, `other` or `""`: the word where there is one, else what the status means."""
    word = group.get("action", "").strip().lower()
    if word.startswith(_FAILED_ACTIONS):
        return "failed"
    if word.startswith(_KNOWN_ACTIONS):
        return "delayed" if word.startswith("delay") else "other"
    status = group.get("status", "").strip()[:1]
    return {"5": "failed", "4": "delayed", "2": "other"}.get(status, "")


def _recipient(group: dict[str, str], original: Original) -> FailedRecipient:
    names = ("original-recipient", "final-recipient", "x-actual-recipient", "x-original-recipient")
    address = next((found for name in names if (found := _address(group.get(name, "")))), "")
    if not address and (local := _local_part(group)):
        address = next((each for each in original.recipients if normalise(each).startswith(f"{local}@")), "")
    diagnostic = group.get("diagnostic-code", "")
    kind, _, rest = diagnostic.partition(";")
    diagnostic = rest.strip() if rest.strip() and " " not in kind.strip() else diagnostic
    return _failed(address, _group_status(group.get("status", "")[:100], diagnostic), diagnostic)


def _group_status(given: str, diagnostic: str) -> str:
    """The status field's, unless it says nothing and the diagnostic does; its class stays what the field says."""
    enhanced = delivery_status.ENHANCED.search(given)
    if enhanced and not enhanced[0].endswith(".0.0"):
        return enhanced[0]
    severity = enhanced[1] if enhanced else ""
    said = delivery_status.of(diagnostic or given, is_delayed=severity == "4")
    return said if not severity or not said.endswith(".0.0") else f"{severity}.0.0"


def _address(value: str) -> str:
    """RFC 3464 §2.3.1: `rfc822; a@b`; also without the type, in brackets, or encoded (RFC 3461 §4, RFC 6533 §3)."""
    kind, separator, rest = value[:2000].partition(";")
    address = (rest if separator else re.sub(r"(?i)\A\s*(?:rfc\s?822|smtp|utf-8)\s*:", "", kind)).strip()
    if "<" in address:
        address = address.rpartition("<")[2].partition(">")[0]
    address = address.split(" (")[0].strip().strip("<>\"' ;").strip()
    address = _UNICODE.sub(lambda found: chr(min(int(found[1], 16), 0x10FFFF)), address)
    if not is_valid(address) or "+2B" in address or "+3D" in address:
        address = _XTEXT.sub(lambda found: chr(int(found[1], 16)), address)
    return address if is_valid(address) else ""


def _local_part(group: dict[str, str]) -> str:
    value = group.get("final-recipient") or group.get("original-recipient") or ""
    return normalise(value.partition(";")[2].strip(" <>\"'"))[:64]


def _of_text(message: Message, original: Original, *, has_failed: bool = False) -> DeliveryReport:
    lines = delivery_original.own_words(message.text)
    words = "\n".join(lines)
    is_delayed = not has_failed and _is_delayed(message.subject, words)
    if is_delayed:
        return DeliveryReport((), is_delayed, original.message_id)
    addresses = _addresses(message, lines, original)
    failed = tuple(
        _from_text(address, lines, message.subject, tuple(other for other in addresses if other != address))
        for address in addresses[:_MOST_RECIPIENTS]
    )
    return DeliveryReport(failed, is_delayed, original.message_id)


def _is_delayed(subject: str, words: str) -> bool:
    """Words like "delayed" stand in refusals too; a permanent code says that it is over."""
    if delivery_status.has_permanent_code(words):
        return False
    return bool(texts.DELAYED_SUBJECTS.search(subject[:300].lower()) or texts.DELAYS.search(words.lower()))


def _addresses(message: Message, lines: list[str], original: Original) -> tuple[str, ...]:
    """Failed addresses: the field that names them, else the words, else whom the returned mail was for."""
    named = [part.strip(" <>\"'") for part in message.header("x-failed-recipients")[:10_000].split(",")]
    if found := tuple(dict.fromkeys(address for address in named if is_valid(address))):
        return found[:_MOST_RECIPIENTS]
    ours = _ours(message)
    meant = frozenset(map(normalise, original.recipients)) - ours
    found = delivery_addresses.find([message.subject[:500], *lines], ours, meant)
    if found:
        return found[:_MOST_RECIPIENTS]
    for address in (*(mailbox.address for mailbox in message.to), *message.header_all("delivered-to")[:10]):
        if verp := delivery_addresses.from_verp([address]):
            return (verp,)
    left = tuple(address for address in original.recipients if normalise(address) in meant)
    left = delivery_addresses.by_local_part(lines, left) or left
    if len(left) != 1 and original.received_for and normalise(original.received_for) not in ours:
        return (original.received_for,)
    return left if len(left) == 1 else ()


def _ours(message: Message) -> frozenset[str]:
    """Who is never meant: whom the report is for, and who wrote it."""
    return frozenset(normalise(mailbox.address) for mailbox in (*message.to, *message.from_))


def _from_text(address: str, lines: list[str], subject: str, others: tuple[str, ...]) -> FailedRecipient:
    """What the lines from the address on say; where that is nothing, what all say, if nobody else failed."""
    at = next((number for number, line in enumerate(lines) if address.lower() in line.lower()), 0)
    reason = [lines[at].strip()] if lines else []
    for line in lines[at + 1 : at + _REASON_LINES]:
        if any(other.lower() in line.lower() for other in others):
            break
        reason.append(line.strip())
    near = _without_addresses(" ".join(reason))
    whole = _without_addresses(" ".join(lines))
    status = delivery_status.exact(near) or ("" if others else delivery_status.exact(whole)) or delivery_status.of(near)
    for words in (whole, f"{whole[:2000]} {_without_addresses(subject)}"):
        status = delivery_status.of(words) if status.endswith(".0.0") else status
    return _failed(address, status, " ".join(reason))


def _without_addresses(text: str) -> str:
    """The words only: `unknown.user@x` says nothing of why."""
    return _ADDRESS.sub(" <> ", text[:20_000])
