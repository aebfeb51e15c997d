"""Which mailboxes a node reads where several could: no more than its share. Pure; it takes and gives nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sight:
    """What a node sees: the leases that it `wanted`, who holds them, and the nodes (itself among them) that read.

    `strays` are leases that were free for a while though others had room for them: nobody else wants those.
    """

    me: str
    wanted: Collection[str]
    holders: Mapping[str, str]
    nodes: Collection[str]
    strays: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do: keep these, give those up; of the free ones take as many as there is `room`, and every stray one."""

    keep: tuple[str, ...]
    give: tuple[str, ...]
    free: tuple[str, ...]
    strays: tuple[str, ...]
    room: int


def plan(sight: Sight) -> Plan:
    """An even share, rounded up, for each node. Who has more gives the rest up, and somebody has room for it."""
    wanted = sorted(sight.wanted)
    share = -(-len(wanted) // max(len({*sight.nodes, sight.me}), 1))
    mine = [name for name in wanted if sight.holders.get(name) == sight.me]
    give = [name for name in mine if name not in sight.strays][share:]
    free = [name for name in wanted if name not in sight.holders]
    return Plan(
        keep=tuple(name for name in mine if name not in give),
        give=tuple(give),
        free=tuple(name for name in free if name not in sight.strays),
        strays=tuple(name for name in free if name in sight.strays),
        room=max(share - len(mine), 0),
    )
