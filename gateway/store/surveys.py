"""One survey a ticket: when it was sent, the rating and the comment that came back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from gateway.store.schema import events, surveys
from gateway.store.upsert import insert_for
from gateway.tickets.model import TicketId


@dataclass(frozen=True, slots=True)
class Survey:
    """`rating` is 1 (bad) to 5 (good), None until rated."""

    sent_at: datetime
    rating: int | None
    comment: str
    rated_at: datetime | None


def get(db: Connection, ticket_id: TicketId) -> Survey | None:
    """The ticket's survey, or None when none was sent."""
    row = db.execute(select(surveys).where(surveys.c.ticket_id == ticket_id)).one_or_none()
    return Survey(row.sent_at, row.rating, row.comment, row.rated_at) if row is not None else None


def send(db: Connection, ticket_id: TicketId, now: datetime) -> bool:
    """Notes that the survey goes out; False when it did before."""
    new = insert_for(db, surveys).values(ticket_id=ticket_id, sent_at=now, comment="")
    return db.scalar(new.on_conflict_do_nothing().returning(surveys.c.ticket_id)) is not None


def rate(db: Connection, ticket_id: TicketId, rating: int | None, comment: str, now: datetime) -> None:
    """Stores a rating (None leaves it as it is) and adds a comment to those already there."""
    known = get(db, ticket_id)
    if known is None:
        return
    comments = "\n\n".join(part for part in (known.comment, comment) if part)
    values = {"rating": rating or known.rating, "comment": comments, "rated_at": now if rating else known.rated_at}
    db.execute(update(surveys).where(surveys.c.ticket_id == ticket_id).values(values))


def answers(db: Connection, ticket_id: TicketId) -> tuple[int, datetime | None]:
    """How often the ticket's survey was answered, by whatever way, and when first."""
    query = select(func.count(), func.min(events.c.at)).where(events.c.ticket_id == ticket_id, events.c.what == "rated")
    number, first_at = db.execute(query).one()
    return number, first_at
