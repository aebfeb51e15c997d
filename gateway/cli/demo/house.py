"""The theatre of the demo: scratch folder, configuration, daemon and a swift clock. What is played is `play`'s."""

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway import config, daemon
from gateway.cli.demo.play import play
from gateway.cli.demo.stage import Stage
from gateway.cli.demo.timeline import Timeline
from gateway.daemon import Pace, logs
from gateway.daemon.clock import Clock, SwiftClock, wall

_PORT = 2525
_IN_THE_PLAY = 300.0  # five minutes a second, and leaps from timer to timer
_AFTER_THE_PLAY = 1440.0  # a day a minute
_CONFIGURATION = """\
# The desk of `gateway demo`. `gateway init DIR` writes a complete, commented configuration.
[gateway]
name = "demo"
hostname = "desk.example"
data_dir = "{folder}/data"
secret_file = "{folder}/secret.key"
default_language = "en"
default_queue = "support"
log_level = "error"

[delivery]
capture = "{folder}/outgoing"

[[listener]]
protocol = "smtp"
host = "127.0.0.1"
port = {port}
hostname = "desk.example"

[[agent]]
name = "anna"
full_name = "Anna Liepa"
address = "anna.liepa@home.example"

[[agent]]
name = "maris"
full_name = "Māris Ozols"
address = "maris@home.example"

[[queue]]
name = "support"
title = "Example Support"
address = "support@desk.example"
agents = ["anna"]
answer_within_days = 1

[[queue]]
name = "billing"
title = "Example Billing"
address = "billing@desk.example"
agents = ["maris"]
answer_within_days = 2
"""


async def performed(folder: Path | None, *, stays: bool) -> int:
    """How many things went otherwise than in the script. Stays up until Ctrl-C where `stays`."""
    with _scratch(folder) as scratch:
        port = _free_port()
        path = _configured(scratch, port)
        loaded = config.load(path, os.environ)
        logs.configure(loaded.log_level, os.environ)
        swift = SwiftClock(_IN_THE_PLAY, _monday_morning(wall()))
        timeline = Timeline(loaded.policy)
        timeline.open(port, loaded.delivery.capture)
        pace = Pace(triage=0.5, delivery=0.5, upkeep=0.05)
        async with daemon.started(loaded, Clock(swift.now, wall), {}, pace) as running:
            stage = Stage(loaded, running.database, port, swift, timeline)
            await asyncio.to_thread(play, stage)
            timeline.close(stage.faults)
            if stays:
                timeline.invite(port, path, loaded.delivery.capture, folder is not None)
                swift.run_at(_AFTER_THE_PLAY)
                await _until_interrupted(stage)
        return len(stage.faults)


async def _until_interrupted(stage: Stage) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    while not stop.is_set():
        await asyncio.to_thread(stage.report_news)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 0.3)


@contextmanager
def _scratch(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder.resolve()
        return
    made = Path(tempfile.mkdtemp(prefix="gateway-demo-"))
    try:
        yield made
    finally:
        shutil.rmtree(made)


def _configured(scratch: Path, port: int) -> Path:
    secret = scratch / "secret.key"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(f"demo:{secrets.token_hex(32)}\n", encoding="utf-8")
    path = scratch / "gateway.toml"
    path.write_text(_CONFIGURATION.format(folder=scratch, port=port), encoding="utf-8")
    return path


def _free_port() -> int:
    for wanted in (_PORT, 0):
        with socket.socket() as attempt, contextlib.suppress(OSError):
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            attempt.bind(("127.0.0.1", wanted))
            return int(attempt.getsockname()[1])
    raise OSError("no free port on the loopback")


def _monday_morning(today: datetime) -> datetime:
    monday = today.date() - timedelta(days=today.weekday())
    return datetime(monday.year, monday.month, monday.day, 9, tzinfo=UTC)
