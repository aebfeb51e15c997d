"""Who may stand in the door, and how much mail may be on its way through it. It neither reads nor writes a line."""

import asyncio
import ipaddress
import logging
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from gateway.inbound.settings import ListenerSettings

log = logging.getLogger(__name__)

UNIX = "unix"
"""The name of every peer that comes by a Unix socket."""

_OWN_OCTETS = 256 * 1024  # which each transfer has for itself, so that small mail passes while large mail crowds
_SHARED_OCTETS = 64 * 1024 * 1024  # what lies in memory beyond that until it is stored; for four mails at the least
_PATIENCE_SECONDS = 5.0  # in a full house, without a mail, before a place is given to the next who knocks
_LEAST_PATIENCE_SECONDS = 1.0  # with one of a crowd: whoever has many places can do without one
_PACE = 1000  # octets a second that excuse
_MOST_BLAMES = 5  # sessions that ended with too many errors
_BAR_SECONDS = 600.0
_PEERS = 10_000  # that are remembered


class Guest(Protocol):
    """A connection, as far as places are given by it."""

    octets_in_flight: int
    """Of a mail that is not stored yet."""

    @property
    def waiting(self) -> tuple[float, int]:
        """Since when it has brought no mail, by the loop's clock, and the octets that came since."""

    @property
    def is_committing(self) -> bool:
        """Whether its mail is all there and being stored."""

    def give_way(self) -> None:
        """Ends it."""


AnyGuest = TypeVar("AnyGuest", bound=Guest)


@dataclass(slots=True)
class _Blame:
    times: int
    until: float


class Places(Generic[AnyGuest]):
    """The places of one listener. `clock` gives seconds that never go back."""

    def __init__(self, settings: ListenerSettings, clock: Callable[[], float]) -> None:
        self.clock, self.is_closed = clock, False
        self.is_empty = asyncio.Event()
        self.is_empty.set()
        self._settings = settings
        self._shared_octets = max(_SHARED_OCTETS, 4 * settings.message_size)
        self._guests: dict[AnyGuest, str] = {}
        self._blamed: OrderedDict[str, _Blame] = OrderedDict()

    @property
    def taken(self) -> tuple[AnyGuest, ...]:
        """Everybody who is in."""
        return tuple(self._guests)

    def admit(self, guest: AnyGuest, address: str) -> bool:
        """Whether the peer may talk; in a full house the one who uses his place least gives it up."""
        peer = _peer(address)
        from_there = sum(each == peer for each in self._guests.values())
        refusal = ""
        if self.is_closed:
            refusal = "shutting down"
        elif peer != UNIX and from_there >= self._settings.connections_per_peer:
            refusal = "too many connections from one address"
        elif self._is_barred(peer):
            refusal = "too many errors before"
        elif len(self._guests) >= self._settings.connections and not self._make_way():
            refusal = "too many connections"
        if refusal:
            log.info("connection refused", extra={"action": "refused", "peer": address, "reason": refusal})
            return False
        self._guests[guest] = peer
        self.is_empty.clear()
        return True

    def forget(self, guest: AnyGuest) -> None:
        """The connection is gone."""
        self._guests.pop(guest, None)
        if not self._guests:
            self.is_empty.set()

    def has_room_for(self, octets: int, guest: AnyGuest) -> bool:
        """Whether that much of the guest's mail may lie in memory until it is stored."""
        if octets <= _OWN_OCTETS:
            return True
        others = sum(max(0, each.octets_in_flight - _OWN_OCTETS) for each in self._guests if each is not guest)
        return others + octets - _OWN_OCTETS <= self._shared_octets

    def blame(self, address: str) -> None:
        """A session from there ended with too many errors: whoever does little else has to stay away for a while."""
        peer = _peer(address)
        if peer == UNIX or not _is_stranger(address):
            return  # our own mail server tells us what strangers told it
        blame = self._blamed.setdefault(peer, _Blame(0, 0))
        blame.times, blame.until = blame.times + 1, self.clock() + _BAR_SECONDS
        self._blamed.move_to_end(peer)
        if blame.times == _MOST_BLAMES:
            log.warning("a peer makes nothing but errors: kept out", extra={"action": "refused", "peer": address})
        if len(self._blamed) > _PEERS:
            self._blamed.popitem(last=False)

    def praise(self, address: str) -> None:
        """A mail from there was stored."""
        self._blamed.pop(_peer(address), None)

    def _is_barred(self, peer: str) -> bool:
        blame = self._blamed.get(peer)
        if blame is not None and blame.until <= self.clock():
            del self._blamed[peer]
            return False
        return blame is not None and blame.times >= _MOST_BLAMES

    def _make_way(self) -> bool:
        crowds = Counter(self._guests.values())
        crowds[UNIX] = min(crowds[UNIX], 1)  # it is no crowd, but our own server that speaks for many
        laggards = [guest for guest, peer in self._guests.items() if self._is_laggard(guest, crowds[peer])]
        if not laggards:
            return False
        first = min(laggards, key=lambda each: (self._guests[each] == UNIX, -crowds[self._guests[each]], each.waiting))
        log.info("slow connection ended for another", extra={"action": "refused", "peer": self._guests[first]})
        del self._guests[first]
        first.give_way()
        return True

    def _is_laggard(self, guest: AnyGuest, crowd: int) -> bool:
        since, octets = guest.waiting
        waited = self.clock() - since
        patience = max(_PATIENCE_SECONDS / crowd, _LEAST_PATIENCE_SECONDS)
        return waited >= patience and octets < _PACE * waited and not guest.is_committing


def _peer(address: str) -> str:
    """Whom the address stands for: who has one of IPv6 has 2^64 of them."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network((address.partition("%")[0], 64), strict=False))
    except ValueError:
        return address


def _is_stranger(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_global
    except ValueError:
        return False
