"""A folder with mail on a real server, filled and looked into past IMAP where that is quicker."""

import itertools
import os
import pwd
import shutil
from collections import Counter
from pathlib import Path
from typing import Protocol

from gateway.inbound.settings import After
from tests.inbound.imap.account import Account
from tests.servers.dovecot import DovecotServer
from tests.servers.pymap import PymapServer

PROCESSED = "Processed"
FLAG = "\\Flagged"  # both servers keep it
_users = itertools.count(1)


class Folder(Protocol):
    """An INBOX with these mails in it."""

    account: Account

    def untaken(self, mails: Counter[bytes], after: After) -> int:
        """Of how many of the mails the step is not taken, or taken twice."""
        ...


class MaildirFolder:
    """Dovecot's, by its files."""

    def __init__(self, server: DovecotServer, mails: tuple[bytes, ...]) -> None:
        user = f"net{next(_users)}"
        server.add_user(user)
        self.account = Account(server.port, user)
        self._maildir = server.maildir(user)
        for name in ("cur", "new", "tmp"):
            (self._maildir / name).mkdir(parents=True)
        for number, raw in enumerate(mails):
            (self._maildir / f"new/{number}.test").write_bytes(raw)
        if os.geteuid() == 0:
            _give(self._maildir, pwd.getpwnam("mail"))

    def untaken(self, mails: Counter[bytes], after: After) -> int:
        inbox = _mails(self._maildir)
        if after is After.FLAG:
            return sum("F" not in name.partition(":2,")[2] for name, _ in inbox)
        done = Counter(raw for _, raw in _mails(self._maildir / f".{PROCESSED}"))
        return len(inbox) + (_difference(mails, done) if after is After.MOVE else 0)


class PymapFolder:
    """pymap's, by IMAP; it has one user, so what the last run left is cleared away."""

    def __init__(self, server: PymapServer, mails: tuple[bytes, ...]) -> None:
        self.account = Account(server.port, server.user, server.password)
        with self.account.client() as client:
            client.delete_messages(client.search())
            client.expunge()
            if client.folder_exists(PROCESSED):
                client.delete_folder(PROCESSED)
            for raw in mails:
                client.append("INBOX", raw)

    def untaken(self, mails: Counter[bytes], after: After) -> int:
        if after is After.FLAG:
            return sum(flags != {FLAG} for flags in self.account.flags())
        done = Counter(self.account.mails(PROCESSED)) if after is After.MOVE else mails
        return len(self.account.mails()) + _difference(mails, done)


def _mails(maildir: Path) -> list[tuple[str, bytes]]:
    files = [file for name in ("cur", "new") for file in sorted((maildir / name).glob("*"))]
    return [(file.name, file.read_bytes()) for file in files]


def _difference(one: Counter[bytes], other: Counter[bytes]) -> int:
    return ((one - other) + (other - one)).total()


def _give(folder: Path, owner: pwd.struct_passwd) -> None:
    for each in (folder, *folder.rglob("*")):
        shutil.chown(each, owner.pw_uid, owner.pw_gid)
