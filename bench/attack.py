"""What ordinary customers notice of an attack: how long their acknowledgement takes, what the daemon needs meanwhile.

`python -m bench.attack [--senders N] [--mails N] [--only NAME]`, against a daemon with the listener's own limits. The
attackers are processes of their own; all share this machine's processors with the daemon and with the smarthost.
"""

import argparse
import asyncio
import contextlib
import multiprocessing
import socket
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from bench.daemon import Daemon, cost_of, free_port
from bench.postman import Letter, Line, deliver

_WANTED = 5.0  # seconds, 99th percentile
_MEMORY = 400 * 2**20
_CUSTOMERS = 60
_EVERY = 0.25  # seconds between two customers' mails
_LINES = 8  # connections that each attacker keeps busy


@dataclass(frozen=True, slots=True)
class Attack:
    """One way to be a nuisance: `begin` gives what does it, to be run beside the customers."""

    name: str
    crowd: Callable[[int], Sequence[Letter]] = lambda _: ()
    slow: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it; `waits` are the customers' seconds, None for one who was not answered."""

    waits: tuple[float | None, ...]
    memory: int
    taken: int
    answered: int
    alarms: int
    seconds: float

    def percentile(self, share: float) -> float:
        """Seconds within which `share` (0-1) of the customers were answered."""
        ordered = sorted(float("inf") if wait is None else wait for wait in self.waits)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(slots=True)
class Smarthost:
    """Takes everything, and notes when the first mail to each address came and how many came in all."""

    port: int = field(default_factory=free_port)
    first: dict[str, float] = field(default_factory=dict)
    mails: Counter[str] = field(default_factory=Counter)

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802 the library's name
        """The library's hook."""
        now = time.monotonic()
        for address in envelope.rcpt_tos:
            self.first.setdefault(address, now)
            self.mails[address] += 1
        return "250 2.0.0 kept"

    @contextmanager
    def running(self) -> Iterator[None]:
        """In a thread of its own while the block lasts."""
        loop = asyncio.new_event_loop()
        server = loop.run_until_complete(
            loop.create_server(lambda: SMTP(self, hostname="smarthost.example", loop=loop), "127.0.0.1", self.port)
        )
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.close()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()


def letter(sender: str, number: int, *, is_proven: bool = False) -> Letter:
    """A short request; proven where the receiving server vouches for the sender's domain."""
    domain = sender.partition("@")[2]
    proof = f"Authentication-Results: mx.desk.example; dmarc=pass header.from={domain}\r\n" if is_proven else ""
    said = (
        f"{proof}Received: from out.{domain} ([203.0.113.9]) by mx.desk.example with ESMTPS id {number}\r\n"
        f"From: {sender}\r\nTo: support@desk.example\r\nSubject: Request {number}\r\n"
        f"Message-ID: <{number}.{sender}>\r\nDate: Mon, 04 May 2026 10:00:00 +0000\r\n\r\n"
        f"The machine number {number} does not start any more. What shall we do?\r\n"
    )
    return Letter.of(sender, said.encode())


def forged(many: int) -> list[Letter]:
    """Each in the name of somebody else."""
    return [letter(f"victim{number}@d{number % 997}.example", number) for number in range(many)]


def persistent(many: int) -> list[Letter]:
    """Fifty senders who write again and again."""
    return [letter(f"angry{number % 50}@crowd.example", 100_000 + number) for number in range(many)]


def drop(port: int, letters: Sequence[Letter]) -> None:
    """Brings the letters as fast as they are taken; of a lot that is turned away the rest is lost."""
    for lot in (letters[at : at + 500] for at in range(0, len(letters), 500)):
        with contextlib.suppress(RuntimeError, OSError):
            deliver(port, lot, _LINES)


@contextmanager
def bombed(port: int, letters: Sequence[Letter]) -> Iterator[None]:
    """The letters are brought as fast as the daemon takes them, by another process."""
    if not letters:
        yield
        return
    process = multiprocessing.get_context("spawn").Process(target=drop, args=(port, letters), daemon=True)
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join()


@contextmanager
def besieged(port: int, many: int) -> Iterator[None]:
    """So many connections, twenty from each address, that say a letter a second; who is put out comes again."""
    is_over = threading.Event()

    def crawl(numbers: range) -> None:
        lines: dict[int, socket.socket | None] = dict.fromkeys(numbers)
        while not is_over.wait(1):
            for number, line in lines.items():
                try:
                    lines[number] = line or socket.create_connection(
                        ("127.0.0.1", port), 5, (f"127.0.2.{number // 20 + 1}", 0)
                    )
                    lines[number].sendall(b"N")  # type: ignore[union-attr] # made in the line above
                except OSError:
                    lines[number] = None
        for line in filter(None, lines.values()):
            line.close()

    thread = threading.Thread(target=crawl, args=(range(many),))
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def customers(port: int, many: int) -> dict[str, float]:
    """When each of them had sent his mail; one who is turned away tries again, as his server would."""
    sent = {}
    for number in range(many):
        sender = f"customer{number}@firm{number}.example"
        sent[sender] = time.monotonic()
        while True:
            try:
                with Line(port) as line:
                    line.bring(letter(sender, 500_000 + number, is_proven=True))
                break
            except (RuntimeError, OSError):
                time.sleep(0.2)
        time.sleep(_EVERY)
    return sent


@contextmanager
def watched(pid: int) -> Iterator[list[int]]:
    """The memory (PSS over all processes) twice a second."""
    is_over, seen = threading.Event(), [cost_of(pid).memory]

    def look() -> None:
        while not is_over.wait(0.5):
            try:
                seen.append(cost_of(pid).memory)
            except OSError:  # a reader has just ended
                continue

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        is_over.set()
        thread.join()


def endure(attack: Attack, size: int, folder: Path, many: int = _CUSTOMERS) -> Outcome:
    """The daemon under the attack with `many` customers beside it."""
    smarthost, door = Smarthost(), free_port()
    daemon = Daemon(folder, smarthost=smarthost.port, more=f"\n[[listener]]\nport = {door}\n")
    believing = daemon.config.read_text().replace("[gateway]", '[gateway]\nauthserv_id = "mx.desk.example"')
    daemon.config.write_text(believing)
    letters = attack.crowd(size)
    with smarthost.running(), daemon.running(), watched(daemon.pid) as memory:
        start = time.monotonic()
        with besieged(door, attack.slow), bombed(door, letters):
            time.sleep(2)  # the siege stands
            sent = customers(door, many)
            give_up = time.monotonic() + 120
            while not all(sender in smarthost.first for sender in sent) and time.monotonic() < give_up:
                time.sleep(0.1)
        seconds = time.monotonic() - start
        taken = daemon.rows("SELECT count(*) FROM spool")[0][0]
        alarms = _alarms(daemon)
    waits = tuple(smarthost.first[each] - at if each in smarthost.first else None for each, at in sent.items())
    answered = sum(times for to, times in smarthost.mails.items() if to.startswith(("victim", "angry")))
    return Outcome(waits, max(memory), taken, answered, alarms, seconds)


def _alarms(daemon: Daemon) -> int:
    try:
        return int(daemon.rows("SELECT count(*) FROM alarms")[0][0])
    except sqlite3.OperationalError:
        return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where every customer was answered in time within the memory allowed, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.attack", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--senders", type=int, default=5_000, metavar="N", help="forged senders (default 5000)")
    parser.add_argument("--mails", type=int, default=25_000, metavar="N", help="mails of fifty senders (default 25000)")
    parser.add_argument("--only", default="", metavar="NAME", help="peace, forged, persistent or slow")
    given = parser.parse_args(arguments)
    attacks = (
        (Attack("peace"), 0),
        (Attack("forged", forged), given.senders),
        (Attack("persistent", persistent), given.mails),
        (Attack("slow", slow=200), 0),
    )
    say = sys.stdout.write
    say(f"{'attack':12}{'mails':>8}{'p50 s':>8}{'p99 s':>8}{'unanswered':>12}")
    say(f"{'memory MiB':>12}{'alarms':>8}{'to forged':>11}\n")  # memory: PSS over all processes
    missed = False
    for attack, size in attacks:
        if given.only and given.only != attack.name:
            continue
        with tempfile.TemporaryDirectory(prefix="attack-") as place:
            came = endure(attack, size, Path(place, "desk"))
        unanswered = sum(wait is None for wait in came.waits)
        say(f"{attack.name:12}{came.taken:8}{came.percentile(0.5):8.2f}{came.percentile(0.99):8.2f}{unanswered:12}")
        say(f"{came.memory / 2**20:12.0f}{came.alarms:8}{came.answered:11}\n")
        sys.stdout.flush()
        missed |= came.percentile(0.99) >= _WANTED or came.memory > _MEMORY
    say(f"{'MISSED' if missed else 'met'}: 99 % of customers answered within {_WANTED:g} s, memory at most 400 MiB\n")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
