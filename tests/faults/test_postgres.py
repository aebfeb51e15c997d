"""A PostgreSQL that is restarted, struck down, cuts connections, fails over to a standby: nothing lost or doubled."""

import re
from functools import partial

import pytest

from tests.faults.cluster import Cluster, Standby
from tests.faults.load import Senders, judge
from tests.journeys.gateway import eventually, smarthost

pytestmark = pytest.mark.postgres

CUT = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{}' AND application_name = 'gateway'
"""


@pytest.fixture
def cluster():
    with Cluster() as server:
        yield server


@pytest.fixture
def on(make_gateway, sink):
    """A gateway on a database of PostgreSQL."""

    def made(url):
        return make_gateway(smarthost=smarthost(sink.port), database={"url": url})

    return made


def name_of(url: str) -> str:
    return re.sub(r".*/(\w+).*", r"\1", url)


@pytest.mark.long_run
def test_connections_cut_in_the_middle_of_transactions(on, cluster, sink, tell):
    url = cluster.database()
    gateway = on(url)
    gateway.start()
    cut = 0
    with Senders(gateway.port) as senders:
        for _ in range(100):
            senders.wait_for_more(2)
            cut += int(cluster.say(CUT.format(name_of(url))))
        senders.wait_for_more(2)
    figures = judge(gateway, sink, senders.taken, doubled=cut)
    tell(
        "PostgreSQL: connections cut",
        ("cut", "mails", "lost", "resent"),
        [(cut, figures["mails"], 0, figures["resent"])],
    )


def refuses_more(senders: Senders, than: int) -> bool:
    return sum(senders.refusals.values()) > than


@pytest.mark.long_run
@pytest.mark.parametrize("how", ["stop", "strike_down"])
def test_a_server_that_goes_down_and_comes_up(on, cluster, sink, tell, how):
    gateway = on(cluster.database())
    gateway.start()
    times = 10
    with Senders(gateway.port) as senders:
        for _ in range(times):
            senders.wait_for_more(5, 60)
            getattr(cluster, how)()
            refused = sum(senders.refusals.values())
            eventually(partial(refuses_more, senders, refused), "mail is refused for now", 60)
            cluster.begin()
        senders.wait_for_more(5, 60)
    gateway.look_away()
    figures = judge(gateway, sink, senders.taken, doubled=times)
    rows = [(how, times, figures["mails"], 0, figures["resent"])]
    tell("PostgreSQL goes down and comes up", ("how", "times", "mails", "lost", "resent"), rows)


@pytest.mark.long_run
def test_failover_to_a_standby_that_is_waited_for(on, cluster, sink, tell):
    name = name_of(cluster.database())
    with Standby(cluster) as standby:
        hosts = f"host=127.0.0.1:{cluster.port}&host=127.0.0.1:{standby.port}"
        gateway = on(f"postgresql+psycopg://test@/{name}?{hosts}&target_session_attrs=read-write")
        gateway.start()
        eventually(
            lambda: cluster.say("SELECT sync_state FROM pg_stat_replication") == "sync", "the standby is waited for"
        )
        with Senders(gateway.port) as senders:
            senders.wait_for_more(30)
            cluster.strike_down()
            standby.promote()
            senders.wait_for_more(10, 120)
        gateway.look_away()
        figures = judge(gateway, sink, senders.taken, doubled=1)
        gateway.look_away()
        assert gateway.stop() == 0
    cluster.begin()
    rows = [(figures["mails"], 0, figures["resent"])]
    tell("PostgreSQL fails over to a synchronous standby", ("mails", "lost", "resent"), rows)
