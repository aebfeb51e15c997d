"""Where the bytes of mail lie outside of the database: a folder, or an object store through fsspec. It knows no mail.

An object is named by the day it was put there and the SHA-256 of its bytes. Names are never used again after that day,
so what no row names some days later can be removed while others put new ones.
"""

import contextlib
import hashlib
import os
import tempfile
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from gateway.errors import PermanentError, TemporaryError

OPTION = "gateway_objects"
"""The execution option of a connection that holds its database's `Objects`, or None."""
_REMEMBERED = 1000


class Place(Protocol):
    """What keeps bytes by name. Each call raises what its library raises."""

    def put(self, name: str, raw: bytes) -> None:
        """The bytes are durable."""

    def get(self, name: str) -> bytes:
        """The bytes."""

    def days(self) -> list[str]:
        """The first part of all names, each once."""

    def names(self, day: str) -> list[str]:
        """All names that begin with this part."""

    def remove(self, name: str) -> None:
        """It is gone."""


@dataclass(frozen=True, slots=True)
class Objects:
    """The objects at one place."""

    place: Place
    _kept: deque[str] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def keep(self, raw: bytes, now: datetime) -> str:
        """The name under which the bytes are kept, durably. What was kept a moment ago is not kept again.

        Raises:
            TemporaryError: they could not be kept.
        """
        name = _name(raw, now)
        if name not in self._kept:
            with _translated(f"keep {name}"):
                self.place.put(name, raw)
            self._kept.append(name)
        return name

    def kept(self, raw: bytes, now: datetime) -> str:
        """The name under which `keep` has kept the bytes at the same instant, just before.

        Raises:
            TemporaryError: it has not.
        """
        name = _name(raw, now)
        if name not in self._kept:
            raise TemporaryError(f"object store: {name} was not kept")
        return name

    def get(self, name: str) -> bytes:
        """The bytes as they were kept.

        Raises:
            TemporaryError: they are not to be had, or are not what was kept.
        """
        with _translated(f"read {name}"):
            raw = self.place.get(name)
        if hashlib.sha256(raw).hexdigest() != name.rpartition("/")[2]:
            raise TemporaryError(f"object store: {name} has other bytes than were put there; restore it from a backup")
        return raw

    def fault(self, name: str, size: int) -> str:
        """What is wrong with an object that should have so many octets, or an empty string.

        Raises:
            TemporaryError: it cannot be read now.
        """
        with _translated(f"read {name}"):
            raw = self.place.get(name)
        if hashlib.sha256(raw).hexdigest() != name.rpartition("/")[2]:
            return "has other bytes than were put there"
        return "" if len(raw) == size else f"has {len(raw)} octets, not {size}"

    def days(self) -> list[str]:
        """The days on which something was put there, the oldest first; what else lies beside is not ours.

        Raises:
            TemporaryError: the place cannot be read.
        """
        with _translated("list objects"):
            return sorted(each for each in self.place.days() if _is_day(each))

    def of(self, day: str) -> list[str]:
        """The names of all that was put there on a day.

        Raises:
            TemporaryError: the place cannot be read.
        """
        with _translated(f"list the objects of {day}"):
            return self.place.names(day)

    def remove(self, name: str) -> None:
        """It is gone.

        Raises:
            TemporaryError: it could not be removed.
        """
        with _translated(f"remove {name}"):
            self.place.remove(name)


class Folder:
    """A folder of this machine, or one that several share."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, name: str, raw: bytes) -> None:
        """Written beside, flushed to the disk, then named; and the name flushed too."""
        path = self._root / name
        is_new = not path.parent.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            try:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
        _flush(path.parent)
        if is_new:
            _flush(self._root)

    def get(self, name: str) -> bytes:
        """The bytes."""
        return (self._root / name).read_bytes()

    def days(self) -> list[str]:
        """The folders in it."""
        return [each.name for each in self._root.iterdir() if each.is_dir()] if self._root.exists() else []

    def names(self, day: str) -> list[str]:
        """What is in one of them; what a crash left half-written too."""
        folder = self._root / day
        return [f"{day}/{each.name}" for each in folder.iterdir()] if folder.exists() else []

    def remove(self, name: str) -> None:
        """It is gone, and its folder when it was the last."""
        path = self._root / name
        path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            path.parent.rmdir()


class Remote:
    """Any store that fsspec knows, S3 among them: what it has taken is durable by its own promise."""

    def __init__(self, url: str) -> None:
        import fsspec

        self._files, root = fsspec.url_to_fs(url)
        self._root = root.rstrip("/")

    def put(self, name: str, raw: bytes) -> None:
        """Written in one go."""
        self._files.makedirs(f"{self._root}/{name.partition('/')[0]}", exist_ok=True)
        self._files.pipe_file(f"{self._root}/{name}", raw)

    def get(self, name: str) -> bytes:
        """The bytes."""
        return bytes(self._files.cat_file(f"{self._root}/{name}"))

    def days(self) -> list[str]:
        """What lies at the top."""
        return self._listed("")

    def names(self, day: str) -> list[str]:
        """What lies below one of them."""
        return [f"{day}/{each}" for each in self._listed(f"/{day}")]

    def remove(self, name: str) -> None:
        """It is gone."""
        self._files.rm_file(f"{self._root}/{name}")

    def _listed(self, below: str) -> list[str]:
        self._files.invalidate_cache()
        try:
            found: list[Any] = self._files.ls(f"{self._root}{below}", detail=False)
        except FileNotFoundError:
            return []
        return [str(each).rstrip("/").rpartition("/")[2] for each in found]


def at(url: str) -> Objects | None:
    """The objects at `url`: `file:///folder`, or whatever fsspec knows; None without one.

    Raises:
        PermanentError: nothing we know can read such a place.
    """
    if not url:
        return None
    scheme, _, path = url.partition("://")
    if scheme == "file":
        return Objects(Folder(Path(path)))
    try:
        return Objects(Remote(url))
    except (ImportError, ValueError) as error:
        advice = "install email-ticket-gateway[objects] and the package that fsspec names"
        raise PermanentError(f"{scheme}: mail cannot be kept there: {error}; {advice}") from error


@contextlib.contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # every store has errors of its own; whatever it is, the mail is kept by its sender
        raise TemporaryError(f"object store: could not {what}: {type(error).__name__}: {error}") from error


def _name(raw: bytes, now: datetime) -> str:
    return f"{now:%Y-%m-%d}/{hashlib.sha256(raw).hexdigest()}"


def _is_day(written: str) -> bool:
    try:
        return date.fromisoformat(written).isoformat() == written
    except ValueError:
        return False


def _flush(folder: Path) -> None:
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
