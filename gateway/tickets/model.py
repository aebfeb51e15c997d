"""The desk's nouns as frozen values: ticket, article, event, agent, queue, route. What they do is said elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from gateway.mail.address import Mailbox, normalise

TicketId = NewType("TicketId", int)
SpoolId = NewType("SpoolId", int)
OutboxId = NewType("OutboxId", int)
ArticleId = NewType("ArticleId", int)


class State(StrEnum):
    """Where a ticket stands, in words that customers of help desks know."""

    NEW = "new"
    OPEN = "open"
    ANSWERED = "answered"
    POSTPONED = "postponed"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Role(StrEnum):
    """What somebody is on one ticket; rights follow it."""

    CUSTOMER = "customer"
    PARTICIPANT = "participant"
    AGENT = "agent"
    STRANGER = "stranger"


class Standing(StrEnum):
    """How sure it is that the author of a new matter is who he says: it decides what we repeat of his words."""

    PROVEN = "proven"  # he has answered a mail of ours before, or is a customer and authenticated
    AUTHENTICATED = "authenticated"  # his domain vouches for him, but he has never written before
    STRANGER = "stranger"


class ArticleKind(StrEnum):
    """Who or what spoke in an article."""

    CUSTOMER = "customer"
    AGENT = "agent"
    NOTE = "note"
    AUTOMATIC = "automatic"
    DELIVERY_REPORT = "delivery-report"


class ReplyAddressing(StrEnum):
    """Whether the queue's provider delivers `local+detail@domain` to `local@domain` (RFC 5233)."""

    PLUS = "plus"
    NONE = "none"


class ReplyTo(StrEnum):
    """For which mail Reply-To names whom we write to about a new matter; who wrote it, it never says."""

    FORMS = "forms"  # that of web forms, and of lists that put their own address into From
    ALWAYS = "always"
    NEVER = "never"


class TimerKind(StrEnum):
    """What a timer is for."""

    REMINDER = "reminder"
    CLOSE = "close"
    SURVEY = "survey"
    WAKE = "wake"  # the end of a postponement


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who answers customers: `name` is what `#assign` takes; mail counts as his only from his addresses."""

    name: str
    full_name: str
    address: str
    other_addresses: tuple[str, ...] = ()
    language: str = ""

    @property
    def addresses(self) -> frozenset[str]:
        """All his addresses, normalised."""
        return frozenset(normalise(address) for address in (self.address, *self.other_addresses))


@dataclass(frozen=True, slots=True)
class Queue:
    """A support desk's queue: customers see `title` and `address`; `agents` are names, told of new mail."""

    name: str
    title: str
    address: str
    agents: tuple[str, ...]
    other_addresses: tuple[str, ...] = ()
    language: str = ""
    signature: str = ""
    reply_addressing: ReplyAddressing = ReplyAddressing.PLUS
    answer_within_days: int = 0  # business days promised in the acknowledgement; 0 promises nothing
    reply_to: ReplyTo = ReplyTo.FORMS

    @property
    def addresses(self) -> frozenset[str]:
        """All its addresses, normalised."""
        return frozenset(normalise(address) for address in (self.address, *self.other_addresses))


@dataclass(frozen=True, slots=True)
class Route:
    """An ordered, named rule: mail that meets every condition given goes to `queue`; no condition meets all mail.

    Without `language` or `reply_to` it is as the queue has it.
    """

    name: str
    queue: str
    recipients: tuple[str, ...] = ()
    sender_domains: tuple[str, ...] = ()
    subject_contains: tuple[str, ...] = ()
    language: str = ""
    reply_to: ReplyTo | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """One matter of one customer. `changed_at` is when it entered `state`; `code` is `reference` as tokens carry it.

    A quiet ticket's customer gets no automatic mail: it was opened by a machine, a list or a newsletter.
    """

    id: TicketId
    reference: str
    queue: str
    state: State
    subject: str
    customer: Mailbox
    language: str
    created_at: datetime
    changed_at: datetime
    assignee: str = ""
    postponed_until: datetime | None = None
    linked_to: TicketId | None = None
    is_quiet: bool = False

    @property
    def code(self) -> str:
        """`SUP-7K2M-9XQ4` -> `7k2m9xq4`."""
        return self.reference[-9:].replace("-", "").lower()


@dataclass(frozen=True, slots=True)
class Article:
    """One entry of a ticket's conversation. `text` is what its author wrote; `full` also has what was folded away."""

    id: ArticleId
    ticket_id: TicketId
    kind: ArticleKind
    author: Mailbox
    at: datetime
    text: str
    full: str
    message_id: str
    spool_id: SpoolId | None

    @property
    def is_public(self) -> bool:
        """Whether the customer wrote it or may see it; nothing else is ever quoted to him."""
        return self.kind in {ArticleKind.CUSTOMER, ArticleKind.AGENT}


@dataclass(frozen=True, slots=True)
class Event:
    """One row of a ticket's history: who did what, when, why, from which mail."""

    at: datetime
    actor: str
    what: str
    why: str
    before: State | None = None
    after: State | None = None
    spool_id: SpoolId | None = None
