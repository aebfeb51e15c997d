"""Puts mail of one mailbox into the spool under keys that name it for ever. Which mail, and when, others say."""

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway import store
from gateway.errors import PermanentError, TemporaryError
from gateway.inbound import trace
from gateway.inbound.accept import Acceptor
from gateway.inbound.imap import identity
from gateway.inbound.imap.connection import View
from gateway.inbound.settings import MailboxSettings
from gateway.store.engine import Database
from gateway.store.spool import Arrival
from gateway.tickets.model import SpoolId

log = logging.getLogger(__name__)

_CHUNK_UIDS = 500  # a command names them all, and servers bound its length
_GROUP_MAILS = 50
_GROUP_OCTETS = 8 * 1024 * 1024


def place(folder: str, view: View, era: int = 0) -> str:
    """Names a folder as long as its UIDs mean the same mails."""
    return f"{folder}/{view.uid_validity}" + (f".{era}" if era else "")


@dataclass(frozen=True, slots=True)
class Intake:
    """One mailbox's way into the spool. Without an acceptor it is closed: one can look, and nothing is written."""

    settings: MailboxSettings
    database: Database
    acceptor: Acceptor | None = None

    @property
    def is_open(self) -> bool:
        """Whether anything can be written."""
        return self.acceptor is not None

    @property
    def source(self) -> str:
        """What its mail is from, in the spool."""
        return f"imap:{self.settings.name}"

    def stored(self, where: str, uids: Sequence[int]) -> list[int]:
        """Those of the mails in a place that are in the spool under their own key."""
        keys = {f"{where}/{uid}": uid for uid in uids}
        with self.database.read() as db:
            stored = store.spool.stored(db, self.source, keys)
        return [uid for key, uid in keys.items() if key in stored]

    def unknown(self, where: str, uids: Sequence[int]) -> list[int]:
        """Those of the mails in a place that are in the spool under no key we know."""
        keys = {f"{where}/{uid}": uid for uid in uids}
        with self.database.read() as db:
            known = store.sightings.known(db, self.source, keys)
        return [uid for key, uid in keys.items() if key not in known]

    def identity(self, where: str, uid: int) -> str:
        """What the mail is known by that we met in this place under this UID; empty where we cannot tell."""
        key = f"{where}/{uid}"
        with self.database.read() as db:
            spool_id = store.sightings.mail_at(db, self.source, key)
            if spool_id is None:
                return store.left.identity(db, self.source, key)
            try:
                original = store.spool.original(db, spool_id)
            except PermanentError:  # its bytes are gone
                return ""
        try:
            return identity.of(original.read())
        except TemporaryError:  # an object store may have lost them for good; new mail is not to wait for that
            return ""

    def recognised(self, bodies: Mapping[int, bytes]) -> dict[int, SpoolId]:
        """The mails that are in the spool by their bytes, under whatever key."""
        with self.database.read() as db:
            twins = {uid: store.spool.with_content(db, self.source, raw) for uid, raw in bodies.items()}
        return {uid: twin for uid, twin in twins.items() if twin is not None}

    def note(self, where: str, seen: Mapping[int, SpoolId]) -> None:
        """It is remembered that these mails lie in this place too."""
        if seen and self.is_open:
            with self.database.write() as db:
                store.sightings.note(db, self.source, {f"{where}/{uid}": mail for uid, mail in seen.items()})

    def note_moved(self, where: str, moved: Mapping[int, str]) -> None:
        """It is remembered under which keys these mails of a place lie elsewhere now."""
        if moved:
            with self.database.write() as db:
                store.sightings.note_moved(db, self.source, {f"{where}/{uid}": key for uid, key in moved.items()})

    def store(self, where: str, bodies: Mapping[int, bytes]) -> list[SpoolId]:
        """The mails are in the spool."""
        arrivals = [self._arrival(raw, raw, f"{where}/{uid}") for uid, raw in bodies.items()]
        return [receipt.result()[0] for receipt in [self._opened.submit(arrival) for arrival in arrivals]]

    def stand_in(self, where: str, uid: int, header: bytes, reason: str) -> SpoolId:
        """The header and a word are in the spool, in place of a mail that stays on the server."""
        name, folder = self.settings.name, where.rpartition("/")[0]
        sentence = f"[This mail was left in the mailbox {name!a}, folder {folder!a}, UID {uid}: {reason}.]"
        arrival = self._arrival(header, trace.stand_in(header, sentence), _left(where, uid, header))
        spool_id, is_new = self._opened.accept(arrival)
        self.note(where, {uid: spool_id})
        if is_new:
            facts = {"action": "left", "mailbox": name, "folder": folder, "uid": uid, "reason": reason}
            log.warning("a mail was left on the server; its header is stored with a word about it", extra=facts)
        return spool_id

    def has_stand_in(self, where: str, uid: int, header: bytes) -> bool:
        """Whether the header of this mail is in the spool already."""
        with self.database.read() as db:
            return bool(store.spool.stored(db, self.source, [_left(where, uid, header)]))

    @property
    def _opened(self) -> Acceptor:
        if self.acceptor is None:
            raise PermanentError(f"mailbox {self.settings.name!r} is only looked at")
        return self.acceptor

    def _arrival(self, head: bytes, raw: bytes, key: str) -> Arrival:
        envelope = trace.envelope_of(head, self.settings.address)
        return Arrival(envelope, raw, self.source, key, self.settings.host)


def _left(where: str, uid: int, header: bytes) -> str:
    # The header names it for ever: a renumbered folder shows the mail again under another UID.
    folder, _, uid_validity = where.rpartition("/")
    own = hashlib.sha256(header).hexdigest() if header else f"{uid_validity}/{uid}"
    return f"{folder}/left/{own}"


def chunks(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    """`uids` in lists that one command may name."""
    for start in range(0, len(uids), _CHUNK_UIDS):
        yield uids[start : start + _CHUNK_UIDS]


def groups(uids: Sequence[int], sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """`uids` in lists of mails that may lie in memory together."""
    group: list[int] = []
    octets = 0
    for uid in uids:
        size = sizes.get(uid, 0)
        if group and (len(group) == _GROUP_MAILS or octets + size > _GROUP_OCTETS):
            yield group
            group, octets = [], 0
        group.append(uid)
        octets += size
    if group:
        yield group
