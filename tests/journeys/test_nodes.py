"""Work divided among nodes over one PostgreSQL: one takes mail in, one decides, one sends."""

import pytest

from gateway import store
from tests.journeys.gateway import eventually, smarthost
from tests.journeys.letters import KIMS, letter, read, submit, wait_for_mails

pytestmark = pytest.mark.postgres

PARTS = {"door": "smtp", "desk": "triage,clock", "post": "deliver"}


@pytest.fixture
def parts(make_gateway, postgres, sink):
    """The nodes, by name, each with its part of the work; not yet started."""
    url = postgres.database()
    nodes = {
        name: make_gateway(database={"url": url}, smarthost=smarthost(sink.port), node={"name": name}) for name in PARTS
    }
    secret = (nodes["door"].folder / "secret.key").read_bytes()
    for name, node in nodes.items():
        (node.folder / "secret.key").write_bytes(secret)
        node.options = ("--roles", PARTS[name])
    return nodes


def present(node):
    with node.database.read() as db:
        return {each.name: each.roles for each, _ in store.nodes.listed(db)}


def test_a_mail_goes_from_node_to_node(parts, sink):
    door, desk, post = parts.values()
    door.start()
    assert submit(door.port, letter()).startswith("250")
    assert door.verdicts == [""], "nobody decides yet"
    desk.start()
    eventually(lambda: door.verdicts == ["opened"], "the desk has decided")
    assert not sink.mails, "nobody sends yet"
    post.start()
    assert read(wait_for_mails(sink, KIMS, 1)[0])["Auto-Submitted"] == "auto-replied"
    assert present(door) == {"door": ("smtp",), "desk": ("triage", "clock"), "post": ("deliver",)}
    assert post.stop() == 0
    assert present(door).keys() == {"door", "desk"}
    door.settled(1)
