"""The counting itself: whoever judges a fault's end goes red when a promise was broken, and only then."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from gateway import store
from gateway.daemon.clock import wall
from gateway.tickets.notices import NoticeKind
from tests.faults.conftest import UNBOUNDED
from tests.faults.load import judge
from tests.faults.network.tally import Tally
from tests.faults.premises import MortalGateway, Site
from tests.journeys.letters import Inbox, letter, submit
from tests.servers import process
from tests.servers.sink import Sink

pytestmark = pytest.mark.dovecot

MAILS = 3
SOON = 0.5


@dataclass(frozen=True, slots=True)
class Neighbour:
    """In place of a Postfix that has nothing to keep: the smarthost is where all mail ends."""

    port: int
    gateway: str

    def queue(self) -> str:
        return ""

    def flush(self) -> None:
        pass


@pytest.fixture(scope="module")
def kept(tmp_path_factory, dovecot) -> Iterator[Site]:
    """A site that has kept its promises, and works no more."""
    with Sink() as sink, ExitStack() as ending:

        def make(**arguments: Any) -> MortalGateway:
            gateway = MortalGateway(tmp_path_factory.mktemp("counting"), budgets=UNBOUNDED, **arguments)
            ending.callback(gateway.close)
            return gateway

        postfix = Neighbour(sink.port, f"smtp:[127.0.0.1]:{process.free_port()}")
        site = Site(make, cast("Any", postfix), Inbox(dovecot, "counting"), sink)
        site.write(0, MAILS)
        site.gateway.start()
        site.settled()
        site.judge()
        assert site.gateway.stop() == 0
        yield site


@pytest.fixture
def site(kept) -> Iterator[Site]:
    """The same; whatever a test breaks is whole again for the next one."""
    file = kept.gateway.folder / "data" / "gateway.db"
    kept.gateway.look_away()
    whole, arrived, promised = file.read_bytes(), len(kept.sink.mails), dict(kept.promised)
    yield kept
    kept.gateway.look_away()
    for beside in file.parent.glob("gateway.db-*"):
        beside.unlink()
    file.write_bytes(whole)
    del kept.sink._caught[arrived:]
    kept.promised = promised
    kept.in_flight.clear()
    with kept.inbox.client() as client:
        uids = client.search()
        client.add_flags(uids[:MAILS], [b"$Ticketed"])
        client.delete_messages(uids[MAILS:] or [])
        client.expunge()


def lose(site: Site) -> None:
    """Somebody has a 250 of which there is no ticket."""
    site.promised = {**dict([*site.promised.items()][1:]), "nobody@house.test": b""}


def acknowledge_again(site: Site) -> None:
    with site.gateway.database.write() as db:
        known = next(each for each in site.gateway.outgoing(NoticeKind.ACKNOWLEDGEMENT))
        again = store.outbox.add(db, replace(known.notice, key=f"{known.notice.key}:again"), wall())
        assert again is not None
        store.outbox.finish(db, again, wall())


def send_again(site: Site) -> None:
    assert submit(site.sink.port, site.sink.mails[0].raw).startswith("250")


def send_what_nobody_wrote(site: Site) -> None:
    assert submit(site.sink.port, letter()).startswith("250")


def forget_what_became_of_a_mail(site: Site) -> None:
    with site.gateway.database.write() as db:
        db.exec_driver_sql("UPDATE spool SET verdict = NULL WHERE id = 1")


def break_the_ledger(site: Site) -> None:
    with site.gateway.database.write() as db:
        db.exec_driver_sql("DELETE FROM message_ids")


def open_a_second_ticket(site: Site) -> None:
    with site.gateway.database.write() as db:
        one = site.gateway.tickets[0].customer.address
        db.exec_driver_sql("UPDATE tickets SET customer_address = ?", (one,))
    site.promised = {one: b""}


def unflag(site: Site) -> None:
    with site.inbox.client() as client:
        client.remove_flags(client.search()[:1], [b"$Ticketed"])


def leave_one_unread(site: Site) -> None:
    site.inbox.deliver(letter())


BREACHES = [
    (lose, "lost: "),
    (open_a_second_ticket, "one ticket each"),
    (acknowledge_again, "one acknowledgement each"),
    (send_again, "twice"),
    (send_what_nobody_wrote, "nothing arrived that the outbox does not know"),
    (break_the_ledger, "answers will find their ticket"),
]


@pytest.mark.parametrize(("breach", "told"), BREACHES)
def test_who_judges_load_sees(site, breach: Callable[[Site], None], told):
    assert judge(site.gateway, site.sink, [*site.promised])["resent"] == 0
    breach(site)
    with pytest.raises(AssertionError, match=told):
        judge(site.gateway, site.sink, [*site.promised])


@pytest.mark.parametrize(
    ("breach", "told"),
    [
        *BREACHES,
        (unflag, "2 of 3 flagged: not within"),
        (leave_one_unread, "one row for each mail"),
        (forget_what_became_of_a_mail, "'opened': 2"),
    ],
)
def test_who_judges_a_site_sees(site, breach: Callable[[Site], None], told):
    assert site.judge(SOON) == {"mails": 3, "brought again": 0, "resent": 0}
    breach(site)
    with pytest.raises(AssertionError, match=told):
        site.judge(SOON)


def test_a_mail_in_flight_at_a_kill_may_come_twice_and_is_counted(site):
    send_again(site)
    assert judge(site.gateway, site.sink, [*site.promised], doubled=1)["resent"] == 1
    site.in_flight = set(site.copies())
    assert site.judge(SOON)["resent"] == 1


def test_the_end_of_a_journey_sees_a_broken_ledger(site):
    assert site.gateway.verified() == ()
    break_the_ledger(site)
    assert "answers will find their ticket" in {finding.invariant.name for finding in site.gateway.verified()}


def test_the_end_of_a_journey_sees_a_daemon_that_did_not_end_well(site):
    site.gateway.start()
    site.gateway.running.kill()
    with pytest.raises(AssertionError, match="it ended with -9"):
        site.gateway.close()


@pytest.mark.parametrize(("lost", "doubled", "is_wrong"), [(0, 0, False), (1, 0, True), (0, 1, True)])
def test_who_counts_cut_lines_sees(lost, doubled, is_wrong):
    tally = Tally()
    tally.add("cut", 1, lost=lost, doubled=doubled)
    tally.add("cut", 2, allowed=1)
    if is_wrong:
        with pytest.raises(AssertionError, match=f"cut at 1: {lost} lost, {doubled} doubled"):
            tally.check()
    else:
        tally.check()
    assert tally.table() == [("cut", 2, lost, doubled + 1, 0)]
