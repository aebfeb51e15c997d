"""One IMAP folder with three mails, read by our own code through a proxy; afterwards all accounts are squared."""

import itertools
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from gateway import store
from gateway.errors import GatewayError
from gateway.inbound.accept import Acceptor
from gateway.inbound.imap.comparison import Comparison
from gateway.inbound.imap.connection import Connection
from gateway.inbound.imap.intake import Intake
from gateway.inbound.imap.reading import Reading
from gateway.inbound.settings import After, MailboxSettings
from gateway.store.engine import Database
from gateway.tickets.model import SpoolId
from tests.faults.network.folders import FLAG, PROCESSED, Folder
from tests.faults.network.proxy import Fault, Proxy, Way

MAILS = tuple(
    f"From: anna@example.net\r\nSubject: {number}\r\nMessage-ID: <{number}@example.net>\r\n\r\n{'x' * 60}\r\n".encode()
    for number in (1, 2, 3)
)
_names = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Squared:
    """What was wrong when all was over: mails lost, come twice, without their step or with it taken twice.

    `error` is what the broken session ended with, in our words; None when it got through. `strange` ones
    came that are none of the mails, `lacking` are those that did not come as they are: lost, unless spoilt on the way.
    """

    lost: int
    doubled: int
    untaken: int
    error: GatewayError | None
    strange: tuple[bytes, ...] = ()
    lacking: tuple[bytes, ...] = ()


class MailboxBench:
    """`new_folder` gives a folder with mails for each run; `lacked` counts mail that only the comparison has found."""

    def __init__(
        self, new_folder: Callable[[tuple[bytes, ...]], Folder], proxy: Proxy, database: Database, acceptor: Acceptor
    ) -> None:
        self.new_folder, self.proxy = new_folder, proxy
        self.database, self.acceptor = database, acceptor
        self._last = SpoolId(0)
        self.lacked = 0

    def settings(self, folder: Folder, after: After = After.FLAG, **more) -> MailboxSettings:
        given = {"name": f"run {next(_names)}", "port": self.proxy.port, "after": after, "timeout_seconds": 10.0}
        return folder.account.settings(**{**given, "flag": FLAG, "processed_folder": PROCESSED, **more})

    def lengths(self, after: After) -> dict[Way, int]:
        """Octets each way of a session in which nothing happens."""
        self.proxy.forget()
        self.run(after)
        return {way: len(self.proxy.links[0].said[way]) for way in Way}

    def run(self, after: After, *faults: Fault, is_restarted: bool = False, **more) -> Squared:
        """A session under the faults, one without; then the books."""
        folder = self.new_folder(MAILS)
        settings = self.settings(folder, after, **more)
        reading = self._reading(settings)
        self.proxy.forget()
        self.proxy.script(*faults)
        error = self.session(settings, reading)
        self.proxy.script()
        patient = replace(settings, timeout_seconds=30.0)
        healed = self.session(patient, self._reading(settings) if is_restarted else reading)
        assert healed is None, f"a good line does not heal it: {healed!r}"
        return self._squared(folder, settings, error)

    def _reading(self, settings: MailboxSettings) -> Reading:
        return Reading(Intake(settings, self.database, self.acceptor), lambda: False)

    def session(self, settings: MailboxSettings, reading: Reading) -> GatewayError | None:
        """What the mailbox's thread does while all is well. Other errors than ours go through: they are findings."""
        comparison = Comparison(Intake(settings, self.database, self.acceptor))
        wake, waker = os.pipe()
        os.write(waker, b".")
        try:
            with Connection(settings) as connection:
                reading.renew()
                connection.log_in()
                reading.visit(connection)
                connection.wait(0.01, wake)
                self.lacked += sum(len(each.fetched) for each in comparison.folders(connection))
                reading.visit(connection)
        except GatewayError as error:
            return error
        finally:
            os.close(wake)
            os.close(waker)
        return None

    def stored(self, settings: MailboxSettings) -> Counter[bytes]:
        """What came from that mailbox."""
        with self.database.read() as db:
            new = [each for each in store.spool.listed(db, self._last) if each.source == f"imap:{settings.name}"]
            return Counter(store.spool.original(db, each.id).read() for each in new)

    def _squared(self, folder: Folder, settings: MailboxSettings, error: GatewayError | None) -> Squared:
        stored, whole = self.stored(settings), Counter(MAILS)
        self._last = SpoolId(self._last + stored.total())
        lacking, more = whole - stored, stored - whole
        strange = tuple(each for each in more.elements() if each not in whole)
        untaken = folder.untaken(whole, settings.after)
        return Squared(lacking.total(), more.total(), untaken, error, strange, tuple(lacking.elements()))
