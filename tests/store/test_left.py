import pytest

from gateway.store import left

BOX, OTHER = "imap:box", "imap:other"


@pytest.fixture
def noted(db):
    left.note(db, BOX, {"INBOX/7/1": "a", "INBOX/7/2": "", "INBOX/70/1": "b"})
    left.note(db, BOX, {"INBOX/7/1": "another time"})
    left.note(db, BOX, {})


def test_a_mail_that_was_left_is_known_by_its_key(db, noted):
    assert left.known(db, BOX, ["INBOX/7/1", "INBOX/7/2", "INBOX/7/3"]) == {"INBOX/7/1", "INBOX/7/2"}
    assert left.known(db, OTHER, ["INBOX/7/1"]) == frozenset()
    assert (left.is_any(db, BOX), left.is_any(db, OTHER)) == (True, False)


def test_and_where_it_has_one_by_its_identity(db, noted):
    assert left.identities(db, BOX, ["a", "", "c"]) == {"a"}
    assert left.identities(db, OTHER, ["a"]) == frozenset()
    assert [left.identity(db, BOX, key) for key in ("INBOX/7/1", "INBOX/7/2", "INBOX/7/3")] == ["a", "", ""]


def test_a_decision_is_made_anew_for_one_place(db, noted):
    left.forget(db, BOX, "INBOX/7")
    assert left.known(db, BOX, ["INBOX/7/1", "INBOX/7/2", "INBOX/70/1"]) == {"INBOX/70/1"}
