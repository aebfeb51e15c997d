"""Which mails a decision would want sent, as `changes` and `orders` do when they carry it out. Only reads."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from gateway import store
from gateway.desk import orders, ratings
from gateway.desk.moves import Cause, Desk
from gateway.store.engine import Connection
from gateway.tickets import deadlines, notices
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
from gateway.tickets.model import SpoolId, State, Ticket, TicketId
from gateway.tickets.notices import Notice, Reason
from gateway.tickets.reading import Reading

_NOT_YET = TicketId(0)  # the number of no ticket


def wanted(db: Connection, chosen: Disposition, read: Reading, desk: Desk, now: datetime) -> tuple[Notice, ...]:
    """The notices in the order in which they would be wanted; their words are those of no mail that is ever sent."""
    return tuple(_wanted(db, chosen, read, desk, Cause("", "", now)))


def _wanted(db: Connection, chosen: Disposition, read: Reading, desk: Desk, cause: Cause) -> Iterator[Notice]:
    match chosen:
        case OpenTicket():
            yield from _of_new(chosen, desk, cause)
        case JoinTicket(ticket=ticket, reason=reason) | Record(ticket=ticket, reason=reason):
            if reason is not None:
                yield from _agents(reason, ticket, desk, cause)
        case ObeyAgent():
            yield from _of_orders(db, chosen, read, desk, cause)
        case TakeRating():
            may_thank = read.classified.may_be_answered
            yield from ratings.following(db, chosen.ticket, chosen.rating, desk, cause, may_thank=may_thank)
        case ReportUndelivered():
            sent = store.outbox.get(db, chosen.outbox_id)
            if chosen.failed and sent and not sent.notice.kind.is_for_agents:
                yield from _agents(Reason.UNDELIVERED, chosen.ticket, desk, cause)
        case Hold():
            yield from _of_held(chosen, desk, cause)
        case Duplicate():
            pass
        case _:
            assert_never(chosen)


def _of_new(new: OpenTicket, desk: Desk, cause: Cause) -> Iterator[Notice]:
    known = (new.queue, State.NEW, new.subject, new.customer, new.language, cause.at, cause.at)
    ticket = Ticket(_NOT_YET, "", *known)
    if new.acknowledge:
        due = deadlines.answer_due(cause.at, new.queue, desk.policy)
        yield notices.acknowledgement(ticket, SpoolId(0), due, new.standing)
    yield from _agents(Reason.NEW_TICKET, ticket, desk, cause)


def _of_orders(db: Connection, obey: ObeyAgent, read: Reading, desk: Desk, cause: Cause) -> Iterator[Notice]:
    assignee = orders.assignee_after(obey, desk)
    ticket = replace(obey.ticket, assignee=assignee)
    if obey.orders.assignee and assignee not in {obey.ticket.assignee, obey.agent.name}:
        yield from _agents(Reason.ASSIGNED, ticket, desk, cause)
    if orders.speaks(obey, read.message):
        yield from orders.relayed(db, ticket, obey, read.message, desk, cause)
    if obey.orders.move is not None:
        after = replace(ticket, state=orders.state_after(obey, read.message))
        yield from orders.announcement(after, obey, desk, cause)


def _of_held(hold: Hold, desk: Desk, cause: Cause) -> Iterator[Notice]:
    if hold.ticket is None or hold.reason is None:
        return
    if hold.tell is not None:
        yield notices.for_mistaken_agent(hold.reason, hold.tell, hold.ticket, cause.occasion, desk.policy)
    else:
        yield from _agents(hold.reason, hold.ticket, desk, cause)


def _agents(reason: Reason, ticket: Ticket, desk: Desk, cause: Cause) -> tuple[Notice, ...]:
    return notices.for_agents(reason, ticket, cause.occasion, desk.policy)
