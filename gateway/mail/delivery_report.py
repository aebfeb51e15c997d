"""What a delivery report says: who could not be reached, why, for how long, and about which of our mails.

RFC 3464 parts first; then the texts of common systems, only where `automatic` calls the message a delivery report.
Whether a report is believed is not decided here: anybody can write one.
"""

from dataclasses import dataclass

from gateway.mail import automatic, delivery_texts, headers, mime
from gateway.mail.address import is_valid
from gateway.mail.automatic import AutomaticKind
from gateway.mail.envelope import Envelope
from gateway.mail.limits import Limits
from gateway.mail.message import Message, ReportPart

_READ_LINES = 200
_REASON_LINES = 12
_MOST_RECIPIENTS = 100
_UNKNOWN_PERMANENT, _UNKNOWN_TEMPORARY = "5.0.0", "4.0.0"


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


def read(message: Message) -> DeliveryReport | None:
    """The report, or None where the message is none. Never raises."""
    if message.report is not None and message.report.report_type == "delivery-status" and message.report.groups:
        return _of_groups(message, message.report)
    if automatic.read(message, Envelope(None, ())).kind is not AutomaticKind.DELIVERY_REPORT:
        return None
    return _of_text(message)


def _of_groups(message: Message, report: ReportPart) -> DeliveryReport:
    """RFC 3464 §2.3: one group a recipient; `failed` is for good, `delayed` is not, the rest went well."""
    failed: list[FailedRecipient] = []
    is_delayed = False
    for group in report.groups:
        action = group.get("action", "").partition(" ")[0].partition(";")[0].lower()
        is_delayed = is_delayed or action == "delayed"
        if action == "failed" or (not action and group.get("status", "").startswith("5")):
            failed.append(_recipient(group))
    known = tuple(dict.fromkeys(recipient for recipient in failed if recipient.address))[:_MOST_RECIPIENTS]
    if not known and failed:
        known = _of_text(message).failed
    return DeliveryReport(known, is_delayed and not failed, _original_id(message))


def _recipient(group: dict[str, str]) -> FailedRecipient:
    address = _address(group.get("original-recipient", "")) or _address(group.get("final-recipient", ""))
    diagnostic = group.get("diagnostic-code", "")
    diagnostic = diagnostic.partition(";")[2].strip() or diagnostic
    status = delivery_texts.ENHANCED_STATUS.search(group.get("status", "")[:100])
    found = status[1] if status else _status(diagnostic, is_delayed=False)
    if found.endswith(".0.0"):
        found = _status(diagnostic, is_delayed=found.startswith("4")) if diagnostic else found
    return FailedRecipient(address, found, found.startswith("5"), diagnostic[:1000])


def _address(value: str) -> str:
    """RFC 3464 §2.3.1: `rfc822; a@b`; also without the type, in brackets, or percent-encoded by Unicode systems."""
    kind, separator, rest = value.partition(";")
    address = (rest if separator else kind).strip().strip("<>\"' ").strip()
    return address if is_valid(address) else ""


def _status(text: str, *, is_delayed: bool) -> str:
    """The enhanced status in the words of a system; made from the SMTP reply code where there is none."""
    text = text[:2000]
    if enhanced := delivery_texts.ENHANCED_STATUS.search(text):
        return enhanced[1]
    code = delivery_texts.REPLY_CODE.search(text)
    if delivery_texts.UNKNOWN_USER.search(text.lower()) and not (code and code[1] == "4"):
        return "5.1.1"
    if code:
        return f"{code[1]}.0.0"
    return _UNKNOWN_TEMPORARY if is_delayed else _UNKNOWN_PERMANENT


def _of_text(message: Message) -> DeliveryReport:
    lines = _own_words(message.text)
    words = "\n".join(lines).lower()
    # Words like "delayed" stand in refusals too; a permanent code says that it is over.
    is_delayed = any(phrase in words for phrase in delivery_texts.DELAYS) and not _has_permanent_code(words)
    addresses = _addresses(message, lines)
    failed = tuple(_from_text(address, lines, is_delayed=is_delayed) for address in addresses)
    return DeliveryReport(() if is_delayed else failed, is_delayed, _original_id(message))


def _has_permanent_code(words: str) -> bool:
    return any(found[1].startswith("5") for found in delivery_texts.ENHANCED_STATUS.finditer(words)) or any(
        found[1] == "5" for found in delivery_texts.REPLY_CODE.finditer(words)
    )


def _own_words(text: str) -> list[str]:
    """The lines above the returned mail."""
    found: list[str] = []
    for line in text[:200_000].replace("’", "'").split("\n")[:_READ_LINES]:
        if any(mark in line[:200].lower() for mark in delivery_texts.ENDS):
            break
        found.append(line[:1000].rstrip())
    return found


def _addresses(message: Message, lines: list[str]) -> tuple[str, ...]:
    """Failed addresses: the field that names them, else the first kind of line that any address is found by."""
    named = [part.strip(" <>") for part in message.header("x-failed-recipients")[:10_000].split(",")]
    found = [address for address in named if is_valid(address)]
    ours = {mailbox.address.casefold() for mailbox in (*message.to, *message.from_)}
    for pattern in () if found else delivery_texts.ADDRESS_LINES:
        seen = (pattern.search(line) for line in lines)
        found = [match[1] for match in seen if match and is_valid(match[1]) and match[1].casefold() not in ours]
        if found:
            break
    return tuple(dict.fromkeys(found))[:_MOST_RECIPIENTS]


def _from_text(address: str, lines: list[str], *, is_delayed: bool) -> FailedRecipient:
    at = next((number for number, line in enumerate(lines) if address.lower() in line.lower()), 0)
    reason = headers.clean(" ".join(line.strip() for line in lines[at : at + _REASON_LINES]))
    status = _status(reason, is_delayed=is_delayed)
    if status.endswith(".0.0"):
        status = _status(headers.clean(" ".join(lines)), is_delayed=is_delayed)
    return FailedRecipient(address, status, status.startswith("5"), reason[:1000])


def _original_id(message: Message) -> str:
    """The Message-ID of the mail that came back: from the returned head, a returned file, or the text."""
    if message.report is not None and (found := headers.ids(message.report.original.get("message-id", ""), 1)):
        return found[0]
    for file in message.attachments:
        if file.content_type in {"message/rfc822", "text/rfc822-headers"}:
            fields, _ = mime.head(file.content, Limits())
            for name, value in fields:
                if name.lower() == "message-id" and (ids := headers.ids(headers.decode(value), 1)):
                    return ids[0]
    for line in message.text[:200_000].split("\n"):
        label, colon, said = line[:1200].strip("> \t").partition(":")
        if colon and label.lower() in {"message-id", "original-message-id"} and (ids := headers.ids(said, 1)):
            return ids[0]
    return ""
