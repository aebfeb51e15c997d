"""What Prometheus reads: true, in its format, and at a door of its own."""

import re
import shutil
from datetime import timedelta

import pytest

from gateway import __version__
from gateway.store.engine import open_database
from gateway.store.figures import Figures
from gateway.web.metrics import Metrics, is_reachable, written
from tests.builders import HOUR, NOW, mail

SAMPLE = re.compile(r'gateway_[a-z_]+(\{[a-z]+="(?:[^"\\\n]|\\.)*"\})? \d+(\.\d+)?')


@pytest.fixture
def away(tmp_path):
    """A database that was there when we began, and is no more."""
    folder = tmp_path / "disk"
    folder.mkdir()
    database = open_database(f"sqlite:///{folder}/gateway.db", is_lasting=False)
    database.close()
    shutil.rmtree(folder)
    return database


@pytest.fixture
def visit(office, make_visitor):
    def of(database=None, roles=None, mailboxes=None, *, is_ready=True):
        roles = {"triage": True} if roles is None else roles
        boxes = mailboxes or {}
        site = Metrics(
            database or office.database, lambda: roles, lambda: boxes, lambda: is_ready, lambda: office.clock
        )
        return make_visitor(site.answer)

    return of


def samples(text: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert [line for line in lines if not SAMPLE.fullmatch(line)] == []
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_each_mailbox_tells_whether_it_is_read(visit):
    told = samples(visit(mailboxes={"sales": False, "support": True}).get("/metrics").body)
    assert [told[f'gateway_mailbox_up{{mailbox="{name}"}}'] for name in ("sales", "support")] == [0, 1]


def test_the_figures_of_a_desk(office, visit):
    office.opened()
    office.receive(mail("Hello.", sender="support@desk.test"))
    office.bring(mail("Later."))
    office.clock += HOUR
    found = visit().get("/metrics")
    assert (found.status, found.header("content-type")) == (200, "text/plain; version=0.0.4; charset=utf-8")
    told = samples(found.body)
    assert told[f'gateway_build_info{{version="{__version__}"}}'] == 1
    assert told['gateway_role_up{role="triage"}'] == told["gateway_database_up"] == 1
    assert told["gateway_mails_total"] == 3
    assert [told[f'gateway_mails_newest{{verdict="{verdict}"}}'] for verdict in ("opened", "held", "none")] == [1, 1, 1]
    assert [told[f'gateway_spool_mails{{state="{state}"}}'] for state in ("waiting", "taken", "held")] == [1, 0, 1]
    assert told['gateway_outbox_mails{state="waiting"}'] == 3
    assert told['gateway_oldest_seconds{queue="spool"}'] == told['gateway_oldest_seconds{queue="outbox"}'] == 3600


def test_every_family_says_what_it_is(visit):
    lines = visit().get("/metrics").body.splitlines()
    families = {line.split()[2] for line in lines if line.startswith("# HELP ")}
    assert families == {line.split()[2] for line in lines if line.startswith("# TYPE ")}
    assert {re.split(r"[{ ]", line)[0] for line in lines if not line.startswith("#")} <= families


def test_no_name_of_anybody_is_among_them(office, visit):
    ticket = office.opened()
    text = visit().get("/metrics").body
    for private in (ticket.reference, ticket.customer.address, ticket.subject, "anna"):
        assert private not in text


def test_what_is_not_well_is_told(visit, away):
    told = samples(visit(away, {"triage": True, "clock": False}).get("/metrics").body)
    assert told["gateway_database_up"] == told['gateway_role_up{role="clock"}'] == 0
    assert "gateway_mails_total" not in told


def test_numbers_and_labels_are_written_as_prometheus_reads_them():
    later = NOW + timedelta(seconds=1.5)
    figures = Figures(12_345_678, {'a"b\\c\nd': 1}, {}, {}, NOW, NOW + HOUR, {})
    text = written(figures, {}, {}, later)
    assert "gateway_mails_total 12345678\n" in text
    assert 'gateway_mails_newest{verdict="a\\"b\\\\c\\nd"} 1\n' in text
    assert 'gateway_oldest_seconds{queue="spool"} 1.500\n' in text
    assert 'gateway_oldest_seconds{queue="outbox"} 0\n' in text, "clocks of two nodes may differ"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("HEAD", "/metrics", 200),
        ("POST", "/metrics", 405),
        ("GET", "/", 404),
        ("GET", "/survey/x", 404),
        ("GET", "/healthz", 200),
    ],
)
def test_there_is_nothing_else_at_this_door(visit, method, path, status):
    found = visit().ask(method, path)
    assert found.status == status
    assert found.header("content-security-policy").startswith("default-src 'none'")
    assert not found.header("strict-transport-security"), "it is no https"


def test_it_is_not_ready_when_something_is_amiss(visit):
    assert visit(is_ready=False).get("/healthz").status == 503


def test_a_database_that_is_away_is_not_reachable(database, away):
    assert is_reachable(database)
    assert not is_reachable(away)
