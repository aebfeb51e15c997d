"""Reading mail in a process of its own: what takes too long, needs too much or kills it costs that one mail only."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
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


def test_a_mail_that_takes_too_long_is_given_up_and_the_next_is_read(readers):
    readers.read(mail("One"), ENVELOPE)
    os.kill(readers.pid, signal.SIGSTOP)
    began = time.monotonic()
    with Readers(RING, POLICY, ReadingSettings(mail_seconds=0.3)) as hasty:
        os.kill(hasty.pid, signal.SIGSTOP)
        with pytest.raises(UnreadableError, match=r"longer than 0\.3 s"):
            hasty.read(mail("Two"), ENVELOPE)
        assert time.monotonic() - began < 30
    os.kill(readers.pid, signal.SIGCONT)
    assert readers.read(mail("Three"), ENVELOPE).reply.text == "Three"


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


def test_of_many_mails_one_that_takes_too_long_is_given_up_and_the_others_are_read():
    with Readers(RING, POLICY, ReadingSettings(mail_seconds=3)) as hasty:
        os.kill(hasty.pid, signal.SIGSTOP)
        slow, *others = hasty.read_all([(mail(words), ENVELOPE) for words in ("One", "Two", "Three")])
    assert isinstance(slow, UnreadableError)
    assert [each.reply.text for each in others if not isinstance(each, UnreadableError)] == ["Two", "Three"]


def test_many_mails_are_read_by_a_new_process_when_the_old_one_died_before(readers):
    os.kill(readers.pid, signal.SIGKILL)
    found = readers.read_all([(mail(words), ENVELOPE) for words in ("One", "Two")])
    assert [each.reply.text for each in found] == ["One", "Two"]


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
    assert there == reader.lean(here)


def test_nothing_is_left_behind():
    with Readers(RING, POLICY, ReadingSettings()) as running:
        pid = running.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize("said", [[], [(RING, POLICY, 2**31)], [(RING, POLICY, 2**31), [(mail("Hello"), ENVELOPE)]]])
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
