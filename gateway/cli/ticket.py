"""`gateway ticket list|show`: tickets and their history, to read."""

import argparse
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from gateway.cli import exits, options, output

if TYPE_CHECKING:
    from gateway.store.engine import Connection
    from gateway.store.outbox import Outgoing
    from gateway.store.timers import Timer
    from gateway.tickets.model import Article, Event, Ticket

_STATES = ("new", "open", "answered", "postponed", "resolved", "closed")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `ticket list` and `ticket show`."""
    parser = subparsers.add_parser("ticket", help="list tickets, show one", description=__doc__)
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="the newest tickets")
    listing.add_argument("--state", action="append", choices=_STATES, default=[], help="only these; repeatable")
    listing.add_argument("--queue", default="", help="only this queue")
    options.add_limit(listing, default=50)
    listing.set_defaults(command=list_tickets)
    showing = actions.add_parser("show", help="one ticket with its history")
    showing.add_argument("reference", help="as in SUP-7K2M-9XQ4; letter case and dashes do not matter")
    showing.set_defaults(command=show)
    for each in (listing, showing):
        options.add_config(each)
        options.add_json(each)


def list_tickets(arguments: argparse.Namespace) -> int:
    """Prints tickets, newest first."""
    from gateway import store
    from gateway.cli.opened import opened
    from gateway.tickets.model import State, Ticket

    states = [State(name) for name in arguments.state]
    with opened(arguments) as (_, database):

        def page(last: Ticket | None, count: int) -> Sequence[Ticket]:
            before = last.id if last else None
            with database.read() as db:
                return store.tickets.listed(db, *states, queue=arguments.queue, before=before, limit=count)

        found = output.in_pages(page, arguments.limit)
        if arguments.json:
            output.print_items(map(_summary, found))
        else:
            headers = ("reference", "state", "queue", "assignee", "since", "customer", "subject")
            output.print_rows(headers, map(_row, found), "no tickets")
    return exits.OK


def _row(ticket: "Ticket") -> tuple[str, ...]:
    return (
        ticket.reference,
        ticket.state,
        ticket.queue,
        ticket.assignee or "-",
        f"{ticket.changed_at:%Y-%m-%d %H:%M}",
        ticket.customer.address,
        ticket.subject,
    )


def show(arguments: argparse.Namespace) -> int:
    """Prints one ticket: what is known of it, its conversation, events, outgoing mail and timers."""
    from gateway import store
    from gateway.cli.opened import opened
    from gateway.errors import PermanentError

    code = arguments.reference[-9:].replace("-", "").lower()
    with opened(arguments) as (_, database), database.read() as db:
        ticket = next(iter(store.tickets.with_codes(db, (code,))), None)
        if ticket is None:
            raise PermanentError(f"no ticket {arguments.reference}; `gateway ticket list` shows those there are")
        whole = _whole(db, ticket)
    if arguments.json:
        output.print_json(whole)
    else:
        print("\n".join(_told(whole)))
    return exits.OK


def _summary(ticket: "Ticket") -> dict[str, object]:
    return {
        "reference": ticket.reference,
        "state": ticket.state,
        "queue": ticket.queue,
        "assignee": ticket.assignee or None,
        "subject": ticket.subject,
        "customer": ticket.customer.address,
        "customer_name": ticket.customer.name,
        "language": ticket.language,
        "created_at": ticket.created_at.isoformat(),
        "changed_at": ticket.changed_at.isoformat(),
        "postponed_until": ticket.postponed_until.isoformat() if ticket.postponed_until else None,
    }


def _whole(db: "Connection", ticket: "Ticket") -> dict[str, object]:
    from gateway import store

    survey = store.surveys.get(db, ticket.id)
    return {
        **_summary(ticket),
        "participants": [person.address for person in store.tickets.participants_of(db, ticket.id)],
        "articles": [_article(each) for each in store.tickets.conversation(db, ticket.id)],
        "events": [_event(each) for each in store.tickets.history(db, ticket.id)],
        "outgoing": [_outgoing(each) for each in store.outbox.listed(db, ticket_id=ticket.id)],
        "timers": [_timer(each) for each in store.timers.pending(db, ticket.id)],
        "rating": survey.rating if survey else None,
        "rating_comment": survey.comment if survey else None,
    }


def _article(article: "Article") -> dict[str, object]:
    return {
        "at": article.at.isoformat(),
        "kind": article.kind,
        "author": str(article.author),
        "text": article.text,
        "mail": article.spool_id,
    }


def _event(event: "Event") -> dict[str, object]:
    return {
        "at": event.at.isoformat(),
        "by": event.actor,
        "what": event.what,
        "why": event.why,
        "state": event.after or None,
        "mail": event.spool_id,
    }


def _outgoing(mail: "Outgoing") -> dict[str, object]:
    return {
        "id": mail.id,
        "kind": mail.notice.kind,
        "state": mail.state,
        "subject": mail.subject,
        "recipients": {to.address: f"{to.state} {to.reply}".strip() for to in mail.recipients},
    }


def _timer(timer: "Timer") -> dict[str, object]:
    return {"kind": timer.kind, "stage": timer.stage, "due_at": timer.due_at.isoformat()}


def _told(whole: dict[str, object]) -> Iterable[str]:
    from gateway.cli.table import printable, table

    yield f"{whole['reference']}  {whole['state']}  in {whole['queue']}, assigned to {whole['assignee'] or 'nobody'}"
    yield printable(f"{whole['subject']}")
    yield printable(f"{whole['customer_name']} <{whole['customer']}>, {whole['language']}")
    for title in ("events", "outgoing", "timers"):
        rows = whole[title]
        if isinstance(rows, list) and rows:
            yield ""
            cells = [tuple(_cell(value) for value in row.values()) for row in rows]
            yield table(tuple(rows[0]), cells, output.width())
    articles = whole["articles"]
    for article in articles if isinstance(articles, list) else []:
        yield ""
        yield printable(f"--- {article['at']} {article['kind']} {article['author']}")
        yield "\n".join(printable(line) for line in article["text"].splitlines())


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {each}" for key, each in value.items())
    return "-" if value is None else str(value)
