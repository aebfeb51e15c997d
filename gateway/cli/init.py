"""`gateway init DIR`: a configuration to start from, a secret file and a place for own texts. It overwrites nothing."""

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from gateway.cli import exits
from gateway.errors import PermanentError

_TEMPLATES = """\
A file here replaces the shipped one of the same language and name: en/acknowledgement.txt, for one.
The shipped files lie in {shipped}
`gateway check` tries every file.
"""
_NEXT = """\
Written: {config}
         {secret} (keep a copy where you keep backups, and show it to nobody)
         {templates}/

Next:
  1. Edit {config}: the queue's address, the agents, a [[mailbox]] or [[listener]], the [smarthost].
  2. gateway check --config {config}
  3. gateway check --config {config} --online
  4. gateway run --config {config}
Until there is a [smarthost], outgoing mail is put into a Maildir and leaves this machine for nobody."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `init`."""
    parser = subparsers.add_parser(
        "init",
        help="write a configuration to start from",
        description="Writes gateway.toml, secret.key and templates/ into DIR and overwrites nothing.",
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="where to; made when missing")
    parser.set_defaults(command=_init)


def _init(arguments: argparse.Namespace) -> int:
    import secrets

    from gateway.config import example, secret, shipped

    folder: Path = arguments.folder
    config, key, templates = folder / "gateway.toml", folder / "secret.key", folder / "templates"
    for path in (config, key):
        if path.exists() or path.is_symlink():
            raise PermanentError(f"{path} is there already and is not overwritten; name another folder")
    try:
        templates.mkdir(parents=True, exist_ok=True)
        name = f"{datetime.now(UTC):%Y-%m-%d}"  # noqa: TID251 - the clock of the person who runs it
        _write(key, secret.new(secrets.token_bytes(secret.SHORTEST), name), 0o600)
        if not any(templates.iterdir()):
            _write(templates / "README", _TEMPLATES.format(shipped=shipped.folder("templates")), 0o644)
        _write(config, example.path().read_text(encoding="utf-8"), 0o644)
    except OSError as error:
        raise PermanentError(f"{error.filename}: cannot be written ({error.strerror}); name another folder") from error
    print(_NEXT.format(config=config, secret=key, templates=templates))
    return exits.OK


def _write(path: Path, text: str, mode: int) -> None:
    """A new file that is complete on disk; an existing one raises FileExistsError."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
