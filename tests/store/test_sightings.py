import pytest

from gateway.mail.envelope import Envelope
from gateway.store import sightings, spool
from gateway.store.spool import Arrival
from tests.builders import NOW

BOX = "imap:box"


@pytest.fixture
def mails(db):
    """Two mails of one mailbox and one of another, under the same numbers."""
    arrivals = [(BOX, "INBOX/7/1"), (BOX, "INBOX/7/2"), ("imap:other", "INBOX/7/1")]
    return [
        spool.add(db, Arrival(Envelope(None, ("a@x",)), f"{source}{key}".encode(), source, key), NOW)[0]
        for source, key in arrivals
    ]


def test_a_mail_is_known_under_its_own_key_and_those_it_was_seen_under(db, mails):
    sightings.note(db, BOX, {"INBOX/8/5": mails[0]})
    keys = ["INBOX/7/1", "INBOX/7/3", "INBOX/8/5", "INBOX/8/6"]
    assert sightings.known(db, BOX, keys) == {"INBOX/7/1", "INBOX/8/5"}
    assert sightings.known(db, "imap:other", keys) == {"INBOX/7/1"}
    assert sightings.known(db, BOX, []) == frozenset()


def test_what_was_seen_twice_is_noted_once(db, mails):
    for _ in range(2):
        sightings.note(db, BOX, {"INBOX/8/5": mails[0]})
    assert sightings.count(db, BOX, "INBOX/8") == 1


def test_mail_that_was_moved_is_named_by_its_own_key(db, mails):
    sightings.note_moved(db, BOX, {"INBOX/7/2": "Done/1/1", "INBOX/7/9": "Done/1/2"})
    assert sightings.known(db, BOX, ["Done/1/1", "Done/1/2"]) == {"Done/1/1"}, "the other is no mail of ours"


def test_a_place_is_a_folder_under_one_numbering(db, mails):
    sightings.note(db, BOX, {"INBOX/77/1": mails[0]})
    assert sightings.count(db, BOX, "INBOX/7") == 2
    assert sightings.count(db, BOX, "INBOX/77") == 1
    assert sightings.count(db, BOX, "INBO_/7") == 0


def test_whose_mail_lies_under_a_key(db, mails):
    sightings.note(db, BOX, {"INBOX/8/5": mails[0]})
    keys = ("INBOX/7/2", "INBOX/8/5", "INBOX/8/6")
    assert [sightings.mail_at(db, BOX, key) for key in keys] == [mails[1], mails[0], None]
