"""The `gateway` command: finds the subcommand and turns what goes wrong into an exit code. It does no work itself.

Modules of commands are imported for --help too, so they import what is heavy inside the functions that need it.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from gateway import __version__
from gateway.cli import exits, output
from gateway.errors import ConfigError, DamagedError, MissingError, PermanentError, TemporaryError

_COMMANDS = (  # each module's add_parser(subparsers) adds its commands; this is the order of --help
    "gateway.cli.init",
    "gateway.cli.check",
    "gateway.cli.verify",
    "gateway.cli.run",
    "gateway.cli.demo",
    "gateway.cli.ingest",
    "gateway.cli.explain",
    "gateway.cli.ticket",
    "gateway.cli.held",
    "gateway.cli.outbox",
    "gateway.cli.db",
    "gateway.cli.alarm",
    "gateway.cli.suppression",
)

Command = Callable[[argparse.Namespace], int]


class _Parser(argparse.ArgumentParser):
    """argparse with the exit code of sysexits for a wrong command line, and no guessing at shortened options."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(exits.USAGE, f"{self.prog}: {message}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; the exit code. A wrong command line, --help and --version end the process as argparse does."""
    output.escape_what_cannot_be_written()
    arguments = _parsed(argv)
    command: Command = arguments.command
    try:
        code = command(arguments)
        sys.stdout.flush()
    except ConfigError as error:
        return _failed(exits.BAD_CONFIG, *error.faults, _counted(len(error.faults)))
    except DamagedError as error:
        return _failed(exits.BAD_DATA, f"gateway: {error}")
    except TemporaryError as error:
        return _failed(exits.TRY_AGAIN, f"gateway: {error}; try again later")
    except MissingError as error:
        return _failed(exits.MISSING, f"gateway: {error}")
    except PermanentError as error:
        return _failed(exits.BAD_DATA, f"gateway: {error}")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the interpreter's last flush is quiet
        return exits.READER_GONE
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    return code


def _parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line; `--config` may stand before the command too, where that takes one."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.config_for_any is not None:
        if "config" not in arguments:
            parser.error("this command takes no --config")
        arguments.config = arguments.config or arguments.config_for_any
    return arguments


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="gateway",
        description="An email-to-ticket gateway: support mailboxes become a help desk whose whole interface is e-mail.",
        epilog="`gateway COMMAND --help` tells more. Exit codes: 0 fine, 64 wrong command line, 65 bad data, "
        "66 nothing there, 75 try again later, 78 bad configuration.",
    )
    parser.add_argument("--version", action="version", version=f"gateway {__version__}")
    parser.add_argument("--config", dest="config_for_any", metavar="FILE", type=Path, help=argparse.SUPPRESS)
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in _COMMANDS:
        import_module(module).add_parser(subparsers)
    return parser


def _counted(faults: int) -> str:
    return f"gateway: {faults} fault{'s' if faults != 1 else ''} in the configuration; nothing was done"


def _failed(code: int, *lines: str) -> int:
    for line in lines:
        print(line, file=sys.stderr)
    return code
