"""`gateway alarm list|close`: what is wrong and waits for somebody to mend it."""

import argparse

from gateway.cli import exits, options, output


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `alarm list` and `alarm close`."""
    parser = subparsers.add_parser("alarm", help="what is wrong", description=__doc__)
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="alarms that are open")
    listing.add_argument("--all", action="store_true", help="also those that were closed")
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

    with opened(arguments) as (_, database), database.read() as db:
        found = store.alarms.listed(db, is_all=arguments.all)
    if arguments.json:
        output.print_json(
            [
                {
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
                for alarm in found
            ]
        )
        return exits.OK
    rows = [
        (
            str(alarm.id),
            alarm.kind,
            f"{alarm.opened_at:%Y-%m-%d %H:%M}",
            f"{alarm.last_at:%Y-%m-%d %H:%M}",
            str(alarm.count),
            alarm.detail,
            ", ".join(map(str, alarm.spool_ids)) or "-",
        )
        for alarm in found
    ]
    headers = ("id", "kind", "since", "last seen", "times", "what", "mails")
    output.print_table(headers, rows, "there has been no alarm" if arguments.all else "no alarm is open")
    return exits.OK


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
