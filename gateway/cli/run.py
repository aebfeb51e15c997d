"""`gateway run`: the daemon, until it is told to stop; SIGHUP lets it begin again with the configuration read anew."""

import argparse
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli import exits, options
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from gateway.config import Config

log = logging.getLogger(__name__)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `run`."""
    parser = subparsers.add_parser("run", help="take mail in, work on tickets, send mail out", description=__doc__)
    options.add_config(parser)
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Runs until SIGTERM or SIGINT; the exit code."""
    import asyncio

    from gateway import config
    from gateway.daemon import logs

    path = options.config_path(arguments)
    following: Config | None = config.load(path, os.environ)
    while following is not None:
        logs.configure(following.log_level, os.environ)
        following = asyncio.run(_serve(following, path))
    return exits.OK


async def _serve(loaded: "Config", path: Path) -> "Config | None":
    """Serves one configuration; the one to begin again with, None to end. A faulty one disturbs nothing."""
    import asyncio
    import signal

    from gateway import config, daemon
    from gateway.daemon.clock import Clock

    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    following: list[Config] = []

    def reload() -> None:
        try:
            following.append(config.load(path, os.environ))
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
    await daemon.serve(loaded, Clock(), os.environ, stop, lambda: bool(following))
    return following[-1] if following else None
