"""An account on a real IMAP server, as its owner and other people's programs see it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import pytest
from imapclient import IMAPClient

from gateway.inbound.settings import MailboxSettings, Tls

only_pymap = pytest.mark.parametrize("account", ["pymap"], indirect=True)
only_dovecot = pytest.mark.parametrize("account", [pytest.param("dovecot", marks=pytest.mark.dovecot)], indirect=True)


@dataclass(frozen=True)
class Account:
    port: int
    user: str
    password: str = "secret"

    def settings(self, **more) -> MailboxSettings:
        own = {
            "name": self.user,
            "host": "127.0.0.1",
            "port": self.port,
            "tls": Tls.NONE,
            "user": self.user,
            "password": self.password,
            "address": "help@example.test",
            "poll_seconds": 0.1,
        }
        return MailboxSettings(**{**own, **more})

    @contextmanager
    def client(self, folder: str = "INBOX") -> Iterator[IMAPClient]:
        with IMAPClient("127.0.0.1", self.port, ssl=False, timeout=20) as client:
            client.login(self.user, self.password)
            if folder:
                client.select_folder(folder)
            yield client

    def append(
        self, *mails: bytes, folder: str = "INBOX", flags: tuple[str, ...] = (), at: datetime | None = None
    ) -> None:
        with self.client("") as client:
            for raw in mails:
                client.append(folder, raw, flags, at)

    def make(self, folder: str) -> None:
        with self.client("") as client:
            client.create_folder(folder)

    def remake(self, folder: str) -> None:
        """The folder, empty and numbered anew."""
        with self.client("") as client:
            client.delete_folder(folder)
            client.create_folder(folder)

    def flags(self, folder: str = "INBOX") -> list[set[str]]:
        """The flags of each mail, oldest first."""
        with self.client(folder) as client:
            found = client.get_flags(client.search())
        return [{flag.decode() for flag in found[uid]} - {"\\Recent"} for uid in sorted(found)]

    def mails(self, folder: str = "INBOX") -> list[bytes]:
        """The octets of each mail, oldest first; none when there is no such folder."""
        with self.client("") as client:
            if not client.folder_exists(folder):
                return []
            client.select_folder(folder)
            found = client.fetch(client.search(), ["BODY.PEEK[]"])
        return [found[uid][b"BODY[]"] for uid in sorted(found)]
