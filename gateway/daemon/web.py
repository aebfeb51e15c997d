"""Builds the web room from the Config; where none is configured, nothing of it is loaded. It shows no page itself."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path

from gateway.config import Config, shipped
from gateway.config.node import Role
from gateway.daemon.rooms import House
from gateway.daemon.sockets import Place
from gateway.desk.ratings import Ratings
from gateway.tickets.model import TicketId
from gateway.tickets.survey import Rating
from gateway.web.settings import WebSettings

_GRACE_SECONDS = 5.0
_THREADS = 4


async def show(rooms: AsyncExitStack, house: House) -> list[int]:
    """The ports of the site and of its metrics, which answer from now on.

    Raises:
        TemporaryError: an address is not to be had.
    """
    settings = house.config.web
    return await _opened(rooms, house, settings) if settings is not None else []


def places(settings: WebSettings) -> tuple[Place, ...]:
    """Where the site is, and its metrics if they have a door."""
    site, metrics = Place(settings.host, settings.port), Place(settings.metrics_host, settings.metrics_port)
    return (site, metrics) if settings.metrics_port else (site,)


async def _opened(rooms: AsyncExitStack, house: House, settings: WebSettings) -> list[int]:
    from gateway.web.listener import Listener
    from gateway.web.metrics import Metrics, is_reachable
    from gateway.web.pages import Pages
    from gateway.web.site import Site
    from gateway.web.words import Dictionary

    config, clock, database = house.config, house.clock, house.database

    def is_ready() -> bool:
        return all(_at_work(house).values()) and is_reachable(database)

    words = Dictionary(_folders(config), config.policy.default_language)
    pages = Pages(shipped.folder("templates"), words)
    site = Site(database, config.policy, config.keyring, pages, _taking(house), is_ready, clock.now)
    metrics = Metrics(database, lambda: _at_work(house), lambda: _read(house), is_ready, clock.now)
    pool = ThreadPoolExecutor(_THREADS, "web")
    rooms.callback(pool.shutdown, cancel_futures=True)
    ports = []
    shown = [(site.answer, site.headers), (metrics.answer, metrics.headers)]
    for place, (answer, headers) in zip(places(settings), shown, strict=False):
        door = Listener(settings, pool, answer, headers, clock.wall)
        await door.open(await house.sockets.at(place, "web"))
        rooms.push_async_callback(door.stop, _GRACE_SECONDS)
        ports.append(door.port)
    return ports


def _folders(config: Config) -> tuple[Path, ...]:
    own = (Path(config.templates),) if config.templates else ()
    return (shipped.folder("templates"), *own)


def _taking(house: House) -> Callable[[TicketId, Rating], bool]:
    """Takes an answer; what the agents are to hear of it goes out at once."""
    ratings = Ratings(house.database, house.desk, house.clock.now)

    def take(ticket_id: TicketId, rating: Rating) -> bool:
        is_taken = ratings.take(ticket_id, rating)
        if is_taken:
            house.call(Role.DELIVER)
        return is_taken

    return take


def _at_work(house: House) -> dict[str, bool]:
    """Each role by whether it does what a new start of this node would mend."""
    found = {role: worker.is_alive for role, worker in house.workers.items()}
    if house.listeners:
        found[Role.SMTP] = all(listener.is_open for listener in house.listeners)
    if house.mailboxes:
        found[Role.IMAP] = all(mailbox.is_alive for mailbox in house.mailboxes.values())
    return {role.value: is_at_work for role, is_at_work in found.items()}


def _read(house: House) -> dict[str, bool]:
    """Each mailbox by whether it can be read. It is no matter of this node's health: most often its server is away."""
    return {name: not mailbox.is_failing for name, mailbox in house.mailboxes.items()}
