"""Carries out what was decided for a mail: tickets, articles, events and notices, within the caller's transaction."""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from gateway import store
from gateway.desk import filing, orders, posting, undelivered
from gateway.desk.filing import Mail, Outcome
from gateway.desk.moves import Cause, Desk, move, note
from gateway.mail.address import normalise
from gateway.store.engine import Connection
from gateway.store.spool import SpoolState
from gateway.store.tickets import NewTicket
from gateway.tickets import deadlines, notices, reference, rights
from gateway.tickets.classify import Kind
from gateway.tickets.disposition import (
    Disposition,
    Duplicate,
    Hold,
    JoinTicket,
    ObeyAgent,
    OpenTicket,
    Record,
    ReportUndelivered,
    TakeRating,
)
from gateway.tickets.model import ArticleKind, Ticket
from gateway.tickets.notices import NoticeKind, Reason

_FRANK = 3  # a rating up to this is something for the agents to think about


def carry_out(db: Connection, disposition: Disposition, mail: Mail, desk: Desk, cause: Cause) -> Outcome:
    """Makes the one change that `disposition` names."""
    match disposition:
        case OpenTicket():
            return _open(db, disposition, mail, desk, cause)
        case JoinTicket():
            return _join(db, disposition, mail, desk, cause)
        case ObeyAgent():
            return orders.obey_agent(db, disposition, mail, desk, cause)
        case TakeRating():
            return _rate(db, disposition, mail, desk, cause)
        case Record():
            return _record(db, disposition, mail, desk, cause)
        case ReportUndelivered():
            return undelivered.report(db, disposition, mail, desk, cause)
        case Duplicate():
            return _note_duplicate(db, disposition, cause)
        case Hold():
            return _hold(db, disposition, mail, desk, cause)
        case _:
            assert_never(disposition)


def open_ticket(db: Connection, new: OpenTicket, desk: Desk, now: datetime) -> Ticket:
    """The new ticket, and nothing yet that follows from it."""
    opened = NewTicket(
        reference=_free_reference(db, desk),
        queue=new.queue,
        subject=new.subject,
        customer=new.customer,
        language=new.language,
        linked_to=new.linked_to.id if new.linked_to else None,
        is_quiet=new.is_quiet,
    )
    return store.tickets.open_ticket(db, opened, now)


def _open(db: Connection, new: OpenTicket, mail: Mail, desk: Desk, cause: Cause) -> Outcome:
    policy, ticket = desk.policy, open_ticket(db, new, desk, cause.at)
    why = f"late reply to {new.linked_to.reference}" if new.linked_to else mail.reading.routed.why
    note(db, ticket.id, "opened", replace(cause, why=why))
    if new.linked_to:
        note(db, new.linked_to.id, "continued", replace(cause, why=f"continued as {ticket.reference}"))
    store.customers.remember(db, new.customer, mail.reading.language)
    filing.add_article(db, ticket, ArticleKind.CUSTOMER, mail, cause)
    filing.add_participants(db, ticket, mail.reading, policy)
    if new.acknowledge:
        due = deadlines.answer_due(cause.at, ticket.queue, policy)
        posting.send(db, desk, cause, notices.acknowledgement(ticket, mail.spooled.id, due, new.standing))
    elif new.suspected:
        note(db, ticket.id, "not sent", replace(cause, why=f"{NoticeKind.ACKNOWLEDGEMENT}: {new.suspected}"))
    is_person = mail.reading.classified.kind is Kind.REQUEST
    reason = Reason.LINKED_TICKET if new.linked_to else Reason.NEW_TICKET if is_person else Reason.AUTOMATIC_MAIL
    filing.tell_agents(db, reason, ticket, mail, desk, cause)
    return Outcome(SpoolState.DONE, "opened", f"opened {ticket.reference} in {ticket.queue}", ticket.id)


def _join(db: Connection, join: JoinTicket, mail: Mail, desk: Desk, cause: Cause) -> Outcome:
    filing.add_article(db, join.ticket, ArticleKind.CUSTOMER, mail, cause)
    filing.add_participants(db, join.ticket, mail.reading, desk.policy, author=join.author)
    if normalise(join.author.address) == normalise(join.ticket.customer.address):
        store.customers.remember(db, join.author, mail.reading.language)
        if join.ticket.is_quiet and mail.reading.classified.may_be_answered and not rights.suspicion(mail.reading):
            store.tickets.set_quiet(db, join.ticket.id, is_quiet=False)
    ticket = move(db, join.ticket, join.happening, cause, desk.policy)
    if join.reason is not None:
        filing.tell_agents(db, join.reason, ticket, mail, desk, cause)
    return Outcome(SpoolState.DONE, "joined", f"{join.happening} on {ticket.reference}, now {ticket.state}", ticket.id)


def _rate(db: Connection, rate: TakeRating, mail: Mail, desk: Desk, cause: Cause) -> Outcome:
    ticket, rating = rate.ticket, rate.rating
    known = store.surveys.get(db, ticket.id)
    if known is None:
        store.surveys.send(db, ticket.id, cause.at)
    store.surveys.rate(db, ticket.id, rating.value, rating.comment, cause.at)
    if rating.comment:
        filing.add_article(db, ticket, ArticleKind.CUSTOMER, mail, cause, text=rating.comment)
    said = f"{rating.value} of 5" if rating.value else "a comment"
    note(db, ticket.id, "rated", replace(cause, why=said))
    is_first = known is None or known.rated_at is None
    if rating.value and is_first and mail.reading.classified.may_be_answered:
        thanks = notices.for_customer(NoticeKind.THANKS, ticket, "", source=mail.spooled.id)
        posting.send(db, desk, cause, replace(thanks, rating=rating.value))
    if rating.comment or (rating.value and rating.value <= _FRANK):
        notes = notices.for_agents(
            Reason.RATED,
            ticket,
            cause.occasion,
            desk.policy,
            text=rating.comment,
            rating=rating.value or 0,
            source=mail.spooled.id,
        )
        posting.send(db, desk, cause, *notes)
    return Outcome(SpoolState.DONE, "rated", f"{said} for {ticket.reference}", ticket.id)


def _record(db: Connection, record: Record, mail: Mail, desk: Desk, cause: Cause) -> Outcome:
    if not record.is_own:
        filing.add_article(db, record.ticket, record.kind, mail, cause)
    note(db, record.ticket.id, "recorded", replace(cause, why=record.why))
    if record.reason is not None:
        filing.tell_agents(db, record.reason, record.ticket, mail, desk, cause)
    return Outcome(SpoolState.DONE, "recorded", record.why, record.ticket.id)


def _note_duplicate(db: Connection, duplicate: Duplicate, cause: Cause) -> Outcome:
    why = f"the same mail as spool {duplicate.of}"
    if duplicate.ticket_id is not None:
        note(db, duplicate.ticket_id, "duplicate", replace(cause, why=why))
    return Outcome(SpoolState.DONE, "duplicate", why, duplicate.ticket_id)


def _hold(db: Connection, hold: Hold, mail: Mail, desk: Desk, cause: Cause) -> Outcome:
    ticket, text = hold.ticket, mail.reading.reply.text
    if ticket is not None:
        note(db, ticket.id, "held", replace(cause, why=hold.why))
        if hold.tell and hold.reason:
            reason, detail = hold.reason, hold.detail
            occasion, policy = cause.occasion, desk.policy
            error = notices.for_mistaken_agent(reason, hold.tell, ticket, occasion, policy, detail=detail, text=text)
            posting.send(db, desk, cause, error)
        elif hold.reason:
            detail = f"{mail.spooled.id} {hold.detail}"
            told = notices.for_agents(hold.reason, ticket, cause.occasion, desk.policy, text=text, detail=detail)
            posting.send(db, desk, cause, *told)
    return Outcome(SpoolState.HELD, "held", hold.why, ticket.id if ticket else None)


def _free_reference(db: Connection, desk: Desk) -> str:
    while True:
        new = reference.new(desk.policy.prefix, desk.ring, desk.choose)
        if not store.tickets.with_codes(db, (new[-9:].replace("-", "").lower(),)):
            return new
