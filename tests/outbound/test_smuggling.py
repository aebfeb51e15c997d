"""Nothing we send holds a bare line feed, a bare return or an end of data of its own, whatever strangers wrote."""

import re
import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.address import Mailbox
from gateway.mail.compose import Outgoing, compose
from gateway.mail.message import Attachment
from gateway.outbound.settings import SmarthostSettings, Tls
from gateway.outbound.smarthost import Smarthost

BARE = re.compile(rb"(?<!\r)\n|\r(?!\n)")
SECOND = "MAIL FROM:<evil@example.net>\r\nRCPT TO:<victim@example.com>\r\nDATA\r\nsmuggled\r\n"
ENDS = [f"{before}.{after}{SECOND}" for before in ("\r\n", "\n", "\r") for after in ("\r\n", "\n", "\r")]
hostile = st.lists(st.sampled_from([*ENDS, "\r", "\n", "\x00", "\x0b", "\x85", "\u2028", ".", "x" * 1200, "żółć"])).map(
    "".join
)
types = st.sampled_from(["message/rfc822", "text/plain", "application/pdf", "multipart/mixed", "x\r\ny/z", ""])


def outgoing(words: str, octets: bytes, content_type: str) -> Outgoing:
    return Outgoing(
        from_=Mailbox(words, "support@desk.example"),
        to=(Mailbox(words, "anna@example.net"),),
        subject=words,
        date=datetime(2026, 5, 4, tzinfo=UTC),
        message_id="1@desk.example",
        text=words,
        html=f"<p>{words}</p>",
        attachments=(Attachment(name=words, content_type=content_type, content=octets),),
        headers=(("X-Word", words),),
    )


@given(hostile, hostile.map(str.encode), types)
def test_what_is_composed_has_lines_that_end_with_crlf_and_are_short(words, octets, content_type):
    raw = compose(outgoing(words, octets, content_type))
    assert not BARE.search(raw)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\x00" not in raw


@contextmanager
def recording() -> Iterator[tuple[int, list[bytes]]]:
    """A server that understands nothing but the order of a transaction: its port, and all octets it was sent."""
    said: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            line, _ = server.accept()
            with line, line.makefile("rb") as lines:
                line.sendall(b"220 recorder\r\n")
                for each in lines:
                    said.append(each)
                    if said[-3:-1] and b"".join(said[-2:]).endswith(b"\r\n.\r\n"):
                        line.sendall(b"250 kept\r\n")
                    elif each == b"DATA\r\n" and said.count(each) == 1:
                        line.sendall(b"354 go on\r\n")
                    elif re.match(rb"(?i)(ehlo|mail|rcpt|quit)", each) and b"DATA\r\n" not in said[:-1]:
                        line.sendall(b"250 ok\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1], said
        thread.join(20)


@pytest.mark.parametrize("end", ENDS)
def test_on_the_wire_there_is_one_end_of_data(end):
    raw = compose(outgoing(end, end.encode(), "message/rfc822"))
    with recording() as (port, said):
        smarthost = Smarthost(SmarthostSettings(host="127.0.0.1", port=port, tls=Tls.NONE))
        replies = smarthost.send("bounce@desk.example", ["anna@example.net"], raw, lambda: True)
        connection = smarthost._connection
        assert isinstance(connection, smtplib.SMTP)
        connection.close()
    assert replies["anna@example.net"].is_accepted
    wire = b"".join(said)
    assert not BARE.search(wire)
    assert wire.count(b"\r\n.\r\n") == 1
    assert wire.endswith(b"\r\n.\r\n")


@pytest.mark.parametrize("raw", [b"Subject: x\n\nx\r\n", b"x\r\n\r\n\n.\r\n", b"x\r\r\n", b"x\r\n\r\nx\r", b"\n.\n"])
def test_octets_that_might_be_two_mails_to_somebody_are_not_sent(raw):
    """No composed mail is like this; the last door is closed all the same."""
    replies = Smarthost(SmarthostSettings(host="127.0.0.1", port=1, tls=Tls.NONE)).send(
        "", ["anna@example.net"], raw, lambda: True
    )
    assert replies["anna@example.net"].code == 554
