"""`gateway outbox list|retry|hold`: mail on its way out."""

import argparse

from gateway.cli import exits, options, output

_OPEN = ("waiting", "taken", "deferred", "held")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `outbox list`, `outbox retry` and `outbox hold`."""
    parser = subparsers.add_parser("outbox", help="mail on its way out", description=__doc__)
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="what has not been sent, and why")
    listing.add_argument("--all", action="store_true", help="also what has been sent")
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
    from gateway.store.outbox import OutboxState

    with opened(arguments) as (_, database), database.read() as db:
        found = store.outbox.listed(db, *(() if arguments.all else (OutboxState(name) for name in _OPEN)))
    if arguments.json:
        output.print_json(
            [
                {
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
                for mail in found
            ]
        )
        return exits.OK
    rows = [
        (
            str(mail.id),
            mail.state,
            mail.notice.kind,
            ", ".join(recipient.address for recipient in mail.recipients),
            mail.subject,
            str(mail.attempts),
            mail.reason or "-",
        )
        for mail in found
    ]
    headers = ("id", "state", "kind", "to", "subject", "attempts", "reason")
    output.print_table(headers, rows, "nothing is waiting to be sent")
    return exits.OK


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
