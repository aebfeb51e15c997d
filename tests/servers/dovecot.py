"""A private Dovecot 2.3 for tests: IMAP, IMAPS and LMTP on loopback ports, its own folder, nothing of the system's."""

import grp
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from string import Template
from typing import Self

from tests.servers import process

HERE = Path(__file__).parent
DOVECOT = "/usr/sbin/dovecot"
MAKE_CERTIFICATE = (
    *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"),
    *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
    *("-keyout", "key.pem", "-out", "cert.pem"),
)


class DovecotServer:
    """As root its mail belongs to the user `mail`, else all of it to us. One server serves many tests: a user for each.

    `oauth_port` names a loopback port where the test answers Dovecot's questions about access tokens.
    """

    def __init__(self, oauth_port: int = 1) -> None:
        self.oauth_port = oauth_port
        self.port, self.tls_port, self.lmtp_port = (process.free_port() for _ in range(3))

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))  # a socket's path has 107 octets at most
        self.config = self.folder / "dovecot.conf"
        self.certificate = self.folder / "tls/cert.pem"
        try:
            self._write()
            self.start()
        except BaseException:
            shutil.rmtree(self.folder)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def _write(self) -> None:
        as_root = os.geteuid() == 0
        owner = pwd.getpwnam("mail") if as_root else pwd.getpwuid(os.geteuid())
        for name in ("run", "state", "mail", "home", "tls", "users"):
            (self.folder / name).mkdir()
        subprocess.run(MAKE_CERTIFICATE, cwd=self.folder / "tls", check=True, capture_output=True)
        self._fill("dovecot-oauth2.conf", self.folder / "oauth2.conf.ext", port=self.oauth_port)
        self._fill(
            "dovecot.conf",
            self.config,
            folder=self.folder,
            internal_user="dovecot" if as_root else owner.pw_name,
            internal_group="dovecot" if as_root else grp.getgrgid(owner.pw_gid).gr_name,
            login_user="dovenull" if as_root else owner.pw_name,
            uid=owner.pw_uid,
            gid=owner.pw_gid,
            imap_port=self.port,
            imaps_port=self.tls_port,
            lmtp_port=self.lmtp_port,
        )
        self.folder.chmod(0o755)
        for folder in (self.folder, self.folder / "mail", self.folder / "home"):
            shutil.chown(folder, owner.pw_uid, owner.pw_gid)

    @staticmethod
    def _fill(template: str, target: Path, **values: object) -> None:
        target.write_text(Template((HERE / template).read_text()).substitute(values))

    def start(self) -> None:
        """Up, on the same ports and with the same mail as before a stop."""
        self._process = process.start([DOVECOT, "-F", "-c", str(self.config)], self.folder)
        process.wait_until(lambda: process.is_greeting(self.port, b"* OK"), self._process, self.log)

    def stop(self) -> None:
        """Down; the mail stays."""
        process.stop(self._process, ask=self._process.terminate)

    def log(self) -> str:
        """What it wrote so far."""
        return process.read(self.folder / "output", self.folder / "log")

    def add_user(self, name: str, password: str = "secret") -> None:
        """The user may log in from now on; his folders come with his first login or mail."""
        # A file for each, for Dovecot looks no more than once a second whether a file it knows has changed.
        (self.folder / "users" / name).write_text(f"{name}:{{PLAIN}}{password}::::::\n")

    def maildir(self, name: str) -> Path:
        """Where the user's mail lies; there once he has logged in or got mail."""
        return self.folder / "mail" / name

    def kick(self, name: str) -> None:
        """Cuts all connections of the user, as a server's restart does."""
        subprocess.run(["doveadm", "-c", self.config, "kick", name], check=True, capture_output=True)
