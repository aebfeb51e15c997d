"""What kind of mail it is for the desk, and whether a machine may answer it. Routes nothing."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.mail import tokens
from gateway.mail.address import without_detail
from gateway.mail.automatic import NO_REPLY, AutomaticReading
from gateway.mail.message import Message
from gateway.mail.tokens import Keyring, Purpose
from gateway.tickets.policy import Policy

LOOP_HEADER = "X-Gateway-Loop"


class Kind(StrEnum):
    """The kinds of mail; the first is a person's, all others move no ticket."""

    REQUEST = "request"
    AUTOMATIC = "automatic"
    OUT_OF_OFFICE = "out-of-office"
    DELIVERY_REPORT = "delivery-report"
    READ_RECEIPT = "read-receipt"
    CALENDAR_REPLY = "calendar-reply"
    LIST = "list"
    NEWSLETTER = "newsletter"
    ABUSE_REPORT = "abuse-report"
    LOOP = "loop"


# Without a ticket these tell a person nothing; they are held, the others open a ticket without acknowledgement.
ECHOES = frozenset({Kind.OUT_OF_OFFICE, Kind.DELIVERY_REPORT, Kind.READ_RECEIPT, Kind.CALENDAR_REPLY, Kind.LOOP})


@dataclass(frozen=True, slots=True)
class Classified:
    """`silent_because` names why no machine of ours may answer (empty: it may); `signals` what led to `kind`."""

    kind: Kind
    signals: tuple[str, ...]
    silent_because: tuple[str, ...]

    @property
    def may_be_answered(self) -> bool:
        """Whether an acknowledgement, reminder or survey may answer this mail."""
        return self.kind is Kind.REQUEST and not self.silent_because


def classify(
    message: Message, reading: AutomaticReading, ring: Keyring, policy: Policy, *, names_another: bool = False
) -> Classified:
    """The kind of `message`, given what `mail.automatic` saw in it, and whether it `names_another` to be answered.

    That its own sender must not be written to is then no reason for silence.
    """
    signals = tuple(f"{signal.name} ({signal.points:+d})" for signal in reading.signals)
    own = own_mail(message, ring, policy)
    if own:
        return Classified(Kind.LOOP, (*signals, own), (own,))
    kind = Kind(reading.kind) if reading.kind else Kind.REQUEST
    if names_another:
        return Classified(kind, signals, tuple(why for why in reading.suppresses_reply if why != NO_REPLY))
    silent = reading.suppresses_reply
    author = message.author
    if author and without_detail(author.address) in policy.own_addresses:
        silent = (*silent, "from one of our own addresses")
    return Classified(kind, signals, silent)


def own_mail(message: Message, ring: Keyring, policy: Policy) -> str:
    """How `message` shows that we sent it ourselves, or an empty string."""
    signed = tokens.verify(ring, message.message_id.partition("@")[0])
    if signed and signed.purpose is Purpose.MESSAGE:
        return "its Message-ID is signed by us"
    if any(value.strip() == policy.name for value in message.header_all(LOOP_HEADER)):
        return f"its {LOOP_HEADER} names this installation"
    return ""
