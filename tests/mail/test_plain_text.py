"""Text bodies as their author saw them."""

import base64
import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import plain_text

OCTETS = [
    (b"SGVsbG8=\n", "base64", b"Hello"),
    (b"SGVs\nbG8", "base64", b"Hello"),
    (b"SGVsbG8=\r\n", "base64", b"Hello"),
    (b"SG*Vs-bG8=", "base64", b"Hello"),
    (b"SGVsbG8=x", "base64", b"Hello"),
    (b"SGVs\nbG8=\nSGVsbG8=\n", "base64", b"HelloHello"),
    (b"SGVsbG8=\n\n-- \na list footer\n", "base64", b"Hello"),
    (b"this is no base64 at all", "base64", b"this is no base64 at all"),
    (b"", "base64", b""),
    (b"a=3Db=\nc", "quoted-printable", b"a=bc"),
    (b"a=3db=\r\nc", "quoted-printable", b"a=bc"),
    (b"50=% off =ZZ", "quoted-printable", b"50=% off =ZZ"),
    (b"as is =3D", "7bit", b"as is =3D"),
    (b"as is", "8bit", b"as is"),
    (b"as is", "", b"as is"),
    (b"as is", "x-unheard-of", b"as is"),
    (b"begin 644 a.txt\n%2&5L;&\\\n`\nend\n", "x-uuencode", b"Hello"),
    (b"no uuencode", "x-uuencode", b"no uuencode"),
]


@pytest.mark.parametrize(("transported", "encoding", "expected"), OCTETS)
def test_octets(transported, encoding, expected):
    assert plain_text.octets(transported, encoding) == expected


@given(st.binary(max_size=300), st.sampled_from(["base64", "quoted-printable", "x-uuencode", "7bit", ""]))
def test_octets_never_raises(transported, encoding):
    assert isinstance(plain_text.octets(transported, encoding), bytes)


@given(st.binary(max_size=300))
def test_base64_comes_back(content):
    assert plain_text.octets(base64.encodebytes(content), "base64") == content


FLOWED = [
    ("one \ntwo", "one two"),
    ("one\ntwo", "one\ntwo"),
    ("one \ntwo \nthree", "one two three"),
    ("one \n\ntwo", "one\n\ntwo"),
    (" stuffed", "stuffed"),
    (" >not a quote", ">not a quote"),
    ("> one \n> two", "> one two"),
    ("> one \n>> two", "> one\n>> two"),
    ("> one \nmine", "> one\nmine"),
    (">> deep \n>> er", ">> deep er"),
    ("text \n-- \nsignature", "text\n-- \nsignature"),
    (">\n> x", ">\n> x"),
    ("", ""),
]


@pytest.mark.parametrize(("flowed", "expected"), FLOWED)
def test_unflowed(flowed, expected):
    assert plain_text.unflowed(flowed, delete_space=False) == expected


def test_delsp_joins_without_a_space():
    assert plain_text.unflowed("您好 \n世界", delete_space=True) == "您好世界"


def _uuencoded(content, name="a.txt"):
    lines = b"".join(binascii.b2a_uu(content[at : at + 45]) for at in range(0, len(content), 45))
    return f"begin 644 {name}\n{lines.decode()}`\nend\n"


@given(st.binary(max_size=300))
def test_uuencoded_files_are_taken_out(content):
    text, files = plain_text.taken_out(f"before\n{_uuencoded(content)}after\n", 10)
    assert text == "before\nafter\n"
    assert files == (("a.txt", content),)


def test_several_files_and_the_bound():
    text, files = plain_text.taken_out("x\n" + _uuencoded(b"1", "1") + _uuencoded(b"2", "2") + _uuencoded(b"3", "3"), 2)
    assert [name for name, _ in files] == ["1", "2"]
    assert text.startswith("x\nbegin 644 3")


@pytest.mark.parametrize(
    "text",
    [
        "begin 644 nothing\nHello there, friend.\nend\n",
        "begin 644 x\n",
        "We begin 644 times\nend\n",
        "begin 644 x\n#0V%T\n",
    ],
)
def test_words_that_look_like_a_file_stay(text):
    assert plain_text.taken_out(text, 10) == (text, ())


def test_a_file_whose_end_is_missing_is_taken_out():
    whole = _uuencoded(bytes(range(200)))
    cut = whole.split("\n")[:5]
    text, files = plain_text.taken_out("before\n" + "\n".join(cut) + "\nwords after\n", 10)
    assert text == "before\nwords after\n"
    assert files == (("a.txt", bytes(range(180))),)


@given(st.binary(max_size=300))
def test_yenc_files_are_taken_out(content):
    encoded = bytearray()
    for octet in content:
        shifted = (octet + 42) % 256
        encoded += bytes([61, (shifted + 64) % 256]) if shifted in {0, 10, 13, 61} else bytes([shifted])
    lines = b"\r\n".join(encoded[at : at + 128] for at in range(0, len(encoded), 128))
    block = b"=ybegin line=128 size=%d name=a b.bin\r\n%s\r\n=yend size=%d\r\n" % (len(content), lines, len(content))
    text, files = plain_text.yenc_taken_out(b"before\r\n" + block + b"after", 10)
    assert text == b"before\r\nafter"
    assert files == (("a b.bin", content),)


@pytest.mark.parametrize("text", [b"=ybegin line=128 name=a\nxx\n", b"we say =ybegin name=x\n=yend\n", b"=yend\n"])
def test_words_that_look_like_yenc_stay(text):
    assert plain_text.yenc_taken_out(text, 10) == (text, ())


ENRICHED = [
    ("<bold>Hello</bold> you", "Hello you"),
    ("a<<b", "a<b"),
    ("one\ntwo", "one two"),
    ("one\n\ntwo", "one\ntwo"),
    ("<color><param>red</param>x</color>", "x"),
    ("1 < 2", "1 < 2"),
    ("", ""),
]


@pytest.mark.parametrize(("enriched", "expected"), ENRICHED)
def test_enriched(enriched, expected):
    assert plain_text.from_enriched(enriched) == expected
