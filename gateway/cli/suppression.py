"""`gateway suppression list|lift`: addresses that get no automatic mail because it did not arrive."""

import argparse

from gateway.cli import exits, options, output


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `suppression list` and `suppression lift`."""
    parser = subparsers.add_parser("suppression", help="addresses that get no automatic mail", description=__doc__)
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="addresses that delivery reports speak against")
    listing.set_defaults(command=list_suppressions)
    lifting = actions.add_parser("lift", help="let automatic mail go to an address again")
    lifting.add_argument("addresses", nargs="+", metavar="ADDRESS", help="as `gateway suppression list` shows")
    lifting.set_defaults(command=lift)
    for each in (listing, lifting):
        options.add_config(each)
        options.add_json(each)


def list_suppressions(arguments: argparse.Namespace) -> int:
    """Prints what is held against addresses."""
    from gateway import store
    from gateway.cli.opened import opened
    from gateway.daemon.clock import wall

    with opened(arguments) as (_, database), database.read() as db:
        found = [(each, each.lasts_until(wall())) for each in store.suppressions.listed(db)]
    if arguments.json:
        output.print_json(
            [
                {
                    "address": held.address,
                    "suppressed": until is not None,
                    "until": until.isoformat() if until else None,
                    "fault": held.fault,
                    "status": held.status,
                    "score": round(held.score_at(wall()), 1),
                    "reported_at": held.at.isoformat(),
                    "said": held.said,
                }
                for held, until in found
            ]
        )
        return exits.OK
    rows = [
        (
            held.address,
            f"until {until:%Y-%m-%d}" if until else "not yet",
            held.fault,
            held.status,
            f"{held.score_at(wall()):.0f}",
            f"{held.at:%Y-%m-%d %H:%M}",
            held.said,
        )
        for held, until in found
    ]
    headers = ("address", "suppressed", "fault", "status", "points", "reported", "what its server said")
    output.print_table(headers, rows, "nothing is held against any address")
    return exits.OK


def lift(arguments: argparse.Namespace) -> int:
    """Forgets what is held against addresses."""
    from gateway import store
    from gateway.cli.opened import opened
    from gateway.errors import PermanentError

    with opened(arguments) as (_, database):
        for address in arguments.addresses:
            with database.write() as db:
                is_lifted = store.suppressions.lift(db, address)
            if not is_lifted:
                raise PermanentError(f"nothing is held against {address}; see `gateway suppression list`")
            if not arguments.json:
                print(f"{address} gets automatic mail again")
    if arguments.json:
        output.print_json({"lifted": arguments.addresses})
    return exits.OK
