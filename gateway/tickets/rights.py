"""What authentication and signatures give a right to: an agent's action, an acknowledgement, one's own words in it.

The receiving server's findings count only where `authserv_id` names it (RFC 8601); without it nobody is authenticated.
"""

import re
from collections.abc import Iterable

from gateway.mail.address import normalise
from gateway.mail.authentication import Result
from gateway.tickets import follow_up
from gateway.tickets.classify import Kind
from gateway.tickets.evidence import Strength
from gateway.tickets.follow_up import Candidate
from gateway.tickets.model import Role, Standing
from gateway.tickets.policy import Policy
from gateway.tickets.reading import Reading

_ADDRESS = re.compile(r"[^<>()\[\],;:\"@\s]{1,64}@[^<>()\[\],;:\"@\s]{1,255}")
_ANGLE = re.compile(r"<([^<>@\s]{1,64}@[^<>@\s]{1,255})>")
_SIGNED = frozenset({Strength.REPLY_ADDRESS, Strength.SIGNED_MESSAGE_ID})


def doubt(reading: Reading, policy: Policy) -> str:
    """What speaks against an agent's mail being his: a reply address leaks with a forward, a From is anybody's."""
    found = reading.authentication
    authors = _named_authors(reading)
    if len(authors) != 1:
        return f"From: {', '.join(authors) or '-'}"  # a check elsewhere may have been of another (RFC 7489 §6.6.1)
    if not policy.authserv_id or found.aligned:
        return ""
    return f"SPF {found.spf}, DKIM {found.dkim}, DMARC {found.dmarc}"


def _named_authors(reading: Reading) -> list[str]:
    """Everybody whom some reader of its From fields may take for the author."""
    fields = reading.message.header_all("from")
    pattern = _ADDRESS if len(fields) > 1 else _ANGLE
    written = (address for field in fields for address in pattern.findall(field))
    return sorted({normalise(each) for each in (*(mailbox.address for mailbox in reading.message.from_), *written)})


def suspicion(reading: Reading) -> str:
    """Why the mail is taken for forged: the owner of From's domain has it so (RFC 7489), says the server we believe."""
    is_forged = reading.authentication.dmarc is Result.FAIL
    return "the receiving server found its sender forged (DMARC fail)" if is_forged else ""


def standing(reading: Reading, *, has_proven: bool, is_known: bool) -> Standing:
    """How sure we are of the author of a new matter, who has answered a mail of ours before or was a customer."""
    found = reading.authentication
    if found.aligned:
        return Standing.PROVEN if has_proven or is_known else Standing.AUTHENTICATED
    is_doubtful = Result.FAIL in {found.spf, found.dmarc}
    return Standing.PROVEN if has_proven and not is_doubtful else Standing.STRANGER


def proves_author(reading: Reading, candidates: Iterable[Candidate]) -> bool:
    """Whether its author has hereby shown that he receives our mail: he has our signature from it."""
    chosen = follow_up.choose(candidates)
    return (
        chosen is not None
        and chosen.role is Role.CUSTOMER
        and bool(chosen.strengths & _SIGNED)
        and reading.classified.kind is Kind.REQUEST
        and not suspicion(reading)
    )
