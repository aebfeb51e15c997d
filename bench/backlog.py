"""A backlog imported: mail that lies in an IMAP mailbox, or comes by LMTP from an MTA that has kept it.

`python -m bench.backlog [--messages N]`. By IMAP the rate counts from the daemon's start to the last ticket. The floor
is imapclient alone, in the same run: batches of 50 fetched and flagged, nothing kept.
"""

import argparse
import smtplib
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from imapclient import IMAPClient

from bench import corpus
from bench.daemon import Daemon, free_port
from bench.latency import MAILBOX
from bench.postman import Letter, deliver
from tests.servers.dovecot import DovecotServer

_WANTED = 350  # messages a second
_SETTLED = "SELECT count(*) FROM spool WHERE state = 'done'"
_BATCH = 50
_LMTP = """
[[listener]]
protocol = "lmtp"
port = {port}
connections_per_peer = 100
"""


def filled(server: DovecotServer, user: str, mails: Sequence[bytes]) -> None:
    """The user's mailbox has these mails in it."""
    with smtplib.LMTP("127.0.0.1", server.lmtp_port) as line:
        for raw in mails:
            line.sendmail("author@customer.example", user, raw)


def imap_floor(server: DovecotServer, user: str) -> float:
    """Messages a second that imapclient fetches and flags."""
    start = time.monotonic()
    with IMAPClient("127.0.0.1", server.port, ssl=False) as client:
        client.login(user, "secret")
        client.select_folder("INBOX")
        uids = client.search()
        for at in range(0, len(uids), _BATCH):
            batch = uids[at : at + _BATCH]
            client.fetch(batch, [b"BODY.PEEK[]"])
            client.add_flags(batch, [b"$Seen"], silent=True)
    return len(uids) / (time.monotonic() - start)


def by_imap(folder: Path, server: DovecotServer, user: str, count: int) -> float:
    """Messages a second from the daemon's start to the last ticket."""
    daemon = Daemon(folder, more=MAILBOX.format(port=server.port, user=user))
    start = time.monotonic()
    with daemon.running({"BENCH_PASSWORD": "secret"}):
        return count / (daemon.wait_until(_SETTLED, count) - start)


def by_lmtp(folder: Path, letters: Sequence[Letter]) -> float:
    """Messages a second from the first command to the last ticket."""
    port = free_port()
    daemon = Daemon(folder, more=_LMTP.format(port=port))
    with daemon.running():
        start = time.monotonic()
        deliver(port, letters, 8, hello="LHLO")
        return len(letters) / (daemon.wait_until(_SETTLED, len(letters)) - start)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where the aims are met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.backlog", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=10_000, metavar="N", help="how many lie there (default 10000)")
    given = parser.parse_args(arguments)
    mails = list(corpus.correspondence(given.messages, seed=5))
    with tempfile.TemporaryDirectory(prefix="bench-") as place, DovecotServer() as server:
        user = "bench"
        server.add_user(user, "secret")
        filled(server, user, [raw for _, raw in mails])
        floor = imap_floor(server, user)
        rates = {
            "IMAP": by_imap(Path(place, "imap"), server, user, given.messages),
            "LMTP": by_lmtp(Path(place, "lmtp"), [Letter.of(sender, raw) for sender, raw in mails]),
        }
    sys.stdout.write(f"{given.messages} mails; imapclient alone fetches and flags {floor:.0f}/s\n")
    for name, rate in rates.items():
        sys.stdout.write(f"{name}: {rate:.0f} messages/s  {'met' if rate >= _WANTED else 'MISSED'}: {_WANTED}\n")
    return 0 if min(rates.values()) >= _WANTED else 1


if __name__ == "__main__":
    raise SystemExit(main())
