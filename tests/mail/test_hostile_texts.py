"""No mail made of what slows patterns down keeps its reader busy, wherever in it that stands.

A part of all texts by default, all of them under `./dev faults` (some minutes).
"""

from gateway.mail.envelope import Envelope
from gateway.tickets import reading
from tests.builders import POLICY, RING
from tests.faults import extent
from tests.house import pumps

SIZE = 50_000
SECONDS = 5.0  # of the processor; the slowest found takes a tenth of it
FIELDS = ("From", "To", "Cc", "Subject", "Message-ID", "References", "Received", "Authentication-Results", "Date")
CONTENT_FIELDS = ("Content-Type", "Content-Disposition")
# Each was slow once.
KNOWN = (
    "<@" + "a,@" * (SIZE // 3),
    "__._,_.___   " * (SIZE // 13),
    "a," * (SIZE // 2),
    "a" * SIZE,
    "a b " * (SIZE // 4),
)


def texts() -> list[str]:
    found = {text: None for pattern in pumps.patterns().values() for text in pumps.attacks(pattern, SIZE)}
    return [*KNOWN, *list(found)[:: extent.of(200, 1)]]


def mails(text: str) -> dict[str, bytes]:
    octets = text.encode("utf-8", "replace")
    line = octets.replace(b"\r", b" ").replace(b"\n", b" ")
    head = b"From: a@customer.test\r\nSubject: x\r\n"
    fields = b"".join(name.encode() + b": " + line + b"\r\n" for name in FIELDS)
    content = b"".join(name.encode() + b": text/plain" + line + b"; x=" + line + b"\r\n" for name in CONTENT_FIELDS)
    report = b"From: mailer-daemon@customer.test\r\nSubject: Undelivered Mail Returned to Sender\r\n\r\n"
    return {
        "fields": fields + b"\r\nx\r\n",
        "fields of the content": head + content + b"\r\nx\r\n",
        "text": head + b"\r\n" + octets + b"\r\n",
        "html": head + b"Content-Type: text/html\r\n\r\n<p>" + octets + b"</p>\r\n",
        "report": report + octets + b"\r\n",
    }


def test_reading_takes_linear_time():
    slow = []
    for text in texts():
        for where, raw in mails(text).items():
            try:
                with pumps.bounded(SECONDS):
                    reading.read(raw, Envelope("a@customer.test", ("support@desk.test",)), RING, POLICY)
            except pumps.TooSlowError:
                slow.append((where, text[:40]))
    assert slow == []
