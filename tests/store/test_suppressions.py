from gateway.store import suppressions
from gateway.tickets.suppression import Fault, Suppression
from tests.builders import DAY, NOW

GONE = Suppression("kim@customer.test", Fault.GONE, 100, NOW, "5.1.1", "no such user", NOW + 60 * DAY)
FULL = Suppression("lee@customer.test", Fault.FULL, 40, NOW + DAY, "5.2.2", "over quota")


def test_what_is_held_against_an_address_comes_back_in_any_spelling(db):
    suppressions.keep(db, GONE)
    suppressions.keep(db, FULL)
    assert suppressions.among(db, ["KIM@customer.test", "max@customer.test"]) == {"kim@customer.test": GONE}
    assert suppressions.among(db, []) == {}
    assert suppressions.listed(db) == (GONE, FULL)
    assert suppressions.listed(db, GONE.address, 1) == (FULL,)


def test_the_newest_word_counts(db):
    suppressions.keep(db, FULL)
    again = Suppression(FULL.address, Fault.PASSING, 60, NOW + 2 * DAY, "4.4.7", "no answer")
    suppressions.keep(db, again)
    assert suppressions.listed(db) == (again,)


def test_it_can_be_lifted_once(db):
    suppressions.keep(db, GONE)
    assert suppressions.lift(db, "Kim@Customer.test")
    assert not suppressions.lift(db, "Kim@Customer.test")
    assert suppressions.listed(db) == ()


def test_what_is_over_is_swept(db):
    suppressions.keep(db, GONE)
    suppressions.keep(db, FULL)
    assert suppressions.sweep(db, NOW + 59 * DAY) == 0
    assert suppressions.sweep(db, NOW + 60 * DAY) == 1
    assert suppressions.sweep(db, NOW + 61 * DAY) == 1
