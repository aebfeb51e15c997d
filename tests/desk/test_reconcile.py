import logging

import pytest

from gateway import store
from gateway.desk import reconcile
from gateway.desk.reconcile import Reconciliation
from gateway.store.sightings import Compared
from gateway.tickets.alarm import AlarmKind
from gateway.tickets.model import SpoolId
from tests.builders import NOW, mail

LOST = Compared("box", "INBOX", listed=7, lost=2, fetched=(SpoolId(3), SpoolId(4)))


@pytest.fixture
def hear(office):
    return Reconciliation(office.database, office.policy, lambda: NOW).hear


@pytest.fixture
def alarms(database):
    def listed():
        with database.read() as db:
            return store.alarms.listed(db)

    return listed


@pytest.mark.parametrize(
    ("compared", "said"),
    [
        (Compared("box", "INBOX"), ""),
        (Compared("box", "INBOX", listed=7, found=3, unread=1, gone=9), ""),
        (LOST, "2 of 7 mails in folder 'INBOX' of mailbox 'box' were not in the database"),
        (LOST, "They were fetched again, as new mail. If the database was restored"),
        (Compared("box", "Processed", listed=1, lost=1, fetched=(SpoolId(3),)), "It was fetched again, as new mail. "),
        (Compared("box", "INBOX", listed=7, left=7), ""),
        (Compared("box", "INBOX", listed=7, fetched=(SpoolId(3),), is_rewound=True), "1 of them are new"),
        (Compared("box", "Processed", listed=2, lost=2, fetched=(SpoolId(3),)), "as new mail, but for 1. "),
    ],
)  # fmt: skip
def test_only_lost_mail_is_trouble(compared, said):
    told = reconcile.trouble(compared)
    assert said in told
    assert bool(told) == bool(said)


def test_what_agrees_raises_no_alarm(hear, alarms, caplog):
    caplog.set_level(logging.INFO)
    hear(Compared("box", "INBOX", listed=7))
    assert alarms() == ()
    assert [(each.levelname, vars(each)["mails"]) for each in caplog.records] == [("INFO", 7)]


def test_a_restored_server_is_an_alarm_with_what_came_in(hear, alarms):
    hear(Compared("box", "INBOX", listed=7, fetched=(SpoolId(3),), is_rewound=True))
    (alarm,) = alarms()
    assert (alarm.kind, alarm.key, alarm.count, alarm.spool_ids) == (AlarmKind.LEDGER, "box/INBOX", 1, (3,))
    assert "gives UIDs in folder 'INBOX' a second time" in alarm.detail


def test_lost_mail_is_one_alarm_a_folder_with_its_mails(hear, alarms):
    hear(LOST)
    hear(LOST)
    (alarm,) = alarms()
    assert (alarm.kind, alarm.key, alarm.count, alarm.spool_ids) == (AlarmKind.LEDGER, "box/INBOX", 4, (3, 4))
    assert "2 of 7 mails" in alarm.detail


def test_where_no_alarm_can_be_stored_the_log_has_it(hear, database, caplog):
    with database.write() as db:
        db.exec_driver_sql("DROP TABLE alarms")
    hear(LOST)
    (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert (vars(record)["lost"], vars(record)["folder"]) == (2, "INBOX")


def test_captured_mail_is_known_by_its_message_id(office):
    office.opened(mail())
    (acknowledgement, *_) = office.outbox()
    with office.database.write() as db:
        store.outbox.freeze(db, acknowledgement.id, "known@desk.test", "", b"x", "x")
    with office.database.read() as db:
        outside = reconcile.captured(db, {"known@desk.test": 2, "other@desk.test": 1})
    assert outside == reconcile.Outside(unknown=("other@desk.test",), twice=("known@desk.test",))
