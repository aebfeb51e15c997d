"""What a grown database costs: intake into one with many tickets, relative to an empty one, in turns in the same run.

`python -m bench.growth [--tickets N] [--messages N]`; five articles a ticket. Making the rows takes some minutes and
about 4 GB of disk for a million tickets.
"""

import argparse
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from bench import corpus
from bench.daemon import Daemon
from bench.postman import Letter, Line, deliver

_WANTED = 0.85  # of the rate into an empty database
_START = 1.0  # seconds to the first mail, with all these tickets
_SETTLED = "SELECT count(*) FROM spool WHERE state IN ('waiting', 'taken')"
_ARTICLES = 5


def fill(database: Path, tickets: int) -> None:
    """Puts so many tickets of past years into a database that has its tables."""
    statements = Path(__file__).with_suffix(".sql").read_text().split(";\n")
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous=OFF")
        db.execute("PRAGMA cache_size=-1000000")
        for statement in statements:
            db.execute(statement, {"tickets": tickets} if ":tickets" in statement else {})
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def rate(daemon: Daemon, letters: Sequence[Letter]) -> float:
    """Messages a second up to the ticket."""
    start = time.monotonic()
    deliver(daemon.port, letters, 8)
    while daemon.rows(_SETTLED)[0][0]:
        time.sleep(0.02)
    return len(letters) / (time.monotonic() - start)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where the aims are met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--tickets", type=int, default=1_000_000, metavar="N", help="how many are there (a million)")
    parser.add_argument("--messages", type=int, default=600, metavar="N", help="a round (default 600); five rounds")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        empty, grown = Daemon(Path(place, "empty")), Daemon(Path(place, "grown"))
        with grown.running():
            pass
        begun = time.monotonic()
        fill(grown.folder / "data" / "gateway.db", given.tickets)
        size = (grown.folder / "data" / "gateway.db").stat().st_size
        sys.stdout.write(
            f"{given.tickets} tickets, {given.tickets * _ARTICLES} articles: {size / 1e9:.1f} GB, made in "
            f"{time.monotonic() - begun:.0f} s\n"
        )
        return _compared(empty, grown, given.messages)


def _compared(empty: Daemon, grown: Daemon, messages: int) -> int:
    rates: dict[str, list[float]] = {"empty": [], "grown": []}
    begun = time.monotonic()
    with grown.running(), Line(grown.port) as line:
        line.bring(next(Letter.of(sender, raw) for sender, raw in corpus.correspondence(1, seed=999)))
        start = time.monotonic() - begun
        with empty.running():
            for turn in range(6):
                letters = [Letter.of(sender, raw) for sender, raw in corpus.correspondence(messages, seed=turn)]
                for name, daemon in (("empty", empty), ("grown", grown)):
                    rates[name].append(rate(daemon, letters))
    middle = {name: statistics.median(each[1:]) for name, each in rates.items()}  # the first round is to warm up
    share = middle["grown"] / middle["empty"]
    say = sys.stdout.write
    say(f"empty {middle['empty']:.0f}/s, grown {middle['grown']:.0f}/s: {share:.2f}  ")
    say(f"{'met' if share >= _WANTED else 'MISSED'}: {_WANTED}\n")
    say(f"start to the first stored mail: {start:.2f} s  {'met' if start <= _START else 'MISSED'}: {_START:g} s\n")
    return 0 if share >= _WANTED and start <= _START else 1


if __name__ == "__main__":
    raise SystemExit(main())
