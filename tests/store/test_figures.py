"""What those who watch are told; and that it costs the same however much has been dealt with."""

from itertools import count

import pytest
from sqlalchemy import insert, select

from gateway import store
from gateway.mail.envelope import Envelope
from gateway.store.figures import NEWEST
from gateway.store.schema import alarms, outbox, spool
from gateway.store.spool import Arrival, SpoolState, Verdict
from gateway.tickets.alarm import AlarmKind
from gateway.tickets.model import OutboxId, SpoolId, TicketId
from gateway.tickets.notices import Notice, NoticeKind
from tests.builders import HOUR, KIM, NOW
from tests.store import test_plans


def arrive(db, key: str, now=NOW) -> SpoolId:
    return store.spool.add(db, Arrival(Envelope(None, ()), key.encode(), "smtp", key), now)[0]


def write(db, key: str, now=NOW) -> OutboxId:
    made = store.outbox.add(db, Notice(key, NoticeKind.REPLY, None, (KIM,), "en", "support"), now)
    assert made is not None
    return made


def test_nothing_is_nothing(db):
    found = store.figures.read(db)
    assert (found.last, found.verdicts, found.alarms) == (0, {}, {})
    assert found.spool == {"waiting": 0, "taken": 0, "held": 0}
    assert found.outbox == {"waiting": 0, "taken": 0, "deferred": 0, "held": 0}
    assert (found.oldest_in, found.oldest_out) == (None, None)


def test_what_there_is_to_do(db):
    first, second, third = (arrive(db, key, NOW + number * HOUR) for number, key in enumerate("abc"))
    store.spool.settle(db, first, Verdict(SpoolState.DONE, "opened", "x"), NOW)
    store.spool.settle(db, second, Verdict(SpoolState.HELD, "held", "x"), NOW)
    for key in "abcd":
        write(db, key, NOW + HOUR)
    write(db, "oldest", NOW - HOUR)
    sent, deferred, held, *_ = [row.id for row in db.execute(select(outbox.c.id).order_by(outbox.c.id))]
    store.outbox.finish(db, sent, NOW)
    store.outbox.defer(db, deferred, NOW + HOUR, "x")
    store.outbox.hold(db, held, "x")
    for key in ("a@b.test", "c@d.test"):
        store.alarms.raise_(db, AlarmKind.LOOP, key, "x", NOW, (), 1)
    closed = store.alarms.raise_(db, AlarmKind.BUDGET, "x", "x", NOW, (), 1)
    store.alarms.close(db, closed.id, NOW)

    found = store.figures.read(db)
    assert (found.last, found.verdicts) == (third, {"opened": 1, "held": 1, "": 1})
    assert found.spool == {"waiting": 1, "taken": 0, "held": 1}
    assert found.outbox == {"waiting": 2, "taken": 0, "deferred": 1, "held": 1}
    assert (found.oldest_in, found.oldest_out) == (NOW + 2 * HOUR, NOW - HOUR)
    assert found.alarms == {"loop": 2}


def fill(db, numbers: range) -> None:
    """So much that has been dealt with."""
    first = arrive(db, f"first {numbers[0]}")
    store.spool.settle(db, first, Verdict(SpoolState.DONE, "opened", "x"), NOW)
    row = dict(db.execute(select(spool).where(spool.c.id == first)).mappings().one())
    del row["id"]
    db.execute(insert(spool), [{**row, "key": str(number)} for number in numbers])
    made = write(db, f"first {numbers[0]}")
    store.outbox.finish(db, made, NOW)
    row = dict(db.execute(select(outbox).where(outbox.c.id == made)).mappings().one())
    del row["id"]
    db.execute(insert(outbox), [{**row, "key": str(number)} for number in numbers])
    past = {"kind": "loop", "detail": "x", "opened_at": NOW, "last_at": NOW, "times": 1, "spool_ids": []}
    db.execute(insert(alarms), [{**past, "key": str(number), "closed_at": NOW} for number in numbers])


def test_it_is_the_same_work_however_much_was_dealt_with(database):
    def steps() -> int:
        told = count()
        driver = db.connection.driver_connection
        driver.set_progress_handler(lambda: next(told) < 0, 1)  # at each step of SQLite's machine
        store.figures.read(db)
        driver.set_progress_handler(None, 1)
        return next(told)

    with database.write() as db:
        fill(db, range(2 * NEWEST))
        few = steps()
        fill(db, range(2 * NEWEST, 6 * NEWEST))
        assert steps() == pytest.approx(few, abs=20)
        assert sum(store.figures.read(db).verdicts.values()) == NEWEST


def test_the_database_is_there(db):
    assert store.figures.is_there(db)


def test_nothing_that_is_asked_for_reads_through_a_table_that_grows(either):
    """Nor does what the page of a survey looks up."""
    with either.write() as db:
        test_plans.fill(db)
    with either.read() as db, test_plans.heard() as asked:
        store.figures.read(db)
        store.figures.is_there(db)
        store.tickets.with_codes(db, ("7k2m9xq4",))
        store.surveys.get(db, TicketId(1))
        store.surveys.answers(db, TicketId(1))
    assert len(asked) == 11
    with either.write() as db:
        test_plans.forbid(db, "seqscan")
        plans = {said: test_plans.plan(db, said, parameters) for said, parameters in asked.items()}
    through = {said: [step for step in steps if test_plans.is_reading_through(step)] for said, steps in plans.items()}
    assert {said: steps for said, steps in through.items() if steps and not is_of_what_is_left(steps)} == {}


def is_of_what_is_left(steps: list[str]) -> bool:
    """An index of what is still to do or open, and of nothing else; it is read whole."""
    return all(any(index in step for index in ("outbox_unsent", "alarms_open")) for step in steps)
