"""What follows from a delivery report on a mail that we really sent (`tickets.decision` sees to that). Reads none."""

from collections.abc import Collection
from dataclasses import replace

from gateway import store
from gateway.desk import filing, posting
from gateway.desk.alarms import raise_alarm
from gateway.desk.filing import Mail, Outcome
from gateway.desk.moves import Cause, Desk, move, note
from gateway.mail.address import normalise
from gateway.mail.delivery_report import FailedRecipient
from gateway.store.engine import Connection
from gateway.store.outbox import Outgoing, RecipientState
from gateway.store.spool import SpoolState
from gateway.tickets import notices, suppression
from gateway.tickets.alarm import AlarmKind
from gateway.tickets.disposition import ReportUndelivered
from gateway.tickets.lifecycle import Happening, is_settled
from gateway.tickets.model import ArticleKind, Ticket
from gateway.tickets.notices import NoticeKind, Reason
from gateway.tickets.suppression import Fault

_OUTCOMES = frozenset({NoticeKind.REPLY, NoticeKind.RESOLVED, NoticeKind.CLOSED})  # who lacks them waits on


def report(db: Connection, report: ReportUndelivered, mail: Mail, desk: Desk, cause: Cause) -> Outcome:
    """The report kept with its ticket; where mail is lost for good, whoever must know of it is told."""
    ticket, what = report.ticket, report.verdict
    filing.add_article(db, ticket, ArticleKind.DELIVERY_REPORT, mail, cause)
    note(db, ticket.id, what, replace(cause, why=report.said))
    sent = store.outbox.get(db, report.outbox_id)
    if report.failed and sent:
        lost = _lost(sent, report.failed)
        told_before = {each.address for each in sent.recipients if each.state is RecipientState.UNDELIVERED}
        for address, failed in lost.items():
            store.outbox.mark(db, sent.id, address, RecipientState.UNDELIVERED, failed.diagnostic, cause.at)
            if address not in told_before:
                hold_against(db, sent, address, failed, desk, cause)
        if not sent.notice.kind.is_for_agents:
            ticket = reopened(db, ticket, sent, lost, desk, cause)
            told = notices.for_agents(Reason.UNDELIVERED, ticket, cause.occasion, desk.policy, detail=report.said)
            posting.send(db, desk, cause, *told)
    return Outcome(SpoolState.DONE, what, report.said, ticket.id)


def _lost(sent: Outgoing, failed: tuple[FailedRecipient, ...]) -> dict[str, FailedRecipient]:
    """The recipients as we wrote to them; a mail that was forwarded is reported under an address we do not know."""
    known = {normalise(each.address): each.address for each in sent.recipients}
    only = sent.recipients[0].address if len(sent.recipients) == 1 else None
    found = ((known.get(normalise(each.address), only), each) for each in failed)
    return {address: each for address, each in found if address is not None}


def hold_against(
    db: Connection, sent: Outgoing, address: str, failed: FailedRecipient, desk: Desk, cause: Cause
) -> None:
    """Counts the failure against the address, unless it is ourselves or an agent who has a fault to be mended."""
    policy, now = desk.policy, cause.at
    mails = (cause.spool_id,) if cause.spool_id is not None else ()
    is_told = failed.status in failed.diagnostic
    said = failed.diagnostic if is_told else f"{failed.status} {failed.diagnostic}".strip()
    if sent.notice.kind.is_for_agents:
        detail = f"Mail to {address} comes back ({said}). Mend the address of agent {sent.notice.agent or '-'}."
        key = normalise(address)
        facts = {"what": "agent", "agent": sent.notice.agent, "address": address, "said": said}
        raise_alarm(db, AlarmKind.AGENT_UNREACHABLE, key, detail, policy, now, spool_ids=mails, facts=facts)
    elif suppression.fault_of(failed.status) is Fault.POLICY:
        domain = address.rpartition("@")[2].casefold()
        detail = f"{domain} refuses our mail ({said}). See SPF, DKIM, DMARC and the reputation of the smarthost."
        facts = {"what": "refused", "domain": domain, "said": said}
        raise_alarm(db, AlarmKind.DELIVERY, domain, detail, policy, now, spool_ids=mails, facts=facts)
    else:
        known = store.suppressions.among(db, (address,)).get(normalise(address))
        held = suppression.after(known, failed, normalise(address), now)
        if held is not None:
            store.suppressions.keep(db, held)
            if held.is_active(now) and sent.notice.ticket_id is not None:
                note(db, sent.notice.ticket_id, "suppressed", replace(cause, why=held.why))


def reopened(db: Connection, ticket: Ticket, sent: Outgoing, lost: Collection[str], desk: Desk, cause: Cause) -> Ticket:
    """Open again where it was settled with words that the customer, one of those who `lost` the mail, never got."""
    to = sent.notice.to[0].address if sent.notice.to else ""
    if sent.notice.kind not in _OUTCOMES or to not in lost or not is_settled(ticket.state):
        return ticket
    return move(db, ticket, Happening.UNDELIVERED, replace(cause, why=f"{sent.notice.kind} lost"), desk.policy)
