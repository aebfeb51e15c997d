"""What a person does to mail and tickets by hand, from the command line."""

from datetime import datetime

from gateway import store
from gateway.desk.moves import Cause, note
from gateway.errors import PermanentError
from gateway.store.engine import Database
from gateway.tickets.model import OutboxId, SpoolId


def release(database: Database, spool_id: SpoolId, by: str, now: datetime) -> None:
    """Lets a held mail go through triage again, vouched for: whoever wrote it is let into the ticket it names.

    Raises:
        PermanentError: no such mail is held.
    """
    with database.write() as db:
        mail = store.spool.get(db, spool_id)
        if not store.spool.release(db, spool_id, by):
            raise PermanentError(f"mail {spool_id} is not held; `gateway held list` shows what is")
        if mail and mail.ticket_id is not None:
            note(db, mail.ticket_id, "released", Cause(by, mail.reason, now, spool_id))


def drop(database: Database, spool_id: SpoolId, by: str, now: datetime) -> None:
    """Ends a held mail without effect; its bytes stay in the database.

    Raises:
        PermanentError: no such mail is held.
    """
    with database.write() as db:
        mail = store.spool.get(db, spool_id)
        if not store.spool.drop(db, spool_id, by, now):
            raise PermanentError(f"mail {spool_id} is not held; `gateway held list` shows what is")
        if mail and mail.ticket_id is not None:
            note(db, mail.ticket_id, "dropped", Cause(by, mail.reason, now, spool_id))


def retry(database: Database, outbox_id: OutboxId) -> None:
    """Lets an outgoing mail that is held or deferred be tried at once.

    Raises:
        PermanentError: it is neither.
    """
    with database.write() as db:
        if not store.outbox.retry(db, outbox_id):
            raise PermanentError(f"outgoing mail {outbox_id} is neither held nor deferred; see `gateway outbox list`")


def hold_back(database: Database, outbox_id: OutboxId | None, by: str) -> tuple[OutboxId, ...]:
    """Lets an outgoing mail wait for a person, or all that is not sent yet where none is named; which these were.

    Raises:
        PermanentError: the mail is sent or held already, or there is none.
    """
    with database.write() as db:
        held = store.outbox.hold_back(db, f"held back by {by}", outbox_id)
    if outbox_id is not None and not held:
        raise PermanentError(f"outgoing mail {outbox_id} does not wait to be sent; see `gateway outbox list`")
    return held
