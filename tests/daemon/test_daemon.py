"""The daemon as a whole, within this process: it takes mail, answers, is alone on its data, and goes down in order."""

import asyncio
import smtplib
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gateway import config, store
from gateway.cli import main
from gateway.config import Config
from gateway.config.node import Role
from gateway.daemon import Pace, serve, started
from gateway.daemon.clock import Clock
from gateway.daemon.sockets import Sockets
from gateway.errors import TemporaryError
from gateway.mail.envelope import Envelope
from gateway.store.engine import open_database
from gateway.store.outbox import OutboxState
from gateway.store.spool import Arrival, SpoolState

LETTER = (
    b"From: Kim <kim@customer.test>\r\nSubject: Hello\r\nMessage-ID: <1@customer.test>\r\n\r\nIs anybody there?\r\n"
)
QUICK = Pace(triage=0.1, delivery=0.1, upkeep=0.1)


@pytest.fixture
def installed(tmp_path: Path) -> Config:
    """What `gateway init` wrote, with a listener on any free port."""
    assert main(["init", str(tmp_path / "desk")]) == 0
    path = tmp_path / "desk" / "gateway.toml"
    said = path.read_text(encoding="utf-8").replace("\n[[listener]]", "\n#[[listener]]")
    path.write_text(
        said.replace("\n[[agent]]\n# What", "\n[[listener]]\nport = 0\n\n[[agent]]\n# What"), encoding="utf-8"
    )
    return config.load(path, {})


async def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.02)


def submit(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        client.sendmail("kim@customer.test", ["support@example.com"], LETTER)


def sent(loaded: Config) -> list[Path]:
    return sorted(Path(loaded.delivery.capture).glob("new/*"))


def test_a_mail_is_taken_and_answered_and_the_daemon_goes_down(installed, caplog):
    async def lives() -> None:
        async with started(installed, Clock(), {}, QUICK) as running:
            await asyncio.to_thread(submit, running.ports[0])
            await until(lambda: len(sent(installed)) == 2)

    asyncio.run(lives())
    assert [b"support@example.com" in path.read_bytes() for path in sent(installed)] == [True, True]
    assert "NO SMARTHOST IS CONFIGURED" in caplog.text


def test_a_second_daemon_on_the_same_data_refuses(installed):
    async def lives() -> None:
        async with started(installed, Clock(), {}, QUICK):
            with pytest.raises(TemporaryError, match="another gateway works on this data"):
                async with started(installed, Clock(), {}, QUICK):
                    pass
        async with started(installed, Clock(), {}, QUICK):
            pass

    asyncio.run(lives())


def test_what_an_interrupted_run_had_taken_is_taken_up_at_once(installed):
    installed.data_dir.mkdir(parents=True)
    database = open_database(installed.database_url)
    clock = Clock()
    with database.write() as db:
        arrival = Arrival(Envelope("kim@customer.test", ("support@example.com",)), LETTER, "smtp", "1")
        store.spool.add(db, arrival, clock.now())
    with database.write() as db:
        from datetime import timedelta

        assert len(store.spool.take(db, clock.wall(), timedelta(days=1), 10)) == 1

    async def lives() -> None:
        async with started(installed, clock, {}, QUICK):
            await until(lambda: len(sent(installed)) == 2)

    asyncio.run(lives())
    with database.read() as db:
        assert store.spool.count(db, SpoolState.DONE) == 1
        assert store.outbox.count(db, OutboxState.SENT) == 2
    database.close()


@pytest.mark.parametrize("role", ["clock", "triage"])
def test_who_has_the_clock_tidies_the_object_store(installed, tmp_path, role):
    orphan = tmp_path / "mail" / "2020-01-01" / "orphan"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"nobody's")
    node = replace(installed.node, roles=(Role(role),))
    apart = replace(installed, originals=f"file://{tmp_path}/mail", node=node)

    async def lives() -> None:
        async with started(apart, Clock(), {}, QUICK):
            if role == "clock":
                await until(lambda: not orphan.exists())

    asyncio.run(lives())
    assert orphan.exists() is (role != "clock")


def test_systemd_hears_of_its_life(installed, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(20)
        environ = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
        heard: list[bytes] = []

        async def lives() -> None:
            stop = asyncio.Event()
            task = asyncio.create_task(serve(installed, Clock(), environ, stop, Sockets()))
            while b"WATCHDOG=1" not in heard:
                heard.append(await asyncio.to_thread(systemd.recv, 64))
            stop.set()
            await task

        asyncio.run(lives())
        while b"STOPPING=1" not in heard:
            heard.append(systemd.recv(64))
    assert heard[0] == b"READY=1"


def test_a_listener_that_cannot_listen_takes_everything_down_again(installed):
    from dataclasses import replace

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listener = replace(installed.listeners[0], port=taken.getsockname()[1])

        async def lives() -> None:
            async with started(replace(installed, listeners=(listener,)), Clock(), {}, QUICK):
                raise AssertionError("it must not start")

        with pytest.raises(Exception, match="address"):
            asyncio.run(lives())
    asyncio.run(_starts(installed))


async def _starts(loaded: Config) -> None:
    async with started(loaded, Clock(), {}, QUICK) as running:
        assert running.ports[0] > 0
