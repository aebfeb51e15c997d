"""A gateway as its operator has it: a configuration file, a process of its own, commands; and a look at its tickets."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from gateway import store
from gateway.store.engine import Database, open_database
from gateway.store.ledger import Finding
from gateway.store.outbox import OutboxState, Outgoing
from gateway.store.spool import Spooled, SpoolState
from gateway.tickets.model import Article, Event, Ticket
from gateway.tickets.notices import NoticeKind
from tests.servers import process

ROOT = Path(__file__).parents[2]
PATIENCE = 20.0  # seconds; the rooms look for work every 5, should nobody have woken them

T = TypeVar("T")
Section = Mapping[str, object]

SUPPORT_QUEUE: Section = {
    "name": "support",
    "title": "Example Support",
    "address": "support@example.test",
    "agents": ["anna"],
}
SECTIONS: Mapping[str, Section | list[Section]] = {
    "gateway": {"name": "desk", "hostname": "desk.example.test", "data_dir": "data", "log_level": "info"},
    "business": {
        "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        "opens": "00:00",
        "closes": "23:59:59.999999",
    },
    "periods": {"survey_after_hours": 0},
    "delivery": {"first_retry_seconds": 1},
    "agent": [{"name": "anna", "full_name": "Anna Ozola", "address": "anna@agents.test"}],
    "queue": [SUPPORT_QUEUE],
}
"""A desk that is always open, with one agent and one queue; a listener is added to it."""


def eventually(condition: Callable[[], T], what: str, seconds: float = PATIENCE) -> T:
    """What `condition` returns once that is true; fails with `what` when it does not come true in time."""
    give_up = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < give_up, f"{what}: not within {seconds} s"
        time.sleep(0.02)
    return found


def smarthost(port: int) -> Section:
    """The section for a smarthost on that port."""
    return {"host": "127.0.0.1", "port": port, "tls": "none"}


class Gateway:
    """One gateway in its folder, with the sections of `SECTIONS` or what is given in their place.

    Sections that stand once are merged key by key. `port` is where its first listener is.
    """

    def __init__(self, folder: Path, port: int = 0, **sections: Any) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.port = folder, port or process.free_port()
        self.config = folder / "gateway.toml"
        self.sections: dict[str, Any] = {**SECTIONS, "listener": [{"port": self.port}]}
        secret = folder / "secret.key"
        secret.touch(mode=0o600)
        secret.write_text(f"journey:{os.urandom(32).hex()}\n")
        self.configure(**sections)
        self.options: tuple[str, ...] = ()  # of the command `run`
        self._process: subprocess.Popen[bytes] | None = None
        self._database: Database | None = None
        self._earlier_logs = ""

    def configure(self, **sections: Any) -> None:
        """The configuration file says this too; what runs does not know it yet."""
        for name, section in sections.items():
            merges = isinstance(section, dict) and name in self.sections
            self.sections[name] = {**self.sections[name], **section} if merges else section
        self.config.write_text(_toml(self.sections))

    def start(self, **environ: str) -> None:
        """Ready, as it tells systemd. The environment has `environ` too."""
        self._spawn(environ)
        self.wait_for_word("READY=1")

    def _spawn(self, environ: Mapping[str, str]) -> None:
        assert self._process is None, "it runs already"
        name = f"gateway-{uuid.uuid4()}"
        self._words = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._words.bind(f"\0{name}")
        self._words.settimeout(0.1)
        whole = {**os.environ, "PYTHONPATH": str(ROOT), "NOTIFY_SOCKET": f"@{name}", **environ}
        self._process = process.start(self._command("run", *self.options), self.folder, env=whole)

    def wait_for_word(self, word: str, seconds: float = PATIENCE) -> None:
        """Returns when it has said `word` to systemd; what it says before is passed over."""
        give_up = time.monotonic() + seconds
        while self.hear(give_up - time.monotonic()) != word:
            pass

    def hear(self, seconds: float = PATIENCE) -> str:
        """The next word it says to systemd."""
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            try:
                return self._words.recv(4096).decode()
            except TimeoutError:
                assert self.running.poll() is None, f"it ended:\n{self.log()}"
        raise AssertionError(f"it said no more:\n{self.log()}")

    @property
    def running(self) -> subprocess.Popen[bytes]:
        """The daemon's process."""
        assert self._process is not None, "it does not run"
        return self._process

    def reload(self) -> None:
        """Ready again after SIGHUP; the rooms look for work when they begin, timers that are due among it."""
        self.running.send_signal(signal.SIGHUP)
        self.wait_for_word("READY=1")

    def stop(self) -> int:
        """The exit code after SIGTERM."""
        self.running.terminate()
        return self._ended()

    def kill(self) -> None:
        """Gone in the middle of whatever it was doing."""
        assert self.running.poll() in {None, -signal.SIGKILL}, f"it ended by itself:\n{self.log()}"
        self.running.kill()
        self._ended()

    def _ended(self) -> int:
        code = self.running.wait(30)
        self._process = None
        self._words.close()
        self._earlier_logs += process.read(self.folder / "output")
        (self.folder / "output").unlink()
        return code

    def close(self) -> None:
        """Ended, if it still runs; whoever looked into its database looks no more."""
        if self._database is not None:
            self._database.close()
        if self._process is not None:
            process.stop(self._process, ask=self._process.terminate)
            code = self._ended()
            assert code == 0, f"it ended with {code}:\n{self.log()}"

    def verified(self) -> tuple[Finding, ...]:
        """What is broken in its ledger. Mail may still wait, for it has ended."""
        file = self.folder / "data" / "gateway.db"
        if not file.exists():
            return ()
        database = open_database(f"sqlite:///{file}")
        with closing(database), database.read() as db:
            return store.ledger.verify(db)

    def log(self) -> str:
        """What it has logged in all its lives."""
        return self._earlier_logs + process.read(self.folder / "output")

    def run(self, *arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """What one `gateway` command did, run beside the daemon."""
        command = self._command(*(str(each) for each in arguments))
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run(command, cwd=self.folder, env=environ, input=stdin, capture_output=True, check=False)

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "gateway", *arguments, "--config", str(self.config)]

    @property
    def database(self) -> Database:
        """Its database, of which we are one more user."""
        if self._database is None:
            url = self.sections.get("database", {}).get("url", "")
            self._database = open_database(url or f"sqlite:///{self.folder}/data/gateway.db")
        return self._database

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Somebody else writes to the database for as long as the block lasts."""
        with self.database.write():
            yield

    @property
    def tickets(self) -> tuple[Ticket, ...]:
        """All tickets, oldest first."""
        with self.database.read() as db:
            return tuple(reversed(store.tickets.listed(db, limit=100_000)))

    @property
    def ticket(self) -> Ticket:
        """The only ticket."""
        (ticket,) = self.tickets
        return ticket

    def events(self, ticket: Ticket) -> list[str]:
        """What happened on the ticket, in order."""
        return [event.what for event in self.history(ticket)]

    def history(self, ticket: Ticket) -> tuple[Event, ...]:
        """The ticket's events, oldest first."""
        with self.database.read() as db:
            return store.tickets.history(db, ticket.id)

    def conversation(self, ticket: Ticket) -> tuple[Article, ...]:
        """The ticket's articles, oldest first."""
        with self.database.read() as db:
            return store.tickets.conversation(db, ticket.id)

    @property
    def spool(self) -> tuple[Spooled, ...]:
        """All mail that came in, oldest first."""
        with self.database.read() as db:
            return store.spool.listed(db, limit=100_000)

    @property
    def verdicts(self) -> list[str]:
        """What became of each mail that came in, oldest first."""
        return [mail.verdict for mail in self.spool]

    def outgoing(self, *kinds: NoticeKind) -> tuple[Outgoing, ...]:
        """All mail that goes or went out, of these kinds where any is named, oldest first."""
        with self.database.read() as db:
            listed = (mail for mail in store.outbox.listed(db) if not kinds or mail.notice.kind in kinds)
            return tuple(replace(mail, raw=store.outbox.raw(db, mail.id)) for mail in listed)

    def let_timers_be_due(self) -> None:
        """The days that timers wait for have passed."""
        just_now = datetime.fromtimestamp(time.time() - 1, UTC)
        tickets = self.tickets
        with self.database.write() as db:
            for timer in (timer for ticket in tickets for timer in store.timers.pending(db, ticket.id)):
                store.timers.put_off(db, timer, just_now)

    def settled(self, mails: int = 0, seconds: float = PATIENCE) -> None:
        """Returns when at least so many mails have come in, all have their verdicts, and none is on its way out."""
        eventually(lambda: len(self.spool) >= mails and self._is_quiet(), f"quiet after {mails} mails", seconds)

    def _is_quiet(self) -> bool:
        with self.database.read() as db:
            inward = store.spool.count(db, SpoolState.WAITING, SpoolState.TAKEN)
            outward = store.outbox.count(db, OutboxState.WAITING, OutboxState.TAKEN, OutboxState.DEFERRED)
        return not inward + outward


def _toml(sections: Mapping[str, Any]) -> str:
    lines: list[str] = []
    for name, section in sections.items():
        tables = section if isinstance(section, list) else [section]
        for table in tables:
            lines += [f"[[{name}]]" if isinstance(section, list) else f"[{name}]"]
            lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"
