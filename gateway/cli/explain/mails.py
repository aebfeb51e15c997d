"""Finds the mails to explain: files, mbox files, folders of either, standard input. Does not read what they say."""

import argparse
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from gateway.inbound import mbox
from gateway.mail.envelope import Envelope

_NO_MAIL = frozenset({".cfg", ".csv", ".html", ".ini", ".json", ".md", ".py", ".pyc", ".toml", ".yaml", ".yml"})
_RETURN_PATH = re.compile(rb"(?im)^Return-Path:[ \t]*<?([^>\r\n]*)>?")
_HEAD = 20_000  # octets

Found = tuple[str, bytes | OSError]


def found(names: Iterable[str]) -> Iterator[Found]:
    """Each mail under its path, an mbox's with a number behind it; for what cannot be read, the reason."""
    for name in names:
        if name == "-":
            yield "-", sys.stdin.buffer.read()
            continue
        try:
            files = _files(Path(name))
        except OSError as error:
            yield name, error
            continue
        for file in files:
            yield from _mails(file)


def envelope(raw: bytes, arguments: argparse.Namespace) -> Envelope:
    """The envelope as the command line says, `mail_from` otherwise as the server noted that delivered the mail."""
    said: str | None = arguments.mail_from
    if said is None and (noted := _RETURN_PATH.search(raw[:_HEAD])):
        said = noted[1].decode("utf-8", "replace").strip()
    return Envelope(said.strip("<>") if said is not None else None, tuple(arguments.rcpt))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return [file for file in sorted(path.rglob("*")) if file.is_file() and _may_be_mail(file)]


def _may_be_mail(file: Path) -> bool:
    return not file.name.startswith(".") and file.suffix not in _NO_MAIL


def _mails(file: Path) -> Iterator[Found]:
    try:
        raw = file.read_bytes()
    except OSError as error:
        yield str(file), error
        return
    if not mbox.is_mbox(raw):
        yield str(file), raw
        return
    for number, mail in enumerate(mbox.split(raw), start=1):
        yield f"{file}#{number}", mail
