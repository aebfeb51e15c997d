"""What several commands have in common: options, which file they mean, how results are printed. Cheap to import."""

import argparse
import os
from collections.abc import Iterable, Mapping, Sequence
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


def config_path(arguments: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> Path:
    """The configuration file the command is to use, whether or not it exists."""
    named: Path | None = arguments.config
    if named is not None:
        return named
    if said := environ.get("GATEWAY_CONFIG"):
        return Path(said)
    here = Path("gateway.toml")
    return here if here.is_file() else _SYSTEM_WIDE


def print_json(value: object) -> None:
    """Prints `value` for programs, indented, in UTF-8 as it is."""
    import json

    print(json.dumps(value, ensure_ascii=False, indent=2))


def print_table(headers: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """Prints the rows for people as wide as the terminal, or the sentence `empty` when there are none."""
    from gateway.cli.table import table

    listed = list(rows)
    print(table([header.upper() for header in headers], listed) if listed else empty)
