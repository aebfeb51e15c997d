"""What each address of the site answers. Reading changes nothing, ever; an answer to a survey is handed to the desk."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from gateway import store
from gateway.errors import TemporaryError
from gateway.mail import tokens
from gateway.mail.tokens import Keyring, Purpose
from gateway.store.engine import Connection, Database
from gateway.tickets import survey_page
from gateway.tickets.model import Ticket, TicketId
from gateway.tickets.policy import Policy
from gateway.tickets.survey import Rating
from gateway.web import form as forms
from gateway.web.exchange import ALWAYS, READ, Answer, Headers, Request, plain
from gateway.web.pages import Pages, Shown
from gateway.web.words import accepted

log = logging.getLogger(__name__)

_SURVEY = re.compile(r"/survey/([a-z][a-z2-9]{24,34})")
_A_YEAR = 365 * 24 * 3600
_NOBODYS = TicketId(0)
_METHODS = (*READ, "POST")


@dataclass(frozen=True, slots=True)
class Visit:
    """A survey that a link leads to. `written` is the link's token; `may_answer` whether an answer would count."""

    ticket: Ticket
    written: str
    rating: int | None
    may_answer: bool


@dataclass(frozen=True, slots=True)
class Site:
    """The whole site. `take` stores an answer and tells whether it counted, `is_ready` whether this node works."""

    database: Database
    policy: Policy
    ring: Keyring
    pages: Pages
    take: Callable[[TicketId, Rating], bool]
    is_ready: Callable[[], bool]
    now: Callable[[], datetime]

    def answer(self, request: Request) -> Answer:
        """The answer to one request; whoever waits for the database meanwhile waits in a thread of his own."""
        if request.path == "/healthz":
            return health(request, self.is_ready)
        if request.method not in _METHODS:
            return plain(405, ("Allow", ", ".join(_METHODS)))
        if request.header("host").lower() not in self._hosts:
            return plain(421)
        try:
            return self._survey(request)
        except TemporaryError as error:
            log.warning("a page could not be shown", extra={"action": "web", "reason": str(error)})
            busy = self.pages.notice(503, "busy", *accepted(request.header("accept-language")))
            return replace(busy, headers=(("Retry-After", "30"),))

    @property
    def headers(self) -> Headers:
        """What goes with every answer. That the site is https for good is said of its name alone (RFC 6797)."""
        return (*ALWAYS, self.pages.policy, ("Strict-Transport-Security", f"max-age={_A_YEAR}"))

    @property
    def _hosts(self) -> frozenset[str]:
        """The name of the site as browsers write it: the port is left out where it is the usual one."""
        place = urlsplit(self.policy.survey_page.url).netloc
        return frozenset({place} if ":" in place else {place, f"{place}:443"})

    def _survey(self, request: Request) -> Answer:
        found = _SURVEY.fullmatch(request.path)
        visit = self._visit(found[1]) if found else None
        if visit is None:  # no such page, forged, of another survey, or too late: nobody is told which
            return self.pages.notice(404, "gone", *accepted(request.header("accept-language")))
        if request.method in READ:
            return self._shown(200, visit)
        return self._taken(request, visit)

    def _visit(self, written: str) -> Visit | None:
        """The survey of a link; for any link the same is looked up and compared."""
        token, claimed = tokens.verify(self.ring, written), tokens.shape(written)
        with self.database.read() as db:
            return self._looked_up(db, written, claimed.code if claimed else "", token)

    def _looked_up(self, db: Connection, written: str, code: str, token: tokens.Token | None) -> Visit | None:
        ticket = next(iter(store.tickets.with_codes(db, (code,))), None)
        ticket_id = ticket.id if ticket else _NOBODYS
        survey = store.surveys.get(db, ticket_id)
        answers, first_at = store.surveys.answers(db, ticket_id)
        if token is None or token.purpose is not Purpose.PAGE or ticket is None or survey is None:
            return None
        now, page = self.now(), self.policy.survey_page
        if token.serial != tokens.mark_of(survey.sent_at) or not survey_page.is_open(survey.sent_at, now, page):
            return None
        is_rated = survey.rating is not None
        may_answer = survey_page.may_answer(answers, first_at, now, page, is_rated=is_rated)
        return Visit(ticket, written, survey.rating, may_answer)

    def _shown(
        self, status: int, visit: Visit, *, chosen: int | None = None, comment: str = "", fault: str = ""
    ) -> Answer:
        link = tokens.shape(visit.written)
        shown = Shown(
            desk=self.policy.queue(visit.ticket.queue).title,
            reference=visit.ticket.reference,
            key=forms.key_for(self.ring, link, visit.written) if link and visit.may_answer else "",
            rating=visit.rating or 0,
            chosen=chosen or visit.rating or 0,
            comment=comment,
            fault=fault,
        )
        return self.pages.survey(status, shown, visit.ticket.language)

    def _taken(self, request: Request, visit: Visit) -> Answer:
        form = forms.read(request)
        if form is None:
            return plain(415 if "urlencoded" not in request.header("content-type") else 400)
        if not forms.is_ours(request, form, self.ring, visit.written, self.policy.survey_page.url):
            return self.pages.notice(403, "refused", visit.ticket.language)
        if form.rating is None or form.is_too_long:
            fault = "no_rating" if form.rating is None else "too_long"
            return self._shown(422, visit, chosen=form.rating, comment=form.comment, fault=fault)
        self.take(visit.ticket.id, Rating(form.rating, form.comment))
        return Answer(303, headers=(("Location", request.path),))  # the page then shows what counts


def health(request: Request, is_ready: Callable[[], bool]) -> Answer:
    """Whether this node does its work, and no more than that."""
    if request.method not in READ:
        return plain(405, ("Allow", ", ".join(READ)))
    return Answer(200, "ready\n") if is_ready() else Answer(503, "not ready\n")
