"""`gateway ingest`: one mail from standard input into the spool, for an MTA's pipe and for one-off imports."""

import argparse
import sys

from gateway.cli import exits, options

_LARGEST = 100 * 1024 * 1024  # octets


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `ingest`."""
    parser = subparsers.add_parser(
        "ingest",
        help="store one mail from standard input",
        description="Stores one mail from standard input; exit code 75 when it cannot be stored: an MTA then keeps it.",
    )
    parser.add_argument(
        "--rcpt", action="append", required=True, metavar="ADDRESS", help="envelope recipient; repeatable"
    )
    parser.add_argument("--mail-from", metavar="ADDRESS", help="envelope sender; '' or '<>' is the null reverse-path")
    options.add_config(parser)
    options.add_json(parser)
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Stores the mail; prints its spool id."""
    import json

    from gateway.cli.opened import opened
    from gateway.daemon.clock import wall
    from gateway.errors import DamagedError, TemporaryError
    from gateway.inbound import pipe
    from gateway.store.place import Access

    raw = pipe.read(sys.stdin.buffer, _LARGEST)
    mail_from = arguments.mail_from
    try:
        with opened(arguments, Access.CREATE) as (_, database):
            sender = mail_from.strip("<>") if mail_from is not None else None
            spool_id, is_new = pipe.ingest(database, raw, sender, tuple(arguments.rcpt), wall())
    except DamagedError as error:
        raise TemporaryError(str(error)) from error  # the mail is fine, and an MTA bounces what is told 65
    if arguments.json:
        print(json.dumps({"spool_id": spool_id, "new": is_new}))
    else:
        print(f"stored as spool {spool_id}" if is_new else f"already stored as spool {spool_id}")
    return exits.OK
