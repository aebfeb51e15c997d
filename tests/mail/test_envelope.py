import pytest

from gateway.mail.envelope import Envelope


@pytest.mark.parametrize(("mail_from", "expected"), [("", True), (None, False), ("kim@example.com", False)])
def test_only_the_empty_reverse_path_is_null_not_an_unknown_one(mail_from, expected):
    assert Envelope(mail_from, ("support@desk.test",)).has_null_reverse_path is expected
