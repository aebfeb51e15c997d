from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway import store
from gateway.mail.envelope import Envelope
from gateway.store import spool
from gateway.store.spool import Arrival, SpoolState, Verdict
from gateway.tickets.model import SpoolId
from tests.builders import HOUR, NOW

LEASE = timedelta(minutes=10)
DONE = Verdict(SpoolState.DONE, "opened", "opened a ticket", digest="d1", message_id="a@x")
HELD = Verdict(SpoolState.HELD, "held", "its author has no part in it")


def arrival(key="1", raw=b"Subject: hello\r\n\r\nWorld\xff\x00", source="smtp", mail_from: str | None = "kim@x"):
    return Arrival(Envelope(mail_from, ("support@desk.test", "b@desk.test")), raw, source, key, "192.0.2.1")


def add(db, key="1", **how):
    return spool.add(db, arrival(key, **how), NOW)[0]


def got(db, spool_id):
    found = spool.get(db, spool_id)
    assert found is not None
    return found


@pytest.mark.parametrize("mail_from", ["kim@x", "", None])
def test_a_mail_is_kept_byte_for_byte_with_its_envelope(db, mail_from):
    spool_id = add(db, mail_from=mail_from)
    mail = got(db, spool_id)
    assert mail.envelope == replace(arrival(mail_from=mail_from).envelope, peer="192.0.2.1")
    assert (mail.source, mail.received_at, mail.state, mail.attempts) == ("smtp", NOW, SpoolState.WAITING, 0)
    assert spool.original(db, spool_id).read() == arrival().raw
    assert (mail.verdict, mail.reason, mail.kind, mail.ticket_id, mail.trace, mail.released_by) == (
        "",
        "",
        "",
        None,
        (),
        "",
    )


def test_a_server_that_we_fetch_from_is_nobody_at_our_door(db):
    assert got(db, add(db, source="imap:support")).envelope.peer == ""


def test_what_its_source_named_once_is_stored_once(db):
    first, is_new = spool.add(db, arrival(), NOW)
    assert is_new
    assert spool.add(db, arrival(raw=b"whatever"), NOW + HOUR) == (first, False)
    assert spool.original(db, first).read() == arrival().raw


def test_the_same_key_of_another_source_is_another_mail_whose_bytes_are_kept_once(db):
    assert add(db) != add(db, source="imap:box")
    assert db.exec_driver_sql("SELECT count(*) FROM originals").scalar() == 1


def test_a_source_can_ask_whether_it_brought_these_bytes_before(db):
    add(db)
    assert spool.with_content(db, "smtp", arrival().raw) is not None
    assert spool.with_content(db, "imap:box", arrival().raw) is None
    assert spool.with_content(db, "smtp", b"other") is None


def test_a_source_can_ask_which_of_its_keys_came_before(db):
    add(db, "1")
    add(db, "2", source="imap:box")
    assert spool.stored(db, "smtp", ["1", "2", "3"]) == {"1"}
    assert spool.stored(db, "smtp", ()) == frozenset()


def test_mail_is_taken_oldest_first_and_only_once_while_leased(db):
    ids = [add(db, str(number)) for number in range(3)]
    assert [mail.id for mail in spool.take(db, NOW, LEASE, 2)] == ids[:2]
    assert [mail.id for mail in spool.take(db, NOW, LEASE, 2)] == ids[2:]
    assert spool.take(db, NOW, LEASE, 2) == ()


def test_a_lease_that_ran_out_lets_the_mail_be_taken_again_and_counts_the_attempt(db):
    spool_id = add(db)
    spool.take(db, NOW, LEASE, 1)
    assert spool.take(db, NOW + LEASE - timedelta(seconds=1), LEASE, 1) == ()
    (again,) = spool.take(db, NOW + LEASE, LEASE, 1)
    assert (again.id, again.attempts) == (spool_id, 1)
    assert got(db, spool_id).attempts == 2


def test_a_taking_counts_until_somebody_else_takes_or_settles_the_mail(db):
    spool_id = add(db)
    (first,) = spool.take(db, NOW, LEASE, 1)
    assert spool.still_taken(db, [first])
    (second,) = spool.take(db, NOW + LEASE, LEASE, 1)
    assert not spool.still_taken(db, [first])
    assert spool.still_taken(db, [second])
    spool.settle(db, spool_id, DONE, NOW)
    assert not spool.still_taken(db, [second])


def test_a_taking_that_was_reclaimed_does_not_count(db):
    add(db)
    (taken,) = spool.take(db, NOW, LEASE, 1)
    spool.reclaim(db)
    assert not spool.still_taken(db, [taken])


def test_deferred_mail_is_taken_when_it_is_due(db):
    spool_id = add(db)
    spool.take(db, NOW, LEASE, 1)
    spool.defer(db, spool_id, NOW + HOUR, "database busy")
    assert spool.take(db, NOW + HOUR / 2, LEASE, 1) == ()
    (taken,) = spool.take(db, NOW + HOUR, LEASE, 1)
    assert (taken.id, taken.reason) == (spool_id, "database busy")


def test_settled_mail_has_its_verdict_and_is_never_taken_again(db, ticket):
    spool_id = add(db)
    verdict = Verdict(
        SpoolState.DONE, "opened", "why", ticket.id, "request", ("one", "two"), "d", "a@x", "kim@x", "Printer"
    )
    spool.settle(db, spool_id, verdict, NOW)
    mail = got(db, spool_id)
    assert (mail.state, mail.verdict, mail.reason) == (SpoolState.DONE, "opened", "why")
    assert (mail.ticket_id, mail.kind, mail.trace) == (ticket.id, "request", ("one", "two"))
    assert (mail.sender, mail.subject) == ("kim@x", "Printer")
    assert spool.take(db, NOW + 100 * HOUR, LEASE, 1) == ()


def test_held_mail_waits_for_a_person_and_goes_to_triage_again_when_released(db):
    spool_id = add(db)
    spool.take(db, NOW, LEASE, 1)
    spool.settle(db, spool_id, HELD, NOW)
    assert [mail.id for mail in spool.held(db)] == [spool_id]
    assert spool.take(db, NOW + 100 * HOUR, LEASE, 1) == ()
    assert spool.release(db, spool_id, "admin")
    assert spool.held(db) == ()
    (taken,) = spool.take(db, NOW, LEASE, 1)
    assert (taken.released_by, taken.attempts) == ("admin", 0)


def test_dropped_mail_is_at_an_end_but_its_bytes_stay(db):
    spool_id = add(db)
    spool.settle(db, spool_id, HELD, NOW)
    assert spool.drop(db, spool_id, "admin", NOW)
    mail = got(db, spool_id)
    assert (mail.state, mail.verdict, mail.reason) == (SpoolState.DROPPED, "dropped", "dropped by admin")
    assert spool.original(db, spool_id).read() == arrival().raw
    assert spool.take(db, NOW + 100 * HOUR, LEASE, 1) == ()


@pytest.mark.parametrize("state", ["waiting", "taken", "done", "dropped", "unknown"])
def test_only_held_mail_can_be_released_or_dropped(db, state):
    spool_id = add(db)
    if state == "taken":
        spool.take(db, NOW, LEASE, 1)
    elif state != "waiting":
        spool.settle(db, spool_id, replace(DONE, state=SpoolState(state if state != "unknown" else "done")), NOW)
    before = got(db, spool_id)
    wanted = SpoolId(99) if state == "unknown" else spool_id
    assert not spool.release(db, wanted, "admin")
    assert not spool.drop(db, wanted, "admin", NOW)
    assert got(db, spool_id) == before


def test_what_a_dead_process_had_taken_waits_again_at_once(db):
    taken, done = add(db, "1"), add(db, "2")
    spool.take(db, NOW, LEASE, 2)
    spool.settle(db, done, DONE, NOW)
    assert spool.reclaim(db) == 1
    assert [mail.id for mail in spool.take(db, NOW, LEASE, 2)] == [taken]


def twin(db, digest, message_id, *other_than):
    """The id of the first that is the same mail."""
    found = spool.twins(db, [(digest, message_id)], other_than).get((digest, message_id))
    return found and found[0]


def test_a_twin_has_the_same_digest_and_the_same_message_id(db):
    first = add(db, "1")
    spool.settle(db, first, DONE, NOW)
    assert twin(db, "d1", "a@x") == first
    assert twin(db, "d1", "b@x") is None
    assert twin(db, "d1", "") is None
    assert twin(db, "d2", "a@x") is None
    assert twin(db, "d1", "a@x", first) is None  # nobody is his own twin


def test_twins_of_many_mails_are_asked_for_at_once(db, ticket):
    ids = [add(db, str(number)) for number in range(4)]
    identities = [("d1", "a@x"), ("d2", "b@x"), ("d2", "b@x"), ("d1", "b@x")]
    for number, (digest, message_id) in zip(ids, identities, strict=True):
        spool.settle(db, number, replace(DONE, digest=digest, message_id=message_id, ticket_id=ticket.id), NOW)
    wanted = [("d1", "a@x"), ("d2", "b@x"), ("d3", "")]
    assert spool.twins(db, wanted, ()) == {
        ("d1", "a@x"): (ids[0], ticket.id),
        ("d2", "b@x"): (ids[1], ticket.id),
        ("d1", "b@x"): (ids[3], ticket.id),
    }
    assert spool.twins(db, wanted, ids[:2])["d2", "b@x"] == (ids[2], ticket.id)
    assert spool.twins(db, [], ids) == {}


def test_mails_without_message_id_are_twins_by_digest_alone(db):
    first = add(db, "1")
    spool.settle(db, first, replace(DONE, message_id=""), NOW)
    assert twin(db, "d1", "") == first
    assert twin(db, "d1", "a@x") is None


def test_dropped_mail_and_duplicates_are_nobodys_twins(db):
    duplicate, dropped = add(db, "1"), add(db, "2")
    spool.settle(db, duplicate, replace(DONE, verdict="duplicate"), NOW)
    spool.settle(db, dropped, replace(DONE, state=SpoolState.HELD), NOW)
    assert twin(db, "d1", "a@x") == dropped
    spool.drop(db, dropped, "admin", NOW)
    assert twin(db, "d1", "a@x") is None


def test_mails_are_listed_and_counted(db):
    ids = [add(db, str(number)) for number in range(4)]
    spool.settle(db, ids[0], DONE, NOW)
    spool.settle(db, ids[1], HELD, NOW)
    assert [mail.id for mail in spool.listed(db)] == ids
    assert [mail.id for mail in spool.listed(db, after=ids[0], limit=2)] == ids[1:3]
    assert [spool.count(db, state) for state in SpoolState] == [2, 0, 1, 1, 0]
    assert spool.count(db, SpoolState.WAITING, SpoolState.HELD) == 3
    assert spool.get(db, SpoolId(99)) is None


def run(*workers):
    with ThreadPoolExecutor(len(workers)) as pool:
        for done in [pool.submit(worker) for worker in workers]:
            done.result(60)


def test_threads_that_take_at_once_never_take_the_same_mail(database):
    with database.write() as db:
        ids = [add(db, str(number)) for number in range(40)]
    taken: list[int] = []

    def worker():
        while True:
            with database.write() as db:
                mine = spool.take(db, NOW, LEASE, 3)
            if not mine:
                return
            taken.extend(mail.id for mail in mine)

    run(*[worker] * 4)
    assert sorted(taken) == ids


def test_four_writers_at_once_lose_nothing(database):
    def writer(name):
        def write():
            for number in range(15):
                with database.write() as db:
                    add(db, str(number), source=name, raw=f"{name} {number}".encode())

        return write

    run(*(writer(f"imap:{number}") for number in range(4)))
    with database.read() as db:
        assert Counter(mail.source for mail in spool.listed(db)) == {f"imap:{number}": 15 for number in range(4)}


def test_threads_that_bring_the_same_mail_store_it_once(database):
    told: list[bool] = []

    def bring():
        with database.write() as db:
            told.append(spool.add(db, arrival(), NOW)[1])

    run(*[bring] * 6)
    assert sorted(told) == [False] * 5 + [True]
    with database.read() as db:
        assert store.spool.count(db, SpoolState.WAITING) == 1


def test_it_is_crowded_when_more_than_so_many_have_no_verdict(db):
    ids = [add(db, str(number)) for number in range(3)]
    assert spool.is_crowded(db, 2)
    spool.take(db, NOW, LEASE, 1)
    assert spool.is_crowded(db, 2)
    assert not spool.is_crowded(db, 3)
    spool.settle(db, ids[0], DONE, NOW)
    assert not spool.is_crowded(db, 2)
