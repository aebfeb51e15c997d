"""Mail out of the outbox over one kept connection, against smtplib sending the very same octets in the same run.

`python -m bench.outbound [--mails N]`. Two figures are ours: mail that is still to be written (template, MIME, bytes
and answer durable), and mail that lies there written, as after a smarthost's bad night. The far end is aiosmtpd, in
another process than whoever sends. It announces PIPELINING as smarthosts do, which smtplib does not use; what we do
without it is told too.
"""

import argparse
import multiprocessing
import smtplib
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import corpus
from bench.daemon import Daemon
from bench.postman import Letter, deliver
from tests.servers.sink import Sink

_WANTED = 0.8  # of the floor
_OPEN = "SELECT count(*) FROM outbox WHERE state <> 'sent'"
_DUE = "UPDATE outbox SET state = 'waiting', sent_at = NULL, due_at = '1970-01-01 00:00:00.000000'"
_UNSERVED = "UPDATE recipients SET state = 'waiting'"
_SETTLED = "SELECT count(*) FROM spool WHERE state = 'done'"
_SENT = "SELECT mail_from, address, raw FROM outbox JOIN recipients ON recipients.outbox_id = outbox.id"


class Pipelining(Sink):
    """A far end that takes many commands at once (RFC 2920)."""

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: object, session: Any, _envelope: object, hostname: str, answers: list[str]
    ) -> list[str]:
        """Announces it."""
        session.host_name = hostname
        return [answers[0], "250-PIPELINING", *answers[1:]]


@dataclass(frozen=True, slots=True)
class Pace:
    """Mails a second, and the processor time of whoever sends them, in ms for each."""

    rate: float
    cost: float


def floor(port: int, mails: Sequence[tuple[str, str, bytes]]) -> Pace:
    """How fast smtplib sends over one connection."""
    with smtplib.SMTP("127.0.0.1", port) as line:
        line.ehlo()
        start, cost = time.monotonic(), time.process_time()
        for sender, recipient, raw in mails:
            line.sendmail(sender, recipient, raw)
        return Pace(len(mails) / (time.monotonic() - start), (time.process_time() - cost) / len(mails) * 1000)


def filled(daemon: Daemon, mails: int) -> None:
    """The daemon's outbox has acknowledgements and notices for so many mails in it, none written."""
    letters = [Letter.of(sender, raw) for sender, raw in corpus.correspondence(mails, seed=21, is_plain=True)]
    with daemon.running():
        deliver(daemon.port, letters, 8)
        daemon.wait_until(_SETTLED, len(letters))


def sent(daemon: Daemon, sink: Sink) -> Pace:
    """How fast the outbox empties, from the first mail that the smarthost has taken."""
    daemon.configure(smarthost=sink.port)
    before = len(sink.mails)
    with daemon.running():
        while len(sink.mails) == before:
            time.sleep(0.001)
        start, first, cost = time.monotonic(), len(sink.mails), daemon.cost.seconds
        while daemon.rows(_OPEN)[0][0]:
            time.sleep(0.02)
        number = len(sink.mails) - first
        return Pace(number / (time.monotonic() - start), (daemon.cost.seconds - cost) / number * 1000)


def measured(daemon: Daemon) -> dict[str, Pace]:
    """Ours, by name, and smtplib's over the same mail last."""
    with (
        Pipelining() as sink,
        Sink() as plain,
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as elsewhere,
    ):
        daemon.change(_DUE)
        paces = {"still to be written": sent(daemon, sink)}
        for name, end in (("written before", sink), ("the same, no PIPELINING", plain)):
            daemon.change(_DUE)
            daemon.change(_UNSERVED)
            paces[name] = sent(daemon, end)
        mails = [(str(sender), str(address), bytes(raw)) for sender, address, raw in daemon.rows(_SENT)]
        return {**paces, "smtplib alone": elsewhere.submit(floor, plain.port, mails).result()}


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where the aim is met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.outbound", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--mails", type=int, default=1000, metavar="N", help="for how many mails we write (1000)")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        daemon = Daemon(Path(place, "ours"))
        filled(daemon, given.mails)
        paces = measured(daemon)
    ground = paces["smtplib alone"].rate
    for name, pace in paces.items():
        said = f"{name:25}{pace.rate:6.0f}/s, {pace.cost:.2f} ms of processor a mail"
        sys.stdout.write(f"{said}, {pace.rate / ground:.2f} of smtplib\n")
    is_met = paces["written before"].rate / ground >= _WANTED
    sys.stdout.write(f"{'met' if is_met else 'MISSED'}: {_WANTED} of smtplib for mail that was written before\n")
    return 0 if is_met else 1


if __name__ == "__main__":
    raise SystemExit(main())
