"""Where else mail of the ledger was seen on its server, and how a folder and the ledger compare. Reads no mail."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from gateway.store.schema import sightings, spool
from gateway.store.upsert import insert_for
from gateway.tickets.model import SpoolId


@dataclass(frozen=True, slots=True)
class Compared:
    """One folder beside the ledger.

    `listed` mails lie in it that should be in the ledger. `found` of them were there under another key, as their bytes
    showed; `lost` were not there at all, and are now as `fetched`, if they could be and were to be. `unread` could not
    be judged, for the server did not hand them out. `gone` mails of the ledger lie in the folder no more. `left` mails
    lie there and not in the ledger by decision. One that is `rewound` has given UIDs of known mail to other mail: its
    server was restored, and what is `fetched` had not been there before.
    """

    mailbox: str
    folder: str
    listed: int = 0
    found: int = 0
    lost: int = 0
    fetched: tuple[SpoolId, ...] = ()
    unread: int = 0
    gone: int = 0
    left: int = 0
    is_rewound: bool = False


def note(db: Connection, source: str, seen: Mapping[str, SpoolId]) -> None:
    """Remembers keys under which mails of the ledger were seen."""
    rows = [{"source": source, "key": key, "spool_id": spool_id} for key, spool_id in seen.items()]
    if rows:
        db.execute(insert_for(db, sightings).on_conflict_do_nothing(), rows)


def note_moved(db: Connection, source: str, moved: Mapping[str, str]) -> None:
    """The same, where the mails are named by their own keys: what lay at the first lies at the second now."""
    query = select(spool.c.key, spool.c.id).where(spool.c.source == source, spool.c.key.in_(moved))
    note(db, source, {moved[row.key]: SpoolId(row.id) for row in db.execute(query)})


def known(db: Connection, source: str, keys: Iterable[str]) -> frozenset[str]:
    """Those of `keys` under which a mail of the ledger was stored or seen."""
    wanted = list(keys)
    queries = (select(each.c.key).where(each.c.source == source, each.c.key.in_(wanted)) for each in (spool, sightings))
    return frozenset(key for query in queries for key in db.scalars(query))


def mail_at(db: Connection, source: str, key: str) -> SpoolId | None:
    """The mail of the ledger that was stored or seen under this key."""
    own = select(spool.c.id).where(spool.c.source == source, spool.c.key == key)
    seen = select(sightings.c.spool_id).where(sightings.c.source == source, sightings.c.key == key)
    found = db.scalar(own) or db.scalar(seen)
    return SpoolId(found) if found is not None else None


def count(db: Connection, source: str, place: str) -> int:
    """How many mails of the ledger were stored from, or seen in, a place: the folder and its UIDVALIDITY."""
    here = ((each, (each.c.source == source) & _lies_in(db, each.c.key, place)) for each in (spool, sightings))
    return sum(db.scalar(select(func.count()).select_from(each).where(those)) or 0 for each, those in here)


def _lies_in(db: Connection, key: ColumnElement[str], place: str) -> ColumnElement[bool]:
    """Whether a key is of this place, in words by which the database's own order of keys leads to it."""
    if db.dialect.name == "postgresql":  # which may sort as people do, and then goes through the mailbox's keys
        return key.startswith(f"{place}/", autoescape=True)
    return (key > f"{place}/") & (key < f"{place}0")  # what comes after "/" is "0"
