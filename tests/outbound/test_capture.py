import mailbox
from datetime import UTC, datetime

import pytest

from gateway.mail.parse import parse
from gateway.outbound.capture import Capture, message_ids
from gateway.outbound.relay import RelayDownError, WithdrawnError

RAW = b"From: support@example.com\r\nMessage-ID: <1@x>\r\nSubject: =?utf-8?q?=C5=BE?=\r\n\r\nline\r\n.\r\n\xff\x00end"


def yes():
    return True


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "deep" / "captured"


@pytest.fixture
def capture(folder):
    return Capture(folder, lambda: datetime(2026, 11, 20, 12, 0, 0, 250_000, tzinfo=UTC))


def test_a_mail_is_one_file_whose_octets_are_the_envelope_and_the_mail(capture, folder):
    said = capture.send("support+b@example.com", ["anna@example.org", "ben@example.org"], RAW, yes)
    (file,) = (folder / "new").iterdir()
    assert file.read_bytes() == (
        b"Return-Path: <support+b@example.com>\r\n"
        b"X-Original-To: anna@example.org\r\n"
        b"X-Original-To: ben@example.org\r\n" + RAW
    )
    assert {str(reply) for reply in said.values()} == {f"250 2.0.0 captured as {file.name}"}
    assert list(said) == ["anna@example.org", "ben@example.org"]


def test_any_mail_client_can_open_it_and_names_never_repeat(capture, folder):
    for _ in range(3):
        capture.send("", ["anna@example.org"], RAW, yes)
    opened = mailbox.Maildir(folder, create=False)
    assert [message["Return-Path"] for message in opened] == ["<>"] * 3
    assert (len(list((folder / "tmp").iterdir())), len({*opened.keys()})) == (0, 3)
    assert all(key.startswith("1795176000.M250000P") for key in opened.keys())  # noqa: SIM118 - a mailbox is no dict


def test_our_own_reader_reads_it(capture, folder):
    capture.send("a@b.example", ["анна@example.org"], RAW, yes)
    (file,) = (folder / "new").iterdir()
    message = parse(file.read_bytes())
    assert (message.subject, message.header("X-Original-To")) == ("ž", "анна@example.org")


def test_an_envelope_cannot_write_further_headers(capture, folder):
    capture.send("a@b\r\nBcc: x@y", ["c@d\nX-Evil: 1"], RAW, yes)
    (file,) = (folder / "new").iterdir()
    assert file.read_bytes().startswith(b"Return-Path: <a@b Bcc: x@y>\r\nX-Original-To: c@d X-Evil: 1\r\nFrom:")


def test_a_folder_that_cannot_be_written_is_the_relays_trouble(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RelayDownError, match=r"file/captured: mail cannot be captured \(Not a directory\)"):
        Capture(tmp_path / "file" / "captured", lambda: datetime(2026, 11, 20, tzinfo=UTC)).send(
            "", ["a@b.example"], RAW, yes
        )


def test_a_mail_that_may_not_go_is_not_captured(capture, folder):
    with pytest.raises(WithdrawnError):
        capture.send("", ["anna@example.org"], RAW, lambda: False)
    assert not folder.exists()


def test_others_cannot_read_it(capture, folder):
    capture.send("", ["anna@example.org"], RAW, yes)
    assert oct((folder / "new").stat().st_mode & 0o777) == "0o700"
    capture.close_idle()
    capture.close()


def test_what_was_captured_is_known_by_its_message_ids(capture, folder):
    assert message_ids(folder) == {}
    for raw in (RAW, RAW, b"message-id: <2@x>\r\n\r\nMessage-ID: <3@x>\r\n", b"Subject: none\r\n\r\n"):
        capture.send("a@x", ["b@y"], raw, yes)
    first = min((folder / "new").iterdir())
    first.rename(folder / "cur" / f"{first.name}:2,S")
    assert message_ids(folder) == {"1@x": 2, "2@x": 1}
