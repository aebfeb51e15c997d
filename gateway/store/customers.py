"""Customers by address: name, language, what they were asked when, and which pictures their mails show."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from gateway.mail.address import Mailbox, normalise
from gateway.store.schema import customers, pictures
from gateway.tickets.model import SpoolId


def remember(db: Connection, customer: Mailbox, language: str) -> None:
    """Keeps the newest name and language that are known."""
    address = normalise(customer.address)
    known = db.execute(select(customers).where(customers.c.address == address)).one_or_none()
    if known is None:
        db.execute(insert(customers).values(address=address, name=customer.name, language=language))
    elif (customer.name and customer.name != known.name) or (language and language != known.language):
        values = {"name": customer.name or known.name, "language": language or known.language}
        db.execute(update(customers).where(customers.c.address == address).values(values))


def language_of(db: Connection, address: str) -> str:
    """The language last used with this address, or an empty string."""
    return db.scalar(select(customers.c.language).where(customers.c.address == normalise(address))) or ""


def shown_before(db: Connection, address: str, hashes: Iterable[str], spool_id: SpoolId) -> frozenset[str]:
    """Which of these pictures an earlier mail of this address has shown; the others are remembered as this mail's."""
    wanted, owner = dict.fromkeys(hashes), normalise(address)
    here = (pictures.c.address == owner) & pictures.c.sha256.in_(wanted)
    known = {row.sha256: row.spool_id for row in db.execute(select(pictures).where(here))} if wanted else {}
    new = [{"address": owner, "sha256": each, "spool_id": spool_id} for each in wanted if each not in known]
    if new:
        db.execute(insert(pictures), new)
    return frozenset(each for each, first in known.items() if first != spool_id)


def surveyed_at(db: Connection, address: str) -> datetime | None:
    """When this address was last asked for a rating."""
    return db.scalar(select(customers.c.surveyed_at).where(customers.c.address == normalise(address)))


def set_surveyed(db: Connection, address: str, now: datetime) -> None:
    """Remembers that this address is being asked for a rating now."""
    db.execute(update(customers).where(customers.c.address == normalise(address)).values(surveyed_at=now))
