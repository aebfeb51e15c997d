"""The running daemon for journeys: each test has gateways of its own; the mail servers are those of `tests.servers`."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from tests.journeys.gateway import Gateway
from tests.journeys.letters import Inbox
from tests.servers.dovecot import DovecotServer

_people = count(1)


@pytest.fixture
def make_gateway(tmp_path: Path) -> Iterator[Callable[..., Gateway]]:
    """Makes a gateway, not yet started, with `Gateway`'s arguments; it ends with the test, which it has to do unharmed.

    A journey is over only when no line of its daemons' logs is a traceback, and its ledger keeps every promise.
    """
    made: list[Gateway] = []
    numbers = count(1)

    def make(**arguments) -> Gateway:
        gateway = Gateway(tmp_path / f"gateway-{next(numbers)}", **arguments)
        ending.callback(gateway.close)
        made.append(gateway)
        return gateway

    with ExitStack() as ending:
        yield make
    for gateway in made:
        _, said, what = gateway.log().partition("Traceback")
        assert not said, what[:5000]
        assert gateway.verified() == (), "the ledger's promises hold"


@pytest.fixture
def inbox(dovecot: DovecotServer) -> Callable[[str], Inbox]:
    """Gives somebody a mailbox at Dovecot; the user's name is his and the test's alone."""
    return lambda name: Inbox(dovecot, f"{name}{next(_people)}")
