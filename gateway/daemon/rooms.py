"""Builds each room of the daemon from the Config. Which of them work on this node, and how long, is others' to say."""

import asyncio
import logging
import secrets
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from gateway.config import Config, shipped
from gateway.config.node import Role
from gateway.daemon import node
from gateway.daemon.clock import Clock
from gateway.daemon.sockets import Place, Sockets
from gateway.daemon.worker import Worker
from gateway.desk import refusal
from gateway.desk.collection import Collecting
from gateway.desk.moves import Desk
from gateway.desk.readers import Readers
from gateway.desk.reconcile import Reconciliation
from gateway.desk.triage import Triage
from gateway.desk.upkeep import Upkeep
from gateway.inbound import imap, smtp
from gateway.inbound.accept import Acceptor
from gateway.inbound.settings import ListenerSettings, MailboxSettings
from gateway.outbound.capture import Capture
from gateway.outbound.delivery import Delivery
from gateway.outbound.relay import Relay
from gateway.outbound.render import Templates
from gateway.outbound.smarthost import Smarthost
from gateway.store.engine import Database

log = logging.getLogger(__name__)

_GRACE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How often, in seconds of the wall, the rooms look for work that nobody woke them for."""

    triage: float = 5.0
    delivery: float = 5.0
    upkeep: float = 30.0
    collection: float = 86_400.0


@dataclass(frozen=True, slots=True)
class House:
    """What every room is built with: its workers by role, whose they are (`owner`), which leases and sockets are ours.

    `ring` tells the other nodes that there is work for a role. Mailboxes and listeners are there once they are at work.
    """

    config: Config
    clock: Clock
    pace: Pace
    database: Database
    owner: str
    holds: node.Holds
    ring: Callable[[Role], object]
    workers: dict[Role, Worker] = field(default_factory=dict)
    sockets: Sockets = field(default_factory=Sockets)
    mailboxes: dict[str, imap.Mailbox] = field(default_factory=dict)
    listeners: list[smtp.Listener] = field(default_factory=list)

    @property
    def desk(self) -> Desk:
        """What changes to tickets need to know."""
        return Desk(self.config.policy, self.config.keyring, secrets.choice)

    def call(self, role: Role) -> None:
        """There is work for `role`: its worker here and those of other nodes look for it."""
        if role in self.workers:
            self.workers[role].wake()
        self.ring(role)


def deliver(rooms: AsyncExitStack, house: House) -> Worker:
    """Sends mail, and takes leave of the relay in the end."""
    config, clock = house.config, house.clock
    own = Path(config.templates) if config.templates else None
    policy = config.policy
    templates = Templates(shipped.folder("templates"), own, policy.default_language, policy.calendar.zone)
    delivery = Delivery(
        house.database,
        _relay(config, clock),
        policy,
        config.keyring,
        templates,
        config.delivery,
        clock.now,
        clock.wall,
        secrets.randbelow,
        partial(refusal.refused, house.desk),
        house.owner,
    )
    rooms.callback(delivery.close)
    worker = rooms.enter_context(Worker("delivery", delivery.run_once, house.pace.delivery))
    rooms.callback(delivery.stop)
    return worker


def triage(rooms: AsyncExitStack, house: House) -> Worker:
    """Works on tickets by mail."""
    config, clock = house.config, house.clock
    readers = rooms.enter_context(Readers(config.keyring, config.policy, config.reading))
    desk = Triage(house.database, house.desk, readers.read_all, clock.now, clock.wall, house.owner)
    step = _then(desk.run_once, lambda: house.call(Role.DELIVER))
    return rooms.enter_context(Worker("triage", step, house.pace.triage))


def tend(rooms: AsyncExitStack, house: House) -> Worker:
    """Works on tickets as time passes, while no other node does."""
    upkeep = Upkeep(house.database, house.desk, house.clock.now)

    def step() -> int:
        return upkeep.run_once() if house.holds(node.CLOCK_LEASE) else 0

    if house.database.objects is not None:
        _collect(rooms, house)
    worker = Worker("upkeep", _then(step, lambda: house.call(Role.DELIVER)), house.pace.upkeep)
    return rooms.enter_context(worker)


def _collect(rooms: AsyncExitStack, house: House) -> None:
    """Tidies the object store, in a thread of its own: it may be slow, and timers wait for nobody."""
    is_ending = threading.Event()

    def goes_on() -> bool:
        return house.holds(node.CLOCK_LEASE) and not is_ending.is_set()

    collecting = Collecting(house.database, house.config.policy, house.clock.now, goes_on)
    every = house.pace.collection
    rooms.enter_context(Worker("collection", collecting.run_once, every, longest_pause=every / 24))
    rooms.callback(is_ending.set)


WORKERS: Mapping[Role, Callable[[AsyncExitStack, House], Worker]] = {
    Role.DELIVER: deliver,
    Role.TRIAGE: triage,
    Role.CLOCK: tend,
}
"""In the order in which they begin: nobody hands on work that nobody takes."""


def accept(rooms: AsyncExitStack, house: House) -> Acceptor:
    """Takes what the doors bring."""
    return rooms.enter_context(Acceptor(house.database, house.clock.now, lambda: house.call(Role.TRIAGE)))


def read_mailboxes(rooms: AsyncExitStack, house: House, acceptor: Acceptor) -> None:
    """Mailboxes, each read while its lease is ours."""
    hear = Reconciliation(house.database, house.config.policy, house.clock.now).hear

    def made(settings: MailboxSettings) -> imap.Mailbox:
        is_mine = _holding(house.holds, mailbox_lease(settings.name))
        return imap.Mailbox(settings, house.database, acceptor, compared=hear, is_mine=is_mine)

    mailboxes = {settings.name: made(settings) for settings in house.config.mailboxes}
    rooms.push_async_callback(_all_stopped, mailboxes.values())
    for mailbox in mailboxes.values():
        mailbox.start()
    house.mailboxes.update(mailboxes)


async def listen(rooms: AsyncExitStack, house: House, acceptor: Acceptor) -> list[int]:
    """The ports of the listeners, which take mail from now on."""
    for settings in house.config.listeners:
        sockets = await house.sockets.at(place_of(settings), "listener")
        accepts = house.config.policy.accepts
        listener = await smtp.start(settings, sockets, acceptor.accept_async, accepts, lambda: uuid.uuid4().hex)
        rooms.push_async_callback(listener.stop, _GRACE_SECONDS)
        house.listeners.append(listener)
    return [listener.port for listener in house.listeners]


def place_of(settings: ListenerSettings) -> Place:
    """Where a listener for mail is."""
    return Place(path=settings.socket) if settings.socket else Place(settings.host, settings.port)


def leases(config: Config) -> tuple[str, ...]:
    """What only one node does at a time, of that which this one would do."""
    roles = config.node.roles
    mailboxes = [mailbox_lease(mailbox.name) for mailbox in config.mailboxes] if Role.IMAP in roles else []
    return (*mailboxes, *([node.CLOCK_LEASE] if Role.CLOCK in roles else []))


def mailbox_lease(name: str) -> str:
    """The name of the lease for reading a mailbox."""
    return f"mailbox {name}"


def _holding(holds: node.Holds, lease: str) -> Callable[[], bool]:
    return lambda: holds(lease)


async def _all_stopped(mailboxes: Iterable[imap.Mailbox]) -> None:
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


def _then(step: Callable[[], int], call: Callable[[], None]) -> Callable[[], int]:
    def stepped() -> int:
        done = step()
        if done:
            call()
        return done

    return stepped
