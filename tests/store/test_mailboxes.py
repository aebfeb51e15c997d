from gateway.store import mailboxes
from gateway.store.mailboxes import Cursor


def test_a_folder_is_unknown_before_its_first_visit(db):
    assert mailboxes.cursor(db, "support", "INBOX") is None


def test_each_folder_of_each_mailbox_is_read_up_to_a_point_of_its_own(db):
    mailboxes.set_cursor(db, "support", "INBOX", Cursor(7, 10))
    mailboxes.set_cursor(db, "support", "Junk", Cursor(8, 1))
    mailboxes.set_cursor(db, "billing", "INBOX", Cursor(9, 2))
    mailboxes.set_cursor(db, "support", "INBOX", Cursor(7, 11))
    assert mailboxes.cursor(db, "support", "INBOX") == Cursor(7, 11)
    assert mailboxes.cursor(db, "support", "Junk") == Cursor(8, 1)
    assert mailboxes.cursor(db, "billing", "INBOX") == Cursor(9, 2)


def test_both_numbers_use_all_of_their_32_bits(db):
    mailboxes.set_cursor(db, "support", "INBOX", Cursor(2**32 - 1, 2**32 - 1))
    assert mailboxes.cursor(db, "support", "INBOX") == Cursor(2**32 - 1, 2**32 - 1)


def test_in_another_era_a_folder_is_read_from_its_beginning(db):
    mailboxes.set_cursor(db, "support", "INBOX", Cursor(7, 10))
    mailboxes.set_cursor(db, "support", "INBOX", Cursor(7, 4, era=1))
    mailboxes.set_cursor(db, "support", "INBOX", Cursor(7, 3, era=1))  # who was paused writes it late
    assert mailboxes.cursor(db, "support", "INBOX") == Cursor(7, 4, era=1)
