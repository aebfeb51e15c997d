"""The database is lost and an older copy is put back: what came since comes again, and what is doubled can be seen."""

import sqlite3
from contextlib import closing

import pytest

from gateway import store
from gateway.store.outbox import OutboxState
from gateway.tickets.alarm import AlarmKind
from tests.journeys.gateway import Gateway, eventually, smarthost
from tests.journeys.letters import KIMS, letter, read, send, wait_for_mails


def copy_of(gateway: Gateway) -> bytes:
    """A copy of the database, taken as docs/ledger.md has it, while the daemon runs."""
    copy = gateway.folder / "copy.db"
    with (
        closing(sqlite3.connect(gateway.folder / "data" / "gateway.db")) as db,
        closing(sqlite3.connect(copy)) as other,
    ):
        db.backup(other)
    return copy.read_bytes()


def put_back(gateway: Gateway, copy: bytes) -> None:
    gateway.stop()
    gateway.database.close()
    data = gateway.folder / "data"
    for left in data.glob("gateway.db-*"):
        left.unlink()
    (data / "gateway.db").write_bytes(copy)


def alarms(gateway: Gateway) -> list[str]:
    with gateway.database.read() as db:
        return [each.detail for each in store.alarms.listed(db) if each.kind is AlarmKind.LEDGER]


def subjects(gateway: Gateway) -> list[str]:
    return sorted(ticket.subject for ticket in gateway.tickets)


@pytest.mark.dovecot
@pytest.mark.parametrize("after", ["flag", "move"])
def test_mail_that_came_since_the_copy_is_in_the_ledger_again_exactly_once(make_gateway, inbox, sink, after):
    support = inbox("support")
    gateway = make_gateway(
        smarthost=smarthost(sink.port), listener=[], mailbox=[support.section(after=after, poll_seconds=1)]
    )
    gateway.start()
    support.deliver(letter(subject="Before"))
    wait_for_mails(sink, KIMS, 1)
    gateway.settled(1)
    copy = copy_of(gateway)
    for number in range(3):
        support.deliver(letter(subject=f"Since {number}"))
    wait_for_mails(sink, KIMS, 4)
    eventually(lambda: len(support.mails("Processed" if after == "move" else "INBOX")) == 4, "it is put away")

    put_back(gateway, copy)
    assert subjects(gateway) == ["Before"]
    assert gateway.run("verify").returncode == 0
    looked = gateway.run("verify", "--online")
    assert looked.returncode == (65 if after == "move" else 0), looked
    gateway.start()

    gateway.settled(4)
    assert subjects(gateway) == ["Before", "Since 0", "Since 1", "Since 2"]
    assert gateway.verdicts == ["opened"] * 4
    assert gateway.run("verify", "--online").returncode == 0
    gateway.reload()
    gateway.settled(4)
    assert gateway.verdicts == ["opened"] * 4, "once is enough"
    if after == "flag":
        assert alarms(gateway) == [], "the reading goes on where it was"
    else:
        (said,) = alarms(gateway)
        assert said.startswith("3 of 4 mails in folder 'Processed'")
    assert len(wait_for_mails(sink, KIMS, 7)) == 7, "they are acknowledged again, under references of another time"


@pytest.mark.dovecot
def test_rows_that_were_lost_are_fetched_again_where_the_reading_does_not_look(make_gateway, inbox, sink):
    support = inbox("support")
    gateway = make_gateway(smarthost=smarthost(sink.port), listener=[], mailbox=[support.section()])
    gateway.start()
    for number in range(3):
        support.deliver(letter(subject=f"Printer {number}"))
    wait_for_mails(sink, KIMS, 3)
    gateway.settled(3)
    gateway.stop()
    forget_ticket(gateway, gateway.tickets[1].id)
    assert subjects(gateway) == ["Printer 0", "Printer 2"]

    gateway.start()

    gateway.settled(3)
    assert subjects(gateway) == ["Printer 0", "Printer 1", "Printer 2"]
    assert len(alarms(gateway)) == 1


def forget_ticket(gateway: Gateway, ticket_id: int) -> None:
    with gateway.database.write() as db:
        one = f"SELECT id FROM outbox WHERE ticket_id = {ticket_id}"
        for statement in (
            f"DELETE FROM recipients WHERE outbox_id IN ({one})",
            f"DELETE FROM outbox WHERE ticket_id = {ticket_id}",
            *(f"DELETE FROM {table} WHERE ticket_id = {ticket_id}" for table in ("events", "articles", "message_ids")),
            f"DELETE FROM originals WHERE sha256 IN (SELECT sha256 FROM spool WHERE ticket_id = {ticket_id})",
            f"DELETE FROM spool WHERE ticket_id = {ticket_id}",
            f"DELETE FROM tickets WHERE id = {ticket_id}",
        ):
            db.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            db.exec_driver_sql(statement)


def test_mail_that_waited_in_the_copy_goes_out_a_second_time_as_the_same_mail(make_gateway, sink):
    sink.answers[KIMS] = "451 4.3.0 not now"
    gateway = make_gateway(smarthost=smarthost(sink.port), delivery={"first_retry_seconds": 2})
    gateway.start()
    send(gateway.port, letter())
    eventually(lambda: [each.state for each in gateway.outgoing()].count(OutboxState.DEFERRED) == 1, "it waits")
    copy = copy_of(gateway)
    sink.answers.clear()
    (first,) = wait_for_mails(sink, KIMS, 1)
    gateway.settled(1)

    put_back(gateway, copy)
    gateway.start()

    first, second = wait_for_mails(sink, KIMS, 2)
    assert second == first, "the bytes were frozen before the copy was taken"
    assert read(first)["Message-ID"]
    gateway.settled(1)


def test_what_waited_in_the_copy_can_be_held_back(make_gateway, sink):
    sink.answers[KIMS] = "451 4.3.0 not now"
    gateway = make_gateway(smarthost=smarthost(sink.port), delivery={"first_retry_seconds": 2})
    gateway.start()
    send(gateway.port, letter())
    eventually(lambda: [each.state for each in gateway.outgoing()].count(OutboxState.DEFERRED) == 1, "it waits")
    copy = copy_of(gateway)
    sink.answers.clear()
    wait_for_mails(sink, KIMS, 1)

    put_back(gateway, copy)
    held = gateway.run("outbox", "hold", "--all")
    assert held.returncode == 0, held
    gateway.start()

    gateway.settled(1)
    states = {each.recipients[0].address: each.state for each in gateway.outgoing()}
    assert states[KIMS] is OutboxState.HELD
    assert len(wait_for_mails(sink, KIMS, 1)) == 1
