"""From a mail's arrival to its acknowledgement at the smarthost: an idle system, by SMTP and by IMAP IDLE.

`python -m bench.latency [--mails N] [--large]`; with --large, mails of 25 MB arrive all the while. Arrival is the 250
of our listener, or the moment at which the mailbox's own server has taken the mail.
"""

import argparse
import random
import smtplib
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench import corpus
from bench.daemon import Daemon
from bench.postman import Letter, Line
from bench.sink import Sink
from tests.servers.dovecot import DovecotServer

_WANTED = {"SMTP": 0.060, "IMAP IDLE": 0.8}  # seconds, the median; the 99th percentile three times that
_WANTED_BESIDE_LARGE = 2.0  # seconds, the 99th percentile
_LARGE = 25_000_000
MAILBOX = """
[[mailbox]]
name = "bench"
host = "127.0.0.1"
port = {port}
tls = "none"
user = "{user}"
password_env = "BENCH_PASSWORD"
address = "support@desk.example"
"""


def large(number: int) -> Letter:
    """A mail with a file of 18 MB, 25 MB on the line."""
    body = b"QUJD" * 19 + b"\r\n"
    head = (
        f"From: <large-{number}@customer.example>\r\nTo: <support@desk.example>\r\nSubject: Our plans {number}\r\n"
        f"Message-ID: <large-{number}@customer.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: application/zip; name="plans.zip"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    )
    return Letter.of(f"large-{number}@customer.example", head.encode() + body * ((_LARGE - 1000) // len(body)))


@contextmanager
def arriving(port: int, pause: float = 0) -> Iterator[None]:
    """One mail of 25 MB after the other, over one line, while the block lasts; between two, seconds of `pause`."""
    is_over = threading.Event()

    def carry() -> None:
        with Line(port) as line:
            number = 0
            while not is_over.is_set():
                line.bring(large(number))
                number += 1
                is_over.wait(pause)
        sys.stdout.write(f"{number} mails of {_LARGE / 1e6:.0f} MB arrived meanwhile\n")

    carrier = threading.Thread(target=carry)
    carrier.start()
    try:
        yield
    finally:
        is_over.set()
        carrier.join()


def by_smtp(mails: int, folder: Path, *, beside_large: bool) -> list[float]:
    """Seconds of each mail from our 250 to its acknowledgement's arrival at the smarthost."""
    with Sink() as sink:
        daemon = Daemon(folder, smarthost=sink.port)
        with daemon.running(), Line(daemon.port) as line:

            def arrive(sender: str, raw: bytes) -> float:
                line.bring(Letter.of(sender, raw))
                return time.monotonic()

            if beside_large:
                with arriving(daemon.port):
                    return _each(mails, sink, arrive)
            return _each(mails, sink, arrive)


def by_idle(mails: int, folder: Path) -> list[float]:
    """Seconds of each mail from the IMAP server's 250 to its acknowledgement's arrival at the smarthost."""
    with DovecotServer() as server, Sink() as sink:
        user = "bench"
        server.add_user(user, "secret")
        daemon = Daemon(folder, smarthost=sink.port, more=MAILBOX.format(port=server.port, user=user))
        with daemon.running({"BENCH_PASSWORD": "secret"}):

            def arrive(sender: str, raw: bytes) -> float:
                with smtplib.LMTP("127.0.0.1", server.lmtp_port) as line:
                    line.sendmail(sender, user, raw)
                return time.monotonic()

            return _each(mails, sink, arrive)


def _each(mails: int, sink: Sink, arrive: Callable[[str, bytes], float]) -> list[float]:
    choose = random.Random(0)  # noqa: S311 repeatable on purpose
    seconds = []
    for sender, raw in _requests(mails + 5):
        came = arrive(sender, raw)
        seconds.append(sink.wait_for(sender, 30) - came)
        time.sleep(choose.uniform(0.05, 0.3))  # the moments of strangers' mails
    return seconds[5:]


def _requests(count: int) -> Iterator[tuple[str, bytes]]:
    """Plain first mails of persons: each is acknowledged."""
    new = (
        (sender, raw)
        for sender, raw in corpus.correspondence(count * 3, seed=11, is_plain=True)
        if b"In-Reply-To" not in raw and b"Auto-Submitted" not in raw
    )
    return (pair for _, pair in zip(range(count), new, strict=False))


def _told(name: str, seconds: Sequence[float], median: float | None, most: float) -> bool:
    ordered = sorted(seconds)
    middle, nearly_all = statistics.median(ordered), ordered[int(0.99 * len(ordered))]
    met = (median is None or middle <= median) and nearly_all <= most
    sys.stdout.write(
        f"{name:28}{len(ordered):6} mails  median {middle * 1000:7.0f} ms  99 % {nearly_all * 1000:7.0f} ms  "
        f"slowest {ordered[-1] * 1000:7.0f} ms  {'met' if met else 'MISSED'}\n"
    )
    return met


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where the aims are met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.latency", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--mails", type=int, default=200, metavar="N", help="how many are sent each way (default 200)")
    parser.add_argument("--large", action="store_true", help="by SMTP only, while mails of 25 MB arrive")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        if given.large:
            seconds = by_smtp(given.mails, Path(place, "large"), beside_large=True)
            return 0 if _told("SMTP beside 25 MB mails", seconds, None, _WANTED_BESIDE_LARGE) else 1
        figures = {
            "SMTP": by_smtp(given.mails, Path(place, "smtp"), beside_large=False),
            "IMAP IDLE": by_idle(given.mails, Path(place, "imap")),
        }
    met = [_told(name, seconds, _WANTED[name], 3 * _WANTED[name]) for name, seconds in figures.items()]
    return 0 if all(met) else 1


if __name__ == "__main__":
    raise SystemExit(main())
