"""What is to be mailed and why, as values that go into the outbox. How it reads is `outbound.render`'s."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.mail.address import Mailbox
from gateway.tickets.model import Agent, SpoolId, Ticket, TicketId
from gateway.tickets.policy import Policy


class NoticeKind(StrEnum):
    """The kinds of outgoing mail; each is a template. Only `REPLY` is a person's mail, all others are automatic."""

    ACKNOWLEDGEMENT = "acknowledgement"
    REPLY = "reply"
    REMINDER = "reminder"
    RESOLVED = "resolved"
    CLOSED = "closed"
    SURVEY = "survey"
    THANKS = "thanks"
    AGENT_NOTICE = "agent_notice"
    AGENT_ERROR = "agent_error"

    @property
    def is_automatic(self) -> bool:
        """Whether RFC 3834's marks go on it."""
        return self is not NoticeKind.REPLY

    @property
    def is_for_agents(self) -> bool:
        """Whether it goes to one of ours rather than to a customer."""
        return self in {NoticeKind.AGENT_NOTICE, NoticeKind.AGENT_ERROR}


class Reason(StrEnum):
    """Why an agent is written to. The first group speaks in `agent_notice`, the second in `agent_error`."""

    NEW_TICKET = "new_ticket"
    CUSTOMER_REPLY = "customer_reply"
    REOPENED = "reopened"
    NOT_SOLVED = "not_solved"
    LINKED_TICKET = "linked_ticket"  # a late reply to a closed ticket opened a new one
    AUTOMATIC_MAIL = "automatic_mail"
    STRANGER_HELD = "stranger_held"  # detail: spool id and the stranger's address
    UNDELIVERED = "undelivered"  # detail: address and what its server said
    RATED = "rated"
    ASSIGNED = "assigned"
    POSTPONEMENT_OVER = "postponement_over"

    UNKNOWN_COMMAND = "unknown_command"  # detail: the line
    BAD_COMMAND = "bad_command"  # detail: the line and what it should look like
    NOT_RECOGNISED = "not_recognised"  # his address without his signed reply address
    WRONG_SENDER = "wrong_sender"  # his signed reply address from another From
    NOTHING_TO_SEND = "nothing_to_send"
    NOT_SENT = "not_sent"  # the smarthost refused his reply; detail: what it said


@dataclass(frozen=True, slots=True)
class Notice:
    """One mail to be written. `key` makes it happen once: a second notice with the same key is not stored.

    `text` is the words of agent or customer that it carries.
    """

    key: str
    kind: NoticeKind
    ticket_id: TicketId | None
    to: tuple[Mailbox, ...]
    language: str
    queue: str
    cc: tuple[Mailbox, ...] = ()
    agent: str = ""  # whose notice it is, or who wrote the reply
    reason: Reason | None = None
    detail: str = ""
    text: str = ""
    folded_lines: int = 0
    stage: int = 0
    stages: int = 0
    due: str = ""  # ISO 8601 instant that the text names
    rating: int = 0
    source: SpoolId | None = None  # the mail it speaks of: its files go along, its Message-ID is answered
    subject: str = ""  # where no ticket has one
    left_out: tuple[str, ...] = ()  # hashes of pictures in the source that its author's mails have shown before


def for_customer(
    kind: NoticeKind, ticket: Ticket, occasion: str, *, source: SpoolId | None = None, due: datetime | None = None
) -> Notice:
    """An automatic mail to the ticket's customer; `occasion` makes its key, one mail of a kind an occasion."""
    return Notice(
        key=f"{kind}:{ticket.id}:{occasion}",
        kind=kind,
        ticket_id=ticket.id,
        to=(ticket.customer,),
        language=ticket.language,
        queue=ticket.queue,
        source=source,
        due=due.isoformat() if due else "",
    )


def told_agents(ticket: Ticket, policy: Policy) -> tuple[Agent, ...]:
    """Who hears of a ticket: its assignee while he is an agent, else everybody of its queue."""
    assignee = policy.agent(ticket.assignee) if ticket.assignee else None
    return (assignee,) if assignee else policy.agents_of(ticket.queue)


def for_agents(
    reason: Reason,
    ticket: Ticket,
    occasion: str,
    policy: Policy,
    *,
    text: str = "",
    folded_lines: int = 0,
    detail: str = "",
    rating: int = 0,
    source: SpoolId | None = None,
    left_out: tuple[str, ...] = (),
) -> tuple[Notice, ...]:
    """One mail to each agent who hears of the ticket, each with a key of its own."""
    return tuple(
        Notice(
            key=f"{NoticeKind.AGENT_NOTICE}:{reason}:{ticket.id}:{occasion}:{agent.name}",
            kind=NoticeKind.AGENT_NOTICE,
            ticket_id=ticket.id,
            to=(Mailbox(agent.full_name, agent.address),),
            language=agent.language or policy.default_language,
            queue=ticket.queue,
            agent=agent.name,
            reason=reason,
            detail=detail,
            text=text,
            folded_lines=folded_lines,
            rating=rating,
            source=source,
            left_out=left_out,
        )
        for agent in told_agents(ticket, policy)
    )


def for_mistaken_agent(
    reason: Reason, agent: Agent, ticket: Ticket, occasion: str, policy: Policy, *, detail: str = "", text: str = ""
) -> Notice:
    """Tells an agent that his mail was held, and what to do about it."""
    return Notice(
        key=f"{NoticeKind.AGENT_ERROR}:{reason}:{occasion}:{agent.name}",
        kind=NoticeKind.AGENT_ERROR,
        ticket_id=ticket.id,
        to=(Mailbox(agent.full_name, agent.address),),
        language=agent.language or policy.default_language,
        queue=ticket.queue,
        agent=agent.name,
        reason=reason,
        detail=detail,
        text=text,
    )
