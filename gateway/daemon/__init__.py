"""The composition root: builds every room from the Config, supervises them, takes them down in order. Holds no rule."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from gateway.config import Config
from gateway.config.node import Role
from gateway.daemon import memory, node, systemd
from gateway.daemon.clock import Clock
from gateway.daemon.rooms import WORKERS, House, Pace, accept, leases, listen, place_of, read_mailboxes
from gateway.daemon.sockets import Place, Sockets
from gateway.daemon.web import places, show
from gateway.daemon.worker import Worker
from gateway.errors import DamagedError
from gateway.schedule import Job, Schedule
from gateway.store.engine import Database, open_database

__all__ = ["Pace", "Running", "serve", "started"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Running:
    """A daemon that accepts mail: where it listens, its database for those who look on, and what breaks for good.

    `ports` are for mail, `web_ports` for HTTP.
    """

    ports: tuple[int, ...]
    web_ports: tuple[int, ...]
    database: Database
    broken: "asyncio.Future[DamagedError]"


@asynccontextmanager
async def started(
    config: Config, clock: Clock, environ: Mapping[str, str], pace: Pace, sockets: Sockets | None = None
) -> AsyncIterator[Running]:
    """Every room at work until the block ends. Taken down the other way round: mail stops coming in first.

    Of `sockets`, if given, those that this configuration has no use for are closed; the rest stay open in the end.

    Raises:
        TemporaryError: another daemon works on this data, a listener's address is taken, or the database is away.
        PermanentError: a certificate is unusable, or the database is too new.
    """
    async with AsyncExitStack() as rooms:
        name = "" if config.database_url.startswith("sqlite") else node.named(config.node)
        me = node.identity(config.node, rooms.enter_context(node.alone(config.data_dir, name)))
        broken: asyncio.Future[DamagedError] = asyncio.get_running_loop().create_future()
        database = open_database(config.database_url, when_damaged=_breaking(broken), originals=config.originals)
        rooms.callback(database.close)
        workers: dict[Role, Worker] = {}
        holds = rooms.enter_context(node.joined(database, me, leases(config)))
        ring = rooms.enter_context(node.calling(database, lambda role: _wake(workers, role)))
        sockets = sockets or rooms.enter_context(Sockets())
        sockets.keep(_places(config))
        house = House(config, clock, pace, database, me.id, holds, ring, workers, sockets)

        roles = config.node.roles
        for role, begin in WORKERS.items():
            if role in roles:
                workers[role] = begin(rooms, house)
        ports: list[int] = []
        if {Role.SMTP, Role.IMAP} & {*roles}:
            acceptor = accept(rooms, house)
            if Role.IMAP in roles:
                read_mailboxes(rooms, house, acceptor)
            if Role.SMTP in roles:
                ports = await listen(rooms, house, acceptor)
        web_ports = await show(rooms, house) if Role.WEB in roles else []
        rooms.enter_context(Schedule((*_jobs(pace, workers), *_watchdog(environ, tuple(workers.values())))))
        facts = {"action": "started", "ports": [*ports, *web_ports], "roles": ",".join(roles)}
        log.info("gateway is ready", extra=facts)
        systemd.notify("READY=1", environ)
        yield Running(tuple(ports), tuple(web_ports), database, broken)
    log.info("gateway has stopped", extra={"action": "stopped"})


async def serve(
    config: Config,
    clock: Clock,
    environ: Mapping[str, str],
    stop: asyncio.Event,
    sockets: Sockets,
    begins_again: Callable[[], bool] = lambda: False,
) -> None:
    """Runs until `stop` is set; `begins_again` then tells whether the process goes on with another configuration.

    Only then do the `sockets` stay open.

    Raises:
        DamagedError: the database turned out to be; the daemon went down in order.
    """
    memory.give_back_large_blocks()
    async with started(config, clock, environ, Pace(), sockets) as running:
        gc.unfreeze()  # what lived for the configuration before this one
        gc.collect()
        gc.freeze()  # what lives as long as the daemon need not be looked through for each mail
        either: tuple[asyncio.Future[Any], ...] = (asyncio.ensure_future(stop.wait()), running.broken)
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not begins_again():
            sockets.close()
        if running.broken.done():
            raise running.broken.result()
        running.database.confirm()  # the next configuration would make a new one
        # STOPPING ends the unit: after it systemd hears of no READY, and kills what is still there in the end.
        systemd.notify("RELOADING=1" if begins_again() else "STOPPING=1", environ)


def _places(config: Config) -> list[Place]:
    """Where this node listens."""
    roles = config.node.roles
    mail = [place_of(listener) for listener in config.listeners] if Role.SMTP in roles else []
    return [*mail, *(places(config.web) if Role.WEB in roles and config.web else ())]


def _breaking(broken: "asyncio.Future[DamagedError]") -> Callable[[DamagedError], object]:
    """Settles `broken` with the first error it is told, from any thread."""
    loop = broken.get_loop()

    def end(error: DamagedError) -> None:
        if not broken.done():
            broken.set_result(error)

    return lambda error: loop.call_soon_threadsafe(end, error)


def _wake(workers: Mapping[Role, Worker], role: str) -> None:
    """A role that is none of ours, or that we do not know, is another node's business."""
    for ours, worker in tuple(workers.items()):  # the first call may come while they are still being built
        if ours == role:
            worker.wake()


def _jobs(pace: Pace, workers: Mapping[Role, Worker]) -> tuple[Job, ...]:
    every = timedelta(seconds=pace.upkeep)
    return (Job("timers", every, workers[Role.CLOCK].wake),) if Role.CLOCK in workers else ()


def _watchdog(environ: Mapping[str, str], workers: tuple[Worker, ...]) -> tuple[Job, ...]:
    every = systemd.watchdog_seconds(environ)

    def tell() -> None:
        if all(worker.is_alive for worker in workers):
            systemd.notify("WATCHDOG=1", environ)

    return (Job("watchdog", timedelta(seconds=every), tell),) if every else ()
