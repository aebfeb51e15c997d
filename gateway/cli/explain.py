"""`gateway explain`: what would become of a mail, and why, without any of it happening.

With a configuration the mails are held against its tickets, which stay untouched. Without one a desk with a single
queue is made up, and the mails are taken one after the other, so that a later one can continue an earlier one.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli import exits, options, output

if TYPE_CHECKING:
    from concurrent.futures import Future

    from gateway.desk.explanation import Explanation
    from gateway.desk.moves import Desk
    from gateway.mail.envelope import Envelope
    from gateway.store.spool import Spooled
    from gateway.tickets.policy import Policy
    from gateway.tickets.reading import Reading

    Raw = bytes | OSError
    Ahead = tuple[str, Raw, Future[Reading] | OSError]
    Explain = Callable[[Reading], Explanation]


_NO_MAIL = frozenset({".cfg", ".csv", ".html", ".ini", ".json", ".md", ".py", ".pyc", ".toml", ".yaml", ".yml"})
_AHEAD = 16  # mails that are being read while one is explained
_MADE_UP = "support@desk.invalid"


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
    """Prints one explanation a mail; one that cannot be read does not stop the next."""
    if arguments.stored is not None:
        return _explain_stored(arguments)
    if not arguments.paths:
        print("gateway explain: name a mail, an mbox or a folder, or --stored ID", file=sys.stderr)
        return exits.USAGE
    with _explainer(arguments) as (desk, explain):
        for path, raw, read in _read_ahead(_mails(arguments.paths), arguments, desk):
            told = _explained(explain, read)
            value = _error(path, told) if isinstance(told, Exception) else _value(path, told)
            if arguments.hops and isinstance(raw, bytes):
                value |= _way(raw)
            _print(value, as_json=arguments.json)
    return exits.OK


def _explained(explain: "Explain", read: "Future[Reading] | OSError") -> "Explanation | Exception":
    if isinstance(read, OSError):
        return read
    try:
        return explain(read.result())
    except Exception as error:  # noqa: BLE001 - one bad mail must not stop the next; it is reported in its place
        return error


def _read_ahead(mails: "Iterator[tuple[str, Raw]]", arguments: argparse.Namespace, desk: "Desk") -> "Iterator[Ahead]":
    """The mails in order, each being read by a process of its own, as many at a time as there are processors."""
    from collections import deque
    from concurrent.futures import ThreadPoolExecutor
    from queue import SimpleQueue

    from gateway.desk.readers import Readers
    from gateway.desk.settings import ReadingSettings

    with ExitStack() as processes:
        idle: SimpleQueue[Readers] = SimpleQueue()
        for _ in range(os.cpu_count() or 1):
            reader = Readers(desk.ring, desk.policy, ReadingSettings())
            processes.push(reader)  # it starts with the first mail it is given
            idle.put(reader)

        def read(raw: bytes) -> "Reading":
            reader = idle.get()
            try:
                return reader.read(raw, _envelope(raw, arguments))
            finally:
                idle.put(reader)

        pool = processes.enter_context(ThreadPoolExecutor(idle.qsize()))
        ahead: deque[Ahead] = deque()
        for path, raw in mails:
            ahead.append((path, raw, raw if isinstance(raw, OSError) else pool.submit(read, raw)))
            if len(ahead) > _AHEAD:
                yield ahead.popleft()
        yield from ahead


@contextmanager
def _explainer(arguments: argparse.Namespace) -> "Iterator[tuple[Desk, Explain]]":
    """The desk, and what explains a mail: against its tickets, or in a rehearsal where no desk is configured."""
    import secrets
    import tempfile

    from gateway.cli.opened import opened
    from gateway.daemon.clock import wall
    from gateway.desk import explanation
    from gateway.desk.moves import Desk
    from gateway.mail.tokens import Keyring
    from gateway.store.engine import open_database

    if arguments.config or options.config_path(arguments).is_file():
        with opened(arguments) as (loaded, database):
            desk = Desk(loaded.policy, loaded.keyring, secrets.choice)

            def explain(read: "Reading") -> "Explanation":
                with database.read() as db:
                    return explanation.explain(db, read, desk, wall())

            yield desk, explain
        return
    with tempfile.TemporaryDirectory(prefix="gateway-explain-") as folder:
        rehearsed_in = open_database(f"sqlite:///{folder}/explain.db", is_lasting=False)
        made_up = Desk(_policy(arguments.rcpt), Keyring((secrets.token_bytes(32),)), secrets.choice)
        rehearsal = explanation.Rehearsal(made_up)

        try:
            with rehearsed_in.write() as db:  # one transaction for all: nobody else looks, and nothing of it stays
                yield made_up, lambda read: rehearsal.explain(db, read, wall())
        finally:
            rehearsed_in.close()


def _policy(recipients: list[str]) -> "Policy":
    from gateway.tickets.model import Agent, Queue
    from gateway.tickets.policy import Policy

    agent = Agent("agent", "Agent", "agent@desk.invalid")
    queue = Queue("support", "Support", recipients[0] if recipients else _MADE_UP, ("agent",), tuple(recipients[1:]))
    return Policy("explain", "desk.invalid", (queue,), (agent,), (), "support")


def _mails(paths: list[str]) -> Iterator[tuple[str, bytes | OSError]]:
    for name in paths:
        path = Path(name)
        if name == "-":
            yield "-", sys.stdin.buffer.read()
        elif path.is_dir():
            for each in sorted(path.rglob("*")):
                if each.is_file() and not each.name.startswith(".") and each.suffix not in _NO_MAIL:
                    yield from _file(each)
        else:
            yield from _file(path)


def _file(path: Path) -> Iterator[tuple[str, bytes | OSError]]:
    from gateway.inbound import mbox

    try:
        raw = path.read_bytes()
    except OSError as error:
        yield str(path), error
        return
    if not mbox.is_mbox(raw):
        yield str(path), raw
        return
    for number, mail in enumerate(mbox.split(raw), start=1):
        yield f"{path}#{number}", mail


def _envelope(raw: bytes, arguments: argparse.Namespace) -> "Envelope":
    import re

    from gateway.mail.envelope import Envelope

    said = arguments.mail_from
    if said is None and (found := re.search(rb"(?im)^Return-Path:[ \t]*<?([^>\r\n]*)>?", raw[:20_000])):
        said = found[1].decode("utf-8", "replace").strip()
    return Envelope(said.strip("<>") if said is not None else None, tuple(arguments.rcpt))


def _print(value: dict[str, object], *, as_json: bool) -> None:
    import json

    print(json.dumps(value, ensure_ascii=False, default=str) if as_json else "\n".join(_lines(value)), flush=as_json)


def _way(raw: bytes) -> dict[str, object]:
    import logging

    from gateway.mail import parse

    logging.getLogger("mailparser").setLevel(logging.ERROR)  # what it warns of is among the defects
    way = parse.trace(raw)
    hops = [
        {
            "from": hop.from_,
            "by": hop.by,
            "protocol": hop.protocol,
            "at": hop.at.isoformat() if hop.at else None,
            "delay_seconds": hop.delay.total_seconds() if hop.delay is not None else None,
        }
        for hop in way.hops
    ]
    return {"hops": hops, "hop_defects": way.defects}


def _error(path: str, error: Exception) -> dict[str, object]:
    return {"path": path, "error": f"{type(error).__name__}: {error}"}


def _value(path: str, told: "Explanation") -> dict[str, object]:
    message, reply, report = told.reading.message, told.reading.reply, told.reading.report
    author, said = told.reading.author, told.reading.authentication
    return {
        "path": path,
        "verdict": told.verdict,
        "kind": told.reading.classified.kind,
        "subject": message.subject,
        "from": {"name": author.name, "address": author.address} if author else None,
        "to": [{"name": each.name, "address": each.address} for each in message.to],
        "cc": [{"name": each.name, "address": each.address} for each in message.cc],
        "date": message.date.isoformat() if message.date else None,
        "message_id": message.message_id,
        "language": told.reading.language or None,
        "text": message.text,
        "reply_text": reply.text,
        "folded": [{"kind": fold.kind, "first": fold.first, "last": fold.last} for fold in reply.folded],
        "attachments": [
            {"name": each.name, "content_type": each.content_type, "size": each.size, "inline": each.is_inline}
            for each in message.attachments
        ],
        "invitations": [each.line for each in message.invitations],
        "is_wrapper": message.is_wrapper,
        "authentication": {
            "spf": said.spf,
            "dkim": said.dkim,
            "dmarc": said.dmarc,
            "aligned": said.aligned,
        },
        "delivery_report": {
            "addresses": [each.address for each in report.failed],
            "status": [each.status for each in report.failed],
            "permanent": any(each.is_permanent for each in report.failed),
            "original_message_id": report.original_message_id or None,
        }
        if report
        else None,
        "ticket": told.ticket or None,
        "evidence": told.evidence,
        "queue": told.queue,
        "category": None,
        "priority": None,
        "actions": told.actions,
        "trace": told.trace,
        "defects": message.defects,
    }


def _lines(value: dict[str, object]) -> Iterator[str]:
    from gateway.cli.table import printable

    yield printable(str(value["path"]))
    if "error" in value:
        yield printable(f"  cannot be read: {value['error']}")
        return
    author = value["from"]
    sender = f"{author['name']} <{author['address']}>" if isinstance(author, dict) else "nobody"
    yield printable(f"  {value['verdict']}: {value['kind']} mail from {sender}")
    yield printable(f"  subject: {value['subject']}")
    hops = value.get("hops", [])
    for hop in hops if isinstance(hops, list) else []:
        delay = f", {hop['delay_seconds']:g} s later" if hop["delay_seconds"] is not None else ""
        yield printable(f"  hop: {hop['from'] or '?'} to {hop['by'] or '?'} by {hop['protocol'] or '?'}{delay}")
    for name in ("actions", "trace"):
        steps = value[name]
        yield f"  {name}:"
        for step in steps if isinstance(steps, tuple) else ():
            yield printable(f"    {step}")


def _explain_stored(arguments: argparse.Namespace) -> int:
    from gateway import store
    from gateway.cli.opened import opened
    from gateway.errors import PermanentError
    from gateway.tickets.model import SpoolId

    with opened(arguments) as (_, database), database.read() as db:
        mail = store.spool.get(db, SpoolId(arguments.stored))
        if mail is None:
            raise PermanentError(f"no mail {arguments.stored} is stored")
        ticket = store.tickets.get(db, mail.ticket_id) if mail.ticket_id is not None else None
    value = _stored(mail, ticket.reference if ticket else None)
    if arguments.json:
        output.print_json(value)
        return exits.OK
    from gateway.cli.table import printable

    for name, each in value.items():
        if name != "trace":
            print(printable(f"{name}: {each if each is not None else '-'}"))
    for step in mail.trace:
        print(printable(f"  {step}"))
    return exits.OK


def _stored(mail: "Spooled", ticket: str | None) -> dict[str, object]:
    return {
        "id": mail.id,
        "source": mail.source,
        "mail_from": mail.envelope.mail_from,
        "rcpt_to": mail.envelope.rcpt_to,
        "sha256": mail.sha256,
        "received_at": mail.received_at.isoformat(),
        "state": mail.state,
        "verdict": mail.verdict or None,
        "reason": mail.reason or None,
        "kind": mail.kind or None,
        "from": mail.sender or None,
        "subject": mail.subject,
        "ticket": ticket,
        "trace": mail.trace,
    }
