import pytest

from gateway.inbound.imap import identity

HEADER = b"Subject: x\r\nMessage-ID: <1@a.test>\r\nDate: Mon, 4 May 2026 09:30:00 +0000\r\n\r\n"
KNOWN = identity.of(HEADER)


@pytest.mark.parametrize(
    "same",
    [
        HEADER + b"Message-ID: <in the body>\r\n",
        b"Date: Mon, 4 May 2026 09:30:00 +0000\r\nMessage-ID: <1@a.test>\r\n\r\n",
        b"message-id:<1@a.test>\nDATE:  Mon, 4 May\n 2026 09:30:00 +0000\n\nbody",
        b"Message-ID:\r\n <1@a.test>\r\nReceived: from x\r\n Message-ID: <2@a.test>\r\n" + HEADER.split(b"\r\n", 2)[2],
    ],
)
def test_order_folding_and_what_else_there_is_make_no_difference(same):
    assert identity.of(same) == KNOWN != ""


@pytest.mark.parametrize(
    "other",
    [
        HEADER.replace(b"<1@", b"<2@"),
        HEADER.replace(b"09:30", b"09:31"),
        HEADER.replace(b"Date:", b"X-Date:"),
        b"Message-ID: <0@a.test>\r\n" + HEADER,
    ],
)
def test_another_mail_is_another(other):
    assert identity.of(other) not in {KNOWN, ""}


@pytest.mark.parametrize(
    "nameless", [b"", b"\r\n\r\n" + HEADER, b"Date: Mon, 4 May 2026 09:30:00 +0000\r\n\r\n", b"Message-ID: \r\n\r\n"]
)
def test_without_a_message_id_a_mail_has_none(nameless):
    assert identity.of(nameless) == ""
