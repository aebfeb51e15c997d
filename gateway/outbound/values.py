"""What a template may speak of, as frozen values. Their names are the operators' contract (docs/templates.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TicketValues:
    """A ticket; `state` is one of the words of `tickets.model.State`."""

    reference: str
    subject: str
    state: str
    created: datetime


@dataclass(frozen=True, slots=True)
class NamelessTicket:
    """A ticket as the acknowledgement may name it: without the subject, which may be a forger's advertisement."""

    reference: str
    state: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Customer:
    """Who asked; `name` may be empty."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Desk:
    """The queue as customers see it; `signature` may be empty and may have several lines."""

    title: str
    address: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Writer:
    """An agent as customers see him."""

    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An earlier entry of the conversation; `kind` is `customer`, `agent` or (for agents only) `note`."""

    author: str
    at: datetime
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that was too large to go along; `size` in octets."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Links:
    """`mailto:` URLs that answer with one click; `rate` has 1 (bad) to 5 (good). `page` is a web page to rate on.

    It is empty where there is none, and in all mail but surveys.
    """

    confirm: str
    refuse: str
    rate: Mapping[int, str]
    page: str = ""


@dataclass(frozen=True, slots=True)
class Values:
    """Everything one template is given. What does not apply is None, 0, or empty."""

    queue: Desk
    ticket: TicketValues | None = None
    customer: Customer | None = None
    agent: Writer | None = None
    author: str = ""
    subject: str = ""
    text: str = ""
    full_text: str | None = None
    folded_lines: int = 0
    original: str | None = None
    due: datetime | None = None
    stage: int = 0
    stages: int = 0
    reason: str | None = None
    detail: str = ""
    rating: int = 0
    count: int = 0
    history: tuple[Entry, ...] = ()
    not_attached: tuple[LeftOut, ...] = ()
    links: Links | None = field(default=None)
    facts: Mapping[str, str | int | datetime] = field(default_factory=dict)
