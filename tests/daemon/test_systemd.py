"""sd_notify(3): datagrams to the socket that systemd names, by path or in the abstract namespace."""

import socket

import pytest

from gateway.daemon import systemd


@pytest.mark.parametrize("is_abstract", [False, True])
def test_a_state_reaches_the_named_socket(tmp_path, is_abstract):
    path = f"@{tmp_path.name}-notify" if is_abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind("\0" + path[1:] if is_abstract else path)
        server.settimeout(5)
        assert systemd.notify("READY=1", {"NOTIFY_SOCKET": path})
        assert server.recv(64) == b"READY=1"


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "relative"}])
def test_without_systemd_nothing_is_said(environ):
    assert not systemd.notify("READY=1", environ)


def test_a_socket_that_is_gone_does_no_harm(tmp_path):
    assert not systemd.notify("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "gone")})


@pytest.mark.parametrize(
    ("said", "seconds"), [("60000000", 30.0), ("1000000", 0.5), ("0", None), ("", None), ("-5", None), ("soon", None)]
)
def test_the_watchdog_is_fed_twice_as_often_as_it_bites(said, seconds):
    assert systemd.watchdog_seconds({"WATCHDOG_USEC": said}) == seconds


def test_nobody_watches_by_default():
    assert systemd.watchdog_seconds({}) is None
