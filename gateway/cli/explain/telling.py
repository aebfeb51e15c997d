"""How an explanation is told: as values for JSON, as lines for people. Decides nothing."""

import logging
from collections.abc import Iterable, Iterator

from gateway.cli.table import printable
from gateway.desk.explanation import Explanation
from gateway.errors import PermanentError
from gateway.mail import parse
from gateway.mail.address import Mailbox
from gateway.mail.delivery_report import DeliveryReport
from gateway.mail.message import Message
from gateway.tickets.reading import Reading


def explained(path: str, told: Explanation) -> dict[str, object]:
    """What is known of a mail and decided for it."""
    reading = told.reading
    return {
        "path": path,
        "verdict": told.verdict,
        "kind": reading.classified.kind,
        "from": _person(reading.author) if reading.author else None,
        **_message(reading.message),
        **_read(reading),
        "ticket": told.ticket or None,
        "evidence": told.evidence,
        "queue": told.queue,
        "category": None,
        "priority": None,
        "actions": told.actions,
        "trace": told.trace,
    }


def failed(path: str, error: Exception) -> dict[str, object]:
    """Why there is no explanation."""
    return {"path": path, "error": _reason(error)}


def way(raw: bytes) -> dict[str, object]:
    """The hops that the mail says it came by."""
    logging.getLogger("mailparser").setLevel(logging.ERROR)  # what it warns of is among the defects
    said = parse.trace(raw)
    hops = [
        {
            "from": hop.from_,
            "by": hop.by,
            "protocol": hop.protocol,
            "at": hop.at.isoformat() if hop.at else None,
            "delay_seconds": hop.delay.total_seconds() if hop.delay is not None else None,
        }
        for hop in said.hops
    ]
    return {"hops": hops, "hop_defects": said.defects}


def lines(value: dict[str, object]) -> Iterator[str]:
    """What people want to know of these values."""
    if "error" in value:
        yield printable(f"{value['path']} cannot be explained: {value['error']}")
        return
    yield printable(str(value["path"]))
    author = value["from"]
    sender = f"{author['name']} <{author['address']}>" if isinstance(author, dict) else "nobody"
    yield "  " + printable(f"{value['verdict']}: {value['kind']} mail from {sender}")
    yield "  " + printable(f"subject: {value['subject']}")
    hops = value.get("hops", [])
    for hop in hops if isinstance(hops, list) else []:
        delay = f", {hop['delay_seconds']:g} s later" if hop["delay_seconds"] is not None else ""
        yield "  " + printable(f"hop: {hop['from'] or '?'} to {hop['by'] or '?'} by {hop['protocol'] or '?'}{delay}")
    for name in ("actions", "trace"):
        steps = value[name]
        yield f"  {name}:"
        for step in steps if isinstance(steps, tuple) else ():
            yield "    " + printable(str(step))


def _reason(error: Exception) -> str:
    match error:
        case FileNotFoundError():
            return "no such file"
        case OSError(strerror=str(said)):
            return said[:1].lower() + said[1:]
        case PermanentError():
            return str(error)
        case _:
            return f"{type(error).__name__}: {error}"


def _message(message: Message) -> dict[str, object]:
    return {
        "subject": message.subject,
        "to": _people(message.to),
        "cc": _people(message.cc),
        "date": message.date.isoformat() if message.date else None,
        "message_id": message.message_id,
        "text": message.text,
        "attachments": [
            {"name": each.name, "content_type": each.content_type, "size": each.size, "inline": each.is_inline}
            for each in message.attachments
        ],
        "invitations": [each.line for each in message.invitations],
        "is_wrapper": message.is_wrapper,
        "defects": message.defects,
    }


def _read(reading: Reading) -> dict[str, object]:
    said = reading.authentication
    return {
        "language": reading.language or None,
        "reply_text": reading.reply.text,
        "folded": [{"kind": fold.kind, "first": fold.first, "last": fold.last} for fold in reading.reply.folded],
        "authentication": {"spf": said.spf, "dkim": said.dkim, "dmarc": said.dmarc, "aligned": said.aligned},
        "delivery_report": _report(reading.report) if reading.report else None,
    }


def _report(report: DeliveryReport) -> dict[str, object]:
    return {
        "addresses": [each.address for each in report.failed],
        "status": [each.status for each in report.failed],
        "permanent": any(each.is_permanent for each in report.failed),
        "original_message_id": report.original_message_id or None,
    }


def _people(mailboxes: Iterable[Mailbox]) -> list[dict[str, str]]:
    return [_person(each) for each in mailboxes]


def _person(mailbox: Mailbox) -> dict[str, str]:
    return {"name": mailbox.name, "address": mailbox.address}
