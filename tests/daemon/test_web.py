"""The web room within the daemon: there where it is configured and this node has the role, else not even loaded."""

import asyncio
import subprocess
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gateway import config, store
from gateway.cli import main
from gateway.config.node import NodeSettings, Role
from gateway.daemon import Pace, rooms, started, web
from gateway.daemon.clock import Clock
from gateway.daemon.rooms import House
from gateway.errors import TemporaryError
from gateway.inbound.accept import Acceptor
from gateway.inbound.settings import ListenerSettings, MailboxSettings, Tls
from gateway.store.engine import open_database
from gateway.store.tickets import NewTicket
from gateway.tickets.survey import Rating
from gateway.web.settings import WebSettings
from tests.builders import KIM, NOW
from tests.servers import process
from tests.web.conftest import Reply, Visitor

PAGE = WebSettings("https://desk.test", port=0)


@pytest.fixture
def installed(tmp_path):
    """What `gateway init` wrote, for a node that takes no mail."""
    assert main(["init", str(tmp_path / "desk")]) == 0
    loaded = config.load(tmp_path / "desk" / "gateway.toml", {})
    return replace(loaded, listeners=(), node=NodeSettings("", (Role.CLOCK, Role.WEB)))


def ports(loaded) -> list[int]:
    """Where a daemon listens for HTTP, and what its health is."""

    async def lives() -> list[int]:
        async with started(loaded, Clock(), {}, Pace()) as running:
            for port in running.web_ports:
                found = await asyncio.to_thread(Visitor(port).get, "/healthz")
                assert (found.status, found.body) == (200, "ready\n")
            return list(running.web_ports)

    return asyncio.run(lives())


def test_the_page_and_the_metrics_have_a_door_each(installed):
    metrics = process.free_port()
    found = ports(replace(installed, web=replace(PAGE, metrics_port=metrics)))
    assert (len(found), found[1]) == (2, metrics)
    assert len(ports(replace(installed, web=PAGE))) == 1


def test_a_node_without_the_role_has_no_door(installed):
    assert ports(replace(installed, web=PAGE, node=NodeSettings("", (Role.CLOCK,)))) == []


def test_without_a_page_the_role_does_nothing(installed):
    assert ports(installed) == []


def test_a_port_that_is_taken_is_named(installed):
    async def taken() -> None:
        server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            with pytest.raises(TemporaryError, match=f"web 127.0.0.1:{port}: cannot be opened"):
                async with started(replace(installed, web=replace(PAGE, port=port)), Clock(), {}, Pace()):
                    pass

    asyncio.run(taken())


@pytest.mark.parametrize("is_asked", [True, False])
def test_what_the_agents_are_to_hear_of_an_answer_goes_out_at_once(installed, tmp_path, is_asked):
    rung: list[Role] = []
    database = open_database(f"sqlite:///{tmp_path}/gateway.db", is_lasting=False)
    with database.write() as db:
        new = NewTicket("SUP-7K2M-9XQ4", "support", "Printer", KIM, "en")
        ticket = store.tickets.open_ticket(db, new, NOW)
        if is_asked:
            store.surveys.send(db, ticket.id, NOW)
    nothing = cast("Any", None)
    house = House(installed, Clock(lambda: NOW), Pace(), database, "me", nothing, rung.append)
    assert web._taking(house)(ticket.id, Rating(1, "")) is is_asked
    assert rung == [Role.DELIVER] * is_asked
    database.close()


def test_a_closed_door_for_mail_is_no_health(installed):
    nothing = cast("Any", None)
    loaded = replace(installed, listeners=(ListenerSettings(port=0), ListenerSettings(port=0)))
    house = House(loaded, Clock(), Pace(), nothing, "me", nothing, nothing)

    async def lives() -> list[dict[str, bool]]:
        async with AsyncExitStack() as opened:
            opened.enter_context(house.sockets)
            await rooms.listen(opened, house, cast("Acceptor", SimpleNamespace(accept_async=None)))
            before = web._at_work(house)
            await house.listeners[1].stop(0)
            return [before, web._at_work(house)]

    assert asyncio.run(lives()) == [{"smtp": True}, {"smtp": False}]


def test_a_mailbox_that_cannot_be_read_is_told_and_is_not_this_node_s_health(installed):
    port, metrics = process.free_port(), process.free_port()
    box = MailboxSettings("sales", "127.0.0.1", "kim", "secret", "sales@desk.test", port=port, tls=Tls.NONE)
    loaded = replace(
        installed,
        mailboxes=(box,),
        web=replace(PAGE, metrics_port=metrics),
        node=NodeSettings("", (Role.IMAP, Role.WEB)),
    )

    async def lives() -> tuple[str, int]:
        async with started(loaded, Clock(), {}, Pace()):
            visitor, deadline = Visitor(metrics), time.monotonic() + 20
            while 'mailbox_up{mailbox="sales"} 0' not in (told := (await visited(visitor, "/metrics")).body):
                assert time.monotonic() < deadline, told
            return told, (await visited(visitor, "/healthz")).status

    told, health = asyncio.run(lives())
    assert 'gateway_role_up{role="imap"} 1' in told
    assert health == 200


async def visited(visitor: Visitor, path: str) -> Reply:
    return await asyncio.to_thread(visitor.get, path)


def test_it_is_loaded_only_where_it_is_wanted():
    """Whoever has no page pays nothing for it: neither time at the start nor memory."""
    code = "import sys, gateway.daemon, gateway.cli.run; print({'h11', 'gateway.web.site'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"
