from dataclasses import replace

import pytest

from gateway.mail.envelope import Envelope
from gateway.tickets.model import Route
from gateway.tickets.policy import Policy
from tests.builders import ANNA, BEN, BILLING, CARL, POLICY, SUPPORT

ROUTED = replace(
    POLICY,
    routes=(
        Route("shop", "support", recipients=("shop@desk.test", "*@orders.test")),
        Route("vip", "billing", sender_domains=("vip.test",)),
    ),
    further_addresses=("Fetched@Provider.test",),
)


@pytest.mark.parametrize(
    ("name", "queue"), [("support", SUPPORT), ("billing", BILLING), ("gone", SUPPORT), ("", SUPPORT)]
)
def test_a_queue_that_is_configured_no_more_is_the_default_queue(name, queue):
    assert POLICY.queue(name) is queue


@pytest.mark.parametrize(
    ("name", "agent"), [("anna", ANNA), ("ANNA", ANNA), (" anna ", ANNA), ("dora", None), ("", None)]
)
def test_an_agent_is_found_by_name(name, agent):
    assert POLICY.agent(name) is agent


@pytest.mark.parametrize(
    ("address", "agent"),
    [
        ("ANNA@agents.test", ANNA),
        ("anna.ozola@agents.test", ANNA),
        ("anna+x@agents.test", None),
        ("support@desk.test", None),
        ("", None),
    ],
)
def test_an_agent_is_found_by_each_of_his_addresses_exactly(address, agent):
    assert POLICY.agent_at(address) is agent


def test_a_queues_agents_come_in_configured_order_and_those_who_left_are_left_out():
    policy = replace(POLICY, queues=(replace(SUPPORT, agents=("ben", "gone", "Anna")), BILLING))
    assert policy.agents_of("support") == (BEN, ANNA)
    assert policy.agents_of("billing") == (CARL,)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("support@desk.test", True),
        ("Support@Desk.TEST", True),
        ("support+anything@desk.test", True),
        ("invoices@desk.test", True),
        ("shop@desk.test", True),
        ("whoever@orders.test", True),
        ("whoever+x@orders.test", True),
        ("fetched@provider.test", True),
        ("kim@vip.test", False),
        ("supporter@desk.test", False),
        ("whoever@desk.test", False),
        ("anna@agents.test", False),
        ("", False),
    ],
)
def test_we_take_mail_to_our_own_addresses_and_to_those_that_routes_name(address, expected):
    assert ROUTED.accepts(address) is expected


def test_our_own_addresses_are_those_that_are_written_out():
    assert ROUTED.own_addresses == {
        "support@desk.test",
        "billing@desk.test",
        "invoices@desk.test",
        "shop@desk.test",
        "fetched@provider.test",
    }


def test_a_policy_without_routes_takes_mail_to_its_queues_only():
    alone = Policy("n", "h.test", (SUPPORT,), (ANNA,), (), "support")
    assert alone.own_addresses == {"support@desk.test"}


@pytest.mark.parametrize(
    ("peer", "is_believed"),
    [
        *(("", True), ("unix", True), ("127.0.0.1", True), ("10.2.3.4", True), ("::1", True), ("fd00::7", True)),
        *(("::ffff:192.168.1.2", True), ("203.0.113.7", False), ("2001:db8::7", False), ("::ffff:203.0.113.7", False)),
        *(("fe80::1%eth0", False), ("172.32.0.1", False)),
    ],
)
def test_results_are_believed_of_mail_that_our_own_server_brought(peer, is_believed):
    policy = replace(POLICY, authserv_id="mx.test")
    assert policy.authserv_for(Envelope("a@b.test", (), peer)) == ("mx.test" if is_believed else "")


def test_whoever_names_his_server_believes_no_other():
    policy = replace(POLICY, authserv_id="mx.test", own_servers=("203.0.113.7", "2001:db8::/64"))
    peers = ("203.0.113.7", "2001:db8::1", "203.0.113.8", "127.0.0.1")
    assert [bool(policy.authserv_for(Envelope("", (), peer))) for peer in peers] == [True, True, False, False]
