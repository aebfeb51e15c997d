"""Lists over many rows: a page at a time, no more than asked for, and what is left out is said."""

import json
from contextlib import closing

import pytest
from sqlalchemy import Engine, event, insert

from gateway import store
from gateway.cli import output
from gateway.store.engine import open_database
from gateway.store.schema import alarms, outbox, recipients, spool, suppressions, tickets
from gateway.store.tickets import NewTicket
from gateway.tickets.notices import Notice, NoticeKind
from tests.builders import KIM, NOW

MANY = 2100


def rows_of(db, table, first, **changes):
    """The row of `first` many times over, each changed by its number."""
    row = dict(db.execute(table.select().where(first)).mappings().one())
    made = [{**row, **{name: change(number) for name, change in changes.items()}} for number in range(2, MANY + 1)]
    db.execute(insert(table), made)


@pytest.fixture
def crowded(installed):
    """A desk with so many of everything."""
    folder = installed.parent / "data"
    folder.mkdir()
    with closing(open_database(f"sqlite:///{folder}/gateway.db", is_lasting=False)) as database, database.write() as db:
        store.outbox.add(db, Notice("1", NoticeKind.REPLY, None, (KIM,), "en", "support", text="Hello"), NOW)
        rows_of(db, outbox, outbox.c.id == 1, id=int, key=str)
        rows_of(db, recipients, recipients.c.outbox_id == 1, outbox_id=int)
        store.tickets.open_ticket(db, NewTicket("SUP-7K2M-9XQ4", "support", "Printer", KIM, "en"), NOW)
        rows_of(db, tickets, tickets.c.id == 1, id=int, code=str)
        db.exec_driver_sql("INSERT INTO originals (sha256, size, raw) VALUES ('0', 0, '')")
        mail = {"source": "x", "key": "1", "rcpt_to": [], "peer": "", "sha256": "0", "received_at": NOW, "due_at": NOW}
        db.execute(insert(spool).values(id=1, state="held", reason="why", sender="kim@x", subject="Hello", **mail))
        rows_of(db, spool, spool.c.id == 1, id=int, key=str)
        times = {"opened_at": NOW, "last_at": NOW, "times": 1, "spool_ids": []}
        db.execute(insert(alarms).values(id=1, kind="loop", key="1", detail="it loops", **times))
        rows_of(db, alarms, alarms.c.id == 1, id=int, key=str)
        db.execute(insert(suppressions).values(address="1@x", fault="gone", score=1, at=NOW, status="5.1.1", said=""))
        rows_of(db, suppressions, suppressions.c.address == "1@x", address="{}@x".format)
    return installed


LISTS = [("outbox", 1000), ("held", 1000), ("alarm", 1000), ("suppression", 1000), ("ticket", 50)]


@pytest.mark.parametrize(("what", "default"), LISTS)
def test_as_many_are_shown_as_are_asked_for(run, crowded, what, default):
    for limit, shown in (((), default), (("--limit", "3"), 3), (("--limit", "1500"), 1500), (("--limit", "0"), MANY)):
        ran = run(what, "list", "--json", *limit, "--config", crowded)
        assert (ran.code, len(json.loads(ran.out))) == (0, shown)
        assert ran.err == (f"these are the first {shown}; --limit 0 shows all\n" if shown < MANY else "")
        lines = run(what, "list", *limit, "--config", crowded).out.splitlines()
        assert len(lines) == shown + -(-shown // 1000), "with a header for each thousand"


@pytest.mark.parametrize(("what", "default"), LISTS)
def test_the_pages_make_the_whole(run, crowded, what, default):
    told = json.loads(run(what, "list", "--json", "--limit", "0", "--config", crowded).out)
    key = {"suppression": "address"}.get(what, "id")
    if what != "ticket":
        assert len({each[key] for each in told}) == MANY
        assert [each[key] for each in told] == sorted(each[key] for each in told)


def test_no_more_of_a_table_is_asked_for_than_a_page_and_no_bytes_of_mail(run, crowded):
    asked = []

    def hear(_db, _cursor, statement, *_):
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        assert run("outbox", "list", "--all", "--limit", "0", "--config", crowded).code == 0
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
    ids, mails = (
        [each for each in asked if each.startswith(start)] for start in ("SELECT outbox.id \n", "SELECT outbox.id, ")
    )
    assert len(ids) == 3
    assert all("LIMIT" in each for each in ids)
    assert len(mails) == 5, "no more than five hundred rows each"
    assert not [each for each in asked if "outbox.raw" in each]


@pytest.mark.parametrize("limit", ["-1", "x", "1.5", "²"])
def test_what_is_no_number_of_rows_is_told(run, installed, limit):
    ran = run("held", "list", f"--limit={limit}", "--config", installed)
    assert (ran.code, "is not a number of rows" in ran.err) == (64, True)


@pytest.mark.parametrize("items", [[], [1], [{"a": [1, {"b": "ü"}]}, {}, "x"]])
def test_items_one_by_one_are_the_same_as_the_array(capsys, items):
    output.print_items(iter(items))
    one_by_one = capsys.readouterr().out
    output.print_json(items)
    assert one_by_one == capsys.readouterr().out


def test_pages_are_asked_for_as_they_are_needed(capsys):
    asked = []

    def page(last, count):
        asked.append((last, count))
        first = 0 if last is None else last + 1
        return range(first, min(first + count, 2500))

    assert list(output.in_pages(page, 0)) == list(range(2500))
    assert asked == [(None, 1000), (999, 1000), (1999, 1000)]
    assert capsys.readouterr().err == ""
    assert list(output.in_pages(page, 2500)) == list(range(2500))
    assert capsys.readouterr().err == "", "there are no more"
    assert list(output.in_pages(page, 2499)) == list(range(2499))
    assert capsys.readouterr().err == "these are the first 2499; --limit 0 shows all\n"
