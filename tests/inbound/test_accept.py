import asyncio
import logging
import threading
from contextlib import closing
from dataclasses import replace

import pytest

from gateway import store
from gateway.errors import TemporaryError
from gateway.inbound.accept import Acceptor
from gateway.mail.envelope import Envelope
from gateway.store.engine import open_database
from gateway.store.spool import Arrival, SpoolState, Verdict
from tests.inbound.conftest import NOW


def arrival(key="1", raw=b"Subject: hello\r\n\r\n\x00\xff\n", mail_from: str | None = "anna@example.net"):
    return Arrival(Envelope(mail_from, ("help@example.test",)), raw, "smtp", key, "192.0.2.1")


def test_an_arrival_is_stored_byte_for_byte_and_wakes_the_desk(now, acceptor, database, woken):
    spool_id, is_new = acceptor.accept(arrival())
    assert is_new
    with database.read() as db:
        spooled = store.spool.get(db, spool_id)
        assert store.spool.original(db, spool_id).read() == arrival().raw
    assert spooled is not None
    brought = replace(arrival().envelope, peer="192.0.2.1")
    assert (spooled.source, spooled.envelope, spooled.received_at) == ("smtp", brought, now)
    assert woken == [1]


def test_the_same_source_and_key_is_stored_once_and_wakes_nobody_again(acceptor, woken, stored):
    first = acceptor.accept(arrival())
    assert acceptor.accept(arrival()) == (first[0], False)
    assert len(stored()) == 1
    assert woken == [1]


def test_twins_in_one_batch_are_stored_once(now, database, woken, stored):
    acceptor = Acceptor(database, lambda: now, lambda: woken.append(1))
    receipts = [acceptor.submit(arrival()) for _ in range(2)]
    acceptor.start()
    assert [receipt.result(10)[1] for receipt in receipts] == [True, False]
    acceptor.stop()
    assert len(stored()) == 1


def commits(database, locked, mails):
    """How many commits it takes when all but the first mail come while that one waits for another writer."""
    begun, woken = threading.Event(), []

    def now():
        begun.set()
        return NOW

    with Acceptor(database, now, lambda: woken.append(1)) as acceptor:
        with locked():
            receipts = [acceptor.submit(mails[0])]
            assert begun.wait(10)
            receipts += [acceptor.submit(each) for each in mails[1:]]
        assert [receipt.result(10) for receipt in receipts] == [(number + 1, True) for number in range(len(mails))]
    return len(woken)


def test_who_comes_while_we_wait_for_our_turn_shares_the_commit(database, locked):
    assert commits(database, locked, [arrival(str(number)) for number in range(40)]) == 1


def test_where_bytes_are_brought_elsewhere_first_he_shares_the_next_one(database, locked, tmp_path):
    mails = [arrival(str(number), b"Subject: %d\r\n" % number) for number in range(40)]
    with closing(open_database(database.url, originals=f"file://{tmp_path}/mail")) as elsewhere:
        assert commits(elsewhere, locked, mails) == 2


def test_one_bad_arrival_fails_alone(acceptor, caplog, locked, stored):
    bad = arrival("bad", mail_from="\udcff@example.net")
    with locked():
        receipts = [acceptor.submit(each) for each in (arrival("1"), bad, arrival("2"))]
    assert receipts[0].result(10)[1]
    assert receipts[2].result(10)[1]
    with pytest.raises(TemporaryError):
        receipts[1].result(10)
    assert len(stored()) == 2
    assert [record.message for record in caplog.records if record.levelno == logging.ERROR] == [
        "a mail cannot be stored; its sender keeps it"
    ]


def test_a_locked_database_refuses_all_alarms_once_and_recovers_by_itself(acceptor, database, caplog, locked, stored):
    caplog.set_level(logging.WARNING, "gateway.inbound.accept")
    with locked():
        receipts = [acceptor.submit(arrival(str(number))) for number in range(3)]
        for receipt in receipts:
            with pytest.raises(TemporaryError, match="locked"):
                receipt.result(30)
    assert acceptor.accept(arrival("0"))[1]
    assert acceptor.accept(arrival("4"))[1]
    assert [record.message for record in caplog.records] == [
        "no mail can be stored; senders keep theirs until the database works again",
        "mail can be stored again",
    ]
    assert len(stored()) == 2


def test_a_full_disk_refuses_and_recovers(now, file, woken, stored):
    database = open_database(f"sqlite:///{file}")
    with database.write() as db:
        pages = db.exec_driver_sql("PRAGMA page_count").scalar_one()
        db.exec_driver_sql(f"PRAGMA max_page_count = {pages + 4}")
    with Acceptor(database, lambda: now, lambda: woken.append(1)) as acceptor:
        with pytest.raises(TemporaryError, match="full"):
            acceptor.accept(arrival("big", b"x" * 1_000_000))
        with database.write() as db:
            db.exec_driver_sql(f"PRAGMA max_page_count = {pages + 4000}")
        assert acceptor.accept(arrival("big", b"x" * 1_000_000))[1]
    assert len(stored()) == 1
    database.close()


def test_a_waker_that_fails_stops_nobody(now, database, caplog):
    def wake():
        raise RuntimeError("no")

    with Acceptor(database, lambda: now, wake) as acceptor:
        assert acceptor.accept(arrival("1"))[1]
        assert acceptor.accept(arrival("2"))[1]


def test_stop_stores_what_was_handed_in_and_refuses_what_comes_later(now, database, woken):
    acceptor = Acceptor(database, lambda: now, lambda: woken.append(1))
    acceptor.start()
    receipts = [acceptor.submit(arrival(str(number))) for number in range(300)]
    acceptor.stop()
    assert all(receipt.done() and receipt.result()[1] for receipt in receipts)
    with pytest.raises(TemporaryError, match="shutting down"):
        acceptor.accept(arrival("late"))


def test_a_cancelled_caller_does_not_stop_the_commit(acceptor, woken, locked, stored):
    async def give_up():
        waiting = asyncio.create_task(acceptor.accept_async(arrival()))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    with locked():
        asyncio.run(give_up())
    acceptor.stop()
    assert len(stored()) == 1


def test_many_threads_and_keys_end_in_one_row_each(acceptor, stored):
    seen = []

    def send(number):
        seen.append(acceptor.accept(arrival(str(number % 10))))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(is_new for _, is_new in seen) == 10
    assert len(stored()) == 10


def bring(acceptor, numbers):
    return [acceptor.submit(arrival(str(number))).result(10)[0] for number in numbers]


def test_masses_of_mail_wait_until_there_is_room(now, database, until):
    """Ten mails lie unsettled: the next is taken as soon as the desk has settled one, and not before."""
    with Acceptor(database, lambda: now, lambda: None, most_unsettled=9) as acceptor:
        bring(acceptor, range(10))
        late = acceptor.submit(arrival("late"))
        with pytest.raises(TimeoutError):
            late.result(0.3)
        with database.write() as db:
            for spooled in store.spool.listed(db):
                store.spool.settle(db, spooled.id, Verdict(SpoolState.DONE, "opened", "a ticket"), now)
        assert late.result(10)[1]


def test_mail_is_taken_after_a_while_where_nobody_deals_with_it(now, database, stored):
    with Acceptor(database, lambda: now, lambda: None, most_unsettled=1) as acceptor:
        bring(acceptor, range(3))
    assert len(stored()) == 3


def test_a_stopping_acceptor_holds_nobody_up(now, database, stored):
    acceptor = Acceptor(database, lambda: now, lambda: None, most_unsettled=0)
    acceptor.start()
    bring(acceptor, range(1))
    receipts = [acceptor.submit(arrival(f"late {number}")) for number in range(50)]
    acceptor.stop()
    assert all(receipt.result(0)[1] for receipt in receipts)
