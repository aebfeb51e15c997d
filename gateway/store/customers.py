"""Customers by address: name, language, what they were asked when, and which pictures their mails show."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite understands it too

from gateway.mail.address import Mailbox, normalise
from gateway.store import pending
from gateway.store.schema import customers, pictures
from gateway.tickets.model import SpoolId

_LANGUAGES = select(customers.c.address, customers.c.language).where(
    customers.c.address.in_(bindparam("addresses", expanding=True))
)
_ADD = insert(customers)
_REMEMBER = _ADD.on_conflict_do_update(
    index_elements=["address"],
    set_={
        "name": func.coalesce(func.nullif(_ADD.excluded.name, ""), customers.c.name),
        "language": func.coalesce(func.nullif(_ADD.excluded.language, ""), customers.c.language),
    },
)
_CHANGE = update(customers).where(customers.c.address == bindparam("here"))
_PICTURES = select(pictures.c.sha256, pictures.c.spool_id).where(
    pictures.c.address == bindparam("address"), pictures.c.sha256.in_(bindparam("hashes", expanding=True))
)
_ADD_PICTURE = insert(pictures).on_conflict_do_nothing()


def remember(db: Connection, customer: Mailbox, language: str) -> None:
    """Keeps the newest name, and the newest language that we could write to him in; empty is neither."""
    values = {"address": normalise(customer.address), "name": customer.name, "language": language}
    pending.write(db, _REMEMBER, values)


def languages(db: Connection, addresses: Iterable[str]) -> Mapping[str, str]:
    """The language last used with each customer among `addresses`, normalised; `""` where it did not show."""
    wanted = sorted({normalise(each) for each in addresses})
    return {row.address: row.language for row in db.execute(_LANGUAGES, {"addresses": wanted})} if wanted else {}


def shown_before(db: Connection, address: str, hashes: Iterable[str], spool_id: SpoolId) -> frozenset[str]:
    """Which of these pictures an earlier mail of this address has shown; the others are remembered as this mail's."""
    wanted, owner = dict.fromkeys(hashes), normalise(address)
    if not wanted:
        return frozenset()
    rows = db.execute(_PICTURES, {"address": owner, "hashes": list(wanted)})
    known = {row.sha256: row.spool_id for row in rows}
    new = [{"address": owner, "sha256": each, "spool_id": spool_id} for each in wanted if each not in known]
    if new:
        db.execute(_ADD_PICTURE, new)
    return frozenset(each for each, first in known.items() if first != spool_id)


def surveyed_at(db: Connection, address: str) -> datetime | None:
    """When this address was last asked for a rating."""
    return db.scalar(select(customers.c.surveyed_at).where(customers.c.address == normalise(address)))


def set_surveyed(db: Connection, address: str, now: datetime) -> None:
    """Remembers that this address is being asked for a rating now."""
    db.execute(_CHANGE, {"here": normalise(address), "surveyed_at": now})
