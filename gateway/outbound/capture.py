"""Where mail ends when there is no smarthost: a Maildir that any mail client opens. Nothing leaves the machine."""

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path

from gateway.outbound.relay import MayGo, RelayDownError, Reply, WithdrawnError


class Capture:
    """A relay that keeps everything. Each mail is one file, its envelope in front as a delivery agent writes it."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._host = os.uname().nodename.replace("/", r"\057").replace(":", r"\072")  # as the Maildir format has it
        self._clock = clock
        self._numbers = count(1)

    def send(self, mail_from: str, recipients: Sequence[str], raw: bytes, may_go: MayGo) -> Mapping[str, Reply]:
        """Accepts every recipient once the mail is on disk.

        Raises:
            RelayDownError: the folder cannot be written.
            WithdrawnError: `may_go` said no.
        """
        if not may_go():
            raise WithdrawnError("the mail is not captured")
        try:
            name = self._keep(_with_envelope(mail_from, recipients, raw))
        except OSError as error:
            raise RelayDownError(f"{self._folder}: mail cannot be captured ({error.strerror})") from error
        return {address: Reply(250, f"2.0.0 captured as {name}") for address in recipients}

    def close_idle(self) -> None:
        """Nothing is open."""

    def close(self) -> None:
        """Nothing is open."""

    def cut(self) -> None:
        """Nothing takes long."""

    def _keep(self, content: bytes) -> str:
        for part in ("tmp", "new", "cur"):
            (self._folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
        now = self._clock()
        name = f"{int(now.timestamp())}.M{now.microsecond:06}P{os.getpid()}Q{next(self._numbers)}.{self._host}"
        temporary = self._folder / "tmp" / name
        try:
            with temporary.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.rename(self._folder / "new" / name)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(self._folder / "new")
        return name


def message_ids(folder: Path) -> Mapping[str, int]:
    """How often each Message-ID lies in the Maildir; its owner's mail client may have taken mail away."""
    files = (file for part in ("new", "cur") for file in sorted((folder / part).glob("*")))
    return Counter(found for file in files if (found := _message_id(file)))


def _message_id(file: Path) -> str:
    with file.open("rb") as lines:
        for line in lines:
            name, _, value = line.partition(b":")
            if name.lower() == b"message-id":
                return value.strip().strip(b"<>").decode("ascii", "replace")
            if not line.strip():
                break
    return ""


def _with_envelope(mail_from: str, recipients: Sequence[str], raw: bytes) -> bytes:
    lines = [f"Return-Path: <{mail_from}>", *(f"X-Original-To: {address}" for address in recipients)]
    return "".join(f"{' '.join(line.split())}\r\n" for line in lines).encode() + raw


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
