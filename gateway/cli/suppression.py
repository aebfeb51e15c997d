"""`gateway suppression list|lift`: addresses that get no automatic mail because it did not arrive."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gateway.cli import exits, options, output

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.tickets.suppression import Suppression


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `suppression list` and `suppression lift`."""
    parser = subparsers.add_parser("suppression", help="addresses that get no automatic mail", description=__doc__)
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="addresses that delivery reports speak against")
    options.add_limit(listing)
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
    from gateway.tickets.suppression import Suppression

    now = wall()
    with opened(arguments) as (_, database):

        def page(last: Suppression | None, count: int) -> Sequence[Suppression]:
            with database.read() as db:
                return store.suppressions.listed(db, last.address if last else "", count)

        found = output.in_pages(page, arguments.limit)
        if arguments.json:
            output.print_items(_whole(each, now) for each in found)
        else:
            headers = ("address", "suppressed", "fault", "status", "points", "reported", "what its server said")
            rows = (_row(each, now) for each in found)
            output.print_rows(headers, rows, "nothing is held against any address")
    return exits.OK


def _whole(held: "Suppression", now: "datetime") -> dict[str, object]:
    until = held.lasts_until(now)
    return {
        "address": held.address,
        "suppressed": until is not None,
        "until": until.isoformat() if until else None,
        "fault": held.fault,
        "status": held.status,
        "score": round(held.score_at(now), 1),
        "reported_at": held.at.isoformat(),
        "said": held.said,
    }


def _row(held: "Suppression", now: "datetime") -> tuple[str, ...]:
    until = held.lasts_until(now)
    suppressed, points = f"until {until:%Y-%m-%d}" if until else "not yet", f"{held.score_at(now):.0f}"
    return (held.address, suppressed, held.fault, held.status, points, f"{held.at:%Y-%m-%d %H:%M}", held.said)


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
