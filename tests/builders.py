"""A small help desk for tests: two queues, three agents, one customer, and mail written by hand."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.mail.address import Mailbox
from gateway.mail.envelope import Envelope
from gateway.mail.tokens import Keyring
from gateway.tickets import reference
from gateway.tickets.model import Agent, Queue, ReplyAddressing, State, Ticket, TicketId
from gateway.tickets.policy import Policy

NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

RING = Keyring((b"the key of the desk in the tests",))
FOREIGN = Keyring((b"the key of somebody else's desk.",))

ANNA = Agent("anna", "Anna Ozola", "anna@agents.test", ("anna.ozola@agents.test",), "lv")
BEN = Agent("ben", "Ben Berg", "ben@agents.test")
CARL = Agent("carl", "Carl Cox", "carl@agents.test")
SUPPORT = Queue("support", "Example Support", "support@desk.test", ("anna", "ben"), answer_within_days=2)
BILLING = Queue(
    "billing",
    "Example Billing",
    "billing@desk.test",
    ("carl",),
    other_addresses=("invoices@desk.test",),
    reply_addressing=ReplyAddressing.NONE,
)
POLICY = Policy(
    name="test-desk",
    hostname="desk.test",
    queues=(SUPPORT, BILLING),
    agents=(ANNA, BEN, CARL),
    routes=(),
    default_queue="support",
)

KIM = Mailbox("Kim Kask", "kim@customer.test")
STRANGER = Mailbox("", "stranger@elsewhere.test")


def ticket(number: int = 1, **changes: Any) -> Ticket:
    """Kim's ticket in `support`, open since an hour ago; every number has a reference of its own."""
    choose = random.Random(number).choice
    made = Ticket(
        id=TicketId(number),
        reference=reference.new("SUP", RING, choose),
        queue="support",
        state=State.OPEN,
        subject="Printer",
        customer=KIM,
        language="en",
        created_at=NOW - HOUR,
        changed_at=NOW - HOUR,
    )
    return replace(made, **changes)


def mail(
    text: str = "The printer is on fire.",
    *,
    sender: str = "Kim Kask <kim@customer.test>",
    to: str = "support@desk.test",
    subject: str = "Printer",
    message_id: str = "",
    date: str = "Mon, 04 May 2026 09:59:00 +0000",
    headers: Iterable[tuple[str, str]] = (),
) -> bytes:
    """An ordinary plain text mail as bytes; fields that are empty are left out."""
    fields = (
        ("From", sender),
        ("To", to),
        ("Subject", subject),
        ("Message-ID", f"<{message_id}>" if message_id else ""),
        ("Date", date),
        *headers,
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "8bit"),
    )
    head = "".join(f"{name}: {value}\r\n" for name, value in fields if value)
    return (head + "\r\n" + text.replace("\n", "\r\n") + "\r\n").encode()


def envelope(*rcpt_to: str, mail_from: str | None = "kim@customer.test") -> Envelope:
    """An envelope, to `support` where no recipient is named."""
    return Envelope(mail_from, rcpt_to or (SUPPORT.address,))


def dsn(action: str, status: str, recipient: str = "kim@customer.test") -> bytes:
    """A delivery report on a mail to `recipient`; `action` and `status` as in RFC 3464."""
    return (
        "From: MAILER-DAEMON@mx.test\r\nTo: support@desk.test\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 {status} no such user\r\n\r\n--b--\r\n"
    ).encode()
