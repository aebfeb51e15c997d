"""Carries out what was decided for a mail: tickets, articles, events and notices, within the caller's transaction."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from gateway import store
from gateway.desk import filing, orders, posting, ratings, undelivered
from gateway.desk.filing import Mail, Outcome
from gateway.desk.moves import Cause, Desk, move, note
from gateway.mail.address import normalise
from gateway.store.engine import Connection
from gateway.store.spool import SpoolState
from gateway.store.tickets import NewTicket, ReferenceTakenError
from gateway.tickets import deadlines, notices, reference, rights
from gateway.tickets.classify import ECHOES, Kind
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
    while True:
        opened = NewTicket(
            reference=reference.new(desk.policy.prefix, desk.ring, desk.choose),
            queue=new.queue,
            subject=new.subject,
            customer=new.customer,
            language=new.language,
            linked_to=new.linked_to.id if new.linked_to else None,
            is_quiet=new.is_quiet,
        )
        with suppress(ReferenceTakenError):
            return store.tickets.open_ticket(db, opened, now)


def _open(db: Connection, new: OpenTicket, mail: Mail, desk: Desk, cause: Cause) -> Outcome:
    policy, ticket = desk.policy, open_ticket(db, new, desk, cause.at)
    why = f"late reply to {new.linked_to.reference}" if new.linked_to else mail.reading.routed.why
    note(db, ticket.id, "opened", replace(cause, why=why))
    if new.linked_to:
        note(db, new.linked_to.id, "continued", replace(cause, why=f"continued as {ticket.reference}"))
    store.customers.remember(db, new.customer, policy.written(mail.reading.language))
    filing.add_article(db, ticket, ArticleKind.CUSTOMER, mail, cause, author=new.customer)
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
        store.customers.remember(db, join.author, desk.policy.written(mail.reading.language))
        if join.ticket.is_quiet and mail.reading.classified.may_be_answered and not rights.suspicion(mail.reading):
            store.tickets.set_quiet(db, join.ticket.id, is_quiet=False)
    ticket = move(db, join.ticket, join.happening, cause, desk.policy)
    if join.reason is not None:
        filing.tell_agents(db, join.reason, ticket, mail, desk, cause)
    return Outcome(SpoolState.DONE, "joined", f"{join.happening} on {ticket.reference}, now {ticket.state}", ticket.id)


def _rate(db: Connection, rate: TakeRating, mail: Mail, desk: Desk, cause: Cause) -> Outcome:
    if rate.rating.comment:
        filing.add_article(db, rate.ticket, ArticleKind.CUSTOMER, mail, cause, text=rate.rating.comment)
    may_thank = mail.reading.classified.may_be_answered
    said = ratings.rate(db, rate.ticket, rate.rating, desk, cause, may_thank=may_thank)
    return Outcome(SpoolState.DONE, "rated", f"{said} for {rate.ticket.reference}", rate.ticket.id)


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
    is_told = ticket is not None and hold.reason is not None
    if not is_told and cause.tray is not None and mail.reading.classified.kind not in ECHOES:
        cause.tray.held[mail.spooled.id] = hold.why
    return Outcome(SpoolState.HELD, "held", hold.why, ticket.id if ticket else None)
