"""The benchmarks of the whole daemon measure a daemon that works: mail becomes tickets, and the figures are told."""

import re

from bench import growth, intake
from bench.daemon import Daemon


def test_intake_tells_its_figures_and_the_floors(capsys):
    intake.main(["--messages", "80", "--plain", "--lines", "2"])
    said = capsys.readouterr().out
    mails, tickets, queued = map(int, re.findall(r"(\d+) (?:mails|tickets|acknowledgements)", said)[:3])
    assert mails == 80
    assert 0.5 * mails < queued <= tickets <= mails
    assert len(re.findall(r"^(?:floor|gateway): .* [\d.]+ +[\d.]+$", said, re.MULTILINE)) == 3
    assert said.splitlines()[-1] in {"met: 600 messages/s", "MISSED: 600 messages/s"}


def test_a_grown_database_has_the_tickets_that_were_asked_for_and_works(tmp_path):
    daemon = Daemon(tmp_path / "grown")
    with daemon.running():
        pass
    growth.fill(tmp_path / "grown" / "data" / "gateway.db", 300)
    assert daemon.rows("SELECT count(*), count(DISTINCT code) FROM tickets") == [(300, 300)]
    assert daemon.rows("SELECT count(*) FROM articles WHERE ticket_id <= 300") == [(1500,)]
    assert daemon.rows("PRAGMA foreign_key_check") == []
    with daemon.running():
        assert daemon.cost.memory > 10_000_000
