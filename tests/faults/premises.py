"""A gateway in its place: real Postfix before and behind it, a real Dovecot beside it, and what the world has sent it.

It knows every mail that was promised delivery, and compares that with the ledger and with the far end.
"""

import itertools
import signal
from collections import Counter
from collections.abc import Callable, Mapping

from gateway import config, store
from gateway.daemon.clock import wall
from gateway.desk.moves import Cause, move
from gateway.store import ledger
from gateway.store.outbox import OutboxState
from gateway.tickets.lifecycle import Happening
from gateway.tickets.model import State
from gateway.tickets.notices import NoticeKind
from tests.faults.moments import Moment
from tests.journeys.gateway import PATIENCE, Gateway, eventually, smarthost
from tests.journeys.letters import Inbox, letter, read, submit
from tests.servers import process
from tests.servers.postfix import PostfixServer
from tests.servers.sink import Sink


class MortalGateway(Gateway):
    """A gateway that can be started so that it is struck down at a moment."""

    moment: Moment | None = None

    def _command(self, *arguments: str) -> list[str]:
        command = super()._command(*arguments)
        return (
            [command[0], "-m", "tests.faults.killer", *command[3:]]
            if self.moment and arguments == ("run",)
            else command
        )

    def begin(self, moment: Moment, **environ: str) -> None:
        """Started, and doomed."""
        self.moment = moment
        steps = ",".join(str(step) for step in moment.steps)
        self._spawn({"STRIKE": steps, "STRIKE_THREAD": moment.thread, "STRIKE_WHOM": moment.whom, **environ})
        self.moment = None

    def spawn(self) -> None:
        """Started; whether it comes up is to be seen."""
        self._spawn({})

    def log_of_this_life(self) -> str:
        """What it has logged since it was started last."""
        return process.read(self.folder / "output")

    def look_away(self) -> None:
        """We use its database no more, until we look again."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def ended_by_itself(self, seconds: float = PATIENCE) -> int:
        """Its exit code."""
        eventually(lambda: self.is_gone, f"it ends\n{self.log()[-2000:]}", seconds)
        return self._ended()

    @property
    def is_gone(self) -> bool:
        return self.running.poll() is not None

    def is_struck(self) -> bool:
        """Whether the blow has fallen, on it or on its children."""
        return "STRUCK at the named moment" in process.read(self.folder / "output")

    def is_ready_or_struck(self) -> bool:
        """Whether it came up, or the blow fell before it could say so."""
        try:
            self.wait_for_word("READY=1")
        except AssertionError:
            return self.is_struck()
        return True

    def bury(self) -> None:
        """Nothing runs any more; it had to be SIGKILL that ended it, from its own hand."""
        eventually(lambda: self.is_gone, f"it dies\n{self.log()[-2000:]}")
        assert self.running.returncode == -signal.SIGKILL, f"it ended with {self.running.returncode}:\n{self.log()}"
        self._ended()


class Site:
    """One gateway with its neighbours; customers write to it through Postfix and into a mailbox at Dovecot."""

    def __init__(self, make: Callable[..., MortalGateway], postfix: PostfixServer, inbox: Inbox, sink: Sink) -> None:
        self.postfix, self.inbox, self.sink = postfix, inbox, sink
        port = int(postfix.gateway.rpartition(":")[2])
        mailbox = inbox.section(poll_seconds=1)
        self.gateway = make(port=port, smarthost=smarthost(postfix.port), mailbox=[mailbox])
        self.promised: dict[str, bytes] = {}
        self.in_flight: set[str] = set()
        self.kills = Counter[str]()
        self._numbers = itertools.count(1)

    def write(self, by_smtp: int, by_imap: int) -> None:
        """So many new customers have written a mail each; their servers have said 250."""
        for number in range(max(by_smtp, by_imap)):
            if number < by_smtp:
                address, mail = self._mail()
                assert submit(self.postfix.port, mail).startswith("250")
                self.promised[address] = mail
            if number < by_imap:
                address, mail = self._mail()
                self.inbox.deliver(mail)
                self.promised[address] = mail

    def _mail(self) -> tuple[str, bytes]:
        number = next(self._numbers)
        address = f"customer{number}@house{number}.test"
        return address, letter(f"My order {number} is late.", sender=address, subject=f"Order {number}")

    def make_timers_due(self, number: int) -> None:
        """So many tickets that wait for their customers are due for a reminder. The gateway is not running."""
        gateway = self.gateway
        policy = config.load(gateway.config, {}).policy
        now = wall()
        waiting = [ticket for ticket in gateway.tickets if ticket.state is State.NEW][:number]
        assert len(waiting) == number
        with gateway.database.write() as db:
            for ticket in waiting:
                move(db, ticket, Happening.AGENT_REPLIED, Cause("anna", "the test", now), policy)
        gateway.let_timers_be_due()

    def note_kill(self, name: str) -> None:
        """What was on its way to the smarthost when it died may go out again, as the same mail; nothing else may."""
        self.kills[name] += 1
        with self.gateway.database.read() as db:
            taken = store.outbox.listed(db, OutboxState.TAKEN)
            assert not (broken := ledger.verify(db)), broken
        self.in_flight |= {mail.message_id for mail in taken if mail.message_id}

    def settled(self, seconds: float = 60) -> None:
        """All that was promised has its ticket, all that goes out has arrived."""
        self.postfix.flush()
        eventually(self._has_everybody, f"tickets for all {len(self.promised)} mails", seconds)
        self.gateway.settled(seconds=seconds)
        eventually(self._has_arrived, "everything at the far end", seconds)

    def _has_everybody(self) -> bool:
        return len(self.gateway.tickets) >= len(self.promised)

    def _has_arrived(self) -> bool:
        sent = {mail.message_id for mail in self.gateway.outgoing()}
        return sent <= set(self.copies()) and not self.postfix.queue()

    def copies(self) -> Mapping[str, int]:
        """How often each Message-ID has reached the far end."""
        return Counter(str(read(mail.raw)["Message-ID"]).strip("<>") for mail in self.sink.mails)

    def judge(self, patience: float = PATIENCE) -> Mapping[str, int]:
        """The figures, once every promise was found kept; the last flags may take `patience` seconds to come."""
        owners = Counter(ticket.customer.address for ticket in self.gateway.tickets)
        lost = set(self.promised) - set(owners)
        assert not lost, f"lost: {sorted(lost)}"
        assert set(owners.values()) == {1}, f"one ticket each: {owners.most_common(3)}"
        verdicts = Counter(self.gateway.verdicts)
        assert verdicts["opened"] == len(self.promised), verdicts
        assert set(verdicts) <= {"opened", "duplicate"}, verdicts
        self._judge_mailbox(patience)
        resent = self._judge_far_end()
        with self.gateway.database.read() as db:
            assert not (broken := ledger.verify(db)), broken
        return {"mails": len(self.promised), "brought again": verdicts["duplicate"], "resent": resent}

    def _judge_mailbox(self, patience: float) -> None:
        keys = Counter(mail.source for mail in self.gateway.spool)
        with self.inbox.client() as client:
            uids, flagged = client.search(), client.search(["KEYWORD", "$Ticketed"])
        assert keys[f"imap:{self.inbox.user}"] == len(uids), "one row for each mail in the mailbox"
        eventually(lambda: self._flagged() == len(uids), f"{len(flagged)} of {len(uids)} flagged", patience)

    def _flagged(self) -> int:
        with self.inbox.client() as client:
            return len(client.search(["KEYWORD", "$Ticketed"]))

    def _judge_far_end(self) -> int:
        outgoing = {mail.message_id: mail for mail in self.gateway.outgoing()}
        acknowledged = Counter(
            mail.recipients[0].address
            for mail in outgoing.values()
            if mail.notice.kind is NoticeKind.ACKNOWLEDGEMENT and mail.state is OutboxState.SENT
        )
        assert acknowledged == dict.fromkeys(self.promised, 1), "one acknowledgement each"
        bodies: dict[str, set[bytes]] = {}
        for mail in self.sink.mails:
            own = str(read(mail.raw)["Message-ID"]).strip("<>")
            assert own in outgoing, "nothing arrived that the outbox does not know"
            assert mail.raw.endswith(outgoing[own].raw), "the bytes that were frozen"
            bodies.setdefault(own, set()).add(outgoing[own].raw)
        again = {own: times for own, times in self.copies().items() if times > 1}
        assert set(again) <= self.in_flight, "sent twice only what was in flight at a kill"
        return sum(times - 1 for times in again.values())
