from datetime import timedelta

from gateway.store import leases

MINUTE = timedelta(minutes=1)
OVER = timedelta(seconds=-1)


def test_a_lease_is_one_owners_until_it_runs_out(db):
    assert leases.take(db, "clock", "a", MINUTE)
    assert not leases.take(db, "clock", "b", MINUTE)
    assert leases.take(db, "clock", "a", OVER)
    assert leases.holders(db) == {}
    assert leases.take(db, "clock", "b", MINUTE)
    assert leases.holders(db) == {"clock": "b"}
    assert not leases.take(db, "clock", "a", MINUTE)


def test_each_name_is_a_lease_of_its_own(db):
    assert leases.take(db, "clock", "a", MINUTE)
    assert leases.take(db, "mailbox x", "b", MINUTE)
    assert leases.holders(db) == {"clock": "a", "mailbox x": "b"}


def test_what_an_owner_releases_is_free_at_once_and_others_keep_theirs(db):
    for name, owner in (("clock", "a"), ("mailbox x", "a"), ("mailbox y", "b")):
        assert leases.take(db, name, owner, MINUTE)
    leases.release(db, "a", "nobody")
    assert leases.holders(db) == {"mailbox y": "b"}
    assert leases.take(db, "clock", "b", MINUTE)


def test_of_many_who_want_it_at_once_one_gets_it(either):
    from concurrent.futures import ThreadPoolExecutor

    def take(owner):
        with either.write() as db:
            return leases.take(db, "clock", owner, MINUTE)

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(take, "abcdef")) == 1


def test_one_may_be_given_up_alone(db):
    for name, owner in (("mailbox x", "a"), ("mailbox y", "a"), ("mailbox z", "b")):
        assert leases.take(db, name, owner, MINUTE)
    leases.give(db, "a", ("mailbox x", "mailbox z"))
    leases.give(db, "a", ())
    assert leases.holders(db) == {"mailbox y": "a", "mailbox z": "b"}
