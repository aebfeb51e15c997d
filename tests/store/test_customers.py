import pytest

from gateway.mail.address import Mailbox
from gateway.store import customers
from gateway.store.schema import customers as table
from tests.builders import KIM, NOW


def name_of(db, address):
    return db.scalar(table.select().with_only_columns(table.c.name).where(table.c.address == address))


def test_a_customer_is_known_by_his_address_in_any_case(db):
    customers.remember(db, Mailbox("Kim", "Kim@Customer.Test"), "lv")
    assert customers.languages(db, [" <KIM@customer.test> "]) == {KIM.address: "lv"}
    assert customers.languages(db, ["lee@customer.test"]) == {}


@pytest.mark.parametrize(
    ("name", "language", "expected"),
    [("Kim K.", "pl", ("Kim K.", "pl")), ("", "", ("Kim Kask", "lv")), ("", "pl", ("Kim Kask", "pl"))],
)
def test_the_newest_name_and_language_that_are_known_are_kept(db, name, language, expected):
    customers.remember(db, KIM, "lv")
    customers.remember(db, Mailbox(name, KIM.address), language)
    assert (name_of(db, KIM.address), customers.languages(db, [KIM.address])[KIM.address]) == expected


def test_when_a_customer_was_asked_is_remembered_with_him(db):
    assert customers.surveyed_at(db, KIM.address) is None
    customers.remember(db, KIM, "lv")
    assert customers.surveyed_at(db, KIM.address) is None
    customers.set_surveyed(db, KIM.address.upper(), NOW)
    customers.remember(db, KIM, "pl")
    assert customers.surveyed_at(db, KIM.address) == NOW
