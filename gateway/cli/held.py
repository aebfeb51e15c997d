"""`gateway held list|release|drop`: mail that waits for a person."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gateway.cli import exits, options, output

if TYPE_CHECKING:
    from gateway.store.spool import Spooled


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `held list`, `held release` and `held drop`."""
    parser = subparsers.add_parser("held", help="mail that waits for a person", description=__doc__)
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="what is held, and why")
    options.add_limit(listing)
    listing.set_defaults(command=list_held)
    releasing = actions.add_parser("release", help="let mail through: it goes to triage again, vouched for by you")
    releasing.set_defaults(command=release)
    dropping = actions.add_parser("drop", help="end mail without effect; its bytes are kept")
    dropping.set_defaults(command=drop)
    for each in (releasing, dropping):
        each.add_argument("ids", nargs="+", type=int, metavar="ID", help="as `gateway held list` shows")
    for each in (listing, releasing, dropping):
        options.add_config(each)
        options.add_json(each)


def list_held(arguments: argparse.Namespace) -> int:
    """Prints what is held."""
    from gateway import store
    from gateway.cli.opened import opened
    from gateway.store.spool import Spooled
    from gateway.tickets.model import SpoolId

    with opened(arguments) as (_, database):

        def page(last: Spooled | None, count: int) -> Sequence[Spooled]:
            after = last.id if last else SpoolId(0)
            with database.read() as db:
                return store.spool.held(db, after, count)

        found = output.in_pages(page, arguments.limit)
        if arguments.json:
            output.print_items(map(_whole, found))
        else:
            headers = ("id", "received", "from", "subject", "why it is held")
            output.print_rows(headers, map(_row, found), "nothing is held")
    return exits.OK


def _whole(mail: "Spooled") -> dict[str, object]:
    return {
        "id": mail.id,
        "received_at": mail.received_at.isoformat(),
        "from": mail.sender,
        "subject": mail.subject,
        "kind": mail.kind,
        "reason": mail.reason,
        "source": mail.source,
        "trace": mail.trace,
    }


def _row(mail: "Spooled") -> tuple[str, ...]:
    return (str(mail.id), f"{mail.received_at:%Y-%m-%d %H:%M}", mail.sender or "-", mail.subject, mail.reason)


def release(arguments: argparse.Namespace) -> int:
    """Releases mail."""
    return _each(arguments, "released")


def drop(arguments: argparse.Namespace) -> int:
    """Drops mail."""
    return _each(arguments, "dropped")


def _each(arguments: argparse.Namespace, what: str) -> int:
    import getpass

    from gateway.cli.opened import opened
    from gateway.daemon.clock import wall
    from gateway.desk import agent
    from gateway.tickets.model import SpoolId

    with opened(arguments) as (_, database):
        for number in arguments.ids:
            do = agent.release if what == "released" else agent.drop
            do(database, SpoolId(number), f"operator {getpass.getuser()}", wall())
            if not arguments.json:
                print(f"mail {number} {what}")
    if arguments.json:
        output.print_json({what: arguments.ids})
    return exits.OK
