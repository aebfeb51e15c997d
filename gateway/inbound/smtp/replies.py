"""What is answered to a peer, and why: any sender, only recipients of ours, 250 after the commit. Parses no command."""

# ruff: noqa: N802 - methods called handle_... are found by the library under these names

import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from aiosmtpd.smtp import Envelope as Transaction
from aiosmtpd.smtp import Session as Conversation

from gateway.errors import TemporaryError
from gateway.inbound import path
from gateway.inbound.accept import Receipt
from gateway.inbound.settings import ListenerSettings
from gateway.inbound.smtp.places import UNIX
from gateway.mail.address import normalise
from gateway.mail.envelope import Envelope
from gateway.store.spool import Arrival

log = logging.getLogger(__name__)

LATER = "451 4.3.0 try again later"

Accept = Callable[[Arrival], Awaitable[Receipt]]


class Announced(Protocol):
    """A session, as far as the answers change it."""

    declared_octets: int


class Replies:
    """The library's hooks."""

    def __init__(
        self, settings: ListenerSettings, accept: Accept, is_known: Callable[[str], bool], new_key: Callable[[], str]
    ) -> None:
        self._settings, self._accept, self._is_known, self._new_key = settings, accept, is_known, new_key

    async def handle_EHLO(
        self, _server: Announced, conversation: Conversation, _transaction: Transaction, name: str, replies: list[str]
    ) -> list[str]:
        """What we can do; the library would offer AUTH without anybody who could log in."""
        conversation.host_name = name
        offered = [reply for reply in replies if not reply.startswith("250-AUTH")]
        return [*offered[:-1], "250-PIPELINING", offered[-1]]

    async def handle_MAIL(
        self,
        server: Announced,
        conversation: Conversation,
        transaction: Transaction,
        address: str,
        options: list[str],
    ) -> str:
        """Any sender may write to us."""
        if self._settings.require_tls and conversation.ssl is None:
            return "530 5.7.0 issue STARTTLS first"  # RFC 3207 §4
        transaction.mail_from = address
        transaction.mail_options.extend(options)
        server.declared_octets = _declared(options)
        return "250 2.1.0 ok"

    async def handle_RCPT(
        self,
        _server: Announced,
        conversation: Conversation,
        transaction: Transaction,
        address: str,
        _options: list[str],
    ) -> str:
        """Only recipients of ours, and not too many."""
        if len(transaction.rcpt_tos) >= self._settings.recipients:
            return "452 4.5.3 too many recipients"
        if address == path.NULL or not self._is_known(address):
            facts = {"action": "refused", "peer": name_of(conversation.peer), "recipient": address}
            log.info("unknown recipient refused", extra=facts)
            return "550 5.1.1 no such recipient here"
        transaction.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, _server: Announced, conversation: Conversation, transaction: Transaction) -> str:
        """250 when the mail is durable (RFC 5321 §4.2.5), else the peer keeps it."""
        try:
            spool_id, _ = await self._accept(self._arrival(conversation, transaction))
        except TemporaryError:
            return LATER  # whoever raised it has logged it
        except Exception:
            log.exception("mail not taken", extra={"action": "refused", "peer": name_of(conversation.peer)})
            return LATER
        return f"250 2.0.0 stored as spool {spool_id}"

    def _arrival(self, conversation: Conversation, transaction: Transaction) -> Arrival:
        raw = transaction.content
        assert isinstance(raw, bytes)
        mail_from = "" if transaction.mail_from == path.NULL else transaction.mail_from
        rcpt_to: dict[str, str] = {}
        for address in transaction.rcpt_tos:
            rcpt_to.setdefault(normalise(address), address)
        envelope = Envelope(mail_from, tuple(rcpt_to.values()))
        return Arrival(envelope, raw, self._settings.protocol, self._new_key(), name_of(conversation.peer))

    async def handle_exception(self, error: Exception) -> str:
        """Never a word on what went wrong to the peer, and never for good."""
        log.error("an SMTP command failed", exc_info=error, extra={"action": "refused"})
        return LATER


def name_of(peer: object) -> str:
    """The peer's address, for the log."""
    return str(peer[0]) if isinstance(peer, tuple) else UNIX


def _declared(options: list[str]) -> int:
    sizes = [option.removeprefix("SIZE=") for option in options if option.startswith("SIZE=")]
    return int(sizes[0]) if sizes else 0
