"""The commands that look at mail and tickets and let mail through: ingest, explain, ticket, held, outbox."""

import io
import json
import secrets
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from gateway import config, store
from gateway.daemon.clock import wall
from gateway.desk.moves import Desk
from gateway.desk.triage import Triage
from gateway.store.engine import open_database
from gateway.tickets import reading
from gateway.tickets.model import OutboxId

EMMA = b"""From: Emma Clarke <emma@customer.example>
To: support@example.com
Subject: Cannot log in
Message-ID: <1@customer.example>
Date: Mon, 23 Nov 2026 09:00:00 +0000

Hello, I cannot log in.
"""
MALLORY = b"""From: mallory@elsewhere.example
To: support@example.com
Subject: Re: [%s] Cannot log in
Message-ID: <2@elsewhere.example>

Me too.
"""

PROMISED = frozenset({
    *("path", "verdict", "kind", "subject", "from", "to", "date", "language", "text", "reply_text", "attachments"),
    *("ticket", "evidence", "queue", "category", "priority", "actions", "trace"),
})  # fmt: skip


@pytest.fixture
def ingest(run, installed, monkeypatch) -> Callable[..., object]:
    """Stores mail by the command; returns what it printed."""

    def stored(raw: bytes, *more: str) -> object:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        ran = run("ingest", "--rcpt", "support@example.com", "--json", "--config", installed, *more)
        assert ran.code == 0, ran.err
        return json.loads(ran.out)

    return stored


@pytest.fixture
def triage(installed) -> Callable[[], int]:
    """Lets the desk deal with what is stored."""

    def settled() -> int:
        loaded = config.load(installed, {})
        database = open_database(loaded.database_url)
        try:
            desk = Desk(loaded.policy, loaded.keyring, secrets.choice)
            read = partial(reading.read, ring=desk.ring, policy=desk.policy)
            return Triage(database, desk, lambda mails: [read(*each) for each in mails], wall, wall).run_once()
        finally:
            database.close()

    return settled


@pytest.fixture
def asked(run, installed) -> Callable[..., object]:
    """Runs a command with --json; what it printed, read."""

    def ask(*arguments: object) -> object:
        ran = run(*arguments, "--config", installed, "--json")
        assert ran.code == 0, ran.err
        return json.loads(ran.out)

    return ask


@pytest.fixture
def emma(ingest, triage, asked) -> str:
    """Emma's mail has come in; the reference of her ticket."""
    ingest(EMMA)
    assert triage() == 1
    return str(asked("ticket", "list")[0]["reference"])


def test_a_piped_mail_is_stored_once(ingest):
    assert ingest(EMMA) == {"spool_id": 1, "new": True}
    assert ingest(EMMA) == {"spool_id": 1, "new": False}


def test_an_empty_pipe_is_no_mail(run, installed, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    ran = run("ingest", "--rcpt", "support@example.com", "--config", installed)
    assert (ran.code, ran.err) == (65, "gateway: the pipe is empty: there is no mail in it, and nothing was stored\n")
    assert not (installed.parent / "data").exists()


def test_an_mta_keeps_the_mail_while_the_database_is_away(ingest, run, installed, monkeypatch):
    ingest(EMMA)
    file = installed.parent / "data" / "gateway.db"
    file.unlink()
    file.with_name("gateway.db-wal").write_bytes(b"what was written last")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(EMMA)))
    ran = run("ingest", "--rcpt", "support@example.com", "--config", installed)
    assert (ran.code, file.exists()) == (75, False)
    assert "holds what was written last" in ran.err


def test_ingest_keeps_bytes_and_envelope(ingest, asked):
    ingest(b"\x00\xff no header at all\r\n", "--mail-from", "<>")
    mail = asked("explain", "--stored", 1)
    assert mail["mail_from"] == ""
    assert mail["rcpt_to"] == ["support@example.com"]


def test_ingest_needs_a_recipient(run, installed):
    assert run("ingest", "--config", installed).code == 64


def test_a_mail_that_cannot_be_stored_is_to_be_tried_again(run, installed, ingest, monkeypatch):
    ingest(EMMA)
    database = Path(config.load(installed, {}).database_url.removeprefix("sqlite:///"))
    with locked(database):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(MALLORY)))
        assert run("ingest", "--rcpt", "support@example.com", "--config", installed).code == 75


def test_tickets_are_listed_and_shown(emma, run, installed, asked):
    assert [(each["reference"], each["state"]) for each in asked("ticket", "list")] == [(emma, "new")]
    shown = asked("ticket", "show", emma.lower())
    assert shown["articles"][0]["text"] == "Hello, I cannot log in."
    assert [event["what"] for event in shown["events"]] == ["opened"]
    assert {each["kind"] for each in shown["outgoing"]} == {"acknowledgement", "agent_notice"}
    table = run("ticket", "list", "--config", installed).out
    assert emma in table
    assert "emma@customer.example" in table
    told = run("ticket", "show", emma, "--config", installed).out
    assert "Hello, I cannot log in." in told
    assert "opened" in told


def test_tickets_are_filtered_by_state(emma, asked):
    assert asked("ticket", "list", "--state", "closed") == []
    assert len(asked("ticket", "list", "--state", "new", "--state", "open")) == 1


@pytest.mark.parametrize("reference", ["SUP-2222-2222", "", "nonsense"])
@pytest.mark.usefixtures("emma")
def test_a_ticket_that_is_not_there_is_said_to_be_so(run, installed, reference):
    ran = run("ticket", "show", reference, "--config", installed)
    assert ran.code == 65
    assert "gateway ticket list" in ran.err


def test_a_strangers_mail_is_held_released_and_joined(emma, ingest, triage, asked, run, installed):
    ingest(MALLORY % emma.encode())
    triage()
    held = asked("held", "list")
    assert [(each["id"], each["from"]) for each in held] == [(2, "mallory@elsewhere.example")]
    assert emma in held[0]["reason"]
    assert "mallory@elsewhere.example" in run("held", "list", "--config", installed).out
    assert asked("held", "release", 2) == {"released": [2]}
    triage()
    assert asked("held", "list") == []
    assert [each["text"] for each in asked("ticket", "show", emma)["articles"]][-1] == "Me too."


def test_held_mail_can_be_dropped_and_stays_explained(emma, ingest, triage, asked):
    ingest(MALLORY % emma.encode())
    triage()
    assert asked("held", "drop", 2) == {"dropped": [2]}
    assert asked("held", "list") == []
    assert asked("explain", "--stored", 2)["verdict"] == "dropped"


@pytest.mark.parametrize("action", ["release", "drop"])
def test_what_is_not_held_is_said_to_be_so(emma, run, installed, action):
    ran = run("held", action, 1, "--config", installed)
    assert ran.code == 65
    assert "gateway held list" in ran.err


def test_the_outbox_is_listed_and_retried(emma, asked, run, installed):
    waiting = asked("outbox", "list")
    assert {each["kind"] for each in waiting} == {"acknowledgement", "agent_notice"}
    assert "emma@customer.example" in run("outbox", "list", "--config", installed).out
    assert run("outbox", "retry", waiting[0]["id"], "--config", installed).code == 65
    hold(installed, OutboxId(waiting[0]["id"]))
    assert asked("outbox", "retry", waiting[0]["id"]) == {"retried": [waiting[0]["id"]]}


def test_the_stored_decision_is_told(emma, run, installed, asked):
    mail = asked("explain", "--stored", 1)
    assert (mail["verdict"], mail["ticket"], mail["kind"]) == ("opened", emma, "request")
    assert "rule: a new matter" in mail["trace"]
    assert "rule: a new matter" in run("explain", "--stored", 1, "--config", installed).out
    assert run("explain", "--stored", 1, "--json", "--config", installed).out.count("\n") == 1
    assert run("explain", "--stored", 99, "--config", installed).code == 65


def explained(run, *arguments: object) -> list[dict[str, object]]:
    ran = run("explain", "--json", *arguments)
    assert ran.code == 0, ran.err
    return [json.loads(line) for line in ran.out.splitlines()]


def test_explaining_against_a_configuration_changes_nothing(emma, run, installed, asked, tmp_path):
    mail = tmp_path / "mallory.eml"
    mail.write_bytes(MALLORY % emma.encode())
    for _ in range(2):
        told = explained(run, mail, "--config", installed)[0]
        assert (told["verdict"], told["ticket"]) == ("held", emma)
    assert len(asked("ticket", "list")) == 1
    assert asked("held", "list") == []


def test_explaining_for_a_desk_that_never_ran_makes_no_database(run, installed, tmp_path):
    mail = tmp_path / "1.eml"
    mail.write_bytes(EMMA)
    ran = run("explain", mail, "--json", "--config", installed)
    assert json.loads(ran.out)["verdict"] == "opened"
    assert "there is no database" in ran.err
    assert "as to a desk without tickets" in ran.err
    assert not (installed.parent / "data").exists()


def test_explaining_needs_no_configuration_and_follows_threads(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    reply = b"From: emma@customer.example\nSubject: Re: Cannot log in\nIn-Reply-To: <1@customer.example>\n\nIt works.\n"
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "1.eml").write_bytes(EMMA)
    (tmp_path / "mails" / "2.eml").write_bytes(reply)
    first, second = explained(run, tmp_path / "mails")
    assert (first["verdict"], second["verdict"]) == ("opened", "joined")
    assert first["ticket"] == second["ticket"]
    assert set(first) >= PROMISED
    assert first["from"] == {"name": "Emma Clarke", "address": "emma@customer.example"}


def test_an_mbox_and_what_is_missing_are_told_in_their_place(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    box = tmp_path / "old.mbox"
    box.write_bytes(b"From a@b Mon\n" + EMMA + b"\nFrom c@d Tue\nSubject: two\n\n>From here\n")
    ran = run("explain", "--json", box, tmp_path / "gone.eml", "--rcpt", "help@desk.example")
    told = [json.loads(line) for line in ran.out.splitlines()]
    assert [each["path"] for each in told] == [f"{box}#1", f"{box}#2", str(tmp_path / "gone.eml")]
    assert str(told[1]["text"]).strip() == "From here"
    assert told[2]["error"] == "no such file"


def test_explaining_nothing_is_a_wrong_command_line(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("explain").code == 64


def test_an_explanation_for_people_shows_the_way(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "1.eml").write_bytes(EMMA)
    told = run("explain", tmp_path / "1.eml").out
    assert "opened: request mail from Emma Clarke <emma@customer.example>" in told
    assert "rule: a new matter" in told


def test_the_way_a_mail_came_is_told_hop_by_hop(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    way = (
        b"Received: from mx.example by desk.example with ESMTPS; Mon, 23 Nov 2026 09:00:07 +0000\n"
        b"Received: from client.example by mx.example with ESMTP; Mon, 23 Nov 2026 09:00:02 +0000\n"
    )
    (tmp_path / "1.eml").write_bytes(way + EMMA)
    (told,) = explained(run, tmp_path / "1.eml", "--hops")
    assert [(hop["by"], hop["delay_seconds"]) for hop in told["hops"]] == [("mx.example", None), ("desk.example", 5.0)]  # type: ignore[attr-defined]
    assert "mx.example to desk.example" in run("explain", "--hops", tmp_path / "1.eml").out


def hold(installed: Path, outbox_id: OutboxId) -> None:
    database = open_database(config.load(installed, {}).database_url)
    with database.write() as db:
        store.outbox.hold(db, outbox_id, "refused")
    database.close()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def test_many_mails_are_told_in_their_order(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for number in range(60):
        size = 200_000 if number % 7 == 0 else 10
        text = b"From: kim@customer.test\nSubject: %d\nMessage-ID: <%d@x>\n\n" % (number, number) + b"words " * size
        (tmp_path / f"{number:03}.eml").write_bytes(text)
    assert [told["subject"] for told in explained(run, tmp_path)] == [str(number) for number in range(60)]
