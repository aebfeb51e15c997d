"""`gateway explain`: what would become of a mail, and why, without any of it happening.

With a configuration the mails are held against its tickets, which stay untouched. Without one a desk with a single
queue is made up, and the mails are taken one after the other, so that a later one can continue an earlier one.
"""

import argparse
import sys

from gateway.cli import exits, options, output


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `explain`."""
    parser = subparsers.add_parser("explain", help="tell what would become of a mail, and why", description=__doc__)
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="mails, mbox files or folders of them; - is standard input"
    )
    parser.add_argument("--rcpt", action="append", default=[], metavar="ADDRESS", help="envelope recipient; repeatable")
    parser.add_argument("--mail-from", metavar="ADDRESS", help="envelope sender; default: the Return-Path header")
    parser.add_argument("--hops", action="store_true", help="also tell the way the mail says it came, hop by hop")
    parser.add_argument("--stored", type=int, metavar="ID", help="tell what became of a stored mail instead")
    options.add_config(parser)
    options.add_json(parser)
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints one explanation a mail; one that cannot be read does not stop the next, but shows in the exit code."""
    if arguments.stored is not None:
        from gateway.cli.explain import stored

        return stored.run(arguments)
    if not arguments.paths:
        print("gateway explain: name a mail, an mbox or a folder, or --stored ID", file=sys.stderr)
        return exits.USAGE
    return _explain(arguments)


def _explain(arguments: argparse.Namespace) -> int:
    from gateway.cli.explain import against, ahead, mails, telling

    code = exits.OK
    with against.what_there_is(arguments) as (desk, explain):
        for path, raw, reading in ahead.read(mails.found(arguments.paths), arguments, desk):
            try:
                value = telling.explained(path, explain(reading.result()))
            except Exception as error:  # noqa: BLE001 - one bad mail must not stop the next; it is told in its place
                value = telling.failed(path, error)
                code = max(code, _code(error))
            if arguments.hops and raw:
                value |= telling.way(raw)
            if arguments.json:
                output.print_json_line(value)
            else:
                print("\n".join(telling.lines(value)))
    return code


def _code(error: Exception) -> int:
    from gateway.errors import TemporaryError

    match error:
        case OSError():
            return exits.MISSING
        case TemporaryError():
            return exits.TRY_AGAIN
        case _:
            return exits.BAD_DATA
