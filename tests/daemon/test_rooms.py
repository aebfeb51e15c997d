"""How the rooms of a daemon call each other, and which leases a node wants."""

import threading
from dataclasses import replace
from typing import Any, cast

import pytest

from gateway import config
from gateway.cli import main
from gateway.config.node import NodeSettings, Role
from gateway.daemon import rooms
from gateway.daemon.rooms import House, Pace
from gateway.daemon.worker import Worker
from gateway.inbound.settings import MailboxSettings


@pytest.fixture
def loaded(tmp_path):
    assert main(["init", str(tmp_path / "desk")]) == 0
    return config.load(tmp_path / "desk" / "gateway.toml", {})


def test_work_is_told_to_the_worker_here_and_to_the_other_nodes(loaded):
    rung: list[Role] = []
    done = threading.Semaphore(0)

    def step() -> int:
        done.release()
        return 0

    with Worker("post", step, 3600) as worker:
        nothing = cast("Any", None)
        workers = {Role.DELIVER: worker}
        house = House(loaded, nothing, Pace(), nothing, "me", nothing, rung.append, workers)
        assert done.acquire(timeout=20)  # as it begins
        house.call(Role.DELIVER)
        assert done.acquire(timeout=20)
        house.call(Role.TRIAGE)  # which is another node's
    assert rung == [Role.DELIVER, Role.TRIAGE]


@pytest.mark.parametrize(
    ("roles", "leases"),
    [
        (tuple(Role), ("mailbox a", "mailbox b", "clock")),
        ((Role.IMAP,), ("mailbox a", "mailbox b")),
        ((Role.CLOCK, Role.SMTP), ("clock",)),
        ((Role.TRIAGE,), ()),
    ],
)
def test_a_node_wants_the_leases_of_its_roles(loaded, roles, leases):
    boxes = tuple(MailboxSettings(name, "imap.test", "kim", "secret", f"{name}@desk.test") for name in "ab")
    assert rooms.leases(replace(loaded, mailboxes=boxes, node=NodeSettings("", roles))) == leases
