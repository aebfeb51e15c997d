"""The commands for what is wrong and for addresses that get no automatic mail."""

import json
from datetime import timedelta

import pytest

from gateway import config, store
from gateway.daemon.clock import wall
from gateway.store.engine import open_database
from gateway.tickets.alarm import AlarmKind
from gateway.tickets.model import SpoolId
from gateway.tickets.suppression import Fault, Suppression


@pytest.fixture
def written(installed):
    """Writes into the installation's database."""
    loaded = config.load(installed, {})
    loaded.data_dir.mkdir(parents=True, exist_ok=True)
    database = open_database(loaded.database_url)

    def write(function, *arguments):
        with database.write() as db:
            return function(db, *arguments)

    yield write
    database.close()


@pytest.fixture
def gateway(run, installed):
    return lambda *arguments: run(*arguments, "--config", installed)


def test_alarms_are_listed_closed_and_listed_no_more(gateway, written):
    ids = [SpoolId(3), SpoolId(4)]
    written(store.alarms.raise_, AlarmKind.LOOP, "kim@customer.test", "kim loops", wall(), ids, 2)
    table = gateway("alarm", "list").out.splitlines()
    assert table[0].split() == ["id", "kind", "since", "last", "seen", "times", "what", "mails"]
    assert table[1].endswith("2      kim loops  3, 4")
    (shown,) = json.loads(gateway("alarm", "list", "--json").out)
    assert (shown["id"], shown["kind"], shown["about"], shown["mails"]) == (1, "loop", "kim@customer.test", [3, 4])
    assert shown["told_at"] is None
    assert json.loads(gateway("alarm", "close", "1", "--json").out) == {"closed": [1]}
    assert gateway("alarm", "list").out == "no alarm is open\n"
    assert len(json.loads(gateway("alarm", "list", "--all", "--json").out)) == 1


def test_closing_what_is_not_open_is_told(gateway, written):
    ran = gateway("alarm", "close", "7")
    assert (ran.code, "alarm 7 is not open" in ran.err) == (65, True)


def test_suppressions_are_listed_lifted_and_listed_no_more(gateway, written):
    now, day = wall(), timedelta(days=1)
    gone = Suppression("kim@customer.test", Fault.GONE, 100, now, "5.1.1", "no such user", now + 60 * day)
    written(store.suppressions.keep, gone)
    written(store.suppressions.keep, Suppression("lee@customer.test", Fault.FULL, 40, now - day, "5.2.2", "full"))
    kims, lees = json.loads(gateway("suppression", "list", "--json").out)
    assert (kims["address"], kims["suppressed"], kims["fault"]) == ("kim@customer.test", True, "gone")
    assert (lees["suppressed"], lees["until"], round(lees["score"])) == (False, None, 36)
    first, second = gateway("suppression", "list").out.splitlines()[1:]
    assert f"until {gone.until:%Y-%m-%d}" in first
    assert "not yet" in second
    assert gateway("suppression", "lift", "KIM@customer.test").out == "KIM@customer.test gets automatic mail again\n"
    ran = gateway("suppression", "lift", "kim@customer.test")
    assert (ran.code, "nothing is held against kim@customer.test" in ran.err) == (65, True)
    written(store.suppressions.lift, "lee@customer.test")
    assert gateway("suppression", "list").out == "nothing is held against any address\n"
