"""Mail that was left on its server by decision: it lay there before the first visit. Whether to, others decide."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, exists, select

from gateway.store.schema import left
from gateway.store.upsert import insert_for


def note(db: Connection, source: str, mails: Mapping[str, str]) -> None:
    """Remembers each key with the mail's identity, empty where it has none."""
    rows = [{"source": source, "key": key, "identity": identity or None} for key, identity in mails.items()]
    if rows:
        db.execute(insert_for(db, left).on_conflict_do_nothing(), rows)


def forget(db: Connection, source: str, place: str) -> None:
    """The decision about a place (the folder and its UIDVALIDITY) is made anew."""
    db.execute(delete(left).where(left.c.source == source, left.c.key.startswith(f"{place}/", autoescape=True)))


def is_any(db: Connection, source: str) -> bool:
    """Whether anything of this source was left."""
    return bool(db.scalar(select(exists().where(left.c.source == source))))


def known(db: Connection, source: str, keys: Iterable[str]) -> frozenset[str]:
    """Those of `keys` whose mail was left."""
    return frozenset(db.scalars(select(left.c.key).where(left.c.source == source, left.c.key.in_(list(keys)))))


def identities(db: Connection, source: str, wanted: Iterable[str]) -> frozenset[str]:
    """Those of the `wanted` identities that mail has which was left."""
    query = select(left.c.identity).where(left.c.source == source, left.c.identity.in_(list(wanted)))
    return frozenset(db.scalars(query))


def identity(db: Connection, source: str, key: str) -> str:
    """What the mail that was left under this key is known by; empty when none was left there, or nothing tells."""
    return db.scalar(select(left.c.identity).where(left.c.source == source, left.c.key == key)) or ""
