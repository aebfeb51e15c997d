"""Takes a customer's answer to a survey, by mail or from the web page: the same rating, event, word to the agents."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from gateway import store
from gateway.desk import posting
from gateway.desk.moves import Cause, Desk, note
from gateway.store.engine import Connection, Database
from gateway.store.surveys import Survey
from gateway.tickets import notices, survey_page
from gateway.tickets.model import Article, ArticleId, ArticleKind, Ticket, TicketId
from gateway.tickets.notices import Notice, NoticeKind, Reason
from gateway.tickets.survey import Rating

log = logging.getLogger(__name__)

_FRANK = 3  # a rating up to this is something for the agents to think about
_ON_PAGE = "on the survey page"


def rate(
    db: Connection, ticket: Ticket, rating: Rating, desk: Desk, cause: Cause, *, may_thank: bool, how: str = ""
) -> str:
    """What was said, in a few words. It is stored, in the history, the first time thanked, and told if it matters."""
    wanted = following(db, ticket, rating, desk, cause, may_thank=may_thank)
    if store.surveys.get(db, ticket.id) is None:
        store.surveys.send(db, ticket.id, cause.at)
    store.surveys.rate(db, ticket.id, rating.value, rating.comment, cause.at)
    said = f"{rating.value} of 5" if rating.value else "a comment"
    note(db, ticket.id, "rated", replace(cause, why=f"{said}, {how}" if how else said))
    posting.send(db, desk, cause, *wanted)
    return said


def following(
    db: Connection, ticket: Ticket, rating: Rating, desk: Desk, cause: Cause, *, may_thank: bool
) -> tuple[Notice, ...]:
    """What is mailed because of a rating that has not been stored yet: thanks for the first, a word to the agents."""
    known = store.surveys.get(db, ticket.id)
    is_first = known is None or known.rated_at is None
    wanted: tuple[Notice, ...] = ()
    if rating.value and is_first and may_thank:
        thanks = notices.for_customer(NoticeKind.THANKS, ticket, "", source=cause.spool_id)
        wanted = (replace(thanks, rating=rating.value),)
    if not rating.comment and not (rating.value and rating.value <= _FRANK):
        return wanted
    return wanted + notices.for_agents(
        Reason.RATED,
        ticket,
        cause.occasion,
        desk.policy,
        text=rating.comment,
        rating=rating.value or 0,
        source=cause.spool_id,
    )


@dataclass(frozen=True, slots=True)
class Ratings:
    """Takes what the page's form brings. Whether its sender may rate this ticket, the page has found out."""

    database: Database
    desk: Desk
    now: Callable[[], datetime]

    def take(self, ticket_id: TicketId, rating: Rating) -> bool:
        """Whether the answer counts: it came in time, and not too often. The same answer again changes nothing.

        Raises:
            TemporaryError: the database is busy or away.
        """
        now = self.now()
        with self.database.write() as db:
            ticket = store.tickets.get(db, ticket_id)  # nobody else answers meanwhile
            known = store.surveys.get(db, ticket_id)
            if ticket is None or known is None or not self._is_in_time(db, ticket_id, known, now):
                return False
            if _is_known(rating, known):
                return True
            cause = Cause(ticket.customer.address, "", now)
            if rating.comment:
                store.tickets.add_article(db, _article(ticket, rating.comment, now))
            said = rate(db, ticket, rating, self.desk, cause, may_thank=False, how=_ON_PAGE)  # the page thanks
        log.info("a rating was given", extra={"action": "rated", "ticket": ticket.id, "reason": f"{said}, {_ON_PAGE}"})
        return True

    def _is_in_time(self, db: Connection, ticket_id: TicketId, known: Survey, now: datetime) -> bool:
        page = self.desk.policy.survey_page
        answers, first_at = store.surveys.answers(db, ticket_id)
        is_rated = known.rating is not None
        return survey_page.is_open(known.sent_at, now, page) and survey_page.may_answer(
            answers, first_at, now, page, is_rated=is_rated
        )


def _is_known(rating: Rating, known: Survey) -> bool:
    """Somebody has pressed twice, or loaded the answer anew."""
    is_said = not rating.comment or f"\n\n{known.comment}".endswith(f"\n\n{rating.comment}")
    return rating.value == known.rating and is_said


def _article(ticket: Ticket, words: str, now: datetime) -> Article:
    return Article(
        id=ArticleId(0),
        ticket_id=ticket.id,
        kind=ArticleKind.CUSTOMER,
        author=ticket.customer,
        at=now,
        text=words,
        full=words,
        message_id="",
        spool_id=None,
    )
