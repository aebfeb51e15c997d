"""`gateway run`: the daemon, until it is told to stop; SIGHUP lets it begin again with the configuration read anew."""

import argparse
import logging
import os
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
    loaded = config.load(path, os.environ)
    logs.configure(loaded.log_level, os.environ)
    while True:
        if not asyncio.run(_serve(loaded)):
            return exits.OK
        try:
            loaded = config.load(path, os.environ)
        except ConfigError as error:
            for fault in error.faults:
                log.error("the new configuration cannot be used, the old one stays: %s", fault)  # noqa: TRY400 - no bug


async def _serve(loaded: "Config") -> bool:
    """Serves one configuration; whether to begin again with another."""
    import asyncio
    import signal

    from gateway import daemon
    from gateway.daemon.clock import Clock

    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    again: list[bool] = []

    def reload() -> None:
        again.append(True)
        stop.set()

    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGINT, stop.set)
    loop.add_signal_handler(signal.SIGHUP, reload)
    await daemon.serve(loaded, Clock(), os.environ, stop)
    return bool(again)
