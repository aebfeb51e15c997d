"""`gateway verify`: proves that nothing is lost and nothing doubled, over the whole database. It mends nothing."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli import exits, options, output
from gateway.errors import GatewayError

if TYPE_CHECKING:
    from gateway.config import Config
    from gateway.store.engine import Database
    from gateway.store.ledger import Finding
    from gateway.store.sightings import Compared
    from gateway.tickets.model import OutboxId


@dataclass(frozen=True, slots=True)
class Looked:
    """How something outside the database compares with it; `is_fine` is None where it could not be reached."""

    name: str
    is_fine: bool | None
    said: str
    advice: str = ""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `verify`."""
    parser = subparsers.add_parser(
        "verify",
        help="prove that no mail is lost, doubled or altered",
        description="Asks the whole database for every promise of the ledger (docs/ledger.md says what each means). "
        "The daemon may run meanwhile. Exit code 65 when something is broken: then it says which rows, and what to do.",
    )
    parser.add_argument("--quick", action="store_true", help="without reading every stored octet again")
    parser.add_argument(
        "--online",
        action="store_true",
        help="also compare with what lies in every mailbox, and with captured mail (75 when a mailbox is not reached)",
    )
    parser.add_argument("--limit", type=int, default=10, metavar="N", help="at most N broken rows each (default 10)")
    options.add_config(parser)
    options.add_json(parser)
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Verifies; 65 when something is broken."""
    from gateway.cli.opened import opened
    from gateway.store.place import Access

    with opened(arguments, Access.READ) as (loaded, database):
        findings, in_doubt = _examined(loaded, database, arguments)
        looked = (
            *_object_store(loaded, database, arguments),
            *(_outside(loaded, database) if arguments.online else ()),
        )
    answers = (*(each.is_fine for each in findings), *(each.is_fine for each in looked))
    if arguments.json:
        whole = {"invariants": [_whole(each) for each in findings], "outside": [asdict(each) for each in looked]}
        output.print_json({"ok": all(answers), **whole, "in_doubt": in_doubt})
    else:
        _tell(findings, looked, in_doubt)
    return exits.BAD_DATA if False in answers else exits.TRY_AGAIN if None in answers else exits.OK


def _examined(
    loaded: "Config", database: "Database", arguments: argparse.Namespace
) -> "tuple[tuple[Finding, ...], tuple[OutboxId, ...]]":
    """All that the ledger says, and the mails of which nobody knows whether they went out, in one snapshot."""
    from gateway import store
    from gateway.daemon.clock import wall
    from gateway.store import ledger
    from gateway.tickets import reference

    question = ledger.Question(
        now=wall(), is_ours=lambda given: reference.is_ours(given, loaded.keyring), is_deep=not arguments.quick
    )
    with database.read() as db:
        return tuple(ledger.examine(db, question, arguments.limit)), store.outbox.in_doubt(db)


def _object_store(loaded: "Config", database: "Database", arguments: argparse.Namespace) -> Iterator[Looked]:
    """What mails have there must be there; without --quick every octet of it is read again."""
    from gateway.store import collection

    if not loaded.originals:
        return
    name = "object store"
    try:
        found = collection.compare(database, arguments.limit, is_deep=not arguments.quick)
    except GatewayError as error:
        yield Looked(name, is_fine=None, said=str(error))
        return
    counts = ((found.missing, "missing"), (found.altered, "altered"), (found.unread, "not to be read now"))
    is_broken = bool(found.missing or found.altered)
    said = f"{found.named} objects of mails"
    said = ", ".join((said, *(f"{count} {what}" for count, what in counts if count)))
    if found.unnamed:
        said += f"; {found.unnamed} beside them that no mail has (`gateway db collect --list`)"
    said = "; ".join((said, *found.told))
    advice = "is the place mounted, and the right one? If so, put these objects back from its backup; docs/ledger.md"
    yield Looked(name, not is_broken and (None if found.unread else True), said, advice if is_broken else "")


def _outside(loaded: "Config", database: "Database") -> Iterator[Looked]:
    from gateway.inbound import imap

    for mailbox in loaded.mailboxes:
        try:
            yield from map(_looked, imap.compare(mailbox, database))
        except GatewayError as error:
            yield Looked(f"mailbox {mailbox.name}", is_fine=None, said=str(error))
    if loaded.smarthost is None:
        yield from _captured(loaded, database)


def _looked(compared: "Compared") -> Looked:
    agree = compared.listed - compared.lost - compared.unread - compared.left
    said = f"{agree} of {compared.listed} mails are in the ledger"
    more = (
        (compared.left, "were left at the first visit, as first_visit says"),
        (compared.unread, "the server did not hand out"),
        (compared.gone, "of the ledger lie there no more"),
    )
    said = "; ".join((said, *(f"{count} {what}" for count, what in more if count)))
    advice = "`gateway run` fetches what is missing: when it starts, and every compare_seconds" if compared.lost else ""
    return Looked(f"mailbox {compared.mailbox}, folder {compared.folder}", not compared.lost, said, advice)


def _captured(loaded: "Config", database: "Database") -> Iterator[Looked]:
    from gateway.desk import reconcile
    from gateway.outbound import capture

    seen = capture.message_ids(Path(loaded.delivery.capture))
    with database.read() as db:
        outside = reconcile.captured(db, seen)
    said = f"{len(seen)} mails"
    if outside.twice:
        said += f"; twice {', '.join(outside.twice)}"
    if outside.unknown:
        said += f"; not of this database {', '.join(outside.unknown)}"
    advice = "it holds mail of another time: was the database restored from a backup?" if outside.unknown else ""
    yield Looked("captured mail", not outside.unknown, said, advice)


def _whole(finding: "Finding") -> dict[str, object]:
    invariant = finding.invariant
    return {
        "name": invariant.name,
        "holds": finding.is_fine,
        "promise": invariant.promise,
        "over": invariant.counted,
        "checked": finding.checked,
        "broken": finding.broken,
        "rows": finding.rows,
        "advice": "" if finding.is_fine else invariant.advice,
    }


def _tell(findings: "Sequence[Finding]", looked: Sequence[Looked], in_doubt: "Sequence[OutboxId]") -> None:
    for finding in findings:
        _tell_finding(finding)
    for each in looked:
        word = {True: "ok     ", False: "BROKEN ", None: "NOT REACHED"}[each.is_fine]
        print(f"{word} {each.name}: {each.said}")
        if each.advice:
            print(f"        what to do: {each.advice}")
    for number in in_doubt:
        print(f"note: outgoing mail {number} was being handed over; where that was interrupted it goes out again")
    broken = sum(not each.is_fine for each in findings)
    print(f"\n{broken} of {len(findings)} promises are broken." if broken else f"\nAll {len(findings)} promises hold.")


def _tell_finding(finding: "Finding") -> None:
    invariant = finding.invariant
    if finding.is_fine:
        print(f"ok      {invariant.name} ({finding.checked} {invariant.counted})")
        return
    print(f"BROKEN  {invariant.name}: {finding.broken} of {finding.checked} {invariant.counted}")
    print(f"        promised: {invariant.promise}")
    for row in finding.rows:
        print(f"        - {row}")
    if finding.broken > len(finding.rows):
        print(f"        - and {finding.broken - len(finding.rows)} more (--limit)")
    print(f"        what to do: {invariant.advice}")
