"""What follows when the smarthost refuses a mail at once, or it is given up. Delivery calls it, and holds the mail."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway import store
from gateway.desk import posting, undelivered
from gateway.desk.moves import Cause, Desk, Tray, note
from gateway.mail.delivery import status as delivery_status
from gateway.mail.delivery_report import FailedRecipient
from gateway.store.engine import Connection
from gateway.store.outbox import Refusal
from gateway.tickets import notices
from gateway.tickets.model import Ticket, TicketId
from gateway.tickets.notices import NoticeKind, Reason

_LONGEST_REASON = 500


def refused(desk: Desk, db: Connection, refusals: Sequence[Refusal], now: datetime) -> None:
    """The tickets say that the mails were not sent; whoever wrote a reply is told, and what was settled is open again.

    What is permanent counts against its address, and reopens, as in a delivery report. Other automatic mail only its
    ticket tells of. Of mail to agents nothing is told but an alarm: that would be refused, too.
    """
    tickets, tray = _tickets(db, refusals), Tray()
    for refusal in refusals:
        number = refusal.outgoing.notice.ticket_id
        tickets[number] = _follow(db, refusal, tickets.get(number), desk, _cause(refusal, now, tray))
    posting.post(db, tray, desk, now)


def _tickets(db: Connection, refusals: Sequence[Refusal]) -> dict[TicketId | None, Ticket | None]:
    """What the mails are about. Ours from now on, and before anything else is, in the order of `store.locks`."""
    named = (each.outgoing.notice.ticket_id for each in refusals)
    return {number: store.tickets.get(db, number) for number in sorted({each for each in named if each is not None})}


def _cause(refusal: Refusal, now: datetime, tray: Tray) -> Cause:
    return Cause("the smarthost", "; ".join(_lines(refusal))[:_LONGEST_REASON], now, tray=tray)


def _lines(refusal: Refusal) -> tuple[str, ...]:
    said = (f"{address}: {reply}" for address, reply in refusal.replies.items())
    return (*said, *((refusal.why,) if refusal.why else ()))


def _follow(db: Connection, refusal: Refusal, ticket: Ticket | None, desk: Desk, cause: Cause) -> Ticket | None:
    """The ticket as it is then."""
    outgoing, notice = refusal.outgoing, refusal.outgoing.notice
    if ticket is not None and not notice.kind.is_for_agents:
        note(db, ticket.id, "not sent", replace(cause, why=f"{notice.kind}: {cause.why}"))
    for address, reply in refusal.replies.items():
        if reply.startswith("5"):
            status = delivery_status.of(reply)
            failed = FailedRecipient(address, status, status.startswith("5"), reply)
            undelivered.hold_against(db, outgoing, address, failed, desk, cause)
    if ticket is None:
        return None
    after = undelivered.reopened(db, ticket, outgoing, refusal.unserved, desk, cause)
    occasion = f"outbox-{outgoing.id}-{','.join(sorted(refusal.replies))}-{cause.at.isoformat()}"
    if notice.kind is NoticeKind.REPLY:
        _tell_author(db, refusal, after, occasion, desk, cause)
    elif after.state is not ticket.state:
        told = notices.for_agents(Reason.UNDELIVERED, after, occasion, desk.policy, detail=cause.why)
        posting.send(db, desk, cause, *told)
    return after


def _tell_author(db: Connection, refusal: Refusal, ticket: Ticket, occasion: str, desk: Desk, cause: Cause) -> None:
    """Who wrote it, or all who hear of its ticket when he is an agent no more, have his words back."""
    notice, policy = refusal.outgoing.notice, desk.policy
    author = policy.agent(notice.agent) if notice.agent else None
    detail = "\n".join((refusal.outgoing.subject, *_lines(refusal))).strip()
    told = (
        notices.for_mistaken_agent(Reason.NOT_SENT, agent, ticket, occasion, policy, detail=detail, text=notice.text)
        for agent in ((author,) if author else notices.told_agents(ticket, policy))
    )
    posting.send(db, desk, cause, *told)
