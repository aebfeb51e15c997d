"""Carries out what an agent's mail says: relays his words, keeps his notes, obeys his commands."""

from dataclasses import replace

from gateway import store
from gateway.desk import filing, posting
from gateway.desk.filing import Mail, Outcome
from gateway.desk.moves import Cause, Desk, move, note
from gateway.mail.address import Mailbox, is_valid, normalise
from gateway.store.engine import Connection
from gateway.store.spool import SpoolState
from gateway.tickets import deadlines, notices
from gateway.tickets.commands import Verb
from gateway.tickets.disposition import ObeyAgent
from gateway.tickets.lifecycle import Happening
from gateway.tickets.model import Agent, ArticleKind, State, Ticket
from gateway.tickets.notices import Notice, NoticeKind, Reason

_MOVES = {
    Verb.RESOLVE: Happening.AGENT_RESOLVED,
    Verb.CLOSE: Happening.AGENT_CLOSED,
    Verb.OPEN: Happening.AGENT_OPENED,
    Verb.POSTPONE: Happening.AGENT_POSTPONED,
}


def obey_agent(db: Connection, obey: ObeyAgent, mail: Mail, desk: Desk, cause: Cause) -> Outcome:
    """What became of the agent's mail."""
    ticket, agent, orders = obey.ticket, obey.agent, obey.orders
    cause = replace(cause, by=f"agent {agent.name}")
    assignee = orders.assignee or _assignee(ticket, agent, desk, is_note=orders.is_note)
    if assignee != ticket.assignee:
        store.tickets.assign(db, ticket.id, assignee)
        note(db, ticket.id, "assigned", replace(cause, why=f"to {assignee}"))
        ticket = replace(ticket, assignee=assignee)
        if orders.assignee and orders.assignee != agent.name:
            filing.tell_agents(db, Reason.ASSIGNED, ticket, mail, desk, cause)
    if orders.is_note:
        filing.add_article(db, ticket, ArticleKind.NOTE, mail, cause, text=orders.text)
        note(db, ticket.id, "noted", cause)
    elif orders.text or mail.reading.message.attachments:
        ticket = _relay(db, ticket, obey, mail, desk, cause)
    if orders.move is not None:
        ticket = move(db, ticket, _MOVES[orders.move], cause, desk.policy, orders.until)
        _announce(db, ticket, obey, desk, cause)
    verdict = "noted" if orders.is_note else "relayed" if orders.text else "obeyed"
    return Outcome(SpoolState.DONE, verdict, f"agent {agent.name} on {ticket.reference}, now {ticket.state}", ticket.id)


def _assignee(ticket: Ticket, agent: Agent, desk: Desk, *, is_note: bool) -> str:
    """Who has the ticket: the first who replies takes it, also from somebody who is no agent any more."""
    return ticket.assignee if is_note or desk.policy.agent(ticket.assignee) else agent.name


def _relay(db: Connection, ticket: Ticket, obey: ObeyAgent, mail: Mail, desk: Desk, cause: Cause) -> Ticket:
    """Sends the agent's words to the customer and everybody else of the ticket whom he has not written to himself."""
    author = Mailbox(obey.agent.full_name, desk.policy.queue(ticket.queue).address)
    filing.add_article(db, ticket, ArticleKind.AGENT, mail, cause, text=obey.orders.text, author=author)
    message = mail.reading.message
    served = {normalise(each.address) for each in (*message.to, *message.cc)}
    everybody = (ticket.customer, *store.tickets.participants_of(db, ticket.id))
    open_for = tuple(each for each in everybody if is_valid(each.address) and normalise(each.address) not in served)
    settles = obey.orders.move is Verb.RESOLVE
    reply = Notice(
        key=f"{NoticeKind.REPLY}:{ticket.id}:{cause.occasion}",
        kind=NoticeKind.REPLY,
        ticket_id=ticket.id,
        to=open_for[:1],
        cc=open_for[1:],
        language=ticket.language,
        queue=ticket.queue,
        agent=obey.agent.name,
        text=obey.orders.text,
        source=mail.spooled.id,
        due=deadlines.closes_at(cause.at, desk.policy).isoformat() if settles else "",
    )
    if open_for:
        posting.send(db, desk, cause, reply, *_warnings(db, reply, obey.agent, ticket, desk, cause))
    elif not is_valid(ticket.customer.address):
        detail = "the ticket's customer has no address"
        error = notices.for_mistaken_agent(
            Reason.NOT_SENT, obey.agent, ticket, cause.occasion, desk.policy, detail=detail
        )
        posting.send(db, desk, cause, error)
    else:
        note(db, ticket.id, "not sent again", replace(cause, why="the agent wrote to the customer directly"))
    return move(db, ticket, Happening.AGENT_REPLIED, cause, desk.policy)


def _warnings(
    db: Connection, reply: Notice, agent: Agent, ticket: Ticket, desk: Desk, cause: Cause
) -> tuple[Notice, ...]:
    """Tells the agent of addresses that are known to be dead; his reply goes there all the same."""
    known = store.suppressions.among(db, (person.address for person in (*reply.to, *reply.cc)))
    dead = [each.why for each in known.values() if each.is_active(cause.at)]
    if not dead:
        return ()
    return (
        notices.for_mistaken_agent(
            Reason.ADDRESS_DEAD, agent, ticket, cause.occasion, desk.policy, detail="\n".join(dead)
        ),
    )


def _announce(db: Connection, ticket: Ticket, obey: ObeyAgent, desk: Desk, cause: Cause) -> None:
    """Tells the customer that his ticket is resolved or closed, unless the agent's own words have just done so."""
    spoke = bool(obey.orders.text) and not obey.orders.is_note
    if ticket.is_quiet or spoke or ticket.state is obey.ticket.state or not is_valid(ticket.customer.address):
        return
    if obey.orders.move is Verb.RESOLVE and ticket.state is State.RESOLVED:
        due = deadlines.closes_at(cause.at, desk.policy)
        posting.send(db, desk, cause, notices.for_customer(NoticeKind.RESOLVED, ticket, cause.occasion, due=due))
    elif obey.orders.move is Verb.CLOSE:
        posting.send(db, desk, cause, notices.for_customer(NoticeKind.CLOSED, ticket, cause.occasion))
