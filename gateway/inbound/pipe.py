"""One mail handed over on a pipe, by an MTA or a person, into the spool. It waits for no daemon and decides nothing."""

import hashlib
from datetime import datetime
from typing import BinaryIO

from gateway import store
from gateway.errors import PermanentError
from gateway.inbound.accept import Receipt
from gateway.mail.envelope import Envelope
from gateway.store.engine import Database
from gateway.store.spool import Arrival


def read(stream: BinaryIO, limit: int) -> bytes:
    """All that `stream` has, `limit` octets at most.

    Raises:
        PermanentError: there is more, or nothing.
    """
    raw = stream.read(limit + 1)
    if not raw:
        raise PermanentError("the pipe is empty: there is no mail in it, and nothing was stored")
    if len(raw) > limit:
        raise PermanentError(f"the mail on the pipe has more than {limit} octets: nothing was stored")
    return raw


def ingest(
    database: Database, raw: bytes, mail_from: str | None, rcpt_to: tuple[str, ...], now: datetime, key: str = ""
) -> Receipt:
    """The receipt, the mail being durable. `mail_from` is `""` for the null reverse-path, None when it was not said.

    Without a `key` the mail is named by its octets and envelope: an MTA that did not learn of our success pipes the
    very same again, queue id and all, and it is stored once.

    Raises:
        TemporaryError: it is not stored; an MTA keeps it when told 75.
    """
    sender = None if mail_from is None else _readable(mail_from)
    envelope = Envelope(sender, tuple(_readable(address) for address in rcpt_to))
    database.keep((raw,), now)
    with database.write() as db:
        receipt = store.spool.add(db, Arrival(envelope, raw, "pipe", key or _key(envelope, raw)), now)
        store.wake.call(db, "triage")
        return receipt


def _key(envelope: Envelope, raw: bytes) -> str:
    said = repr((envelope.mail_from, sorted(envelope.rcpt_to), hashlib.sha256(raw).hexdigest()))
    return hashlib.sha256(said.encode()).hexdigest()


def _readable(argument: str) -> str:
    # What is no UTF-8 on a command line comes as lone surrogates, which no database takes.
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
