"""A mail, template, row or configuration that is poison: it is held with its reason, and the next one goes on."""

import json
import signal
import sqlite3
from contextlib import closing

import pytest

from tests.journeys.gateway import ROOT, eventually, smarthost
from tests.journeys.letters import ANNAS, KIMS, letter, mails_to, submit, wait_for_mails

NEXT = "next@customer.test"


@pytest.fixture
def gateway(make_gateway, sink):
    return make_gateway(smarthost=smarthost(sink.port))


def ingested(gateway):
    """The spool id of a mail that came by the pipe while no daemon runs."""
    ran = gateway.run("ingest", "--rcpt", "support@example.test", "--mail-from", KIMS, "--json", stdin=letter())
    return json.loads(ran.stdout)["spool_id"]


def spoil(gateway, *statements: str) -> None:
    """As a disk, a hand or another program may do it."""
    with closing(sqlite3.connect(gateway.folder / "data/gateway.db")) as database, database:
        database.execute("PRAGMA foreign_keys=OFF")
        for statement in statements:
            assert database.execute(statement).rowcount >= 1, statement


def listed(gateway, *command: str):
    ran = gateway.run(*command, "--json")
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def next_one_goes_on(gateway, sink) -> None:
    submit(gateway.port, letter(sender=NEXT))
    wait_for_mails(sink, NEXT, 1)


SPOOL_ROWS = {
    "recipients that are no JSON": ("rcpt_to", "'[\"support@'", "'[\"support@example.test\"]'"),
    "recipients that are no list": ("rcpt_to", "'7'", "'[\"support@example.test\"]'"),
    "an instant that is none": ("received_at", "'yesterday'", "'2026-11-22 10:00:00.000000'"),
}


@pytest.mark.long_run
@pytest.mark.parametrize(("column", "poison", "sound"), SPOOL_ROWS.values(), ids=SPOOL_ROWS)
def test_a_row_of_the_spool_is_held_and_can_be_released_once_it_is_mended(gateway, sink, column, poison, sound):
    spool_id = ingested(gateway)
    spoil(gateway, f"UPDATE spool SET {column} = {poison} WHERE id = {spool_id}")

    gateway.start()
    next_one_goes_on(gateway, sink)

    (held,) = listed(gateway, "held", "list")
    assert held["id"] == spool_id
    assert "its row in the database makes no sense" in held["reason"]
    assert mails_to(sink, KIMS) == []

    spoil(gateway, f"UPDATE spool SET {column} = {sound} WHERE id = {spool_id}")
    assert gateway.run("held", "release", spool_id).returncode == 0
    wait_for_mails(sink, KIMS, 1)
    gateway.settled(2)
    assert gateway.verdicts == ["opened", "opened"]


def test_a_mail_whose_bytes_are_gone_is_held(gateway, sink):
    spool_id = ingested(gateway)
    spoil(gateway, "DELETE FROM originals")

    gateway.start()
    next_one_goes_on(gateway, sink)

    (held,) = listed(gateway, "held", "list")
    assert (held["id"], held["reason"]) == (
        spool_id,
        f"could not be processed: the bytes of mail {spool_id} are not in the database",
    )


OUTBOX_ROWS = {
    "a notice that is no JSON": "UPDATE outbox SET notice = '{' WHERE kind = 'acknowledgement'",
    "a notice of a kind that nobody knows": "UPDATE outbox SET notice = json_set(notice, '$.kind', 'blessing') "
    "WHERE kind = 'acknowledgement'",
    "a recipient in a state that is none": "UPDATE recipients SET state = 'lost' WHERE address LIKE 'kim@%'",
}


@pytest.mark.long_run
@pytest.mark.parametrize("poison", OUTBOX_ROWS.values(), ids=OUTBOX_ROWS)
def test_a_row_of_the_outbox_is_held_and_can_be_retried_once_it_is_mended(gateway, sink, poison):
    sink.answers[KIMS] = "451 4.3.0 later"
    gateway.start()
    submit(gateway.port, letter())
    wait_for_mails(sink, ANNAS, 1)
    (waiting,) = eventually(lambda: [each for each in gateway.outgoing() if each.reason], "deferred")
    gateway.stop()
    with closing(sqlite3.connect(gateway.folder / "data/gateway.db")) as database:
        (notice,) = database.execute(f"SELECT notice FROM outbox WHERE id = {waiting.id}").fetchone()
    spoil(gateway, poison, "UPDATE outbox SET due_at = '2020-01-01 00:00:00.000000' WHERE state != 'sent'")
    sink.answers.clear()

    gateway.start()
    next_one_goes_on(gateway, sink)

    (held,) = eventually(lambda: listed(gateway, "outbox", "list"), "held in the outbox")
    assert (held["id"], held["state"]) == (waiting.id, "held")
    assert "its row in the database makes no sense" in held["reason"]
    assert mails_to(sink, KIMS) == []

    with closing(sqlite3.connect(gateway.folder / "data/gateway.db")) as database, database:
        database.execute("UPDATE outbox SET notice = ? WHERE id = ?", (notice, waiting.id))
        database.execute("UPDATE recipients SET state = 'waiting' WHERE state = 'lost'")
    assert gateway.run("outbox", "retry", waiting.id).returncode == 0
    wait_for_mails(sink, KIMS, 1)


@pytest.mark.long_run
def test_a_timer_of_a_kind_that_nobody_knows_stops_no_other(gateway, sink):
    gateway.start()
    submit(gateway.port, letter())
    submit(gateway.port, letter(sender=NEXT))
    gateway.settled(2)
    gateway.stop()
    fields = "ticket_id, kind, stage, due_at, cycle"
    spoil(
        gateway,
        f"INSERT INTO timers ({fields}) VALUES (1, 'dance', 0, '2020-01-01 00:00:00.000000', 1)",
        f"INSERT INTO timers ({fields}) VALUES (2, 'wake', 0, '2020-01-02 00:00:00.000000', 1)",
        "UPDATE tickets SET state = 'postponed' WHERE id = 2",
    )

    gateway.start()

    eventually(lambda: "postponement-ended" in gateway.events(gateway.tickets[1]), "the other ticket wakes")
    assert "Traceback" not in gateway.log()


@pytest.mark.long_run
def test_a_template_that_breaks_on_one_mail_holds_that_mail_until_it_is_mended(make_gateway, sink, tmp_path):
    own = tmp_path / "templates" / "en" / "agent_notice.txt"
    own.parent.mkdir(parents=True)
    good = (ROOT / "templates/en/agent_notice.txt").read_text()
    own.write_text(good + "{% if ticket.subject == 'Poison' %}{{ ticket.reference / 0 }}{% endif %}\n")
    gateway = make_gateway(smarthost=smarthost(sink.port), gateway={"templates": str(own.parents[1])})
    gateway.start()
    submit(gateway.port, letter(subject="Poison"))
    next_one_goes_on(gateway, sink)
    wait_for_mails(sink, KIMS, 1)

    (held,) = eventually(lambda: listed(gateway, "outbox", "list"), "held in the outbox")
    assert (held["kind"], held["state"]) == ("agent_notice", "held")
    assert "agent_notice.txt, line" in held["reason"]
    assert len(wait_for_mails(sink, ANNAS, 1)) == 1, "she hears of the next one"

    own.write_text(good)
    gateway.reload()
    assert gateway.run("outbox", "retry", held["id"]).returncode == 0
    wait_for_mails(sink, ANNAS, 2)


BROKEN = {
    "no TOML": lambda text: text + "\n[[[",
    "a fault in a section": lambda text: text.replace('"Example Support"', "42"),
    "octets that are no UTF-8": lambda text: text + "\n# \udcff",
    "gone": None,
}


@pytest.mark.long_run
@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_configuration_that_cannot_be_read_anew_leaves_the_old_one(gateway, sink, broken):
    gateway.start()
    good = gateway.config.read_text()
    if broken is None:
        gateway.config.unlink()
    else:
        gateway.config.write_bytes(broken(good).encode(errors="surrogateescape"))

    gateway.running.send_signal(signal.SIGHUP)

    eventually(lambda: "the new configuration cannot be used" in gateway.log(), "the fault in the log")
    submit(gateway.port, letter())
    wait_for_mails(sink, KIMS, 1)
    assert "Traceback" not in gateway.log()
    gateway.config.write_text(good)
