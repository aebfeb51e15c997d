"""A mailbox as the daemon reads and compares it, one look at a time."""

from contextlib import contextmanager

from gateway.inbound.imap.comparison import Comparison, compare
from gateway.inbound.imap.connection import Connection
from gateway.inbound.imap.intake import Intake
from gateway.inbound.imap.reading import Reading
from gateway.store.sightings import Compared


class Box:
    """A mailbox that is read and compared, each over a connection of its own."""

    def __init__(self, settings, database, acceptor) -> None:
        self.settings, self.intake = settings, Intake(settings, database, acceptor)
        self.told: list[Compared] = []

    @contextmanager
    def connected(self):
        with Connection(self.settings) as connection:
            connection.log_in()
            yield connection

    def reading(self) -> Reading:
        """As after a start of the daemon: it knows what is in the database, and no more."""
        return Reading(self.intake, lambda: False, self.told.append)

    def read(self) -> None:
        self.look_with(self.reading())

    def look_with(self, reading: Reading) -> None:
        with self.connected() as connection:
            reading.renew()
            reading.visit(connection)

    def compare(self) -> dict[str, Compared]:
        with self.connected() as connection:
            return {each.folder: each for each in Comparison(self.intake).folders(connection)}

    def look(self) -> dict[str, Compared]:
        return {each.folder: each for each in compare(self.settings, self.intake.database)}
