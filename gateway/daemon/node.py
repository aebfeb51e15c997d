"""One daemon among those of a database: alone at its place, seen by the others, holding leases. It does no mail work.

SQLite has one daemon, which holds everything for as long as it runs. Over PostgreSQL each node says every few seconds
that it is there; whoever is not seen for `PATIENCE` is given up: his mail waits again, his leases are free.
"""

import fcntl
import logging
import os
import re
import socket
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from gateway import store
from gateway.config.node import NodeSettings, Role
from gateway.daemon import shares
from gateway.daemon.shares import Sight
from gateway.daemon.worker import Worker
from gateway.errors import TemporaryError
from gateway.store.engine import Connection, Database
from gateway.store.nodes import Burial, Node

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=15)
_EVERY_SECONDS = 3.0
_TOO_LONG_SECONDS = 12.0
_STRAY_LOOKS = 3  # in which a free lease could have been taken by others
_IS_MARK = re.compile("[0-9a-f]{32}")
_LONGEST_MARK = 64
CLOCK_LEASE = "clock"

Holds = Callable[[str], bool]
"""Whether a lease is ours at this moment."""


def named(settings: NodeSettings) -> str:
    """What the node is called: as the settings say, else as the machine."""
    return settings.name or socket.gethostname()


def identity(settings: NodeSettings, place: str) -> Node:
    """Who this run of the daemon is; `place` is where it is `alone`."""
    name = named(settings)
    return Node(f"{name}-{uuid.uuid4().hex[:8]}", name, place, settings.roles)


@contextmanager
def alone(data_dir: Path, name: str = "") -> Iterator[str]:
    """For as long as the block lasts, no other daemon begins on this folder; if there is a `name`, none of that name.

    Gives the place: the same for whoever takes this very lock next on this machine, and for nobody else. Hostname and
    path alone would not tell: containers with a volume each may share both.

    Raises:
        TemporaryError: there is one.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        file = f"node-{name.replace('/', '_')}.lock" if name else "gateway.lock"
        lock = os.open(data_dir / file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise TemporaryError(
            f"{data_dir}: nothing can be written there ({error.strerror}); look at data_dir"
        ) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            who = f'another node "{name}" runs here; give this one another --node' if name else "stop it first"
            what = who if name else f"another gateway works on this data; {who}"
            raise TemporaryError(f"{data_dir}: {what}") from error
        yield f"{socket.gethostname()}:{_mark(lock)}"
    finally:
        os.close(lock)


def _mark(lock: int) -> str:
    """What the lock file says; written by the first who holds it, and anew where it was not written to its end.

    Where nothing can be written it is good for this run only, and the next one there waits for `PATIENCE` like all.
    """
    mark = uuid.uuid4().hex
    with suppress(OSError):
        said = os.pread(lock, _LONGEST_MARK, 0).decode("ascii", "replace").strip()
        if _IS_MARK.fullmatch(said):
            return said
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{mark}\n".encode(), 0)
        os.fsync(lock)
    return mark


@contextmanager
def joined(database: Database, me: Node, leases: Sequence[str], every: float = _EVERY_SECONDS) -> Iterator[Holds]:
    """Among the others until the block ends, trying to get and keep these leases; tells which are ours."""
    if not database.is_shared:
        _take_back(database)
        yield lambda _name: True
        return
    member = Member(database, me, leases)
    member.enter()
    try:
        with Worker("node", member.run_once, every, longest_pause=every):
            yield member.holds
    finally:
        member.leave()


class Member:
    """A node among others. `seconds` is a clock that goes on while the process or the machine sleeps.

    The leases of mailboxes are shared evenly (`shares`), the clock's has who comes first. One that is given up is first
    held no more and a look later free: by then whoever used it has stopped.
    """

    def __init__(
        self,
        database: Database,
        me: Node,
        leases: Sequence[str],
        seconds: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
    ) -> None:
        self._database, self._me, self._wanted, self._seconds = database, me, leases, seconds
        self._ours: frozenset[str] = frozenset()
        self._giving: tuple[str, ...] = ()
        self._nodes: frozenset[str] = frozenset()
        self._free: Counter[str] = Counter()  # for how many looks
        self._until = self._last = self._watching_since = seconds()

    def enter(self) -> None:
        """The node is there, with whatever leases are free."""
        with self._database.write() as db:
            _tell(store.nodes.enter(db, self._me))
        self.run_once()

    def run_once(self) -> int:
        """Says that we are there, gives up who is not, renews our leases; always 0."""
        now = self._seconds()
        if now - self._last > _TOO_LONG_SECONDS:
            self._watching_since = now  # whoever was away himself cannot tell who was not there
        with self._database.write() as db:
            is_known = store.nodes.see(db, self._me.id)
            if not is_known:
                store.nodes.enter(db, self._me)
            elif now - self._watching_since > PATIENCE.total_seconds():
                _tell(store.nodes.bury(db, PATIENCE))
            ours = self._shared(db) | self._taken(db, (CLOCK_LEASE,) if CLOCK_LEASE in self._wanted else ())
        if not is_known:
            log.warning("this node was given up by the others, and is back", extra={"action": "back"})
        if gained := sorted(ours - self._ours):
            log.info("this node takes over", extra={"action": "lease", "leases": gained})
        self._ours, self._until, self._last = ours, now + PATIENCE.total_seconds(), now
        return 0

    def _shared(self, db: Connection) -> frozenset[str]:
        """The leases of mailboxes that are ours from now on."""
        store.leases.give(db, self._me.id, self._giving)
        holders = store.leases.holders(db)
        self._look_around(db, holders)
        strays = {name for name, looks in self._free.items() if looks > _STRAY_LOOKS}
        wanted = [name for name in self._wanted if name != CLOCK_LEASE]
        plan = shares.plan(Sight(self._me.id, wanted, holders, self._nodes, strays))
        self._giving = plan.give
        ours, room = self._taken(db, (*plan.keep, *plan.strays)), plan.room
        for name in plan.free:
            new = self._taken(db, (name,) if room else ())
            ours, room = ours | new, room - len(new)
        return ours

    def _look_around(self, db: Connection, holders: Mapping[str, str]) -> None:
        """Who is there to read, and which leases nobody has taken for how long. A lease counts on once it was ours."""
        listed = store.nodes.listed(db)
        nodes = frozenset(
            each.id for each, silent in listed if Role.IMAP in each.roles and silent < PATIENCE.total_seconds()
        )
        if nodes != self._nodes:
            self._nodes, self._free = nodes, Counter()
        for name in self._wanted:
            if holders.get(name, "") == "":
                self._free[name] += 1
            elif holders[name] != self._me.id or self._free[name] <= _STRAY_LOOKS:
                del self._free[name]

    def _taken(self, db: Connection, names: Iterable[str]) -> frozenset[str]:
        return frozenset(name for name in names if store.leases.take(db, name, self._me.id, PATIENCE))

    def holds(self, name: str) -> bool:
        """Whether the lease is ours now; no longer when it could not be renewed in time."""
        return name in self._ours and self._seconds() < self._until

    def leave(self) -> None:
        """The node is gone, and what it holds is free at once. Nothing is raised: the others will find out."""
        self._ours = frozenset()
        try:
            with self._database.write() as db:
                store.nodes.leave(db, self._me.id)
        except TemporaryError as error:
            log.warning("this node could not say that it leaves", extra={"action": "left", "reason": str(error)})


@contextmanager
def calling(database: Database, hear: Callable[[str], object]) -> Iterator[Callable[[Role], object]]:
    """Until the block ends, tells the other nodes of work for a role, and `hear` what they tell.

    SQLite has no other nodes, but commands beside the daemon (`gateway ingest`, `gateway held release`) that tell it of
    nothing: there it hears that somebody has written.
    """

    def hear_all() -> None:
        for role in Role:
            hear(role)

    if not database.is_shared:
        with store.watch.Watch(database.url, lambda: [hear(role) for role in (Role.TRIAGE, Role.DELIVER)]):
            yield lambda _role: None
        return

    with store.wake.Bell(database.url, hear, hear_all) as bell:
        yield bell.ring


def _take_back(database: Database) -> None:
    """What the daemon before us had taken and not finished waits again: we hold its lock, so it is no more."""
    with database.write() as db:
        left = store.spool.reclaim(db) + store.outbox.reclaim(db)
    _tell(Burial(("",), left))


def _tell(burial: Burial) -> None:
    if any(burial.names):
        facts = {"action": "buried", "nodes": ",".join(burial.names)}
        log.warning("nodes are gone, their work is taken over", extra=facts)
    if burial.mails:
        log.warning(
            "mail of an interrupted run is taken up again", extra={"action": "reclaimed", "mails": burial.mails}
        )
