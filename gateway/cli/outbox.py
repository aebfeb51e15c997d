"""`gateway outbox list|retry|hold`: mail on its way out."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gateway.cli import exits, options, output

if TYPE_CHECKING:
    from gateway.store.outbox import Outgoing

_OPEN = ("waiting", "taken", "deferred", "held")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `outbox list`, `outbox retry` and `outbox hold`."""
    parser = subparsers.add_parser("outbox", help="mail on its way out", description=__doc__)
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="what has not been sent, and why")
    listing.add_argument("--all", action="store_true", help="also what has been sent")
    options.add_limit(listing)
    listing.set_defaults(command=list_outbox)
    retrying = actions.add_parser("retry", help="try held or deferred mail at once")
    retrying.add_argument("ids", nargs="+", type=int, metavar="ID", help="as `gateway outbox list` shows")
    retrying.set_defaults(command=retry)
    holding = actions.add_parser("hold", help="let mail wait for a person; `gateway outbox retry` lets it go")
    which = holding.add_mutually_exclusive_group(required=True)
    which.add_argument("ids", nargs="*", type=int, metavar="ID", default=[], help="as `gateway outbox list` shows")
    which.add_argument("--all", action="store_true", help="everything that is not sent yet")
    holding.set_defaults(command=hold)
    for each in (listing, retrying, holding):
        options.add_config(each)
        options.add_json(each)


def list_outbox(arguments: argparse.Namespace) -> int:
    """Prints outgoing mail."""
    from gateway import store
    from gateway.cli.opened import opened
    from gateway.store.outbox import OutboxState, Outgoing
    from gateway.tickets.model import OutboxId

    states = () if arguments.all else tuple(OutboxState(name) for name in _OPEN)
    with opened(arguments) as (_, database):

        def page(last: Outgoing | None, count: int) -> Sequence[Outgoing]:
            after = last.id if last else OutboxId(0)
            with database.read() as db:
                return store.outbox.listed(db, *states, after=after, limit=count)

        found = output.in_pages(page, arguments.limit)
        if arguments.json:
            output.print_items(map(_whole, found))
        else:
            headers = ("id", "state", "kind", "to", "subject", "attempts", "reason")
            output.print_rows(headers, map(_row, found), "nothing is waiting to be sent")
    return exits.OK


def _whole(mail: "Outgoing") -> dict[str, object]:
    return {
        "id": mail.id,
        "kind": mail.notice.kind,
        "state": mail.state,
        "subject": mail.subject,
        "attempts": mail.attempts,
        "reason": mail.reason,
        "message_id": mail.message_id,
        "recipients": [{"address": r.address, "state": r.state, "reply": r.reply} for r in mail.recipients],
        "created_at": mail.created_at.isoformat(),
        "due_at": mail.due_at.isoformat() if mail.due_at else None,
        "sent_at": mail.sent_at.isoformat() if mail.sent_at else None,
    }


def _row(mail: "Outgoing") -> tuple[str, ...]:
    to = ", ".join(recipient.address for recipient in mail.recipients)
    return (str(mail.id), mail.state, mail.notice.kind, to, mail.subject, str(mail.attempts), mail.reason or "-")


def retry(arguments: argparse.Namespace) -> int:
    """Lets mail be tried at once."""
    from gateway.cli.opened import opened
    from gateway.desk import agent
    from gateway.tickets.model import OutboxId

    with opened(arguments) as (_, database):
        for number in arguments.ids:
            agent.retry(database, OutboxId(number))
            if not arguments.json:
                print(f"mail {number} will be tried at once")
    if arguments.json:
        output.print_json({"retried": arguments.ids})
    return exits.OK


def hold(arguments: argparse.Namespace) -> int:
    """Lets mail wait for a person."""
    import getpass

    from gateway.cli.opened import opened
    from gateway.desk import agent
    from gateway.tickets.model import OutboxId

    by = f"operator {getpass.getuser()}"
    with opened(arguments) as (_, database):
        wanted = [None] if arguments.all else [OutboxId(number) for number in arguments.ids]
        held = [each for one in wanted for each in agent.hold_back(database, one, by)]
    if arguments.json:
        output.print_json({"held": held})
        return exits.OK
    for number in held:
        print(f"mail {number} is held back")
    if not held:
        print("nothing is waiting to be sent")
    return exits.OK
