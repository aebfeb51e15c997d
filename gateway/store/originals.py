"""The bytes of every mail as they came: in the database, or in an object store that the database names them in."""

import hashlib
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql

from gateway.errors import PermanentError
from gateway.store.engine import Database
from gateway.store.objects import OPTION, Objects
from gateway.store.schema import originals, spool
from gateway.tickets.model import SpoolId

_ADD = postgresql.insert(originals).on_conflict_do_nothing()  # SQLite's too
_GET = (
    select(originals.c.sha256, originals.c.raw, originals.c.place)
    .join(spool, spool.c.sha256 == originals.c.sha256)
    .where(spool.c.id == bindparam("spool_id"))
)
_SPARED = timedelta(days=2)  # objects of yesterday may still be without their rows


def add(db: Connection, raw: bytes, now: datetime) -> str:
    """The SHA-256 of the bytes, which are kept. Those that were kept before are not kept again.

    Raises:
        TemporaryError: the object store does not take them.
    """
    objects = _objects(db)
    place = objects.keep(raw, now) if objects else None
    sha256 = hashlib.sha256(raw).hexdigest()
    db.execute(_ADD, {"sha256": sha256, "size": len(raw), "raw": b"" if objects else raw, "place": place})
    return sha256


def get(db: Connection, spool_id: SpoolId) -> bytes:
    """The bytes of a mail.

    Raises:
        PermanentError: they are gone, or lie in an object store, and none is configured.
        TemporaryError: the object store does not have them now.
    """
    row = db.execute(_GET, {"spool_id": spool_id}).one_or_none()
    if row is None:
        raise PermanentError(f"the bytes of mail {spool_id} are not in the database")
    if row.place is None:
        return bytes(row.raw)
    objects = _objects(db)
    if objects is None:
        raise PermanentError(f"the bytes of mail {spool_id} lie in an object store: set originals under [database]")
    return objects.get(row.place)


def collect(database: Database, now: datetime) -> int:
    """How many objects were removed that no mail has: left by a crash, or by mail that was erased."""
    removed = 0
    if database.objects is None:
        return removed
    for names in database.objects.before((now - _SPARED).date()):
        with database.read() as db:
            known = set(db.scalars(select(originals.c.place).where(originals.c.place.in_(names))))
        for name in names:
            if name not in known:
                database.objects.remove(name)
                removed += 1
    return removed


def _objects(db: Connection) -> Objects | None:
    return cast("Objects | None", db.get_execution_options().get(OPTION))
