"""`gateway demo`: the real daemon in a scratch folder, and a play of conversations through its SMTP listener."""

import argparse
from pathlib import Path

from gateway.cli import exits


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `demo`."""
    parser = subparsers.add_parser(
        "demo",
        help="see it work: the daemon, six customers, two agents, a few weeks in a few seconds",
        description="Starts the daemon in a scratch folder, without a smarthost, and plays conversations through SMTP. "
        "Then it stays up, so that you can write to it yourself, until Ctrl-C.",
    )
    parser.add_argument(
        "--once", action="store_true", help="end after the play; exit code 1 if anything went otherwise"
    )
    parser.add_argument(
        "--dir", type=Path, metavar="DIR", help="work in DIR and leave it there (default: a folder in /tmp)"
    )
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Plays; 0 when everything went by the script."""
    import asyncio

    from gateway.cli.demo.house import performed

    faults = asyncio.run(performed(arguments.dir, stays=not arguments.once))
    return exits.DIFFERED if faults else exits.OK
