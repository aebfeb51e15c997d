"""Every statement on a mail's way, as it was really sent: none reads through a table that grows, no taking sorts."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import JSON, Boolean, Column, Connection, Engine, LargeBinary, String, event, insert, select

from gateway import store
from gateway.desk import refusal
from gateway.inbound.accept import Acceptor
from gateway.mail.envelope import Envelope
from gateway.mail.tokens import Purpose
from gateway.outbound.capture import Capture
from gateway.outbound.delivery import Delivery
from gateway.outbound.relay import Relay, Reply
from gateway.outbound.render import Templates
from gateway.outbound.settings import DeliverySettings
from gateway.store.engine import open_database
from gateway.store.mailboxes import Cursor
from gateway.store.nodes import Node
from gateway.store.outbox import Outgoing
from gateway.store.schema import UNSENT, UNSETTLED, Instant, metadata, spool
from gateway.store.spool import Arrival
from gateway.tickets import survey
from gateway.tickets.model import OutboxId
from gateway.tickets.notices import Notice, NoticeKind
from tests.builders import DAY, HOUR, KIM, NOW, RING, dsn, mail
from tests.desk.conftest import Office

TEMPLATES = Path(__file__).parents[2] / "templates"
VACATION = (("Auto-Submitted", "auto-replied"),)

SMALL = {
    "meta": "two rows",
    "nodes": "one row a daemon that runs",
    "leases": "one row a duty that only one node has",
    "mailboxes": "one row a folder that is read",
    "withheld": "one row an agent and queue while mail is withheld from them",
}
"""Tables that may be read through, and why they stay small."""

UNDER_WAY = {"spool_unsettled"}
"""Indexes of what is on its way and nothing else; they are read in their own order, and no further than the LIMIT."""

SCAN = re.compile(r"SCAN (?P<bare>\w+)|.*\bSeq Scan on (?P<named>\w+)|.*\bIndex.* Scan.* using \w+ on (?P<ordered>\w+)")

MANY = 1000


@contextmanager
def heard() -> Iterator[dict[str, Any]]:
    """Each statement that reads rows while this lasts, as the driver got it, with the parameters of one time."""
    asked: dict[str, Any] = {}

    def hear(_db, _cursor, statement, parameters, _context, is_many):
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            asked[statement] = parameters[0] if is_many else parameters

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def fill(db: Connection) -> None:
    """Rows in every table that may grow, that nothing is to be done about. Nobody counts them (ANALYZE)."""
    for table in metadata.sorted_tables:
        columns = [each for each in table.columns if each is not table.autoincrement_column]
        if table.name not in SMALL:
            rows = [{each.name: filling(each, number) for each in columns} for number in range(1, MANY + 1)]
            db.execute(insert(table), rows)


def filling(column: Column[Any], number: int) -> object:
    """A value of the column's type: a word that is no state, an instant far off, the row with the same number."""
    match column.type:
        case Instant():
            return NOW + 9999 * DAY
        case String():
            return str(number)
        case JSON():
            return {}
        case LargeBinary():
            return b""
        case Boolean():
            return False
        case _:
            return number


class Busy:
    """A relay that puts everybody off, or refuses."""

    def __init__(self, reply):
        self.reply = reply

    def send(self, mail_from, recipients, raw, may_go):
        return dict.fromkeys(recipients, self.reply)

    def close_idle(self):
        pass

    def close(self):
        pass

    def cut(self):
        pass


def delivery(office: Office, relay: Relay) -> Delivery:
    texts = Templates(TEMPLATES, None, "en", ZoneInfo("Europe/Riga"))
    settings = (texts, DeliverySettings())
    ours = (partial(refusal.refused, office.desk), "node")
    return Delivery(
        office.database, relay, office.policy, RING, *settings, lambda: office.clock, lambda: office.clock, int, *ours
    )


def reply(office: Office) -> Outgoing:
    """The first agent's reply in the outbox."""
    with office.database.read() as db:
        outgoing = (store.outbox.get(db, OutboxId(number)) for number in count(MANY + 1))
        return next(each for each in outgoing if each is not None and each.notice.kind is NoticeKind.REPLY)


def at_the_desk(office: Office) -> None:
    """A conversation: opened, twice by the same mail, joined, answered, met by machines, lost, held, settled."""
    copies = [mail("One.", message_id="one@customer.test")] * 2
    for raw in (*copies, mail("Two.", message_id="two@customer.test")):
        office.bring(raw)
    assert office.triage.run_once() == 4, "together in one transaction, with the one at the door"
    ticket = office.ticket(office.receive(mail("Three.", message_id="first@customer.test")).ticket_id)
    office.agent_writes(ticket, "Turn it off and on again.")
    office.customer_writes(ticket, headers=[("In-Reply-To", "<first@customer.test>"), ("Cc", "lee@customer.test")])
    office.customer_writes(ticket, "I am away.", headers=VACATION)
    office.agent_writes(ticket, "#assign ben\n\nPlease have a look.")
    lost = office.receive(dsn("failed", "5.1.1"), office.bounce_address(reply(office)), mail_from="")
    assert lost.ticket_id == ticket.id
    held = office.receive(mail("Hello.", sender="support@desk.test"))
    with office.database.write() as db:
        assert store.spool.release(db, held.id, "anna")
    office.agent_writes(ticket, "#resolve\n\nDone.")
    for rating in (5, 1):
        to = office.address(ticket, Purpose.RATING, survey.serial_of(rating))
        assert office.receive(mail(f"Well, {rating}.", date=office.date()), to).verdict == "rated"
    delayed = office.receive(dsn("delayed", "4.4.1"), office.bounce_address(reply(office)), mail_from="")
    assert delayed.verdict == "delayed"


def outward(office: Office, folder: Path) -> None:
    """Everything is sent; some of it at the second attempt, some of it is refused."""
    delivery(office, Busy(Reply(451, "4.3.0 later"))).run_once(3)
    office.clock += DAY
    delivery(office, Busy(Reply(550, "5.7.1 no"))).run_once(1)
    relay = delivery(office, Capture(folder, lambda: office.clock))
    while relay.run_once():
        pass


def by_the_clock(office: Office) -> None:
    """Reminders, the end of a ticket, its survey; what has been forgotten since is swept."""
    office.pass_days(90)
    office.upkeep.run_once()


def at_the_door(office: Office) -> None:
    """Mail is accepted, and looked up as a reader of mailboxes does."""
    raw = mail(message_id="door@customer.test")
    with Acceptor(office.database, lambda: office.clock, lambda: None) as acceptor:
        acceptor.accept(Arrival(Envelope(KIM.address, ("support@desk.test",)), raw, "imap:support", "INBOX/1/7"))
    with office.database.write() as db:
        assert store.spool.stored(db, "imap:support", ["INBOX/1/7", "INBOX/1/8"]) == {"INBOX/1/7"}
        known = store.spool.with_content(db, "imap:support", raw)
        assert known is not None
        store.sightings.note(db, "imap:support", {"INBOX/2/1": known})
        store.sightings.note_moved(db, "imap:support", {"INBOX/1/7": "INBOX/2/2"})
        assert store.sightings.known(db, "imap:support", ["INBOX/2/1"]) == {"INBOX/2/1"}
        assert store.sightings.count(db, "imap:support", "INBOX/2") == 2
        store.mailboxes.set_cursor(db, "support", "INBOX", Cursor(1, 7))
        assert store.mailboxes.cursor(db, "support", "INBOX") == Cursor(1, 7)


def among_nodes(office: Office) -> None:
    """A node comes, works, is seen, and is buried by the one that takes its place."""
    with office.database.write() as db:
        for name in ("first", "second"):
            store.nodes.enter(db, Node(name, name, "here", ("desk",)))
            store.nodes.see(db, name)
            store.leases.take(db, "upkeep", name, HOUR)
        store.nodes.bury(db, HOUR)


def plan(db: Connection, statement: str, parameters: Any) -> list[str]:
    """The steps by which the database carries out a statement, each on one line."""
    if db.dialect.name == "sqlite":
        return [row.detail for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    lines = db.exec_driver_sql(f"EXPLAIN (COSTS OFF) {statement}", parameters).scalars()
    return re.split(r"\s+->\s+", "  ".join(lines))


def forbid(db: Connection, *ways: str) -> None:
    """PostgreSQL, which counts rows, goes these ways only where there is no other: its tables are small here."""
    if db.dialect.name == "postgresql":
        for way in ways:
            db.exec_driver_sql(f"SET LOCAL enable_{way} = off")


def is_reading_through(step: str) -> bool:
    """Whether a step of either database's plan looks at every row of a table that grows, by whatever index."""
    if step.endswith("(source=?)"):  # by an index that was made for something else: most mail has one source
        return True
    if "Index Cond:" in step:
        return False
    found = SCAN.match(step)
    table = next(filter(None, found.group("bare", "named", "ordered")), "") if found else ""
    return table in metadata.tables and table not in SMALL and not any(index in step for index in UNDER_WAY)


@pytest.fixture
def asked(either, tmp_path) -> dict[str, Any]:
    """What the daemon asked an old desk's database while mail came in, was dealt with and went out."""
    with either.write() as db:
        fill(db)
    office = Office(either)
    with heard() as asked:
        at_the_door(office)
        at_the_desk(office)
        outward(office, tmp_path / "captured")
        by_the_clock(office)
        among_nodes(office)
    return asked


def test_no_statement_reads_through_a_table_that_grows(either, asked):
    with either.write() as db:
        forbid(db, "seqscan")
        plans = {statement: plan(db, statement, parameters) for statement, parameters in asked.items()}
    assert len(plans) > 50
    assert {said: steps for said, steps in plans.items() if any(map(is_reading_through, steps))} == {}


def test_what_waits_lies_in_the_order_in_which_it_is_taken(either, asked):
    takings = [each for each in asked if str(UNSETTLED) in each or str(UNSENT) in each]
    with either.write() as db:
        forbid(db, "seqscan", "sort")
        plans = [plan(db, each, asked[each]) for each in takings]
    assert [index for index in ("spool_unsettled", "outbox_unsent") if index not in str(plans)] == []
    assert [steps for steps in plans if any(re.search("TEMP B-TREE|Sort", step) for step in steps)] == []


def in_the_spool(db: Connection, numbers: range) -> None:
    """So many mails that wait."""
    first, _ = store.spool.add(db, Arrival(Envelope(None, ()), b"", "smtp", str(numbers[0])), NOW)
    row = dict(db.execute(select(spool).where(spool.c.id == first)).mappings().one())
    del row["id"]
    db.execute(insert(spool), [{**row, "key": str(number)} for number in numbers[1:]])


def in_the_outbox(db: Connection, numbers: range) -> None:
    """So many mails that wait, with an address each."""
    notice = Notice("", NoticeKind.REPLY, None, (KIM,), "en", "support", text="Hello")
    store.outbox.add_all(db, [(replace(notice, key=str(number)), NOW) for number in numbers])


@pytest.mark.parametrize(("bring", "take"), [(in_the_spool, store.spool.take), (in_the_outbox, store.outbox.take)])
def test_taking_some_is_the_same_work_however_many_wait(database, bring, take):
    def steps() -> int:
        with db.begin_nested() as trial:
            told = count()
            driver = db.connection.driver_connection
            driver.set_progress_handler(lambda: next(told) < 0, 1)  # at each step of SQLite's machine
            assert len(take(db, NOW, HOUR, 25, "node")) == 25
            driver.set_progress_handler(None, 1)
            trial.rollback()
            return next(told)

    with database.write() as db:
        bring(db, range(100))
        few = steps()
        bring(db, range(100, 5000))
        assert steps() == few


def counted(db: Connection, table: str, bring: Callable[[Connection, range], None], state: str, rows: int) -> None:
    """PostgreSQL has counted the table when so many rows, if any, were in this state."""
    if rows:
        bring(db, range(5000, 5000 + rows))
        db.exec_driver_sql(f"UPDATE {table} SET state = '{state}'")
    db.exec_driver_sql(f"ANALYZE {table}")


UNCOUNTED = {
    "never": None,
    "when it was empty": ("", 0),
    "when all was settled": ("settled", 2000),
    "when little waited": ("waiting", 100),
}
"""What was done to a table before so much came that its statistics are nonsense, as they are until autovacuum comes."""


@pytest.mark.postgres
@pytest.mark.parametrize("before", UNCOUNTED.values(), ids=UNCOUNTED)
@pytest.mark.parametrize(
    ("table", "bring", "take", "index"),
    [
        ("spool", in_the_spool, store.spool.take, "spool_unsettled"),
        ("outbox", in_the_outbox, store.outbox.take, "outbox_unsent"),
    ],
)
def test_taking_needs_no_statistics(postgres, before, table, bring, take, index):
    with closing(open_database(postgres.database())) as database:
        with database.write() as db:
            db.exec_driver_sql(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
            if before:
                counted(db, table, bring, *before)
        with database.write() as db:
            bring(db, range(5000))
        with database.write() as db, heard() as asked:
            assert len(take(db, NOW, HOUR, 25, "node")) == 25
            ((taking, parameters),) = [each for each in asked.items() if "SKIP LOCKED" in each[0]]
        with database.write() as db:
            for mode in ("force_custom_plan", "force_generic_plan"):  # the driver prepares what it says often
                db.exec_driver_sql(f"SET LOCAL plan_cache_mode = {mode}")
                steps = plan(db, taking, parameters)
                assert index in str(steps)
                assert not re.search("Sort|Seq Scan|Bitmap", str(steps)), steps
