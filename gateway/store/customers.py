"""Customers by address: name, language, and what they were asked when."""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from gateway.mail.address import Mailbox, normalise
from gateway.store.schema import customers


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


def surveyed_at(db: Connection, address: str) -> datetime | None:
    """When this address was last asked for a rating."""
    return db.scalar(select(customers.c.surveyed_at).where(customers.c.address == normalise(address)))


def set_surveyed(db: Connection, address: str, now: datetime) -> None:
    """Remembers that this address is being asked for a rating now."""
    db.execute(update(customers).where(customers.c.address == normalise(address)).values(surveyed_at=now))
