"""The composition root: builds every room from the Config, supervises them, takes them down in order. Holds no rule."""

import asyncio
import fcntl
import logging
import os
import secrets
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from gateway import store
from gateway.config import Config, shipped
from gateway.daemon import systemd
from gateway.daemon.clock import Clock
from gateway.daemon.worker import Worker
from gateway.desk.moves import Desk
from gateway.desk.readers import Readers
from gateway.desk.triage import Triage
from gateway.desk.upkeep import Upkeep
from gateway.errors import TemporaryError
from gateway.inbound import imap, smtp
from gateway.inbound.accept import Acceptor
from gateway.inbound.settings import ListenerSettings
from gateway.outbound.capture import Capture
from gateway.outbound.delivery import Delivery
from gateway.outbound.relay import Relay
from gateway.outbound.render import Templates
from gateway.outbound.smarthost import Smarthost
from gateway.schedule import Job, Schedule
from gateway.store.engine import Database, open_database

log = logging.getLogger(__name__)

_GRACE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How often, in seconds of the wall, the rooms look for work that nobody woke them for."""

    triage: float = 5.0
    delivery: float = 5.0
    upkeep: float = 30.0


@dataclass(frozen=True, slots=True)
class Running:
    """A daemon that accepts mail: where it listens, and its database for those who look on."""

    ports: tuple[int, ...]
    database: Database


@asynccontextmanager
async def started(config: Config, clock: Clock, environ: Mapping[str, str], pace: Pace) -> AsyncIterator[Running]:
    """Every room at work until the block ends. Taken down the other way round: mail stops coming in first.

    Raises:
        TemporaryError: another daemon works on this data, a listener's address is taken, or the database is away.
        PermanentError: a certificate is unusable, or the database is too new.
    """
    async with AsyncExitStack() as rooms:
        config.data_dir.mkdir(parents=True, exist_ok=True)
        rooms.enter_context(_alone(config.data_dir))
        database = open_database(config.database_url)
        rooms.callback(database.close)
        _take_back(database)

        desk = Desk(config.policy, config.keyring, secrets.choice)
        delivery = _delivery(config, database, clock, _relay(config, clock))
        rooms.callback(delivery.close)
        deliver = rooms.enter_context(Worker("delivery", delivery.run_once, pace.delivery))
        readers = rooms.enter_context(Readers(config.keyring, config.policy, config.reading))
        triage = Triage(database, desk, readers.read, clock.now, clock.wall)
        sort = rooms.enter_context(Worker("triage", _then(triage.run_once, deliver.wake), pace.triage))
        upkeep = Upkeep(database, desk, clock.now)
        tend = rooms.enter_context(Worker("upkeep", _then(upkeep.run_once, deliver.wake), pace.upkeep))
        acceptor = rooms.enter_context(Acceptor(database, clock.now, sort.wake))

        mailboxes = [imap.Mailbox(mailbox, database, acceptor) for mailbox in config.mailboxes]
        rooms.push_async_callback(_all_stopped, mailboxes)
        for mailbox in mailboxes:
            mailbox.start()
        ports = [await _listen(rooms, config, acceptor, settings) for settings in config.listeners]

        jobs = (*_jobs(pace, tend), *_watchdog(environ, (deliver, sort, tend)))
        rooms.enter_context(Schedule(jobs))
        log.info("gateway is ready", extra={"action": "started", "ports": ports, "mailboxes": len(config.mailboxes)})
        systemd.notify("READY=1", environ)
        yield Running(tuple(ports), database)
    log.info("gateway has stopped", extra={"action": "stopped"})


async def serve(
    config: Config,
    clock: Clock,
    environ: Mapping[str, str],
    stop: asyncio.Event,
    begins_again: Callable[[], bool] = lambda: False,
) -> None:
    """Runs until `stop` is set; `begins_again` then tells whether the process goes on with another configuration."""
    async with started(config, clock, environ, Pace()):
        await stop.wait()
        # STOPPING ends the unit: after it systemd hears of no READY, and kills what is still there in the end.
        systemd.notify("RELOADING=1" if begins_again() else "STOPPING=1", environ)


async def _all_stopped(mailboxes: Sequence[imap.Mailbox]) -> None:
    """At the same time: one that hangs on its server must not keep the others waiting."""
    await asyncio.gather(*(asyncio.to_thread(mailbox.stop) for mailbox in mailboxes))


def _relay(config: Config, clock: Clock) -> Relay:
    if config.smarthost is not None:
        return Smarthost(config.smarthost)
    log.warning(
        "NO SMARTHOST IS CONFIGURED: nothing leaves this machine, outgoing mail is captured into a Maildir",
        extra={"action": "capture", "folder": config.delivery.capture},
    )
    return Capture(Path(config.delivery.capture), clock.wall)


def _delivery(config: Config, database: Database, clock: Clock, relay: Relay) -> Delivery:
    own = Path(config.templates) if config.templates else None
    policy = config.policy
    templates = Templates(shipped.folder("templates"), own, policy.default_language, policy.calendar.zone)
    settings, below = config.delivery, secrets.randbelow
    return Delivery(database, relay, policy, config.keyring, templates, settings, clock.now, clock.wall, below)


async def _listen(rooms: AsyncExitStack, config: Config, acceptor: Acceptor, settings: ListenerSettings) -> int:
    listener = await smtp.start(settings, acceptor.accept_async, config.policy.accepts, lambda: uuid.uuid4().hex)
    rooms.push_async_callback(listener.stop, _GRACE_SECONDS)
    return listener.port


def _jobs(pace: Pace, tend: Worker) -> tuple[Job, ...]:
    return (Job("timers", timedelta(seconds=pace.upkeep), tend.wake),)


def _watchdog(environ: Mapping[str, str], workers: tuple[Worker, ...]) -> tuple[Job, ...]:
    every = systemd.watchdog_seconds(environ)

    def tell() -> None:
        if all(worker.is_alive for worker in workers):
            systemd.notify("WATCHDOG=1", environ)

    return (Job("watchdog", timedelta(seconds=every), tell),) if every else ()


def _then(step: Callable[[], int], wake: Callable[[], None]) -> Callable[[], int]:
    def stepped() -> int:
        done = step()
        if done:
            wake()
        return done

    return stepped


def _take_back(database: Database) -> None:
    """What the daemon before us had taken and not finished waits again: we hold its lock, so it is no more."""
    with database.write() as db:
        left = store.spool.reclaim(db) + store.outbox.reclaim(db)
    if left:
        log.warning("mail of an interrupted run is taken up again", extra={"action": "reclaimed", "mails": left})


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    lock = os.open(data_dir / "gateway.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise TemporaryError(f"{data_dir}: another gateway works on this data; stop it first") from error
        yield
    finally:
        os.close(lock)
