"""Our gateway beside other help desks: how many of the same mails each takes in a second, on one machine in one run.

`python -m bench.others [--messages N] [--old N] [--venv FOLDER] [--rounds N]`. Theirs are django-helpdesk over IMAP and
Roundup out of an mbox file (bench.rivals says how they are set up); they are installed from where pip installs.

Theirs: mails / seconds of the command that takes them in, less the seconds of the same command where there is no mail.
Ours: up to the last ticket with its acknowledgement in the outbox; by SMTP from the first command, by IMAP from the
daemon's start, less the seconds that it takes to its greeting where there is no mail. django-helpdesk renders and sends
within its time (to nowhere), ours sends later. Ours has two processes by design, theirs one; "ms a mail" is the
processor's time in all of them, the IMAP server's left out, and says more than the rate where the machine has other
work. With more rounds the middle one counts.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

from bench import backlog, corpus, growth, intake
from bench.daemon import Daemon
from bench.postman import Letter
from bench.rivals import Helpdesk, Roundup, Spent, count, installed
from tests.servers.dovecot import DovecotServer

_OURS = "gateway"
_WANTED = {"SMTP": 6, "IMAP": 8}  # times the best of the others
_WARM = 50  # mails
_LEAST = 0.8  # of the mails; bulk mail is no entry at some desks


@dataclass(frozen=True, slots=True)
class Run:
    """One desk that took in mail one way: mails a second, and what it made of them; `old` tickets were there before."""

    desk: str
    way: str
    mail: str  # mixed or plain
    rate: float
    processor: float  # seconds a mail
    tickets: int
    entries: int
    old: int = 0


@dataclass(frozen=True, slots=True)
class Premises:
    """Where all of it happens."""

    folder: Path
    programs: Path
    server: DovecotServer

    def mailbox(self, name: str) -> str:
        """A new user of the IMAP server, with no mail."""
        self.server.add_user(name)
        return name


@dataclass(frozen=True, slots=True)
class Batch:
    """The mails of one run, mixed or plain, with their senders."""

    kind: str
    mails: Sequence[tuple[str, bytes]]

    @classmethod
    def of(cls, kind: str, size: int) -> Self:
        """Made up from always the same seed."""
        return cls(kind, list(corpus.correspondence(size, seed=5, is_plain=kind == "plain")))

    @property
    def raw(self) -> list[bytes]:
        """The mails alone."""
        return [raw for _, raw in self.mails]

    @property
    def letters(self) -> list[Letter]:
        """Ready for the line."""
        return [Letter.of(sender, raw) for sender, raw in self.mails]


def ours_by_smtp(_: Premises, folder: Path, batch: Batch) -> Run:
    """Over eight connections; the first fifty mails are to warm up."""
    with redirect_stdout(sys.stderr):
        run = intake.ours(folder, batch.letters, 8)
    processor = run.processor / (len(batch.mails) - _WARM)
    return Run(_OURS, "SMTP", batch.kind, run.settled, processor, *_made(folder))


def ours_by_imap(at: Premises, folder: Path, batch: Batch) -> Run:
    """What lies in a mailbox when the daemon starts."""
    user, mails = at.mailbox(folder.name), len(batch.mails)
    backlog.filled(at.server, user, batch.raw)
    idle = _idle(folder / "idle")
    before = Spent.so_far()
    rate = backlog.by_imap(folder, at.server, user, mails)
    spent = Spent(mails / rate, (Spent.so_far() - before).processor) - idle
    return Run(_OURS, "IMAP", batch.kind, mails / spent.seconds, spent.processor / mails, *_made(folder))


def _idle(folder: Path) -> Spent:
    """What the daemon takes from its start to its greeting."""
    before = Spent.so_far()
    with Daemon(folder).running() as seconds:
        pass
    return Spent(seconds, (Spent.so_far() - before).processor)


def ours_grown(_: Premises, folder: Path, batch: Batch, old: int) -> Run:
    """By SMTP, as above, beside so many old tickets with five articles each."""
    daemon, letters = Daemon(folder), batch.letters
    with daemon.running():
        pass
    growth.fill(folder / "data" / "gateway.db", old)
    before = _made(folder)
    with daemon.running():
        growth.rate(daemon, letters[:_WARM])
        start = daemon.cost.seconds
        rate = growth.rate(daemon, letters[_WARM:])
        processor = (daemon.cost.seconds - start) / (len(letters) - _WARM)
    return Run(_OURS, "SMTP", batch.kind, rate, processor, *_more(_made(folder), before), old)


def helpdesk(at: Premises, folder: Path, batch: Batch, old: int = 0) -> Run:
    """Its command `get_email`, which fetches one mail after the other; old tickets have five follow-ups each."""
    user = at.mailbox(folder.name)
    desk = Helpdesk(folder, at.programs, at.server.port, user)
    if old:
        desk.grow(old)
    desk.read()  # warm
    start, before = desk.read(), desk.counted()
    backlog.filled(at.server, user, batch.raw)
    spent = desk.read() - start
    return _theirs(desk.name, "IMAP", batch, spent, _more(desk.counted(), before), old)


def roundup(at: Premises, folder: Path, batch: Batch) -> Run:
    """Its command `roundup-mailgw`."""
    desk = Roundup(folder, at.programs, [sender for sender, _ in batch.mails])
    desk.fill(())
    desk.read()  # warm
    start = desk.read()
    desk.fill(batch.raw)
    spent = desk.read() - start
    return _theirs(desk.name, "mbox", batch, spent, desk.counted())


def _made(folder: Path) -> tuple[int, int]:
    database = folder / "data" / "gateway.db"
    return count(database, "tickets"), count(database, "articles", "spool_id IS NOT NULL")


def _more(after: tuple[int, int], before: tuple[int, int]) -> tuple[int, int]:
    return after[0] - before[0], after[1] - before[1]


def _theirs(desk: str, way: str, batch: Batch, spent: Spent, made: tuple[int, int], old: int = 0) -> Run:
    mails, (tickets, entries) = len(batch.mails), made
    if entries < _LEAST * mails:
        raise RuntimeError(f"{desk} made {entries} entries of {mails} mails: there is no rate to tell")
    return Run(desk, way, batch.kind, mails / spent.seconds, spent.processor / mails, tickets, entries, old)


def one_round(at: Premises, batch: Batch, turn: int, old: int) -> Iterator[Run]:
    """Each way of each desk once; with `old` tickets too where the mail is mixed."""
    ways: list[Callable[[Premises, Path, Batch], Run]] = [ours_by_smtp, ours_by_imap, helpdesk, roundup]
    if old and batch.kind == "mixed":
        ways += [partial(ours_grown, old=old), partial(helpdesk, old=old)]
    for number, measure in enumerate(ways):
        folder = at.folder / f"{batch.kind}-{turn}-{number}"
        run = measure(at, folder, batch)
        shutil.rmtree(folder)
        sys.stderr.write(f"{run.desk} by {run.way}, {run.mail}: {run.rate:.0f}/s\n")
        yield run


def middle(taken: Sequence[Sequence[Run]]) -> list[Run]:
    """Of each way of each desk the run with the middle rate over the rounds."""
    return [sorted(same, key=lambda run: run.rate)[len(same) // 2] for same in zip(*taken, strict=True)]


def report(runs: Sequence[Run]) -> tuple[str, bool]:
    """The table with the ratios below it, and whether ours is as many times faster than the best as is wanted."""
    lines = [
        f"{'desk':24}{'way':6}{'mail':8}{'old tickets':>12}{'mails/s':>10}{'ms a mail':>11}{'tickets':>9}{'entries':>9}"
    ]
    lines += [
        f"{run.desk:24}{run.way:6}{run.mail:8}{run.old:12}"
        f"{run.rate:10.1f}{run.processor * 1000:11.2f}{run.tickets:9}{run.entries:9}"
        for run in runs
    ]
    ratios = list(_ratios(runs))
    lines += [line for line, _ in ratios]
    lines += _growth(runs)
    return "\n".join(lines) + "\n", all(is_met for _, is_met in ratios)


def _ratios(runs: Sequence[Run]) -> Iterator[tuple[str, bool]]:
    fresh = [run for run in runs if not run.old]
    for mail in dict.fromkeys(run.mail for run in fresh):
        best = max((run for run in fresh if run.mail == mail and run.desk != _OURS), key=lambda run: run.rate)
        for way, wanted in _WANTED.items():
            (ours,) = (run for run in fresh if (run.desk, run.way, run.mail) == (_OURS, way, mail))
            ratio = ours.rate / best.rate
            is_met = ratio >= wanted
            verdict = f"{'met' if is_met else 'MISSED'}: {wanted}"
            yield f"{mail}: ours by {way} is {ratio:.1f} times the best of them, {best.desk}  {verdict}", is_met


def _growth(runs: Sequence[Run]) -> Iterator[str]:
    fresh = {(run.desk, run.way, run.mail): run.rate for run in runs if not run.old}
    for run in runs:
        if run.old:
            share = run.rate / fresh[run.desk, run.way, run.mail]
            yield f"with {run.old} old tickets {run.desk} does {share:.2f} of what it does without"


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where the aims are met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.others", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=3000, metavar="N", help="how many a run (default 3000)")
    parser.add_argument(
        "--old", type=int, default=20_000, metavar="N", help="old tickets (default 20000; 0: not tried)"
    )
    parser.add_argument("--rounds", type=int, default=1, metavar="N", help="how often all of it (default once)")
    parser.add_argument("--venv", type=Path, metavar="FOLDER", help="where the others are installed, and stay")
    given = parser.parse_args(arguments)
    batches = [Batch.of(kind, given.messages) for kind in ("mixed", "plain")]
    with tempfile.TemporaryDirectory(prefix="bench-") as place, DovecotServer() as server:
        programs = installed((given.venv or Path(place, "venv")).absolute())
        at = Premises(Path(place), programs, server)
        taken = [
            [run for batch in batches for run in one_round(at, batch, turn, given.old)] for turn in range(given.rounds)
        ]
    text, is_met = report(middle(taken))
    sys.stdout.write(text)
    return 0 if is_met else 1


if __name__ == "__main__":
    raise SystemExit(main())
