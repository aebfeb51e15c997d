"""What the daemon takes: seconds from its start to the first mail it has stored, and memory, idle and under load.

`python -m bench.footprint [--minutes N] [--pause S]`: so long mixed mail and mails of 25 MB arrive; S seconds between
two of the large ones (0), as a disk must hold them all. Memory is the proportional set size (PSS) of the daemon and the
processes it has started.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from bench import corpus
from bench.daemon import Daemon
from bench.latency import arriving
from bench.postman import Letter, Line
from bench.sink import Sink

_MIB = 2**20
_IDLE, _LOADED, _START = 120, 400, 1.0  # MiB, MiB, seconds
_PAUSE = 3.0


def start_to_first_mail(folder: Path) -> float:
    """Seconds from the start of the process to the 250 for the first mail; the best of five, as a machine can do it."""
    letter = next(Letter.of(sender, raw) for sender, raw in corpus.correspondence(1))
    daemon = Daemon(folder)
    seconds = []
    for _ in range(5):
        begun = time.monotonic()
        with daemon.running(), Line(daemon.port) as line:
            line.bring(letter)
            seconds.append(time.monotonic() - begun)
    return min(seconds)


def memory(folder: Path, minutes: float, pause: float) -> tuple[int, list[int]]:
    """Octets when idle, and, once a second or so, under load."""
    loaded = []
    with Sink() as sink:
        daemon = Daemon(folder, smarthost=sink.port)
        with daemon.running():
            time.sleep(_PAUSE)
            idle = daemon.cost.memory
            until = time.monotonic() + minutes * 60
            with arriving(daemon.port, pause), Line(daemon.port) as line:
                for seed in count(100):
                    for sender, raw in corpus.correspondence(50, seed):
                        line.bring(Letter.of(sender, raw))
                    loaded.append(daemon.cost.memory)
                    if time.monotonic() > until:
                        break
    return idle, loaded


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where the aims are met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.footprint", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=2, metavar="N", help="how long the load lasts (default 2)")
    parser.add_argument("--pause", type=float, default=0, metavar="S", help="seconds between two large mails (0)")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        start = start_to_first_mail(Path(place, "start"))
        idle, loaded = memory(Path(place, "load"), given.minutes, given.pause)
    half = len(loaded) // 2
    first, second = max(loaded[: half or 1]), max(loaded[half:])
    rows = (
        (f"start to the first stored mail: {start:.2f} s", start <= _START, f"{_START:g} s"),
        (f"idle: {idle / _MIB:.0f} MiB", idle <= _IDLE * _MIB, f"{_IDLE} MiB"),
        (f"under load with 25 MB mails: {max(loaded) / _MIB:.0f} MiB", max(loaded) <= _LOADED * _MIB, f"{_LOADED} MiB"),
    )
    for said, met, wanted in rows:
        sys.stdout.write(f"{said}  {'met' if met else 'MISSED'}: {wanted}\n")
    sys.stdout.write(f"most in the first half {first / _MIB:.0f} MiB, in the second {second / _MIB:.0f} MiB\n")
    return 0 if all(met for _, met, _ in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
