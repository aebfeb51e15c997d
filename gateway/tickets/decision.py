"""Decides what becomes of a mail: an ordered table of rules, the first that has something to say. Changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway.mail import passed_on, tokens
from gateway.mail.address import Mailbox, is_valid
from gateway.mail.tokens import Purpose
from gateway.tickets import commands, deadlines, follow_up, lifecycle, loops, reference, rights, survey
from gateway.tickets.classify import ECHOES, Kind
from gateway.tickets.commands import Orders
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
from gateway.tickets.evidence import Strength, prefixes, without_markers
from gateway.tickets.follow_up import Candidate
from gateway.tickets.lifecycle import Happening, is_settled
from gateway.tickets.loops import Correspondent, Exchange, Loop
from gateway.tickets.model import (
    Agent,
    ArticleKind,
    OutboxId,
    ReplyAddressing,
    Role,
    SpoolId,
    Standing,
    State,
    Ticket,
    TicketId,
)
from gateway.tickets.notices import NoticeKind, Reason
from gateway.tickets.policy import Policy
from gateway.tickets.reading import Reading
from gateway.tickets.survey import Rating

_NOBODY = Correspondent("")


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read of the mail, and what the store knows of it.

    `answered` is the mail of ours it replies to (its kind, whose notice it was, its ticket); `undelivered` the mail of
    ours, with its ticket, that a delivery report is about; `known_language` is the addressee's, `correspondent` what is
    remembered of his address, `is_known` that he was a customer before; `heard` is this mail as the loop breaker sees
    it; `vouched` says that a person has released it from being held.
    """

    reading: Reading
    candidates: tuple[Candidate, ...] = ()
    answered: NoticeKind | None = None
    answered_agent: str = ""
    answered_ticket: TicketId | None = None
    undelivered: tuple[OutboxId, Ticket] | None = None
    twin: tuple[SpoolId, TicketId | None] | None = None
    known_language: str = ""
    correspondent: Correspondent = _NOBODY
    is_known: bool = False
    heard: Exchange | None = None
    vouched: bool = False

    @property
    def addressee(self) -> Mailbox | None:
        """Whom our answer goes to."""
        return addressee(self.reading, self.candidates)

    @property
    def loop(self) -> Loop | None:
        """The loop that this mail completes, if it is a machine's."""
        return loops.judge(self.correspondent, self.heard) if self.heard and not self._is_asked_for else None

    @property
    def is_repeated(self) -> bool:
        """Whether it is a mail that its author sent again, and which is answered already."""
        return bool(self.heard and not self._is_asked_for and loops.is_repeated(self.correspondent, self.heard))

    @property
    def _is_asked_for(self) -> bool:
        """Whether it says no more than what we asked on a ticket: people do so in the same words each time."""
        words = without_markers(self.reading.reply.text)
        is_answer = self.reading.evidence.answer is not None or survey.is_yes(words) or survey.is_no(words)
        return is_answer and follow_up.choose(self.candidates) is not None

    @property
    def proves_author(self) -> bool:
        """Whether its author has hereby shown that he receives our mail: he has our signature from it."""
        return rights.proves_author(self.reading, self.candidates)


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of the mail, and every step that led there."""

    disposition: Disposition
    trace: tuple[str, ...]


def decide(facts: Facts, policy: Policy, now: datetime) -> Decision:
    """The first rule that has something to say decides; the last one always has."""
    for name, rule in RULES:
        disposition = rule(facts, policy, now)
        if disposition is not None:
            return Decision(disposition, (*_seen(facts), f"rule: {name}"))
    raise AssertionError("the last rule decides everything")


def addressee(reading: Reading, candidates: tuple[Candidate, ...]) -> Mailbox | None:
    """Whom our answer to a mail goes to: its author on a ticket of his, else whomever it names to be written to."""
    chosen = follow_up.choose(candidates)
    return reading.author if chosen and chosen.role is not Role.STRANGER else reading.customer


def language_for(facts: Facts, policy: Policy) -> str:
    """To write to the addressee in: the first we have of the route's, his words', the one used before; else ours."""
    wanted = (facts.reading.routed.language, facts.reading.language, facts.known_language)
    return next(filter(None, map(policy.written, wanted)), policy.default_language)


def _seen(facts: Facts) -> tuple[str, ...]:
    reading = facts.reading
    kind = reading.classified
    return (
        f"kind: {kind.kind}" + (f" because of {', '.join(kind.signals)}" if kind.signals else ""),
        *(f"no automatic answer: {why}" for why in kind.silent_because),
        *((f"no acknowledgement: {forged}",) if (forged := rights.suspicion(reading)) else ()),
        *((f"written to: {reading.named}, whom Reply-To names; it is from {reading.author}",) if reading.named else ()),
        *(("no acknowledgement: its author has sent the same before",) if facts.is_repeated else ()),
        *((f"loop: {facts.addressee} {facts.loop.why}",) if facts.loop else ()),
        *(
            f"points at {each.ticket.reference} by {', '.join(s.title for s in sorted(each.strengths, reverse=True))}; "
            f"its author is {each.role} there"
            for each in facts.candidates
        ),
        f"queue: {reading.routed.queue} ({reading.routed.why})",
        *(("released by hand",) if facts.vouched else ()),
        *(f"defect: {defect}" for defect in reading.message.defects),
    )


def _duplicate(facts: Facts, _policy: Policy, _now: datetime) -> Disposition | None:
    return Duplicate(*facts.twin) if facts.twin and not facts.vouched else None


def _delivery_report(facts: Facts, _policy: Policy, _now: datetime) -> Disposition | None:
    report = facts.reading.report
    if facts.undelivered is None or not _speaks_of_delivery(facts.reading):
        return None
    outbox_id, ticket = facts.undelivered
    failed = report.failed if report else ()
    said = "; ".join(f"{each.address}: {each.diagnostic or each.status}" for each in failed)
    is_delayed = bool(report and report.is_delayed)
    return ReportUndelivered(ticket, outbox_id, failed, is_delayed, said or facts.reading.message.subject)


def _speaks_of_delivery(reading: Reading) -> bool:
    came_back = reading.evidence.bounce is not None and reading.envelope.has_null_reverse_path
    kind = reading.classified.kind
    return kind is Kind.DELIVERY_REPORT or reading.report is not None or (came_back and kind is Kind.AUTOMATIC)


def _loop(facts: Facts, _policy: Policy, _now: datetime) -> Disposition | None:
    if facts.reading.classified.kind is not Kind.LOOP:
        return None
    chosen = follow_up.choose(facts.candidates)
    why = "our own mail came back: " + facts.reading.classified.silent_because[0]
    return Record(chosen.ticket, ArticleKind.AUTOMATIC, why, is_own=True) if chosen else Hold(why)


def _proven_agents_mail(facts: Facts, policy: Policy, now: datetime) -> Disposition | None:
    owner, ticket = _proven_agent(facts, policy)
    if owner is None or ticket is None:
        return None
    if facts.reading.classified.kind is not Kind.REQUEST:
        return _never_relayed(ticket, owner)
    writer = _writing_agent(facts, policy)
    if writer and (writer == owner or facts.vouched):
        doubt = "" if facts.vouched else rights.doubt(facts.reading, policy)
        if doubt:
            why = f"signed for agent {owner.name}, but nothing proves that he wrote it ({doubt})"
            return Hold(why, ticket, owner, Reason.NOT_AUTHENTICATED, doubt)
        return _obeyed(facts, ticket, writer, policy, now)
    if facts.vouched:
        return None  # whoever it is, he is let in as a customer, never as the agent
    author = facts.reading.author
    why = f"written to the reply address of agent {owner.name} from another address"
    return Hold(why, ticket, owner, Reason.WRONG_SENDER, author.address if author else "")


def _unproven_agents_mail(facts: Facts, policy: Policy, now: datetime) -> Disposition | None:
    writer, chosen = _writing_agent(facts, policy), follow_up.choose(facts.candidates)
    if writer is None or chosen is None or chosen.role is not Role.AGENT:
        return None
    if facts.reading.classified.kind is not Kind.REQUEST:
        return _never_relayed(chosen.ticket, writer)
    if facts.vouched:
        return _obeyed(facts, chosen.ticket, writer, policy, now)
    why = f"from agent {writer.name} without his signed reply address"
    return Hold(why, chosen.ticket, writer, Reason.NOT_RECOGNISED)


def _writing_agent(facts: Facts, policy: Policy) -> Agent | None:
    author = facts.reading.author
    return policy.agent_at(author.address) if author else None


def _never_relayed(ticket: Ticket, agent: Agent) -> Record:
    return Record(ticket, ArticleKind.AUTOMATIC, f"automatic mail of agent {agent.name}, never relayed")


def _proven_agent(facts: Facts, policy: Policy) -> tuple[Agent | None, Ticket | None]:
    """Whose signed address was written to, or, where the queue cannot have any, whose signed notice was answered."""
    evidence = facts.reading.evidence
    for candidate in facts.candidates:
        ticket = candidate.ticket
        is_meant = ticket.code == evidence.agent_code and evidence.agent_mark in {"", tokens.mark_of(ticket.created_at)}
        if evidence.agent and is_meant:
            return evidence.agent, ticket
    chosen = follow_up.choose(facts.candidates)
    if chosen and facts.answered_agent and facts.answered and facts.answered.is_for_agents:
        queue = policy.queue(chosen.ticket.queue)
        if queue.reply_addressing is ReplyAddressing.NONE and facts.answered_ticket == chosen.ticket.id:
            return policy.agent(facts.answered_agent), chosen.ticket
    return None, None


def _obeyed(facts: Facts, ticket: Ticket, agent: Agent, policy: Policy, now: datetime) -> Disposition:
    orders = commands.read(facts.reading.reply.text, now, policy)
    if facts.vouched and (orders.unknown or orders.faulty):
        whole = Orders(facts.reading.reply.text, is_note=True)
        return ObeyAgent(ticket, agent, whole)
    if orders.unknown:
        detail = "; ".join(orders.unknown)
        return Hold(f"unknown command: {detail}", ticket, agent, Reason.UNKNOWN_COMMAND, detail)
    if orders.faulty:
        detail = "; ".join(orders.faulty)
        return Hold(f"command that cannot be obeyed: {detail}", ticket, agent, Reason.BAD_COMMAND, detail)
    files = passed_on.content_of(facts.reading.message.attachments)
    if not (orders.text or orders.move or orders.assignee or files):
        return Hold("an agent's mail with nothing in it", ticket, agent, Reason.NOTHING_TO_SEND)
    return ObeyAgent(ticket, agent, orders)


def _stranger(facts: Facts, _policy: Policy, _now: datetime) -> Disposition | None:
    chosen = follow_up.choose(facts.candidates)
    if chosen is None or chosen.role is not Role.STRANGER or facts.vouched:
        return None
    if facts.reading.classified.kind is not Kind.REQUEST:
        return Hold(f"automatic mail of somebody who has no part in {chosen.ticket.reference}", chosen.ticket)
    author = facts.reading.author
    why = f"its author has no part in {chosen.ticket.reference}"
    return Hold(why, chosen.ticket, None, Reason.STRANGER_HELD, author.address if author else "")


def _automatic_on_ticket(facts: Facts, _policy: Policy, _now: datetime) -> Disposition | None:
    chosen = follow_up.choose(facts.candidates)
    kind = facts.reading.classified.kind
    if chosen is None or kind is Kind.REQUEST:
        return None
    is_report = kind is Kind.DELIVERY_REPORT
    article = ArticleKind.DELIVERY_REPORT if is_report else ArticleKind.AUTOMATIC
    return Record(chosen.ticket, article, f"{kind} mail moves nothing")


def _machine(facts: Facts, _policy: Policy, now: datetime) -> Disposition | None:
    chosen, known = follow_up.choose(facts.candidates), facts.correspondent
    if chosen is None or facts.heard is None or not is_settled(chosen.ticket.state) or facts.vouched:
        return None
    is_again = known.is_quiet(now) and facts.heard.pattern == known.looped
    if not is_again and facts.loop is None:
        return None
    why = "a machine that answers automatic mail reopens nothing"
    tell = Reason.AUTOMATIC_MAIL  # it may be a person after all
    return Record(chosen.ticket, ArticleKind.AUTOMATIC, why, reason=tell)


def _rating(facts: Facts, _policy: Policy, _now: datetime) -> Disposition | None:
    chosen, author = follow_up.choose(facts.candidates), facts.reading.author
    if chosen is None or author is None:
        return None
    words, answer = survey.read(facts.reading.reply.text), facts.reading.evidence.answer
    if answer and answer.purpose is Purpose.RATING and answer.code == chosen.ticket.code:
        clicked = survey.rating_of(answer.serial)
        comment = words.comment if words.value == clicked or words.value is None else facts.reading.reply.text
        return TakeRating(chosen.ticket, Rating(clicked, without_markers(comment)), author)
    if facts.answered in {NoticeKind.SURVEY, NoticeKind.THANKS}:
        return TakeRating(chosen.ticket, words, author)
    return None


def _confirmation(facts: Facts, policy: Policy, now: datetime) -> Disposition | None:
    chosen, author = follow_up.choose(facts.candidates), facts.reading.author
    if chosen is None or author is None:
        return None
    text, answer = facts.reading.reply.text, facts.reading.evidence.answer
    ticket, words = chosen.ticket, without_markers(text)
    asked = facts.answered in {NoticeKind.RESOLVED, NoticeKind.REPLY, None} and is_settled(ticket.state)
    pressed = answer.purpose if answer and answer.code == ticket.code else None
    if pressed is Purpose.CONFIRM or (asked and survey.is_yes(words)):
        is_all = not words or survey.is_yes(words)
        ends = lifecycle.after(ticket.state, Happening.CUSTOMER_CONFIRMED) is State.CLOSED
        reason = None if is_all and ends else Reason.CUSTOMER_REPLY
        return JoinTicket(ticket, Happening.CUSTOMER_CONFIRMED, author, reason)
    is_late = is_settled(ticket.state) and not deadlines.is_within_grace(ticket.changed_at, now, policy)
    if not is_late and (pressed is Purpose.REFUSE or (asked and survey.is_no(words))):
        return JoinTicket(ticket, Happening.CUSTOMER_REFUSED, author, Reason.NOT_SOLVED)
    return None


def _follow_up(facts: Facts, policy: Policy, now: datetime) -> Disposition | None:
    chosen, author = follow_up.choose(facts.candidates), facts.reading.author
    if chosen is None or author is None:
        return None
    ticket = chosen.ticket
    if not is_settled(ticket.state):
        return JoinTicket(ticket, Happening.CUSTOMER_WROTE, author, Reason.CUSTOMER_REPLY)
    if deadlines.is_within_grace(ticket.changed_at, now, policy):
        return JoinTicket(ticket, Happening.CUSTOMER_WROTE, author, Reason.REOPENED)
    return _opened(facts, policy, author, linked_to=ticket)


def _echo(facts: Facts, _policy: Policy, _now: datetime) -> Disposition | None:
    kind = facts.reading.classified.kind
    if kind not in ECHOES or facts.vouched:
        return None
    return Hold(f"{kind} mail that belongs to no ticket")


def _unanswerable(facts: Facts, policy: Policy, _now: datetime) -> Disposition | None:
    message, customer = facts.reading.message, facts.reading.customer
    if facts.vouched:
        return None
    if customer is None:
        return Hold("nobody is named as its sender")
    if policy.accepts(customer.address):
        return Hold(f"sent from {customer.address}, one of our own addresses")
    if not (message.text.strip() or message.subject.strip() or message.attachments):
        return Hold("nothing in it: no subject, no text, no file")
    return None


def _new(facts: Facts, policy: Policy, _now: datetime) -> Disposition | None:
    return _opened(facts, policy, facts.reading.customer or Mailbox("", ""), linked_to=None)


def _opened(facts: Facts, policy: Policy, customer: Mailbox, linked_to: Ticket | None) -> OpenTicket:
    reading = facts.reading
    suspected = rights.suspicion(reading)
    is_named = customer == reading.named  # nothing proves that it was he who asked to be written to
    is_silent = reading.named is not None and not is_named  # whether his own address may be answered was not looked at
    answerable = reading.classified.may_be_answered and is_valid(customer.address) and not suspected and not is_silent
    return OpenTicket(
        queue=linked_to.queue if linked_to else reading.routed.queue,
        customer=customer,
        subject=reference.stripped(reading.message.subject, _referred(reading), prefixes(policy)),
        language=language_for(facts, policy),
        acknowledge=answerable and not facts.is_repeated,
        is_quiet=not answerable,
        linked_to=linked_to,
        standing=Standing.STRANGER
        if is_named
        else rights.standing(reading, has_proven=facts.correspondent.proven_at is not None, is_known=facts.is_known),
        suspected=suspected,
    )


def _referred(reading: Reading) -> frozenset[str]:
    return frozenset(clue.code for clue in reading.evidence.clues if clue.strength is Strength.SUBJECT_REFERENCE)


Rule = Callable[[Facts, Policy, datetime], Disposition | None]
RULES: tuple[tuple[str, Rule], ...] = (
    ("the same mail by another way", _duplicate),
    ("a delivery report on a mail of ours", _delivery_report),
    ("our own mail coming back", _loop),
    ("an agent's mail with his signed reply address", _proven_agents_mail),
    ("an agent's mail without it", _unproven_agents_mail),
    ("somebody who has no part in the ticket", _stranger),
    ("automatic mail on a ticket", _automatic_on_ticket),
    ("a machine that does not say that it is one", _machine),
    ("an answer to a survey", _rating),
    ("an answer to whether it is solved", _confirmation),
    ("a customer continues his ticket", _follow_up),
    ("automatic mail that belongs nowhere", _echo),
    ("mail that nobody can answer", _unanswerable),
    ("a new matter", _new),
)
