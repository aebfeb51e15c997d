"""Each invariant is broken on purpose, by other means than the program's, and must be the one that is found broken."""

import random
import shutil
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import bindparam, create_engine, inspect, text

from gateway import store
from gateway.mail import tokens
from gateway.mail.address import Mailbox
from gateway.mail.envelope import Envelope
from gateway.mail.tokens import Purpose, Token
from gateway.store import ledger
from gateway.store.engine import open_database
from gateway.store.ledger import INVARIANTS, Question
from gateway.store.ledger.of_tickets import WANTED
from gateway.store.outbox import RecipientState
from gateway.store.schema import Instant
from gateway.store.spool import Arrival, SpoolState, Verdict
from gateway.store.tickets import NewTicket, Origin
from gateway.tickets import notices, reference
from gateway.tickets.alarm import AlarmKind
from gateway.tickets.lifecycle import Happening
from gateway.tickets.model import Article, ArticleId, ArticleKind, Event, State, TimerKind
from gateway.tickets.notices import NoticeKind
from tests.builders import HOUR, KIM, NOW, POLICY, RING

WATCHED = replace(POLICY, alarm_address="operator@desk.test")


def grow(database) -> None:
    """Kim's ticket, answered by Anna; another that is closed and asked about; mail that waits, and mail that is held.

    Every row is written as the desk writes it: what one mail causes carries one instant.
    """
    with database.write() as db:
        kims = opened(db, 1, "kim-1@x", NOW)
        mail = arrive(db, 2, NOW + HOUR)
        note(db, kims, Happening.AGENT_REPLIED, NOW + HOUR, mail, State.NEW, State.ANSWERED)
        speak(db, kims, ArticleKind.AGENT, "anna-1@x", mail, NOW + HOUR)
        kims = store.tickets.change(db, kims, State.ANSWERED, NOW + HOUR, None)
        store.timers.start(db, kims.id, TimerKind.REMINDER, 1, NOW + 48 * HOUR)
        settle(db, mail, "relayed", kims.id, NOW + HOUR)
        send(db, notices.for_customer(NoticeKind.REPLY, kims, f"mail-{mail}", source=mail), NOW + HOUR)

        other = opened(db, 3, "kim-2@x", NOW + 2 * HOUR)
        mail = arrive(db, 4, NOW + 3 * HOUR)
        note(db, other, Happening.AGENT_CLOSED, NOW + 3 * HOUR, mail, State.NEW, State.CLOSED)
        other = store.tickets.change(db, other, State.CLOSED, NOW + 3 * HOUR, None)
        settle(db, mail, "obeyed", other.id, NOW + 3 * HOUR)
        note(db, other, "surveyed", NOW + 4 * HOUR)
        store.surveys.send(db, other.id, NOW + 4 * HOUR)
        store.outbox.add(db, notices.for_customer(NoticeKind.SURVEY, other, ""), NOW + 4 * HOUR)

        arrive(db, 5, NOW + 4 * HOUR)
        settle(db, arrive(db, 6, NOW + 4 * HOUR), "held", None, NOW + 4 * HOUR)
        alarm = store.alarms.raise_(db, AlarmKind.LEDGER, "box", "differs", NOW + 4 * HOUR, (), 1)
        notice = notices.for_operator(alarm, WATCHED)
        assert notice is not None
        store.outbox.add(db, notice, NOW + 4 * HOUR)


def arrive(db, number, now):
    raw = f"Subject: {number}\r\n\r\nIt is on fire.\r\n".encode()
    return store.spool.add(db, Arrival(Envelope("kim@x", ("support@x",)), raw, "imap:box", f"INBOX/7/{number}"), now)[0]


def settle(db, mail, verdict, ticket_id, now):
    state = SpoolState.HELD if verdict == "held" else SpoolState.DONE
    store.spool.settle(db, mail, Verdict(state, verdict, "because", ticket_id, digest=f"d{mail}"), now)


def note(db, ticket, what, now, mail=None, before=None, after=None):
    store.tickets.add_event(db, ticket.id, Event(now, "somebody", what, "because", before, after, mail))


def speak(db, ticket, kind, message_id, mail, now):
    store.tickets.remember_ids(db, ticket.id, Origin.RECEIVED, (message_id,))
    said = Article(ArticleId(0), ticket.id, kind, Mailbox("", "kim@x"), now, "words", "words", message_id, mail)
    store.tickets.add_article(db, said)


def opened(db, number, message_id, now):
    mail = arrive(db, number, now)
    made = reference.new("SUP", RING, random.Random(number).choice)
    ticket = store.tickets.open_ticket(db, NewTicket(made, "support", "Printer", KIM, "en"), now)
    note(db, ticket, "opened", now, mail)
    speak(db, ticket, ArticleKind.CUSTOMER, message_id, mail, now)
    settle(db, mail, "opened", ticket.id, now)
    send(db, notices.for_customer(NoticeKind.ACKNOWLEDGEMENT, ticket, "", source=mail), now)
    return ticket


def send(db, notice, now):
    added = store.outbox.add(db, notice, now)
    assert added is not None
    raw = f"Message-ID: <own-{added}@desk>\r\nSubject: x\r\n\r\n".encode()
    store.outbox.freeze(db, added, f"own-{added}@desk", "bounces@desk", raw, "x")
    store.tickets.remember_ids(db, notice.ticket_id, Origin.OWN, (f"own-{added}@desk",))
    store.outbox.mark(db, added, notice.to[0].address, RecipientState.SENT, "250 2.0.0 queued", now)
    store.outbox.finish(db, added, now)


@pytest.fixture(scope="session")
def grown(tmp_path_factory):
    """The file of a database in which all is well."""
    file = tmp_path_factory.mktemp("ledger") / "gateway.db"
    database = open_database(f"sqlite:///{file}", is_lasting=False)
    grow(database)
    database.close()
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def intruder(request, tmp_path):
    """A transaction of somebody who heeds no constraint, in a database where all is well; it is never committed."""
    if request.param == "sqlite":
        url = f"sqlite:///{shutil.copy(request.getfixturevalue('grown'), tmp_path)}"
    else:
        url = request.getfixturevalue("grown_postgres")
    engine = create_engine(url)
    with engine.connect() as db:
        if db.dialect.name == "postgresql":
            db.exec_driver_sql("SET session_replication_role = replica")
        yield db
    engine.dispose()


@pytest.fixture(scope="session")
def grown_postgres(postgres):
    url = postgres.database()
    database = open_database(url)
    grow(database)
    database.close()
    return url


def unbound(db, table):
    """The table without its constraints, as a bad restore leaves it."""
    if db.dialect.name == "postgresql":
        for each in inspect(db).get_unique_constraints(table):
            db.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {each['name']}")
        return
    db.exec_driver_sql(f"CREATE TABLE copy AS SELECT * FROM {table}")
    db.exec_driver_sql(f"DROP TABLE {table}")
    db.exec_driver_sql(f"ALTER TABLE copy RENAME TO {table}")


def questioned(db, **known):
    return {each.invariant.name: each for each in ledger.examine(db, Question(**known)) if not each.is_fine}


def test_where_all_is_well_nothing_is_found(intruder):
    assert ledger.verify(intruder, NOW) == ()
    findings = [*ledger.examine(intruder, Question())]
    assert [each.invariant for each in findings] == [*INVARIANTS]
    assert all(each.checked for each in findings), "each has rows to look at"


OTHERS = f"{tokens.sign(RING, Token(Purpose.MESSAGE, '7k2m9xq4', tokens.row_serial(1, NOW)))}@desk"
SPOOL, TICKETS, EVENTS = "UPDATE spool SET ", "UPDATE tickets SET ", "UPDATE events SET "
OUTBOX, RECIPIENTS = "UPDATE outbox SET ", "UPDATE recipients SET "
UNSAID = "UPDATE articles SET kind = 'note' WHERE kind = 'agent'"
BREACHES = [
    ("one verdict", [SPOOL + "verdict = NULL WHERE id = 1"], "mail 1, state done, verdict none"),
    ("one verdict", [SPOOL + "reason = NULL WHERE id = 1"], "mail 1, "),
    ("one verdict", [SPOOL + "decided_at = NULL WHERE id = 6"], "mail 6, state held, verdict held, decided_at none"),
    ("one verdict", [SPOOL + "verdict = 'held' WHERE id = 4"], "mail 4, state done, verdict held"),
    ("one verdict", [SPOOL + "verdict = 'joined' WHERE id = 5"], "mail 5, state waiting, verdict joined"),
    ("one verdict", [SPOOL + "state = 'lost' WHERE id = 6"], "mail 6, state lost"),
    ("a verdict shows", [SPOOL + "ticket_id = NULL WHERE id = 4"], "mail 4, verdict obeyed, ticket none"),
    ("a verdict shows", [EVENTS + "spool_id = 1 WHERE spool_id = 2", UNSAID, "DELETE FROM outbox WHERE id = 2",
                         "DELETE FROM recipients WHERE outbox_id = 2"], "mail 2, verdict relayed, ticket 1"),
    ("originals are as they came", ["UPDATE originals SET size = 1 WHERE sha256 = (SELECT min(sha256) FROM originals)"],
     "size 1, octets 30"),
    ("originals belong to mail", ["DELETE FROM spool WHERE id = 5"], ", size 30"),
    ("every ticket from a mail", [EVENTS + "spool_id = 5 WHERE what = 'opened' AND ticket_id = 1",
                                  EVENTS + "spool_id = 1 WHERE spool_id = 2", SPOOL + "verdict = 'obeyed' WHERE id = 2",
                                  UNSAID,
                                  "DELETE FROM outbox WHERE id = 2", "DELETE FROM recipients WHERE outbox_id = 2"],
     "ticket 1, reference SUP-"),
    ("every ticket from a mail", [EVENTS + "what = 'began' WHERE what = 'opened' AND ticket_id = 2"], "ticket 2, "),
    ("one mail, one ticket", [("INSERT INTO events (ticket_id, at, actor, what, why, spool_id)"
                              " SELECT 0, at, actor, what, why, spool_id FROM events WHERE id = 1")], None),
    ("every article from a mail", ["UPDATE articles SET spool_id = 6 WHERE id = 1"], "article 1, ticket 1, mail 6"),
    ("every article from a mail", ["UPDATE articles SET spool_id = 1 WHERE id = 3"], "article 3, ticket 2, mail 1"),
    ("every article from a mail", [("UPDATE articles SET spool_id = NULL, at = changed FROM"
                                   " (SELECT decided_at AS changed FROM spool WHERE id = 4) AS other WHERE id = 1")],
     "article 1, ticket 1, mail none"),
    ("one mail, one article", ["UPDATE articles SET spool_id = 1 WHERE id = 2"], "ticket_id 1, spool_id 1, times 2"),
    ("state from history", [TICKETS + "state = 'open' WHERE id = 2"], "ticket 2, state open, history closed"),
    ("history is unbroken", [EVENTS + "before = 'open' WHERE after = 'answered'"], "before open, left_in new"),
    ("no timer is orphaned", ["UPDATE timers SET kind = 'survey'"], "kind survey, ticket 1, state answered"),
    ("no ticket is forgotten", ["DELETE FROM timers"], "ticket 1, "),
    ("Message-IDs are known", ["DELETE FROM message_ids WHERE message_id = 'kim-2@x'"], "article 3, message_id kim"),
    ("surveys have a reason", [("INSERT INTO surveys (ticket_id, sent_at, comment)"
                               " SELECT 1, sent_at, comment FROM surveys")], "ticket 1, "),
    ("references are ours", [TICKETS + "code = '23456789' WHERE id = 1"], "ticket 1, "),
    ("no notice without its cause", [OUTBOX + "created_at = decided FROM"
                                     " (SELECT decided_at AS decided FROM spool WHERE id = 4) AS other WHERE id = 1"],
     "outgoing 1, kind acknowledgement, ticket 1"),
    ("no notice without its cause", ["DELETE FROM events WHERE what = 'surveyed'", "DELETE FROM surveys"],
     "outgoing 4, kind survey, ticket 2"),
    ("no notice without its cause", [UNSAID, OUTBOX + "ticket_id = 2, created_at = opened FROM"
                                     " (SELECT at AS opened FROM events WHERE ticket_id = 2 AND what = 'opened')"
                                     " AS other WHERE id = 2",
                                     "UPDATE message_ids SET ticket_id = 2 WHERE message_id = 'own-2@desk'"],
     "outgoing 2, kind reply, ticket 2"),
    ("no notice without its cause", ["DELETE FROM alarms"], "outgoing 5, kind alarm, ticket none"),
    ("one acknowledgement", [UNSAID, OUTBOX + "kind = 'acknowledgement' WHERE id = 2"], "ticket 1, acknowledgements 2"),
    ("one Message-ID, one mail", [(OUTBOX + "message_id = 'own-1@desk', raw = old"
                                   " FROM (SELECT raw AS old FROM outbox WHERE id = 1) AS other WHERE id = 2")],
     "message_id own-1@desk, times 2"),
    ("mail goes to its people", [RECIPIENTS + "address = 'kim@elsewhere.test' WHERE outbox_id = 1"],
     "outgoing 1, recipients kim@customer.test, kim@elsewhere.test"),
    ("mail goes to its people", [("INSERT INTO recipients (outbox_id, address, state, reply)"
                                 " VALUES (5, 'x@y', 'waiting', '')")], "outgoing 5, recipients x@y"),
    ("mail goes to its people", [OUTBOX + "notice = '{\"source\": null}' WHERE id = 1"], "its notice makes no sense"),
    ("what goes out is named after its row", [OUTBOX + f"message_id = '{OTHERS}' WHERE id = 2",
                                              (f"UPDATE message_ids SET message_id = '{OTHERS}'"
                                              " WHERE message_id = 'own-2@desk'")], "of another row"),
    ("what goes out is named after its row", [OUTBOX + "message_id = 'own-9@desk' WHERE id = 2",
                                              ("UPDATE message_ids SET message_id = 'own-9@desk'"
                                              " WHERE message_id = 'own-2@desk'")], "own-9@desk of other bytes"),
    ("every reply goes out", [OUTBOX + "kind = 'resolved' WHERE id = 2"], "article 2, ticket 1, mail 2"),
    ("every mail has recipients", ["DELETE FROM recipients WHERE outbox_id = 1"], "outgoing 1, "),
    ("what is sent is frozen", [OUTBOX + "sent_at = NULL WHERE id = 1"], "outgoing 1, "),
    ("what is sent is frozen", [OUTBOX + "raw = NULL WHERE id = 1"], "outgoing 1, "),
    ("what is sent is frozen", [OUTBOX + "mail_from = NULL WHERE id = 1"], "outgoing 1, "),
    ("what is sent is frozen", [OUTBOX + "state = 'lost' WHERE id = 4"], "outgoing 4, kind survey"),
    ("what is sent is served", [RECIPIENTS + "state = 'waiting' WHERE outbox_id = 1"], "outgoing 1, address kim@"),
    ("what is sent is served", [RECIPIENTS + "state = 'lost' WHERE outbox_id = 4"], "state lost"),
    ("acceptance is on record", [RECIPIENTS + "reply = '' WHERE outbox_id = 1"], "outgoing 1, address kim@"),
    ("acceptance is on record", [RECIPIENTS + "reply = '450 later' WHERE outbox_id = 1"], "reply 450 later"),
    ("answers will find their ticket", ["DELETE FROM message_ids WHERE message_id = 'own-2@desk'"], "outgoing 2, "),
    ("nothing points into the void", ["DELETE FROM mailboxes", "UPDATE tickets SET linked_to = 99 WHERE id = 2"],
     "tickets 2, linked_to 99"),
    ("nothing points into the void", [("INSERT INTO recipients (outbox_id, address, state, reply)"
                                      " VALUES (99, 'x@y', 'waiting', '')")], "recipients 99/x@y, outbox_id 99"),
    ("nothing points into the void", ["UPDATE timers SET ticket_id = 99 WHERE id = 1",
                                      ("INSERT INTO timers (ticket_id, kind, stage, due_at, cycle)"
                                      " SELECT 1, kind, stage, due_at, cycle FROM timers")], "timers 1, ticket_id 99"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "statements", "row"), BREACHES)
def test_what_is_broken_is_found_and_nothing_else(intruder, name, statements, row):
    for statement in statements:
        intruder.exec_driver_sql(statement)
    found = questioned(intruder)
    if row is None:  # it points at no ticket, for any other would have one mail too many
        assert found.pop("nothing points into the void")
        row = "mail 1, tickets 2"
    assert [*found] == [name]
    assert found[name].broken == 1
    assert row in found[name].rows[0]


@pytest.mark.parametrize(
    ("name", "table", "statement", "row"),
    [
        ("one arrival, one row", "spool", SPOOL + "key = 'INBOX/7/5' WHERE id = 6", "key INBOX/7/5, times 2"),
        ("one cause, one notice", "outbox", OUTBOX + "key = 'again' WHERE id IN (1, 2)", "key again, times 2"),
    ],
)
def test_doubles_are_found_where_the_table_has_lost_its_unique_key(intruder, name, table, statement, row):
    unbound(intruder, table)
    intruder.exec_driver_sql(statement)
    found = questioned(intruder)
    assert [*found] == [name]
    assert row in found[name].rows[0]


def test_an_altered_octet_is_found_unless_time_is_to_be_saved(intruder):
    other = "X'53756A6563'" if intruder.dialect.name == "sqlite" else r"'\x53756A6563'::bytea"
    first = "WHERE sha256 = (SELECT sha256 FROM spool WHERE id = 1)"
    intruder.exec_driver_sql(f"UPDATE originals SET raw = {other}, size = 5 {first}")
    found = questioned(intruder)
    assert [*found] == ["originals are as they came"]
    assert "sha256" in found["originals are as they came"].rows[0]
    assert questioned(intruder, is_deep=False) == {}


def test_what_lies_in_an_object_store_needs_one(tmp_path):
    url, raw = f"sqlite:///{tmp_path}/gateway.db", b"Subject: 1"
    with closing(open_database(url, originals=f"file://{tmp_path}/objects")) as database:
        database.keep([raw], NOW)
        with database.write() as db:
            store.spool.add(db, Arrival(Envelope("kim@x", ("support@x",)), raw, "smtp", "1"), NOW)
        with database.read() as db:
            assert questioned(db) == {}, "what lies there is for `store.collection` to compare"
    with closing(open_database(url)) as database, database.read() as db:
        (finding,) = ledger.verify(db)
        assert (finding.checked, finding.broken) == (1, 1)
        assert "none is configured" in finding.rows[0]


def test_a_row_that_makes_no_sense_ends_one_question_and_no_other(grown, tmp_path):
    engine = create_engine(f"sqlite:///{shutil.copy(grown, tmp_path)}")
    with engine.connect() as db:
        db.exec_driver_sql("UPDATE originals SET raw = CAST(raw AS TEXT)")
        db.exec_driver_sql("UPDATE outbox SET raw = CAST(raw AS TEXT) WHERE id = 1")
        found = questioned(db)
        assert [*found] == ["originals are as they came", "what goes out is named after its row"]
        assert found["originals are as they came"].rows[0].startswith("it cannot be asked: TypeError")
        assert "own-1@desk of other bytes" in found["what goes out is named after its row"].rows[0]
    engine.dispose()


def test_a_damaged_index_is_found(grown, tmp_path):
    file = Path(shutil.copy(grown, tmp_path))
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as db:
        db.exec_driver_sql("PRAGMA writable_schema = ON")
        turned = "replace(sql, '(state, due_at)', '(due_at, state)')"
        db.exec_driver_sql(f"UPDATE sqlite_schema SET sql = {turned} WHERE name = 'outbox_waiting'")
    engine.dispose()
    with engine.connect() as db:
        found = questioned(db)
    engine.dispose()
    assert [*found] == ["the file is sound"]


def test_what_lies_on_a_damaged_page_is_told_and_the_rest_is_asked_all_the_same(grown, tmp_path):
    file = Path(shutil.copy(grown, tmp_path))
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as db:
        root = "SELECT rootpage FROM sqlite_schema WHERE name = 'timers'"
        page, size = db.exec_driver_sql(root).scalar_one(), db.exec_driver_sql("PRAGMA page_size").scalar_one()
    engine.dispose()
    with file.open("r+b") as damaged:
        damaged.seek((page - 1) * size)
        damaged.write(b"\xff" * size)
    with engine.connect() as db:
        db.exec_driver_sql(RECIPIENTS + "reply = ''")
        found = questioned(db)
    engine.dispose()
    assert "the file is sound" in found
    assert found["no timer is orphaned"].rows == ("it cannot be asked: database disk image is malformed",)
    assert "acceptance is on record" in found


@pytest.mark.parametrize(
    ("name", "late"),
    [("no mail is stuck", "mail 5, state waiting"), ("no outgoing mail is stuck", "outgoing 4, kind survey")],
)
def test_what_waits_too_long_is_stuck_by_the_clock_that_is_handed_in(intruder, name, late):
    evening = NOW + 4 * HOUR
    assert name not in questioned(intruder)
    assert name not in questioned(intruder, now=evening + 0.9 * HOUR)
    assert late in questioned(intruder, now=evening + 1.1 * HOUR)[name].rows[0]


def test_a_customers_mail_is_for_people_of_his_ticket(intruder):
    intruder.exec_driver_sql(TICKETS + "customer_address = 'lee@customer.test' WHERE id = 1")
    found = questioned(intruder)
    assert [*found] == ["mail goes to its people"]
    assert found["mail goes to its people"].rows == (
        "outgoing 1, recipients kim@customer.test",
        "outgoing 2, recipients kim@customer.test",
    )
    kim = "INSERT INTO participants (ticket_id, address, name) VALUES (1, 'kim@customer.test', '')"
    intruder.exec_driver_sql(kim)
    assert questioned(intruder) == {}


@pytest.mark.parametrize(
    ("name", "table", "far", "row"),
    [
        ("no mail is put off for long", "spool WHERE id = 5", 1, "mail 5, state waiting"),
        ("no outgoing mail is put off for long", "outbox WHERE id = 4", 24, "outgoing 4, kind survey"),
    ],
)
def test_what_is_put_off_to_a_far_day_is_told(intruder, name, table, far, row):
    table, _, here = table.partition(" WHERE ")
    evening = NOW + 4 * HOUR
    until = evening + far * HOUR
    intruder.execute(text(f"UPDATE {table} SET due_at = :at WHERE {here}").bindparams(bindparam("at", until, Instant)))
    assert name not in questioned(intruder, now=evening)
    found = questioned(intruder, now=evening - timedelta(seconds=1))
    assert row in found[name].rows[0]


def test_a_reference_that_no_key_of_ours_made_is_found(intruder):
    assert questioned(intruder, is_ours=lambda given: reference.is_ours(given, RING)) == {}
    found = questioned(intruder, is_ours=lambda given: False)
    assert [*found] == ["references are ours"]
    assert found["references are ours"].broken == 2


def test_many_are_counted_and_a_few_are_shown(intruder):
    intruder.exec_driver_sql(RECIPIENTS + "reply = ''")
    (finding,) = [each for each in ledger.examine(intruder, Question(), shown=2) if not each.is_fine]
    assert (finding.broken, len(finding.rows), finding.checked) == (3, 2, 5)


def test_every_kind_of_timer_has_its_state():
    assert set(WANTED) == set(TimerKind), "a timer that no state wants is never found orphaned"


def test_large_originals_are_read_a_few_at_a_time(database):
    with database.write() as db:
        for number in range(4):
            raw = bytes([number]) * 5_000_000
            arrived = Arrival(Envelope("kim@x", ("support@x",)), raw, "smtp", str(number))
            store.spool.add(db, arrived, NOW)
    with database.read() as db:
        assert ledger.verify(db) == ()


def test_every_promise_is_said_once():
    names = [each.name for each in INVARIANTS]
    assert len(names) == len(set(names))
    assert all(each.promise and each.advice for each in INVARIANTS)
