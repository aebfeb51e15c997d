import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from gateway import store
from gateway.store.engine import open_database
from gateway.store.nodes import Node
from gateway.store.schema import VERSION

OLD = Path(__file__).parents[1] / "store" / "version-1" / "sqlite.sql"


@pytest.fixture
def old(installed):
    """The installation has a database of version 1."""
    installed.with_name("data").mkdir()
    with closing(sqlite3.connect(installed.parent / "data" / "gateway.db")) as db:
        db.executescript(OLD.read_text())
        db.execute("INSERT INTO meta VALUES ('schema', '1')")
        db.commit()
    return installed


def run_once(config):
    """There is a database, as after the first run."""
    config.with_name("data").mkdir()
    open_database(f"sqlite:///{config.parent}/data/gateway.db").close()


def say(config, line):
    """The section of the database says this too."""
    config.write_text(
        config.read_text(encoding="utf-8").replace("\n[database]\n", f"\n[database]\n{line}\n"), encoding="utf-8"
    )


def test_an_older_database_is_told_of_and_left_alone_until_it_is_to_be_upgraded(old, run):
    for _ in range(2):
        ran = run("db", "status", "--config", old)
        assert (ran.code, ran.err) == (0, "")
        assert f"has schema 1 (fit for programs from schema 1 on); this program needs schema {VERSION}" in ran.out
    assert (
        f"schema 1 (fit for programs from schema 1 on), now schema {VERSION}"
        in run("db", "upgrade", "--config", old).out
    )
    assert "nothing to do" in run("db", "upgrade", "--config", old).out
    assert "no node of a shared database" in run("db", "status", "--config", old).out


def test_the_same_for_programs(old, run):
    assert json.loads(run("db", "status", "--json", "--config", old).out) == {"schema": 1, "needed": VERSION}
    assert json.loads(run("db", "upgrade", "--json", "--config", old).out) == {"before": 1, "after": VERSION}
    status = json.loads(run("db", "status", "--json", "--config", old).out)
    assert status == {"schema": VERSION, "needed": VERSION, "nodes": []}


@pytest.mark.postgres
def test_the_nodes_and_what_each_holds(installed, run, postgres):
    url = postgres.database()
    say(installed, f'url = "{url}"')
    with closing(open_database(url)) as database, database.write() as db:
        store.nodes.enter(db, Node("one-1", "one", "here", ("smtp", "clock")))
        store.nodes.enter(db, Node("two-1", "two", "there", ("triage",)))
        store.leases.take(db, "clock", "one-1", timedelta(minutes=1))
    ran = run("db", "status", "--config", installed)
    assert ran.code == 0, ran.err
    assert "one   smtp, clock  0 s ago    clock" in ran.out
    nodes = json.loads(run("db", "status", "--json", "--config", installed).out)["nodes"]
    assert [(node["name"], node["roles"], node["leases"]) for node in nodes] == [
        ("one", ["smtp", "clock"], ["clock"]),
        ("two", ["triage"], []),
    ]


def test_objects_that_no_mail_has_are_removed(installed, run, tmp_path):
    run_once(installed)
    assert "there is no object store" in run("db", "collect", "--config", installed).out
    say(installed, f'originals = "file://{tmp_path}/mail"')
    orphan = tmp_path / "mail" / "2020-01-01" / "abc"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"nobody's")
    assert run("db", "collect", "--config", installed).out == "1 objects that no mail has any more were removed\n"
    assert not orphan.exists()
    assert json.loads(run("db", "collect", "--json", "--config", installed).out) == {"removed": 0}
