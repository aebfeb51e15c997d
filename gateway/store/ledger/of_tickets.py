"""What holds for every ticket: it came from a mail, its history is whole, and what is to happen next is set."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, func, or_, select

from gateway.store.ledger.invariant import Invariant, Question, event_at, event_by, repeated, told
from gateway.store.schema import articles, events, message_ids, outbox, spool, surveys, tickets, timers
from gateway.tickets.model import ArticleKind, State, TimerKind
from gateway.tickets.notices import NoticeKind

WANTED = {
    TimerKind.REMINDER: State.ANSWERED,
    TimerKind.WAKE: State.POSTPONED,
    TimerKind.CLOSE: State.RESOLVED,
    TimerKind.SURVEY: State.CLOSED,
}
"""The only state in which a timer of a kind is still to act."""
_NEVER_ENDS_ALONE = (State.ANSWERED, State.POSTPONED, State.RESOLVED)  # without a timer nothing would happen any more


def _opened_otherwise() -> Select[Any]:
    """Tickets whose history does not begin with the one mail that is with them."""
    opening, first, another = events.alias("opening"), events.alias("first"), events.alias("another")
    begins = select(func.min(first.c.id)).where(first.c.ticket_id == tickets.c.id).correlate(tickets).scalar_subquery()
    by_mail = exists().where(
        opening.c.ticket_id == tickets.c.id,
        opening.c.what == "opened",
        opening.c.id == begins,
        spool.c.id == opening.c.spool_id,
        spool.c.ticket_id == tickets.c.id,
    )
    again = exists().where(another.c.ticket_id == tickets.c.id, another.c.what == "opened", another.c.id > begins)
    return select(tickets.c.id.label("ticket"), tickets.c.reference).where(or_(~by_mail, again))


def _another_state() -> Select[Any]:
    moves = and_(events.c.ticket_id == tickets.c.id, events.c.after.is_not(None))
    last = select(events.c.after).where(moves).order_by(events.c.id.desc()).limit(1).scalar_subquery()
    told_state = func.coalesce(last, State.NEW)
    shown = select(tickets.c.id.label("ticket"), tickets.c.state, told_state.label("history"))
    return shown.where(tickets.c.state != told_state)


def _broken_history() -> Select[Any]:
    earlier = func.lag(events.c.after).over(partition_by=events.c.ticket_id, order_by=events.c.id)
    steps = (
        select(events.c.id, events.c.ticket_id, events.c.before, func.coalesce(earlier, State.NEW).label("left_in"))
        .where(events.c.after.is_not(None))
        .subquery()
    )
    shown = select(steps.c.id.label("event"), steps.c.ticket_id.label("ticket"), steps.c.before, steps.c.left_in)
    return shown.where(steps.c.before != steps.c.left_in)


def _orphaned_timers() -> Select[Any]:
    unwanted = [and_(timers.c.kind == kind, tickets.c.state != state) for kind, state in WANTED.items()]
    shown = select(timers.c.id.label("timer"), timers.c.kind, timers.c.ticket_id.label("ticket"), tickets.c.state)
    return shown.join(tickets, tickets.c.id == timers.c.ticket_id).where(timers.c.done_at.is_(None), or_(*unwanted))


def _misread_references(db: Connection, question: Question) -> Iterator[str]:
    for row in db.execute(select(tickets.c.id.label("ticket"), tickets.c.reference, tickets.c.code)).mappings():
        is_right = row["reference"][-9:].replace("-", "").lower() == row["code"]
        if not is_right or (question.is_ours and not question.is_ours(row["reference"])):
            yield told(row)


_IS_PENDING = exists().where(timers.c.ticket_id == tickets.c.id, timers.c.done_at.is_(None))

INVARIANTS = (
    Invariant(
        "every ticket from a mail",
        "a ticket's history begins with the mail that opened it, and that mail is with it",
        "look for the mail in the spool; without one the row was made by other means than this program's",
        tickets,
        _opened_otherwise(),
    ),
    Invariant(
        "one mail, one ticket",
        "a mail opens at most one ticket",
        "close the younger ticket: its mail was dealt with twice",
        events,
        select(events.c.spool_id.label("mail"), func.count().label("tickets"))
        .where(events.c.what == "opened", events.c.spool_id.is_not(None))
        .group_by(events.c.spool_id)
        .having(func.count() > 1),
    ),
    Invariant(
        "every article from a mail",
        "an article's mail is with the same ticket; one without a mail has an event of its instant",
        "compare the conversation with the mail: words may be shown on somebody else's ticket",
        articles,
        select(articles.c.id.label("article"), articles.c.ticket_id.label("ticket"), articles.c.spool_id.label("mail"))
        .outerjoin(spool, spool.c.id == articles.c.spool_id)
        .where(
            or_(
                and_(articles.c.spool_id.is_(None), ~event_at(articles.c.ticket_id, articles.c.at)),
                and_(
                    spool.c.id.is_not(None),
                    or_(spool.c.ticket_id.is_(None), spool.c.ticket_id != articles.c.ticket_id),
                    ~event_by(articles.c.ticket_id, articles.c.spool_id),
                ),
            )
        ),
    ),
    Invariant(
        "every reply goes out",
        "what an agent says to a customer is mailed, or the ticket's history says why not",
        "the customer has not heard it: let the agent write it once more",
        articles,
        select(
            articles.c.id.label("article"), articles.c.ticket_id.label("ticket"), articles.c.spool_id.label("mail")
        ).where(
            articles.c.kind == ArticleKind.AGENT,
            articles.c.spool_id.is_not(None),
            ~exists().where(
                outbox.c.ticket_id == articles.c.ticket_id,
                outbox.c.created_at == articles.c.at,
                outbox.c.kind.in_([NoticeKind.REPLY, NoticeKind.AGENT_ERROR]),
            ),
            ~event_by(articles.c.ticket_id, articles.c.spool_id, events.c.what.in_(["not sent", "not sent again"])),
        ),
    ),
    Invariant(
        "one mail, one article",
        "a mail speaks once in a conversation",
        "the mail was dealt with twice; what it set off may have been sent twice",
        articles,
        repeated(articles, "ticket_id", "spool_id").where(articles.c.spool_id.is_not(None)),
    ),
    Invariant(
        "state from history",
        "a ticket is in the state that the last event of its history left it in",
        "set it right by an agent's command (#open, #resolve, #close): the state was changed without an event",
        tickets,
        _another_state(),
    ),
    Invariant(
        "history is unbroken",
        "each move of a ticket begins in the state that the move before it ended in",
        "an event is lost or was written by other means; the mail it came from is still in the spool",
        events,
        _broken_history(),
    ),
    Invariant(
        "no timer is orphaned",
        "a timer that is still to act belongs to a ticket in the state that wants it",
        "it will do nothing when it is due; an agent's command on the ticket clears it away",
        timers,
        _orphaned_timers(),
    ),
    Invariant(
        "no ticket is forgotten",
        "a ticket that waits (answered, postponed, resolved) has a timer that ends the waiting",
        "let an agent reply, postpone or resolve it once more: that sets the timer",
        tickets,
        select(tickets.c.id.label("ticket"), tickets.c.reference, tickets.c.state).where(
            tickets.c.state.in_(_NEVER_ENDS_ALONE), ~_IS_PENDING
        ),
    ),
    Invariant(
        "Message-IDs are known",
        "the Message-ID of every article leads to its ticket, so that answers find it",
        "answers to that mail will only be found by their address or subject; nothing else is lost",
        articles,
        select(articles.c.id.label("article"), articles.c.message_id, articles.c.ticket_id.label("ticket")).where(
            articles.c.message_id != "",
            ~exists().where(
                message_ids.c.message_id == articles.c.message_id, message_ids.c.ticket_id == articles.c.ticket_id
            ),
        ),
    ),
    Invariant(
        "surveys have a reason",
        "a ticket with a survey was asked after closing, or its customer has rated it",
        "the row was made by other means than this program's; `gateway ticket show` tells its history",
        surveys,
        select(surveys.c.ticket_id.label("ticket"), surveys.c.sent_at).where(
            ~exists().where(events.c.ticket_id == surveys.c.ticket_id, events.c.what.in_(["surveyed", "rated"]))
        ),
    ),
    Invariant(
        "references are ours",
        "every reference carries the check letters of a key of ours, and its code",
        "add the retired key to secret_file again: without it, answers with that reference open new tickets",
        tickets,
        _misread_references,
    ),
)
