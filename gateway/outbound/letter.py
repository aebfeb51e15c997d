"""One outgoing mail: from an outbox row and the facts around it to its bytes. Pure but for the templates."""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache

from gateway.mail import passed_on, tokens
from gateway.mail.address import Mailbox, is_valid, normalise
from gateway.mail.compose import Outgoing as Draft
from gateway.mail.compose import compose
from gateway.mail.limits import Limits
from gateway.mail.message import Attachment, Message
from gateway.mail.passed_on import Edit
from gateway.mail.tokens import Keyring
from gateway.outbound import render
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
_AT = "(?:@|%40|=40|&#64;)"
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # neither tab nor line feed
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


def needs_body(kind: NoticeKind) -> bool:
    """Whether a mail of this kind carries more of its source than the header says."""
    return kind in _WITH_FILES


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
    website = policy.survey_page.url
    back = ways_back(outgoing, facts.ticket, facts.queue, facts.agent, ring, policy.hostname, website)
    edit = _edit(notice, facts, policy, ring)
    files = _files(notice, facts, attachments_size, edit, policy.limits)
    values = _passed_on(_values(outgoing, facts, files, back), edit)
    texts = templates.render(notice.kind, notice.language, values, back.mark)
    subject = _subject(texts.subject, facts.ticket)
    answered = _answered(outgoing, facts, policy, ring)
    draft = Draft(
        from_=Mailbox(_from_name(notice, facts), facts.queue.address),
        to=_writable(notice.to, edit),
        cc=_writable(notice.cc, edit),
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


def _writable(people: tuple[Mailbox, ...], edit: Edit) -> tuple[Mailbox, ...]:
    """Those whose addresses may stand in a header without SMTPUTF8; the envelope serves the others all the same."""
    able = (person for person in people if person.address.isascii() and is_valid(person.address))
    return tuple(Mailbox(edit(person.name), person.address) for person in able)


def _headers(kind: NoticeKind, policy: Policy) -> tuple[tuple[str, str], ...]:
    if not kind.is_automatic:
        return ()
    automatic = (
        ("Auto-Submitted", "auto-replied" if kind in _ANSWERS else "auto-generated"),  # RFC 3834 §5
        ("X-Auto-Response-Suppress", "All"),
        (LOOP_HEADER, " ".join(policy.name.split())),
    )
    return (*automatic, ("Precedence", "auto_reply")) if kind in _ANSWERS else automatic


def _answered(outgoing: Outgoing, facts: Facts, policy: Policy, ring: Keyring) -> tuple[str, ...]:
    """Message-IDs of the mail that is answered, its ancestors first.

    A customer's mail never refers to an agent's own message: its id and references would show where he writes from.
    An agent's never refers to what we sent to others: where there are no subaddresses, the id of a notice is what
    shows that the agent who answers it got it.
    """
    kind, source = outgoing.notice.kind, facts.source
    if source is not None and (kind.is_for_agents or (kind in _ANSWERS and not _is_agents(source, outgoing, policy))):
        ids = _unique(*source.references, *source.in_reply_to, source.message_id)
        return tuple(each for each in ids if not (kind.is_for_agents and _is_ours(each, ring)))
    before = (article for article in facts.articles if article.at <= outgoing.created_at)
    return _unique(*(article.message_id for article in before if article.kind is ArticleKind.CUSTOMER))


def _is_agents(source: Message, outgoing: Outgoing, policy: Policy) -> bool:
    """Whether an agent wrote it, other than as the customer of this very ticket."""
    author = normalise(source.author.address) if source.author else ""
    return policy.agent_at(author) is not None and author not in {normalise(to.address) for to in outgoing.notice.to}


def _is_ours(message_id: str, ring: Keyring) -> bool:
    return tokens.verify(ring, message_id.partition("@")[0]) is not None


def _unique(*ids: str) -> tuple[str, ...]:
    last_wins = dict.fromkeys(each for each in reversed(ids) if _SENDABLE_ID.fullmatch(each))
    return tuple(reversed(last_wins))


def _files(notice: Notice, facts: Facts, room: int, edit: Edit, limits: Limits) -> _Files:
    if facts.source is None or notice.kind not in _WITH_FILES:
        return _Files()
    attached, left_out = [], []
    for file in _shown(facts.source, notice):
        if file.size <= room:
            changed = passed_on.edited(file, edit, limits, unsigned=notice.kind is NoticeKind.REPLY)
            attached.append(replace(changed, is_inline=False, content_id=""))
            room -= file.size
        else:
            left_out.append(LeftOut(file.name, file.size))
    full_text = None
    if notice.kind is NoticeKind.AGENT_NOTICE and (notice.folded_lines or facts.source.defects):
        original = Attachment(ORIGINAL, "message/rfc822", facts.original)
        if 0 < original.size <= room:
            original = passed_on.edited(original, edit, limits, unsigned=False)
        if 0 < original.size <= room and original.name == ORIGINAL:
            attached.append(original)
        else:
            full_text = _shortened(_full_text(notice, facts), _LONGEST_ORIGINAL)
    return _Files(tuple(attached), tuple(left_out), full_text)


def _shown(source: Message, notice: Notice) -> tuple[Attachment, ...]:
    """The files without the logos that every mail of its author brings along; of an agent's without his signature."""
    known = frozenset(notice.left_out)
    files = passed_on.content_of(source.attachments) if notice.kind is NoticeKind.REPLY else source.attachments
    return tuple(file for file in files if not (known and file.is_picture_in_text and file.sha256 in known))


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
        due=_instant(notice.due) if notice.due else None,
        stage=notice.stage,
        stages=notice.stages,
        reason=notice.reason.value if notice.reason else None,
        detail=_plain(notice.detail),
        rating=notice.rating,
        count=notice.count,
        history=_history(outgoing, facts),
        not_attached=tuple(replace(file, name=_line(file.name)) for file in files.left_out),
        links=back.links,
        facts={name: _fact(name, value) for name, value in notice.facts.items()},
    )


def _fact(name: str, value: str | int) -> str | int | datetime:
    if isinstance(value, int):
        return value
    return _instant(value) if name == "until" and value else _line(value)


def _instant(said: str) -> datetime:
    return datetime.fromisoformat(said).astimezone(UTC)


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


def _passed_on(values: Values, edit: Edit) -> Values:
    """All words with `edit` made to them, but for our own links."""
    changed: Values = render.each_text(replace(values, links=None), edit)
    return replace(changed, links=values.links)


def _edit(notice: Notice, facts: Facts, policy: Policy, ring: Keyring) -> Edit:
    """What is done to all that others wrote before it goes on.

    Our tokens are taken out – each was made for one reader – and, of what customers get, agents' addresses, which
    become the queue's: customers answer to the desk.
    """
    bearers = [agent.name for agent in policy.agents]
    known: dict[str, bool] = {}
    private = () if notice.kind.is_for_agents else _private(notice, facts, policy)
    if not private:
        return lambda text: tokens.without(text, ring, bearers, known)
    hosts, pattern = frozenset(host for _, host in private), _addresses(private)

    def edit(text: str) -> str:
        words = tokens.without(text, ring, bearers, known)
        lowered = words.lower()
        is_named = any(host in lowered for host in hosts)
        return pattern.sub(lambda _: facts.queue.address, words) if is_named else words

    return edit


@lru_cache(maxsize=100)  # the same for nearly all mail
def _addresses(private: tuple[tuple[str, str], ...]) -> re.Pattern[str]:
    """These addresses as people and programs write them, with any detail behind a `+`."""
    written = "|".join(rf"{re.escape(local)}(?:\+[^\s@<>]{{1,64}})?{_AT}{re.escape(host)}" for local, host in private)
    return re.compile(rf"(?<![\w.+-])(?:{written})(?![\w-])", re.IGNORECASE)


def _private(notice: Notice, facts: Facts, policy: Policy) -> tuple[tuple[str, str], ...]:
    """Local part and domain of every agent's addresses that those who get this mail may not see, the longest first."""
    open_to_all = {normalise(person.address) for person in (*notice.to, *notice.cc)} | {normalise(facts.queue.address)}
    private = {address for agent in policy.agents for address in agent.addresses} - open_to_all
    split = (address.rpartition("@") for address in sorted(private, key=len, reverse=True))
    return tuple((local, host) for local, _, host in split)


def _line(text: str) -> str:
    """One line without control characters."""
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(text.split())


def _plain(text: str) -> str:
    """Lines without control characters other than tabs."""
    lines = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most].rstrip()}\n[…]"
