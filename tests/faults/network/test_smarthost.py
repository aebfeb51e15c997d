"""The line to the smarthost broken in every way: each recipient is served once, unless the last word was lost."""

import pytest

from gateway.errors import TemporaryError
from gateway.outbound.settings import SmarthostSettings, Tls
from gateway.outbound.smarthost import Smarthost
from gateway.store.outbox import OutboxState
from tests.faults import extent
from tests.faults.network import certificates
from tests.faults.network.memory import peak_growth
from tests.faults.network.proxy import Act, Cut, Drip, Fault, HalfClose, Insert, Proxy, Replace, Stall, Way
from tests.faults.network.relay_bench import ADDRESSES, RelayBench, is_settled, open_ticket
from tests.faults.network.tally import places
from tests.outbound.conftest import (  # noqa: F401
    SHIPPED,
    certificate,
    maria,
    policy,
    queue,
    ring,
    templates,
)
from tests.outbound.controlled import PASSWORD, USER, ControlledServer

_ACTS: dict[str, Act] = {"RST": Cut(reset=True), "FIN": Cut(), "half-close": HalfClose()}
# Where each reply begins.
_REPLIES = {
    "banner": rb"^220 ",
    "EHLO": rb"^250-smarthost",
    "MAIL": rb"^250 OK",
    "RCPT": rb"^250 OK",
    "DATA": rb"^354",
    "the mail": rb"^250 2\.0\.0 taken",
    "QUIT": rb"^221",
}
_COMMANDS = ["EHLO", "MAIL", *(f"RCPT {address}" for address in sorted(ADDRESSES)), "DATA", ".", "RSET"]


@pytest.fixture(scope="module", params=[False, True], ids=["one command a time", "pipelining"])
def server(request):
    with ControlledServer(pipelining=request.param) as server:
        yield server


@pytest.fixture(scope="module")
def proxy(server):
    with Proxy(server.port) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def new_bench(database, policy, ring, templates):  # noqa: F811
    """Makes a bench of a server and the proxy before it."""
    ticket = open_ticket(database)
    return lambda server, proxy: RelayBench(ticket, server, proxy, database, policy, ring, templates)


@pytest.fixture(scope="module")
def bench(new_bench, server, proxy):
    return new_bench(server, proxy)


def _fault(reply: str, act) -> Fault:
    return Fault(Way.TO_CLIENT, act, pattern=_REPLIES[reply])


def _note(tally, title, where, seen):
    assert is_settled(seen.first)
    assert seen.is_same, "what was sent again is not the same mail"
    tally.add(f"SMTP out: {title}", where, lost=seen.lost, doubled=seen.doubled, allowed=seen.allowed)


def test_cut_anywhere(bench, tally):
    lengths = bench.lengths()
    number = extent.of(12, 100_000)
    for way in Way:
        for turn, place in enumerate(places(lengths[way], number)):
            for name in list(_ACTS) if extent.IS_LONG and way is Way.TO_CLIENT else [list(_ACTS)[turn % 3]]:
                seen = bench.run(Fault(way, _ACTS[name], at=place))
                _note(tally, f"{name} in {'our' if way is Way.TO_SERVER else 'its'} words", place, seen)
                assert seen.last.state is OutboxState.SENT


@pytest.mark.parametrize("act", _ACTS)
def test_the_word_that_it_was_taken_is_lost(bench, tally, act):
    """The only case in which somebody gets a mail twice; it is the same mail, by its Message-ID too."""
    seen = bench.run(_fault("the mail", _ACTS[act]))
    _note(tally, f"250 lost by {act}", "", seen)
    assert (seen.first.state, seen.last.state) == (OutboxState.DEFERRED, OutboxState.SENT)
    assert (seen.allowed, bench.server.taken[-2].raw) == (3, bench.server.taken[-1].raw)


@pytest.mark.parametrize("command", _COMMANDS)
@pytest.mark.parametrize("reply", ["421 4.3.2 closing", "451 4.3.0 later", "452 4.2.2 full", "550 5.7.1 never"])
def test_refused_at_each_command(bench, tally, command, reply):
    bench.server.answers[command] = reply
    if command == "RSET":
        bench.server.answers["MAIL"] = ["451 4.0.0 so that RSET comes"]
    seen = bench.run()
    _note(tally, f"{reply[0]}xx at {command.split()[0]}", reply, seen)
    words = {each.address: each.reply for each in seen.first.recipients}
    if command.startswith("RCPT") and reply[:3] != "421":
        assert words.pop(command.removeprefix("RCPT ")) == reply
        assert set(words.values()) == {"250 2.0.0 taken as 4F2A"}
    elif command not in {"EHLO", "RSET"}:  # to EHLO follows HELO
        assert reply in seen.first.reason


@pytest.mark.parametrize("reply", [b"421 4.3.2 no\r\n", b"451 4.3.0 later\r\n", b"554 5.3.2 never\r\n", b"\r\n"])
@pytest.mark.parametrize("where", ["banner", "QUIT"])
def test_refused_before_and_after(bench, tally, where, reply):
    seen = bench.run(_fault(where, Replace(reply)))
    _note(tally, f"refused at {where}", reply, seen)
    assert seen.last.state is OutboxState.SENT
    assert (seen.first.state is OutboxState.SENT) == (where == "QUIT")


_NONSENSE = {
    "no code": b"abc\r\n",
    "a code of none": b"999 what\r\n",
    "an early code": b"199 what\r\n",
    "an empty line": b"\r\n",
    "octets": b"\x00\xff\xfe\r\n",
    "a code alone": b"25\r\n",
    "lines of other codes": b"250-one\r\n550-two\r\nabc\r\n",
    "a reply too many": b"250 2.0.0 taken\r\n",
    "a go-ahead too many": b"354 go\r\n",
    "no end": b"250-" + b"x" * 5000,
}


@pytest.mark.parametrize("where", _REPLIES)
def test_nonsense_before_each_reply(bench, tally, where):
    """A reply that is none, or one too many, must never be taken for the answer to what comes next."""
    names = list(_NONSENSE)[[*_REPLIES].index(where) % 3 :: extent.of(3, 1)]
    for name in names:
        seen = bench.run(_fault(where, Insert(_NONSENSE[name])), timeout_seconds=0.4 if name == "no end" else 10)
        if name == "a reply too many" and where == "the mail":
            continue  # nobody could tell it from the reply
        _note(tally, f"nonsense at {where}", name, seen)
        assert seen.last.state is not OutboxState.DEFERRED


@pytest.mark.parametrize("where", extent.of(["banner", "MAIL"], [*_REPLIES]))
def test_silence_is_given_up_in_time(bench, tally, where):
    seen = bench.run(_fault(where, Stall()), timeout_seconds=0.3)
    _note(tally, "silent for ever", where, seen)
    assert seen.last.state is OutboxState.SENT


def test_dribbling_is_borne_and_given_up_in_time(bench, tally):
    slow = bench.run(Fault(Way.TO_CLIENT, Drip(0.001), at=0))
    assert slow.first.state is OutboxState.SENT
    _note(tally, "one octet a time", "", slow)
    for where in extent.of(["MAIL"], [*_REPLIES]):
        dribble = bench.run(_fault(where, Drip(0.1)), mail_seconds=0.7)
        _note(tally, "dribbling for ever", where, dribble)
        is_known = where in {"the mail", "QUIT"}  # three digits say it all
        assert is_known or "took too long" in dribble.first.reason


@pytest.mark.parametrize("where", extent.of(["EHLO", "the mail"], [*_REPLIES]))
@pytest.mark.parametrize(
    ("name", "octets"),
    [("one line", b"250 " + b"x" * 10_000_000 + b"\r\n"), ("many lines", b"250-" + b"x" * 70 + b"\r\n")],
)
def test_a_reply_of_ten_megabytes_is_not_kept(bench, tally, where, name, octets):
    times = 10_000_000 // len(octets)
    with peak_growth() as grown:
        seen = bench.run(_fault(where, Insert(octets, max(times, 1))))
    assert grown() < 60 * 2**20
    _note(tally, f"10 MB of reply, {name}", where, seen)


class TestLargeMail:
    RAW = b"Subject: large\r\n\r\n" + (b"x" * 70 + b"\r\n") * 170_000

    @pytest.fixture
    def roomy(self):
        """A server for large mail and the proxy before it, and how to reach it."""
        with ControlledServer(data_size_limit=50_000_000) as server, Proxy(server.port) as proxy:
            yield server, proxy, SmarthostSettings("localhost", proxy.port, tls=Tls.NONE, timeout_seconds=1)

    @pytest.mark.long_run
    def test_a_slow_line_takes_it_all_the_same(self, roomy):
        """The timeout is for silence: it does not bound how long a large mail may take."""
        server, proxy, settings = roomy
        proxy.script(Fault(Way.TO_SERVER, Drip(0.03, octets=100_000), at=0))
        relay = Smarthost(settings)
        assert relay.send("support@example.com", sorted(ADDRESSES), self.RAW, lambda: True)[
            "ben@example.org"
        ].is_accepted
        relay.close()
        assert len(server.taken[0].raw) == len(self.RAW)

    @pytest.mark.long_run
    def test_a_server_that_reads_no_further_is_given_up(self, roomy):
        _, proxy, settings = roomy
        proxy.script(Fault(Way.TO_SERVER, Stall(), at=500_000))
        with pytest.raises(TemporaryError, match="timed out"):
            Smarthost(settings).send("support@example.com", sorted(ADDRESSES), self.RAW, lambda: True)

    def test_one_larger_than_announced_is_held_and_not_sent(self, new_bench, tally):
        with ControlledServer(data_size_limit=100) as small, Proxy(small.port) as proxy:
            seen = new_bench(small, proxy).run()
            _note(tally, "SIZE announced smaller", "", seen)
            assert (seen.first.state, small.commands.count("DATA")) == (OutboxState.HELD, 0)
            assert "552 5.3.4" in seen.first.reason

    def test_one_that_proves_too_large_is_held(self, bench, tally):
        bench.server.answers["."] = "552 5.3.4 message too big"
        seen = bench.run()
        _note(tally, "552 at the end", "", seen)
        assert (seen.first.state, seen.lost, seen.last.state) == (OutboxState.HELD, 0, OutboxState.HELD)
        assert "552 5.3.4 message too big" in seen.first.reason


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return certificates.make(tmp_path_factory.mktemp("tls") / "good")


def _at_handshake(act) -> Fault:
    return Fault(Way.TO_CLIENT, act, pattern=b"^220 Ready", after=True)


@certificates.forgets_sockets
class TestTls:
    """Where TLS is asked for, nothing is sent without; whatever is wrong with it puts the mail off."""

    @pytest.fixture
    def run(self, new_bench, tally):
        """Runs a mail past faults and a certificate, trusted by the client."""

        def run(title, trusted, *faults, served=None):
            with ControlledServer(tls=(served or trusted).context, login=True) as server, Proxy(server.port) as proxy:
                bench = new_bench(server, proxy)
                patience = {"timeout_seconds": 0.5} if "silence" in title else {}
                tls = {**patience, "tls": Tls.STARTTLS, "tls_ca": str(trusted.file), "user": USER, "password": PASSWORD}
                seen = bench.run(*faults, **tls)
                assert all(mail.is_secure for mail in server.taken)
                clear = bytes(proxy.links[0].said[Way.TO_SERVER]) if proxy.links else b""
            _note(tally, title, "", seen)
            assert b"MAIL" not in clear
            assert b"AUTH" not in clear
            return seen

        return run

    @pytest.mark.parametrize(
        ("title", "fault"),
        [
            ("STARTTLS taken out", Fault(Way.TO_CLIENT, Replace(b""), pattern=b"STARTTLS")),
            ("STARTTLS refused", Fault(Way.TO_CLIENT, Replace(b"454 4.7.0 no\r\n"), pattern=b"^220 Ready")),
            ("garbage in the handshake", _at_handshake(Insert(b"garbage" * 9))),
            ("end in the handshake", _at_handshake(Cut())),
            ("RST in the handshake", _at_handshake(Cut(reset=True))),
            ("silence in the handshake", _at_handshake(Stall())),
        ],
    )
    def test_broken_at_starttls(self, run, good, title, fault):
        seen = run(title, good, fault)
        assert (seen.first.state, seen.last.state) == (OutboxState.DEFERRED, OutboxState.SENT)

    def test_words_slipped_in_before_tls_are_not_heard(self, run, good):
        """An attacker's `250` beside the answer to STARTTLS must not become the answer to EHLO (NO STARTTLS, 2021)."""
        words = b"220 Ready\r\n250-evil\r\n250 AUTH PLAIN\r\n235 in\r\n250 ok\r\n354 go\r\n250 taken\r\n"
        seen = run("replies slipped in before TLS", good, Fault(Way.TO_CLIENT, Replace(words), pattern=b"^220 Ready"))
        assert (seen.first.state, seen.last.state) == (OutboxState.DEFERRED, OutboxState.SENT)
        assert "unasked" in seen.first.reason

    def test_cut_at_octets_of_the_handshake(self, run, good):
        for place in extent.of(range(100, 1500, 500), range(40, 1600, 7)):
            run("cut in the handshake", good, Fault(Way.TO_CLIENT, Cut(), at=place))

    @pytest.mark.parametrize(
        ("title", "more"),
        [("expired", {"start": "20250101", "end": "20260101"}), ("for another name", {"names": "DNS:elsewhere.test"})],
    )
    def test_a_certificate_that_is_no_good(self, run, tmp_path, title, more):
        seen = run(f"certificate {title}", certificates.make(tmp_path / "bad", **more))
        assert seen.last.state is OutboxState.DEFERRED
        assert "no trusted TLS" in seen.last.reason

    def test_a_certificate_of_somebody_elses(self, run, good, tmp_path):
        seen = run("certificate nobody vouches for", good, served=certificates.make(tmp_path / "other"))
        assert seen.last.state is OutboxState.DEFERRED
