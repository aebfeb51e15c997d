"""`gateway alarm list|close`: what is wrong and waits for somebody to mend it."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gateway.cli import exits, options, output

if TYPE_CHECKING:
    from gateway.tickets.alarm import Alarm


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `alarm list` and `alarm close`."""
    parser = subparsers.add_parser("alarm", help="what is wrong", description=__doc__)
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="alarms that are open")
    listing.add_argument("--all", action="store_true", help="also those that were closed")
    options.add_limit(listing)
    listing.set_defaults(command=list_alarms)
    closing = actions.add_parser("close", help="end an alarm; the same trouble raises a new one")
    closing.add_argument("ids", nargs="+", type=int, metavar="ID", help="as `gateway alarm list` shows")
    closing.set_defaults(command=close)
    for each in (listing, closing):
        options.add_config(each)
        options.add_json(each)


def list_alarms(arguments: argparse.Namespace) -> int:
    """Prints alarms."""
    from gateway import store
    from gateway.cli.opened import opened
    from gateway.tickets.alarm import Alarm, AlarmId

    with opened(arguments) as (_, database):

        def page(last: Alarm | None, count: int) -> Sequence[Alarm]:
            after = last.id if last else AlarmId(0)
            with database.read() as db:
                return store.alarms.listed(db, is_all=arguments.all, after=after, limit=count)

        found = output.in_pages(page, arguments.limit)
        if arguments.json:
            output.print_items(map(_whole, found))
        else:
            headers = ("id", "kind", "since", "last seen", "times", "what", "mails")
            where_empty = "there has been no alarm" if arguments.all else "no alarm is open"
            output.print_rows(headers, map(_row, found), where_empty)
    return exits.OK


def _whole(alarm: "Alarm") -> dict[str, object]:
    return {
        "id": alarm.id,
        "kind": alarm.kind,
        "about": alarm.key,
        "detail": alarm.detail,
        "count": alarm.count,
        "opened_at": alarm.opened_at.isoformat(),
        "last_at": alarm.last_at.isoformat(),
        "told_at": alarm.told_at.isoformat() if alarm.told_at else None,
        "closed_at": alarm.closed_at.isoformat() if alarm.closed_at else None,
        "mails": list(alarm.spool_ids),
    }


def _row(alarm: "Alarm") -> tuple[str, ...]:
    since, last = f"{alarm.opened_at:%Y-%m-%d %H:%M}", f"{alarm.last_at:%Y-%m-%d %H:%M}"
    mails = ", ".join(map(str, alarm.spool_ids)) or "-"
    return (str(alarm.id), alarm.kind, since, last, str(alarm.count), alarm.detail, mails)


def close(arguments: argparse.Namespace) -> int:
    """Closes alarms."""
    from gateway import store
    from gateway.cli.opened import opened
    from gateway.daemon.clock import wall
    from gateway.errors import PermanentError
    from gateway.tickets.alarm import AlarmId

    with opened(arguments) as (_, database):
        for number in arguments.ids:
            with database.write() as db:
                is_closed = store.alarms.close(db, AlarmId(number), wall())
            if not is_closed:
                raise PermanentError(f"alarm {number} is not open; `gateway alarm list` shows those that are")
            if not arguments.json:
                print(f"alarm {number} closed")
    if arguments.json:
        output.print_json({"closed": arguments.ids})
    return exits.OK
