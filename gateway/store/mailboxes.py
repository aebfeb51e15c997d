"""How far each IMAP mailbox has been read: UIDVALIDITY and the last UID (RFC 3501 §2.3.1.1)."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from gateway.store.schema import mailboxes
from gateway.store.upsert import insert_for


@dataclass(frozen=True, slots=True)
class Cursor:
    """Everything up to `last_uid` is stored; UIDs mean something only under the same `uidvalidity` and `era`.

    A server that was restored from its own backup gives UIDs a second time under the old UIDVALIDITY: another era.
    """

    uidvalidity: int
    last_uid: int
    era: int = 0


def cursor(db: Connection, name: str, folder: str) -> Cursor | None:
    """How far `folder` of mailbox `name` has been read; None before its first visit."""
    here = (mailboxes.c.name == name) & (mailboxes.c.folder == folder)
    row = db.execute(select(mailboxes).where(here)).one_or_none()
    return Cursor(row.uidvalidity, row.last_uid, row.era or 0) if row is not None else None


def set_cursor(db: Connection, name: str, folder: str, cursor: Cursor) -> None:
    """Remembers how far `folder` has been read, unless somebody has read it further under the same UIDVALIDITY."""
    values = {"uidvalidity": cursor.uidvalidity, "last_uid": cursor.last_uid, "era": cursor.era}
    new = insert_for(db, mailboxes).values(name=name, folder=folder, **values)
    is_other = (mailboxes.c.uidvalidity != cursor.uidvalidity) | (func.coalesce(mailboxes.c.era, 0) != cursor.era)
    is_further = is_other | (mailboxes.c.last_uid < cursor.last_uid)
    key = [mailboxes.c.name, mailboxes.c.folder]
    db.execute(new.on_conflict_do_update(index_elements=key, set_=values, where=is_further))
