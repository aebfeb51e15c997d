"""TLS broken between us and an IMAP server: no password and no mail goes without it, and all comes when it is well."""

import pytest

from gateway.errors import TemporaryError
from gateway.inbound.imap import check
from gateway.inbound.settings import After, Tls
from tests.builders import NOW
from tests.faults import extent
from tests.faults.network import certificates
from tests.faults.network.mailbox_bench import MAILS
from tests.faults.network.proxy import Act, Behind, Cut, Fault, Insert, Proxy, Replace, Stall, Way

pytestmark = certificates.forgets_sockets
_READY = rb"^\S+ OK Begin TLS"


@pytest.fixture
def starttls(bench, dovecot, tally):
    """Runs a mailbox with STARTTLS past faults; what was said in the clear had no secret in it."""

    def run(title, *faults, timeout_seconds=10.0):
        more = {"host": "localhost", "tls": Tls.STARTTLS, "tls_ca": str(dovecot.certificate)}
        bench.proxy.forget()
        seen = bench.run(After.MOVE, *faults, timeout_seconds=timeout_seconds, **more)
        assert not [link for link in bench.proxy.links if b"secret" in link.said[Way.TO_SERVER]]
        tally.add(f"IMAP: {title}", "", lost=seen.lost, doubled=seen.doubled + seen.untaken)
        return seen

    return run


def _at_handshake(act: Act) -> Fault:
    return Fault(Way.TO_CLIENT, act, pattern=_READY, after=True)


@pytest.mark.parametrize(
    ("title", "fault"),
    [
        (
            "STARTTLS taken out",
            Fault(Way.TO_CLIENT, Replace(b"* CAPABILITY IMAP4rev1\r\n"), pattern=rb"^\* CAPABILITY"),
        ),
        ("STARTTLS refused", Fault(Way.TO_CLIENT, Replace(b"* BAD no\r\n"), pattern=_READY)),
        ("logged in before TLS", Fault(Way.TO_CLIENT, Replace(b"* PREAUTH welcome\r\n"), pattern=rb"^\* OK")),
        ("garbage in the handshake", _at_handshake(Insert(b"garbage" * 9))),
        ("end in the handshake", _at_handshake(Cut())),
        ("RST in the handshake", _at_handshake(Cut(reset=True))),
        ("silence in the handshake", _at_handshake(Stall())),
        ("words slipped in before TLS", _at_handshake(Insert(b"* CAPABILITY IMAP4rev1\r\n* 9 EXISTS\r\n"))),
    ],
)
def test_broken_at_starttls(starttls, title, fault):
    seen = starttls(title, fault, timeout_seconds=0.5)
    assert seen.error is not None


def test_words_beside_the_consent_to_tls_are_refused(starttls):
    """In one packet with it they would be read before TLS begins, and believed after (as in CVE-2021-38371)."""
    words = Behind(b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n")
    seen = starttls("words slipped in beside the consent to TLS", Fault(Way.TO_CLIENT, words, pattern=_READY))
    assert "speaks on, unprotected" in str(seen.error)


def test_cut_at_octets_of_the_handshake(starttls):
    for place in extent.of(range(300, 1500, 500), range(250, 2600, 9)):
        starttls("cut in TLS", Fault(Way.TO_CLIENT, Cut(), at=place))


@pytest.mark.parametrize(
    ("more", "is_trusted"),
    [
        ({"start": "20250101", "end": "20260101"}, True),
        ({"names": "DNS:elsewhere.test"}, True),
        ({}, False),
    ],
    ids=["expired", "another name", "nobody vouches for it"],
)
def test_a_certificate_that_is_no_good(bench, dovecot, tmp_path, more, is_trusted):
    bad = certificates.make(tmp_path / "bad", **more)
    folder = bench.new_folder(MAILS)
    with Proxy(dovecot.port, bad.context) as proxy:
        tls = {"host": "localhost", "tls": Tls.IMPLICIT, "tls_ca": str(bad.file if is_trusted else dovecot.certificate)}
        with pytest.raises(TemporaryError, match="CERTIFICATE_VERIFY_FAILED"):
            check(folder.account.settings(port=proxy.port, **tls), NOW.date())
        assert not [link for link in proxy.links if link.said[Way.TO_SERVER]]
