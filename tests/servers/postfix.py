"""A private Postfix for tests: its own configuration, queue and log, on loopback only. Root must start it."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from string import Template
from typing import Any, Self

from tests.servers import process

HERE = Path(__file__).parent
POSTFIX, POSTQUEUE = "/usr/sbin/postfix", "/usr/sbin/postqueue"


class PostfixServer:
    """Mail for example.test goes to the transport `gateway`, all other mail to the transport `sink`.

    A transport is written as Postfix does: `smtp:[127.0.0.1]:PORT`, `lmtp:inet:127.0.0.1:PORT`. `extra` is added to
    main.cf.
    """

    def __init__(self, gateway: str, sink: str, extra: str = "") -> None:
        self.gateway, self.sink, self.extra = gateway, sink, extra
        self.port = process.free_port()

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="postfix-", dir="/tmp"))  # a socket's path has 107 octets at most
        self.config = self.folder / "etc"
        try:
            self._write()
            self._process = process.start([POSTFIX, "-c", str(self.config), "start-fg"], self.folder)
            process.wait_until(lambda: process.is_greeting(self.port, b"220"), self._process, self.log)
        except BaseException:
            shutil.rmtree(self.folder)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        process.stop(self._process, ask=lambda: self._run(POSTFIX, "stop"))
        shutil.rmtree(self.folder)

    def _write(self) -> None:
        self.folder.chmod(0o755)
        for name in ("etc", "spool", "data"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        for name in ("main", "master"):
            template = Template((HERE / f"postfix-{name}.cf").read_text())
            (self.config / f"{name}.cf").write_text(template.substitute(vars(self)))

    def _run(self, program: str, *arguments: str) -> str:
        command = [program, "-c", str(self.config), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def log(self) -> str:
        """What it wrote so far."""
        return process.read(self.folder / "output", self.folder / "log")

    def queue(self) -> list[dict[str, Any]]:
        """The mails it still holds, as `postqueue -j` describes them: `queue_name`, `sender`, `recipients` and more."""
        return [json.loads(line) for line in self._run(POSTQUEUE, "-j").splitlines()]

    def flush(self) -> None:
        """Tries all deferred mail now."""
        self._run(POSTQUEUE, "-f")
