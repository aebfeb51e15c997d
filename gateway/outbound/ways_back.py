"""How an answer to one mail finds its way back: signed addresses, Message-IDs, links and the mark in the body. Pure."""

from dataclasses import dataclass
from urllib.parse import quote

from gateway.mail import tokens
from gateway.mail.address import is_valid, with_detail
from gateway.mail.tokens import Keyring, Purpose, Token
from gateway.outbound.values import Links
from gateway.store.outbox import Outgoing
from gateway.tickets.model import Agent, Queue, ReplyAddressing, Ticket
from gateway.tickets.notices import NoticeKind

NO_TICKET = "llllllll"  # no reference has this letter, so no ticket has this code
_RATINGS = "abcde"  # tokens carry no digit 1: a rating is a letter


@dataclass(frozen=True, slots=True)
class WaysBack:
    """Message-IDs have no brackets. `reply_to` and `mark` are empty and `links` None where there is no such way."""

    message_id: str
    root_id: str
    mail_from: str
    reply_to: str
    mark: str
    links: Links | None


def ways_back(
    outgoing: Outgoing,
    ticket: Ticket | None,
    queue: Queue,
    agent: Agent | None,
    ring: Keyring,
    hostname: str,
    website: str = "",
) -> WaysBack:
    """All of them; `agent` is whom the mail goes to, if to one of ours. Surveys have a page on a `website`, if any."""
    code = ticket.code if ticket else NO_TICKET
    serial = outgoing.serial
    automatic = outgoing.notice.kind.is_automatic
    bounce = tokens.sign(ring, Token(Purpose.BOUNCE, code, serial))
    follow_up = tokens.sign(ring, Token(Purpose.FOLLOW_UP, code))
    root = tokens.sign(ring, Token(Purpose.MESSAGE, code))
    is_customers = ticket is not None and not outgoing.notice.kind.is_for_agents
    return WaysBack(
        message_id=f"{tokens.sign(ring, Token(Purpose.MESSAGE, code, serial))}@{hostname}",
        root_id=f"{root}@{hostname}" if ticket else "",
        mail_from=_addressed(queue, bounce if automatic else follow_up),
        reply_to=_reply_to(ticket, queue, agent, ring, follow_up, is_customers=is_customers),
        mark=_mark(ticket, follow_up if is_customers else ""),
        links=_links(outgoing, ticket, queue, ring, website) if ticket and is_customers else None,
    )


def _reply_to(
    ticket: Ticket | None, queue: Queue, agent: Agent | None, ring: Keyring, follow_up: str, *, is_customers: bool
) -> str:
    if ticket is None or queue.reply_addressing is ReplyAddressing.NONE:
        return ""
    if is_customers:
        return _addressed(queue, follow_up)
    if agent is None:
        return ""
    agents = Token(Purpose.AGENT, ticket.code, tokens.mark_of(ticket.created_at))
    return _addressed(queue, tokens.sign(ring, agents, bearer=agent.name))


def _addressed(queue: Queue, token: str) -> str:
    if queue.reply_addressing is ReplyAddressing.NONE:
        return queue.address
    address = with_detail(queue.address, token)
    return address if is_valid(address) else queue.address  # a local part of some 30 letters leaves no room


def _mark(ticket: Ticket | None, token: str) -> str:
    if ticket is None:
        return ""
    return f"{ticket.reference} · #{token}" if token else ticket.reference


def _links(outgoing: Outgoing, ticket: Ticket, queue: Queue, ring: Keyring, website: str) -> Links:
    def link(purpose: Purpose, word: str, serial: str = "") -> str:
        token = tokens.sign(ring, Token(purpose, ticket.code, serial))
        subject = quote(f"[{ticket.reference}] {word}", safe="")
        address = _addressed(queue, token)
        body = "" if address != queue.address else f"&body={quote(f'#{token}', safe='')}"
        return f"mailto:{quote(address, safe='@+')}?subject={subject}{body}"  # RFC 6068 §2

    ratings = {number: link(Purpose.RATING, str(number), letter) for number, letter in enumerate(_RATINGS, 1)}
    page = _page(outgoing, ticket, ring, website) if website and outgoing.notice.kind is NoticeKind.SURVEY else ""
    return Links(link(Purpose.CONFIRM, "✓"), link(Purpose.REFUSE, "✗"), ratings, page)  # "no" means yes in Polish


def _page(outgoing: Outgoing, ticket: Ticket, ring: Keyring, website: str) -> str:
    """The page of this very survey, which was sent at the instant at which its mail was put into the outbox."""
    token = Token(Purpose.PAGE, ticket.code, tokens.mark_of(outgoing.created_at))
    return f"{website}/survey/{tokens.sign(ring, token)}"
