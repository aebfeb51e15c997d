"""The daemons that work on this database: when each was last seen, and what becomes of the work of one that is gone."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, delete, select, update

from gateway.store import leases, outbox, spool
from gateway.store.leases import Seconds
from gateway.store.schema import nodes
from gateway.store.upsert import insert_for


@dataclass(frozen=True, slots=True)
class Node:
    """One run of one daemon. At a `place` there is only one at a time, so that the next one there knows it is gone."""

    id: str
    name: str
    place: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Burial:
    """Nodes that are no more, and how much mail they had taken and left; it waits again."""

    names: tuple[str, ...]
    mails: int


def enter(db: Connection, node: Node) -> Burial:
    """The node is among the others. Whoever was at its place before is buried."""
    buried = _bury(db, (nodes.c.place == node.place) & (nodes.c.id != node.id))
    values = {"id": node.id, "name": node.name, "place": node.place, "roles": ",".join(node.roles)}
    new = insert_for(db, nodes).values(**values, entered=Seconds(), seen=Seconds())
    db.execute(new.on_conflict_do_update(index_elements=[nodes.c.id], set_={"seen": Seconds()}))
    return buried


def see(db: Connection, node_id: str) -> bool:
    """Says that the node is there; False when it was given up, and others have what it had."""
    return db.execute(update(nodes).where(nodes.c.id == node_id).values(seen=Seconds())).rowcount == 1


def bury(db: Connection, patience: timedelta) -> Burial:
    """Gives up the nodes that were not seen for so long. Only for one who was there himself all the while."""
    return _bury(db, nodes.c.seen < Seconds() - patience.total_seconds())


def leave(db: Connection, node_id: str) -> None:
    """The node goes in order; what it holds is free at once."""
    _bury(db, nodes.c.id == node_id)


def listed(db: Connection) -> tuple[tuple[Node, float], ...]:
    """Every node, by name, and for how many seconds it was not seen."""
    rows = db.execute(select(nodes, (Seconds() - nodes.c.seen).label("silent")).order_by(nodes.c.name)).all()
    return tuple((Node(row.id, row.name, row.place, tuple(row.roles.split(","))), row.silent) for row in rows)


def _bury(db: Connection, who: ColumnElement[bool]) -> Burial:
    gone = db.execute(delete(nodes).where(who).returning(nodes.c.id, nodes.c.name)).all()
    ids = [row.id for row in gone]
    if not ids:
        return Burial((), 0)
    leases.release(db, *ids)
    return Burial(tuple(row.name for row in gone), spool.reclaim(db, ids) + outbox.reclaim(db, ids))
