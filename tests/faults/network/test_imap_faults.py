"""An IMAP server that is no server any more: silent, slow, mad or hostile. All mail comes once, and we stay bounded."""

import threading
from collections import Counter

import pytest

from gateway.inbound.imap import Mailbox
from gateway.inbound.settings import After
from tests.faults import extent
from tests.faults.network.mailbox_bench import MAILS
from tests.faults.network.memory import peak_growth
from tests.faults.network.proxy import Act, Cut, Drip, Fault, HalfClose, Insert, Replace, Stall, Way, wait_for

_MIB = 1024 * 1024
# Where each command's answer begins; of SELECT, SEARCH, the sizes, the mail, the step and IDLE.
_WORDS = {
    "greeting": rb"^\* OK",
    "login": rb"^\S+1 OK",
    "select": rb"\* FLAGS",
    "search": rb"\* SEARCH",
    "sizes": rb"RFC822\.SIZE",
    "mail": rb"BODY\[",
    "within a mail": rb"xxxxx",
    "idle": rb"^\+ ",
}
_GARBAGE = {
    "octets": b"\x00\xff\xfe%%% \x1b[2J\r\n",
    "an empty line": b"\r\n",
    "a star": b"* \r\n",
    "an open list": b"* 1 FETCH ((((((\r\n",
    "half a pair": b"* 1 FETCH (UID\r\n",
    "no list": b"* 1 FETCH UID 1\r\n",
    "a size that is a word": b"* 1 FETCH (UID 1 RFC822.SIZE many)\r\n",
    "a bodiless mail": b"* 1 FETCH (UID 1 BODY[] NIL)\r\n",
    "an unknown tag": b"ZZZZ9 OK done\r\n",
    "a search of words": b"* SEARCH one two three\r\n",
    "another mail": b"* 9 FETCH (UID 999 BODY[] {5}\r\nabcde)\r\n",
    "a mail without a UID": b"* 1 FETCH (BODY[] {5}\r\nabcde)\r\n",
    "a UID below one": b"* 1 FETCH (UID -1 BODY[] {5}\r\nabcde)\r\n",
    "depth": b"* 1 FETCH " + b"(" * 50_000 + b"\r\n",
    "NULs": b"* OK \0\0\0\0\r\n",
    "an unclosed string": b'* 1 FETCH (UID 1 ENVELOPE ("\r\n',
    "a large number": b"* " + b"9" * 5000 + b" EXISTS\r\n",
    "no capability": b"* CAPABILITY\r\n",
    "fewer capabilities": b"* CAPABILITY IMAP4rev1\r\n",
    "expunged": b"* 1 EXPUNGE\r\n",
    "flags changed": b"* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n",
    "another mailbox": b"* OK [UIDVALIDITY 1] yes\r\n* OK [UIDNEXT 1] yes\r\n",
    "read-only": b"* OK [READ-ONLY] now\r\n",
    "goodbye": b"* BYE going down\r\n",
    "an alert": b"* NO [ALERT] disk full\r\n* BAD what\r\n",
}
_ILL: dict[str, Act] = {
    "silent": Stall(),
    "mad": Insert(_GARBAGE["octets"]),
    "reset": Cut(reset=True),
    "half-closed": HalfClose(),
}


def _fault(word: str, act) -> Fault:
    return Fault(Way.TO_CLIENT, act, pattern=_WORDS[word])


@pytest.mark.parametrize("word", _WORDS)
def test_garbage_before_each_answer(bench, tally, word):
    names = list(_GARBAGE)
    if not extent.IS_LONG:
        start = [*_WORDS].index(word)
        names = names[start :: 2 * len(_WORDS)]
    for number, name in enumerate(names):
        fault = _fault(word, Insert(_GARBAGE[name]))
        seen = bench.run(After.DELETE if number % 2 else After.FLAG, fault, timeout_seconds=0.7)
        tally.add(f"IMAP: garbage, {word}", name, lost=seen.lost, doubled=seen.doubled + seen.untaken)


@pytest.mark.parametrize("line", [rb"\* \d+ EXISTS", rb"UIDVALIDITY", rb"UIDNEXT", rb"PERMANENTFLAGS", rb"^\* SEARCH"])
def test_a_line_that_is_missing(bench, tally, line):
    seen = bench.run(After.DELETE, Fault(Way.TO_CLIENT, Replace(b""), pattern=line))
    tally.add("IMAP: a line is missing", line, lost=seen.lost, doubled=seen.doubled + seen.untaken)


@pytest.mark.parametrize("word", extent.of(["login", "within a mail", "idle"], [*_WORDS]))
def test_silence_is_given_up_in_time(bench, tally, word):
    seen = bench.run(After.MOVE, _fault(word, Stall()), timeout_seconds=0.3)
    assert seen.error is not None
    tally.add("IMAP: silent for ever", word, lost=seen.lost, doubled=seen.doubled + seen.untaken)


def test_slow_is_well_and_too_slow_is_given_up(bench, tally):
    slow = bench.run(After.MOVE, Fault(Way.TO_CLIENT, Drip(0.0001), at=0))
    assert slow.error is None
    tally.add("IMAP: one octet a time", "", lost=slow.lost, doubled=slow.doubled + slow.untaken)
    for word in extent.of(["mail"], [*_WORDS]):
        dribble = bench.run(After.MOVE, _fault(word, Drip(0.02, total=2000)), timeout_seconds=0.1)
        assert dribble.error is not None
        tally.add("IMAP: dribbling for ever", word, lost=dribble.lost, doubled=dribble.doubled + dribble.untaken)


_SIZES = extent.of((), (b"{99999999999999999999}", b"{0}", b"{130}", b"{200}", b"{-1}"))


@pytest.mark.parametrize("size", [b"{4294967295}", b"{100}", b"{5000}", b"{}", *_SIZES])
def test_sizes_that_lie(bench, tally, size):
    line = b"* 1 FETCH (UID 1 BODY[] %b\r\n" % size
    seen = bench.run(After.DELETE, _fault("mail", Replace(line)), timeout_seconds=0.3)
    tally.add("IMAP: literal of another size", size, lost=seen.lost, doubled=seen.doubled + seen.untaken)


@pytest.mark.parametrize("word", extent.of(["mail"], [*_WORDS]))
@pytest.mark.parametrize(
    ("name", "octets", "times"),
    [
        ("a line of 10 MB", b"* OK " + b"x" * 10_000_000 + b"\r\n", 1),
        ("a mail of 4 GB", b"* 1 FETCH (UID 1 BODY[] {4294967295}\r\n" + b"x" * 60_000_000, 1),
        ("mails without end", b"* 9 FETCH (UID 9 BODY[] {1000000}\r\n" + b"x" * 1_000_000 + b")\r\n", 200),
        pytest.param("words without end", b"* OK " + b"x" * 900 + b"\r\n", 100_000, marks=pytest.mark.long_run),
        pytest.param("news without end", b"* 3 EXISTS\r\n" * 10_000, 100, marks=pytest.mark.long_run),
    ],
)
def test_what_has_no_end_is_cut_off_and_memory_stays_bounded(bench, tally, word, name, octets, times):
    fault = _fault(word, Insert(octets, times))
    with peak_growth() as grown:
        seen = bench.run(After.MOVE, fault, timeout_seconds=5.0, message_size=_MIB)
    assert seen.error is not None
    assert grown() < 120 * _MIB
    tally.add(f"IMAP: {name}", word, lost=seen.lost, doubled=seen.doubled + seen.untaken)


@pytest.mark.parametrize("word", extent.of(["idle"], ["login", "select", "search", "sizes", "mail", "idle"]))
def test_a_hundred_thousand_news_are_borne(bench, tally, word):
    fault = _fault(word, Insert(b"* 3 EXISTS\r\n" * 1000, 100))
    seen = bench.run(After.MOVE, fault)
    assert seen.error is None
    tally.add("IMAP: 100,000 EXISTS", word, lost=seen.lost, doubled=seen.doubled + seen.untaken)


def spoilt(copy: bytes, mail: bytes, octets: bytes) -> bool:
    """Whether `copy` is the mail but for these octets, in the place of as many or between others, which push it on."""
    at = next((place for place, (here, there) in enumerate(zip(copy, mail, strict=False)) if here != there), len(copy))
    rest = copy[at + len(octets) :]
    return copy[at:].startswith(octets) and rest in {mail[at + len(octets) :], mail[at : at + len(rest)]}


@pytest.mark.parametrize(
    ("copy", "expected"),
    [
        (b"A mail of 7ours.", True),
        (b"A mail 7f ours.", True),
        (b"A mail of 8urs.", False),
        (b"A mail of 7urs", False),
        (b"7 mail 7f ours.", False),
        (b"", False),
        (b"Another mail.", False),
    ],
)
def test_a_spoilt_copy_is_told_from_a_lost_mail(copy, expected):
    assert spoilt(copy[:15], b"A mail of ours.", b"7") is expected


@pytest.mark.long_run
def test_every_octet_of_the_server_spoilt(bench, tally):
    """Whatever it makes of the session, a good line heals it. That a mail itself is spoilt only TLS can tell."""
    acts = {"NUL": b"\0", "7": b"7", "a size": b"{9}\r\n"}
    for place in range(bench.lengths(After.FLAG)[Way.TO_CLIENT]):
        name, octets = [*acts.items()][place % 3]
        act: Act = Insert(octets) if name == "a size" else Replace(octets, 1)
        seen = bench.run(After.FLAG, Fault(Way.TO_CLIENT, act, at=place), timeout_seconds=0.3)
        copies = [copy for copy in seen.strange if any(spoilt(copy, mail, octets) for mail in MAILS)]
        lost = [mail for mail in seen.lacking if not any(spoilt(copy, mail, octets) for copy in copies)]
        tally.add(f"IMAP: {name} in the server's words", place, lost=len(lost), doubled=seen.doubled - len(copies))
        tally.rows[f"IMAP: {name} in a mail, which is kept as it came"].runs += len(copies)


class TestTheThread:
    """The mailbox as the daemon runs it: it outlives everything, and cries when it should and no oftener."""

    @pytest.fixture
    def told(self, caplog):
        caplog.set_level("INFO", "gateway.inbound.imap")
        return lambda: [each.message for each in caplog.records if each.name.endswith("mailbox")]

    def test_a_line_that_dies_silently_in_idle_is_found_out(self, bench, told):
        """As behind a router that has forgotten us: no FIN, no RST, no news."""
        folder = bench.new_folder(MAILS[:1])
        settings = bench.settings(folder, poll_seconds=3600, idle_seconds=0.3, timeout_seconds=0.7)
        bench.proxy.script(Fault(Way.TO_CLIENT, Stall(), pattern=_WORDS["idle"], after=True))
        with Mailbox(settings, bench.database, bench.acceptor, jitter=lambda: 1.0) as mailbox:
            wait_for(lambda: bench.stored(settings).total() == 1, "the first mail")
            folder.account.append(*MAILS[1:])
            wait_for(lambda: bench.stored(settings) == Counter(MAILS), "mail after the line died")
            assert not mailbox.is_failing
        assert told() == ["reading a mailbox broke off; it is tried again"]

    @pytest.mark.parametrize("name", extent.of(["mad"], [*_ILL]))
    def test_a_server_that_is_ill_at_every_login_is_one_alarm(self, bench, told, name):
        folder = bench.new_folder(MAILS)
        settings = bench.settings(folder, timeout_seconds=1.0)
        bench.proxy.script(Fault(Way.TO_CLIENT, _ILL[name], pattern=_WORDS["login"], connections=2))
        with Mailbox(settings, bench.database, bench.acceptor, jitter=lambda: 1.0) as mailbox:
            wait_for(lambda: bench.stored(settings) == Counter(MAILS), "mail when the server is well again")
            wait_for(lambda: not mailbox.is_failing, "the end of the alarm")
        assert told() == ["a mailbox cannot be read; its mail waits on the server", "a mailbox is read again"]

    def test_stopping_does_not_wait_for_a_silent_server(self, bench):
        folder = bench.new_folder(MAILS)
        bench.proxy.forget()
        bench.proxy.script(Fault(Way.TO_CLIENT, Stall(), pattern=_WORDS["mail"]))
        mailbox = Mailbox(bench.settings(folder, timeout_seconds=3600), bench.database, bench.acceptor)
        mailbox.start()
        wait_for(lambda: any(b"BODY.PEEK" in link.said[Way.TO_SERVER] for link in bench.proxy.links), "the fetch")
        mailbox.stop(grace=0.1)
        assert "mailbox run" not in {each.name[:11] for each in threading.enumerate()}
        assert not mailbox.is_failing
