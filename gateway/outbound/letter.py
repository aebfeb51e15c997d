"""One outgoing mail: from an outbox row and the facts around it to its bytes. Pure but for the templates."""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from gateway.mail.address import Mailbox, is_valid, normalise
from gateway.mail.compose import Outgoing as Draft
from gateway.mail.compose import compose
from gateway.mail.message import Attachment, Message
from gateway.mail.tokens import Keyring
from gateway.outbound.render import Templates
from gateway.outbound.values import Customer, Desk, Entry, LeftOut, TicketValues, Values, Writer
from gateway.outbound.ways_back import WaysBack, ways_back
from gateway.store.outbox import Outgoing
from gateway.tickets.classify import LOOP_HEADER
from gateway.tickets.model import Agent, Article, ArticleKind, Queue, Ticket
from gateway.tickets.notices import Notice, NoticeKind
from gateway.tickets.policy import Policy

ORIGINAL = "original.eml"
_ANSWERS = frozenset({NoticeKind.ACKNOWLEDGEMENT, NoticeKind.THANKS})  # each answers one mail of the customer
_WITH_FILES = frozenset({NoticeKind.REPLY, NoticeKind.AGENT_NOTICE})
_LONGEST_SUBJECT = 250
_LONGEST_HISTORY = 20_000
_LONGEST_ORIGINAL = 500_000
_SENDABLE_ID = re.compile(r"[!-;=?-~]{3,450}")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a mail speaks of. `source` is its notice's source as read, `original` the same as it came.

    `agent` is the notice's agent; `articles` are the ticket's, oldest first.
    """

    queue: Queue
    ticket: Ticket | None = None
    agent: Agent | None = None
    articles: tuple[Article, ...] = ()
    source: Message | None = None
    original: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is frozen in the outbox row; `root_id` stands for the ticket in the references of all its mail."""

    message_id: str
    root_id: str
    mail_from: str
    subject: str
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Files:
    attached: tuple[Attachment, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    full_text: str | None = None

    @property
    def original(self) -> str | None:
        return ORIGINAL if any(file.name == ORIGINAL for file in self.attached) else None


def write(
    outgoing: Outgoing,
    facts: Facts,
    policy: Policy,
    ring: Keyring,
    templates: Templates,
    attachments_size: int,
    now: datetime,
) -> Letter:
    """The mail; the same for the same arguments. `attachments_size` bounds the files that go along, in octets.

    Raises:
        BrokenTemplateError: its template is broken.
    """
    notice = outgoing.notice
    back = ways_back(outgoing, facts.ticket, facts.queue, facts.agent, ring, policy.hostname)
    files = _files(notice, facts, attachments_size)
    values = _values(outgoing, facts, files, back)
    if not notice.kind.is_for_agents:
        values = _without_private_addresses(values, notice, facts, policy)
    texts = templates.render(notice.kind, notice.language, values, back.mark)
    subject = _subject(texts.subject, facts.ticket)
    answered = _answered(outgoing, facts, policy)
    draft = Draft(
        from_=Mailbox(_from_name(notice, facts), facts.queue.address),
        to=_writable(notice.to),
        cc=_writable(notice.cc),
        reply_to=Mailbox("", back.reply_to) if back.reply_to else None,
        subject=subject,
        date=now,
        message_id=back.message_id,
        in_reply_to=answered[-1] if answered else "",
        references=tuple(dict.fromkeys((*((back.root_id,) if back.root_id else ()), *answered))),  # compose cuts them
        text=texts.text,
        html=texts.html,
        attachments=files.attached,
        headers=_headers(notice.kind, policy),
    )
    return Letter(back.message_id, back.root_id, back.mail_from, subject, compose(draft))


def _subject(rendered: str, ticket: Ticket | None) -> str:
    subject = rendered[:_LONGEST_SUBJECT].rstrip()
    tag = f"[{ticket.reference}]" if ticket else ""
    return subject if tag in subject else f"{tag} {subject}"


def _from_name(notice: Notice, facts: Facts) -> str:
    name = facts.agent.full_name if notice.kind is NoticeKind.REPLY and facts.agent else ""
    return _line(f"{name} via {facts.queue.title}" if name else facts.queue.title)


def _writable(people: tuple[Mailbox, ...]) -> tuple[Mailbox, ...]:
    """Those whose addresses may stand in a header without SMTPUTF8; the envelope serves the others all the same."""
    return tuple(person for person in people if person.address.isascii() and is_valid(person.address))


def _headers(kind: NoticeKind, policy: Policy) -> tuple[tuple[str, str], ...]:
    if not kind.is_automatic:
        return ()
    automatic = (
        ("Auto-Submitted", "auto-replied" if kind in _ANSWERS else "auto-generated"),  # RFC 3834 §5
        ("X-Auto-Response-Suppress", "All"),
        (LOOP_HEADER, " ".join(policy.name.split())),
    )
    return (*automatic, ("Precedence", "auto_reply")) if kind in _ANSWERS else automatic


def _answered(outgoing: Outgoing, facts: Facts, policy: Policy) -> tuple[str, ...]:
    """Message-IDs of the mail that is answered, its ancestors first.

    A customer's mail never refers to an agent's own message: its id and references would show where he writes from.
    """
    kind, source = outgoing.notice.kind, facts.source
    if source is not None and (kind.is_for_agents or (kind in _ANSWERS and not _is_agents(source, outgoing, policy))):
        return _unique(*source.references, *source.in_reply_to, source.message_id)
    before = (article for article in facts.articles if article.at <= outgoing.created_at)
    return _unique(*(article.message_id for article in before if article.kind is ArticleKind.CUSTOMER))


def _is_agents(source: Message, outgoing: Outgoing, policy: Policy) -> bool:
    """Whether an agent wrote it, other than as the customer of this very ticket."""
    author = normalise(source.author.address) if source.author else ""
    return policy.agent_at(author) is not None and author not in {normalise(to.address) for to in outgoing.notice.to}


def _unique(*ids: str) -> tuple[str, ...]:
    last_wins = dict.fromkeys(each for each in reversed(ids) if _SENDABLE_ID.fullmatch(each))
    return tuple(reversed(last_wins))


def _files(notice: Notice, facts: Facts, room: int) -> _Files:
    if facts.source is None or notice.kind not in _WITH_FILES:
        return _Files()
    attached, left_out = [], []
    for file in _shown(facts.source, notice):
        if file.size <= room:
            attached.append(replace(file, is_inline=False))
            room -= file.size
        else:
            left_out.append(LeftOut(file.name, file.size))
    full_text = None
    if notice.kind is NoticeKind.AGENT_NOTICE and (notice.folded_lines or facts.source.defects):
        if facts.original and len(facts.original) <= room:
            attached.append(Attachment(ORIGINAL, "message/rfc822", facts.original))
        else:
            full_text = _shortened(_full_text(notice, facts), _LONGEST_ORIGINAL)
    return _Files(tuple(attached), tuple(left_out), full_text)


def _shown(source: Message, notice: Notice) -> tuple[Attachment, ...]:
    """The files without the logos that every mail of its author brings along."""
    known = frozenset(notice.left_out)
    return tuple(
        file for file in source.attachments if not (known and file.is_picture_in_text and file.sha256 in known)
    )


def _full_text(notice: Notice, facts: Facts) -> str:
    found = (article.full for article in facts.articles if article.spool_id == notice.source)
    return next(found, facts.source.text if facts.source else "")


def _values(outgoing: Outgoing, facts: Facts, files: _Files, back: WaysBack) -> Values:
    notice, ticket, queue = outgoing.notice, facts.ticket, facts.queue
    subject = _line(ticket.subject if ticket else notice.subject)
    return Values(
        queue=Desk(_line(queue.title), queue.address, queue.signature.strip()),
        ticket=TicketValues(ticket.reference, subject, ticket.state.value, ticket.created_at) if ticket else None,
        customer=Customer(_line(ticket.customer.name), ticket.customer.address) if ticket else None,
        agent=Writer(_line(facts.agent.full_name)) if facts.agent and facts.agent.full_name else None,
        author=_author(facts) if notice.kind.is_for_agents else "",
        subject=_line(notice.subject) or ("" if notice.kind is NoticeKind.ACKNOWLEDGEMENT else subject),
        text=_plain(notice.text),
        full_text=files.full_text,
        folded_lines=notice.folded_lines,
        original=files.original,
        due=datetime.fromisoformat(notice.due).astimezone(UTC) if notice.due else None,
        stage=notice.stage,
        stages=notice.stages,
        reason=notice.reason.value if notice.reason else None,
        detail=_plain(notice.detail),
        rating=notice.rating,
        count=notice.count,
        history=_history(outgoing, facts),
        not_attached=tuple(replace(file, name=_line(file.name)) for file in files.left_out),
        links=back.links,
    )


def _author(facts: Facts) -> str:
    """Who wrote the mail that this one speaks of: somebody who takes part, or else the ticket's customer."""
    writer = facts.source.author if facts.source else None
    person = writer or (facts.ticket.customer if facts.ticket else None)
    return _line(person.name or person.address) if person else ""


def _history(outgoing: Outgoing, facts: Facts) -> tuple[Entry, ...]:
    """What was said before, newest first. Notes are for agents only."""
    notice = outgoing.notice
    shown = [
        article
        for article in facts.articles
        if (article.is_public or (article.kind is ArticleKind.NOTE and notice.kind.is_for_agents))
        and article.at <= outgoing.created_at
        and not _is_itself(article, outgoing)
        and article.text.strip()
    ]
    return tuple(
        Entry(
            author=_line(article.author.name or article.author.address) or facts.queue.title,
            at=article.at,
            text=_shortened(_plain(article.text), _LONGEST_HISTORY),
            kind=article.kind.value,
        )
        for article in reversed(shown)
    )


def _is_itself(article: Article, outgoing: Outgoing) -> bool:
    """Whether the mail being written carries this article's words anyway."""
    if article.spool_id is not None:
        return article.spool_id == outgoing.notice.source
    return article.at == outgoing.created_at and article.text == outgoing.notice.text


def _without_private_addresses(values: Values, notice: Notice, facts: Facts, policy: Policy) -> Values:
    """The same words with every agent's address replaced by the queue's: customers answer to the desk."""
    open_to_all = {normalise(person.address) for person in (*notice.to, *notice.cc)} | {normalise(facts.queue.address)}
    private = {address for agent in policy.agents for address in agent.addresses} - open_to_all
    if not private:
        return values
    longest_first = sorted(private, key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w.+-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])", re.IGNORECASE)

    def public(text: str) -> str:
        return pattern.sub(lambda _: facts.queue.address, text)

    return replace(
        values,
        ticket=values.ticket and replace(values.ticket, subject=public(values.ticket.subject)),
        subject=public(values.subject),
        text=public(values.text),
        detail=public(values.detail),
        history=tuple(replace(entry, author=public(entry.author), text=public(entry.text)) for entry in values.history),
    )


def _line(text: str) -> str:
    """One line without control characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _plain(text: str) -> str:
    """Lines without control characters other than tabs."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(
        "".join(c for c in line if c == "\t" or (c >= " " and c != "\x7f")).rstrip() for line in lines
    ).strip("\n")


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most].rstrip()}\n[…]"
