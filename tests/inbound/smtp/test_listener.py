import contextlib
import smtplib
import socket
import ssl
import stat
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.errors import PermanentError, TemporaryError
from gateway.inbound.accept import Receipt
from gateway.inbound.settings import Protocol
from gateway.store.spool import Arrival
from gateway.tickets.model import SpoolId
from tests.inbound.smtp.door import MAIL, Gate, Wire, is_greeted, send


class TestTaking:
    def test_250_comes_with_the_spool_id_after_the_commit(self, door, stored):
        with Wire(door.port) as wire:
            wire.up_to_data("help@example.test", "sales@example.test", "HELP@example.test")
            assert wire.say(MAIL + b".") == "250 2.0.0 stored as spool 1"
            [(source, envelope, raw)] = stored()
        assert (source, raw) == ("smtp", MAIL)
        assert envelope.mail_from == "anna@example.net"
        assert envelope.rcpt_to == ("help@example.test", "sales@example.test")

    def test_nothing_is_there_before_the_end_of_data(self, door, stored):
        with Wire(door.port) as wire:
            wire.up_to_data()
            wire.send(MAIL)
            assert stored() == []
            assert wire.say(b".").startswith("250")

    @pytest.mark.parametrize(
        "raw",
        [
            b"\r\n",
            b"Subject: \xff\xfe\x00nul\r\n\r\n\x00\x01\x80\r\n",
            b"bare\nline\rfeeds\n.\n.\r.\r\n",
            b".leading\r\n..dots\r\n...\r\n",
            b"Subject: long\r\n\r\n" + b"x" * 3_000_000 + b"\r\n",
            "Subject: πρόβλημα\r\n\r\nδεν λειτουργεί\r\n".encode(),
        ],
    )
    def test_octets_arrive_as_they_are(self, door, stored, raw):
        with Wire(door.port) as wire:
            wire.up_to_data()
            stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in raw.split(b"\r\n"))
            assert wire.say(stuffed + b".").startswith("250 2.0.0")
        assert stored()[0][2] == raw

    def test_smuggled_ends_stay_data(self, door, stored):
        """Only CRLF.CRLF ends a mail (the attack is known as SMTP smuggling)."""
        smuggled = b"one\n.\nMAIL FROM:<x@y>\r\n\n.\r\nRCPT TO:<help@example.test>\r.\r\n"
        with Wire(door.port) as wire:
            wire.up_to_data()
            assert wire.say(smuggled + b".").startswith("250")
        assert [raw for _, _, raw in stored()] == [smuggled]

    def test_everything_may_come_in_one_packet(self, door, stored):
        with Wire(door.port) as wire:
            one = b"MAIL FROM:<>\r\nRCPT TO:<help@example.test>\r\nDATA\r\n"
            wire.send(b"EHLO client.example\r\n" + one + MAIL + b".\r\n" + one + b"two\r\n.\r\nQUIT\r\n")
            replies = [wire.reply()[:3] for _ in range(10)]
        assert replies == ["250", "250", "250", "354", "250", "250", "250", "354", "250", "221"]
        assert [raw for _, _, raw in stored()] == [MAIL, b"two\r\n"]

    def test_the_null_reverse_path_is_empty(self, door, stored):
        send(door.port, mail_from="<>")
        assert stored()[0][1].mail_from == ""

    def test_bare_postmaster_and_quoted_senders_are_taken(self, door, stored):
        with Wire(door.port) as wire:
            wire.say("EHLO client.example")
            assert wire.say('MAIL FROM:<"anna b"@example.net>').startswith("250")
            assert wire.say("RCPT TO:<Postmaster>").startswith("250")
            assert wire.say("DATA").startswith("354")
            assert wire.say(b"\r\n.").startswith("250")
        assert stored()[0][1].rcpt_to == ("Postmaster",)

    def test_utf8_addresses_and_8bit_bodies(self, door, stored):
        raw = "Subject: β\r\n\r\nβ\r\n".encode()
        send(door.port, raw, ["βοήθεια@example.test"], "άννα@example.net", ["SMTPUTF8", "BODY=8BITMIME"])
        [(_, envelope, got)] = stored()
        assert (envelope.mail_from, envelope.rcpt_to, got) == ("άννα@example.net", ("βοήθεια@example.test",), raw)

    def test_each_transaction_is_a_mail_of_its_own(self, door, stored):
        send(door.port)
        send(door.port)
        assert len(stored()) == 2

    def test_many_sessions_share_commits(self, open_door, stored, woken):
        door = open_door(connections_per_peer=100)
        with ThreadPoolExecutor(20) as peers:
            list(peers.map(lambda number: send(door.port, b"%d\r\n" % number), range(60)))
        assert sorted(int(raw) for _, _, raw in stored()) == list(range(60))
        assert len(woken) < 60


class TestRefusing:
    def test_strangers_are_refused_at_rcpt_and_the_rest_is_taken(self, door, stored):
        with Wire(door.port) as wire:
            wire.say("EHLO client.example")
            wire.say("MAIL FROM:<anna@example.net>")
            assert wire.say("RCPT TO:<nobody@example.test>") == "550 5.1.1 no such recipient here"
            assert wire.say("RCPT TO:<help@elsewhere.example>").startswith("550 5.1.1")
            assert wire.say("RCPT TO:<>").startswith("550 5.1.1")
            assert wire.say("DATA").startswith("503")
            assert wire.say("RCPT TO:<help@example.test>").startswith("250 2.1.5")
            assert wire.say("DATA").startswith("354")
            assert wire.say(MAIL + b".").startswith("250")
        assert stored()[0][1].rcpt_to == ("help@example.test",)

    def test_too_large_by_announcement(self, open_door):
        door = open_door(message_size=1000)
        with Wire(door.port) as wire:
            assert "250-SIZE 1000" in wire.say("EHLO client.example").splitlines()[1]
            assert wire.say("MAIL FROM:<anna@example.net> SIZE=1001").startswith("552 5.3.4")
            assert wire.say("MAIL FROM:<anna@example.net> SIZE=1000").startswith("250")

    def test_too_large_in_truth_and_the_next_mail_goes_on(self, open_door, stored):
        door = open_door(message_size=1000)
        with Wire(door.port) as wire:
            wire.up_to_data()
            assert wire.say(b"x" * 60 + b"\r\n" + (b"y" * 60 + b"\r\n") * 100 + b".").startswith("552 5.3.4")
            wire.up_to_data()
            assert wire.say(MAIL + b".").startswith("250")
        assert len(stored()) == 1

    def test_recipients_beyond_the_limit_come_with_the_next_transaction(self, open_door):
        door = open_door(recipients=2)
        with Wire(door.port) as wire:
            wire.say("EHLO client.example")
            wire.say("MAIL FROM:<anna@example.net>")
            replies = [wire.say("RCPT TO:<help@example.test>")[:9] for _ in range(3)]
        assert replies == ["250 2.1.5", "250 2.1.5", "452 4.5.3"]

    @pytest.mark.parametrize("limit", [{"connections": 3}, {"connections_per_peer": 3}])
    def test_connections_beyond_the_limit_are_asked_to_come_later(self, open_door, limit, until):
        door = open_door(**limit)
        first, *others = wires = [Wire(door.port) for _ in range(3)]
        with Wire(door.port) as refused:
            assert refused.greeting.startswith("421 4.7.0")
            assert refused.reply() == ""
        first.say("QUIT")
        until(lambda: is_greeted(door.port), "a free place")
        assert others[0].say("NOOP").startswith("250")
        for wire in wires:
            wire.__exit__()

    def test_the_peer_learns_nothing_of_what_went_wrong(self, open_door):
        async def fail(_arrival):
            raise RuntimeError("password of the database is secret")

        with Wire(open_door(fail).port) as wire:
            wire.up_to_data()
            assert wire.say(MAIL + b".") == "451 4.3.0 try again later"

    def test_a_failing_question_for_recipients_is_temporary(self, open_door):
        def fail(_address):
            raise RuntimeError("secret")

        with Wire(open_door(is_known=fail).port) as wire:
            wire.say("EHLO client.example")
            wire.say("MAIL FROM:<anna@example.net>")
            assert wire.say("RCPT TO:<help@example.test>") == "451 4.3.0 try again later"
            assert wire.say("NOOP").startswith("250")

    def test_a_locked_database_is_451_and_afterwards_250(self, door, locked, stored):
        with Wire(door.port) as wire:
            with locked():
                wire.up_to_data()
                assert wire.say(MAIL + b".") == "451 4.3.0 try again later"
            assert stored() == []
            wire.up_to_data()
            assert wire.say(MAIL + b".").startswith("250")
        assert len(stored()) == 1


class TestAbuse:
    @pytest.mark.parametrize(
        "command",
        [
            "MAIL FROM:<@",
            "MAIL FROM:<a b@c>",
            b"MAIL FROM:<\x00@b>",
            b"MAIL FROM:<\xff\xfe@b>",
            "MAIL FROM:<nodomain>",
            "MAIL FROM:<a@b",
            "MAIL FROM:a@b",
            "MAIL FROM:",
            "MAIL",
            "MAIL TO:<a@b.example>",
            "MAIL FROM:<a@b.example> SIZE=-1",
            "MAIL FROM:<a@b.example> SIZE=²",
            "MAIL FROM:<a@b.example> SIZE=",
            "MAIL FROM:<a@b.example> BODY=BINARYMIME",
            "MAIL FROM:<a@b.example> SMTPUTF8=1",
            "MAIL FROM:<a@b.example> = =",
            "MAIL FROM:<" + "a" * 4000 + "@b.example>",
            "RCPT TO:<help@example.test>",
            "DATA",
            "AUTH PLAIN AGEAYg==",
            "STARTTLS",
            "EXPN help",
            "XYZZY",
            b"\xff\xff\xff",
            "",
        ],
    )
    def test_a_senseless_command_is_refused_and_the_conversation_goes_on(self, door, stored, command):
        with Wire(door.port) as wire:
            wire.say("EHLO client.example")
            assert wire.say(command)[0] in "45"
            wire.up_to_data()
            assert wire.say(MAIL + b".").startswith("250")
        assert len(stored()) == 1

    @pytest.mark.parametrize(
        "command", [b"VRFY \xff<", "VRFY help@example.test", "VRFY", "HELP", "HELP MAIL", b"HELP \xff"]
    )
    def test_questions_are_answered_without_telling_anything(self, door, command):
        with Wire(door.port) as wire:
            wire.say("EHLO client.example")
            assert wire.say(command)[:3] in {"250", "252", "501", "451"}
            assert wire.say("NOOP").startswith("250")

    def test_what_is_offered(self, door):
        with Wire(door.port) as wire:
            assert wire.greeting == "220 mx.example.test ESMTP"
            offered = [line[4:] for line in wire.say("EHLO client.example").splitlines()]
        assert offered == ["mx.example.test", f"SIZE {25 * 1024 * 1024}", "8BITMIME", "SMTPUTF8", "PIPELINING", "HELP"]

    def test_commands_that_come_together_are_answered_together(self, door):
        group = b"MAIL FROM:<anna@example.net>\r\nRCPT TO:<help@example.test>\r\nRCPT TO:<nobody@x>\r\nDATA\r\n"
        with Wire(door.port) as wire:
            wire.say("EHLO client.example")
            wire.send(group)
            replies = wire.socket.recv(4096).splitlines()
        assert [reply[:3] for reply in replies] == [b"250", b"250", b"550", b"354"]

    @pytest.mark.parametrize("last", ["MAIL FROM:<anna@example.net>", "RSET", "NOOP", "QUIT"])
    def test_a_reply_waits_for_no_other(self, door, last):
        with Wire(door.port) as wire:
            wire.say("EHLO client.example")
            wire.say("RSET")
            assert wire.say(last)[:3] in {"250", "221"}

    def test_long_commands_do_not_shrink_when_others_connect(self, door):
        with Wire(door.port) as wire:
            wire.say("EHLO client.example")
            with Wire(door.port) as other:
                other.say("EHLO client.example")
            assert wire.say("MAIL FROM:<" + "a" * 490 + "@example.net> SIZE=100 BODY=8BITMIME SMTPUTF8").startswith(
                "250"
            )

    def test_who_says_nothing_is_put_out(self, open_door):
        with Wire(open_door(timeout_seconds=0.3).port) as wire:
            assert wire.reply() == ""

    def test_who_never_ends_his_mail_is_put_out(self, open_door, stored):
        with Wire(open_door(timeout_seconds=0.3).port) as wire:
            wire.up_to_data()
            wire.send(MAIL)
            assert wire.reply() == ""
        assert stored() == []

    def test_endless_commands_of_no_use_end_the_conversation(self, door):
        with Wire(door.port) as wire:
            wire.send(b"NOOP\r\n" * 1001)
            replies = [wire.reply() for _ in range(1001)]
        assert replies[-1].startswith("421")
        assert replies[-2].startswith("250")


class TestDisconnects:
    def test_during_data_nothing_is_stored(self, door, stored, acceptor):
        with Wire(door.port) as wire:
            wire.up_to_data()
            wire.send(MAIL)
        with Wire(door.port) as wire:
            wire.up_to_data()
            wire.send(MAIL + b".")
            wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # reset, not a close
        send(door.port, b"third\r\n")
        assert [raw for _, _, raw in stored()] == [b"third\r\n"]

    def test_a_peer_that_only_listens_on_hears_what_became_of_its_mail(self, open_door, acceptor, stored):
        """Else it would send the mail again."""
        gate = Gate(acceptor.accept_async)
        with Wire(open_door(gate).port) as wire:
            wire.up_to_data()
            wire.send(MAIL + b".\r\n")
            assert gate.reached.wait(10)
            wire.socket.shutdown(socket.SHUT_WR)
            gate.opened.set()
            assert wire.reply().startswith("250 2.0.0 stored")
            assert wire.reply() == ""
        assert [raw for _, _, raw in stored()] == [MAIL]

    def test_who_says_no_more_hears_every_reply(self, open_door, acceptor):
        gate = Gate(acceptor.accept_async)
        with Wire(open_door(gate).port) as wire:
            wire.up_to_data()
            wire.send(MAIL + b".\r\nMAIL FROM:<anna@example.net>\r\nRCPT TO:<help@example.test>\r\n")
            wire.socket.shutdown(socket.SHUT_WR)
            assert gate.reached.wait(10)
            gate.opened.set()
            assert [wire.reply()[:3] for _ in range(4)] == ["250", "250", "250", ""]

    def test_while_the_commit_runs_the_mail_is_stored(self, open_door, acceptor, stored, until):
        gate = Gate(acceptor.accept_async)
        with Wire(open_door(gate).port) as wire:
            wire.up_to_data()
            wire.send(MAIL + b".\r\n")
            assert gate.reached.wait(10)
            wire.socket.shutdown(socket.SHUT_RDWR)
            assert wire.reply() == ""
        gate.opened.set()
        until(stored, "the commit")
        assert [raw for _, _, raw in stored()] == [MAIL]

    def test_a_timeout_while_the_commit_runs_stores_the_mail(self, open_door, acceptor, stored, until):
        gate = Gate(acceptor.accept_async)
        with Wire(open_door(gate, timeout_seconds=0.5).port) as wire:
            wire.up_to_data()
            wire.send(MAIL + b".\r\n")
            assert wire.reply() == ""
        gate.opened.set()
        until(stored, "the commit")

    def test_a_reset_leaves_no_noise(self, door, caplog):
        wire = Wire(door.port)
        wire.say("EHLO client.example")
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        wire.__exit__()
        send(door.port)
        door.close()
        assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@contextlib.contextmanager
def closing_beside(door, grace=10):
    """The door has told who is idle to go, and waits for the others; closed in the end."""
    with Wire(door.port) as idle:
        closing = threading.Thread(target=door.close, args=(grace,))
        closing.start()
        assert idle.reply().startswith("421 4.3.2")
        yield
    closing.join()


class TestStopping:
    def test_idle_peers_are_told_and_new_ones_find_no_door(self, door):
        with Wire(door.port) as wire:
            wire.say("EHLO client.example")
            started = time.monotonic()
            door.close(grace=10)
            assert wire.reply().startswith("421 4.3.2")
            assert time.monotonic() - started < 5
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", door.port))

    def test_many_may_wait_for_the_next_who_opens(self, open_door):
        door = open_door()
        door.run(door.listener.stop(0.2))
        with contextlib.ExitStack() as peers:
            for _ in range(300):
                peers.enter_context(socket.create_connection(("127.0.0.1", door.port), 5))

    def test_a_mail_in_transfer_is_waited_for(self, open_door, acceptor, stored):
        gate = Gate(acceptor.accept_async)
        door = open_door(gate)
        with Wire(door.port) as wire:
            wire.up_to_data()
            wire.send(MAIL + b".\r\n")
            assert gate.reached.wait(10)
            closing = threading.Thread(target=door.close, args=(10,))
            closing.start()
            gate.opened.set()
            assert wire.reply() == "250 2.0.0 stored as spool 1"
            assert wire.reply().startswith("421")
            closing.join()
        assert len(stored()) == 1

    def test_a_mail_that_was_begun_comes_to_its_end(self, door, stored):
        with Wire(door.port) as wire:
            wire.say("EHLO client.example")
            assert wire.say("MAIL FROM:<anna@example.net>").startswith("250")
            with closing_beside(door):
                assert wire.say("RCPT TO:<help@example.test>").startswith("250")
                assert wire.say("DATA").startswith("354")
                wire.send(MAIL + b".\r\n")
                assert wire.reply().startswith("250 2.0.0 stored")
                assert wire.reply().startswith("421 4.3.2")
        assert len(stored()) == 1

    def test_one_that_is_given_up_by_its_sender_is_its_last(self, door):
        with Wire(door.port) as wire:
            wire.say("EHLO client.example")
            wire.say("MAIL FROM:<anna@example.net>")
            with closing_beside(door):
                assert wire.say("RSET").startswith("250")
                assert wire.reply().startswith("421 4.3.2")

    def test_a_sender_that_falls_silent_before_data_is_told_after_the_grace(self, door):
        with Wire(door.port) as wire:
            wire.say("EHLO client.example")
            wire.say("MAIL FROM:<anna@example.net>")
            door.close(grace=0.2)
            assert wire.reply().startswith("421 4.3.2")

    def test_a_mail_that_never_ends_is_cut_after_the_grace(self, door, stored):
        with Wire(door.port) as wire:
            wire.up_to_data()
            wire.send(MAIL)
            door.close(grace=0.2)
            with contextlib.suppress(ConnectionResetError):
                assert wire.reply() == ""
        assert stored() == []

    def test_a_taken_port_is_told(self, open_door, door):
        with pytest.raises(TemporaryError, match=f"127.0.0.1:{door.port}"):
            open_door(port=door.port)


class TestTls:
    def test_starttls(self, open_door, certificate, stored):
        door = open_door(**certificate)
        context = ssl.create_default_context(cafile=certificate["tls_certificate"])
        with smtplib.SMTP("localhost", door.port, timeout=20) as client:
            client.ehlo()
            assert client.has_extn("starttls")
            client.starttls(context=context)
            client.ehlo()
            assert not client.has_extn("starttls")
            assert not client.has_extn("auth")
            client.sendmail("anna@example.net", ["help@example.test"], MAIL)
        assert [raw for _, _, raw in stored()] == [MAIL]

    def test_required_tls(self, open_door, certificate):
        door = open_door(require_tls=True, **certificate)
        with Wire(door.port) as wire:
            wire.say("EHLO client.example")
            assert wire.say("MAIL FROM:<anna@example.net>").startswith("530 5.7.0")

    def test_commands_injected_before_the_handshake_are_dropped(self, open_door, certificate):
        door = open_door(**certificate)
        with Wire(door.port) as wire:
            wire.say("EHLO client.example")
            wire.send(b"STARTTLS\r\nMAIL FROM:<evil@example.net>\r\n")
            assert wire.reply().startswith("220")
            context = ssl.create_default_context(cafile=certificate["tls_certificate"])
            with context.wrap_socket(wire.socket, server_hostname="localhost") as secured:
                secured.sendall(b"EHLO client.example\r\n")
                assert secured.recv(1000).startswith(b"250-mx.example.test")

    def test_a_handshake_of_nonsense_ends_that_connection_only(self, open_door, certificate, stored):
        door = open_door(**certificate)
        with Wire(door.port) as wire:
            wire.say("EHLO client.example")
            wire.say("STARTTLS")
            wire.send(b"this is no handshake\r\n" * 10)
            wire.socket.settimeout(5)
            while wire.file.read(100):
                pass
        send(door.port)
        assert len(stored()) == 1
        door.close()

    @pytest.mark.parametrize("goes", [True, False])
    def test_a_handshake_that_never_comes_frees_its_place(self, open_door, certificate, until, goes):
        door = open_door(connections=1, timeout_seconds=20 if goes else 0.3, **certificate)
        with Wire(door.port) as wire:
            wire.say("EHLO client.example")
            wire.say("STARTTLS")
            if not goes:
                assert wire.reply() == ""
        until(lambda: is_greeted(door.port), "a free place")

    def test_a_peer_that_does_not_say_goodbye_holds_nobody_up(self, open_door, certificate):
        door = open_door(**certificate)
        context = ssl.create_default_context(cafile=certificate["tls_certificate"])
        with Wire(door.port) as wire:
            wire.say("EHLO client.example")
            wire.say("STARTTLS")
            with context.wrap_socket(wire.socket, server_hostname="localhost") as secured:
                secured.sendall(b"EHLO client.example\r\nQUIT\r\n")
                started = time.monotonic()
                door.close(grace=0.2)
        assert time.monotonic() - started < 5

    def test_a_missing_certificate_is_told(self, open_door, tmp_path):
        with pytest.raises(PermanentError, match=r"no\.pem"):
            open_door(tls_certificate=str(tmp_path / "no.pem"))


class TestLmtp:
    LHLO = "LHLO client.example"

    @pytest.fixture
    def path(self, tmp_path):
        return tmp_path / "lmtp"

    @pytest.fixture
    def wire(self, open_door, path):
        open_door(protocol=Protocol.LMTP, socket=str(path), message_size=1000)
        with Wire(path) as wire:
            yield wire

    def test_each_accepted_recipient_gets_a_reply_and_the_mail_is_stored_once(self, wire, stored):
        wire.up_to_data("help@example.test", "sales@example.test", "help@example.test", hello=self.LHLO)
        wire.send(MAIL + b".\r\n")
        assert [wire.reply() for _ in range(3)] == ["250 2.0.0 stored as spool 1"] * 3
        assert wire.say("NOOP").startswith("250")
        [(source, envelope, _)] = stored()
        assert source == "lmtp"
        assert envelope.rcpt_to == ("help@example.test", "sales@example.test")

    def test_each_recipient_hears_that_the_mail_is_too_large(self, wire):
        wire.up_to_data("help@example.test", "sales@example.test", hello=self.LHLO)
        wire.send(b"x" * 990 + b"\r\n" + b"y" * 100 + b"\r\n.\r\n")
        assert [wire.reply()[:9] for _ in range(2)] == ["552 5.3.4"] * 2
        assert wire.say("NOOP").startswith("250")

    def test_each_recipient_hears_of_a_failure(self, open_door, path):
        async def fail(_arrival):
            raise TemporaryError("no")

        open_door(fail, protocol=Protocol.LMTP, socket=str(path))
        with Wire(path) as wire:
            wire.up_to_data("help@example.test", "sales@example.test", hello=self.LHLO)
            wire.send(MAIL + b".\r\n")
            assert [wire.reply()[:9] for _ in range(2)] == ["451 4.3.0"] * 2
            assert wire.say("RSET").startswith("250")
            assert wire.say("MAIL FROM:<anna@example.net>").startswith("250")

    def test_no_recipient_gives_one_reply(self, wire):
        wire.say(self.LHLO)
        wire.say("MAIL FROM:<anna@example.net>")
        wire.say("RCPT TO:<nobody@example.test>")
        assert wire.say("DATA").startswith("503")
        assert wire.say("NOOP").startswith("250")

    def test_it_is_not_smtp(self, wire):
        assert wire.greeting == "220 mx.example.test LMTP"
        assert wire.say("EHLO client.example").startswith("500")
        assert wire.say("HELO client.example").startswith("500")

    def test_any_local_user_may_connect_and_the_socket_goes_with_the_listener(self, open_door, path):
        path.touch()
        path.unlink()
        stale = socket.socket(socket.AF_UNIX)
        stale.bind(str(path))
        stale.close()
        door = open_door(protocol=Protocol.LMTP, socket=str(path))
        assert stat.S_IMODE(path.stat().st_mode) == 0o666
        wires = [Wire(path) for _ in range(25)]
        assert all(wire.greeting.startswith("220") for wire in wires)
        for wire in wires:
            wire.__exit__()
        door.close()
        assert not path.exists()

    def test_required_tls_lets_lhlo_through(self, open_door, certificate):
        door = open_door(protocol=Protocol.LMTP, require_tls=True, **certificate)
        with Wire(door.port) as wire:
            assert "STARTTLS" in wire.say(self.LHLO)


@pytest.mark.postfix
@pytest.mark.parametrize("protocol", Protocol)
class TestPostfix:
    def test_postfix_delivers_to_two_recipients_once(self, open_door, postfix_factory, stored, until, protocol):
        door = open_door(protocol=protocol)
        transport = f"smtp:[127.0.0.1]:{door.port}" if protocol is Protocol.SMTP else f"lmtp:inet:127.0.0.1:{door.port}"
        postfix = postfix_factory(transport, "smtp:[127.0.0.1]:1")
        send(postfix.port, to=("help@example.test", "sales@example.test"))
        until(stored, "the delivery")
        until(lambda: not postfix.queue(), "the end of the queue")
        [(_, envelope, raw)] = stored()
        assert envelope.rcpt_to == ("help@example.test", "sales@example.test")
        assert raw.startswith(b"Received: ")
        assert raw.endswith(b"\r\n\r\nIt does not work.\r\n")


def test_a_receipt_says_the_id_it_was_given(open_door):
    async def accept(_arrival: Arrival) -> Receipt:
        return SpoolId(4711), True

    with Wire(open_door(accept).port) as wire:
        wire.up_to_data()
        assert wire.say(MAIL + b".") == "250 2.0.0 stored as spool 4711"
