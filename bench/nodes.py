"""Several nodes over one PostgreSQL: how fast a spool full of mail becomes tickets with one worker node, and with two.

`python -m bench.nodes [--messages N] [--nodes N] [--plain]`; PostgreSQL's programs have to be on this machine.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import corpus
from bench.daemon import ROOT, Daemon, cost_of
from bench.postman import RECIPIENT
from gateway import store
from gateway.mail.envelope import Envelope
from gateway.store.engine import Database, open_database
from gateway.store.spool import Arrival
from tests.servers.postgres import PostgresServer

_WANTED = 1.6  # two nodes, of what one does
_PATIENCE = 600.0
_MORE = """
[database]
url = "{url}"
"""


@dataclass(frozen=True, slots=True)
class Run:
    """Messages a second; processor seconds of the nodes, and of PostgreSQL."""

    rate: float
    nodes: float
    server: float


def fill(database: Database, mails: Sequence[tuple[str, bytes]]) -> None:
    """All of them lie in the spool, held for now."""
    now = datetime.now(UTC)  # noqa: TID251 - a benchmark's clock is the wall's
    for start in range(0, len(mails), 200):
        with database.write() as db:
            for number, (sender, raw) in enumerate(mails[start : start + 200], start):
                store.spool.add(db, Arrival(Envelope(sender, (RECIPIENT,)), raw, "bench", str(number)), now)
            db.exec_driver_sql("UPDATE spool SET state = 'held' WHERE state = 'waiting'")


def let_go(database: Database) -> None:
    """Every node hears that there is work."""
    with database.write() as db:
        db.exec_driver_sql("UPDATE spool SET state = 'waiting'")
        db.exec_driver_sql("SELECT pg_notify('gateway', 'triage')")


def left(database: Database) -> int:
    """How many mails have no verdict."""
    with database.read() as db:
        return int(db.exec_driver_sql("SELECT count(*) FROM spool WHERE state IN ('waiting', 'taken')").scalar() or 0)


def present(database: Database) -> int:
    """How many nodes are there."""
    with database.read() as db:
        return len(store.nodes.listed(db))


def measure(server: PostgresServer, place: Path, mails: Sequence[tuple[str, bytes]], nodes: int) -> Run:
    """So many worker nodes, each a process with its reading process, on a fresh database."""
    url = server.database()
    daemon = Daemon(place / str(nodes), more=_MORE.format(url=url))
    with closing(open_database(url)) as database, ExitStack() as running:
        fill(database, mails)
        command = [sys.executable, "-m", "gateway", "run", "--config", str(daemon.config), "--roles", "triage"]
        started = [_started(running, [*command, "--node", f"node-{number}"]) for number in range(nodes)]
        _wait(lambda: present(database) == nodes, "the nodes to be there")
        time.sleep(2)  # they have looked for work, and their reading processes are up
        before = [cost_of(each.pid).seconds for each in started]
        server_before = cost_of(server.pid).seconds
        begin = time.monotonic()
        let_go(database)
        _wait(lambda: not left(database), "the spool to be empty")
        seconds = time.monotonic() - begin
        spent = sum(cost_of(each.pid).seconds for each in started) - sum(before)
        return Run(len(mails) / seconds, spent, cost_of(server.pid).seconds - server_before)


def _started(running: ExitStack, command: Sequence[str]) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)  # noqa: S603
    running.callback(process.wait)
    running.callback(process.terminate)
    return process


def _wait(condition: Callable[[], bool], what: str) -> None:
    give_up = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > give_up:
            raise TimeoutError(f"waited in vain for {what}")
        time.sleep(0.05)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where two nodes do what is wanted of them, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.nodes", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=3000, metavar="N", help="how many lie there (default 3000)")
    parser.add_argument("--nodes", type=int, default=2, metavar="N", help="up to how many nodes (default 2)")
    parser.add_argument("--plain", action="store_true", help="plain mail, 7 kB on average, instead of mixed, 42 kB")
    given = parser.parse_args(arguments)
    mails = list(corpus.correspondence(given.messages, is_plain=given.plain))
    say = sys.stdout.write
    say(f"{'nodes':>5}{'messages/s':>12}{'ratio':>8}{'ms a message, nodes':>22}{'PostgreSQL':>12}\n")
    rates: list[float] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as place, PostgresServer(durable=True) as server:
        for nodes in range(1, given.nodes + 1):
            run = measure(server, Path(place), mails, nodes)
            rates.append(run.rate)
            ours, theirs = (seconds / len(mails) * 1000 for seconds in (run.nodes, run.server))
            say(f"{nodes:5}{run.rate:12.0f}{run.rate / rates[0]:8.2f}{ours:22.2f}{theirs:12.2f}\n")
    met = len(rates) < 2 or rates[1] / rates[0] >= _WANTED
    say(f"{'met' if met else 'MISSED'}: two nodes do {_WANTED} times what one does\n")
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
