"""What a peer may try that no honest one does. Octets are raw, the spool is the judge."""

import itertools
import socket
import ssl
import tracemalloc

import pytest

from gateway.tickets.model import Queue
from gateway.tickets.policy import Policy
from tests.inbound.smtp.door import MAIL, Wire, send

LINE_ENDS = (b"\r\n", b"\n", b"\r", b"\n\r", b"\r\r\n", b"\r\n\x00", b"\x00\r\n", b"\x85", b"\x0b")
FALSE_ENDS = [
    (before, after)
    for before, after in itertools.product(LINE_ENDS, repeat=2)
    if not (before.endswith(b"\r\n") and after.startswith(b"\r\n"))
]
SECOND = b"MAIL FROM:<evil@example.net>\r\nRCPT TO:<help@example.test>\r\nDATA\r\nsmuggled\r\n.\r\n"


def replies_until_closed(wire: Wire) -> list[str]:
    replies = []
    try:
        while reply := wire.reply():
            replies.append(reply)
    except ConnectionResetError:
        pass
    return replies


class TestSmuggling:
    """RFC 5321 §2.3.8, §4.1.1.4: nothing ends a mail but CRLF.CRLF, so that two servers never see two mails in one."""

    def test_no_other_sequence_ends_a_mail_or_begins_another(self, open_door, stored):
        door = open_door()
        sent = []
        with Wire(door.port) as wire:
            for before, after in FALSE_ENDS:
                wire.up_to_data()
                told = b"one" + before + b"." + after + SECOND.removesuffix(b".\r\n")
                assert wire.say(told + b".").startswith("250 2.0.0"), (before, after)
                assert wire.say("NOOP") == "250 OK"
                sent.append(b"".join(_unstuffed(line) for line in told.split(b"\r\n")).removesuffix(b"\r\n"))
        assert [b"".join(raw.split(b"\r\n")) for _, _, raw in stored()] == sent

    @pytest.mark.parametrize("cut", range(1, 6))
    def test_the_end_is_found_wherever_the_packets_are_cut(self, door, stored, cut):
        told = b"..dots\r\n.\r\n"
        with Wire(door.port) as wire:
            wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            wire.up_to_data()
            for at in range(0, len(told), cut):
                wire.send(told[at : at + cut])
            assert wire.reply().startswith("250")
            assert wire.say("NOOP") == "250 OK"
        assert [raw for _, _, raw in stored()] == [b".dots\r\n"]

    def test_a_command_ended_otherwise_is_none_and_ends_the_session(self, door, stored):
        for end in (b"\n", b"\r", b"\n\r"):
            with Wire(door.port) as wire:
                wire.say("EHLO client.example")
                wire.send(b"NOOP" + end + b"MAIL FROM:<evil@example.net>" + end + b"RCPT TO:<help@example.test>\r\n")
                replies = [wire.reply()]
                assert replies[0][:3] in {"421", "500"}, end
                wire.socket.shutdown(socket.SHUT_WR)
                assert not [reply for reply in replies_until_closed(wire) if reply.startswith("250")]
        assert stored() == []

    def test_data_of_a_refused_transaction_is_never_taken_for_a_mail(self, door, stored):
        with Wire(door.port) as wire:
            begun = b"EHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<nobody@example.test>\r\nDATA\r\n"
            wire.send(begun + MAIL + b".\r\n")
            wire.socket.shutdown(socket.SHUT_WR)
            replies = replies_until_closed(wire)
        assert not [reply for reply in replies if reply.startswith("354")]
        assert stored() == []

    def test_chunks_are_not_offered_and_not_taken(self, door, stored):
        with Wire(door.port) as wire:
            assert "CHUNKING" not in wire.say("EHLO client.example")
            wire.say("MAIL FROM:<anna@example.net>")
            wire.say("RCPT TO:<help@example.test>")
            assert wire.say("BDAT 10 LAST").startswith("500 5.5.2")
        assert stored() == []


def _unstuffed(line: bytes) -> bytes:
    return line[1:] if line.startswith(b".") else line


class TestRelaying:
    """Against the real rule of who is ours."""

    @pytest.fixture
    def policy(self):
        queue = Queue("support", "Support", "help@example.test", ())
        return Policy("x", "example.test", queues=(queue,), agents=(), routes=(), default_queue="support")

    @pytest.mark.parametrize(
        "recipient",
        [
            "victim@elsewhere.example",
            "victim%elsewhere.example@example.test",
            "elsewhere.example!victim@example.test",
            '"victim@elsewhere.example"@example.test',
            '"help@example.test"@elsewhere.example',
            "@example.test:victim@elsewhere.example",
            "@example.test,@other.example:victim@elsewhere.example",
            "help@example.test@elsewhere.example",
            "help@example.test.",
            "help@example.test.elsewhere.example",
            "help@elsewhere.example,help@example.test",
            "help@example.test\x00@elsewhere.example",
            "help@[127.0.0.1]",
            "help@exampIe.test",
            "help@ехample.test",
            "hеlp@example.test",
            "help@example.test>,<victim@elsewhere.example",
            "help\\@example.test",
            "+help@example.test",
            "help",
            "root",
        ],
    )
    def test_only_our_own_are_recipients(self, open_door, stored, policy, recipient):
        with Wire(open_door(is_known=policy.accepts).port) as wire:
            wire.say("EHLO client.example")
            wire.say("MAIL FROM:<help@example.test>")
            assert wire.say(f"RCPT TO:<{recipient}>")[:3] in {"500", "550", "553"}
            assert wire.say("DATA").startswith("503")

    @pytest.mark.parametrize("recipient", ["@a.example,@b.example:help@example.test", "HELP+x%y=z@Example.TEST"])
    def test_a_route_is_ignored_and_a_detail_is_ours(self, open_door, policy, recipient):
        with Wire(open_door(is_known=policy.accepts).port) as wire:
            wire.say("EHLO client.example")
            wire.say("MAIL FROM:<anna@example.net>")
            assert wire.say(f"RCPT TO:<{recipient}>").startswith("250")


class TestGuessing:
    @pytest.mark.parametrize(
        "command",
        ["AUTH PLAIN AGEAYg==", "EXPN help", "RCPT TO:<nobody@example.test>", "XYZZY", b"NOOP \x00", b"HELO \x1b[2J"],
    )
    def test_twenty_errors_without_a_mail_end_the_session(self, door, command):
        with Wire(door.port) as wire:
            wire.say("EHLO client.example")
            wire.say("MAIL FROM:<anna@example.net>")
            replies = [wire.say(command) for _ in range(20)]
            assert {reply[0] for reply in replies} == {"5"}
            assert wire.reply() == "421 4.7.0 too many errors"
            assert wire.reply() == ""

    def test_a_mail_in_between_forgives_them(self, door):
        with Wire(door.port) as wire:
            for _ in range(3):
                wire.say("EHLO client.example")
                for _ in range(19):
                    assert wire.say("XYZZY").startswith("500")
                wire.up_to_data()
                assert wire.say(MAIL + b".").startswith("250")

    @pytest.mark.parametrize("secured", [False, True])
    def test_no_login_is_offered_or_taken(self, open_door, certificate, secured):
        with Wire(open_door(**certificate).port) as wire:
            offered = wire.say("EHLO client.example")
            if secured:
                wire.say("STARTTLS")
                context = ssl.create_default_context(cafile=certificate["tls_certificate"])
                wire.socket = context.wrap_socket(wire.socket, server_hostname="localhost")
                wire.file = wire.socket.makefile("rb")
                offered = wire.say("EHLO client.example")
            assert "AUTH" not in offered
            for attempt in ("AUTH PLAIN AGEAYg==", "AUTH LOGIN", "AUTH CRAM-MD5", "AUTH"):
                assert wire.say(attempt).startswith("502 5.5.1")

    def test_whom_we_know_is_not_told_by_questions(self, door):
        with Wire(door.port) as wire:
            wire.say("EHLO client.example")
            for known, unknown in (("VRFY help", "VRFY nobody"), ("EXPN help", "EXPN nobody")):
                assert wire.say(known) == wire.say(unknown)

    @pytest.mark.parametrize("verb", ["GET / HTTP/1.1", "post / HTTP/1.1", "CONNECT mail:25 HTTP/1.1", "PRI *"])
    def test_a_browser_is_sent_away_before_its_form_is_read(self, door, stored, verb):
        with Wire(door.port) as wire:
            wire.send(f"{verb}\r\nHost: x\r\n\r\n".encode() + b"EHLO x\r\n" + SECOND)
            assert wire.reply() == "421 4.7.0 this is no web server"
            assert replies_until_closed(wire) == []
        assert stored() == []


class TestFloods:
    @pytest.mark.parametrize("many", [999, 10_000])
    def test_ten_thousand_recipients(self, door, stored, many):
        with Wire(door.port) as wire:
            wire.say("EHLO client.example")
            wire.say("MAIL FROM:<anna@example.net>")
            wire.send(b"RCPT TO:<help@example.test>\r\n" * many)
            replies = [reply[:9] for reply in replies_until_closed(wire)]
        assert replies[:101] == ["250 2.1.5"] * 100 + ["452 4.5.3"]
        assert many > 999 or replies[-1] == "421 4.7.0"  # beyond, the line is reset before it is read
        assert len(replies) < 1000

    def test_a_command_line_without_end_takes_no_memory(self, door, stored):
        with Wire(door.port) as wire:
            wire.say("EHLO client.example")
            line = b"NOOP " + b"x" * 20_000_000
            tracemalloc.start()
            wire.send(line)
            wire.send(b"\r\nNOOP\r\n")
            assert wire.reply() == "500 5.5.2 line too long"
            assert wire.reply() == "250 OK"
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert most < 2_000_000

    def test_a_mail_of_empty_lines_takes_no_more_than_its_size(self, door, stored):
        size = 8_000_000
        with Wire(door.port) as wire:
            wire.up_to_data()
            told = b"\r\n" * (size // 2) + b"."
            tracemalloc.start()
            assert wire.say(told).startswith("250")
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert most < 8 * size
        assert len(stored()[0][2]) == size

    def test_data_without_end_is_not_kept_and_the_session_goes_on(self, open_door, stored):
        door = open_door(message_size=1_000_000)
        with Wire(door.port) as wire:
            wire.up_to_data()
            tracemalloc.start()
            for _ in range(40):
                wire.send(b"x" * 998 * 1000 + b"\r\n")
            wire.send(b".\r\nNOOP\r\n")
            assert wire.reply() == "552 5.3.4 message too large"
            assert wire.reply() == "250 OK"
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert most < 8_000_000
        assert stored() == []

    def test_an_announced_size_is_not_believed(self, open_door, stored):
        door = open_door(message_size=1_000_000)
        for announced, size, answer in ((1, 2000, "250"), (1, 2_000_000, "552"), (900_000, 10, "250")):
            with Wire(door.port) as wire:
                wire.say("EHLO client.example")
                wire.say(f"MAIL FROM:<anna@example.net> SIZE={announced}")
                wire.say("RCPT TO:<help@example.test>")
                wire.say("DATA")
                assert wire.say(b"x" * size + b"\r\n.").startswith(answer)
        assert [len(raw) for _, _, raw in stored()] == [2002, 12]

    @pytest.mark.parametrize("is_announced", [False, True])
    def test_what_lies_in_memory_is_bounded_and_small_mail_passes(self, open_door, stored, is_announced):
        """64 MiB in all connections together, whatever each announces."""
        door = open_door(message_size=16 * 2**20, connections_per_peer=30)
        announcement = f" SIZE={15 * 2**20}" if is_announced else ""
        wires = [Wire(door.port) for _ in range(5)]
        replies = []
        for wire in wires:
            wire.say("EHLO client.example")
            wire.say("MAIL FROM:<anna@example.net>" + announcement)
            wire.say("RCPT TO:<help@example.test>")
            replies.append(wire.say("DATA")[:9])
            if replies[-1].startswith("354"):
                wire.send(b"x" * 15 * 2**20)
                wait_until_read(door, wire)
        send(door.port)
        wires[-1].send(b"\r\n.\r\n")
        replies.append(wires[-1].reply()[:9])
        assert "452 4.3.1" in replies
        assert replies[:4] == ["354 end w"] * 4
        assert wires[0].say(b"\r\n.").startswith("250")
        assert [len(raw) for _, _, raw in stored()] == [len(MAIL), 15 * 2**20 + 2]
        for wire in wires:
            wire.__exit__()


def wait_until_read(door, wire: Wire) -> None:
    """The listener has taken all octets from the line: a further small conversation was served after them."""
    for _ in range(3):
        with Wire(door.port) as other:
            other.say("NOOP")


class TestSlowPeers:
    def test_a_full_house_makes_room_for_who_has_something_to_say(self, open_door, stored):
        """200 connections that say a word now and then, from ten addresses: the whole house."""
        time = [0.0]
        door = open_door(clock=lambda: time[0])
        slow = [connection(door.port, f"127.0.1.{number // 20 + 1}") for number in range(200)]
        try:
            with Wire(door.port) as wire:
                assert wire.greeting.startswith("421 4.7.0")  # everybody has his first seconds
            time[0] += 6
            for each in slow:
                each.sendall(b"X")
            for number in range(20):
                send(door.port, b"%d\r\n" % number)
        finally:
            for each in slow:
                each.close()
        assert len(stored()) == 20


def connection(port: int, source: str) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), 20, (source, 0))
    assert made.recv(3) == b"220"
    return made


class TestStarttls:
    def test_nothing_said_before_the_handshake_counts_after_it(self, open_door, certificate, stored):
        door = open_door(**certificate)
        with Wire(door.port) as wire:
            wire.up_to_data()
            assert wire.say(b".").startswith("250")
            wire.say("MAIL FROM:<evil@example.net>")
            wire.send(b"STARTTLS\r\n" + SECOND)
            assert wire.reply().startswith("220")
            context = ssl.create_default_context(cafile=certificate["tls_certificate"])
            wire.socket = context.wrap_socket(wire.socket, server_hostname="localhost")
            wire.file = wire.socket.makefile("rb")
            said = [wire.say(line)[:3] for line in ("RCPT TO:<help@example.test>", "DATA", "STARTTLS")]
            assert said == ["503"] * 3
            assert wire.say("EHLO client.example").startswith("250")
            assert wire.say("DATA").startswith("503")
            assert wire.say("QUIT").startswith("221")
        assert len(stored()) == 1
