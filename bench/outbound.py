"""Mail out of the outbox over one kept connection, against smtplib sending the very same octets in the same run.

`python -m bench.outbound [--mails N]`. Two figures are ours: mail that is still to be written (template, MIME, two
durable commits a mail), and mail that lies there written, as after a smarthost's bad night. The far end is aiosmtpd.
"""

import argparse
import smtplib
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench import corpus
from bench.daemon import Daemon
from bench.postman import Letter, deliver
from tests.servers.sink import Sink

_WANTED = 0.8  # of the floor
_OPEN = "SELECT count(*) FROM outbox WHERE state <> 'sent'"
_DUE = "UPDATE outbox SET state = 'waiting', sent_at = NULL, due_at = '1970-01-01 00:00:00.000000'"
_SETTLED = "SELECT count(*) FROM spool WHERE state = 'done'"


def floor(mails: Sequence[tuple[str, str, bytes]]) -> float:
    """Mails a second that smtplib sends over one connection."""
    with Sink() as sink, smtplib.SMTP("127.0.0.1", sink.port) as line:
        line.ehlo()
        start = time.monotonic()
        for sender, recipient, raw in mails:
            line.sendmail(sender, recipient, raw)
        return len(mails) / (time.monotonic() - start)


def filled(daemon: Daemon, mails: int) -> None:
    """The daemon's outbox has acknowledgements and notices for so many mails in it, none written."""
    letters = [Letter.of(sender, raw) for sender, raw in corpus.correspondence(mails, seed=21, is_plain=True)]
    with daemon.running():
        deliver(daemon.port, letters, 8)
        daemon.wait_until(_SETTLED, len(letters))


def sent(daemon: Daemon, sink: Sink) -> float:
    """Mails a second until the outbox is empty, from the first one that the smarthost has taken."""
    before = len(sink.mails)
    with daemon.running():
        while len(sink.mails) == before:
            time.sleep(0.001)
        start, first = time.monotonic(), len(sink.mails)
        while daemon.rows(_OPEN)[0][0]:
            time.sleep(0.02)
        return (len(sink.mails) - first) / (time.monotonic() - start)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where the aim is met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.outbound", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--mails", type=int, default=1000, metavar="N", help="for how many mails we write (1000)")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as place, Sink() as sink:
        daemon = Daemon(Path(place, "ours"))
        filled(daemon, given.mails)
        daemon.configure(smarthost=sink.port)
        daemon.change(_DUE)
        writing = sent(daemon, sink)
        daemon.change(_DUE)
        daemon.change("UPDATE recipients SET state = 'waiting'")
        written = sent(daemon, sink)
        rows = daemon.rows(
            "SELECT mail_from, address, raw FROM outbox JOIN recipients ON recipients.outbox_id = outbox.id"
        )
    ground = floor([(str(sender), str(address), bytes(raw)) for sender, address, raw in rows])
    say = sys.stdout.write
    say(f"{len(rows)} mails; smtplib alone {ground:.0f}/s\n")
    for name, rate in (("still to be written", writing), ("written before", written)):
        share = rate / ground
        say(f"{name:20}{rate:6.0f}/s, {share:.2f} of it  {'met' if share >= _WANTED else 'MISSED'}: {_WANTED}\n")
    return 0 if written / ground >= _WANTED else 1


if __name__ == "__main__":
    raise SystemExit(main())
