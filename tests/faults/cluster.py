"""A PostgreSQL that is struck down at once with SIGKILL, and a standby that takes its place."""

import os
import signal
import subprocess
from pathlib import Path

from tests.journeys.gateway import eventually
from tests.servers.postgres import PostgresServer


class Cluster(PostgresServer):
    """Durable: what it has committed survives."""

    def __init__(self) -> None:
        super().__init__(durable=True)

    def strike_down(self) -> None:
        """SIGKILL; the processes that serve connections find out that their postmaster is gone."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        eventually(lambda: not any(Path("/proc", child).exists() for child in children), "all its processes are gone")

    def say(self, statement: str) -> str:
        """What the server answers to one statement."""
        done = self._client("psql", "-U", "test", "-d", "postgres", "-X", "-A", "-t", "-c", statement)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode().strip()


class Standby(Cluster):
    """A copy of `primary` that follows it; from then on the primary waits for it with every commit."""

    def __init__(self, primary: Cluster) -> None:
        super().__init__()
        self._primary = primary

    def _make(self) -> None:
        primary = self._primary
        self._programs = primary._programs
        self._environment = {**primary._environment, "HOME": str(self.folder)}
        self._identity = self._step_down() if os.geteuid() == 0 else []
        self._data = str(self.folder / "data")
        source = ["-h", "127.0.0.1", "-p", str(primary.port), "-U", "test"]
        program = str(self._programs / "pg_basebackup")
        copy = [*self._identity, program, *source, "-D", self._data, "-R", "-X", "stream", "--checkpoint=fast"]
        subprocess.run(copy, check=True, capture_output=True, env=self._environment, cwd=self.folder)
        primary.say("ALTER SYSTEM SET synchronous_standby_names = '*'")
        primary.say("SELECT pg_reload_conf()")

    def promote(self) -> None:
        """It is the primary now."""
        assert self.say("SELECT pg_promote()") == "t"
