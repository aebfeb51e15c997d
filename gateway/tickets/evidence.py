"""The clues a mail carries about its ticket: signed tokens, Message-IDs, the subject's reference. Chooses nothing."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from gateway.mail import tokens
from gateway.mail.address import detail_of, without_detail
from gateway.mail.envelope import Envelope
from gateway.mail.message import Message
from gateway.mail.tokens import Keyring, Purpose, Token
from gateway.tickets import reference
from gateway.tickets.model import Agent
from gateway.tickets.policy import Policy
from gateway.tickets.reference import Prefixes

_REFERENCES_READ = 60
_BODY_READ = 400_000
_MARKER = re.compile(r"#([a-z][a-z2-9]{8}[a-z2-7]{16}[a-z2-9]{0,10})(?![a-z0-9])", re.IGNORECASE)
_TRACE_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To")
_BODY_PURPOSES = frozenset({Purpose.FOLLOW_UP, Purpose.CONFIRM, Purpose.REFUSE, Purpose.RATING})


class Strength(IntEnum):
    """The five clues, weakest first; a mentioned Message-ID is the weak form of a stored one."""

    BODY_MARKER = 1
    SUBJECT_REFERENCE = 2
    MENTIONED_MESSAGE_ID = 3
    STORED_MESSAGE_ID = 4
    SIGNED_MESSAGE_ID = 5
    REPLY_ADDRESS = 6

    @property
    def title(self) -> str:
        """In words, for traces."""
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True, slots=True)
class Clue:
    """Points at the ticket with `code`."""

    strength: Strength
    code: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a mail says of its ticket.

    `clues` name tickets by code; `message_ids` are still to be looked up. `agent` is whose signed reply address was
    written to, for the ticket of `agent_code` and `agent_mark`. `answer` is a confirm, refuse or rating token; `bounce`
    our envelope sender coming back; `answered` the serials of our own Message-IDs it replies to, nearest first.
    """

    clues: tuple[Clue, ...]
    message_ids: tuple[str, ...]
    agent: Agent | None = None
    agent_code: str = ""
    agent_mark: str = ""
    answer: Token | None = None
    bounce: Token | None = None
    answered: tuple[str, ...] = ()


def gather(message: Message, own_words: str, envelope: Envelope, ring: Keyring, policy: Policy) -> Evidence:
    """Every clue in envelope, headers and body. Tokens that no key of ours signed are not clues.

    Quoted text may show which ticket it is, but only the author's `own_words` answer a question.
    """
    details = tuple(_details(message, envelope, policy))
    addressed = _address_tokens(details, ring)
    ids = _referred_ids(message)
    own = [token for each in ids if (token := _message_token(each, ring))]
    marked, answering = _body_tokens(message.text, ring), _body_tokens(own_words, ring)
    agent, agent_code, agent_mark = _agent(details, ring, policy)
    answers = [t for t in (*addressed, *answering) if t.purpose in _BODY_PURPOSES - {Purpose.FOLLOW_UP}]
    clues = (
        *(Clue(Strength.REPLY_ADDRESS, token.code) for token in addressed),
        *((Clue(Strength.REPLY_ADDRESS, agent_code),) if agent else ()),
        *(Clue(Strength.SIGNED_MESSAGE_ID, token.code) for token in own),
        *(Clue(Strength.SUBJECT_REFERENCE, code) for code in _subject_codes(message.subject, ring, policy)),
        *(Clue(Strength.BODY_MARKER, token.code) for token in marked),
    )
    return Evidence(
        clues=tuple(dict.fromkeys(clues)),
        message_ids=ids,
        agent=agent,
        agent_code=agent_code,
        agent_mark=agent_mark,
        answer=answers[0] if answers else None,
        bounce=next((token for token in addressed if token.purpose is Purpose.BOUNCE), None),
        answered=tuple(token.serial for token in own if token.serial),
    )


def without_markers(words: str) -> str:
    """`words` without the lines that are nothing but a marker of ours, which a mailto: link had put there."""
    return "\n".join(line for line in words.splitlines() if not _MARKER.fullmatch(line.strip())).strip()


def prefixes(policy: Policy) -> Prefixes:
    """The reference prefixes of this installation."""
    return Prefixes(policy.prefix, policy.older_prefixes)


def _details(message: Message, envelope: Envelope, policy: Policy) -> Iterable[str]:
    traced = (value for name in _TRACE_HEADERS for value in message.header_all(name))
    listed = (mailbox.address for mailbox in (*message.to, *message.cc))
    for address in dict.fromkeys((*envelope.rcpt_to, *traced, *listed)):
        if (detail := detail_of(address)) and without_detail(address) in policy.own_addresses:
            yield detail


def _address_tokens(details: Iterable[str], ring: Keyring) -> list[Token]:
    found = (tokens.verify(ring, detail) for detail in details)
    return [token for token in found if token and token.purpose in _BODY_PURPOSES | {Purpose.BOUNCE}]


def _agent(details: Iterable[str], ring: Keyring, policy: Policy) -> tuple[Agent | None, str, str]:
    for detail in details:
        claimed = tokens.shape(detail)
        if claimed is None or claimed.purpose is not Purpose.AGENT:
            continue
        for agent in policy.agents:
            if tokens.verify(ring, detail, bearer=agent.name):
                return agent, claimed.code, claimed.serial
    return None, "", ""


def _referred_ids(message: Message) -> tuple[str, ...]:
    nearest_first = (*reversed(message.in_reply_to), *reversed(message.references))
    return tuple(dict.fromkeys(nearest_first))[:_REFERENCES_READ]


def _message_token(message_id: str, ring: Keyring) -> Token | None:
    token = tokens.verify(ring, message_id.partition("@")[0])
    return token if token and token.purpose is Purpose.MESSAGE else None


def _body_tokens(text: str, ring: Keyring) -> list[Token]:
    found = (tokens.verify(ring, match[1]) for match in _MARKER.finditer(text[:_BODY_READ]))
    return [token for token in found if token and token.purpose in _BODY_PURPOSES]


def _subject_codes(subject: str, ring: Keyring, policy: Policy) -> tuple[str, ...]:
    return reference.found_in(subject, prefixes(policy), ring)
