"""The daemon as systemd knows it: signals, readiness, watchdog, exit codes."""

import signal
import smtplib
import time

import pytest

from tests.journeys.gateway import eventually, smarthost
from tests.journeys.letters import KIMS, letter, mails_to, read, submit, wait_for_mails


@pytest.fixture
def gateway(make_gateway, sink):
    gateway = make_gateway(smarthost=smarthost(sink.port))
    gateway.start()
    return gateway


def test_sigterm_ends_it_within_seconds_and_in_peace(gateway):
    began = time.monotonic()
    gateway.running.terminate()
    gateway.wait_for_word("STOPPING=1")
    assert gateway.stop() == 0
    assert time.monotonic() - began < 5
    assert "gateway has stopped" in gateway.log()


def test_sighup_reads_the_configuration_anew(gateway, sink):
    assert submit(gateway.port, letter(to="sales@example.test")).startswith("550 5.1.1")
    queue = {"name": "sales", "title": "Sales", "address": "sales@example.test", "agents": ["anna"]}
    gateway.configure(queue=[*gateway.sections["queue"], queue])

    gateway.running.send_signal(signal.SIGHUP)

    assert gateway.hear() == "RELOADING=1"  # STOPPING=1 would have systemd end the unit
    assert gateway.hear() == "READY=1"
    assert submit(gateway.port, letter(to="sales@example.test")).startswith("250")
    wait_for_mails(sink, KIMS, 1)
    assert gateway.ticket.queue == "sales"


def test_sighup_with_a_faulty_configuration_disturbs_nobody(gateway, sink):
    good = gateway.config.read_text()
    with smtplib.SMTP("127.0.0.1", gateway.port, local_hostname="client.test", timeout=20) as customer:
        customer.ehlo()
        gateway.config.write_text(good.replace('"Example Support"', "42"))
        gateway.running.send_signal(signal.SIGHUP)
        eventually(lambda: "the new configuration cannot be used" in gateway.log(), "the fault in the log")
        customer.sendmail(KIMS, ["support@example.test"], letter())

    assert "title" in gateway.log().partition("the old one stays: ")[2].partition("\n")[0]
    wait_for_mails(sink, KIMS, 1)
    assert gateway.stop() == 0


def test_sighup_with_a_broken_certificate_disturbs_nobody(gateway, tmp_path, sink):
    (tmp_path / "cert.pem").write_text("no certificate")
    (listener,) = gateway.sections["listener"]
    gateway.configure(listener=[listener | {"tls_certificate": str(tmp_path / "cert.pem")}])
    gateway.running.send_signal(signal.SIGHUP)
    eventually(lambda: "the new configuration cannot be used" in gateway.log(), "the fault in the log")
    assert f"{tmp_path / 'cert.pem'} alone cannot be used" in gateway.log()
    assert submit(gateway.port, letter()).startswith("250")
    wait_for_mails(sink, KIMS, 1)
    assert gateway.stop() == 0


def test_sighup_may_come_while_mail_is_on_its_way(gateway, sink):
    troubles = ("My printer is on fire.", "The lamp blinks.", "Where is my invoice?", "A key is stuck.", "No sound.")
    for trouble in troubles:
        assert submit(gateway.port, letter(trouble, subject=trouble)).startswith("250")
        gateway.reload()

    wait_for_mails(sink, KIMS, 5)
    gateway.settled(5)
    assert gateway.verdicts == ["opened"] * 5
    assert len({read(raw)["Message-ID"] for raw in mails_to(sink, KIMS)}) == len(mails_to(sink, KIMS)) == 5


def test_a_second_daemon_on_the_same_data_refuses(gateway, sink):
    second = gateway.run("run")
    assert second.returncode == 75
    assert "another gateway works on this data" in second.stderr.decode()
    assert b"Traceback" not in second.stderr
    assert submit(gateway.port, letter()).startswith("250"), "the first one is not disturbed"
    wait_for_mails(sink, KIMS, 1)


def test_a_faulty_configuration_is_told_with_the_line_and_what_to_write(make_gateway):
    gateway = make_gateway(periods={"reminders": -1}, smarthost={"host": "127.0.0.1", "prot": 25, "tls": "nome"})
    ran = gateway.run("run")
    said = ran.stderr.decode()
    assert ran.returncode == 78
    for word in ("periods.reminders", "smarthost.prot", "write port", "smarthost.tls"):
        assert word in said, said
    assert "Traceback" not in said


def test_a_port_that_is_taken_is_told_and_may_be_free_later(gateway, make_gateway):
    ran = make_gateway(port=gateway.port).run("run")
    assert ran.returncode == 75
    assert f"127.0.0.1:{gateway.port}" in ran.stderr.decode()
    assert b"Traceback" not in ran.stderr


def test_the_watchdog_is_fed(make_gateway):
    gateway = make_gateway()
    gateway.start(WATCHDOG_USEC="400000")
    for _ in range(3):
        gateway.wait_for_word("WATCHDOG=1", seconds=3)


def test_without_a_smarthost_it_says_so_loudly_and_captures(make_gateway):
    gateway = make_gateway()
    gateway.start()
    assert "NO SMARTHOST IS CONFIGURED" in gateway.log()
    submit(gateway.port, letter())
    gateway.settled(1)
    captured = [mail.read_bytes() for mail in (gateway.folder / "data/captured/new").iterdir()]
    sent = gateway.outgoing()
    assert len(captured) == len(sent) == 2
    assert all(any(mail.endswith(each.raw) for mail in captured) for each in sent)
