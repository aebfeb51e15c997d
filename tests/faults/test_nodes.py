"""Three nodes over one PostgreSQL under load, each killed, paused and cut off: nothing lost, nobody acknowledged twice.

A mail may reach the far end twice only if its node was paused or killed within the dialogue with the smarthost; it is
then the same.
"""

import itertools
import signal
import time
from collections import Counter
from contextlib import ExitStack

import pytest

from gateway import store
from gateway.daemon.node import PATIENCE
from gateway.store.outbox import OutboxState
from gateway.store.spool import SpoolState
from tests.faults import extent
from tests.faults.load import Senders, judge
from tests.journeys.gateway import eventually, smarthost
from tests.journeys.letters import letter
from tests.servers.postgres import PostgresServer

pytestmark = pytest.mark.postgres

NODES = 3
TAKEOVER_SECONDS = 30  # after a crash somebody else has the mailboxes, the clock and the mail that was left
ROUNDS = extent.of(1, 10)
STRUCK = extent.of(1, NODES)  # so many of the nodes
UNBOUNDED = ("strangers_per_hour", "agent_per_hour", "queue_per_hour", "overall_per_hour")


class Cluster:
    """Three gateways with all roles over one database, and servers that bring mail to each of them."""

    def __init__(self, make, url, sink, *inboxes) -> None:
        self.sink, self.doubled, self._make = sink, 0, make
        mailboxes = [inbox.section(poll_seconds=1) for inbox in inboxes]
        self.nodes = [
            make(
                database={"url": url},
                smarthost=smarthost(sink.port),
                node={"name": name},
                mailbox=mailboxes,
                budgets=dict.fromkeys(UNBOUNDED, 1_000_000),
            )
            for name in ("one", "two", "three")
        ]
        for node in self.nodes[1:]:
            (node.folder / "secret.key").write_bytes((self.nodes[0].folder / "secret.key").read_bytes())
        self.senders = [Senders(node.port, 1, pause=0.05) for node in self.nodes]

    def __enter__(self):
        self._running = ExitStack()
        for node in self.nodes:
            node.start()
        for senders in self.senders:
            self._running.enter_context(senders)
        return self

    def __exit__(self, *_) -> None:
        self._running.close()

    @property
    def database(self):
        return self.nodes[0].database

    @property
    def taken(self) -> list[str]:
        return list(itertools.chain.from_iterable(each.taken for each in self.senders))

    def wait_for_more(self, number=3):
        """So many more mails are taken by every node that runs."""
        for senders, node in zip(self.senders, self.nodes, strict=True):
            if node.running.poll() is None:
                senders.wait_for_more(number)

    def in_flight(self, node) -> int:
        """How many mails the node may be speaking of with the smarthost."""
        with self.database.read() as db:
            mine = [each.id for each, _ in store.nodes.listed(db) if each.name == node.sections["node"]["name"]]
            taken = store.outbox.listed(db, OutboxState.TAKEN)
            return sum(1 for mail in taken if mail.owner in mine and mail.message_id)

    def holders(self) -> dict[str, str]:
        """Which node holds each lease, by their names."""
        with self.database.read() as db:
            names = {node.id: node.name for node, _ in store.nodes.listed(db)}
            return {lease: names.get(owner, owner) for lease, owner in store.leases.holders(db).items()}

    def holds_nothing(self, name):
        """A condition: the node has no lease."""
        return lambda: name not in self.holders().values()

    def kill(self, node) -> None:
        node.kill()
        self.doubled += self.in_flight(node)

    def pause(self, node, seconds: float) -> None:
        node.running.send_signal(signal.SIGSTOP)
        self.doubled += self.in_flight(node)
        time.sleep(seconds)  # the pause itself is what is tried
        node.running.send_signal(signal.SIGCONT)

    def cut_all_connections(self) -> None:
        with self.database.read() as db:
            db.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    def judge(self) -> dict[str, int]:
        self._running.close()
        return judge(self.nodes[0], self.sink, self.taken, self.doubled)


@pytest.fixture
def cluster(make_gateway, postgres, sink):
    return Cluster(make_gateway, postgres.database(), sink)


def test_killed_paused_and_cut_off_one_after_the_other(cluster, tell):
    rows = []
    with cluster:
        cluster.wait_for_more()
        for node in cluster.nodes[:STRUCK] * ROUNDS:
            cluster.kill(node)
            node.start()
            cluster.wait_for_more(1)
        for node in cluster.nodes[-STRUCK:] * ROUNDS:
            cluster.pause(node, 0.5)
            cluster.wait_for_more(1)
        for _ in range(ROUNDS):
            cluster.cut_all_connections()
            cluster.wait_for_more(1)
        figures = cluster.judge()
    rows.append((STRUCK * ROUNDS, STRUCK * ROUNDS, ROUNDS, figures["mails"], 0, 0, figures["resent"]))
    headers = ("kills", "pauses", "cuts", "mails", "lost", "second acks", "resent")
    tell("three nodes, each restarted at its place", headers, rows)


@pytest.mark.long_run
@pytest.mark.parametrize("how", ["kill", "pause"])
def test_what_a_node_had_is_taken_over_within_half_a_minute(cluster, tell, how):
    rows = []
    with cluster:
        for node in cluster.nodes:
            cluster.wait_for_more()
            name = node.sections["node"]["name"]
            eventually(cluster.holders, "somebody holds the clock", 30)
            held = [lease for lease, owner in cluster.holders().items() if owner == name]
            if how == "kill":
                cluster.kill(node)
            else:
                node.running.send_signal(signal.SIGSTOP)
                cluster.doubled += cluster.in_flight(node)
            began = time.monotonic()
            eventually(cluster.holds_nothing(name), "its leases are taken over", TAKEOVER_SECONDS)
            leases_after = time.monotonic() - began
            eventually(lambda: not left_by_the_dead(cluster), "its mail is taken over", TAKEOVER_SECONDS)
            mail_after = time.monotonic() - began
            rows.append((name, len(held), f"{leases_after:.1f} s", f"{mail_after:.1f} s"))
            assert mail_after < TAKEOVER_SECONDS
            if how == "kill":
                node.start()
            else:
                node.running.send_signal(signal.SIGCONT)
            cluster.wait_for_more(1)
        figures = cluster.judge()
    tell(f"{how}, not brought back: taken over", ("node", "leases", "leases after", "mail after"), rows)
    tell("figures", tuple(figures), [tuple(figures.values())])


def left_by_the_dead(cluster) -> int:
    """How many mails are taken by nodes that are no more."""
    with cluster.database.read() as db:
        alive = {node.id for node, silent in store.nodes.listed(db) if silent < PATIENCE.total_seconds()}
        owners = [mail.owner for mail in store.spool.listed(db, limit=100_000) if mail.state is SpoolState.TAKEN]
        owners += [mail.owner for mail in store.outbox.listed(db, OutboxState.TAKEN)]
        return sum(owner not in alive for owner in owners)


@pytest.mark.long_run
def test_postgresql_is_restarted_and_killed_under_load(make_gateway, sink, tell):
    with PostgresServer(durable=True) as server:
        cluster = Cluster(make_gateway, server.database(), sink)
        refusals = Counter[str]()
        with cluster:
            for number in range(6):
                cluster.wait_for_more()
                if number % 2:
                    server.kill()
                else:
                    server.stop()
                time.sleep(1 + number % 3)  # away for a while
                server.begin()
                cluster.wait_for_more()
            cluster.doubled = 6 * NODES  # the answer to what each node was sending could not be written down
            figures = cluster.judge()
            for senders in cluster.senders:
                refusals += senders.refusals
        for node in cluster.nodes:
            node.close()
    rows = [(3, 3, figures["mails"], sum(refusals.values()), 0, 0, figures["resent"])]
    headers = ("stops", "kills", "mails", "refused meanwhile", "lost", "second acks", "resent")
    tell("PostgreSQL stopped and killed", headers, rows)


@pytest.mark.dovecot
def test_a_mailbox_is_read_by_one_node_and_by_another_after_it_stopped(make_gateway, postgres, sink, inbox):
    box = inbox("shared")
    cluster = Cluster(make_gateway, postgres.database(), sink, box)
    first, second, _ = cluster.nodes
    first.start()
    second.start()
    lease = f"mailbox {box.user}"
    assert cluster.holders()[lease] == "one"
    for number in range(4):
        box.deliver(letter(f"No {number}", sender=f"c{number}@house.test"))
        if number == 1:
            first.settled(2)
            assert first.stop() == 0
            eventually(lambda: cluster.holders().get(lease) == "two", "the other takes over", 15)
    second.settled(4)
    assert second.verdicts == ["opened"] * 4


@pytest.mark.dovecot
@pytest.mark.long_run
def test_mailboxes_are_shared_and_change_hands_under_load_without_a_mail_twice(
    make_gateway, postgres, sink, inbox, tell
):
    boxes = [inbox(f"shared{number}") for number in range(5)]
    cluster = Cluster(make_gateway, postgres.database(), sink, *boxes)
    first, second, third = cluster.nodes
    numbers = itertools.count()
    rows = []

    def deliver() -> None:
        for box in boxes:
            number = next(numbers)
            box.deliver(letter(f"No {number}", subject=f"Matter {number}", sender=f"c{number}@house.test"))

    def shares() -> list[int]:
        held = Counter(name for lease, name in cluster.holders().items() if lease.startswith("mailbox"))
        return sorted(held.values())

    def until(wanted: list[int], what: str) -> None:
        began = time.monotonic()
        while shares() != wanted:
            deliver()
            time.sleep(0.1)  # so much load is enough
            assert time.monotonic() - began < TAKEOVER_SECONDS, f"{what}: {shares()}"
        rows.append((what, " + ".join(map(str, wanted)), f"{time.monotonic() - began:.1f} s"))

    first.start()
    until([5], "one node")
    second.start()
    until([2, 3], "another comes")
    third.start()
    until([1, 2, 2], "a third comes")
    cluster.kill(second)
    until([2, 3], "one of them is killed")
    deliver()
    cluster.doubled = next(numbers)  # what the killed one was sending
    first.settled(cluster.doubled, 120)
    with cluster.database.read() as db:
        spooled = store.spool.listed(db, limit=100_000)
    assert len(spooled) == cluster.doubled
    assert {each.verdict for each in spooled} == {"opened"}
    tell(f"five mailboxes, {len(spooled)} mails, each once", ("what", "mailboxes a node", "after"), rows)
