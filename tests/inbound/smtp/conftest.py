"""Doors with any settings, and a certificate for those with TLS."""

import subprocess
import time
from pathlib import Path

import pytest

from gateway.inbound.settings import ListenerSettings
from tests.inbound.smtp.door import Door, is_known


@pytest.fixture
def open_door(acceptor):
    """Opens a listener with these settings, before the real spool unless `accept` is given."""
    doors = []

    def make(accept=None, is_known=is_known, clock=time.monotonic, look_seconds=10.0, **settings) -> Door:
        chosen = ListenerSettings(**{"port": 0, "hostname": "mx.example.test", **settings})
        doors.append(
            Door(chosen, accept or acceptor.accept_async, is_known=is_known, clock=clock, look_seconds=look_seconds)
        )
        return doors[-1]

    yield make
    for door in doors:
        door.close()


@pytest.fixture
def door(open_door):
    return open_door()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"))


def make_certificate(folder: Path) -> dict[str, str]:
    """A certificate of its own in this folder, as the settings that name it."""
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout key.pem -out cert.pem"
        " -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    return {"tls_certificate": str(folder / "cert.pem"), "tls_key": str(folder / "key.pem")}
