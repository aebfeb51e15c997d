"""What holds for every mail that came in: one row, its own bytes, one verdict that shows."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from gateway.store.ledger.invariant import Invariant, Question, event_by, repeated, told
from gateway.store.objects import OPTION
from gateway.store.schema import originals, spool
from gateway.store.spool import SpoolState

_LATE = timedelta(hours=1)
_FAR = timedelta(hours=1)
_GROUP_OCTETS = 8 * 1024 * 1024
_GROUP_ROWS = 500
_OPEN = (SpoolState.WAITING, SpoolState.TAKEN)
_OF_A_TICKET = ("opened", "joined", "rated", "recorded", "relayed", "noted", "obeyed")
_UNMARKED = ("obeyed",)  # `#assign anna` on what is Anna's already changes nothing


def _is_contradictory() -> ColumnElement[bool]:
    """A state and a verdict that do not go together."""
    has_none = func.coalesce(spool.c.verdict, "") == ""
    own = {SpoolState.HELD: "held", SpoolState.DROPPED: "dropped"}
    return or_(
        spool.c.state.not_in(list(SpoolState)),
        and_(spool.c.state.not_in(_OPEN), or_(has_none, spool.c.reason.is_(None), spool.c.decided_at.is_(None))),
        and_(spool.c.state.in_(_OPEN), spool.c.released_by.is_(None), or_(~has_none, spool.c.decided_at.is_not(None))),
        *(and_(spool.c.state == state, spool.c.verdict != verdict) for state, verdict in own.items()),
        and_(spool.c.state == SpoolState.DONE, spool.c.verdict.in_(own.values())),
    )


def _late(db: Connection, question: Question) -> Iterator[str]:
    if question.now is None:
        return
    before = question.now - _LATE
    late = spool.c.state.in_(_OPEN) & (spool.c.due_at < before) & (spool.c.received_at < before)
    query = select(spool.c.id.label("mail"), spool.c.state, spool.c.received_at).where(late)
    yield from map(told, db.execute(query).mappings())


def _put_off(db: Connection, question: Question) -> Iterator[str]:
    if question.now is None:
        return
    far = spool.c.state.in_(_OPEN) & (spool.c.due_at > question.now + _FAR)
    query = select(spool.c.id.label("mail"), spool.c.state, spool.c.due_at).where(far)
    yield from map(told, db.execute(query).mappings())


def _altered(db: Connection, question: Question) -> Iterator[str]:
    """Originals whose bytes are not those that came, told without holding more than a few in memory."""
    yield from _unreachable(db)
    here = originals.c.place.is_(None)
    known = select(originals.c.sha256, originals.c.size, func.length(originals.c.raw)).where(here)
    known = known.order_by(originals.c.sha256)
    last = ""
    while rows := db.execute(known.where(originals.c.sha256 > last).limit(_GROUP_ROWS)).all():
        last = rows[-1][0]
        yield from (f"original {key}, size {size}, octets {octets}" for key, size, octets in rows if size != octets)
        if question.is_deep:
            for group in _groups([(key, octets) for key, size, octets in rows if size == octets]):
                yield from _rehashed(db, group)


def _unreachable(db: Connection) -> Iterator[str]:
    """Originals that lie in an object store, where none is configured. What lies there, `store.collection` compares."""
    if db.get_execution_options().get(OPTION) is None:
        query = select(originals.c.sha256, originals.c.place).where(originals.c.place.is_not(None))
        for key, place in db.execute(query):
            yield f"original {key}, at {place} in an object store, and none is configured"


def _rehashed(db: Connection, keys: Sequence[str]) -> Iterator[str]:
    for key, raw in db.execute(select(originals.c.sha256, originals.c.raw).where(originals.c.sha256.in_(keys))):
        found = hashlib.sha256(raw).hexdigest()
        if found != key:
            yield f"original {key}, sha256 {found}"


def _groups(sizes: Sequence[tuple[str, int]]) -> Iterator[list[str]]:
    group: list[str] = []
    room = _GROUP_OCTETS
    for key, octets in sizes:
        if group and room < octets:
            yield group
            group, room = [], _GROUP_OCTETS
        group.append(key)
        room -= octets
    if group:
        yield group


INVARIANTS = (
    Invariant(
        "one arrival, one row",
        "what a source has named once (an IMAP UID, an SMTP transaction) is stored once",
        "the unique key of the table is lost: restore the database from a backup; open tickets may be doubled",
        spool,
        repeated(spool, "source", "key"),
    ),
    Invariant(
        "one verdict",
        "mail that is settled has its verdict, reason and time; mail that waits has none",
        "look at the mail with `gateway held list` and in the log; it was changed by other means than this program's",
        spool,
        select(spool.c.id.label("mail"), spool.c.state, spool.c.verdict, spool.c.decided_at).where(_is_contradictory()),
    ),
    Invariant(
        "no mail is stuck",
        "mail gets its verdict within an hour of being due",
        "see that the daemon runs and what its log says; if the process died, start it: it takes such mail up again",
        spool,
        _late,
    ),
    Invariant(
        "no mail is put off for long",
        "mail that waits may be taken within an hour",
        "a clock was wrong when it was put off: set the machine's clock, then stop and start the daemon",
        spool,
        _put_off,
    ),
    Invariant(
        "a verdict shows",
        "a verdict about a ticket names it, and its history has an event from that mail",
        "compare `gateway ticket show` with the mail; the verdict was written without its effect, or the effect undone",
        spool,
        select(spool.c.id.label("mail"), spool.c.verdict, spool.c.ticket_id.label("ticket")).where(
            spool.c.state == SpoolState.DONE,
            or_(
                and_(spool.c.verdict.in_(_OF_A_TICKET), spool.c.ticket_id.is_(None)),
                and_(
                    spool.c.ticket_id.is_not(None),
                    spool.c.verdict.not_in(_UNMARKED),
                    ~event_by(spool.c.ticket_id, spool.c.id),
                ),
            ),
        ),
    ),
    Invariant(
        "originals are as they came",
        "the bytes of every mail have the size and SHA-256 they came with",
        "the disk or somebody altered them: take these rows from a backup",
        originals,
        _altered,
    ),
    Invariant(
        "originals belong to mail",
        "no bytes lie here without the row that says how they came",
        "a row of the spool was deleted by hand: restore it from a backup",
        originals,
        select(originals.c.sha256.label("original"), originals.c.size).where(
            originals.c.sha256.not_in(select(spool.c.sha256))
        ),
    ),
)
