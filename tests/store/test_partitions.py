"""What docs/scale.md says of partitioning by month is done to a desk at work, statement by statement as it stands."""

import re
from contextlib import closing
from pathlib import Path

import pytest

from gateway import store
from gateway.store import ledger
from gateway.store.engine import open_database
from tests.builders import KIM
from tests.desk.conftest import Office
from tests.store.test_plans import forbid, plan

DOCS = Path(__file__).parents[2] / "docs" / "scale.md"
SCRIPTS = re.findall(r"```sql\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
FIRST, SECOND = 1_000_000, 2_000_000

pytestmark = pytest.mark.postgres


def carry_out(database, script):
    """A script of the docs, on either table that it is meant for."""
    for table in ("articles", "events"):
        with database.write() as db:
            for statement in script.replace("articles", table).split(";\n"):
                if statement.strip() not in {"", "BEGIN", "COMMIT"}:  # this transaction is ours
                    db.exec_driver_sql(statement)


def jump(database, number):
    """As many articles and events as that have been written."""
    with database.write() as db:
        for table in ("articles", "events"):
            db.exec_driver_sql(f"SELECT setval('{table}_id_seq', {number})")


def partitions(database, table):
    with database.read() as db:
        named = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = '{}'::regclass ORDER BY 1"
        found = list(db.exec_driver_sql(named.format(table)).scalars())
        return {each: db.exec_driver_sql(f"SELECT count(*) FROM {each}").scalar() for each in found}


def is_in_order(database):
    with database.read() as db:
        assert ledger.verify(db) == ()
    return True


@pytest.fixture
def office(postgres):
    with closing(open_database(postgres.database())) as database:
        yield Office(database)


def test_a_desk_goes_on_as_its_tables_are_partitioned_month_after_month(office):
    beforehand, first, monthly = SCRIPTS
    ticket = office.answered()
    told = [each.text for each in office.conversation(ticket)]
    assert len(told) == 2

    carry_out(office.database, beforehand)
    office.customer_writes(ticket, "While it is looked through.")
    carry_out(office.database, first)
    assert [each.text for each in office.conversation(ticket)] == [*told, "While it is looked through."]
    jump(office.database, FIRST)
    office.customer_writes(ticket, "In the second month.")
    assert partitions(office.database, "articles") == {"articles_first": 3, "articles_next": 1}
    assert is_in_order(office.database)

    carry_out(office.database, monthly)
    jump(office.database, SECOND)
    office.agent_writes(ticket, "#resolve\nDone in the third.")
    office.pass_days(30)
    assert office.ticket(ticket.id).state == "closed"
    assert [each.text for each in office.conversation(ticket)][2:] == [
        *("While it is looked through.", "In the second month.", "Done in the third.")
    ]
    assert partitions(office.database, "articles") == {"articles_2027_01": 1, "articles_first": 3, "articles_next": 1}
    assert sum(partitions(office.database, "events").values()) == len(office.history(ticket))
    assert len(partitions(office.database, "events")) == 3
    assert is_in_order(office.database)


def test_a_look_at_a_ticket_goes_by_an_index_of_each_partition_and_sorts_nothing(office):
    for script in SCRIPTS:
        carry_out(office.database, script)
    asked = "SELECT * FROM {} WHERE ticket_id = 7 ORDER BY id"
    with office.database.write() as db:
        forbid(db, "seqscan", "bitmapscan")
        for table in ("articles", "events"):
            steps = "".join(plan(db, asked.format(table), ()))
            assert steps.count("Index Scan using") == 3
            assert [word for word in ("pkey", "Seq Scan", "Incremental Sort") if word in steps] == []


def test_an_upgrade_finds_the_partitioned_tables_as_it_wants_them(office):
    for script in SCRIPTS:
        carry_out(office.database, script)
    with office.database.write() as db:
        db.exec_driver_sql("UPDATE meta SET value = '2' WHERE key = 'schema'")
        db.exec_driver_sql("ALTER TABLE articles DROP COLUMN message_id")  # as if a newer version had brought it
        owned = "SELECT pg_get_serial_sequence('articles', 'id')"
        assert db.exec_driver_sql(owned).scalar() == "public.articles_id_seq"
    with closing(open_database(office.database.url)) as database, database.read() as db:
        assert db.exec_driver_sql("SELECT message_id FROM articles").all() == []
        indexes = "SELECT count(*) FROM pg_indexes WHERE indexname = 'articles_ticket'"
        assert db.exec_driver_sql(indexes).scalar() == 1


def test_an_old_partition_can_be_moved_to_another_disk_and_the_desk_reads_on(office):
    ticket = office.opened()
    beforehand, first, _ = SCRIPTS
    carry_out(office.database, beforehand)
    carry_out(office.database, first)
    with office.database.write() as db:
        db.exec_driver_sql("ALTER TABLE articles_first SET TABLESPACE pg_default")
    (article,) = office.conversation(ticket)
    assert article.author == KIM
    with office.database.read() as db:
        assert store.tickets.get(db, ticket.id) is not None
