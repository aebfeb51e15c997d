"""What follows when the smarthost refuses a mail at once, or it is given up. Delivery calls it, and holds the mail."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from gateway import store
from gateway.desk import posting, undelivered
from gateway.desk.moves import Cause, Desk, note
from gateway.mail import delivery_status
from gateway.mail.delivery_report import FailedRecipient
from gateway.store.engine import Connection
from gateway.store.outbox import Outgoing
from gateway.tickets import notices
from gateway.tickets.notices import NoticeKind, Reason

_LONGEST_REASON = 500


def refused(
    desk: Desk, db: Connection, outgoing: Outgoing, replies: Mapping[str, str], why: str, now: datetime
) -> None:
    """The ticket says that the mail was not sent, and whoever wrote it is told; of automatic mail nobody is.

    `replies` are what was said of each address, with the reply code; what is permanent counts as in a delivery report.
    `why` is what else there is to say. Of mail to agents nothing is told but an alarm: that would be refused, too.
    """
    lines = (*(f"{address}: {reply}" for address, reply in replies.items()), *((why,) if why else ()))
    cause = Cause("the smarthost", "; ".join(lines)[:_LONGEST_REASON], now)
    notice = outgoing.notice
    if notice.ticket_id is not None and not notice.kind.is_for_agents:
        note(db, notice.ticket_id, "not sent", replace(cause, why=f"{notice.kind}: {cause.why}"))
    for address, reply in replies.items():
        if reply.startswith("5"):
            status = delivery_status.of(reply)
            failed = FailedRecipient(address, status, status.startswith("5"), reply)
            undelivered.hold_against(db, outgoing, address, failed, desk, cause)
    if notice.kind is NoticeKind.REPLY:
        _tell_author(db, outgoing, tuple(replies), "\n".join((outgoing.subject, *lines)).strip(), desk, cause)


def _tell_author(
    db: Connection, outgoing: Outgoing, addresses: tuple[str, ...], detail: str, desk: Desk, cause: Cause
) -> None:
    """Who wrote it, or all who hear of its ticket when he is an agent no more, have his words back."""
    notice, policy = outgoing.notice, desk.policy
    ticket = store.tickets.get(db, notice.ticket_id) if notice.ticket_id is not None else None
    if ticket is None:
        return
    author = policy.agent(notice.agent) if notice.agent else None
    occasion = f"outbox-{outgoing.id}-{','.join(sorted(addresses))}"
    told = (
        notices.for_mistaken_agent(Reason.NOT_SENT, agent, ticket, occasion, policy, detail=detail, text=notice.text)
        for agent in ((author,) if author else notices.told_agents(ticket, policy))
    )
    posting.send(db, desk, cause, *told)
