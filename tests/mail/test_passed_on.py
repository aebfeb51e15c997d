import base64
import binascii
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import mime, passed_on, plain_text
from gateway.mail.limits import Limits
from gateway.mail.message import Attachment

LIMITS = Limits()
CORPUS = sorted((Path(__file__).parents[1] / "corpus").rglob("*.eml"))[::5]
WORDS = b"ask secret@x.test now"


def hush(text):
    return text.replace("secret@x.test", "desk@y.test").replace("SECRET", "...")


def edited(kind, content, name="a.bin", *, unsigned=False, edit=hush):
    return passed_on.edited(Attachment(name, kind, content), edit, LIMITS, unsigned=unsigned)


def message(*parts, subject=b"x", boundary=b"b"):
    """A mail of these parts, each its type, transfer encoding and octets."""
    head = b"--%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: %s\r\n\r\n%s\r\n"
    inner = b"".join(head % (boundary, *part) for part in parts)
    return b"Subject: %s\r\nContent-Type: multipart/mixed; boundary=%s\r\n\r\n%s--%s--\r\n" % (
        *(subject, boundary, inner, boundary),
    )


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("text/plain", "a.txt"),
        ("text/html", "a.html"),
        ("application/json", "a"),
        ("application/xhtml+xml", "a"),
        ("application/octet-stream", "a.csv"),
        ("application/octet-stream", "a.EML"),
        ("message/rfc822", "a.eml"),
        ("message/delivery-status", "a"),
    ],
)
def test_words_are_changed_in_what_can_be_read(kind, name):
    assert edited(kind, WORDS, name).content == b"ask desk@y.test now"


@pytest.mark.parametrize(
    ("kind", "name"), [("application/pdf", "a.pdf"), ("image/png", "a.png"), ("application/zip", "a")]
)
def test_binary_files_stay_as_they_are(kind, name):
    file = Attachment(name, kind, WORDS, "id", is_inline=True)
    assert passed_on.edited(file, hush, LIMITS, unsigned=True) is file


def test_a_file_name_is_a_word_too():
    assert edited("image/png", b"x", "secret@x.test.png").name == "desk@y.test.png"


def test_octets_in_whatever_charset_stay():
    content = bytes(range(256)) + WORDS
    assert edited("text/plain", content).content == bytes(range(256)) + b"ask desk@y.test now"


@pytest.mark.parametrize("kind", ["text/vcard", "text/calendar", "text/x-vcard", "application/octet-stream"])
def test_lines_of_cards_and_calendars_are_unfolded_where_a_word_is_folded(kind):
    content = b"A:1\r\n 2\r\nEMAIL:sec\r\n ret@x.test\r\n"
    assert edited(kind, content, "a.vcf").content == b"A:12\r\nEMAIL:desk@y.test\r\n"
    assert edited(kind, content[:10], "a.vcf").content == content[:10]


@pytest.mark.parametrize(
    ("encoding", "octets"),
    [
        (b"7bit", WORDS),
        (b"quoted-printable", b"ask sec=\r\nret=40x.test now=20"),
        (b"base64", base64.encodebytes(WORDS).replace(b"\n", b"\r\n")),
    ],
)
def test_each_part_of_a_mail_is_changed_in_its_own_encoding_and_no_other_octet(encoding, octets):
    other = (b"text/plain", b"quoted-printable", b"k=65ep=\r\n this")
    raw = message(other, (b"text/plain; charset=utf-8", encoding, octets), other)
    after = edited("message/rfc822", message((b"message/rfc822", b"7bit", raw), boundary=b"c")).content
    (outer,) = mime.split(after, LIMITS)[0].parts
    parts = mime.split(outer.octets, LIMITS)[0].parts
    assert [part.octets for part in (parts[0], parts[2])] == [other[2]] * 2
    assert b"ask desk@y.test now" in plain_text.octets(parts[1].octets, parts[1].encoding)


@pytest.mark.parametrize(
    "raw",
    [
        message((b"text/plain", b"x-uuencode", b"begin 644 a\n" + binascii.b2a_uu(WORDS) + b" \nend\n")),
        message((b"text/plain", b"quoted-printable", b"=\r\n" + WORDS)).replace(b"\r\n", b"\r"),
        message((b"application/pkcs7-mime", b"base64", base64.b64encode(WORDS))),
    ],
)
def test_a_mail_in_which_no_word_can_be_changed_becomes_a_text(raw):
    file = edited("message/rfc822", raw, "old.eml", unsigned=True)
    assert (file.name, file.content_type) == ("old.eml.txt", "text/plain")
    assert b"secret" not in file.content
    assert file.content.startswith(b"Subject: x\n")


def test_a_subject_that_hides_the_words_costs_the_form_of_the_mail_but_not_its_words():
    raw = message((b"text/plain", b"7bit", b"hello"), subject=b"=?utf-8?q?secret=40x.test?=")
    file = edited("message/rfc822", raw, "old.eml")
    assert (file.name, file.content) == ("old.eml.txt", b"Subject: desk@y.test\n\nhello\n")


def test_signatures_in_a_mail_go_where_it_is_to_be_unsigned():
    signature = (
        b"application/pkcs7-signature; name=smime.p7s",
        b"base64",
        base64.b64encode(b"der secret@x.test") + b"\r\n",
    )
    raw = message((b"text/plain", b"7bit", b"hello"), signature)
    assert edited("message/rfc822", raw).content == raw
    after = edited("message/rfc822", raw, unsigned=True).content
    assert [part.octets for part in mime.split(after, LIMITS)[0].parts] == [b"hello", b""]


@pytest.mark.parametrize(
    ("kind", "name", "is_one"),
    [
        ("application/pkcs7-signature", "smime.p7s", True),
        ("application/x-pkcs7-signature", "x", True),
        ("application/pgp-signature", "signature.asc", True),
        ("application/octet-stream", "SMIME.P7S", True),
        ("application/octet-stream", "smime (2).p7s", True),
        ("application/pkcs7-mime", "smime.p7m", True),
        ("application/pgp-keys", "OpenPGP_0x12.asc", True),
        ("application/pkcs7-mime", "fattura.xml.p7m", False),
        ("application/octet-stream", "release.tar.asc", False),
        ("text/plain", "signature.txt", False),
    ],
)
def test_what_only_vouches_for_its_author(kind, name, is_one):
    file = Attachment(name, kind, b"x")
    assert passed_on.is_signature(kind, name) is is_one
    assert passed_on.content_of([file]) == (() if is_one else (file,))
    assert passed_on.signatures_of([file]) == ((name,) if is_one else ())


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_where_there_is_nothing_to_change_nothing_is(path):
    raw = path.read_bytes()
    assert edited("message/rfc822", raw, "original.eml", edit=hush).content == raw


@given(st.binary(max_size=300), st.sampled_from(["message/rfc822", "text/calendar", "text/plain"]))
def test_no_octets_are_too_strange(octets, kind):
    heads = (
        b"",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
        b"Content-Transfer-Encoding: base64\r\n\r\n",
    )
    for head in heads:
        assert edited(kind, head + octets).content == head + octets
