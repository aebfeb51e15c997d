"""The table of moments at which the daemon is struck down: between every two steps of a mail's way and a timer's."""

from dataclasses import dataclass

from tests.faults.killer import Step

_ROOMS = {
    "acceptor": "gateway.inbound.accept:Acceptor",
    "database": "gateway.store.engine:Database",
    "delivery": "gateway.outbound.delivery:Delivery",
    "door": "gateway.inbound.smtp.replies:Replies",
    "folder": "gateway.inbound.imap.connection:Connection",
    "line": "gateway.outbound.line:Line",
    "outbox": "gateway.store.outbox",
    "reader": "gateway.desk.reader",
    "reading": "gateway.inbound.imap.reading:Reading",
    "session": "gateway.inbound.smtp.session:Session",
    "smarthost": "gateway.outbound.smarthost:Smarthost",
    "spool": "gateway.store.spool",
    "tickets": "gateway.store.tickets",
    "timers": "gateway.store.timers",
    "transaction": "gateway.outbound.transaction:Transaction",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """When, in words; the thread and the steps it takes; what brings it about; who dies of it.

    `may_resend`: the smarthost has said 250 and we have not written it down.
    """

    name: str
    thread: str
    steps: tuple[Step, ...]
    by: str = "mail"  # or: timers, start, stop, reload
    whom: str = "us"
    may_resend: bool = False


def _steps(text: str) -> tuple[Step, ...]:
    return tuple(_step(each) for each in text.split(","))


def _step(text: str) -> Step:
    function, event, *times = text.split()
    if ":" not in function:
        room, name = function.split(".")
        function = f"{_ROOMS[room]}{'.' if ':' in _ROOMS[room] else ':'}{name}"
    return Step(function, event, int(times[0]) if times else 1)


def _at(name: str, thread: str, steps: str, **more) -> Moment:
    return Moment(name, thread, _steps(steps), **more)


_COMMITTING = "database.write call"
_COMMITTED = "database.write return"
_DECIDE = "gateway.tickets.decision:decide"
_WRITE = "gateway.outbound.letter:write"
_CONTENT = "gateway.outbound.transaction:_content"
_NEXT = "smarthost.send return,line.send return"

MOMENTS = (
    # SMTP: from the last octet to our 250
    _at("smtp: all octets are here, nothing is handed in", "MainThread", "door.handle_DATA call"),
    _at("smtp: handed in", "MainThread", "acceptor.submit return"),
    _at("accept: before the mail is added", "accept", "spool.add call"),
    _at("accept: added, not committed", "accept", "spool.add return"),
    _at("accept: added, about to commit", "accept", f"spool.add return,{_COMMITTING}"),
    _at("accept: committed, nobody told", "accept", f"spool.add return,{_COMMITTED}"),
    _at("smtp: committed, 250 not said", "MainThread", "door.handle_DATA call 2"),
    _at("smtp: 250 said, triage at work", "MainThread", "door.handle_DATA call 2,session.push return"),
    # IMAP: from the server's word to the flag
    _at("imap: before the first look", "mailbox", "folder.select call"),
    _at("imap: before the bodies are fetched", "mailbox", "folder.bodies call"),
    _at("imap: fetched, not handed in", "mailbox", "folder.bodies return"),
    _at("imap: handed in, not known to be stored", "mailbox", "acceptor.submit return"),
    _at("imap: stored, the cursor not yet", "mailbox", "reading._store return"),
    _at("imap: cursor written, not committed", "mailbox", "gateway.store.mailboxes:set_cursor return"),
    _at("imap: cursor committed, no flag", "mailbox", f"gateway.store.mailboxes:set_cursor return,{_COMMITTED}"),
    _at("imap: about to flag", "mailbox", "folder.flag call"),
    _at("imap: flagged", "mailbox", "folder.flag return"),
    _at("imap: the second flagging", "mailbox", "folder.flag return,folder.flag return"),
    _at("imap: waiting for news", "mailbox", "folder.flag return,folder.wait call"),
    # Triage: from the spool to the verdict
    _at("triage: taken, not committed", "triage", "spool.take return"),
    _at("triage: taken", "triage", f"spool.take return,{_COMMITTED}"),
    _at("triage: bytes loaded", "triage", "spool.original return"),
    _at("triage: bytes handed to the reading process", "triage", "spool.original return,reader.send return"),
    _at("triage: the reading is here", "triage", "reader.receive return"),
    _at("triage: decided, nothing done", "triage", f"{_DECIDE} return"),
    _at("triage: ticket opened, no article", "triage", "tickets.open_ticket return"),
    _at("triage: article added, no acknowledgement", "triage", "tickets.add_article return"),
    _at("triage: verdict written, nothing in the outbox", "triage", "spool.settle return,outbox.add_all call"),
    _at("triage: acknowledgement and notices in the outbox", "triage", "outbox.add_all return"),
    _at("triage: verdict written, not committed", "triage", "spool.settle return"),
    _at("triage: between two mails of one transaction", "triage", f"spool.settle return,{_DECIDE} return"),
    _at("triage: about to commit", "triage", f"spool.settle return,{_COMMITTING}"),
    _at("triage: committed, delivery not woken", "triage", f"spool.settle return,{_COMMITTED}"),
    # Delivery: from the outbox to the smarthost's 250 and our commit
    _at("deliver: taken, not committed", "delivery", "outbox.take return"),
    _at("deliver: taken", "delivery", f"outbox.take return,{_COMMITTED}"),
    _at("deliver: written, not frozen", "delivery", f"{_WRITE} return"),
    _at("deliver: before the freezing", "delivery", "outbox.freeze call"),
    _at("deliver: frozen, not committed", "delivery", "outbox.freeze return"),
    _at("deliver: frozen", "delivery", f"outbox.freeze return,{_COMMITTED}"),
    _at("deliver: about to speak to the smarthost", "delivery", "smarthost.send call"),
    _at("deliver: MAIL answered", "delivery", "line.ask return"),
    _at("deliver: RCPT answered", "delivery", "line.ask return 2"),
    _at("deliver: DATA answered", "delivery", "line.ask return 3"),
    _at("deliver: the content handed over", "delivery", f"{_CONTENT} return,line.send return", may_resend=True),
    _at("deliver: the smarthost's 250 heard", "delivery", "transaction._data return", may_resend=True),
    _at("deliver: sent, nothing written", "delivery", "smarthost.send return", may_resend=True),
    _at("deliver: recipient marked", "delivery", "outbox.mark return", may_resend=True),
    _at("deliver: finished, not committed", "delivery", "outbox.finish return", may_resend=True),
    _at("deliver: about to commit", "delivery", f"outbox.finish return,{_COMMITTING}", may_resend=True),
    _at("deliver: committed", "delivery", f"outbox.finish return,{_COMMITTED}"),
    # The answer to one mail is committed while the smarthost reads the envelope of the next
    _at("deliver: the next envelope said, no answer written", "delivery", _NEXT, may_resend=True),
    _at("deliver: the same, recipient marked", "delivery", f"{_NEXT},outbox.mark return", may_resend=True),
    _at(
        "deliver: the same, about to commit", "delivery", f"{_NEXT},outbox.finish return,{_COMMITTING}", may_resend=True
    ),
    _at("deliver: the same, committed", "delivery", f"{_NEXT},outbox.finish return,{_COMMITTED}"),
    _at("deliver: the next envelope answered", "delivery", f"{_NEXT},line.ask return 3"),
    _at("deliver: the next content about to go", "delivery", f"{_NEXT},{_CONTENT} return"),
    _at("deliver: the third mail on its way", "delivery", "smarthost.send call 3", may_resend=True),
    _at("deliver: the third content about to go", "delivery", f"{_CONTENT} return 3"),
    # Timers
    _at("timers: read", "upkeep", "timers.due return", by="timers"),
    _at("timers: claimed, nothing done", "upkeep", "timers.finish return", by="timers"),
    _at("timers: noted, the next not set", "upkeep", "timers.finish return,tickets.add_event return", by="timers"),
    _at("timers: the next set, no notice", "upkeep", "timers.start return", by="timers"),
    _at("timers: notice in the outbox, not committed", "upkeep", "outbox.add_all return", by="timers"),
    _at("timers: committed, delivery not woken", "upkeep", f"outbox.add_all return,{_COMMITTED}", by="timers"),
    _at("timers: one done, the next claimed", "upkeep", "timers.finish return 2", by="timers"),
    # Its own beginning and end
    _at(
        "start: the spool's mail taken back, not committed",
        "MainThread",
        "spool.reclaim return",
        by="start",
    ),
    _at("start: the outbox's too, not committed", "MainThread", "outbox.reclaim return", by="start"),
    _at("start: before the door is open", "MainThread", "gateway.inbound.smtp.listener:start call", by="start"),
    _at("stop: the door is closing", "MainThread", "gateway.inbound.smtp.listener:Listener.stop call", by="stop"),
    _at("stop: delivery takes its leave", "MainThread", "delivery.close call", by="stop"),
    _at("reload: the door is closing", "MainThread", "gateway.inbound.smtp.listener:Listener.stop call", by="reload"),
    # Only the reading process dies; the daemon goes on
    _at("reader: before it gets a mail", "triage", "reader.send call", whom="children"),
    _at("reader: with a mail in its hands", "triage", "reader.send return", whom="children"),
    _at("reader: after it has answered", "triage", "reader.receive return", whom="children"),
)
