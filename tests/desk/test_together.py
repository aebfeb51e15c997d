"""Mails that are settled in one transaction: each ends as it would have ended alone, one after the other."""

import random
from contextlib import closing
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from gateway.mail.tokens import Purpose
from gateway.store.engine import open_database
from gateway.store.schema import articles, customers, events, message_ids, participants, spool, tickets
from gateway.tickets.notices import NoticeKind
from tests.builders import ANNA, dsn, mail
from tests.desk.conftest import Office

NAMES = ("kim", "lee", "mo")
REMEMBERED = (tickets, articles, events, message_ids, customers, participants, spool)


def remembered(office):
    """Every row of what a mail changes."""
    with office.database.read() as db:
        return {
            table.name: [tuple(row) for row in db.execute(select(table).order_by(*table.primary_key))]
            for table in REMEMBERED
        }


def answered(office):
    """Three customers' tickets, each answered and one resolved, with a letter in `office.outbox` to come back."""
    found = []
    for name in NAMES:
        first = mail(f"I am {name}.", sender=f"{name}@customer.test", message_id=f"{name}@first", date=office.date())
        ticket = office.ticket(office.receive(first).ticket_id)
        found.append(office.agent_writes(ticket, "#resolve\nDone." if name == "mo" else f"Dear {name}."))
    return found


def correspondence(office, known, seed, length=14):
    """Mails that have to do with each other in every way there is, in any order: bytes and where they go."""
    choose, numbers = random.Random(seed), count()
    ids = [f"{name}@first" for name in NAMES]
    letters: list[tuple[bytes, str]] = []
    while len(letters) < length:
        number, ticket = next(numbers), choose.choice(known)
        name, words, message_id = choose.choice(NAMES), f"Words no. {number}.", f"m{number}@x"
        common: dict[str, Any] = {
            "sender": f"{name}@customer.test",
            "message_id": message_id,
            "date": f"{number} May 2026 09:00 +0000",
        }
        meant = (("In-Reply-To", f"<{choose.choice(ids)}>"), ("References", f"<{choose.choice(ids)}>"))
        friend = (("Cc", "friend@elsewhere.test"), *meant)
        follow_up = office.address(ticket, Purpose.FOLLOW_UP)
        desk, agents = "support@desk.test", office.reply_address(ticket, "anna")
        letters.append(
            choose.choice(
                [
                    (mail(words, subject="New", **common), desk),
                    (mail(words, subject="New", **{**common, "sender": f"new-{number % 3}@else.test"}), desk),
                    (mail(words, headers=meant, **common), desk),
                    (mail(words, headers=friend, **common), desk),
                    (mail(words, headers=meant, **{**common, "sender": "friend@elsewhere.test"}), desk),
                    (mail(words, **common), follow_up),
                    (mail(words, subject=f"Re: {ticket.reference}", **common), desk),
                    (mail("Yes", **common), follow_up),
                    (mail("No", **common), follow_up),
                    (mail("I am away.", headers=(("Auto-Submitted", "auto-replied"), *meant), **common), desk),
                    (mail(choose.choice(("#resolve", "#open", words)), **{**common, "sender": ANNA.address}), agents),
                    (dsn("failed", "5.7.1"), office.bounce_address(office.last(NoticeKind.REPLY))),
                    choose.choice(letters or [(mail(words, **common), desk)]),  # once more, by another way
                ]
            )
        )
        ids.append(message_id)
    return letters


def after(place, seed, limit):
    """What is remembered when so many at once have been settled."""
    with closing(open_database(f"sqlite:///{place}", is_lasting=False)) as database:
        office = Office(database)
        office.desk_with(random.Random(1).choice)
        for raw, to in correspondence(office, answered(office), seed):
            office.bring(raw, to, mail_from="" if b"multipart/report" in raw else "kim@customer.test")
        while office.triage.run_once(limit):
            pass
        return remembered(office)


@pytest.mark.parametrize("seed", range(12))
def test_it_makes_no_difference_how_many_are_settled_together(tmp_path, seed):
    alone, together = (after(tmp_path / f"{limit}.db", seed, limit) for limit in (1, 40))
    assert together == alone


def test_what_is_asked_and_written_does_not_grow_with_the_mails(office):
    def statements(numbers):
        for number in numbers:
            office.bring(mail(f"I am no. {number}.", sender=f"p{number}@else.test", message_id=f"{number}@x"))
        sent = []

        def note(_db, _cursor, statement, *_):
            if not statement.startswith(("INSERT INTO tickets", "SELECT originals")):
                sent.append(statement.split()[:3])

        event.listen(Engine, "before_cursor_execute", note)
        office.triage.run_once()
        event.remove(Engine, "before_cursor_execute", note)
        return sent

    assert statements(range(3)) == statements(range(3, 30))
