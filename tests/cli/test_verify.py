"""`gateway verify` over the database that the demo leaves, and over one that somebody has broken."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

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


def test_mail_in_doubt_is_told(run, desk, sent):
    broken(desk, f"UPDATE outbox SET state = 'taken' WHERE id = {sent}")
    assert f"note: outgoing mail {sent} was being handed over" in run("verify", "--config", desk).out


def test_where_no_database_is_yet_nothing_is_made(run, desk):
    shutil.rmtree(desk.parent / "data")
    ran = run("verify", "--config", desk)
    assert ran.code == 65
    assert "there is no database yet" in ran.err
    assert not (desk.parent / "data" / "gateway.db").exists()
