"""What is to be mailed and why, as values that go into the outbox. How it reads is `outbound.render`'s."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from gateway.mail.address import Mailbox
from gateway.tickets.alarm import NOTHING, Alarm, Said
from gateway.tickets.model import Agent, SpoolId, Standing, Ticket, TicketId
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
    AGENT_DIGEST = "agent_digest"
    ALARM = "alarm"

    @property
    def is_automatic(self) -> bool:
        """Whether RFC 3834's marks go on it."""
        return self is not NoticeKind.REPLY

    @property
    def is_for_agents(self) -> bool:
        """Whether it goes to one of ours rather than to a customer."""
        return self in {NoticeKind.AGENT_NOTICE, NoticeKind.AGENT_ERROR, NoticeKind.AGENT_DIGEST, NoticeKind.ALARM}


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
    NOT_AUTHENTICATED = "not_authenticated"  # nobody vouches that it is from him; detail: what the server found
    ADDRESS_DEAD = "address_dead"  # his reply was sent, but it will hardly arrive; detail: address and why
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
    subject: str = ""  # where no ticket has one; of an acknowledgement, where it may repeat the sender's
    count: int = 0  # how many mails a digest or an alarm is about
    is_to_stranger: bool = False  # who may well not have written what this answers
    left_out: tuple[str, ...] = ()  # hashes of pictures in the source that its author's mails have shown before
    facts: Said = field(default_factory=dict)  # of an alarm: what its detail says, for any language


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


def acknowledgement(ticket: Ticket, source: SpoolId, due: datetime | None, standing: Standing) -> Notice:
    """The answer to a new matter. Only to somebody who is surely its author it repeats his subject and name.

    Anybody else may have forged the address to have his words sent to its owner by us.
    """
    notice = for_customer(NoticeKind.ACKNOWLEDGEMENT, ticket, "", source=source, due=due)
    if standing is Standing.PROVEN:
        return replace(notice, subject=ticket.subject)
    is_to_stranger = standing is Standing.STRANGER
    return replace(notice, to=(Mailbox("", ticket.customer.address),), is_to_stranger=is_to_stranger)


def for_operator(alarm: Alarm, policy: Policy, said: Said = NOTHING) -> Notice | None:
    """The mail about an alarm, one for each time it is told; None where nobody wants it."""
    if not policy.alarm_address:
        return None
    return Notice(
        key=f"{NoticeKind.ALARM}:{alarm.id}:{alarm.last_at.isoformat()}",
        kind=NoticeKind.ALARM,
        ticket_id=None,
        to=(Mailbox("", policy.alarm_address),),
        language=policy.default_language,
        queue=policy.default_queue,
        subject=alarm.kind.value,
        detail=alarm.detail,
        facts=said,
        text="\n".join(f"gateway explain --stored {spool_id}" for spool_id in alarm.spool_ids),
        count=alarm.count,
        due=alarm.opened_at.isoformat(),
    )


def digest_for(
    agent: Agent, queue: str, listed: tuple[Ticket, ...], mails: int, since: datetime, policy: Policy
) -> Notice:
    """The one mail to an agent about `mails` in a queue of which he was not told one by one since then."""
    return Notice(
        key=f"{NoticeKind.AGENT_DIGEST}:{queue}:{since.isoformat()}:{agent.name}",
        kind=NoticeKind.AGENT_DIGEST,
        ticket_id=None,
        to=(Mailbox(agent.full_name, agent.address),),
        language=agent.language or policy.default_language,
        queue=queue,
        agent=agent.name,
        detail=queue,
        text="\n".join(f"{ticket.reference}  {ticket.subject}" for ticket in listed),
        count=mails,
        due=since.isoformat(),
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
