"""A mail bomb and a siege beside an ordinary customer: he is answered, the flood is not, the operator hears of it once.

How long he waits is measured by `./dev bench attack`.
"""

import smtplib
import socket
from contextlib import ExitStack

import pytest

from gateway import store
from tests.journeys.gateway import Gateway, eventually, smarthost
from tests.journeys.letters import KIMS, SUPPORT, letter, mails_to, submit, wait_for_mails

VICTIMS, STRANGERS = 60, 5
RECEIVED = ("Received", "from out.customer.test ([203.0.113.9]) by mx.example.test with ESMTPS id 1")
PROVEN = ("Authentication-Results", "mx.example.test; dmarc=pass header.from=customer.test")


@pytest.fixture
def gateway(make_gateway, sink) -> Gateway:
    gateway: Gateway = make_gateway(smarthost=smarthost(sink.port), budgets={"strangers_per_hour": STRANGERS})
    gateway.configure(gateway={"authserv_id": "mx.example.test"})
    gateway.start()
    return gateway


def test_a_bomb_of_forged_senders_costs_their_victims_and_our_customers_little(gateway, sink):
    with smtplib.SMTP("127.0.0.1", gateway.port, local_hostname="bomber.test", timeout=20) as client:
        for number in range(VICTIMS):
            forged = f"victim{number}@elsewhere{number}.test"
            client.sendmail(forged, [SUPPORT], letter(f"Buy number {number}.", sender=forged))
    submit(gateway.port, letter(headers=(PROVEN, RECEIVED)))

    wait_for_mails(sink, KIMS, 1)
    gateway.settled(VICTIMS + 1)
    assert len(gateway.tickets) == VICTIMS + 1
    acknowledged = [mail for mail in sink.mails if mail.rcpt_to[0].startswith("victim")]
    assert len(acknowledged) == STRANGERS
    assert not [mail for mail in acknowledged if b"Buy" in mail.raw]
    with gateway.database.read() as db:
        assert len(store.alarms.listed(db)) == 1


def test_a_house_full_of_slow_connections_still_takes_mail(gateway, sink):
    with ExitStack() as slow:
        for number in range(200):
            line = socket.create_connection(("127.0.0.1", gateway.port), 20, (f"127.0.1.{number // 20 + 1}", 0))
            slow.enter_context(line)
            assert line.recv(3) == b"220"
            line.sendall(b"N")
        eventually(lambda: is_taken(gateway), "a place in the house")
        wait_for_mails(sink, KIMS, 1)
    assert len(mails_to(sink, KIMS)) == 1


def is_taken(gateway: Gateway) -> bool:
    """Mail as a server brings it: turned away, it comes again."""
    try:
        return submit(gateway.port, letter(headers=(PROVEN, RECEIVED))).startswith("250")
    except smtplib.SMTPConnectError:
        return False
