"""What the demo's actors can do: write, press a button, answer from their client, let time pass. All of it by SMTP."""

import smtplib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from functools import partial
from pathlib import Path
from urllib.parse import unquote

from gateway import store
from gateway.cli.demo.timeline import Timeline
from gateway.config import Config
from gateway.daemon.clock import SwiftClock
from gateway.mail import parse
from gateway.mail.address import Mailbox, normalise
from gateway.mail.message import Message
from gateway.store.engine import Database
from gateway.store.outbox import OutboxState, Outgoing
from gateway.store.spool import Spooled, SpoolState
from gateway.tickets.model import SpoolId, Ticket, TicketId
from gateway.tickets.notices import NoticeKind

_PATIENCE = 20.0  # seconds of the wall until something counts as not having happened
_MOST_LEAPS = 200


@dataclass(slots=True)
class Actor:
    """Somebody with a mail client; `inbox` is what has reached him, with the kind that we sent it as."""

    who: Mailbox
    inbox: list[tuple[NoticeKind, Message]] = field(default_factory=list)

    @property
    def kinds(self) -> list[str]:
        """What kinds of mail have reached him, in order."""
        return [str(kind) for kind, _ in self.inbox]


class Stage:
    """The actors' side of the daemon, and the notebook of what went otherwise."""

    def __init__(self, config: Config, database: Database, port: int, clock: SwiftClock, timeline: Timeline) -> None:
        self.faults: list[str] = []
        self.timeline = timeline
        self._config, self._database, self._port, self._clock = config, database, port, clock
        self._actors: dict[str, Actor] = {}
        self._shown: set[int] = set()
        self._reported = SpoolId(0)
        self._letters = 0

    def actor(self, name: str, address: str) -> Actor:
        """A new actor."""
        actor = Actor(Mailbox(name, address))
        self._actors[normalise(address)] = actor
        return actor

    def write(
        self,
        actor: Actor,
        to: str,
        subject: str,
        body: str,
        expect: str,
        *,
        answering: Message | None = None,
        charset: str = "utf-8",
        headers: Sequence[tuple[str, str]] = (),
        mail_from: str | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> Ticket | None:
        """The ticket that the mail ended with. `expect` is verdict and, where there is a ticket, its state."""
        letter = EmailMessage()
        letter["From"] = formataddr((actor.who.name, actor.who.address), charset=charset)
        letter["To"], letter["Subject"] = to, subject
        letter["Date"] = format_datetime(self._clock.now())
        self._letters += 1
        letter["Message-ID"] = f"<{self._letters}.{id(self):x}@{actor.who.address.partition('@')[2]}>"
        if answering:
            letter["In-Reply-To"] = f"<{answering.message_id}>"
            letter["References"] = " ".join(f"<{each}>" for each in (*answering.references, answering.message_id))
        for name, value in headers:
            letter[name] = value
        letter.set_content(body, charset=charset)
        if file:
            letter.add_attachment(file[1], maintype="application", subtype="pdf", filename=file[0])
        sender = actor.who.address if mail_from is None else mail_from
        return self._sent(actor, sender, to, letter, subject, expect)

    def answer(
        self, actor: Actor, body: str, expect: str, *, kind: NoticeKind | None = None, about: str = ""
    ) -> Ticket | None:
        """Answers the newest mail (of a kind, about a subject) as mail clients do: to its Reply-To, quoting it."""
        mails = [mail for was, mail in actor.inbox if kind in {None, was} and about in mail.subject]
        if not mails:
            self._differs(f"{actor.who.name} has no mail to answer")
            return None
        mail = mails[-1]
        to = (mail.reply_to or mail.from_)[0].address
        quoted = "\n".join(f"> {line}" for line in mail.text.splitlines())
        subject = mail.subject if mail.subject.startswith("Re: ") else f"Re: {mail.subject}"
        said_at = f"{mail.date:%a, %d %b %Y at %H:%M}" if mail.date else "some day"
        text = f"{body}\n\nOn {said_at}, {mail.from_[0].name} <{mail.from_[0].address}> wrote:\n{quoted}\n"
        return self.write(actor, to, subject, text, expect, answering=mail)

    def press(self, actor: Actor, kind: NoticeKind, label: str, expect: str) -> Ticket | None:
        """Presses a button of the newest mail of a kind: the client opens the mailto: link, the actor sends it."""
        mail = next((mail for was, mail in reversed(actor.inbox) if was is kind), None)
        link = _link(mail.html, label) if mail else ""
        if mail is None or not link:
            self._differs(f"{actor.who.name} finds no button {label} in a {kind}")
            return None
        address, _, query = link.removeprefix("mailto:").partition("?")
        fields = dict(pair.split("=", 1) for pair in query.replace("&amp;", "&").split("&") if "=" in pair)
        subject, body = unquote(fields.get("subject", "")), unquote(fields.get("body", ""))
        return self.write(actor, unquote(address), subject, body + "\n", expect)

    def lapse(self, what: str, until: Callable[[], bool]) -> None:
        """Lets the clock leap from timer to timer until something has come true, printing what happens meanwhile."""
        for _ in range(_MOST_LEAPS):
            if until():
                return
            with self._database.read() as db:
                due = store.timers.next_due(db)
            if due is None:
                break
            self._clock.leap_to(due)
            self._await(partial(self._is_past, due))
            self.settle()
        if not until():
            self._differs(f"did not happen: {what}")

    def settle(self) -> None:
        """Waits until nothing is on its way, and shows what went out."""
        if not self._await(self._is_quiet):
            self._differs("mail is still on its way")
        self.report_outgoing()

    def expect(self, what: str, found: object, wanted: object) -> None:
        """Notes a fault unless `found` is `wanted`."""
        if found != wanted:
            self._differs(f"{what}: {found}, not {wanted}")

    def ticket(self, ticket: Ticket | None) -> Ticket | None:
        """The ticket as it is now."""
        if ticket is None:
            return None
        with self._database.read() as db:
            return store.tickets.get(db, ticket.id)

    def report_news(self) -> None:
        """Shows mail that somebody else has sent meanwhile, and what went out."""
        with self._database.read() as db:
            news = [mail for mail in store.spool.listed(db, self._reported) if mail.verdict]
        for mail in news:
            self._show(mail, Mailbox("", mail.sender), mail.envelope.rcpt_to[0] if mail.envelope.rcpt_to else "")
        self.report_outgoing()

    def report_outgoing(self) -> None:
        """Shows what went out since the last time, and hands it to its actor."""
        with self._database.read() as db:
            sent = [mail for mail in store.outbox.listed(db, OutboxState.SENT) if mail.id not in self._shown]
            written = [(mail, parse.parse(store.outbox.raw(db, mail.id))) for mail in sent]
        self._shown.update(mail.id for mail in sent)
        for mail, message in sorted(written, key=lambda each: each[1].date or self._clock.now()):
            self._deliver(mail, message)

    def today(self) -> date:
        """The desk's day."""
        return self._clock.now().date()

    def sent(self) -> int:
        """How many mails went out."""
        return len(self._shown)

    def captured(self) -> int:
        """How many mails lie in the capture folder."""
        return sum(1 for _ in (Path(self._config.delivery.capture) / "new").iterdir())

    def _sent(
        self, actor: Actor, mail_from: str, to: str, letter: EmailMessage, subject: str, expect: str
    ) -> Ticket | None:
        with smtplib.SMTP("127.0.0.1", self._port, local_hostname="client.example", timeout=30) as client:
            client.ehlo()
            client.mail(mail_from)
            client.rcpt(to)
            code, said = client.data(letter.as_bytes())
        spool_id = SpoolId(int(said.split()[-1])) if code == 250 else SpoolId(0)
        self._await(lambda: self._is_settled(spool_id))
        with self._database.read() as db:
            mail = store.spool.get(db, spool_id)
        if mail is None:
            self._differs(f"the mail of {actor.who.name} was answered {code} {said.decode('ascii', 'replace')}")
            return None
        found = self._show(mail, actor.who, to, subject)
        self.expect(f"the mail of {actor.who.name}", found, expect)
        self.settle()
        return self._ticket_of(mail.ticket_id)

    def _show(self, mail: Spooled, sender: Mailbox, to: str, subject: str = "") -> str:
        self._reported = SpoolId(max(self._reported, mail.id))
        ticket = self._ticket_of(mail.ticket_id)
        state = ticket.state if ticket else ""
        detail = f" ({mail.reason})" if mail.state is SpoolState.HELD or mail.verdict == "recorded" else ""
        reference = f" {ticket.reference}, {state}" if ticket else ""
        outcome = f"{mail.verdict}{reference}{detail}"
        self.timeline.incoming(mail.received_at, sender, to, subject or mail.subject, outcome)
        return f"{mail.verdict} {state}".strip()

    def _deliver(self, mail: Outgoing, message: Message) -> None:
        for recipient in mail.recipients:
            actor = self._actors.get(normalise(recipient.address))
            to = actor.who if actor else Mailbox("", recipient.address)
            what = f"{mail.notice.kind}" + (f": {mail.notice.reason}" if mail.notice.reason else "")
            at = message.date or self._clock.now()
            self.timeline.outgoing(at, message.from_[0], to, message.subject, what.replace("_", " "))
            if actor:
                actor.inbox.append((mail.notice.kind, message))

    def _ticket_of(self, ticket_id: TicketId | None) -> Ticket | None:
        with self._database.read() as db:
            return store.tickets.get(db, ticket_id) if ticket_id is not None else None

    def _is_settled(self, spool_id: SpoolId) -> bool:
        with self._database.read() as db:
            mail = store.spool.get(db, spool_id)
        return mail is None or mail.state in {SpoolState.DONE, SpoolState.HELD}

    def _is_quiet(self) -> bool:
        with self._database.read() as db:
            return not store.spool.count(db, SpoolState.WAITING, SpoolState.TAKEN) and not store.outbox.count(
                db, OutboxState.WAITING, OutboxState.TAKEN, OutboxState.DEFERRED
            )

    def _is_past(self, due: datetime) -> bool:
        with self._database.read() as db:
            following = store.timers.next_due(db)
        return following is None or following > due

    @staticmethod
    def _await(is_so: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            if is_so():
                return True
            time.sleep(0.01)
        return False

    def _differs(self, what: str) -> None:
        self.faults.append(what)
        self.timeline.fault(what)


def _link(html: str, label: str) -> str:
    before, found, _ = html.partition(f">{label}<")
    return before.rpartition('href="')[2].partition('"')[0] if found else ""
