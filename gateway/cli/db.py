"""`gateway db status|upgrade|collect`: the database itself, and the nodes that work on it."""

import argparse
import os
from typing import TYPE_CHECKING

from gateway.cli import exits, options, output

if TYPE_CHECKING:
    from gateway.store.engine import Database
    from gateway.store.expansion import Version


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `db status`, `db upgrade` and `db collect`."""
    parser = subparsers.add_parser("db", help="the database, and the nodes that work on it", description=__doc__)
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    looking = actions.add_parser("status", help="its version, the nodes, and who does what only one can do")
    looking.set_defaults(command=status)
    upgrading = actions.add_parser("upgrade", help="add what this version needs; older nodes work on meanwhile")
    upgrading.set_defaults(command=upgrade)
    collecting = actions.add_parser("collect", help="remove from the object store what no mail has any more")
    collecting.add_argument("--list", action="store_true", help="only name it, however young it is")
    collecting.set_defaults(command=collect)
    for each in (looking, upgrading, collecting):
        options.add_config(each)
        options.add_json(each)


def status(arguments: argparse.Namespace) -> int:
    """Prints how things stand; changes nothing."""
    from gateway import store
    from gateway.cli.opened import opened
    from gateway.store.place import Access
    from gateway.store.schema import VERSION

    found = _version(arguments)
    if found is None or found.is_older:
        if arguments.json:
            output.print_json({"schema": found.number if found else None, "needed": VERSION})
        else:
            print(f"{_told(found)}; this program needs schema {VERSION}: `gateway db upgrade` adds what is missing")
        return exits.OK
    with opened(arguments, Access.READ) as (_, database), database.read() as db:
        nodes, holders = store.nodes.listed(db), store.leases.holders(db)
    leases = {node.id: [name for name, owner in holders.items() if owner == node.id] for node, _ in nodes}
    if arguments.json:
        told = [
            {"name": node.name, "roles": node.roles, "silent_seconds": round(silent, 1), "leases": leases[node.id]}
            for node, silent in nodes
        ]
        output.print_json({"schema": found.number, "needed": VERSION, "nodes": told})
        return exits.OK
    print(_told(found))
    rows = [
        (node.name, ", ".join(node.roles), f"{silent:.0f} s ago", ", ".join(leases[node.id]) or "-")
        for node, silent in nodes
    ]
    output.print_table(("node", "roles", "last seen", "holds"), rows, "no node of a shared database is at work")
    return exits.OK


def upgrade(arguments: argparse.Namespace) -> int:
    """Brings the database up to this version."""
    from gateway.cli.opened import opened
    from gateway.store.schema import VERSION

    before = _version(arguments)
    with opened(arguments):
        pass  # opening it does it
    after = _version(arguments)
    if arguments.json:
        output.print_json({"before": before.number if before else None, "after": after.number if after else None})
    elif before is not None and not before.is_older:
        print(f"{_told(before)}: nothing to do for schema {VERSION}")
    else:
        print(f"{_told(before)}, now schema {VERSION}")
    return exits.OK


def collect(arguments: argparse.Namespace) -> int:
    """Removes what nobody needs from the object store."""
    from gateway import store
    from gateway.cli.opened import opened
    from gateway.daemon.clock import wall

    with opened(arguments) as (config, database):
        if arguments.list:
            return _list_unnamed(database, is_json=arguments.json)
        removed = store.collection.collect(database, wall())
    if arguments.json:
        output.print_json({"removed": removed})
    elif not config.originals:
        print("mail is kept in the database itself: there is no object store to look through")
    else:
        print(f"{removed} objects that no mail has any more were removed")
    return exits.OK


def _list_unnamed(database: "Database", *, is_json: bool) -> int:
    """One name a line, as they are found."""
    from gateway import store

    found = (name for _, names in store.collection.unnamed(database) for name in names)
    if is_json:
        output.print_json({"unnamed": list(found)})
        return exits.OK
    for name in found:
        print(name)
    return exits.OK


def _version(arguments: argparse.Namespace) -> "Version | None":
    from gateway import config
    from gateway.store.engine import version_of

    loaded = config.load(options.config_path(arguments), os.environ)
    return version_of(loaded.database_url)


def _told(version: "Version | None") -> str:
    if version is None:
        return "the database has no tables yet"
    return f"the database has schema {version.number} (fit for programs from schema {version.oldest} on)"
