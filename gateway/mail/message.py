"""The values that reading a message yields. Built by `parse`; everybody else only looks at them."""

import hashlib
from collections.abc import KeysView
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.mail.address import Mailbox


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file: its safe name, media type, decoded bytes.

    `is_inline` for decoration that nobody would miss as a file: a small picture which the HTML body shows.
    """

    name: str
    content_type: str
    content: bytes = field(repr=False)
    content_id: str = ""
    is_inline: bool = False
    _sha256: str = field(default="", repr=False, compare=False)
    _size: int = field(default=-1, repr=False, compare=False)

    @property
    def sha256(self) -> str:
        """The hash of its octets, in hex."""
        if not self._sha256:  # once: hashing takes longer than decoding
            object.__setattr__(self, "_sha256", hashlib.sha256(self.content).hexdigest())
        return self._sha256

    @property
    def is_picture_in_text(self) -> bool:
        """Whether it is a picture that HTML can show: a logo, or what somebody wants to be seen."""
        return bool(self.content_id) and self.content_type.startswith("image/")

    @property
    def size(self) -> int:
        """Decoded length in octets."""
        return len(self.content) if self._size < 0 else self._size

    def without_content(self) -> "Attachment":
        """The file without its octets, which hash and size still tell of."""
        return replace(self, content=b"", _sha256=self.sha256, _size=self.size)


@dataclass(frozen=True, slots=True)
class ReportPart:
    """The machine-readable half of a multipart/report (RFC 6522): `report_type` such as `delivery-status`, its field
    groups (RFC 3464 §2.1: first per message, then one a recipient) with lower-cased names, and the returned original's
    headers with lower-cased names.
    """

    report_type: str
    groups: tuple[dict[str, str], ...] = ()
    original: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a calendar part says of its first event (RFC 5545, RFC 5546), `""` where it says nothing.

    `method` is upper-cased, such as `REQUEST`, `REPLY`, `CANCEL`. `start` and `end` are as written there, as
    `2025-06-03 10:00` or a bare date, in the time zone that `zone` names (`UTC`, `Europe/Riga`, `""` for wherever one
    is); `answer` is what the first attendee answered, such as `ACCEPTED`.
    """

    method: str = ""
    summary: str = ""
    start: str = ""
    end: str = ""
    zone: str = ""
    location: str = ""
    organiser: Mailbox | None = None
    attendees: int = 0
    answer: str = ""

    @property
    def line(self) -> str:
        """What, when, where, who, on one line."""
        day, _, _ = self.start.partition(" ")
        end = self.end.removeprefix(day).strip() if " " in self.end else self.end
        when = f"{self.start} - {end}" if end and self.end != self.start else self.start
        who = (self.organiser.name or self.organiser.address) if self.organiser else ""
        people = f"+{self.attendees}" if self.attendees else ""
        said = (self.summary, f"{when} {self.zone}".strip(), self.location, f"{who} {people}".strip())
        return f"{self.answer or self.method}: ".removeprefix(": ") + ", ".join(each for each in said if each)


@dataclass(frozen=True, slots=True)
class Mark:
    """Lines of a text made from HTML, 1-based and inclusive, that the sending client itself calls `kind`."""

    kind: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Message:
    """One message as a person would read it. Header values are decoded, unfolded and free of control characters.

    `headers` keeps every field in order, names as written. `text` is what the author's client would show as text: the
    text parts, or the HTML turned into text where there is no text part, without empty lines at its ends. `html` is the
    first HTML body as received. `message_id` and the ids in `in_reply_to`/`references` carry no angle brackets;
    `message_id` is `""` when missing. `defects` says in words what could not be read. `marks` is what HTML said of
    the lines of `text`, empty where `text` was text. `is_wrapper` where all there is to read is one attached message,
    its only attachment. `return_path` is what the last server noted (RFC 5321 §4.4).
    """

    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    subject: str = ""
    from_: tuple[Mailbox, ...] = ()
    sender: Mailbox | None = None
    reply_to: tuple[Mailbox, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    date: datetime | None = None
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "text/plain"
    text: str = ""
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    report: ReportPart | None = None
    defects: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    invitations: tuple[Invitation, ...] = ()
    is_wrapper: bool = False
    return_path: str = ""
    _by_name: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name: dict[str, tuple[str, ...]] = {}
        for name, value in self.headers:
            key = name.lower()
            by_name[key] = (*by_name[key], value) if key in by_name else (value,)
        object.__setattr__(self, "_by_name", by_name)

    @property
    def field_names(self) -> KeysView[str]:
        """The names of its fields in lower case, once each, in order."""
        return self._by_name.keys()

    def header(self, name: str) -> str:
        """The first field called `name` (case-insensitive), or an empty string."""
        return self._by_name.get(name.lower(), ("",))[0]

    def header_all(self, name: str) -> tuple[str, ...]:
        """Every field called `name` (case-insensitive), in order."""
        return self._by_name.get(name.lower(), ())

    @property
    def author(self) -> Mailbox | None:
        """Who wrote it: the first From, else Sender, else None. Never Reply-To: identity is not what one asks for."""
        return self.from_[0] if self.from_ else self.sender

    @property
    def authors(self) -> tuple[Mailbox, ...]:
        """Everybody who may have written it or answers for it, likeliest first: From, Sender, Return-Path.

        For telling who it was; only `author` says who somebody claims to be, and Reply-To never does.
        """
        sender = (self.sender,) if self.sender else ()
        back = (Mailbox("", self.return_path),) if self.return_path else ()
        named = (*self.from_, *sender, *back)
        found: dict[str, Mailbox] = {}
        for mailbox in named:
            found.setdefault(mailbox.address.casefold(), mailbox)
        return tuple(found.values())
