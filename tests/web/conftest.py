"""A door on a real socket, and the site behind it over a real desk. Requests are octets, as strangers send them."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from sqlalchemy import select

from gateway.daemon.sockets import Place, Sockets
from gateway.desk.ratings import Ratings
from gateway.outbound.ways_back import ways_back
from gateway.store.engine import Database, open_database
from gateway.store.schema import metadata
from gateway.tickets.model import Ticket
from gateway.tickets.notices import NoticeKind
from gateway.tickets.policy import SurveyPage
from gateway.web.exchange import ALWAYS, Answer, Headers, Request, security_policy
from gateway.web.listener import Listener
from gateway.web.pages import Pages
from gateway.web.settings import WebSettings
from gateway.web.site import Site
from gateway.web.words import Dictionary
from tests.builders import NOW, RING
from tests.desk.conftest import Office
from tests.servers.background import in_background

TEMPLATES = Path(__file__).parents[2] / "templates"
URL = "https://desk.test"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: an answer as it was written."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    def header(self, name: str) -> str:
        return ", ".join(value for key, value in self.headers if key.lower() == name.lower())


class Visitor:
    """Somebody at the door. `host` is what he takes the site's name for."""

    def __init__(self, port: int, host: str = "desk.test") -> None:
        self.port, self.host = port, host

    def connect(self, seconds: float = 20) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), seconds)

    def say(self, octets: bytes) -> bytes:
        """All that is answered until the other side closes."""
        with self.connect() as line:
            line.sendall(octets)
            return heard(line)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
        """`headers` are named with underscores; one that is empty is left out."""
        length = {"content_length": str(len(body))} if body or method == "POST" else {}
        named = {"host": self.host, **length, **headers}
        lines = [f"{name.replace('_', '-')}: {said}" for name, said in named.items() if said]
        head = "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""])
        return reply(self.say(head.encode("latin-1") + body))

    def get(self, path: str, **headers: str) -> Reply:
        return self.ask("GET", path, b"", **headers)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Reply:
        return self.ask("POST", path, urlencode(fields).encode(), **{"content_type": FORM, **headers})


def heard(line: socket.socket) -> bytes:
    """What comes until the other side closes."""
    octets = b""
    try:
        while some := line.recv(65536):
            octets += some
    except ConnectionResetError:
        pass
    return octets


def reply(octets: bytes) -> Reply:
    head, _, body = octets.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    assert status.startswith("HTTP/1.1 "), octets
    headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
    return Reply(int(status.split()[1]), headers, body.decode())


@contextmanager
def door(answer: Callable[[Request], Answer], always: Headers = (), **settings: Any) -> Iterator[Listener]:
    """A door that answers so until the block ends."""

    @asynccontextmanager
    async def opened():
        with ThreadPoolExecutor(4) as pool, Sockets() as sockets:
            listener = Listener(WebSettings(URL, **settings), pool, answer, always, lambda: NOW)
            await listener.open(await sockets.at(Place("127.0.0.1"), "web"))
            try:
                yield listener
            finally:
                await listener.stop(5)

    with in_background(opened()) as listener:
        yield listener


@pytest.fixture
def make_visitor() -> Iterator[Callable[..., Visitor]]:
    """Opens a door with `door`'s arguments; somebody stands before it. It is closed with the test."""
    with ExitStack() as doors:

        def make(answer: Callable[[Request], Answer], **settings: Any) -> Visitor:
            always = (*ALWAYS, security_policy())
            return Visitor(doors.enter_context(door(answer, always, **settings)).port)

        yield make


@pytest.fixture
def database(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/gateway.db", is_lasting=False)
    yield database
    database.close()


@pytest.fixture
def office(database):
    office = Office(database)
    office.change_policy(survey_page=SurveyPage(URL))
    return office


@pytest.fixture
def surveyed(office: Office) -> Ticket:
    """Kim's closed ticket, for which she has just been asked for a rating."""
    ticket = office.answered("#close\nDone.")
    office.pass_days(1)
    office.notices()
    return office.ticket(ticket.id)


@pytest.fixture
def path(office: Office, surveyed: Ticket) -> str:
    """Where the link in her survey's mail leads."""
    return link(office, surveyed)


def link(office: Office, ticket: Ticket, ring=RING, **changes: Any) -> str:
    asked = replace(office.last(NoticeKind.SURVEY), **changes)
    queue = office.policy.queue(ticket.queue)
    back = ways_back(asked, ticket, queue, None, ring, office.policy.hostname, office.policy.survey_page.url)
    assert back.links is not None
    return urlsplit(back.links.page).path


@pytest.fixture
def site(office: Office) -> Site:
    words = Dictionary((TEMPLATES,), "en")
    take = Ratings(office.database, office.desk, lambda: office.clock).take
    pages = Pages(TEMPLATES, words)
    return Site(office.database, office.policy, RING, pages, take, lambda: True, lambda: office.clock)


@pytest.fixture
def visitor(site: Site) -> Iterator[Visitor]:
    """Somebody at the site's door."""
    with door(site.answer, site.headers) as listener:
        yield Visitor(listener.port)


def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row there is."""
    with database.read() as db:
        return {table.name: [tuple(row) for row in db.execute(select(table))] for table in metadata.sorted_tables}
