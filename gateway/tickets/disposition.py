"""What can become of a mail: a closed set of values. Which of them it is, `decision` says; the desk carries it out."""

from dataclasses import dataclass

from gateway.mail.address import Mailbox
from gateway.mail.delivery_report import FailedRecipient
from gateway.tickets.commands import Orders
from gateway.tickets.lifecycle import Happening
from gateway.tickets.model import Agent, ArticleKind, OutboxId, SpoolId, Standing, Ticket, TicketId
from gateway.tickets.notices import Reason
from gateway.tickets.survey import Rating


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """A new matter. `linked_to` is the closed ticket that it continues; a quiet one's customer hears no machine.

    `suspected` is why it is taken for forged and therefore not acknowledged, or empty.
    """

    queue: str
    customer: Mailbox
    subject: str
    language: str
    acknowledge: bool
    is_quiet: bool = False
    linked_to: Ticket | None = None
    standing: Standing = Standing.STRANGER
    suspected: str = ""


@dataclass(frozen=True, slots=True)
class JoinTicket:
    """A customer's words on his ticket. `reason` is why its agents are told; None when they need not be."""

    ticket: Ticket
    happening: Happening
    author: Mailbox
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class ObeyAgent:
    """An agent's reply, note and commands."""

    ticket: Ticket
    agent: Agent
    orders: Orders

    @property
    def verdict(self) -> str:
        """In one word."""
        return "noted" if self.orders.is_note else "relayed" if self.orders.text else "obeyed"


@dataclass(frozen=True, slots=True)
class TakeRating:
    """An answer to a survey."""

    ticket: Ticket
    rating: Rating
    author: Mailbox


@dataclass(frozen=True, slots=True)
class Record:
    """Mail that is kept with its ticket and moves nothing."""

    ticket: Ticket
    kind: ArticleKind
    why: str
    is_own: bool = False  # our own mail come back: its words are with the ticket already
    reason: Reason | None = None  # why the agents hear of it, if they do


@dataclass(frozen=True, slots=True)
class ReportUndelivered:
    """A delivery report on a mail that we really sent: who will not get it, and what his server said."""

    ticket: Ticket
    outbox_id: OutboxId
    failed: tuple[FailedRecipient, ...]
    is_delayed: bool
    said: str

    @property
    def verdict(self) -> str:
        """In one word."""
        return "undelivered" if self.failed else "delayed" if self.is_delayed else "reported"


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The same mail by another way."""

    of: SpoolId
    ticket_id: TicketId | None


@dataclass(frozen=True, slots=True)
class Hold:
    """Waits for a person. `tell` is the agent whose own mail it is; else the ticket's agents are told of `ticket`."""

    why: str
    ticket: Ticket | None = None
    tell: Agent | None = None
    reason: Reason | None = None
    detail: str = ""


Disposition = OpenTicket | JoinTicket | ObeyAgent | TakeRating | Record | ReportUndelivered | Duplicate | Hold
