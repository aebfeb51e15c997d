"""Readings on their way between two processes: short, and otherwise the same."""

import io
import pickle
from dataclasses import replace

import pytest

from gateway.desk.lean import REDUCERS
from gateway.mail.envelope import Envelope
from gateway.mail.message import Attachment
from gateway.tickets import reading
from gateway.tickets.reading import Reading
from tests.builders import POLICY, RING, mail
from tests.corpus.yardstick import CORPUS

ENVELOPE = Envelope("kim@customer.test", ("support@example.com",))
FOLDERS = sorted(folder for folder in CORPUS.iterdir() if folder.is_dir())


def frame(value: object) -> bytes:
    """What would go through the pipe."""
    octets = io.BytesIO()
    pickler = pickle.Pickler(octets, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = REDUCERS
    pickler.dump(value)
    return octets.getvalue()


def without_what_is_long(read: Reading) -> Reading:
    files = tuple(file.without_content() for file in read.message.attachments)
    return replace(read, message=replace(read.message, html="", attachments=files))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_it_is_the_same_but_for_what_is_long(folder):
    for file in sorted(folder.rglob("*.eml"))[:20]:
        read = reading.read(file.read_bytes(), ENVELOPE, RING, POLICY)
        there = pickle.loads(frame(read))
        expected = without_what_is_long(read)
        assert there == expected
        assert [(each.sha256, each.size) for each in there.message.attachments] == [
            (each.sha256, each.size) for each in read.message.attachments
        ]
        assert there.message.header_all("received") == read.message.header_all("received")
        assert there.author == read.author


def test_a_file_made_lean_twice_is_still_known():
    file = Attachment("a.pdf", "application/pdf", b"%PDF-")
    once = pickle.loads(frame(file))
    assert once == file.without_content()
    twice = pickle.loads(frame(once))
    assert (twice.sha256, twice.size, twice.content) == (file.sha256, 5, b"")


def test_of_an_ordinary_mail_no_class_is_named():
    read = reading.read(mail("Hello"), ENVELOPE, RING, POLICY)
    assert b"gateway.mail" in pickle.dumps(read, pickle.HIGHEST_PROTOCOL)
    assert b"gateway.mail" not in frame(read)
    assert b"gateway.tickets" not in frame(read)
