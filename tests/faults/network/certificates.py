"""Certificates for tests of TLS: a good one, one for another name, one that is over. By openssl, in a folder given."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

# Python's own ssl forgets a socket that was reset in the moment before the handshake; nobody else can close it.
forgets_sockets = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

_CONFIG = """
[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = {names}
"""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Its file, to be trusted by the client, and a server's context with it."""

    file: Path
    context: ssl.SSLContext


def make(folder: Path, names: str = "DNS:localhost", start: str = "20260101", end: str = "20990101") -> Certificate:
    """Signed by itself, good for `names` from `start` to `end` (YYYYMMDD)."""
    folder.mkdir()
    (folder / "ca.conf").write_text(_CONFIG.format(names=names))
    (folder / "index.txt").write_text("")
    (folder / "serial").write_text("01\n")
    make_key = "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.csr -subj"
    sign = "openssl ca -config ca.conf -selfsign -batch -notext -in cert.csr -keyfile key.pem -out cert.pem"
    _run(folder, *make_key.split(), "/CN=localhost")
    _run(folder, *sign.split(), "-startdate", f"{start}000000Z", "-enddate", f"{end}000000Z")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return Certificate(folder / "cert.pem", context)


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
