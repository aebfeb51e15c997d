"""Whom Reply-To names to be written to, where it counts: for web forms and rewritten senders. It gives nobody a right.

Whose mail it is, and what he may, only From says: Reply-To is what somebody asks for, of himself or of anybody.
"""

import re
from collections.abc import Iterator

from gateway.mail import mailboxes
from gateway.mail.address import Mailbox, domain_of, is_valid, normalise
from gateway.mail.automatic import AutomaticKind, AutomaticReading, is_of_the_house
from gateway.mail.automatic.signs import MACHINE_SENDERS, NO_REPLY_SENDERS
from gateway.mail.message import Message
from gateway.tickets.model import ReplyTo
from gateway.tickets.policy import Policy

_FORM_SENDERS = re.compile(
    r"(?:wordpress|web-?forms?|forms?|contact-?forms?|form-?submissions?|formresponses)(?:[-_.+\d]|\Z)"
)
_FORM_SERVICES = (
    *("formspree.io", "formsubmit.co", "formstack.com", "jotform.com", "netlify.com", "shopify.com"),
    *("shopifyemail.com", "squarespace.info", "tally.so", "typeform.com", "typeform.io", "webflow.com"),
    *("wix.com", "wixforms.com", "wufoo.com"),
)
_ORIGINAL_AUTHOR = ("x-original-from", "x-original-sender")  # of lists that put their own address into From
_LISTS = ("list-id", "list-post", "mailing-list", "x-mailing-list", "x-beenthere")
_LIST_ID = re.compile(r"<([^<>@\s.]{1,64})\.([^<>@\s]{1,255})>")  # RFC 2919 §2: the list's address, with a dot
_ADDRESS = re.compile(r"[^\s<>:;,]{1,64}@[^\s<>:;,]{1,255}")


def named(
    message: Message, author: Mailbox | None, seen: AutomaticReading, counts: ReplyTo, policy: Policy
) -> Mailbox | None:
    """The one to write to in place of `author`; None where that is the author himself.

    `seen` is what shows a machine: what we sent ourselves, and newsletters, name nobody.
    """
    if counts is ReplyTo.NEVER or seen.kind is AutomaticKind.NEWSLETTER:
        return None
    if author is None or (counts is ReplyTo.ALWAYS and not policy.accepts(author.address)):
        return _first(message, author, policy)
    return _first(message, author, policy) if _is_passed_on(message, author, seen, policy) else None


def _is_passed_on(message: Message, author: Mailbox, seen: AutomaticReading, policy: Policy) -> bool:
    """Whether the address in From is that of whatever brought somebody's words."""
    if message.author is None:
        return True
    if policy.accepts(author.address):
        return seen.kind is None and "auto-submitted" not in seen.suppresses_reply
    local, domain = normalise(author.address).rpartition("@")[0][:64], domain_of(author.address)
    if any(pattern.match(local) for pattern in (_FORM_SENDERS, MACHINE_SENDERS)) or NO_REPLY_SENDERS.search(local):
        return True
    if any(domain == service or domain.endswith(f".{service}") for service in _FORM_SERVICES):
        return True
    return normalise(author.address) in _lists(message)


def _first(message: Message, author: Mailbox | None, policy: Policy) -> Mailbox | None:
    """The first who can be the one: no address of ours, no list, nobody who reads no mail."""
    lists = _lists(message)
    from_ = author.address if author else ""
    is_own = author is not None and policy.accepts(from_)
    for mailbox in _asked_for(message):
        address = normalise(mailbox.address)
        if not is_valid(address) or policy.accepts(address) or address in lists or address == normalise(from_):
            continue
        if NO_REPLY_SENDERS.search(address.rpartition("@")[0][:64]):
            continue
        if not is_own and is_of_the_house(address, from_):
            continue
        return mailbox
    return None


def _asked_for(message: Message) -> Iterator[Mailbox]:
    yield from message.reply_to[:20]
    for name in _ORIGINAL_AUTHOR:
        yield from mailboxes.read(message.header(name)[:1000].encode("utf-8", "replace"), 1)


def _lists(message: Message) -> frozenset[str]:
    """The addresses of the mailing list by which it came; `Jane via Desk <desk@lists.test>` is one of them."""
    said = [message.header(name)[:1000] for name in _LISTS if name in message.field_names]
    if not said:
        return frozenset()
    found = [match for value in said for match in _ADDRESS.findall(value)]
    ids = _LIST_ID.findall(message.header("list-id")[:1000])
    return frozenset(normalise(each) for each in (*found, *(f"{name}@{host}" for name, host in ids)))
