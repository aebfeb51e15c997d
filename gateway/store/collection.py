"""The object store beside the database: what a mail has must lie there unaltered, what none has goes in the end.

An object is put before the row that names it, so a young one without a row is nothing unusual. One that stays without
was left by a crash, is a second copy of bytes that came before – or its row was lost: the database was put back from a
copy, or is not the one the place belongs to. Nothing is therefore removed unasked before a month has passed, nor much
at a time. No transaction is open while the place is asked.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from gateway.errors import TemporaryError
from gateway.store.engine import Database
from gateway.store.objects import Objects
from gateway.store.schema import meta, originals
from gateway.store.upsert import upsert

_SPARED = timedelta(days=2)
_SPARED_UNASKED = timedelta(days=30)
_FEW = 10
_SHARE = 10  # of so many objects one may be without a mail
_MOST = 10_000
_GROUP = 500
_DONE = "collected"  # in `meta`: the day up to which all has been looked through


@dataclass(frozen=True, slots=True)
class Collection:
    """How many objects were looked at, how many of them no mail has, and how many of those were removed."""

    seen: int
    unnamed: int
    removed: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """The place beside the database: how many objects mails have, what is wrong with some, how many no mail has.

    Of what is `missing`, `altered` or could not be `read` the first are told in words; the counts are of all.
    """

    named: int
    missing: int
    altered: int
    unread: int
    told: tuple[str, ...]
    unnamed: int


def unnamed(
    database: Database, since: date | None = None, until: date | None = None
) -> Iterator[tuple[int, list[str]]]:
    """Of the objects put from `since` on and before `until`, group by group: how many, and which of them no mail has.

    Raises:
        TemporaryError: the database or the place cannot be read.
    """
    objects = database.objects
    for day in _days(objects, since, until) if objects else ():
        names = objects.of(day) if objects else []
        for start in range(0, len(names), _GROUP):
            group = names[start : start + _GROUP]
            with database.read() as db:
                known = set(db.scalars(select(originals.c.place).where(originals.c.place.in_(group))))
            yield len(group), [name for name in group if name not in known]


def collect(database: Database, now: datetime) -> int:
    """How many objects that no mail has were removed, all but those of the last two days: somebody has asked for it.

    Raises:
        TemporaryError: the database or the place cannot be read, or something cannot be removed.
    """
    found = unnamed(database, until=(now - _SPARED).date())
    return sum(_remove(database, names) for _, names in found)


def tidy(database: Database, now: datetime, goes_on: Callable[[], bool] = lambda: True) -> Collection | None:
    """What became of the objects older than a month that no mail has; where they are many, none is removed.

    Each day is looked through once; where much is left, again the next time. None when there is nothing to look
    through, and when it was not to go on.

    Raises:
        TemporaryError: the database or the place cannot be read, or something cannot be removed.
    """
    until = (now - _SPARED_UNASKED).date()
    since = _looked_through(database)
    if database.objects is None or (since is not None and since >= until):
        return None
    seen, left = 0, list[str]()
    for count, names in unnamed(database, since, until):
        if not goes_on():
            return None
        seen, left = seen + count, left + names
        if len(left) > _MOST:
            break
    if len(left) > max(_FEW, seen // _SHARE) or len(left) > _MOST:
        return Collection(seen, len(left), 0)
    removed = _remove(database, left, goes_on)
    if removed < len(left):
        return None
    with database.write() as db:
        upsert(db, meta, [{"key": _DONE, "value": until.isoformat()}])
    return Collection(seen, len(left), removed)


def compare(database: Database, shown: int, *, is_deep: bool) -> Comparison:
    """Whether all that mails have lies there, with up to `shown` of what does not, and how much lies there beside.

    Only where it `is_deep` the bytes are read, one object after the other.

    Raises:
        TemporaryError: the database or the place cannot be read.
    """
    found, told = Counter[str](), list[str]()
    objects = database.objects
    for day in sorted({*_days(objects), *_named_days(database)}) if objects else ():
        named = dict(_named_on(database, day))  # before the objects: each of these is there by now
        there = set(objects.of(day)) if objects else set()
        found.update(named=len(named), unnamed=len(there - named.keys()))
        for kind, said in _faults(objects, named, there, is_deep=is_deep) if objects else ():
            found[kind] += 1
            if len(told) < shown:
                told.append(said)
    return Comparison(
        found["named"], found["missing"], found["altered"], found["unread"], tuple(told), found["unnamed"]
    )


def _faults(
    objects: Objects, named: Mapping[str, int], there: Container[str], *, is_deep: bool
) -> Iterator[tuple[str, str]]:
    """What is wrong with the objects that mails have, in one word and in a few."""
    for name, size in named.items():
        if name not in there:
            yield "missing", f"{name} is not there"
        elif is_deep:
            try:
                fault = objects.fault(name, size)
            except TemporaryError as error:
                yield "unread", str(error)
            else:
                if fault:
                    yield "altered", f"{name} {fault}"


def _days(objects: Objects, since: date | None = None, until: date | None = None) -> Iterator[str]:
    for day in objects.days():
        if (since is None or day >= since.isoformat()) and (until is None or day < until.isoformat()):
            yield day


def _named_days(database: Database) -> list[str]:
    day = func.substr(originals.c.place, 1, len("2026-01-01"))
    with database.read() as db:
        return list(db.scalars(select(day).where(originals.c.place.is_not(None)).distinct()))


def _named_on(database: Database, day: str) -> Iterator[tuple[str, int]]:
    """The objects of mails of a day with their sizes, a few at a time: each time in a transaction of its own."""
    # Names are all of one shape, so that these bounds hold whatever the order of the database's language is.
    of_day = originals.c.place.between(f"{day}/{'0' * 64}", f"{day}/{'f' * 64}")
    query = select(originals.c.place, originals.c.size).where(of_day).order_by(originals.c.place).limit(_GROUP)
    last = ""
    while True:
        with database.read() as db:
            rows = db.execute(query.where(originals.c.place > last)).all()
        if not rows:
            return
        yield from ((row.place, row.size) for row in rows)
        last = rows[-1].place


def _remove(database: Database, names: list[str], goes_on: Callable[[], bool] = lambda: True) -> int:
    removed = 0
    while database.objects is not None and removed < len(names) and goes_on():
        database.objects.remove(names[removed])
        removed += 1
    return removed


def _looked_through(database: Database) -> date | None:
    with database.read() as db:
        said = db.scalar(select(meta.c.value).where(meta.c.key == _DONE))
    return date.fromisoformat(said) if said else None
