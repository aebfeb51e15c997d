"""Carries out what an agent's mail says: relays his words, keeps his notes, obeys his commands."""

from dataclasses import replace

from gateway import store
from gateway.desk import filing, posting
from gateway.desk.filing import Mail, Outcome
from gateway.desk.moves import Cause, Desk, move, note
from gateway.mail import passed_on
from gateway.mail.address import Mailbox, is_valid, normalise
from gateway.mail.message import Message
from gateway.store.engine import Connection
from gateway.store.spool import SpoolState
from gateway.tickets import deadlines, lifecycle, notices
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
    assignee = assignee_after(obey, desk)
    if assignee != ticket.assignee:
        store.tickets.assign(db, ticket.id, assignee)
        note(db, ticket.id, "assigned", replace(cause, why=f"to {assignee}"))
        ticket = replace(ticket, assignee=assignee)
        if orders.assignee and orders.assignee != agent.name:
            filing.tell_agents(db, Reason.ASSIGNED, ticket, mail, desk, cause)
    if orders.is_note:
        filing.add_article(db, ticket, ArticleKind.NOTE, mail, cause, text=orders.text)
        note(db, ticket.id, "noted", cause)
    elif speaks(obey, mail.reading.message):
        ticket = _relay(db, ticket, obey, mail, desk, cause)
    if orders.move is not None:
        ticket = move(db, ticket, _MOVES[orders.move], cause, desk.policy, orders.until)
        posting.send(db, desk, cause, *announcement(ticket, obey, desk, cause))
    signatures = passed_on.signatures_of(mail.reading.message.attachments)
    if signatures:
        why = f"{', '.join(signatures)}: it proves nothing of a mail written anew, and shows the agent's own address"
        note(db, ticket.id, "not passed on", replace(cause, why=why))
    why = f"agent {agent.name} on {ticket.reference}, now {ticket.state}"
    why += f"; not passed on: {', '.join(signatures)}" if signatures else ""
    return Outcome(SpoolState.DONE, obey.verdict, why, ticket.id)


def assignee_after(obey: ObeyAgent, desk: Desk) -> str:
    """Who has the ticket: the first who replies takes it, also from somebody who is no agent any more."""
    named, kept = obey.orders.assignee, obey.ticket.assignee
    return named or (kept if obey.orders.is_note or desk.policy.agent(kept) else obey.agent.name)


def state_after(obey: ObeyAgent, message: Message) -> State:
    """The state that his words, which are sent, and then his command leave the ticket in."""
    is_reply = speaks(obey, message)
    state = lifecycle.after(obey.ticket.state, Happening.AGENT_REPLIED) if is_reply else obey.ticket.state
    return lifecycle.after(state, _MOVES[obey.orders.move]) if obey.orders.move else state


def speaks(obey: ObeyAgent, message: Message) -> bool:
    """Whether there is something in it for the customer: words, or files other than the agent's signature."""
    return not obey.orders.is_note and bool(obey.orders.text or passed_on.content_of(message.attachments))


def _relay(db: Connection, ticket: Ticket, obey: ObeyAgent, mail: Mail, desk: Desk, cause: Cause) -> Ticket:
    author = Mailbox(obey.agent.full_name, desk.policy.queue(ticket.queue).address)
    filing.add_article(db, ticket, ArticleKind.AGENT, mail, cause, text=obey.orders.text, author=author)
    message = mail.reading.message
    posting.send(db, desk, cause, *relayed(db, ticket, obey, message, desk, cause))
    served = _served(message)
    had_it = [each.address for each in _everybody(db, ticket) if normalise(each.address) in served]
    if had_it:
        why = f"the agent wrote to {', '.join(had_it)} directly"
        note(db, ticket.id, "not sent again", replace(cause, why=why))
    return move(db, ticket, Happening.AGENT_REPLIED, cause, desk.policy)


def relayed(
    db: Connection, ticket: Ticket, obey: ObeyAgent, message: Message, desk: Desk, cause: Cause
) -> tuple[Notice, ...]:
    """The agent's words, to the customer and everybody else of the ticket whom he has not written to himself.

    What he is to be warned of goes to him; nothing goes where he has served all.
    """
    served, everybody = _served(message), _everybody(db, ticket)
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
        source=cause.spool_id,
        due=deadlines.closes_at(cause.at, desk.policy).isoformat() if settles else "",
    )
    if open_for:
        return (reply, *_warnings(db, reply, obey.agent, ticket, desk, cause))
    if is_valid(ticket.customer.address):
        return ()
    detail = "the ticket's customer has no address"
    return (
        notices.for_mistaken_agent(Reason.NOT_SENT, obey.agent, ticket, cause.occasion, desk.policy, detail=detail),
    )


def _served(message: Message) -> frozenset[str]:
    """Whom the agent has written to himself."""
    return frozenset(normalise(each.address) for each in (*message.to, *message.cc))


def _everybody(db: Connection, ticket: Ticket) -> tuple[Mailbox, ...]:
    return (ticket.customer, *store.tickets.participants_of(db, ticket.id))


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


def announcement(ticket: Ticket, obey: ObeyAgent, desk: Desk, cause: Cause) -> tuple[Notice, ...]:
    """Tells the customer that his ticket is resolved or closed now, unless the agent's own words have just done so."""
    spoke = bool(obey.orders.text) and not obey.orders.is_note
    if ticket.is_quiet or spoke or ticket.state is obey.ticket.state or not is_valid(ticket.customer.address):
        return ()
    if obey.orders.move is Verb.RESOLVE and ticket.state is State.RESOLVED:
        due = deadlines.closes_at(cause.at, desk.policy)
        return (notices.for_customer(NoticeKind.RESOLVED, ticket, cause.occasion, due=due),)
    if obey.orders.move is Verb.CLOSE:
        return (notices.for_customer(NoticeKind.CLOSED, ticket, cause.occasion),)
    return ()
