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
_NEW_KEY = """\
Written: {secret}, as {config} was there already (keep a copy where you keep backups, and show it to nobody).
References and reply addresses of mail that was sent with another key are recognised no more."""
_EXAMPLE_NAME = 'name = "helpdesk"\n'


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `init`."""
    parser = subparsers.add_parser(
        "init",
        help="write a configuration to start from",
        description="Writes gateway.toml, secret.key and templates/ into DIR and overwrites nothing. "
        "Where only the key is missing, only that is written.",
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="where to; made when missing")
    parser.set_defaults(command=_init)


def _init(arguments: argparse.Namespace) -> int:
    import secrets

    from gateway.config import example, secret, shipped

    folder: Path = arguments.folder
    config, key, templates = folder / "gateway.toml", folder / "secret.key", folder / "templates"
    if key.exists() or key.is_symlink():
        raise PermanentError(f"{key} is there already and is not overwritten; name another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{datetime.now(UTC):%Y-%m-%d}"  # noqa: TID251 - the clock of the person who runs it
        _write(key, secret.new(secrets.token_bytes(secret.SHORTEST), name), 0o600)
        if config.exists() or config.is_symlink():
            print(_NEW_KEY.format(config=config, secret=key))
            return exits.OK
        templates.mkdir(exist_ok=True)
        if not any(templates.iterdir()):
            _write(templates / "README", _TEMPLATES.format(shipped=shipped.folder("templates")), 0o644)
        _write(config, _named(example.path().read_text(encoding="utf-8"), secrets.token_hex(4)), 0o644)
    except OSError as error:
        raise PermanentError(f"{error.filename}: cannot be written ({error.strerror}); name another folder") from error
    print(_NEXT.format(config=config, secret=key, templates=templates))
    return exits.OK


def _named(text: str, mark: str) -> str:
    """The example under a name that no other installation has: mail that bears our name is taken for our own."""
    return text.replace(_EXAMPLE_NAME, f'name = "helpdesk-{mark}"\n', 1)


def _write(path: Path, text: str, mode: int) -> None:
    """A new file that is complete on disk; an existing one raises FileExistsError."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
