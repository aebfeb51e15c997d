"""Octets to a `Message`: what a person would read, from anything that may arrive. Judges nothing, sends nothing.

The pieces do the work: `mime` cuts, `headers` and `mailboxes` read fields, `body` chooses what is text and what is a
file, `attached` names files, `delivery.part` reads what machines wrote. mail-parser reads the `Received` trace, which
it does best, and gives a second opinion on what is malformed; both only when somebody asks.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway.mail import body, headers, mailboxes, mime
from gateway.mail.address import Mailbox
from gateway.mail.limits import Limits
from gateway.mail.message import Message

__all__ = ["Hop", "Limits", "Trace", "parse", "trace"]

_HOP_OCTETS = 4_000
_LARGEST_FOR_LIBRARY = 1_000_000


@dataclass(frozen=True, slots=True)
class Hop:
    """One `Received` field (RFC 5321 §4.4), `""` and None where it does not say; `delay` since the one before."""

    from_: str
    by: str
    protocol: str
    at: datetime | None
    delay: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """The way a message says it came, oldest hop first, and the defects mail-parser names."""

    hops: tuple[Hop, ...] = ()
    defects: tuple[str, ...] = ()


def parse(raw: bytes, limits: Limits = Limits()) -> Message:  # noqa: B008 frozen
    """The message in `raw`, as good as it can be read; what could not be is named in `defects`. Never raises."""
    try:
        return _parse(raw, limits)
    except Exception as error:  # noqa: BLE001 the edge of the room: no fault in here may cost a stranger's mail
        return body.unread(raw, f"not understood: {type(error).__name__}")


def _parse(raw: bytes, limits: Limits) -> Message:
    root, defects = mime.split(raw, limits)
    hint = body.charset_hint(root)
    fields = _decoded(root, limits, hint)
    # Of fields that may stand only once the first that says something counts.
    given = {name.lower(): value for name, value in reversed(fields) if value}
    said = body.read(root, limits, hint)
    addresses = _Addresses.of(root, limits.mailboxes, hint)
    senders = addresses.first("sender")
    return Message(
        message_id=_message_id(fields),
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
        invitations=said.invitations,
        is_wrapper=said.is_wrapper,
        return_path=next((each.address for each in addresses.first("return-path")), ""),
    )


def _message_id(fields: tuple[tuple[str, str], ...]) -> str:
    said = [value for name, value in fields if name.lower() == "message-id"]
    found = (each for value in said for each in headers.ids(value, 10))
    return next(found, "") or next((value.strip("<> ") for value in said), "")


def _decoded(root: mime.Part, limits: Limits, hint: str) -> tuple[tuple[str, str], ...]:
    found = []
    left = limits.careful_octets
    for name, value in root.fields:
        left -= len(value)
        found.append((name, headers.decode(value, hint) if left >= 0 else headers.plainly(value)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Addresses:
    said: dict[str, list[bytes]]
    most: int
    hint: str

    @classmethod
    def of(cls, root: mime.Part, most: int, hint: str) -> "_Addresses":
        said: dict[str, list[bytes]] = {}
        for name, value in root.fields:
            said.setdefault(name.lower(), []).append(value)
        return cls(said, most, hint)

    def _fields(self, name: str) -> list[bytes]:
        return self.said.get(name, [])[:10]

    def first(self, name: str) -> tuple[Mailbox, ...]:
        """The mailboxes of the first field called `name` that has any: two From fields are one author."""
        read = (mailboxes.read(value, self.most, self.hint) for value in self._fields(name))
        return next((found for found in read if found), ())

    def all(self, name: str) -> tuple[Mailbox, ...]:
        """The mailboxes of all fields called `name`."""
        found = [mailbox for value in self._fields(name) for mailbox in mailboxes.read(value, self.most, self.hint)]
        return tuple(found[: self.most])


def trace(raw: bytes, limits: Limits = Limits()) -> Trace:  # noqa: B008 frozen
    """What mail-parser makes of the same octets, for whoever asks why: no part of reading. Never raises."""
    fields, _ = mime.head(raw, limits)
    received = [value[:_HOP_OCTETS] for name, value in fields if name.lower() == "received"][: limits.hops]
    head = b"".join(b"Received: " + b" ".join(value.split()) + b"\r\n" for value in received)
    return Trace(_hops(_read_by_library(head + b"\r\n", "received")), _defects(raw))


def _read_by_library(raw: bytes, what: str) -> list[Any]:
    import mailparser  # takes as long to load as a hundred messages to read

    try:
        return list(getattr(mailparser.parse_from_bytes(raw), what))
    except Exception:  # noqa: BLE001 a library's parser on a stranger's octets; AttributeError among others was seen
        return []


def _hops(read: list[dict[str, Any]]) -> tuple[Hop, ...]:
    found: list[Hop] = []
    for hop in read:
        at = headers.moment(hop.get("date_utc"))
        before = found[-1].at if found else None
        delay = at - before if at and before else None
        from_, by, protocol = (headers.clean(str(hop.get(name, ""))) for name in ("from", "by", "with"))
        found.append(Hop(from_, by, protocol, at, delay))
    return tuple(found)


def _defects(raw: bytes) -> tuple[str, ...]:
    """What the standard library's parser minded, by its names; it is not asked about messages that would hold it up."""
    if len(raw) > _LARGEST_FOR_LIBRARY:
        return ()
    return tuple(sorted(str(name) for name in _read_by_library(raw, "defects_categories")))
