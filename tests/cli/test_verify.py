"""`gateway verify` over the database that the demo leaves, and over one that somebody has broken."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from gateway import store
from gateway.cli import verify
from gateway.mail.envelope import Envelope
from gateway.store.engine import open_database
from gateway.store.sightings import Compared
from gateway.store.spool import Arrival, SpoolState, Verdict
from tests.builders import NOW
from tests.servers.process import free_port


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """The folder of a demo; whether it went by its script is not asked here."""
    folder = tmp_path_factory.mktemp("demo")
    line = [sys.executable, "-m", "gateway", "demo", "--once", "--dir", str(folder)]
    subprocess.run(line, cwd=Path(__file__).parents[2], capture_output=True, check=False)
    return folder


@pytest.fixture
def desk(played, tmp_path):
    """A copy of it, its configuration among it."""
    shutil.copytree(played, tmp_path / "desk")
    config = tmp_path / "desk" / "gateway.toml"
    config.write_text(config.read_text().replace(str(played), str(tmp_path / "desk")))
    return config


@pytest.fixture
def sent(desk):
    """How many mails went out."""
    with closing(sqlite3.connect(desk.parent / "data" / "gateway.db")) as db:
        (number,) = db.execute("SELECT max(id) FROM outbox").fetchone()
    return number


def broken(desk, *statements):
    with closing(sqlite3.connect(desk.parent / "data" / "gateway.db")) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def test_what_the_demo_leaves_keeps_every_promise(run, desk, sent):
    ran = run("verify", "--online", "--config", desk)
    assert ran.code == 0, ran.out
    lines = ran.out.splitlines()
    assert all(line.startswith("ok ") for line in lines[:-2])
    assert f"ok      one acknowledgement ({sent} outbox)" in lines
    assert f"ok      captured mail: {sent} mails" in lines
    assert lines[-1].endswith("promises hold.")


def test_what_is_broken_is_told_with_what_to_do(run, desk, sent):
    broken(desk, "UPDATE recipients SET reply = ''")
    ran = run("verify", "--limit", 2, "--config", desk)
    assert ran.code == 65
    assert f"BROKEN  acceptance is on record: {sent} of {sent} recipients" in ran.out
    assert "        - outgoing 1, address " in ran.out
    assert f"        - and {sent - 2} more (--limit)" in ran.out
    assert "        what to do: " in ran.out
    assert ran.out.splitlines()[-1].startswith("1 of ")


def test_for_programs_it_is_json(run, desk):
    broken(desk, "UPDATE tickets SET reference = 'SUP-2222-2222', code = '22222222' WHERE id = 1")
    ran = run("verify", "--quick", "--json", "--config", desk)
    assert ran.code == 65
    said = json.loads(ran.out)
    (finding,) = [each for each in said["invariants"] if not each["holds"]]
    assert said["ok"] is False
    assert (finding["name"], finding["checked"], finding["broken"]) == ("references are ours", 6, 1)
    assert finding["rows"] == ["ticket 1, reference SUP-2222-2222, code 22222222"]
    assert finding["advice"]


def test_captured_mail_of_another_time_is_told(run, desk, sent):
    broken(desk, f"DELETE FROM recipients WHERE outbox_id = {sent}", f"DELETE FROM outbox WHERE id = {sent}")
    ran = run("verify", "--online", "--config", desk)
    assert ran.code == 65
    assert f"BROKEN  captured mail: {sent} mails; not of this database " in ran.out
    assert "was the database restored from a backup?" in ran.out


def test_a_mailbox_that_is_not_reached_is_not_judged(run, desk):
    password = desk.parent / "password"
    password.write_text("secret")
    desk.write_text(
        f"{desk.read_text()}\n[[mailbox]]\nname = 'box'\nhost = '127.0.0.1'\nport = {free_port()}\ntls = 'none'\n"
        f"user = 'x'\npassword_file = '{password}'\naddress = 'support@desk.example'\n"
    )
    ran = run("verify", "--online", "--json", "--config", desk)
    assert ran.code == 75, ran.out
    assert [(each["name"], each["is_fine"]) for each in json.loads(ran.out)["outside"]] == [
        ("mailbox box", None),
        ("captured mail", True),
    ]


def test_mail_that_was_left_by_decision_is_fine_and_counted_apart():
    compared = Compared("box", "INBOX", listed=10, left=7, gone=1)
    looked = verify._looked(compared)
    assert looked.is_fine
    assert looked.said == (
        "3 of 10 mails are in the ledger; 7 were left at the first visit, as first_visit says; "
        "1 of the ledger lie there no more"
    )


def test_mail_in_doubt_is_told(run, desk, sent):
    broken(desk, f"UPDATE outbox SET state = 'taken' WHERE id = {sent}")
    assert f"note: outgoing mail {sent} was being handed over" in run("verify", "--config", desk).out


def test_where_no_database_is_yet_nothing_is_made(run, desk):
    shutil.rmtree(desk.parent / "data")
    ran = run("verify", "--config", desk)
    assert ran.code == 66
    assert "there is no database" in ran.err
    assert not (desk.parent / "data" / "gateway.db").exists()


@pytest.fixture
def kept_apart(desk, tmp_path):
    """The folder where the mails of the desk lie, of which there are two."""
    place = tmp_path / "mail"
    config = desk.read_text()
    assert "[database]" not in config
    desk.write_text(f'{config}\n[database]\noriginals = "file://{place}"\n')
    with closing(open_database(f"sqlite:///{desk.parent}/data/gateway.db", originals=f"file://{place}")) as database:
        for key in ("1", "2"):
            raw = f"Subject: {key}".encode()
            database.keep([raw], NOW)
            with database.write() as db:
                spool_id, _ = store.spool.add(db, Arrival(Envelope(None, ("a@x",)), raw, "test", key), NOW)
                store.spool.settle(db, spool_id, Verdict(SpoolState.HELD, "held", "because"), NOW)
    return place / "2026-05-04"


def test_what_lies_in_an_object_store_is_there_and_read_again(run, desk, kept_apart):
    assert "ok      object store: 2 objects of mails\n" in run("verify", "--config", desk).out
    first, second = sorted(kept_apart.iterdir())
    (kept_apart / "orphan").write_bytes(b"nobody's")
    ran = run("verify", "--config", desk)
    assert "objects of mails; 1 beside them that no mail has (`gateway db collect --list`)" in ran.out
    assert run("db", "collect", "--list", "--config", desk).out == "2026-05-04/orphan\n"
    assert run("db", "collect", "--list", "--json", "--config", desk).out.split() == [
        *("{", '"unnamed":', "[", '"2026-05-04/orphan"', "]", "}")
    ]
    first.write_bytes(b"other")
    assert run("verify", "--quick", "--config", desk).code == 0, "it is there, and not read"
    ran = run("verify", "--config", desk)
    assert ran.code == 65
    assert "BROKEN  object store: 2 objects of mails, 1 altered; 1 beside them that no mail has" in ran.out
    assert f"2026-05-04/{first.name} has other bytes than were put there" in ran.out
    second.unlink()
    ran = run("verify", "--quick", "--json", "--config", desk)
    assert ran.code == 65
    (told,) = json.loads(ran.out)["outside"]
    assert (told["is_fine"], "2 objects of mails, 1 missing" in told["said"]) == (False, True)
    assert "mounted" in told["advice"]


def test_an_object_store_that_cannot_be_read_is_not_judged(run, desk, kept_apart):
    for each in kept_apart.iterdir():
        each.unlink()
        each.mkdir()
    ran = run("verify", "--config", desk)
    assert (ran.code, "2 not to be read now" in ran.out) == (75, True)
    shutil.rmtree(kept_apart.parent)
    kept_apart.parent.write_text("a file, no folder")
    ran = run("verify", "--config", desk)
    assert (ran.code, "NOT REACHED object store: object store: could not list objects" in ran.out) == (75, True)
