"""People's side of a journey: mail as their clients write and answer it, handed to a server, and what is read in it."""

import itertools
import re
import smtplib
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr
from urllib.parse import unquote

from imapclient import IMAPClient

from tests.servers.dovecot import DovecotServer
from tests.servers.sink import Sink

KIM, KIMS = "Kim Kask", "kim@customer.test"
ANNA, ANNAS = "Anna Ozola", "anna@agents.test"
SUPPORT = "support@example.test"

_numbers = itertools.count(1)


def read(raw: bytes) -> EmailMessage:
    """The mail as a client sees it."""
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage) -> str:
    """Its plain text."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def everything(raw: bytes) -> str:
    """All there is to read anywhere in the mail, however it was encoded."""
    message = read(raw)
    parts = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    words = [part.decode("utf-8", "replace") for part in parts if isinstance(part, bytes)]
    return unquote("\n".join([raw.decode("utf-8", "replace"), *map(str, message.values()), *words]))


def letter(
    text: str = "The printer is on fire.",
    *,
    sender: str = f"{KIM} <{KIMS}>",
    to: str = SUPPORT,
    subject: str = "Printer",
    message_id: str = "",
    headers: Iterable[tuple[str, str]] = (),
) -> bytes:
    """A new mail; its Message-ID is of its own where none is given."""
    name, address = parseaddr(sender)
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = formataddr((name, address))
    mail["To"], mail["Subject"] = to, subject
    mail["Date"] = format_datetime(datetime.fromtimestamp(time.time(), UTC))
    own_id = f"{next(_numbers)}.{time.time_ns():x}@{address.rpartition('@')[2]}"
    mail["Message-ID"] = f"<{message_id or own_id}>"
    for header, value in headers:
        mail[header] = value
    mail.set_content(text)
    return mail.as_bytes()


def answer(raw: bytes, sender: str, text: str, *, headers: Iterable[tuple[str, str]] = ()) -> bytes:
    """An answer to a mail as ordinary clients write it: to its Reply-To, threaded, quoting it below."""
    message = read(raw)
    quoted = "".join(f"> {line}\n" for line in text_of(message).splitlines())
    _, author = parseaddr(str(message["From"]))
    subject = str(message["Subject"])
    known = f"{message.get('References', '')} {message['Message-ID']}".split()
    threading = (("In-Reply-To", str(message["Message-ID"])), ("References", " ".join(known)))
    return letter(
        f"{text}\n\nOn Sat, 21 Nov 2026 at 10:00, {author} wrote:\n{quoted}",
        sender=sender,
        to=recipient_of_answers(message),
        subject=subject if subject.startswith("Re: ") else f"Re: {subject}",
        headers=(*threading, *headers),
    )


def recipient_of_answers(message: EmailMessage) -> str:
    """Where a client sends an answer."""
    return parseaddr(str(message.get("Reply-To") or message["From"]))[1]


def pressed(raw: bytes, purpose: str) -> tuple[str, str]:
    """The address and subject that the n-th mailto: link whose token has this purpose fills in."""
    html = read(raw).get_body(("html",))
    assert html is not None
    found = re.search(rf'href="mailto:([^"?]*\+{purpose}[^"?]*)\?subject=([^"&]*)', html.get_content())
    assert found, html.get_content()
    return unquote(found[1]), unquote(found[2])


def send(port: int, raw: bytes, *recipients: str, mail_from: str = KIMS) -> str:
    """The server's last word on the mail: to RCPT where it refused, else to DATA."""
    with smtplib.SMTP("127.0.0.1", port, local_hostname="client.test", timeout=60) as client:
        client.ehlo()
        client.mail(mail_from)
        for recipient in recipients or (SUPPORT,):
            code, said = client.rcpt(recipient)
            if code >= 400:
                return f"{code} {said.decode()}"
        code, said = client.data(raw)
    return f"{code} {said.decode()}"


def submit(port: int, raw: bytes) -> str:
    """The server's last word on the mail that its author's client hands over: from his address to those in To."""
    message = read(raw)
    author = parseaddr(str(message["From"]))[1]
    return send(port, raw, *(to.addr_spec for to in message["To"].addresses), mail_from=author)


def mails_to(sink: Sink, address: str) -> list[bytes]:
    """What has reached somebody at the sink so far, oldest first."""
    return [mail.raw for mail in sink.mails if address in mail.rcpt_to]


def wait_for_mails(sink: Sink, address: str, number: int, seconds: float = 20) -> list[bytes]:
    """The same, once there are so many."""
    give_up = time.monotonic() + seconds
    while len(found := mails_to(sink, address)) < number:
        assert time.monotonic() < give_up, f"{len(found)} of {number} mails reached {address}"
        time.sleep(0.02)
    return found


class Inbox:
    """Somebody's mailbox at the Dovecot of the tests, read as his client does: by IMAP."""

    def __init__(self, dovecot: DovecotServer, user: str) -> None:
        self.dovecot, self.user = dovecot, user
        dovecot.add_user(user)

    def section(self, **settings: object) -> dict[str, object]:
        """The configuration's section for the gateway that reads this mailbox; IDLE tells of new mail, or nothing."""
        password = self.dovecot.folder / f"{self.user}.password"
        password.write_text("secret")
        return {
            "name": self.user,
            "host": "127.0.0.1",
            "port": self.dovecot.port,
            "tls": "none",
            "user": self.user,
            "password_file": str(password),
            "address": SUPPORT,
            "poll_seconds": 600,
            **settings,
        }

    def deliver(self, raw: bytes, to: str = "") -> None:
        """A mail from the world, as his provider's own server brings it by LMTP."""
        recipient = to or f"{self.user}@example.test"
        with smtplib.LMTP("127.0.0.1", self.dovecot.lmtp_port) as lmtp:
            lmtp.sendmail(KIMS, [recipient], raw)

    def client(self) -> IMAPClient:
        """Logged in, at his INBOX."""
        client = IMAPClient("127.0.0.1", self.dovecot.port, ssl=False, timeout=20)
        client.login(self.user, "secret")
        client.select_folder("INBOX")
        return client

    def mails(self, folder: str = "INBOX") -> list[bytes]:
        """All mails of a folder, in order of arrival; nobody sees that we read them."""
        with self.client() as client:
            client.select_folder(folder, readonly=True)
            found = client.fetch(client.search(), ["BODY.PEEK[]"])
        return [found[uid][b"BODY[]"] for uid in sorted(found)]

    def wait_for(self, number: int, seconds: float = 20) -> list[bytes]:
        """All mails of INBOX, once there are so many."""
        give_up = time.monotonic() + seconds
        while len(found := self.mails()) < number:
            assert time.monotonic() < give_up, f"{len(found)} of {number} mails reached {self.user}"
            time.sleep(0.05)
        return found

    def append(self, raw: bytes, flags: Iterable[bytes] = ()) -> None:
        """A mail of his own, as his client or his provider puts it there."""
        with self.client() as client:
            client.append("INBOX", raw, tuple(flags))
