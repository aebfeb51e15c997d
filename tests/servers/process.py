"""Starting and ending the child processes of the private servers: each ends only what it started itself."""

import contextlib
import random
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

# Below the kernel's range for outgoing connections: a port that a test closes is not taken meanwhile, nor can a client
# that knocks on it meet itself.
PORTS = range(20_000, 32_000)

# Should the tests be killed, the server goes with them.
DIES_WITH_US = ("setpriv", "--pdeathsig", "TERM")


def free_port() -> int:
    """A TCP port of the loopback address that nobody listens on."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def start(command: Sequence[str], folder: Path, *, env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    """The server as a child of ours; what it prints goes to the file `output` of its folder."""
    with (folder / "output").open("wb") as output:
        return subprocess.Popen(
            [*DIES_WITH_US, *command],
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def stop(process: subprocess.Popen[bytes], *, ask: Callable[[], object]) -> None:
    """Ends the child: asks first, and kills it when it does not listen within 10 seconds."""
    ask()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Callable[[], str]) -> None:
    """Returns when the server answers; raises RuntimeError with its log when it ended, or took 20 seconds."""
    give_up = time.monotonic() + 20
    while not ready():
        if process.poll() is not None or time.monotonic() > give_up:
            process.kill()
            process.wait()
            raise RuntimeError(f"the server did not come up:\n{log()}")
        time.sleep(0.02)


def is_greeting(port: int, greeting: bytes) -> bool:
    """Whether something on that port opens the conversation with these octets."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as peer:
            return peer.recv(64).startswith(greeting)
    except OSError:
        return False


def read(*files: Path) -> str:
    """The text of those of the files that exist."""
    return "\n".join(file.read_text(errors="replace") for file in files if file.exists())
