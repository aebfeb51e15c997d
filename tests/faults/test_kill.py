"""kill -9 at every named moment and at random ones, through real Postfix and Dovecot: nothing lost, nobody told twice.

A mail may reach the far end twice only if the blow fell between the smarthost's 250 and our commit; it is then the
same, octet for octet.
"""

import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.faults import extent
from tests.faults.moments import MOMENTS, Moment
from tests.faults.premises import Site
from tests.servers import process

pytestmark = [pytest.mark.dovecot, pytest.mark.postfix]

QUICK = (
    "imap: stored, the cursor not yet",
    "triage: acknowledgement and notices in the outbox",
    "deliver: the smarthost's 250 heard",
)
NAMED = [moment for moment in MOMENTS if extent.IS_LONG or moment.name in QUICK]
RANDOM_KILLS = max(200, int(extent.MINUTES * 20))
ENOUGH, BURSTS = 3, 5  # mails by each way at a time, and how often, so that every moment comes
SIGNALS = {"stop": signal.SIGTERM, "reload": signal.SIGHUP}


@pytest.fixture
def site(make_gateway, postfix_factory, inbox, sink):
    postfix = postfix_factory(f"smtp:[127.0.0.1]:{process.free_port()}", f"smtp:[127.0.0.1]:{sink.port}")
    return Site(make_gateway, postfix, inbox("support"), sink)


def test_the_moments_are_many_and_each_is_named_once():
    assert len({moment.name for moment in MOMENTS}) == len(MOMENTS) >= 30
    assert len({(moment.thread, moment.steps, moment.by, moment.whom) for moment in MOMENTS}) == len(MOMENTS)
    assert set(QUICK) <= {moment.name for moment in MOMENTS}


def test_at_named_moments(site, tell):
    rows, never = [], []
    before = {"resent": 0}
    for moment in NAMED:
        if not struck(site, moment):
            never.append(moment.name)
        site.gateway.start()
        site.settled()
        figures = site.judge()
        resent = figures["resent"] - before["resent"]
        assert moment.may_resend or not resent, moment.name
        rows.append((moment.name, 1, len(site.promised), 0, 0, resent))
        before = figures
        assert site.gateway.stop() == 0
    total = ("all", len(rows), len(site.promised), 0, 0, before["resent"])
    headers = ("moment", "kills", "mails so far", "lost", "second acks", "resent")
    tell("killed at a named moment", headers, [*rows, total])
    assert not never, "these never came"


def struck(site: Site, moment: Moment) -> bool:
    """Whether the moment came and the blow fell; nothing runs afterwards."""
    gateway = site.gateway
    if moment.by == "timers":
        make_timers_due(site)
    if moment.by == "start":
        leave_something_taken(site)
    gateway.begin(moment)
    assert gateway.is_ready_or_struck(), gateway.log()
    if moment.by in SIGNALS:
        gateway.running.send_signal(SIGNALS[moment.by])
    came = any(comes_under_load(site, moment) for _ in range(BURSTS))
    if came and moment.whom == "us":
        gateway.bury()
    else:
        site.settled()
        gateway.kill()
    site.note_kill(moment.name)
    return came


def comes_under_load(site: Site, moment: Moment) -> bool:
    if moment.by in {"mail", *SIGNALS}:
        site.write(ENOUGH, ENOUGH)  # while it goes down, Postfix and Dovecot take it all the same
    give_up = time.monotonic() + 4
    while not (came := site.gateway.is_struck()) and time.monotonic() < give_up:
        time.sleep(0.02)
    return came


def make_timers_due(site: Site) -> None:
    site.gateway.start()
    site.write(ENOUGH, 0)
    site.settled()
    site.gateway.stop()
    site.make_timers_due(ENOUGH)


def leave_something_taken(site: Site) -> None:
    """What a daemon finds that follows one which was struck down."""
    struck(site, next(moment for moment in MOMENTS if moment.name == "triage: taken"))


@contextmanager
def world_that_writes(site: Site) -> Iterator[None]:
    is_over = threading.Event()

    def go_on_writing() -> None:
        while not is_over.wait(0.3):
            site.write(1, 1)

    thread = threading.Thread(target=go_on_writing)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


@pytest.mark.long_run
def test_at_random_moments(site, tell):
    chance, rows = random.Random(), []
    for so_many in (25 * number for number in range(1, RANDOM_KILLS // 25 + 1)):
        with world_that_writes(site):
            while site.kills["random"] < so_many:
                site.gateway.start()
                time.sleep(chance.uniform(0, 1.2))  # the moment, not a wait for anything
                site.gateway.kill()
                site.note_kill("random")
        site.gateway.start()
        site.settled(300)
        figures = site.judge()
        rows.append((so_many, figures["mails"], figures["brought again"], 0, 0, figures["resent"]))
        site.gateway.stop()
    tell("killed at random moments", ("kills", "mails", "brought again", "lost", "second acks", "resent"), rows)
