"""`gateway explain --stored ID`: what became of a mail that was taken in. It is not decided anew."""

import argparse

from gateway import store
from gateway.cli import exits, output
from gateway.cli.opened import opened
from gateway.cli.table import printable
from gateway.errors import PermanentError
from gateway.store.spool import Spooled
from gateway.tickets.model import SpoolId


def run(arguments: argparse.Namespace) -> int:
    """Prints what is kept of the mail."""
    with opened(arguments) as (_, database), database.read() as db:
        mail = store.spool.get(db, SpoolId(arguments.stored))
        if mail is None:
            raise PermanentError(f"no mail {arguments.stored} is stored")
        ticket = store.tickets.get(db, mail.ticket_id) if mail.ticket_id is not None else None
    value = _value(mail, ticket.reference if ticket else None)
    if arguments.json:
        output.print_json_line(value)
        return exits.OK
    for name, each in value.items():
        if name != "trace":
            print(printable(f"{name}: {each if each is not None else '-'}"))
    for step in mail.trace:
        print(f"  {printable(step)}")
    return exits.OK


def _value(mail: Spooled, ticket: str | None) -> dict[str, object]:
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
