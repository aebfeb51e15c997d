import json
import logging
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from gateway import store
from gateway.desk import refusal
from gateway.desk.moves import Desk
from gateway.errors import TemporaryError
from gateway.mail.address import Mailbox
from gateway.mail.envelope import Envelope
from gateway.mail.parse import parse
from gateway.outbound.capture import Capture
from gateway.outbound.delivery import LEASE, Delivery
from gateway.outbound.render import Templates
from gateway.outbound.settings import DeliverySettings, SmarthostSettings, Tls
from gateway.outbound.smarthost import Smarthost
from gateway.store.engine import open_database
from gateway.store.outbox import OutboxState, RecipientState
from gateway.store.spool import Arrival
from gateway.store.tickets import NewTicket
from gateway.tickets.alarm import AlarmKind
from gateway.tickets.notices import Notice, NoticeKind, Reason
from gateway.tickets.suppression import Fault
from tests.outbound.conftest import NOW, SHIPPED
from tests.outbound.controlled import CUT

ANNA, BEN, CID = (Mailbox(name.title(), f"{name}@example.org") for name in ("anna", "ben", "cid"))
MINUTE = timedelta(minutes=1)


def refusals(policy, ring):
    """What the desk does about refused mail."""
    return partial(refusal.refused, Desk(policy, ring, lambda letters: letters[0]))


class Room:
    """A delivery on a real database and a real server, with a clock that the test moves."""

    def __init__(self, file, relay, policy, ring, templates):
        self.file = file
        self.database = open_database(f"sqlite:///{file}")
        self.time = NOW
        self.relay = relay
        self._fixed = (policy, ring, templates)
        self.delivery = self.another()
        with self.database.write() as db:
            new = NewTicket("SUP-7K2M-9XQ4", "support", "The printer", ANNA, "en")
            self.ticket = store.tickets.open_ticket(db, new, NOW)

    def another(self, relay=None, templates=None, wall=None):
        policy, ring, shipped = self._fixed
        clock = wall or (lambda: self.time)
        settings = DeliverySettings()
        now = lambda: NOW + timedelta(days=400)  # noqa: E731 - the desk's clock runs ahead, as in a demonstration
        fixed = (policy, ring, templates or shipped, settings, now, clock, lambda _: 0, refusals(policy, ring))
        return Delivery(self.database, relay or self.relay, *fixed)

    def add(self, kind=NoticeKind.CLOSED, key="k", **said):
        agent = "maria" if kind.is_for_agents or kind is NoticeKind.REPLY else ""
        to = (Mailbox("Maria Ozola", "maria@private.example"),) if kind.is_for_agents else (ANNA,)
        given = {"to": to, "agent": agent, "ticket_id": self.ticket.id, "language": "en", "queue": "support", **said}
        with self.database.write() as db:
            added = store.outbox.add(db, Notice(key=key, kind=kind, **given), NOW)
        assert added is not None
        return added

    def look(self, outbox_id):
        with self.database.read() as db:
            found = store.outbox.get(db, outbox_id)
        assert found is not None
        return found

    def state(self, outbox_id):
        """The row's state, and each recipient's."""
        found = self.look(outbox_id)
        return found.state, {each.address.partition("@")[0]: each.state for each in found.recipients}

    def history(self):
        """What happened to the ticket, and why."""
        with self.database.read() as db:
            return [(event.what, event.why) for event in store.tickets.history(db, self.ticket.id)]

    def suppressed(self, address):
        """What is held against an address."""
        with self.database.read() as db:
            found = store.suppressions.among(db, [address]).get(address)
        return found.fault if found else None

    def told(self):
        """The notices to agents about mail that was not sent."""
        with self.database.read() as db:
            return [each.notice for each in store.outbox.listed(db) if each.notice.reason is Reason.NOT_SENT]


@pytest.fixture
def relay(server):
    relay = Smarthost(SmarthostSettings("127.0.0.1", server.port, tls=Tls.NONE, timeout_seconds=5, hostname="desk"))
    yield relay
    relay.close()


@pytest.fixture
def room(tmp_path, relay, policy, ring, templates):
    room = Room(tmp_path / "gateway.db", relay, policy, ring, templates)
    yield room
    room.delivery.close()
    room.database.close()


def test_a_mail_is_sent_and_its_answer_kept(room, server):
    added = room.add()
    assert (room.delivery.run_once(), room.delivery.run_once()) == (1, 0)
    sent = room.look(added)
    assert room.state(added) == (OutboxState.SENT, {"anna": RecipientState.SENT})
    assert sent.recipients[0].reply == "250 2.0.0 taken as 4F2A"
    (taken,) = server.taken
    assert (taken.mail_from, taken.rcpt_to, taken.raw) == (sent.mail_from, ("anna@example.org",), sent.raw)
    assert parse(taken.raw).message_id == sent.message_id
    assert parse(taken.raw).date == NOW + timedelta(days=400)
    assert parse(taken.raw).subject == sent.subject


def test_its_message_ids_are_known_as_our_own(room):
    added = room.add()
    room.delivery.run_once()
    ids = [room.look(added).message_id, parse(room.look(added).raw).references[0]]
    with room.database.read() as db:
        known = store.tickets.with_message_ids(db, ids)
    assert {(each, str(origin), ticket.id) for each, origin, ticket in known} == {
        (each, "own", room.ticket.id) for each in ids
    }


def test_many_mails_go_in_order_over_one_connection(room, server):
    added = [room.add(key=str(n)) for n in range(25)]
    assert [room.delivery.run_once() for _ in range(3)] == [20, 5, 0]
    assert server.connections == 1
    assert [parse(taken.raw).message_id for taken in server.taken] == [room.look(each).message_id for each in added]


def test_files_of_the_mail_it_speaks_of_go_along(room, server):
    raw = (
        b"From: maria@private.example\r\nMessage-ID: <x@private.example>\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nwords\r\n--b\r\n'
        b'Content-Type: text/csv\r\nContent-Disposition: attachment; filename="fire.csv"\r\n\r\na,b\r\n--b--\r\n'
    )
    with room.database.write() as db:
        source, _ = store.spool.add(db, Arrival(Envelope("", ()), raw, "smtp", "1"), NOW)
    room.add(NoticeKind.REPLY, text="See the file.", source=source)
    room.delivery.run_once()
    read = parse(server.taken[0].raw)
    assert [(file.name, file.content.strip()) for file in read.attachments] == [("fire.csv", b"a,b")]
    assert b"private.example" not in server.taken[0].raw


@pytest.mark.parametrize("command", ["MAIL", "RCPT anna@example.org", "DATA", "."])
@pytest.mark.parametrize("answer", ["451 4.3.2 later", CUT])
def test_what_may_succeed_later_is_deferred_and_sent_later_as_the_same_octets(room, server, command, answer):
    server.answers[command] = [answer]
    added = room.add()
    assert room.delivery.run_once() == 1
    first = room.look(added)
    assert room.state(added) == (OutboxState.DEFERRED, {"anna": RecipientState.WAITING})
    assert (first.due_at, first.attempts) == (NOW + MINUTE, 1)
    assert "anna@example.org: 451" in first.reason
    room.time += MINUTE - timedelta(seconds=1)
    assert room.delivery.run_once() == 0
    room.time += timedelta(seconds=1)
    assert room.delivery.run_once() == 1
    assert room.state(added) == (OutboxState.SENT, {"anna": RecipientState.SENT})
    assert [taken.raw for taken in server.taken] == [first.raw]
    assert room.told() == []


def test_the_delay_grows_and_after_days_the_agent_is_told(room, server):
    server.answers["."] = "451 4.2.2 mailbox full"
    added = room.add(NoticeKind.REPLY, text="my words")
    delays = []
    while room.state(added)[0] is not OutboxState.HELD:
        before = room.time
        assert room.delivery.run_once() == 1
        room.time = room.look(added).due_at
        delays.append((room.time - before) / MINUTE)
    assert delays[:9] == [1, 2, 4, 8, 16, 32, 64, 128, 240]
    assert timedelta(hours=96) <= room.time - NOW <= timedelta(hours=101)
    (told,) = room.told()
    assert f"given up after {len(delays)} attempts" in told.detail
    assert "anna@example.org: 451 4.2.2 mailbox full" in told.detail
    assert told.text == "my words"


@pytest.mark.parametrize("command", ["MAIL", "RCPT anna@example.org", "DATA", "."])
def test_what_is_refused_for_good_is_held_and_its_author_told(room, server, command):
    server.answers[command] = ["550 5.1.1 no such user"]
    added = room.add(NoticeKind.REPLY, text="my words")
    room.delivery.run_once()
    assert room.state(added) == (OutboxState.HELD, {"anna": RecipientState.HELD})
    assert room.look(added).reason == "anna@example.org: 550 5.1.1 no such user"
    (told,) = room.told()
    assert (told.to, told.agent, told.kind) == (
        (Mailbox("Maria Ozola", "maria@private.example"),),
        "maria",
        "agent_error",
    )
    assert told.detail == "Re: [SUP-7K2M-9XQ4] The printer\nanna@example.org: 550 5.1.1 no such user"
    assert room.delivery.run_once() == 1
    assert server.taken[-1].rcpt_to == ("maria@private.example",)
    assert "550 5.1.1 no such user" in parse(server.taken[-1].raw).text
    assert "my words" in parse(server.taken[-1].raw).text


def test_of_automatic_mail_the_ticket_tells_and_nobody_is_written_to(room, server):
    server.answers["RCPT anna@example.org"] = "550 5.1.1 no such user"
    added = room.add()
    room.delivery.run_once()
    assert (room.state(added)[0], room.told(), room.delivery.run_once()) == (OutboxState.HELD, [], 0)
    assert room.history()[0] == ("not sent", "closed: anna@example.org: 550 5.1.1 no such user")


def test_of_a_reply_whose_author_is_an_agent_no_more_all_who_hear_of_the_ticket_are_told(room, server):
    server.answers["RCPT anna@example.org"] = "550 5.1.1 no such user"
    room.add(NoticeKind.REPLY, agent="gone", text="words")
    room.delivery.run_once()
    assert [told.agent for told in room.told()] == ["maria", "jan"]


def test_each_word_about_a_refusal_can_be_explained_by_an_event_of_its_ticket(room, server):
    server.answers["RCPT anna@example.org"] = "550 5.1.1 no such user"
    room.add(NoticeKind.REPLY, text="words")
    room.delivery.run_once()
    with room.database.read() as db:
        events = {event.at for event in store.tickets.history(db, room.ticket.id)}
        (told,) = [each for each in store.outbox.listed(db) if each.notice.reason is Reason.NOT_SENT]
    assert told.created_at in events


@pytest.mark.parametrize(
    ("command", "answer", "fault"),
    [
        ("RCPT anna@example.org", "550 5.1.1 no such user", Fault.GONE),
        ("RCPT anna@example.org", "550 no such user here", Fault.GONE),
        ("RCPT anna@example.org", "552 5.2.2 mailbox full", Fault.FULL),
        ("RCPT anna@example.org", "451 4.2.2 mailbox full", None),
        ("RCPT anna@example.org", "550 5.7.1 not from you", None),
        ("MAIL", "550 5.1.1 no such sender", None),
        (".", "554 5.6.0 not this mail", None),
    ],
)
def test_a_refusal_counts_against_the_customers_address_as_a_report_would(room, server, command, answer, fault):
    server.answers[command] = answer
    room.add()
    room.delivery.run_once()
    assert room.suppressed("anna@example.org") == fault
    room.add(NoticeKind.AGENT_NOTICE, "other", reason=Reason.NEW_TICKET)
    server.answers["RCPT maria@private.example"] = "550 5.1.1 no such user"
    room.delivery.run_once()
    assert room.suppressed("maria@private.example") is None


@pytest.mark.parametrize("kind", [NoticeKind.AGENT_NOTICE, NoticeKind.AGENT_ERROR])
def test_refused_mail_to_an_agent_is_an_alarm_in_the_log_and_starts_no_circle(room, server, caplog, kind):
    server.answers["RCPT maria@private.example"] = "550 5.1.1 no such user"
    added = room.add(kind, reason=Reason.NEW_TICKET)
    room.delivery.run_once()
    assert room.state(added)[0] is OutboxState.HELD
    assert room.told() == []
    errors = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert sorted(errors) == ["an alarm is raised", "mail is held"]
    with room.database.read() as db:
        (raised,) = store.alarms.listed(db)
    assert (raised.kind, raised.key) == (AlarmKind.AGENT_UNREACHABLE, "maria@private.example")


def test_one_refused_recipient_of_three_and_nobody_is_served_twice(room, server):
    server.answers["RCPT ben@example.org"] = "550 5.1.1 no such user"
    server.answers["RCPT cid@example.org"] = ["451 4.7.1 greylisted"]
    added = room.add(NoticeKind.REPLY, cc=(BEN, CID), text="words")
    room.delivery.run_once()
    waiting, sent, held = RecipientState.WAITING, RecipientState.SENT, RecipientState.HELD
    assert room.state(added) == (OutboxState.DEFERRED, {"anna": sent, "ben": held, "cid": waiting})
    assert len(room.told()) == 1
    room.time += MINUTE
    room.delivery.run_once()
    assert room.state(added) == (OutboxState.HELD, {"anna": sent, "ben": held, "cid": sent})
    replies = [taken.rcpt_to for taken in server.taken if taken.rcpt_to != ("maria@private.example",)]
    assert replies == [("anna@example.org",), ("cid@example.org",)]
    assert len({taken.raw for taken in server.taken if "maria@private.example" not in taken.rcpt_to}) == 1
    assert len(room.told()) == 1

    server.answers.clear()
    with room.database.write() as db:
        assert store.outbox.retry(db, added)
    room.delivery.run_once()
    assert room.state(added) == (OutboxState.SENT, {"anna": sent, "ben": sent, "cid": sent})
    assert server.taken[-1].rcpt_to == ("ben@example.org",)


def test_what_was_put_off_by_a_clock_that_is_set_back_since_does_not_wait_for_its_old_hour(room, server, caplog):
    server.answers["RCPT anna@example.org"] = ["451 4.7.1 greylisted"]
    added = room.add()
    room.time += timedelta(days=30)
    room.delivery.run_once()
    room.time -= timedelta(days=30)
    assert (room.state(added)[0], room.delivery.run_once()) == (OutboxState.DEFERRED, 0)
    assert room.delivery.run_once() == 1
    assert room.state(added)[0] is OutboxState.SENT
    assert "the clock was set back, deferred mail is due now" in [record.getMessage() for record in caplog.records]


def test_the_longest_delay_of_all_is_waited_for(room, server):
    server.answers["RCPT anna@example.org"] = ["451 4.7.1 greylisted"] * 30
    added = room.add()
    while room.look(added).attempts < 12:
        room.time = max(room.time, room.look(added).due_at)
        room.delivery.run_once()
    assert room.look(added).due_at - room.time == timedelta(hours=4)
    assert (room.delivery.run_once(), room.delivery.run_once()) == (0, 0)


def test_a_relay_that_is_down_costs_one_knock_a_while_one_alarm_and_no_attempt(room, server, caplog):
    added = [room.add(key=str(n)) for n in range(5)]
    server.stop()
    for _ in range(200):
        assert room.delivery.run_once() == 0
        room.time += timedelta(seconds=15)
    alarms = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [(record.levelname, record.getMessage()) for record in alarms] == [("ERROR", "the relay takes no mail")]
    assert vars(alarms[0])["action"] == "relay-down"
    assert {(room.look(each).state, room.look(each).attempts) for each in added} == {(OutboxState.DEFERRED, 0)}
    assert "cannot connect" in room.look(added[0]).reason
    server.start()
    room.time += timedelta(minutes=20)
    assert room.delivery.run_once() == 5
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING][1:] == [
        "the relay takes mail again"
    ]
    assert {room.state(each)[0] for each in added} == {OutboxState.SENT}


def test_a_relay_that_is_down_is_left_in_peace_by_new_mail_too(room, server):
    server.answers["MAIL"] = "530 5.7.0 authentication required"
    room.add()
    room.delivery.run_once()
    knocks = server.connections
    for number in range(10):
        room.add(key=f"new {number}")
        assert room.delivery.run_once() == 0
    assert server.connections == knocks


def test_a_week_without_relay_holds_nothing(room, server):
    server.answers["MAIL"] = "530 5.7.0 authentication required"
    added = room.add()
    for _ in range(8):
        room.delivery.run_once()
        room.time += timedelta(days=1)
    assert room.state(added)[0] is OutboxState.DEFERRED
    server.answers.clear()
    room.delivery.run_once()
    assert room.state(added)[0] is OutboxState.SENT


def test_one_mail_that_breaks_every_connection_does_not_stop_the_next(room, server):
    server.answers["RCPT ben@example.org"] = CUT
    poison, fine = room.add(key="1", to=(BEN,)), room.add(key="2")
    assert room.delivery.run_once() == 2
    assert (room.state(poison)[0], room.state(fine)[0]) == (OutboxState.DEFERRED, OutboxState.SENT)


@pytest.fixture
def broken(tmp_path):
    """The shipped templates but for an operator's broken `closed.txt`."""
    (tmp_path / "own" / "en").mkdir(parents=True)
    (tmp_path / "own" / "en" / "closed.txt").write_text("Subject: x\n\nfine\n{{ nobody }}\n")
    (tmp_path / "own" / "en" / "reply.txt").write_text("Subject: x\n\n{{ nobody }}\n")
    return Templates(SHIPPED, tmp_path / "own", "en", ZoneInfo("UTC"))


def test_a_broken_template_holds_its_mail_and_no_other(room, server, broken, tmp_path):
    held, fine = room.add(), room.add(NoticeKind.SURVEY, key="2")
    assert room.another(templates=broken).run_once() == 2
    assert (room.state(held)[0], room.state(fine)[0]) == (OutboxState.HELD, OutboxState.SENT)
    assert room.look(held).reason == f"{tmp_path}/own/en/closed.txt, line 4: 'nobody' is undefined"
    assert (room.look(held).raw, room.told(), len(server.taken)) == (b"", [], 1)
    with room.database.write() as db:
        store.outbox.retry(db, held)
    room.delivery.run_once()
    assert room.state(held)[0] is OutboxState.SENT


def test_an_agent_whose_reply_cannot_be_written_is_told(room, broken):
    room.add(NoticeKind.REPLY, text="my words")
    room.another(templates=broken).run_once()
    (told,) = room.told()
    assert ("reply.txt, line 3" in told.detail, told.text) == (True, "my words")


def test_the_answer_is_committed_before_the_next_mail_is_offered(room, server):
    added = [room.add(key=str(n)) for n in range(3)]
    seen = []
    server.on_data = lambda: seen.append([str(room.state(each)[0]) for each in added])
    room.delivery.run_once()
    assert seen == [["taken", "taken", "taken"], ["sent", "taken", "taken"], ["sent", "sent", "taken"]]


@pytest.fixture(params=[False, True], ids=["one command a time", "pipelining"])
def either(request, server):
    """The server, which takes one command at a time, or many."""
    server.is_pipelining = request.param
    return server


@pytest.fixture
def another(room):
    """Another program's connection to the database."""
    with closing(sqlite3.connect(room.file, isolation_level=None, check_same_thread=False)) as connection:
        yield connection


def after_the_first(server, do):
    """Does so when the first mail has arrived and before it is answered for."""

    def once():
        server.on_data = None
        do()

    server.on_data = once


def test_the_content_waits_until_the_answer_before_is_durable(room, either, another):
    added = [room.add(key=str(n)) for n in range(2)]
    seen = []

    def lock():
        another.execute("BEGIN IMMEDIATE")
        either.on_data = lambda: seen.append([str(room.state(each)[0]) for each in added])

    either.on_data = lock
    thread = threading.Thread(target=room.delivery.run_once)
    thread.start()
    goes = ["MAIL", "RCPT anna@example.org", "DATA"] if either.is_pipelining else ["MAIL"]
    eventually(lambda: either.commands[either.commands.index(".") + 1 :] == goes)
    is_over = threading.Event()
    assert not is_over.wait(0.3), "time enough for a content that would not wait"
    assert (either.commands.count("."), seen) == (1, [])
    another.execute("ROLLBACK")
    thread.join(10)
    assert (seen, len(either.taken)) == ([["sent", "taken"]], 2)


def eventually(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(ValueError):
            if condition():
                return
        time.sleep(0.01)
    raise AssertionError("it never came")


def test_while_an_answer_cannot_be_written_no_mail_is_handed_over_and_none_is_lost(room, either, another):
    added = [room.add(key=str(n)) for n in range(3)]
    no_answers = "CREATE TRIGGER no BEFORE UPDATE ON recipients BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    after_the_first(either, lambda: another.execute(no_answers))
    for _ in range(3):
        with pytest.raises(TemporaryError, match="the disk is full"):
            room.delivery.run_once()
    assert (len(either.taken), either.commands.count(".")) == (1, 1)
    assert {room.state(each)[0] for each in added} == {OutboxState.TAKEN}

    another.execute("DROP TRIGGER no")
    room.time += LEASE
    room.delivery.run_once()
    assert {room.state(each)[0] for each in added} == {OutboxState.SENT}
    assert [parse(taken.raw).message_id for taken in either.taken] == [room.look(each).message_id for each in added]


def test_a_mail_that_was_taken_away_meanwhile_is_not_handed_over(room, either, another):
    added = [room.add(key=str(n)) for n in range(3)]
    away = f"UPDATE outbox SET attempts = attempts + 1 WHERE id = {added[1]}"
    after_the_first(either, lambda: another.execute(away))
    assert room.delivery.run_once() == 3
    assert [room.state(each)[0] for each in added] == [OutboxState.SENT, OutboxState.TAKEN, OutboxState.SENT]
    sent = [room.look(each).message_id for each in (added[0], added[2])]
    assert [parse(taken.raw).message_id for taken in either.taken] == sent
    assert either.commands.count(".") == 2


@pytest.mark.parametrize(
    ("command", "answer", "second", "third"),
    [
        ("MAIL", "530 5.7.0 authentication required", OutboxState.DEFERRED, OutboxState.DEFERRED),
        ("MAIL", "451 4.3.0 later", OutboxState.DEFERRED, OutboxState.SENT),
        ("RCPT anna@example.org", "550 5.1.1 no such user", OutboxState.HELD, OutboxState.SENT),
        ("RCPT anna@example.org", CUT, OutboxState.DEFERRED, OutboxState.SENT),
        ("DATA", "451 4.3.0 later", OutboxState.DEFERRED, OutboxState.SENT),
        ("DATA", CUT, OutboxState.DEFERRED, OutboxState.SENT),
    ],
)
def test_however_the_next_envelope_ends_the_answer_before_is_written(room, either, command, answer, second, third):
    added = [room.add(key=str(n)) for n in range(3)]
    after_the_first(either, lambda: either.answers.update({command: [answer]}))
    room.delivery.run_once()
    assert [room.state(each)[0] for each in added] == [OutboxState.SENT, second, third]
    assert len(either.taken) == 1 + (third is OutboxState.SENT)


def test_no_transaction_is_open_while_the_relay_is_talked_to(room, server):
    room.add()
    written = []

    def write():
        with closing(sqlite3.connect(room.file, timeout=0, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("INSERT INTO meta VALUES ('touched', 'yes')")
            other.execute("COMMIT")
            written.append(1)

    server.on_data = write
    room.delivery.run_once()
    assert written == [1]


def test_an_answer_that_cannot_be_written_is_kept_and_nothing_is_sent_twice(room, server):
    added = room.add()
    other = sqlite3.connect(room.file, isolation_level=None, check_same_thread=False)
    server.on_data = lambda: other.execute("BEGIN IMMEDIATE")
    with closing(other):
        with pytest.raises(TemporaryError, match="locked"):
            room.delivery.run_once()
        other.execute("ROLLBACK")
        server.on_data = None
        assert room.state(added)[0] is OutboxState.TAKEN
        room.time += LEASE * 2  # by now anybody could take it
        room.delivery.run_once()
    assert room.state(added) == (OutboxState.SENT, {"anna": RecipientState.SENT})
    assert len(server.taken) == 1


def test_a_kept_answer_is_written_at_the_end_at_the_latest(room, server):
    added = room.add()
    other = sqlite3.connect(room.file, isolation_level=None, check_same_thread=False)
    server.on_data = lambda: other.execute("BEGIN IMMEDIATE")
    with closing(other):
        with pytest.raises(TemporaryError):
            room.delivery.run_once()
        other.execute("ROLLBACK")
    room.delivery.close()
    assert room.state(added)[0] is OutboxState.SENT


def test_an_interrupted_run_is_repeated_after_its_lease_as_the_same_mail(room, server):
    added = room.add()
    with room.database.write() as db:
        assert len(store.outbox.take(db, NOW, LEASE, 10)) == 1  # and then nothing: the process is no more
    assert room.delivery.run_once() == 0
    room.time += LEASE
    assert room.delivery.run_once() == 1
    assert room.state(added)[0] is OutboxState.SENT
    assert parse(server.taken[0].raw).message_id == room.look(added).message_id


_CHILD = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo
from gateway.mail.tokens import Keyring
from gateway.outbound.delivery import Delivery
from gateway.outbound.render import Templates
from gateway.outbound.settings import DeliverySettings, SmarthostSettings, Tls
from gateway.outbound.smarthost import Smarthost
from gateway.store.engine import open_database
from gateway.tickets.model import Queue
from gateway.tickets.policy import Policy

file, port, templates = sys.argv[1:]

class KilledAfterTheAnswer(Smarthost):
    def send(self, *arguments):
        super().send(*arguments)
        os.kill(os.getpid(), 9)

queue = Queue("support", "Example Support", "support@example.com", ())
policy = Policy("demo desk", "desk.example.com", (queue,), (), (), "support")
relay = KilledAfterTheAnswer(SmarthostSettings("127.0.0.1", int(port), tls=Tls.NONE))
now = lambda: datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
texts = Templates(Path(templates), None, "en", ZoneInfo("UTC"))
keyring = Keyring((b"k" * 32,))
database = open_database(f"sqlite:///{file}")
Delivery(database, relay, policy, keyring, texts, DeliverySettings(), now, now, lambda _: 0, print).run_once()
"""


def test_killed_between_the_answer_and_the_commit_only_the_mail_in_flight_goes_again(room, server):
    added = [room.add(key=str(n)) for n in range(3)]
    child = subprocess.run(
        [sys.executable, "-c", _CHILD, str(room.file), str(server.port), str(SHIPPED)], check=False, cwd=SHIPPED.parent
    )
    assert (child.returncode, len(server.taken)) == (-9, 1)
    room.time += LEASE
    assert room.delivery.run_once() == 3
    ids = [parse(taken.raw).message_id for taken in server.taken]
    assert ids == [ids[0], *(room.look(each).message_id for each in added)]
    assert server.taken[0].raw == server.taken[1].raw
    assert {room.state(each)[0] for each in added} == {OutboxState.SENT}


def test_two_deliveries_side_by_side_send_everything_once(room, server):
    for number in range(60):
        room.add(key=str(number))
    relays = [Smarthost(SmarthostSettings("127.0.0.1", server.port, tls=Tls.NONE)) for _ in range(2)]
    deliveries = [room.another(relay=relay) for relay in relays]

    def work(delivery):
        while delivery.run_once(limit=3):
            pass

    threads = [threading.Thread(target=work, args=(each,)) for each in deliveries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for delivery in deliveries:
        delivery.close()
    ids = [parse(taken.raw).message_id for taken in server.taken]
    assert (len(ids), len(set(ids))) == (60, 60)


def test_a_slow_batch_gives_back_what_it_would_not_finish_within_its_lease(room, server):
    added = [room.add(key=str(n)) for n in range(3)]

    def slow():
        room.time += LEASE

    server.on_data = slow
    assert room.delivery.run_once() == 1
    assert [room.state(each)[0] for each in added] == [OutboxState.SENT, OutboxState.DEFERRED, OutboxState.DEFERRED]
    assert room.look(added[1]).attempts == 0
    server.on_data = None
    assert room.delivery.run_once() == 2


def test_an_unknown_failure_of_the_relay_defers_that_mail(room, tmp_path):
    class Odd(Capture):
        def send(self, mail_from, recipients, raw, may_go):
            if "ben@example.org" in recipients:
                raise ValueError("odd")
            return super().send(mail_from, recipients, raw, may_go)

    odd, fine = room.add(key="1", to=(BEN,)), room.add(key="2")
    assert room.another(relay=Odd(tmp_path / "captured", lambda: NOW)).run_once() == 2
    assert (room.state(odd)[0], room.state(fine)[0]) == (OutboxState.DEFERRED, OutboxState.SENT)


def test_without_a_smarthost_mail_is_captured(room, tmp_path):
    added = room.add()
    room.another(relay=Capture(tmp_path / "captured", lambda: NOW)).run_once()
    (file,) = (tmp_path / "captured" / "new").iterdir()
    sent = room.look(added)
    assert file.read_bytes().endswith(sent.raw)
    assert sent.recipients[0].reply == f"250 2.0.0 captured as {file.name}"


def test_mail_without_a_ticket_is_sent(room, server):
    added = room.add(NoticeKind.AGENT_ERROR, ticket_id=None, reason=Reason.NOT_RECOGNISED, subject="Re: x")
    room.delivery.run_once()
    assert room.state(added)[0] is OutboxState.SENT
    assert parse(server.taken[0].raw).subject == "Not done: Re: x"


def test_a_queue_or_agent_that_is_configured_no_more_stops_nothing(room):
    added = room.add(NoticeKind.REPLY, queue="gone", agent="gone", text="x")
    room.delivery.run_once()
    assert room.state(added)[0] is OutboxState.SENT


def test_the_log_tells_each_station_and_never_the_words(room, server, caplog):
    caplog.set_level(logging.INFO)
    server.answers["."] = ["451 4.3.2 later"]
    room.add(NoticeKind.REPLY, text="very private words")
    room.delivery.run_once()
    room.time += MINUTE
    room.delivery.run_once()
    ours = [record for record in caplog.records if record.name.startswith("gateway.")]
    assert [vars(record)["action"] for record in ours] == ["deferred", "sent"]
    assert all("message_id" in vars(record) for record in ours)
    assert "private words" not in json.dumps([{k: str(v) for k, v in vars(record).items()} for record in ours])


def test_settings_of_its_own(room, server, policy, ring, templates):
    server.answers["."] = "451 4.3.2 later"
    patient = replace(DeliverySettings(), first_retry_seconds=600)
    delivery = Delivery(
        room.database,
        room.relay,
        policy,
        ring,
        templates,
        patient,
        lambda: NOW,
        lambda: NOW,
        lambda below: below - 1,
        refusals(policy, ring),
    )
    added = room.add()
    delivery.run_once()
    assert timedelta(minutes=12) < room.look(added).due_at - NOW < timedelta(minutes=12.5)


def ended(delivery, reached):
    """Stops the delivery while it waits for an answer; the thread that delivered is gone."""
    thread = threading.Thread(target=delivery.run_once)
    thread.start()
    assert reached.wait(10)
    delivery.stop()
    thread.join(10)
    assert not thread.is_alive()


def test_a_smarthost_that_does_not_answer_keeps_nobody_from_ending(room, server):
    added = [room.add(key=str(number)) for number in range(2)]
    reached, is_over = threading.Event(), threading.Event()

    def keep_waiting() -> None:
        reached.set()
        is_over.wait(30)

    server.on_data = keep_waiting
    ended(room.delivery, reached)
    is_over.set()
    assert [room.state(each)[0] for each in added] == [OutboxState.DEFERRED] * 2
    before = {room.look(each).raw for each in added}

    server.on_data = None
    room.time += timedelta(hours=1)
    anew = Smarthost(SmarthostSettings("127.0.0.1", server.port, tls=Tls.NONE))
    assert room.another(relay=anew).run_once() == 2
    anew.close()
    assert {taken.raw for taken in server.taken} == before, "the same octets, by another run"


def test_a_smarthost_that_does_not_greet_keeps_nobody_from_ending(room):
    added, reached = room.add(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        lines: list[socket.socket] = []

        def say_nothing() -> None:
            lines.append(silent.accept()[0])
            reached.set()

        threading.Thread(target=say_nothing, daemon=True).start()
        settings = SmarthostSettings(host="127.0.0.1", port=silent.getsockname()[1], tls=Tls.NONE)
        ended(room.another(relay=Smarthost(settings)), reached)
        lines[0].close()
    assert room.state(added)[0] is OutboxState.DEFERRED


def test_no_mail_is_begun_after_the_stop(room, server):
    added = [room.add(key=str(number)) for number in range(3)]
    server.on_data = room.delivery._is_stopping.set
    room.delivery.run_once()
    assert [room.state(each)[0] for each in added] == [OutboxState.SENT, OutboxState.DEFERRED, OutboxState.DEFERRED]
    assert room.delivery.run_once() == 0
