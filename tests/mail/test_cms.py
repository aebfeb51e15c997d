"""Opaque S/MIME: signed and compressed content is read, in DER and BER; what is encrypted is named."""

import base64
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail import cms
from gateway.mail.cms import Form, Opened
from gateway.mail.limits import Limits
from gateway.mail.parse import parse

DATA = bytes.fromhex("2a864886f70d010701")
SIGNED, ENVELOPED = bytes.fromhex("2a864886f70d010702"), bytes.fromhex("2a864886f70d010703")
COMPRESSED = bytes.fromhex("2a864886f70d0109100109")
MOST = 1_000_000
INNER = b"Content-Type: text/plain; charset=utf-8\r\n\r\nThe door is stuck again.\r\n"


def _tlv(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    size = len(content)
    length = bytes([size]) if size < 128 else b"\x84" + size.to_bytes(4, "big")
    return bytes([tag]) + length + content


def _ber(tag: int, *contents: bytes) -> bytes:
    """Of indefinite length."""
    return bytes([tag, 0x80]) + b"".join(contents) + b"\0\0"


def _cms(content, kind=SIGNED, around=_tlv, octets=None):
    octets = octets if octets is not None else _tlv(0x04, content)
    inside = around(0x30, _tlv(0x06, DATA), around(0xA0, octets))
    structure = around(0x30, _tlv(0x02, b"\1"), _tlv(0x31, _tlv(0x30, _tlv(0x06, DATA))), inside, _tlv(0x31))
    return around(0x30, _tlv(0x06, kind), around(0xA0, structure))


def _mail(content: bytes, smime_type="signed-data", content_type="application/pkcs7-mime", name="smime.p7m") -> bytes:
    return (
        b"From: Ann Post <ann@post.example>\r\nTo: support@desk.example\r\nSubject: Door\r\nMIME-Version: 1.0\r\n"
        + f'Content-Type: {content_type}; smime-type={smime_type}; name="{name}"\r\n'.encode()
        + b"Content-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(content)
    )


DETACHED = _tlv(0x30, _tlv(0x06, SIGNED), _tlv(0xA0, _tlv(0x30, _tlv(0x30, _tlv(0x06, DATA)))))
PIECES = _tlv(0x24, _tlv(0x04, INNER[:30]), _tlv(0x24, _tlv(0x04, INNER[30:40])), _tlv(0x04, INNER[40:]))


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (_cms(INNER), Opened(Form.SIGNED, INNER)),
        (_cms(INNER, around=_ber), Opened(Form.SIGNED, INNER)),
        (_cms(b"", octets=PIECES), Opened(Form.SIGNED, INNER)),
        (_cms(b"", octets=_ber(0x24, _tlv(0x04, INNER[:9]), _tlv(0x04, INNER[9:]))), Opened(Form.SIGNED, INNER)),
        (_cms(b"x" * 70_000), Opened(Form.SIGNED, b"x" * 70_000)),
        (_cms(zlib.compress(INNER), COMPRESSED), Opened(Form.COMPRESSED, INNER)),
        (_cms(b"no zlib stream", COMPRESSED), Opened(Form.COMPRESSED, b"")),
        (_cms(INNER, ENVELOPED), Opened(Form.ENCRYPTED, b"")),
        (DETACHED, Opened(Form.SIGNED, b"")),
        (_cms(INNER, DATA), None),
        (_tlv(0x30, _tlv(0x06, SIGNED)), None),
        (b"", None),
        (b"Hello, this is no CMS message.", None),
        (b"\x30\x80", None),
    ],
)
def test_what_is_within(octets, expected):
    assert cms.unpack(octets, MOST) == expected


def test_no_more_than_the_bound():
    assert cms.unpack(_cms(INNER), 7) == Opened(Form.SIGNED, INNER[:7])
    bomb = _cms(zlib.compress(b"\0" * 50_000_000, 9), COMPRESSED)
    assert cms.unpack(bomb, 10_000) == Opened(Form.COMPRESSED, b"\0" * 10_000)


@pytest.mark.parametrize("around", [_tlv, _ber])
def test_what_arrives_of_a_cut_message_is_read(around):
    whole = _cms(INNER, around=around)
    for length in range(len(whole)):
        found = cms.unpack(whole[:length], MOST)
        assert found is None or INNER.startswith(found.content)
    assert cms.unpack(whole[: whole.index(INNER[-9:])], MOST) == Opened(Form.SIGNED, INNER[:-9])


def _seconds(octets: bytes) -> float:
    start = time.process_time()
    cms.unpack(octets, MOST)
    return time.process_time() - start


@pytest.mark.parametrize(
    "octets",
    [
        _cms(b"", octets=b"\x24\x80" * 500_000),
        b"\x30\x80" * 500_000,
        _cms(b"", octets=_ber(0x24, _tlv(0x04, b"x") * 1_000_000)),
        _tlv(0x30, _tlv(0x06, SIGNED), b"\0\0" * 1_000_000),
    ],
    ids=["nested strings", "nested sequences", "a million pieces", "a million ends"],
)
def test_hostile_nesting_ends(octets):
    assert min(_seconds(octets) for _ in range(3)) < 2


@settings(max_examples=150)
@given(st.binary(max_size=300))
def test_any_octets(octets):
    cms.unpack(octets, MOST)


@settings(max_examples=150)
@given(st.data())
def test_a_message_that_was_damaged(data):
    whole = bytearray(_cms(INNER, around=data.draw(st.sampled_from([_tlv, _ber]))))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cms.unpack(bytes(whole), MOST)
    assert parse(_mail(bytes(whole))).attachments


def test_the_text_is_shown_and_the_part_kept():
    content = _cms(INNER)
    message = parse(_mail(content))
    assert message.text == "The door is stuck again."
    assert [(file.name, file.content) for file in message.attachments] == [("smime.p7m", content)]
    assert message.defects == ()


@pytest.mark.parametrize(
    "mail",
    [
        _mail(_cms(INNER), content_type="application/x-pkcs7-mime"),
        _mail(_cms(INNER), content_type="application/octet-stream", name="SMIME.P7M"),
        _mail(_cms(_mail(_cms(INNER)))),
        _mail(_cms(_mail(_cms(zlib.compress(INNER), COMPRESSED)))),
    ],
)
def test_forms_of_the_part(mail):
    assert parse(mail).text == "The door is stuck again."


def test_files_within():
    inner = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee the file.\r\n--b\r\n"
        b"Content-Type: application/pdf; name=a.pdf\r\n\r\n%PDF\r\n--b--\r\n"
    )
    message = parse(_mail(_cms(inner)))
    assert message.text == "See the file."
    assert [file.name for file in message.attachments] == ["a.pdf", "smime.p7m"]


def test_what_is_encrypted_is_named():
    message = parse(_mail(_cms(INNER, ENVELOPED), "enveloped-data"))
    assert message.text == ""
    assert message.defects == ("smime.p7m is encrypted",)
    assert [file.name for file in message.attachments] == ["smime.p7m"]


def test_what_cannot_be_opened_is_named():
    assert parse(_mail(b"junk")).defects == ("smime.p7m cannot be opened",)


def test_nesting_has_an_end():
    mail = _mail(_cms(INNER))
    for _ in range(8):
        mail = _mail(_cms(mail))
    message = parse(mail)
    assert message.text == ""
    assert message.defects == ("smime.p7m cannot be opened",)
    assert len(message.attachments) == Limits().opened + 1


def test_all_parts_share_one_bound():
    part = _mail(_cms(zlib.compress(b"\r\n" + b"a " * 1_000, 9), COMPRESSED)).split(b"MIME-Version: 1.0\r\n")[1]
    mail = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"".join(b"--b\r\n" + part for _ in range(4))
    text = parse(mail + b"--b--\r\n", Limits(unpacked=3_000)).text
    assert text.count("a") <= 1_500
