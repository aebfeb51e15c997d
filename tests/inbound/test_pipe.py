import io
import queue
from contextlib import closing

import pytest

from gateway.errors import PermanentError, TemporaryError
from gateway.inbound import pipe
from gateway.store.engine import open_database
from gateway.store.wake import Bell

RAW = b"From anna@example.net\nSubject: x\n\n\xff\x00\r\n"
TO = ("help@example.test", "sales@example.test")


def test_a_mail_is_stored_byte_for_byte_with_its_envelope(database, stored, now):
    assert pipe.ingest(database, RAW, "anna@example.net", TO, now) == (1, True)
    [(source, envelope, raw)] = stored()
    assert (source, envelope.mail_from, envelope.rcpt_to, raw) == ("pipe", "anna@example.net", TO, RAW)


def test_the_same_piped_again_is_the_same_mail(database, stored, now):
    first, _ = pipe.ingest(database, RAW, "anna@example.net", TO, now)
    assert pipe.ingest(database, RAW, "anna@example.net", TO[::-1], now) == (first, False)
    assert len(stored()) == 1


@pytest.mark.parametrize(
    ("raw", "mail_from", "to", "key"),
    [
        (RAW + b" ", "anna@example.net", TO, ""),
        (RAW, "otto@example.net", TO, ""),
        (RAW, "", TO, ""),
        (RAW, None, TO, ""),
        (RAW, "anna@example.net", TO[:1], ""),
        (RAW, "anna@example.net", TO, "own"),
        (b"", "anna@example.net", TO, ""),
    ],
)
def test_another_mail_or_envelope_is_another_mail(database, stored, now, raw, mail_from, to, key):
    pipe.ingest(database, RAW, "anna@example.net", TO, now)
    assert pipe.ingest(database, raw, mail_from, to, now, key)[1]
    assert stored()[1][1].mail_from == mail_from


def test_a_locked_database_is_temporary_and_stores_nothing(database, stored, now, locked):
    with locked(), pytest.raises(TemporaryError, match="locked"):
        pipe.ingest(database, RAW, None, TO, now)
    assert stored() == []
    assert pipe.ingest(database, RAW, None, TO, now)[1]


@pytest.mark.postgres
def test_nodes_elsewhere_are_told(postgres, now):
    heard: queue.Queue[str] = queue.Queue()
    url = postgres.database()
    with closing(open_database(url)) as database, Bell(url, heard.put, lambda: heard.put("everything")):
        assert heard.get(timeout=20) == "everything"
        pipe.ingest(database, RAW.replace(b"\x00", b""), None, TO, now)
        assert heard.get(timeout=20) == "triage"


def test_the_pipe_is_read_up_to_the_limit():
    assert pipe.read(io.BytesIO(b"12345"), 5) == b"12345"
    with pytest.raises(PermanentError, match="more than 5 octets"):
        pipe.read(io.BytesIO(b"123456"), 5)


def test_an_argument_that_is_no_utf8_costs_no_mail(database, stored, now):
    pipe.ingest(database, RAW, "\udcff@example.net", ("\udcff@example.test",), now)
    [(_, envelope, _)] = stored()
    assert (envelope.mail_from, envelope.rcpt_to) == ("\ufffd@example.net", ("\ufffd@example.test",))
