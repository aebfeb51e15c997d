"""Which queue a mail belongs to: ordered routes, the envelope before the headers, always some queue in the end."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import dropwhile, takewhile

from gateway.mail.address import domain_of, normalise, without_detail
from gateway.mail.envelope import Envelope
from gateway.mail.message import Message
from gateway.tickets.model import Queue, ReplyTo, Route
from gateway.tickets.policy import Policy

_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")


@dataclass(frozen=True, slots=True)
class Routed:
    """The queue's name, the language the route fixes (or an empty string), why, and when Reply-To counts there."""

    queue: str
    language: str
    why: str
    reply_to: ReplyTo = ReplyTo.FORMS


def route(message: Message, envelope: Envelope, policy: Policy) -> Routed:
    """Where a new ticket goes: by rules on its recipients, then other rules, then the queue it is addressed to.

    Recipients are those of the envelope; the headers count only where none of those is ours.
    """
    place, addresses = _recipients(message, envelope, policy)
    for rule in policy.routes:
        if rule.recipients and _is_met(rule, addresses, message):
            return _routed(rule, f"route {rule.name}: recipient in {place}", policy)
    others = tuple(rule for rule in policy.routes if not rule.recipients)
    for rule in takewhile(_has_condition, others):
        if _is_met(rule, addresses, message):
            return _routed(rule, f"route {rule.name}", policy)
    for queue in policy.queues:
        if addresses & queue.addresses:
            return Routed(queue.name, queue.language, f"queue {queue.name}: its address in {place}", queue.reply_to)
    for rule in dropwhile(_has_condition, others):
        return _routed(rule, f"route {rule.name}: takes all other mail", policy)
    queue = policy.queue(policy.default_queue)
    return Routed(policy.default_queue, queue.language, "default queue", queue.reply_to)


def _has_condition(rule: Route) -> bool:
    return bool(rule.sender_domains or rule.subject_contains)


def _recipients(message: Message, envelope: Envelope, policy: Policy) -> tuple[str, frozenset[str]]:
    for place, recipients in (("envelope", envelope.rcpt_to), ("headers", _header_recipients(message))):
        if any(policy.accepts(recipient) for recipient in recipients):
            return place, frozenset(without_detail(recipient) for recipient in recipients)
    return "headers", frozenset()


def _routed(rule: Route, why: str, policy: Policy) -> Routed:
    queue = policy.queue(rule.queue)
    return Routed(rule.queue, rule.language or queue.language, why, rule.reply_to or queue.reply_to)


def _is_met(rule: Route, addresses: frozenset[str], message: Message) -> bool:
    author = message.author
    domain = domain_of(author.address) if author else ""
    subject = message.subject.casefold()
    return (
        (not rule.recipients or _is_any_matched(rule.recipients, addresses))
        and (not rule.sender_domains or _is_any_matched(rule.sender_domains, (domain,)))
        and (not rule.subject_contains or any(words.casefold() in subject for words in rule.subject_contains))
    )


def _is_any_matched(patterns: Iterable[str], values: Iterable[str]) -> bool:
    return any(fnmatchcase(value, normalise(pattern)) for pattern in patterns for value in values)


def _header_recipients(message: Message) -> tuple[str, ...]:
    listed = tuple(mailbox.address for mailbox in (*message.to, *message.cc))
    traced = tuple(value for name in _HEADERS[:3] for value in message.header_all(name))
    return (*traced, *listed)


def queue_at(addresses: Iterable[str], policy: Policy) -> Queue | None:
    """The queue one of these addresses belongs to, or None."""
    wanted = frozenset(without_detail(address) for address in addresses)
    return next((queue for queue in policy.queues if wanted & queue.addresses), None)
