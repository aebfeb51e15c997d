"""The values that reading a message yields. Built by `parse`; everybody else only looks at them."""

from dataclasses import dataclass, field
from datetime import datetime

from gateway.mail.address import Mailbox


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file: its safe name, media type, decoded bytes; `is_inline` where only the HTML body refers to it."""

    name: str
    content_type: str
    content: bytes = field(repr=False)
    content_id: str = ""
    is_inline: bool = False

    @property
    def size(self) -> int:
        """Decoded length in octets."""
        return len(self.content)


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
    the lines of `text`, empty where `text` was text.
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

    def header(self, name: str) -> str:
        """The first field called `name` (case-insensitive), or an empty string."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def header_all(self, name: str) -> tuple[str, ...]:
        """Every field called `name` (case-insensitive), in order."""
        return tuple(value for key, value in self.headers if key.lower() == name.lower())

    @property
    def author(self) -> Mailbox | None:
        """Who wrote it: the first From, else Sender, else None. Never Reply-To: identity is not what one asks for."""
        return self.from_[0] if self.from_ else self.sender
