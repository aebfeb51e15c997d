"""All that can be known of a mail before anybody asks the database: the pure half of triage, from bytes to a value."""

import hashlib
from dataclasses import dataclass, field

from gateway.mail import authentication, automatic, delivery_report, language, parse, reply_text
from gateway.mail.address import Mailbox, is_valid, normalise
from gateway.mail.authentication import Authentication
from gateway.mail.delivery_report import DeliveryReport
from gateway.mail.envelope import Envelope
from gateway.mail.message import Message
from gateway.mail.reply_text import ReplyText
from gateway.mail.tokens import Keyring
from gateway.tickets import classify, evidence, reply_to, routing
from gateway.tickets.classify import Classified
from gateway.tickets.evidence import Evidence
from gateway.tickets.policy import Policy
from gateway.tickets.routing import Routed


@dataclass(frozen=True, slots=True)
class Reading:
    """A mail, read. `language` is any we can tell, empty where the words do not; `digest` where there is no identity.

    `author` is who wrote it: From, Sender, else whom it comes back to; None when nothing names anybody. `customer` is
    whom to write to about a new matter: the same, or the one whom Reply-To names, where that counts.
    """

    message: Message
    envelope: Envelope
    reply: ReplyText
    classified: Classified
    evidence: Evidence
    report: DeliveryReport | None
    routed: Routed
    language: str
    digest: str
    authentication: Authentication
    named: Mailbox | None = None  # in Reply-To, where that counts
    author: Mailbox | None = field(init=False)

    def __post_init__(self) -> None:
        """Looked for once: every rule asks for it."""
        object.__setattr__(self, "author", author_of(self.message, self.envelope))

    @property
    def customer(self) -> Mailbox | None:
        """Whom to write to. Only `author` has rights."""
        return self.named or self.author


def read(raw: bytes, envelope: Envelope, ring: Keyring, policy: Policy) -> Reading:
    """What `raw` is and says; never raises for any bytes."""
    message = parse.parse(raw, policy.limits)
    seen = automatic.read(message, envelope)
    reply = reply_text.extract(message)
    routed = routing.route(message, envelope, policy)
    named = reply_to.named(message, author_of(message, envelope), seen, routed.reply_to, policy)
    return Reading(
        message=message,
        envelope=envelope,
        reply=reply,
        classified=classify.classify(message, seen, ring, policy, names_another=named is not None),
        evidence=evidence.gather(message, reply.text, envelope, ring, policy),
        report=delivery_report.read(message, seen, raw),
        routed=routed,
        language=language.detect(reply.text or message.subject) or "",
        digest=digest(message),
        authentication=authentication.read(message, policy.authserv_for(envelope), is_below=policy.authserv_below),
        named=named,
    )


def author_of(message: Message, envelope: Envelope) -> Mailbox | None:
    """Who wrote it, as far as it says."""
    named = (*message.authors, Mailbox("", envelope.mail_from or ""))
    return next((mailbox for mailbox in named if is_valid(mailbox.address)), None)


def digest(message: Message) -> str:
    """A hash of what the author sent, the same by whichever way it came; empty without Message-ID and Date."""
    if not message.message_id and message.date is None:
        return ""
    author = message.author
    said = (
        normalise(author.address) if author else "",
        message.date.isoformat() if message.date else "",
        " ".join(message.subject.split()),
        " ".join(message.text.split()),
        *(attachment.sha256 for attachment in message.attachments),
    )
    return hashlib.sha256("\x00".join(said).encode("utf-8", "surrogatepass")).hexdigest()
