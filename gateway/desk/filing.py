"""Keeps a mail with its ticket and tells its agents of it: what every change by mail needs. Decides nothing."""

from dataclasses import dataclass

from gateway import store
from gateway.desk import posting
from gateway.desk.moves import Cause, Desk
from gateway.mail.address import Mailbox, is_valid, normalise
from gateway.store.engine import Connection
from gateway.store.spool import Spooled, SpoolState
from gateway.store.tickets import Origin
from gateway.tickets import evidence, notices, rights
from gateway.tickets.classify import Kind
from gateway.tickets.model import Article, ArticleId, ArticleKind, Ticket, TicketId
from gateway.tickets.notices import Reason
from gateway.tickets.policy import Policy
from gateway.tickets.reading import Reading

_MOST_PARTICIPANTS = 10
_LONGEST_DETAIL = 300


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail that causes a change."""

    spooled: Spooled
    reading: Reading


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the mail ended: DONE or HELD, one word, a sentence, the ticket it is with."""

    state: SpoolState
    verdict: str
    reason: str
    ticket_id: TicketId | None = None


def add_article(
    db: Connection,
    ticket: Ticket,
    kind: ArticleKind,
    mail: Mail,
    cause: Cause,
    text: str | None = None,
    author: Mailbox | None = None,
) -> None:
    """Adds what the mail says, or `text` of it, by its author or by the name that is to be shown."""
    message, reply = mail.reading.message, mail.reading.reply
    remember_ids(db, ticket, mail.reading)
    article = Article(
        id=ArticleId(0),
        ticket_id=ticket.id,
        kind=kind,
        author=author or mail.reading.author or Mailbox("", ""),
        at=cause.at,
        text=evidence.without_markers(reply.text) if text is None else text,
        full=reply.full,
        message_id=message.message_id,
        spool_id=mail.spooled.id,
    )
    store.tickets.add_article(db, article)


def remember_ids(db: Connection, ticket: Ticket, reading: Reading) -> None:
    """Keeps the mail's Message-ID and those it refers to, by which later mail finds the ticket."""
    store.tickets.remember_ids(db, ticket.id, Origin.RECEIVED, (reading.message.message_id,))
    store.tickets.remember_ids(db, ticket.id, Origin.MENTIONED, reading.evidence.message_ids)


def add_participants(
    db: Connection, ticket: Ticket, reading: Reading, policy: Policy, author: Mailbox | None = None
) -> None:
    """Those whom a customer's mail was also addressed to take part; so does its author when he was let in by hand.

    Nobody takes part because of a mail that is taken for forged: he would read what is written to the customer.
    """
    message = reading.message
    writer = reading.author
    is_customers = writer is not None and normalise(writer.address) == normalise(ticket.customer.address)
    is_his = is_customers and reading.classified.kind is Kind.REQUEST and not rights.suspicion(reading)
    written_to = (*message.to, *message.cc) if is_his else ()
    people = (*((author,) if author else ()), *written_to)
    wanted = [
        person
        for person in people
        if is_valid(person.address)
        and not policy.accepts(person.address)
        and policy.agent_at(person.address) is None
        and normalise(person.address) != normalise(ticket.customer.address)
    ]
    if not wanted:
        return
    room = _MOST_PARTICIPANTS - len(store.tickets.participants_of(db, ticket.id))
    store.tickets.add_participants(db, ticket.id, wanted[: max(room, 0)])


def tell_agents(db: Connection, reason: Reason, ticket: Ticket, mail: Mail, desk: Desk, cause: Cause) -> None:
    """Writes to all who hear of the ticket, with the mail's words and files, and what could not be read of it."""
    message, reply = mail.reading.message, mail.reading.reply
    written = notices.for_agents(
        reason,
        ticket,
        cause.occasion,
        desk.policy,
        text="\n\n".join(part for part in (reply.text, *(each.line for each in message.invitations)) if part),
        folded_lines=sum(fold.last - fold.first + 1 for fold in reply.folded),
        detail="; ".join((*_asks(mail.reading, desk.policy), *message.defects))[:_LONGEST_DETAIL],
        source=mail.spooled.id,
        left_out=_shown_before(db, mail),
    )
    posting.send(db, desk, cause, *written)


def _asks(reading: Reading, policy: Policy) -> tuple[str, ...]:
    """Who is to be written to in place of the author, in the words of the mail itself: whether or not he is."""
    from_ = normalise(reading.author.address) if reading.author else ""
    asked = {normalise(each.address) for each in (reading.named, *reading.message.reply_to[:3]) if each}
    others = sorted(each for each in asked - {from_} if not policy.accepts(each))
    return (f"From: {from_}", f"Reply-To: {', '.join(others)}") if others else ()


def _shown_before(db: Connection, mail: Mail) -> tuple[str, ...]:
    author = mail.reading.author
    hashes = [file.sha256 for file in mail.reading.message.attachments if file.is_picture_in_text]
    known = store.customers.shown_before(db, author.address if author else "", hashes, mail.spooled.id)
    return tuple(sorted(known))
