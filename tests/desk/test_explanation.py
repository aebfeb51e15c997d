"""What `explain` says beforehand is what triage then does: held against each other for many mails in many states."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bench import corpus
from gateway import store
from gateway.desk import explanation
from gateway.mail.envelope import Envelope
from gateway.mail.tokens import Purpose
from gateway.store import ledger
from gateway.store.outbox import Outgoing
from gateway.tickets import reading, survey
from gateway.tickets.model import OutboxId, State, Ticket
from gateway.tickets.notices import NoticeKind
from gateway.tickets.policy import Budgets
from gateway.tickets.suppression import Fault, Suppression
from tests.builders import ANNA, BEN, DAY, HOUR, KIM, RING, dsn, mail

LETTERS = sorted(Path(__file__).parents[1].glob("corpus/**/*.eml"))
OTHERS = {NoticeKind.ALARM, NoticeKind.AGENT_DIGEST}  # no mail's own doing
HABITS = ("writes", "continues", "answers", "works", "reports", "rates", "repeats", "sends_again", "time_passes")
WORDS = ("Still on fire.", "Yes", "no", "5", "1", "2. Bad.", "Thank you!", "Nie", "It is solved, but now the scanner.")
ORDERS = (
    *("Turn it off.", "#resolve\n", "#close\nDone.", "#close\n", "#resolve\nDone.", "#note\nHm.", "#open\n", ""),
    *(
        "#assign ben\n",
        "#assign anna\nOver to her.",
        "#assign nobody\n",
        "#frobnicate\nHello",
        "#postpone 2026-06-01\n",
    ),
)
RESULTS = ("dmarc=pass", "dmarc=fail", "spf=pass", "spf=fail")
ROBOT = "robot@else.test"
STATUS = ("5.1.1", "5.2.2", "4.4.7", "5.7.1", "5.6.0")


def last(office) -> int:
    """The number of the newest outgoing mail."""
    with office.database.read() as db:
        return int(db.exec_driver_sql("SELECT coalesce(max(id), 0) FROM outbox").scalar_one())


def outgoing(office, after: int) -> list[Outgoing]:
    with office.database.read() as db:
        found = (store.outbox.get(db, OutboxId(number)) for number in range(after + 1, last(office) + 1))
        return [each for each in found if each is not None]


def differences(office, raw: bytes, *rcpt_to: str, mail_from: str | None = "kim@customer.test"):
    """What is said of a mail beforehand and what becomes of it, where that differs; and what became of it."""
    envelope = Envelope(mail_from, rcpt_to or ("support@desk.test",))
    read = reading.read(raw, envelope, RING, office.policy)
    seen = last(office)
    with office.database.read() as db:
        db.exec_driver_sql("PRAGMA query_only = ON")
        told = explanation.explain(db, read, office.desk, office.clock)
        db.exec_driver_sql("PRAGMA query_only = OFF")
    spool_id = office.bring(raw, *envelope.rcpt_to, mail_from=mail_from)
    replace(office.triage, read_all=lambda _: [read]).run_once()
    done = office.mail(spool_id)
    ticket = office.ticket(done.ticket_id) if done.ticket_id is not None else None
    mailed = [each for each in outgoing(office, seen) if each.notice.kind not in OTHERS]
    before = (told.verdict, told.ticket, told.queue if ticket else "", told.trace, _mailed(told.actions))
    was_there = ticket is not None and done.verdict != "opened"
    after = (
        done.verdict,
        ticket.reference if ticket and was_there else "",
        ticket.queue if ticket else "",
        tuple(line for line in done.trace if not line.startswith("verdict: ")),
        Counter(_as_actions(mailed)),
    )
    return [(said, did) for said, did in zip(before, after, strict=True) if said != did], done


def _mailed(actions: Iterable[str]) -> Counter[str]:
    begins = ("acknowledge in ", "send to the customer", "write to the customer: ", "tell ")
    return Counter(each for each in actions if each.startswith(begins) and each != "tell nobody")


def _as_actions(mailed: list[Outgoing]) -> Iterable[str]:
    agents = dict.fromkeys(each.notice.agent for each in mailed if each.notice.kind.is_for_agents)
    for each in mailed:
        if each.notice.kind is NoticeKind.ACKNOWLEDGEMENT:
            yield f"acknowledge in {each.notice.language}"
        elif each.notice.kind is NoticeKind.REPLY:
            yield "send to the customer"
        elif not each.notice.kind.is_for_agents:
            yield f"write to the customer: {each.notice.kind}"
    if agents:
        yield f"tell {', '.join(agents)}"


class Life:
    """A desk's days, made up from a seed. Each habit is a mail, if there is one to be written."""

    def __init__(self, office, seed):
        self.office, self.random = office, random.Random(seed)
        self.letters = iter(corpus.correspondence(10_000, seed, is_plain=True))
        self.sent = [mail()]
        office.change_policy(authserv_id="mx.test", alarm_address="operator@ops.test")

    def step(self):
        """A mail with its envelope, or None where nothing fits."""
        office = self.office
        office.clock += timedelta(seconds=self.random.choice((5, 5, 40, 600, 9000)))
        return getattr(self, self.random.choice(HABITS))()

    def ticket(self) -> Ticket | None:
        with self.office.database.read() as db:
            tickets = store.tickets.listed(db, limit=12)
        return self.random.choice(tickets) if tickets else None

    def outgoing(self, *kinds: NoticeKind) -> Outgoing | None:
        newest = outgoing(self.office, max(0, last(self.office) - 30))
        found = [each for each in newest if each.notice.ticket_id and each.notice.kind in kinds]
        return self.random.choice(found) if found else None

    def headers(self) -> list[tuple[str, str]]:
        found = f"mx.test; {self.random.choice(RESULTS)} header.from=customer.test smtp.mailfrom=customer.test"
        marks = [[], [], [("Authentication-Results", found)], [("Auto-Submitted", "auto-replied")]]
        return self.random.choice(marks)

    def writes(self):
        author, raw = next(self.letters)
        return raw, ("billing@desk.test" if self.random.random() < 0.3 else "support@desk.test",), author

    def sends_again(self):
        return self.random.choice(self.sent), ("support@desk.test",), KIM.address

    def continues(self):
        if (ticket := self.ticket()) is None:
            return None
        who = (ticket.customer.address, ticket.customer.address, "lee@customer.test", ANNA.address, "eve@else.test")
        sender, headers, to = self.random.choice(who), self.headers(), "support@desk.test"
        subject = self.random.choice(("Re: it", f"Re: [{ticket.reference}] it", ticket.subject))
        if self.random.random() < 0.5:
            to = self.office.address(ticket, Purpose.FOLLOW_UP)
        elif ours := self.outgoing(NoticeKind.ACKNOWLEDGEMENT, NoticeKind.REPLY, NoticeKind.SURVEY):
            headers = [*headers, ("In-Reply-To", f"<{self.office.message_id(ours)}>")]
        raw = mail(self.said(), sender=sender, to=self.to(), subject=subject, date=self.date(), headers=headers)
        return raw, (to,), sender

    def said(self) -> str:
        return self.random.choice(WORDS)

    def to(self) -> str:
        return self.random.choice(("support@desk.test", "support@desk.test, lee@customer.test"))

    def date(self) -> str:
        return str(self.office.date())

    def answers(self):
        """A button of ours, pressed."""
        if (ticket := self.ticket()) is None:
            return None
        purpose = self.random.choice((Purpose.CONFIRM, Purpose.REFUSE))
        to = self.office.address(ticket, purpose)
        return mail(self.said(), sender=ticket.customer.address, date=self.date()), (to,), ticket.customer.address

    def rates(self):
        """Any rating of a survey, by whomever."""
        if (ticket := self.ticket()) is None:
            return None
        to = self.office.address(ticket, Purpose.RATING, survey.serial_of(self.random.randint(1, 5)))
        sender = self.random.choice((ticket.customer.address, ticket.customer.address, "eve@else.test"))
        return mail(self.random.choice(("", "Well done.")), sender=sender, date=self.date()), (to,), sender

    def works(self):
        if (ticket := self.ticket()) is None:
            return None
        agent = self.random.choice((ANNA, BEN))
        sender = self.random.choice((agent.address, agent.address, agent.address, "eve@else.test"))
        found = self.random.choice(("dmarc=pass", "dmarc=pass", "dmarc=fail"))
        headers = [("Authentication-Results", f"mx.test; {found} header.from={sender.partition('@')[2]}")]
        to = self.random.choice(("support@desk.test", f"support@desk.test, {ticket.customer.address}"))
        words = self.random.choice(ORDERS)
        raw = mail(words, sender=sender, to=to, subject="Re: it", date=self.date(), headers=headers)
        return raw, (self.office.reply_address(ticket, agent.name),), sender

    def reports(self):
        kinds = [kind for kind in NoticeKind if kind not in OTHERS]
        if (lost := self.outgoing(*kinds)) is None:
            return None
        action = self.random.choice(("failed", "failed", "delayed"))
        raw = dsn(action, self.random.choice(STATUS), lost.notice.to[0].address)
        raw = raw.replace(b"Sorry.", f"Sorry, {self.office.clock}.".encode())
        to = self.office.bounce_address(lost) if self.random.random() < 0.8 else "support@desk.test"
        return raw, (to,), ""

    def repeats(self):
        """A machine that hides answers at once, in the same words."""
        self.office.clock += timedelta(seconds=3)
        to = "support@desk.test"
        if (ticket := self.ticket()) and self.random.random() < 0.5:
            to = self.office.address(ticket, Purpose.FOLLOW_UP)
        return (
            mail("Received.", sender="robot@else.test", subject="Received", date=self.date()),
            (to,),
            "robot@else.test",
        )

    def time_passes(self):
        """Some days with all that the clock does; some address turns out to be dead, some budget is changed."""
        office, dice = self.office, self.random
        office.pass_days(dice.choice((0.1, 1, 3, 8)))
        if ticket := self.ticket():
            until = office.clock + dice.choice((HOUR, 30 * DAY))
            address = ticket.customer.address
            with office.database.write() as db:
                held = Suppression(address, Fault.GONE, 100, office.clock, "5.1.1", "no such user", until)
                store.suppressions.keep(db, held)
        few = dice.choice((1, 2, 50))
        office.change_policy(
            budgets=Budgets(
                address_per_hour=few, agent_per_hour=4 * few, strangers_per_hour=few, domain_per_hour=9 * few
            )
        )


@pytest.fixture(scope="module")
def met():
    """All that has been seen in all lives: verdicts, and what traces tell."""
    return set()


@pytest.mark.parametrize("seed", range(6))
def test_what_is_told_beforehand_is_what_happens(office, seed, met):
    life = Life(office, seed)
    for number in range(120):
        said = life.step()
        if said is None:
            continue
        raw, rcpt_to, mail_from = said
        found, done = differences(office, raw, *rcpt_to, mail_from=mail_from)
        assert found == [], f"mail {number} of seed {seed}: {raw.decode(errors='replace')[:800]}"
        life.sent.append(raw)
        met |= {done.verdict, *(line.partition(":")[0] for line in done.trace)}
        met |= {word for word in ("suppressed (", "budget of", "a machine at") if word in str(done.trace)}
    with office.database.read() as db:
        assert ledger.verify(db) == ()


def test_these_lives_have_seen_it_all(met):
    verdicts = {"opened", "joined", "held", "relayed", "noted", "obeyed", "rated", "recorded", "duplicate"}
    verdicts |= {"undelivered", "delayed"}
    told = {"not sent", "suppression lifted", "loop", "suppressed (", "budget of", "a machine at"}
    assert (verdicts | told) - met == set()


def test_so_it_is_for_every_letter_of_the_corpus(office):
    found = {}
    for path in LETTERS:
        office.clock += HOUR
        wrong, _ = differences(office, path.read_bytes(), mail_from=None)
        if wrong:
            found[path.name] = wrong
    assert len(LETTERS) > 500
    assert found == {}


def test_a_suppression_that_the_mail_itself_lifts_withholds_nothing(office):
    ticket = office.answered()
    office.agent_writes(ticket, "#resolve\n")
    with office.database.write() as db:
        until = office.clock + 60 * DAY
        held = Suppression(KIM.address, Fault.GONE, 100, office.clock, "5.1.1", "no such user", until)
        store.suppressions.keep(db, held)
    to = office.address(ticket, Purpose.RATING, survey.serial_of(5))
    found, done = differences(office, mail("", date=office.date()), to)
    assert (found, done.verdict) == ([], "rated")
    assert office.last(NoticeKind.THANKS).notice.to == (KIM,)
    assert [line.partition(":")[0] for line in done.trace][-1] == "suppression lifted"


def test_a_late_reply_is_told_to_open_a_ticket_in_the_old_ones_queue(office):
    ticket = office.opened(None, "billing@desk.test")
    office.pass_days(90)
    with office.database.write() as db:
        store.tickets.change(db, ticket, State.CLOSED, office.clock - 30 * DAY, None)
    found, done = differences(office, mail("Again.", subject=f"Re: [{ticket.reference}]", date=office.date()))
    assert (found, done.verdict, office.ticket(done.ticket_id).queue) == ([], "opened", "billing")


def test_the_same_mail_again_is_told_to_be_with_its_ticket(office):
    raw = mail(message_id="first@customer.test")
    office.opened(raw)
    assert differences(office, raw)[0] == []
