"""Reading mail in a process of its own: what takes too long, needs too much or kills it costs that one mail only."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage

import pytest

from gateway.desk import reader
from gateway.desk.readers import Readers, UnreadableError
from gateway.desk.settings import ReadingSettings
from gateway.mail.envelope import Envelope
from gateway.tickets import reading
from tests.builders import POLICY, RING, mail

ENVELOPE = Envelope("kim@customer.test", ("support@example.com",))
HUGE = b"Subject: huge\n\n" + b"x" * 60_000_000
BUSY = b"Subject: busy\nContent-Type: text/html\n\n" + b"<div><p>x</p>" * 2_000_000
SETTINGS = ReadingSettings(memory_size=2**31)


def compose_with_file(content: bytes) -> bytes:
    """A mail with words in HTML and a file."""
    letter = EmailMessage()
    letter["From"] = "kim@customer.test"
    letter.set_content("<p>Hello</p>", subtype="html")
    letter.add_attachment(content, "application", "pdf", filename="a.pdf")
    return letter.as_bytes()


@pytest.fixture
def readers() -> Iterator[Readers]:
    with Readers(RING, POLICY, ReadingSettings(mail_seconds=30)) as running:
        yield running


def test_it_reads_what_this_process_would_read(readers):
    raw = mail("Hello")
    assert readers.read(raw, ENVELOPE) == reading.read(raw, ENVELOPE, RING, POLICY)


@pytest.mark.parametrize("raw", [b"", b"\x00\xff", b"From: a@b\n" * 5000, bytes(range(256)) * 100])
def test_whatever_comes_it_goes_on(readers, raw):
    assert readers.read(raw, ENVELOPE) == reading.read(raw, ENVELOPE, RING, POLICY)
    assert readers.read(mail("Hello"), ENVELOPE).reply.text == "Hello"


def test_a_process_that_died_between_two_mails_is_replaced(readers):
    readers.read(mail("One"), ENVELOPE)
    os.kill(readers.pid, signal.SIGKILL)
    assert readers.read(mail("Two"), ENVELOPE).reply.text == "Two"


def test_a_mail_that_keeps_a_processor_busy_for_too_long_is_given_up_and_the_others_are_read():
    with Readers(RING, POLICY, ReadingSettings(mail_seconds=0.03), patience=1000) as hasty:
        one, busy, two = hasty.read_all([(raw, ENVELOPE) for raw in (mail("One"), BUSY, mail("Two"))])
    assert str(busy) == "reading it failed: it kept a processor busy for more than 0.03 s"
    assert [each.reply.text for each in (one, two) if not isinstance(each, UnreadableError)] == ["One", "Two"]


def test_what_the_process_does_not_get_to_run_does_not_count():
    with Readers(RING, POLICY, ReadingSettings(mail_seconds=0.3), patience=100) as patient:
        pid = patient.pid
        os.kill(pid, signal.SIGSTOP)
        later = threading.Timer(1, os.kill, (pid, signal.SIGCONT))
        later.start()
        assert patient.read(mail("One"), ENVELOPE).reply.text == "One"
        later.join()
        assert patient.pid == pid


def test_mails_are_read_by_another_process_when_the_first_has_come_to_a_stop(caplog):
    with Readers(RING, POLICY, ReadingSettings(mail_seconds=3), patience=1) as hasty:
        stopped = hasty.pid
        os.kill(stopped, signal.SIGSTOP)
        found = hasty.read_all([(mail(words), ENVELOPE) for words in ("One", "Two", "Three")])
        assert hasty.pid != stopped
    assert [isinstance(each, UnreadableError) or each.reply.text for each in found] == ["One", "Two", "Three"]
    (told,) = caplog.records
    assert (told.levelname, told.pid, told.reason) == ("WARNING", stopped, "it took longer than 3 s")


def test_a_mail_that_two_processes_have_not_read_in_time_is_given_up(caplog):
    hasty = Readers(RING, POLICY, ReadingSettings(mail_seconds=1), patience=0.01)
    with hasty, pytest.raises(UnreadableError, match=r"longer than 0\.01 s"):
        hasty.read(mail("One"), ENVELOPE)
    assert len({told.pid for told in caplog.records}) == 2


def test_a_mail_that_needs_too_much_memory_is_given_up_and_the_next_is_read():
    with Readers(RING, POLICY, ReadingSettings(memory_size=200 * 1024 * 1024)) as poor:
        with pytest.raises(UnreadableError, match="failed"):
            poor.read(HUGE * 4, ENVELOPE)
        assert poor.read(mail("Hello"), ENVELOPE).reply.text == "Hello"


def test_many_mails_are_read_in_order(readers):
    mails = [(mail(f"Number {number}"), ENVELOPE) for number in range(120)]
    assert readers.read_all(mails) == [reading.read(*each, RING, POLICY) for each in mails]
    assert readers.read_all([]) == []


def test_of_many_mails_one_that_needs_too_much_memory_is_given_up_and_the_others_are_read():
    raws = [mail("One"), mail("Two"), HUGE * 4, mail("Three")]
    with Readers(RING, POLICY, ReadingSettings(memory_size=200 * 1024 * 1024)) as poor:
        found = poor.read_all([(raw, ENVELOPE) for raw in raws])
    assert [isinstance(each, UnreadableError) for each in found] == [False, False, True, False]


def test_many_mails_are_read_by_a_new_process_when_the_old_one_died_before(readers):
    os.kill(readers.pid, signal.SIGKILL)
    found = readers.read_all([(mail(words), ENVELOPE) for words in ("One", "Two")])
    assert [each.reply.text for each in found] == ["One", "Two"]


def test_the_octets_of_many_mails_come_as_they_were_sent(readers):
    raws = [b"", mail("One"), b"\x00" * 3_000_000, mail("Two"), b"", b"\xff"]
    found = readers.read_all([(raw, ENVELOPE) for raw in raws])
    assert found == [reading.read(raw, ENVELOPE, RING, POLICY) for raw in raws]


def test_more_answers_than_a_pipe_holds_wait_for_nobody(readers):
    text = "\n".join(f"line {number} of a long mail" for number in range(9000))
    found = readers.read_all([(mail(text), ENVELOPE)] * 30)
    assert {each.reply.full for each in found} == {text}


def test_what_is_long_stays_there_and_what_tells_of_it_comes(readers):
    raw = compose_with_file(b"%PDF-" + b"x" * 50_000)
    here, there = reading.read(raw, ENVELOPE, RING, POLICY), readers.read(raw, ENVELOPE)
    (file,) = there.message.attachments
    assert (file.content, there.message.html) == (b"", "")
    assert (file.size, file.sha256) == (50_005, here.message.attachments[0].sha256)
    assert file.sha256 == hashlib.sha256(b"%PDF-" + b"x" * 50_000).hexdigest()
    files = tuple(file.without_content() for file in here.message.attachments)
    assert there == replace(here, message=replace(here.message, html="", attachments=files))


def test_nothing_is_left_behind():
    with Readers(RING, POLICY, ReadingSettings()) as running:
        pid = running.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(
    "said", [[], [(RING, POLICY, SETTINGS)], [(RING, POLICY, SETTINGS), [(mail("Hello"), ENVELOPE)]]]
)
def test_it_ends_without_a_word_when_its_parent_was_killed(said):
    command = [sys.executable, "-m", reader.__name__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as orphan:
        assert orphan.stdin
        assert orphan.stdout
        assert orphan.stderr
        orphan.stdout.close()
        for value in said:
            reader.send(orphan.stdin, value)
        orphan.stdin.close()
        assert orphan.stderr.read() == b""
    assert orphan.returncode == 0


def test_a_key_pressed_to_end_the_daemon_is_not_for_it(readers):
    readers.read(mail("One"), ENVELOPE)
    os.kill(readers.pid, signal.SIGINT)
    pid = readers.pid
    assert readers.read(mail("Two"), ENVELOPE).reply.text == "Two"
    assert readers.pid == pid
