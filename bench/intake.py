"""Mail by SMTP until it is a ticket with its acknowledgement in the outbox: how fast, against a floor in the same run.

`python -m bench.intake [--messages N] [--lines N] [--plain] [--profile]`
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import corpus
from bench.daemon import ROOT, Daemon, cost_of, free_port
from bench.postman import Letter, deliver

_WANTED = {False: 300, True: 600}  # messages a second, mixed and plain
_SHARE = 0.9  # of the floor, for mixed mail
_SETTLED = "SELECT count(*) FROM spool WHERE state = 'done'"


@dataclass(frozen=True, slots=True)
class Run:
    """Messages a second up to the 250 and up to the ticket, the processor's seconds, the most memory in octets."""

    accepted: float
    settled: float
    processor: float
    memory: int = 0


def floor(folder: Path, letters: Sequence[Letter], lines: int) -> Run:
    """One process that only takes, parses and commits."""
    folder.mkdir()
    port = free_port()
    command = [sys.executable, "-m", "bench.floor", str(folder), str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603
        if process.stdout is None or process.stdin is None:
            raise RuntimeError("no pipes")
        process.stdout.readline()
        before = cost_of(process.pid).seconds
        start = time.monotonic()
        deliver(port, letters, lines)
        rate = len(letters) / (time.monotonic() - start)
        processor = cost_of(process.pid).seconds - before
        process.stdin.close()
    return Run(rate, rate, processor)


def ours(folder: Path, letters: Sequence[Letter], lines: int) -> Run:
    """The gateway: from the first command to the last ticket."""
    daemon = Daemon(folder)
    with daemon.running():
        deliver(daemon.port, letters[:50], lines)  # warm
        daemon.wait_until(_SETTLED, 50)
        before = daemon.cost.seconds
        start = time.monotonic()
        deliver(daemon.port, letters[50:], lines)
        accepted = time.monotonic()
        settled = daemon.wait_until(_SETTLED, len(letters))
        cost = daemon.cost
    tickets = daemon.rows("SELECT count(*) FROM tickets")[0][0]
    queued = daemon.rows("SELECT count(*) FROM outbox WHERE kind = 'acknowledgement'")[0][0]
    sys.stdout.write(f"{len(letters)} mails, {tickets} tickets, {queued} acknowledgements queued\n")
    measured = len(letters) - 50
    return Run(measured / (accepted - start), measured / (settled - start), cost.seconds - before, cost.memory)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where the aims are met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.intake", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=3000, metavar="N", help="how many are brought (default 3000)")
    parser.add_argument("--lines", type=int, default=8, metavar="N", help="over how many connections (default 8)")
    parser.add_argument("--plain", action="store_true", help="plain mail, 7 kB on average, instead of mixed, 42 kB")
    given = parser.parse_args(arguments)
    mails = corpus.correspondence(given.messages, is_plain=given.plain)
    letters = [Letter.of(sender, raw) for sender, raw in mails]
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        ground = floor(Path(place, "floor"), letters, given.lines)
        run = ours(Path(place, "ours"), letters, given.lines)
    return _report(ground, run, given.messages, is_plain=given.plain)


def _report(ground: Run, run: Run, messages: int, *, is_plain: bool) -> int:
    say = sys.stdout.write
    say(f"{'':44}{'messages/s':>12}{'processor ms a message':>25}\n")
    for name, rate, processor in (
        ("floor: aiosmtpd, one parse, one commit each", ground.settled, ground.processor),
        ("gateway: up to the 250", run.accepted, run.processor),
        ("gateway: up to ticket and acknowledgement", run.settled, run.processor),
    ):
        say(f"{name:44}{rate:12.0f}{processor / messages * 1000:25.2f}\n")
    share = run.settled / ground.settled
    say(f"share of the floor: {share:.2f}; memory after it: {run.memory / 2**20:.0f} MiB (PSS)\n")
    aims = [(run.settled >= _WANTED[is_plain], f"{_WANTED[is_plain]} messages/s")]
    if not is_plain:
        aims.append((share >= _SHARE, f"{_SHARE:.0%} of the floor"))
    for is_met, aim in aims:
        say(f"{'met' if is_met else 'MISSED'}: {aim}\n")
    return 0 if all(is_met for is_met, _ in aims) else 1


if __name__ == "__main__":
    raise SystemExit(main())
