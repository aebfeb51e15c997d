"""The machine fails: its clock jumps, descriptors or memory run out, the disk is slow, the reading process dies."""

import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from gateway import config
from gateway.daemon.clock import wall
from gateway.desk.moves import Cause, move
from gateway.tickets.lifecycle import Happening
from gateway.tickets.notices import NoticeKind
from tests.faults.load import Senders, judge
from tests.journeys.gateway import eventually, smarthost
from tests.servers import machine

MIB = 1024 * 1024
LONG = "An order with all its lines.\n" * 300_000


@pytest.fixture
def gateway(make_gateway, sink):
    return make_gateway(smarthost=smarthost(sink.port))


@pytest.fixture
def clock(tmp_path) -> Callable[[str], dict[str, str]]:
    """Sets the clock of processes that have the environment it returns: `+0` is the right time, `-1h`, `+10d`."""
    file = tmp_path / "clock"

    def shift(offset: str) -> dict[str, str]:
        file.with_suffix(".new").write_text(offset)
        file.with_suffix(".new").rename(file)
        return {
            "LD_PRELOAD": str(machine.faketime_library()),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    return shift


@pytest.mark.faketime
@pytest.mark.long_run
@pytest.mark.parametrize("jump", ["-1h", "-10d", "+1h", "+10d", "@1970-01-01 00:00:05"])
def test_mail_goes_on_when_the_clock_jumps(gateway, sink, clock, jump):
    gateway.start(**clock("+0"))
    with Senders(gateway.port) as senders:
        senders.wait_for_more()
        clock(jump)
        senders.wait_for_more(10)
        clock("+0")
        senders.wait_for_more(10)
    judge(gateway, sink, senders.taken)
    assert gateway.running.poll() is None


@pytest.mark.faketime
@pytest.mark.long_run
@pytest.mark.parametrize("jump", ["-1h", "-10d", "+10d"])
def test_the_watchdog_is_fed_when_the_clock_jumps(gateway, clock, jump):
    gateway.start(WATCHDOG_USEC="2400000", **clock("+0"))
    gateway.wait_for_word("WATCHDOG=1")
    clock(jump)
    for _ in range(2):
        gateway.wait_for_word("WATCHDOG=1")


@pytest.mark.faketime
@pytest.mark.long_run
def test_no_flood_of_reminders_when_the_clock_jumps_ten_days(make_gateway, sink, clock):
    gateway = make_gateway(smarthost=smarthost(sink.port))
    gateway.start(**clock("+0"))
    with Senders(gateway.port) as senders:
        senders.wait_for_more(10)
    gateway.settled(len(senders.taken))
    gateway.stop()
    answer_all(gateway)
    gateway.start(**clock("+0"))

    clock("+10d")
    gateway.reload()

    eventually(lambda: all("put off" in gateway.events(ticket) for ticket in gateway.tickets), "all are put off")
    assert gateway.outgoing(NoticeKind.REMINDER) == ()


def answer_all(gateway) -> None:
    policy = config.load(gateway.config, {}).policy
    tickets = gateway.tickets
    with gateway.database.write() as db:
        for ticket in tickets:
            move(db, ticket, Happening.AGENT_REPLIED, Cause("anna", "the test", wall()), policy)


def descriptors(gateway) -> int:
    return len([*Path(f"/proc/{gateway.running.pid}/fd").iterdir()])


@contextmanager
def limited(gateway, what: int, number: int) -> Iterator[None]:
    """The daemon has no more than `number` of a resource until the block ends."""
    before = resource.prlimit(gateway.running.pid, what)
    resource.prlimit(gateway.running.pid, what, (number, before[1]))
    try:
        yield
    finally:
        resource.prlimit(gateway.running.pid, what, before)


def test_without_file_descriptors_it_waits_until_there_are_some(gateway, sink):
    gateway.start()
    before = descriptors(gateway)
    with limited(gateway, resource.RLIMIT_NOFILE, before + 4), ExitStack() as crowd:
        for _ in range(15):
            crowd.enter_context(socket.create_connection(("127.0.0.1", gateway.port), 5))
        eventually(lambda: "out of system resource" in gateway.log(), "it cannot take all")
        assert gateway.running.poll() is None
    with Senders(gateway.port) as senders:
        senders.wait_for_more()
    judge(gateway, sink, senders.taken)


@pytest.mark.long_run
def test_under_load_with_hardly_a_descriptor_nothing_is_lost(gateway, sink):
    gateway.start()
    before = descriptors(gateway)
    with Senders(gateway.port, 12) as senders:
        with limited(gateway, resource.RLIMIT_NOFILE, before + 4):
            time.sleep(10)  # what comes through may come; some or none
        senders.wait_for_more(30, 60)
    judge(gateway, sink, senders.taken, doubled=len(senders.taken))


@pytest.mark.long_run
def test_without_memory_mail_is_refused_for_now_and_nothing_is_lost(gateway, sink, tell):
    gateway.start()
    with (
        Senders(gateway.port, 3, text=LONG) as large,
        Senders(gateway.port) as small,
    ):
        small.wait_for_more(2)
        with limited(gateway, resource.RLIMIT_AS, address_space(gateway) + 3 * MIB):
            eventually(lambda: large.refusals or is_gone(gateway), "it has no memory", 60)
            time.sleep(3)
        if is_gone(gateway):
            gateway.ended_by_itself()
            gateway.start()
        small.wait_for_more(2, 60)
        large.wait_for_more(2, 120)
    taken = [*small.taken, *large.taken]
    figures = judge(gateway, sink, taken, doubled=len(taken))
    rows = [(len(taken), 0, sum(large.refusals.values()), figures["resent"])]
    tell("no memory for mails of 8 MB", ("mails", "lost", "refused for now", "resent"), rows)


def address_space(gateway) -> int:
    pages = Path(f"/proc/{gateway.running.pid}/statm").read_text().split()[0]
    return int(pages) * resource.getpagesize()


def is_gone(gateway) -> bool:
    return gateway.running.poll() is not None


@pytest.mark.long_run
def test_a_reading_process_that_dies_again_and_again_costs_no_mail(gateway, sink):
    gateway.start()
    taken = []
    for _ in range(60):
        with Senders(gateway.port) as senders:
            senders.wait_for_more(2)
            for child in children(gateway.running.pid):
                os.kill(child, signal.SIGKILL)
        taken += senders.taken
        gateway.settled()  # the same mail must not meet two blows: it is held then, for it may be the cause
    judge(gateway, sink, taken)


def test_a_mail_is_not_to_blame_for_a_reading_process_that_stops(make_gateway, sink):
    gateway = make_gateway(smarthost=smarthost(sink.port), reading={"mail_seconds": 1})
    gateway.start()
    for child in children(gateway.running.pid):
        os.kill(child, signal.SIGSTOP)
    with Senders(gateway.port, number=1) as senders:
        senders.wait_for_more(1)
    judge(gateway, sink, senders.taken)
    assert "it took longer than 4 s" in gateway.log()


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


@contextmanager
def traced(gateway, *injections: str) -> Iterator[None]:
    """System calls of the daemon go as strace's `inject` says, until the block ends."""
    arguments = [f"--inject={injection}" for injection in injections]
    names = ",".join(injection.partition(":")[0] for injection in injections)
    command = [
        "strace",
        "-f",
        "-q",
        "-o",
        "/dev/null",
        "-e",
        f"trace={names}",
        *arguments,
        "-p",
        str(gateway.running.pid),
    ]
    tracer = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: tracer_of(gateway.running.pid) != 0, "strace is at it")
        yield
    finally:
        tracer.terminate()
        tracer.wait()


def tracer_of(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("TracerPid")))


@pytest.mark.strace
@pytest.mark.long_run
def test_a_slow_disk_makes_mail_wait_and_loses_none(gateway, sink):
    gateway.start()
    with Senders(gateway.port, 10) as senders:
        with traced(gateway, "fsync,fdatasync:delay_enter=300000"):
            senders.wait_for_more(40, 120)
        senders.wait_for_more(10)
    judge(gateway, sink, senders.taken)


@pytest.mark.strace
@pytest.mark.long_run
@pytest.mark.parametrize("trouble", ["EIO", "EROFS", "ENOSPC", "EDQUOT"])
def test_a_disk_that_takes_no_writes_for_some_time_loses_no_mail(gateway, sink, trouble):
    gateway.start()
    with Senders(gateway.port, 4) as senders:
        senders.wait_for_more()
        with traced(gateway, f"pwrite64,fdatasync,fsync:error={trouble}"):
            refused = senders.refusals["451"]
            eventually(lambda: senders.refusals["451"] > refused + 5, "mail is refused for now")
        senders.wait_for_more(10, 60)
    judge(gateway, sink, senders.taken, doubled=5)
    assert "no mail can be stored" in gateway.log()
    assert "mail can be stored again" in gateway.log()
