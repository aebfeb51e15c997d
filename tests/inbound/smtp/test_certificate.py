"""Certificates that are renewed while the door is open, seen by real handshakes."""

import os
import shutil
import ssl
from pathlib import Path

import pytest

from gateway.errors import PermanentError
from gateway.inbound.settings import ListenerSettings
from gateway.inbound.smtp.certificate import Certificate
from tests.inbound.smtp.conftest import make_certificate
from tests.inbound.smtp.door import MAIL, Wire


@pytest.fixture
def pair(tmp_path):
    """The pair in service."""
    (tmp_path / "live").mkdir()
    return make_certificate(tmp_path / "live")


@pytest.fixture
def other(tmp_path):
    """Another one, not in service yet."""
    (tmp_path / "new").mkdir()
    return make_certificate(tmp_path / "new")


@pytest.fixture
def certificate(pair):
    return Certificate(ListenerSettings(**pair))


def put(source: str, target: str) -> None:
    """In the place of the old file, as whoever renews certificates does it."""
    shutil.copy(source, f"{target}.tmp")
    os.replace(f"{target}.tmp", target)  # noqa: PTH105


def renew(pair: dict[str, str], other: dict[str, str]) -> None:
    for name, path in pair.items():
        put(other[name], path)


def secured(wire: Wire) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    wire.say("EHLO client.example")
    assert wire.say("STARTTLS").startswith("220")
    return context.wrap_socket(wire.socket, server_hostname="localhost")


def shown(port: int) -> bytes:
    """The certificate that a new peer is shown."""
    with Wire(port) as wire, secured(wire) as line:
        return line.getpeercert(binary_form=True) or b""


def der(pair: dict[str, str]) -> bytes:
    return ssl.PEM_cert_to_DER_cert(Path(pair["tls_certificate"]).read_text())


class TestLooks:
    def test_nothing_is_read_again_while_nothing_changes(self, certificate):
        before = certificate.context
        assert [certificate.is_renewed() for _ in range(3)] == [False] * 3
        assert certificate.context is before

    def test_a_new_pair_is_taken_once_it_has_settled(self, certificate, pair, other):
        renew(pair, other)
        assert [certificate.is_renewed() for _ in range(4)] == [False, True, False, False]

    def test_a_pair_of_which_one_half_is_written_is_left_alone(self, certificate, pair, other, caplog):
        put(other["tls_certificate"], pair["tls_certificate"])
        assert not certificate.is_renewed()
        put(other["tls_key"], pair["tls_key"])
        assert [certificate.is_renewed() for _ in range(3)] == [False, True, False]
        assert not [record for record in caplog.records if record.levelname == "ERROR"]

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda pair, other: put(other["tls_certificate"], pair["tls_certificate"]),
            lambda pair, _: Path(pair["tls_certificate"]).write_text("no certificate"),
            lambda pair, _: Path(pair["tls_key"]).unlink(),
        ],
        ids=["does not fit", "nonsense", "gone"],
    )
    def test_a_broken_one_keeps_the_old_and_is_told_once_until_it_is_mended(
        self, certificate, pair, other, caplog, spoil
    ):
        before = certificate.context
        spoil(pair, other)
        assert [certificate.is_renewed() for _ in range(5)] == [False] * 5
        assert certificate.context is before
        told = [record.message for record in caplog.records]
        assert told == ["the new certificate cannot be used, the old one stays"]
        renew(pair, other)
        assert [certificate.is_renewed() for _ in range(2)] == [False, True]

    def test_where_a_link_leads_elsewhere_there_is_another(self, tmp_path, pair, other):
        """As certbot keeps them: the name stays, and leads to another file."""
        links = {name: tmp_path / f"{name}.pem" for name in pair}
        for name, link in links.items():
            link.symlink_to(pair[name])
        names = [str(link) for link in links.values()]
        certificate = Certificate(ListenerSettings(tls_certificate=names[0], tls_key=names[1]))
        for name, link in links.items():
            link.unlink()
            link.symlink_to(other[name])
        assert [certificate.is_renewed() for _ in range(2)] == [False, True]

    def test_what_was_given_other_rights_is_tried_again(self, certificate, pair, other):
        """Of a key that we might not read its octets and its time stay when it is handed over to us."""
        put(other["tls_certificate"], pair["tls_certificate"])
        assert [certificate.is_renewed() for _ in range(3)] == [False] * 3
        times = Path(pair["tls_key"]).stat()
        Path(pair["tls_key"]).write_bytes(Path(other["tls_key"]).read_bytes())
        os.utime(pair["tls_key"], ns=(times.st_atime_ns, times.st_mtime_ns))
        assert Path(pair["tls_key"]).stat().st_size == times.st_size
        assert [certificate.is_renewed() for _ in range(2)] == [False, True]

    def test_a_key_that_wants_a_password_is_refused_and_nobody_is_asked(self, tmp_path, pair):
        import subprocess

        line = "openssl ec -in key.pem -aes128 -passout pass:x -out locked.pem"
        subprocess.run(line.split(), cwd=tmp_path / "live", check=True, capture_output=True)
        locked = pair | {"tls_key": str(tmp_path / "live" / "locked.pem")}
        with pytest.raises(PermanentError, match="a daemon has nobody to ask"):
            Certificate(ListenerSettings(**locked))


class TestOpenDoor:
    def test_new_peers_see_the_new_one_and_who_is_in_goes_on(self, open_door, pair, other, until, stored):
        door = open_door(look_seconds=0.05, **pair)
        old, new = der(pair), der(other)
        assert shown(door.port) == old
        with Wire(door.port) as plain, Wire(door.port) as wire, secured(wire) as line:
            renew(pair, other)
            until(lambda: shown(door.port) == new, "the new certificate")
            file = line.makefile("rb")
            for command in (b"EHLO x", b"MAIL FROM:<a@example.net>", b"RCPT TO:<help@example.test>", b"DATA"):
                line.sendall(command + b"\r\n")
                while file.readline()[3:4] == b"-":
                    pass
            line.sendall(MAIL + b".\r\n")
            assert file.readline().startswith(b"250")
            file.close()
            with secured(plain) as late:
                assert late.getpeercert(binary_form=True) == old, "it had come before"
        assert len(stored()) == 1

    def test_with_a_broken_one_the_door_stays_as_it_was(self, open_door, pair, other, until, caplog):
        door = open_door(look_seconds=0.05, **pair)
        old = der(pair)
        put(other["tls_certificate"], pair["tls_certificate"])
        until(lambda: "the old one stays" in caplog.text, "the word about it")
        assert shown(door.port) == old
        put(other["tls_key"], pair["tls_key"])
        until(lambda: shown(door.port) == der(other), "the new certificate")
