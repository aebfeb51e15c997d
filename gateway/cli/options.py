"""Options that several commands have, and which file they mean. Cheap to import: it is read for --help."""

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

_SYSTEM_WIDE = Path("/etc/gateway/gateway.toml")


def add_config(parser: argparse.ArgumentParser) -> None:
    """Gives the command `--config`."""
    parser.add_argument(
        "--config",
        metavar="FILE",
        type=Path,
        help="the configuration (default: $GATEWAY_CONFIG, ./gateway.toml, /etc/gateway/gateway.toml)",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Gives the command `--json`."""
    parser.add_argument("--json", action="store_true", help="print JSON for programs instead of text for people")


def add_limit(parser: argparse.ArgumentParser, default: int = 1000) -> None:
    """Gives the command `--limit`; 0 stands for all."""
    parser.add_argument(
        "--limit", type=_count, default=default, metavar="N", help=f"at most N (default {default}); 0 for all"
    )


def _count(said: str) -> int:
    if not said.isascii() or not said.isdigit():
        raise argparse.ArgumentTypeError(f"{said!r} is not a number of rows")
    return int(said)


def config_path(arguments: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> Path:
    """The configuration file the command is to use, whether or not it exists."""
    named: Path | None = arguments.config
    if named is not None:
        return named
    if said := environ.get("GATEWAY_CONFIG"):
        return Path(said)
    here = Path("gateway.toml")
    return here if here.is_file() else _SYSTEM_WIDE
