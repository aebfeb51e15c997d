import socket
import time
from dataclasses import replace

import pytest

from gateway.errors import PermanentError, TemporaryError
from gateway.outbound import smarthost
from gateway.outbound.relay import RelayDownError, Reply, WithdrawnError
from gateway.outbound.settings import SmarthostSettings, Tls
from gateway.outbound.smarthost import Smarthost
from tests.outbound.controlled import CUT, PASSWORD, USER, ControlledServer

RAW = b"From: support@example.com\r\nSubject: hello\r\n\r\nDear Anna,\r\n.\r\n..two\r\nbye\r\n"
ANNA, BEN, CID = "anna@example.org", "ben@example.org", "cid@example.org"


@pytest.fixture
def clock():
    """Seconds; set `[0]`."""
    return [1000.0]


@pytest.fixture
def open_to(clock):
    opened = []

    def connect(server, **settings):
        given = {"tls": Tls.NONE, "timeout_seconds": 5, "hostname": "desk.example.com", **settings}
        relay = Smarthost(SmarthostSettings(**{"host": "127.0.0.1", "port": server.port, **given}), lambda: clock[0])
        opened.append(relay)
        return relay

    yield connect
    for relay in opened:
        relay.close()


@pytest.fixture(params=[False, True], ids=["one command a time", "pipelining"])
def server(request):
    with ControlledServer(pipelining=request.param) as server:
        yield server


def yes():
    return True


def send(relay, *recipients, mail_from="support@example.com", raw=RAW, may_go=yes):
    return relay.send(mail_from, recipients or (ANNA,), raw, may_go)


def test_octets_arrive_unchanged_leading_dots_included(server, open_to):
    said = send(open_to(server), ANNA, BEN)
    assert said == dict.fromkeys((ANNA, BEN), Reply(250, "2.0.0 taken as 4F2A"))
    assert [(mail.mail_from, mail.rcpt_to, mail.raw) for mail in server.taken] == [
        ("support@example.com", (ANNA, BEN), RAW)
    ]


@pytest.mark.parametrize("raw", [b".\r\n", b"..a\r\n.b\r\n", b"a\r\n.\r\n.", b"\r\n.\r\n", b"a: b\r\n\r\n...\r\n"])
def test_dots_wherever_they_stand_end_no_mail(server, open_to, raw):
    relay = open_to(server)
    send(relay, raw=raw)
    send(relay)
    assert [mail.raw for mail in server.taken] == [raw if raw.endswith(b"\r\n") else raw + b"\r\n", RAW]


def test_all_that_comes_before_the_content_goes_at_once_where_the_server_takes_it(server, open_to):
    """At the first answer to be waited for, the server has heard how much?"""
    heard = []

    def may_go():
        heard.append(heard_by(server))
        return True

    send(open_to(server), ANNA, BEN, may_go=may_go)
    envelope = ["MAIL", f"RCPT {ANNA}", f"RCPT {BEN}", "DATA"]
    assert heard[0] == (envelope if server.is_pipelining else ["MAIL"])
    assert [each for each in server.commands if each != "EHLO"] == [*envelope, "."]


def heard_by(server):
    """The commands of the mail that it has heard, once it has heard one and nothing more comes."""
    seen: list[str] = []
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and not (seen and seen == server.commands[1:]):
        seen = server.commands[1:]
        time.sleep(0.05)
    return seen


def test_a_mail_that_may_not_go_after_all_is_not_handed_over(server, open_to):
    relay = open_to(server)
    send(relay)
    with pytest.raises(WithdrawnError):
        send(relay, may_go=lambda: False)
    assert "." not in server.commands[server.commands.index(".") + 1 :]
    assert send(relay)[ANNA].is_accepted
    assert (len(server.taken), server.connections) == (2, 2), "what waits for content takes no other mail"


def test_what_goes_wrong_while_it_is_asked_is_not_the_smarthosts_trouble(server, open_to):
    def may_go():
        raise TemporaryError("no database")

    relay = open_to(server)
    for _ in range(2):
        with pytest.raises(TemporaryError, match=r"^no database$"):
            send(relay, may_go=may_go)
    assert send(relay)[ANNA].is_accepted
    assert (len(server.taken), server.connections) == (1, 3)


def test_many_recipients_are_asked_for_in_groups(server, open_to):
    people = [f"p{number}@example.org" for number in range(250)]
    server.answers["RCPT p99@example.org"] = "550 5.1.1 no"
    server.answers["RCPT p100@example.org"] = "550 5.1.1 no"
    said = send(open_to(server), *people)
    assert {address for address, reply in said.items() if not reply.is_accepted} == {
        "p99@example.org",
        "p100@example.org",
    }
    assert len(server.taken[0].rcpt_to) == 248


def test_the_null_reverse_path_can_be_used(server, open_to):
    send(open_to(server), mail_from="")
    assert server.taken[0].mail_from == "<>"


def test_a_connection_serves_many_mails(server, open_to):
    relay = open_to(server)
    for _ in range(5):
        send(relay)
    assert (server.connections, len(server.taken)) == (1, 5)


def test_one_refused_recipient_of_three_costs_the_others_nothing(server, open_to):
    server.answers[f"RCPT {BEN}"] = "550 5.1.1 no such user"
    said = send(open_to(server), ANNA, BEN, CID)
    assert [str(said[each]) for each in (ANNA, BEN, CID)] == [
        "250 2.0.0 taken as 4F2A",
        "550 5.1.1 no such user",
        "250 2.0.0 taken as 4F2A",
    ]
    assert server.taken[0].rcpt_to == (ANNA, CID)
    assert (said[BEN].is_permanent, said[ANNA].is_accepted) == (True, True)


@pytest.mark.parametrize("command", ["MAIL", f"RCPT {ANNA}", "DATA", "."])
@pytest.mark.parametrize(("reply", "is_permanent"), [("451 4.3.2 later", False), ("554 5.7.1 never", True)])
def test_a_refusal_at_any_command_is_told_and_the_connection_goes_on(server, open_to, command, reply, is_permanent):
    relay = open_to(server)
    server.answers[command] = [reply]
    said = send(relay)
    assert str(said[ANNA]) == reply
    assert (said[ANNA].is_accepted, said[ANNA].is_permanent) == (False, is_permanent)
    assert send(relay)[ANNA].is_accepted
    assert (server.connections, len(server.taken)) == (1, 1)


_ANSWERED = {("DATA", "421 4.3.2 shutting down"), (".", "421 4.3.2 shutting down")}  # for the whole mail: it will do


@pytest.mark.parametrize("command", [f"RCPT {ANNA}", "DATA", "."])
@pytest.mark.parametrize("answer", [CUT, "421 4.3.2 shutting down"])
def test_a_connection_cut_in_the_middle_is_temporary_and_the_next_mail_gets_a_new_one(server, open_to, command, answer):
    relay = open_to(server)
    server.answers[command] = [answer]
    if (command, answer) in _ANSWERED:
        assert str(send(relay)[ANNA]) == answer
    else:
        with pytest.raises(TemporaryError, match=f"127.0.0.1:{server.port}: broke off") as caught:
            send(relay)
        assert not isinstance(caught.value, RelayDownError)
    server.hang_up()
    assert send(relay)[ANNA].is_accepted
    assert len(server.taken) == 1


@pytest.mark.parametrize("reply", ["250 2.1.5 ok", "220 ready", "334 go on"])
def test_an_answer_to_data_that_is_neither_go_ahead_nor_refusal_sends_nothing(server, open_to, reply):
    """It answers something else. Taken at its word, 250 would be for a mail that was never handed over."""
    server.answers["DATA"] = reply
    with pytest.raises(TemporaryError, match=f"DATA was answered by {reply[:3]}"):
        send(open_to(server))
    assert server.taken == []


def test_a_new_connection_cut_at_mail_is_this_mails_trouble(server, open_to):
    server.answers["MAIL"] = [CUT]
    with pytest.raises(TemporaryError) as caught:
        send(open_to(server))
    assert not isinstance(caught.value, RelayDownError)


def test_a_kept_connection_that_died_is_replaced_within_the_same_mail(server, open_to):
    relay = open_to(server)
    send(relay)
    server.hang_up()
    assert send(relay)[ANNA].is_accepted
    assert server.connections == 2


def test_a_kept_connection_told_421_is_replaced_within_the_same_mail(server, open_to):
    relay = open_to(server)
    send(relay)
    server.answers["MAIL"] = ["421 4.7.0 enough for one connection"]
    assert send(relay)[ANNA].is_accepted
    assert (server.connections, len(server.taken)) == (2, 2)


@pytest.mark.parametrize(
    ("idle", "noops", "connections"), [(1.0, 0, 1), (30.0, 1, 1), (90.0, 0, 2)], ids=["fresh", "idle", "long idle"]
)
def test_an_idle_connection_is_asked_and_a_long_idle_one_replaced(server, open_to, clock, idle, noops, connections):
    relay = open_to(server)
    send(relay)
    clock[0] += idle
    send(relay)
    assert (server.commands.count("NOOP"), server.connections) == (noops, connections)


def test_an_idle_connection_that_does_not_answer_is_replaced(server, open_to, clock):
    relay = open_to(server)
    send(relay)
    clock[0] += 30
    server.answers["NOOP"] = [CUT]
    assert send(relay)[ANNA].is_accepted
    assert server.connections == 2


def test_only_a_connection_unused_for_long_is_given_up(server, open_to, clock):
    relay = open_to(server)
    send(relay)
    clock[0] += 30
    relay.close_idle()
    send(relay)
    clock[0] += 61
    relay.close_idle()
    assert server.connections == 1
    clock[0] = 1000.0  # however little time has passed since: it is closed
    send(relay)
    assert server.connections == 2


def test_nobody_there(open_to, server):
    relay = open_to(server, port=_silent_port())
    with pytest.raises(RelayDownError, match=r"cannot connect .* look at host, port and tls"):
        send(relay)


def _silent_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_host_that_never_greets_is_given_up_in_time(open_to, server):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        relay = open_to(server, port=mute.getsockname()[1], timeout_seconds=1)
        with pytest.raises(RelayDownError, match="timed out"):
            send(relay)


def test_authentication_required_is_the_relays_trouble_not_the_mails(server, open_to):
    server.answers["MAIL"] = "530 5.7.0 authentication required"
    with pytest.raises(RelayDownError, match=r"530 5.7.0 authentication required.*look at user"):
        send(open_to(server))


def test_who_waits_for_content_though_nobody_is_served_gets_none(open_to):
    """RFC 2920 §3.1 would have a lone dot, but who answers so might take that for a mail."""
    with ControlledServer(pipelining=True) as server:
        relay = open_to(server)
        server.answers[f"RCPT {ANNA}"] = ["550 5.1.1 no such user"]
        server.answers["DATA"] = ["354 go on all the same"]
        assert send(relay)[ANNA].code == 550
        assert send(relay)[ANNA].is_accepted
        assert (len(server.taken), server.connections, server.commands.count(".")) == (1, 2, 1)


def test_login(open_to):
    with ControlledServer(login=True) as server:
        relay = open_to(server, user=USER, password=PASSWORD)
        send(relay)
        assert server.taken[0].user == USER.encode()


@pytest.mark.parametrize("password", ["wrong", "schlüssel", ""])
def test_a_refused_login_is_temporary_names_the_setting_and_not_the_secret(open_to, password):
    with ControlledServer(login=True) as server:
        with pytest.raises(RelayDownError, match=r"login refused .* look at user and password") as caught:
            send(open_to(server, user=USER, password=password))
        assert not password or password not in str(caught.value)
        assert "MAIL" not in server.commands


def test_login_where_none_is_offered(server, open_to):
    with pytest.raises(RelayDownError, match="look at user and password"):
        send(open_to(server, user=USER, password=PASSWORD))


@pytest.mark.parametrize(("tls", "implicit"), [(Tls.STARTTLS, False), (Tls.IMPLICIT, True)])
def test_tls_with_a_trusted_certificate(open_to, certificate, tls, implicit):
    file, context = certificate
    with ControlledServer(tls=context, implicit=implicit) as server:
        relay = open_to(server, host="localhost", tls=tls, tls_ca=str(file))
        assert send(relay)[ANNA].is_accepted
        assert send(relay)[ANNA].is_accepted
        assert server.connections == 1
        assert implicit or server.taken[0].is_secure


@pytest.mark.parametrize(("tls", "implicit"), [(Tls.STARTTLS, False), (Tls.IMPLICIT, True)])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"], ids=["unknown issuer", "other name"])
def test_tls_that_cannot_be_trusted_gets_no_mail(open_to, certificate, tls, implicit, host):
    file, context = certificate
    trusted = "" if host == "localhost" else str(file)
    with ControlledServer(tls=context, implicit=implicit) as server:
        with pytest.raises(RelayDownError, match=r"no trusted TLS .*look at host, tls and tls_ca"):
            send(open_to(server, host=host, tls=tls, tls_ca=trusted))
        assert "MAIL" not in server.commands


def test_a_server_without_starttls_gets_no_mail(server, open_to, certificate):
    with pytest.raises(RelayDownError, match="STARTTLS"):
        send(open_to(server, tls=Tls.STARTTLS, tls_ca=str(certificate[0])))
    assert "MAIL" not in server.commands


def test_refused_starttls_is_the_relays_trouble(open_to, certificate):
    with ControlledServer(tls=certificate[1]) as server:
        server.answers["STARTTLS"] = "454 4.7.0 no TLS just now"
        with pytest.raises(RelayDownError, match="454"):
            send(open_to(server, host="localhost", tls=Tls.STARTTLS, tls_ca=str(certificate[0])))


def test_internationalised_addresses_need_a_server_that_takes_them(server, open_to):
    said = send(open_to(server), ANNA, "анна@example.org")
    assert said[ANNA].is_accepted
    assert str(said["анна@example.org"]).startswith("553 5.6.7")
    assert server.taken[0].options[-1] != "SMTPUTF8"


@pytest.mark.parametrize("recipients", [("анна@example.org",), (ANNA, "анна@example.org")])
def test_internationalised_addresses_where_they_are_taken(open_to, recipients):
    with ControlledServer(enable_SMTPUTF8=True) as server:
        relay = open_to(server)
        assert all(reply.is_accepted for reply in send(relay, *recipients).values())
        assert (server.taken[0].rcpt_to, "SMTPUTF8" in server.taken[0].options) == (recipients, True)
        send(relay)
        assert "SMTPUTF8" not in server.taken[1].options


def test_only_internationalised_recipients_are_refused_without_asking(server, open_to):
    said = send(open_to(server), "анна@example.org")
    assert said["анна@example.org"].is_permanent
    assert "MAIL" not in server.commands


@pytest.mark.parametrize("address", ["a@b>\r\nRCPT TO:<ben@example.org", "no-at", "a b@example.org", ""])
def test_what_is_no_address_never_reaches_the_wire(server, open_to, address):
    said = send(open_to(server), ANNA, address)
    assert (said[ANNA].is_accepted, said[address].code) == (True, 553)
    assert server.taken[0].rcpt_to == (ANNA,)


def test_eight_bit_mail_is_announced(server, open_to):
    send(open_to(server), raw="Subject: ž\r\n\r\n".encode())
    assert "BODY=8BITMIME" in server.taken[0].options


def test_a_mail_larger_than_the_server_takes_is_refused_for_good(open_to):
    with ControlledServer(data_size_limit=10_000) as server:
        said = send(open_to(server), raw=RAW + b"x" * 70 * 200)
        assert (said[ANNA].code, server.commands.count("DATA")) == (552, 0)


def test_a_mail_larger_than_announced_is_refused_without_asking(open_to):
    with ControlledServer(data_size_limit=10_000) as server:
        said = send(open_to(server), raw=RAW + b"x" * 70 * 200)
        assert str(said[ANNA]) == "552 5.3.4 the smarthost takes no mail of more than 10000 octets"
        assert "MAIL" not in server.commands


def test_odd_letters_in_replies_become_one_tidy_line(server, open_to):
    server.answers["MAIL"] = "550-first\r\n550 second\x07 line"
    assert str(send(open_to(server))[ANNA]) == "550 first second line"


def test_a_refusal_of_rset_loses_no_answer(server, open_to):
    server.answers[f"RCPT {BEN}"] = "550 5.1.1 no"
    server.answers["RSET"] = [CUT]
    relay = open_to(server)
    said = send(relay, ANNA, BEN)
    assert (said[ANNA].is_accepted, said[BEN].is_permanent) == (True, True)
    assert send(relay)[ANNA].is_accepted


def test_check_says_what_it_found(certificate):
    file, context = certificate
    with ControlledServer(tls=context, login=True, data_size_limit=35_000_000) as server:
        settings = SmarthostSettings("localhost", server.port, tls_ca=str(file), user=USER, password=PASSWORD)
        said = smarthost.check(settings)
        assert said == f"smarthost localhost:{server.port}: TLSv1.3, logged in as desk, takes mail up to 35 MB"
        with pytest.raises(PermanentError, match="look at user and password"):
            smarthost.check(replace(settings, password="wrong"))


def test_the_password_is_never_shown():
    assert PASSWORD not in repr(SmarthostSettings("h", user=USER, password=PASSWORD))
