"""A gateway of its own to be measured: its folder, its process with children, what they cost. Sends it no mail."""

import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

ROOT = Path(__file__).parents[1]
_TICK = os.sysconf("SC_CLK_TCK")
_PATIENCE = 600.0
_CONFIG = """
[gateway]
name = "bench"
hostname = "desk.example"
data_dir = "data"
log_level = "warning"

[budgets]
domain_per_hour = 1000000
strangers_per_hour = 1000000
queue_per_hour = 1000000
overall_per_hour = 1000000
agent_per_hour = 1000000

[[queue]]
name = "support"
title = "Example Support"
address = "support@desk.example"
agents = ["anna"]

[[agent]]
name = "anna"
full_name = "Anna Ozola"
address = "anna@agents.example"

[[listener]]
port = {port}
connections_per_peer = 1000
connections = 1000

[smarthost]
host = "127.0.0.1"
port = {smarthost}
tls = "none"
"""


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process and its children have used: processor seconds so far, octets of memory (PSS) now."""

    seconds: float
    memory: int


def cost_of(pid: int) -> Cost:
    """The cost of `pid` and all that it has started."""
    seconds, memory = 0.0, 0
    for each in (pid, *_children(pid)):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        seconds += (int(fields[11]) + int(fields[12])) / _TICK
        rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
        memory += next(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))
    return Cost(seconds, memory)


def _children(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        children = ""
        with suppress(OSError):  # a thread may end while we look
            children = (task / "children").read_text()
        for child in children.split():
            yield int(child)
            yield from _children(int(child))


class Daemon:
    """A gateway in `folder` with one queue and one agent. Without `smarthost` its outgoing mail stays in the outbox."""

    def __init__(self, folder: Path, *, smarthost: int = 0, more: str = "", roles: str = "") -> None:
        self.folder, self.port, self._roles, self._more = folder, free_port(), roles, more
        folder.mkdir(parents=True, exist_ok=True)
        self.config = folder / "gateway.toml"
        self.configure(smarthost)
        secret = folder / "secret.key"
        secret.touch(mode=0o600)
        secret.write_text(f"bench:{os.urandom(32).hex()}\n")
        self._process: subprocess.Popen[bytes] | None = None

    def configure(self, smarthost: int) -> None:
        """From its next start on the smarthost is at this port; 0: there is none."""
        self.config.write_text(_CONFIG.format(port=self.port, smarthost=smarthost or free_port()) + self._more)

    @property
    def pid(self) -> int:
        """The daemon's process.

        Raises:
            RuntimeError: it does not run.
        """
        if self._process is None:
            raise RuntimeError("the daemon does not run")
        return self._process.pid

    @property
    def cost(self) -> Cost:
        """What it has cost so far."""
        return cost_of(self.pid)

    @contextmanager
    def running(self, environ: Mapping[str, str] = MappingProxyType({})) -> Iterator[float]:
        """Seconds that it took from its start to its greeting; ended after the block."""
        command = [sys.executable, "-m", "gateway", "run", "--config", str(self.config)]
        command += ["--roles", self._roles] if self._roles else []
        log = (self.folder / "log").open("ab")
        whole = {**os.environ, "PYTHONPATH": str(ROOT), **environ}
        start = time.monotonic()
        self._process = subprocess.Popen(command, cwd=self.folder, env=whole, stdout=log, stderr=log)  # noqa: S603
        try:
            self._wait_for_greeting(start + 60)
            yield time.monotonic() - start
        finally:
            self._process.terminate()
            self._process.wait(60)
            self._process = None
            log.close()

    def _wait_for_greeting(self, give_up: float) -> None:
        while time.monotonic() < give_up:
            try:
                with socket.create_connection(("127.0.0.1", self.port)) as line:
                    if line.recv(3) == b"220":
                        return
            except OSError:
                time.sleep(0.005)
        raise RuntimeError((self.folder / "log").read_text())

    def rows(self, query: str) -> Sequence[tuple[Any, ...]]:
        """What its database (SQLite) answers."""
        with closing(sqlite3.connect(self.folder / "data" / "gateway.db")) as db:
            return db.execute(query).fetchall()

    def change(self, statement: str) -> None:
        """Changes its database (SQLite) behind its back, while it does not run."""
        with closing(sqlite3.connect(self.folder / "data" / "gateway.db")) as db, db:
            db.execute(statement)

    def wait_until(self, query: str, wanted: int) -> float:
        """The monotonic instant at which `query` first answered at least `wanted`.

        Raises:
            RuntimeError: it did not within ten minutes.
        """
        give_up = time.monotonic() + _PATIENCE
        with closing(sqlite3.connect(self.folder / "data" / "gateway.db")) as db:
            while db.execute(query).fetchone()[0] < wanted:
                if time.monotonic() > give_up:
                    raise RuntimeError(f"{query}: not {wanted} within {_PATIENCE:g} s")
                time.sleep(0.02)
        return time.monotonic()
