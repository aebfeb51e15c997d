"""`gateway run`: the daemon, until it is told to stop; SIGHUP lets it begin again with the configuration read anew."""

import argparse
import logging
import os
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.cli import exits, options
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from gateway.config import Config
    from gateway.config.node import Role
    from gateway.daemon.sockets import Sockets

log = logging.getLogger(__name__)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `run`."""
    parser = subparsers.add_parser("run", help="take mail in, work on tickets, send mail out", description=__doc__)
    options.add_config(parser)
    parser.add_argument(
        "--roles",
        type=_roles,
        metavar="ROLE,…",
        help="what this node does of smtp, imap, triage, deliver, clock and web (default: as [node] says, all)",
    )
    parser.add_argument("--node", default="", metavar="NAME", help="what this node is called (default: as [node] says)")
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Runs until SIGTERM or SIGINT; the exit code."""
    import asyncio

    from gateway import config
    from gateway.daemon import logs
    from gateway.daemon.sockets import Sockets

    path = options.config_path(arguments)

    def load() -> "Config":
        return _for_this_node(config.load(path, os.environ), arguments)

    async def serve(following: "Config | None") -> None:  # in one loop, else a signal between two would kill us
        with Sockets() as sockets:
            while following is not None:
                logs.configure(following.log_level, os.environ)
                following = await _serve(following, load, sockets)

    asyncio.run(serve(load()))
    return exits.OK


def _roles(written: str) -> "tuple[Role, ...]":
    from gateway.config.node import Role

    known = {role.value: role for role in Role}
    wanted = [word.strip() for word in written.split(",") if word.strip()]
    if unknown := [word for word in wanted if word not in known]:
        raise argparse.ArgumentTypeError(f"there is no role {unknown[0]!r}; there are {', '.join(known)}")
    if not wanted:
        raise argparse.ArgumentTypeError(f"a node without a role does nothing; there are {', '.join(known)}")
    return tuple(known[word] for word in dict.fromkeys(wanted))


def _for_this_node(loaded: "Config", arguments: argparse.Namespace) -> "Config":
    """The configuration, with what the command line says of this node."""
    said = loaded.node
    node = replace(said, name=arguments.node or said.name, roles=arguments.roles or said.roles)
    return replace(loaded, node=node)


async def _serve(loaded: "Config", load: "Callable[[], Config]", sockets: "Sockets") -> "Config | None":
    """Serves one configuration; the one to begin again with, None to end. A faulty one disturbs nothing."""
    import asyncio
    import signal

    from gateway import daemon
    from gateway.daemon.clock import Clock

    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    following: list[Config] = []

    def reload() -> None:
        if stop.is_set() and not following:
            return  # we were told to end
        try:
            following.append(load())
        except ConfigError as error:
            for fault in error.faults:
                log.error("the new configuration cannot be used, the old one stays: %s", fault)  # noqa: TRY400 - no bug
        else:
            stop.set()

    def end() -> None:
        following.clear()
        stop.set()

    loop.add_signal_handler(signal.SIGTERM, end)
    loop.add_signal_handler(signal.SIGINT, end)
    loop.add_signal_handler(signal.SIGHUP, reload)
    await daemon.serve(loaded, Clock(), os.environ, stop, sockets, lambda: bool(following))
    return following[-1] if following else None
