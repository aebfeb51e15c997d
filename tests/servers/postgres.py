"""A private PostgreSQL for tests, from the system's binaries: throw-away data on a loopback port."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from typing import Self

from tests.servers import machine, process

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgresServer:
    """As root it runs as `postgres`, for its programs refuse to be root. `durable` makes commits survive a kill."""

    def __init__(self, *, durable: bool = False) -> None:
        self.port = process.free_port()
        self.durable = durable
        self._numbers = count(1)

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp"))  # a socket's path has 107 octets at most
        try:
            self._make()
            self.begin()
        except BaseException:
            shutil.rmtree(self.folder)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def stop(self) -> None:
        """Ended in order; everybody's connection is cut. `begin` lets it go on."""
        process.stop(self._process, ask=lambda: self._process.send_signal(signal.SIGINT))  # its word for "fast"

    def kill(self) -> None:
        """Ended as by a crash of all its processes; it recovers what was committed when it begins again."""
        process.stop(self._process, ask=lambda: self._process.send_signal(signal.SIGQUIT))  # its word for "immediate"

    def _make(self) -> None:
        self._programs = machine.postgres_folder() or Path()
        self._environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.folder)}
        self._identity = self._step_down() if os.geteuid() == 0 else []
        self._data = str(self.folder / "data")
        initdb = [self._programs / "initdb", "-D", self._data, "-U", "test", "--auth=trust", "-E", "UTF8", "--no-sync"]
        command = [*self._identity, *map(str, initdb)]
        subprocess.run(command, check=True, capture_output=True, env=self._environment, cwd=self.folder)

    def begin(self) -> None:
        """At work, with the data it has."""
        settings = [
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            f"unix_socket_directories={self.folder}",
            "shared_buffers=64MB",
            *(() if self.durable else FAST),
        ]
        options = [word for setting in settings for word in ("-c", setting)]
        server = [*self._identity, str(self._programs / "postgres"), "-D", self._data, *options]
        self._process = process.start(server, self.folder, env=self._environment)
        process.wait_until(self._is_ready, self._process, self.log)

    def _step_down(self) -> list[str]:
        user = pwd.getpwnam("postgres")
        shutil.chown(self.folder, user.pw_uid, user.pw_gid)
        return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *process.DIES_WITH_US]

    def _is_ready(self) -> bool:
        return self._client("pg_isready", "-q").returncode == 0

    def _client(self, program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [str(self._programs / program), "-h", "127.0.0.1", "-p", str(self.port), *arguments]
        return subprocess.run(command, env=self._environment, capture_output=True, check=False)

    @property
    def pid(self) -> int:
        """The server's first process; those of its connections are its children."""
        return self._process.pid

    def log(self) -> str:
        """What it wrote so far."""
        return process.read(self.folder / "output")

    def database(self) -> str:
        """SQLAlchemy's URL of a new, empty database."""
        name = f"test{next(self._numbers)}"
        self._client("createdb", "-U", "test", name).check_returncode()
        return f"postgresql+psycopg://test@127.0.0.1:{self.port}/{name}"
