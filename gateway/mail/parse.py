"""Octets to a `Message`: what a person would read, from anything that may arrive. Judges nothing, sends nothing.

The pieces do the work: `mime` cuts, `headers` and `mailboxes` read fields, `body` chooses what is text and what is a
file, `report` reads machine-made parts. mail-parser reads the `Received` trace, which it does best.
"""

from dataclasses import dataclass
from datetime import datetime

import mailparser

from gateway.mail import body, headers, mailboxes, mime
from gateway.mail.address import Mailbox
from gateway.mail.limits import Limits
from gateway.mail.message import Message

__all__ = ["Hop", "Limits", "hops", "parse"]

_TRACE_FIELDS = 100
_TRACE_OCTETS = 4_000


@dataclass(frozen=True, slots=True)
class Hop:
    """One `Received` field (RFC 5321 §4.4), `""` and None where it does not say."""

    from_: str
    by: str
    protocol: str
    at: datetime | None


def parse(raw: bytes, limits: Limits = Limits()) -> Message:  # noqa: B008 frozen
    """The message in `raw`, as good as it can be read; what could not be is named in `defects`. Never raises."""
    try:
        return _parse(raw, limits)
    except Exception as error:  # noqa: BLE001 the edge of the room: no fault in here may cost a stranger's mail
        return body.unread(raw, f"not understood: {type(error).__name__}")


def _parse(raw: bytes, limits: Limits) -> Message:
    root, defects = mime.split(raw, limits)
    hint = body.charset_hint(root)
    fields = tuple((name, headers.decode(value, hint)) for name, value in root.fields)
    given = {name.lower(): value for name, value in reversed(fields)}
    said = body.read(root, limits, hint)
    addresses = _Addresses(root, limits.mailboxes, hint)
    senders = addresses.first("sender")
    return Message(
        message_id=next(iter(headers.ids(given.get("message-id", ""), 10)), given.get("message-id", "").strip("<> ")),
        in_reply_to=headers.ids(given.get("in-reply-to", ""), limits.ids),
        references=headers.ids(given.get("references", ""), limits.ids),
        subject=given.get("subject", ""),
        from_=addresses.first("from"),
        sender=senders[0] if senders else None,
        reply_to=addresses.first("reply-to"),
        to=addresses.all("to"),
        cc=addresses.all("cc"),
        date=headers.date(given.get("date", "")),
        headers=fields,
        content_type=root.content_type,
        text=said.text,
        html=said.html,
        attachments=said.attachments,
        report=said.report,
        defects=defects + said.defects,
        marks=said.marks,
    )


@dataclass(frozen=True, slots=True)
class _Addresses:
    root: mime.Part
    most: int
    hint: str

    def _fields(self, name: str) -> list[bytes]:
        return [value for key, value in self.root.fields if key.lower() == name][:10]

    def first(self, name: str) -> tuple[Mailbox, ...]:
        """The mailboxes of the first field called `name` that has any: two From fields are one author."""
        read = (mailboxes.read(value, self.most, self.hint) for value in self._fields(name))
        return next((found for found in read if found), ())

    def all(self, name: str) -> tuple[Mailbox, ...]:
        """The mailboxes of all fields called `name`."""
        found = [mailbox for value in self._fields(name) for mailbox in mailboxes.read(value, self.most, self.hint)]
        return tuple(found[: self.most])


def hops(raw: bytes) -> tuple[Hop, ...]:
    """The way the message says it came, oldest hop first; empty where the trace cannot be read. Never raises."""
    fields, _ = mime.head(raw, Limits())
    trace = [value[:_TRACE_OCTETS] for name, value in fields if name.lower() == "received"][:_TRACE_FIELDS]
    head = b"".join(b"Received: " + b" ".join(value.split()) + b"\r\n" for value in trace)
    try:
        read = mailparser.parse_from_bytes(head + b"\r\n").received
    except Exception:  # noqa: BLE001 a library's parser on a stranger's octets; AttributeError among others was seen
        return ()
    return tuple(
        Hop(
            str(hop.get("from", "")),
            str(hop.get("by", "")),
            str(hop.get("with", "")),
            headers.moment(hop.get("date_utc")),
        )
        for hop in read
    )
