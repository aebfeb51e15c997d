"""The sockets that listen, by their place. They outlive a reload: who knocks meanwhile waits. Lets nobody in itself."""

import asyncio
import os
import socket
import stat
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from gateway.errors import TemporaryError

_WAITING = 512  # who may knock, of one socket, before the kernel lets them knock again


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen: an address, or the `path` of a Unix socket in place of it. Port 0 lets the kernel choose one."""

    host: str = ""
    port: int = 0
    path: str = ""

    def __str__(self) -> str:
        return self.path or f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class _Opened:
    sockets: tuple[socket.socket, ...]
    file: tuple[int, int] | None = None  # of a Unix socket: whoever put another there is not to lose it

    def is_at(self, place: Place) -> bool:
        return self.file == _file(place.path)

    def close(self, place: Place) -> None:
        for each in self.sockets:
            each.close()
        if self.file is not None and self.is_at(place):
            Path(place.path).unlink(missing_ok=True)


class Sockets:
    """Open until the block ends, or until a configuration has no more use for them."""

    def __init__(self) -> None:
        self._opened: dict[tuple[Place, int], _Opened] = {}
        self._given = Counter[Place]()  # port 0 may be wanted several times

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Whoever knocks from now on finds nobody."""
        self.keep(())

    def keep(self, places: Iterable[Place]) -> None:
        """Another configuration begins, which listens at these places: the sockets of others are closed."""
        wanted = Counter(places)
        for (place, nth), opened in [*self._opened.items()]:
            if nth >= wanted[place] or not opened.is_at(place):
                del self._opened[place, nth]
                opened.close(place)
        self._given.clear()

    async def at(self, place: Place, whose: str) -> tuple[socket.socket, ...]:
        """The sockets there, listening. They stay ours: whoever takes connections does so by duplicates.

        Raises:
            TemporaryError: the place is not to be had; it says `whose` it should be.
        """
        key = place, self._given[place]
        if key not in self._opened:
            try:
                self._opened[key] = _at_path(place.path) if place.path else await _at_address(place)
            except OSError as error:
                raise TemporaryError(f"{whose} {place}: cannot be opened: {error}") from error
        self._given[place] += 1
        return self._opened[key].sockets


async def _at_address(place: Place) -> _Opened:
    """A host may have several addresses, each with a socket of its own."""
    server = await asyncio.get_running_loop().create_server(
        asyncio.Protocol, place.host, place.port, start_serving=False
    )
    sockets = tuple(each.dup() for each in server.sockets)
    server.close()
    for each in sockets:
        each.listen(_WAITING)
    return _Opened(sockets)


def _at_path(path: str) -> _Opened:
    with suppress(FileNotFoundError):
        if stat.S_ISSOCK(os.stat(path).st_mode):  # noqa: PTH116 - left behind by a daemon that was killed
            Path(path).unlink()
    opened = socket.socket(socket.AF_UNIX)
    try:
        opened.bind(path)
        Path(path).chmod(0o666)  # its folder says who may connect, as the loopback does for a port
        opened.listen(_WAITING)
    except OSError:
        opened.close()
        raise
    return _Opened((opened,), _file(path))


def _file(path: str) -> tuple[int, int] | None:
    """Tells one file from another that has its name."""
    try:
        found = Path(path).stat() if path else None
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found else None
