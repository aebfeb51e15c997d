"""What mails are explained against: the configured desk and its tickets, or a desk made up for it. Tells nothing."""

import argparse
import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from gateway import config
from gateway.cli import options
from gateway.cli.opened import opened
from gateway.daemon.clock import wall
from gateway.desk import explanation
from gateway.desk.explanation import Explanation
from gateway.desk.moves import Desk
from gateway.errors import MissingError
from gateway.mail.tokens import Keyring
from gateway.store.engine import Database, open_database
from gateway.tickets.model import Agent, Queue
from gateway.tickets.policy import Policy
from gateway.tickets.reading import Reading

_MADE_UP = "support@desk.invalid"

Explain = Callable[[Reading], Explanation]


@contextmanager
def what_there_is(arguments: argparse.Namespace) -> Iterator[tuple[Desk, Explain]]:
    """The desk, and what explains a mail: against its tickets, or in a rehearsal where there are none."""
    with ExitStack() as rooms:
        if arguments.config or options.config_path(arguments).is_file():
            loaded = config.load(options.config_path(arguments), os.environ)
            desk = Desk(loaded.policy, loaded.keyring, secrets.choice)
            try:
                _, database = rooms.enter_context(opened(arguments))
            except MissingError as error:
                print(
                    f"gateway explain: {error}. The mails are explained as to a desk without tickets", file=sys.stderr
                )
            else:
                yield desk, _beside(database, desk)
                return
        else:
            desk = Desk(_policy(arguments.rcpt), Keyring((secrets.token_bytes(32),)), secrets.choice)
        yield desk, rooms.enter_context(_rehearsal(desk))


def _beside(database: Database, desk: Desk) -> Explain:
    def explain(read: Reading) -> Explanation:
        with database.read() as db:
            return explanation.explain(db, read, desk, wall())

    return explain


@contextmanager
def _rehearsal(desk: Desk) -> Iterator[Explain]:
    with tempfile.TemporaryDirectory(prefix="gateway-explain-") as folder:
        rehearsed_in = open_database(f"sqlite:///{folder}/explain.db", is_lasting=False)
        rehearsal = explanation.Rehearsal(desk)
        try:
            with rehearsed_in.write() as db:  # one transaction for all: nobody else looks, and nothing of it stays
                yield lambda read: rehearsal.explain(db, read, wall())
        finally:
            rehearsed_in.close()


def _policy(recipients: list[str]) -> Policy:
    agent = Agent("agent", "Agent", "agent@desk.invalid")
    queue = Queue("support", "Support", recipients[0] if recipients else _MADE_UP, ("agent",), tuple(recipients[1:]))
    return Policy("explain", "desk.invalid", (queue,), (agent,), (), "support")
