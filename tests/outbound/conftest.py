"""A desk to write from, the shipped templates, and an SMTP server that obeys."""

import shutil
import ssl
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.mail.address import Mailbox
from gateway.mail.tokens import Keyring
from gateway.outbound.render import Templates
from gateway.store.outbox import OutboxState, Outgoing, Recipient, RecipientState
from gateway.tickets.model import Agent, OutboxId, Queue, ReplyAddressing, State, Ticket, TicketId
from gateway.tickets.notices import Notice, NoticeKind
from gateway.tickets.policy import Policy
from tests.outbound.controlled import ControlledServer

SHIPPED = Path(__file__).parents[2] / "templates"
NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def shipped():
    return SHIPPED


@pytest.fixture
def now():
    return NOW


@pytest.fixture(scope="session")
def templates():
    return Templates(SHIPPED, None, "en", ZoneInfo("Europe/Riga"))


@pytest.fixture(scope="session")
def ring():
    return Keyring((b"k" * 32,))


@pytest.fixture(scope="session")
def queue():
    return Queue("support", "Example Support", "support@example.com", ("maria", "jan"))


@pytest.fixture(scope="session")
def without_plus(queue):
    return replace(queue, reply_addressing=ReplyAddressing.NONE)


@pytest.fixture(scope="session")
def maria():
    return Agent("maria", "Maria Ozola", "maria@private.example", ("m.ozola@home.example",))


@pytest.fixture(scope="session")
def policy(queue, maria):
    jan = Agent("jan", "Jan Kowalski", "jan@private.example")
    return Policy("demo desk", "desk.example.com", (queue,), (maria, jan), (), "support")


@pytest.fixture(scope="session")
def ticket():
    customer = Mailbox("Anna Example", "anna@example.org")
    return Ticket(
        TicketId(1), "SUP-7K2M-9XQ4", "support", State.OPEN, "The printer is on fire", customer, "en", NOW, NOW
    )


@pytest.fixture(scope="session")
def row(ticket):
    """An outbox row with a notice of this kind; what matters is named."""

    def make(kind=NoticeKind.REPLY, number=41, **said):
        to = (Mailbox("Maria Ozola", "maria@private.example"),) if kind.is_for_agents else (ticket.customer,)
        agent = "maria" if kind.is_for_agents or kind is NoticeKind.REPLY else ""
        given = {"to": to, "agent": agent, "ticket_id": ticket.id, "language": "en", "queue": "support", **said}
        notice = Notice(key=f"{kind}-{number}", kind=kind, **given)
        people = tuple(Recipient(each.address, RecipientState.WAITING) for each in (*notice.to, *notice.cc))
        return Outgoing(OutboxId(number), notice, OutboxState.TAKEN, 0, NOW, people)

    return make


@pytest.fixture
def server():
    with ControlledServer() as server:
        yield server


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """The file of a certificate for localhost, and a server's TLS context with it."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout key.pem -out cert.pem"
        " -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return folder / "cert.pem", context
