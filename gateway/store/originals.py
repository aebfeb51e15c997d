"""The bytes of every mail as they came: in the database, or in an object store that the database names them in."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql

from gateway.errors import PermanentError
from gateway.store.objects import OPTION, Objects
from gateway.store.schema import originals, spool
from gateway.tickets.model import SpoolId

_ADD = postgresql.insert(originals).on_conflict_do_nothing()  # SQLite's too
_FIND = (
    select(originals.c.size, originals.c.raw, originals.c.place)
    .join(spool, spool.c.sha256 == originals.c.sha256)
    .where(spool.c.id == bindparam("spool_id"))
)


@dataclass(frozen=True, slots=True)
class Original:
    """The bytes of one mail, or where to get them. `size` is in octets."""

    size: int
    _raw: bytes = field(repr=False)
    _place: str = ""
    _objects: Objects | None = field(default=None, repr=False)

    def read(self) -> bytes:
        """The bytes. Where they lie elsewhere this takes a while: not within a transaction.

        Raises:
            TemporaryError: the object store does not have them now.
        """
        return self._objects.get(self._place) if self._objects else self._raw


def add(db: Connection, raw: bytes, now: datetime) -> str:
    """The SHA-256 of the bytes, which are kept. Those that were kept before are not kept again.

    What belongs into an object store is there by now (`Database.keep`, at the same instant): nobody waits for a
    network with a transaction open.

    Raises:
        TemporaryError: it is not there.
    """
    objects = _objects(db)
    place = objects.kept(raw, now) if objects else None
    sha256 = hashlib.sha256(raw).hexdigest()
    db.execute(_ADD, {"sha256": sha256, "size": len(raw), "raw": b"" if objects else raw, "place": place})
    return sha256


def find(db: Connection, spool_id: SpoolId) -> Original:
    """The original of a mail, to be read when the transaction is over.

    Raises:
        PermanentError: it is gone, or lies in an object store, and none is configured.
    """
    row = db.execute(_FIND, {"spool_id": spool_id}).one_or_none()
    if row is None:
        raise PermanentError(f"the bytes of mail {spool_id} are not in the database")
    if row.place is None:
        return Original(row.size, bytes(row.raw))
    objects = _objects(db)
    if objects is None:
        raise PermanentError(f"the bytes of mail {spool_id} lie in an object store: set originals under [database]")
    return Original(row.size, b"", row.place, objects)


def _objects(db: Connection) -> Objects | None:
    return cast("Objects | None", db.get_execution_options().get(OPTION))
