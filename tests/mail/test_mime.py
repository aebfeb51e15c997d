"""Octets cut into parts, whatever the boundaries do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import mime
from gateway.mail.limits import Limits


def _split(raw, **limits):
    return mime.split(raw, Limits(**limits))


def _shape(part):
    return (part.content_type, *map(_shape, part.parts)) if part.parts else part.content_type


def _multi(*parts, boundary=b"b", end=b"--b--\n", kind=b"mixed"):
    body = b"".join(b"--" + boundary + b"\n" + part + b"\n" for part in parts)
    return b"Content-Type: multipart/" + kind + b"; boundary=" + boundary + b"\n\n" + body + end


def test_plain_message():
    part, defects = _split(b"Subject: x\n\nbody\n")
    assert part.fields == (("Subject", b"x"),)
    assert part.octets == b"body\n"
    assert defects == ()


def test_fields_are_unfolded_without_their_line_ends():
    part, _ = _split(b"Subject: a\r\n b\r\n\tc\r\nX: y\r\n\r\n")
    assert part.fields == (("Subject", b"a b\tc"), ("X", b"y"))


@pytest.mark.parametrize(
    ("raw", "shape"),
    [
        (_multi(b"\none", b"\ntwo"), ("multipart/mixed", "text/plain", "text/plain")),
        (_multi(b"Content-Type: text/html\n\nx"), ("multipart/mixed", "text/html")),
        (_multi(b"\none", end=b""), ("multipart/mixed", "text/plain")),
        (_multi(b"\none", end=b"--b--"), ("multipart/mixed", "text/plain")),
        (_multi(b"\none", end=b"--b--\nepilogue\n--b\n\nno part\n"), ("multipart/mixed", "text/plain")),
        (
            _multi(_multi(b"\nin", boundary=b"bb", end=b"--bb--\n")),
            ("multipart/mixed", ("multipart/mixed", "text/plain")),
        ),
        (_multi(_multi(b"\nin", boundary=b"bb", end=b"")), ("multipart/mixed", ("multipart/mixed", "text/plain"))),
        (_multi(b"Subject: q\n\nx", kind=b"digest"), ("multipart/mixed".replace("mixed", "digest"), "message/rfc822")),
        (
            _multi(b"Content-Type: message/rfc822\n\n" + _multi(b"\nx", boundary=b"c", end=b"--c--")),
            ("multipart/mixed", "message/rfc822"),
        ),
        (
            b"Content-Type: multipart/mixed\n\n--zz\nContent-Type: text/html\n\nx\n--zz--\n",
            ("multipart/mixed", "text/html"),
        ),
        (
            b"Content-Type: multipart/mixed; boundary=a\n\n--zz\nContent-Type: text/html\n\nx\n",
            ("multipart/mixed", "text/html"),
        ),
        (b"Content-Type: multipart/mixed; boundary=a\n\nonly words\n", "multipart/mixed"),
        (b"Content-Type: junk\n\nx", "text/plain"),
        (b"Content-Type: text/plain: x; charset=utf-8\n\nx", "text/plain"),
        (b"Content-Type: m\xf5lt; boundary=b\n\n--b\n\nx\n--b--", ("multipart/mixed", "text/plain")),
        (_multi(b"\none").replace(b"--b\n", b"--b\n--b\n"), ("multipart/mixed", "text/plain")),
        (b"Content-Type: TEXT / HTML\n\nx", "text/html"),
        (b"", "text/plain"),
    ],
)
def test_shapes(raw, shape):
    assert _shape(_split(raw)[0]) == shape
    assert _shape(_split(raw.replace(b"\n", b"\r\n"))[0]) == shape


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_the_line_end_before_a_boundary_belongs_to_the_boundary(line_end):
    part, _ = _split(_multi(b"\none\n", b"\n").replace(b"\n", line_end))
    assert [child.octets for child in part.parts] == [b"one" + line_end, b""]


def test_binary_parts_keep_every_octet():
    content = bytes(range(256))
    part, _ = _split(_multi(b"Content-Type: application/x\nContent-Transfer-Encoding: binary\n\n" + content))
    assert part.parts[0].octets == content


def test_a_longer_boundary_is_another_boundary():
    part, _ = _split(_multi(b"\none\n--bc\nstill one"))
    assert [child.octets for child in part.parts] == [b"one\n--bc\nstill one"]


def test_boundary_lines_may_end_in_white_space():
    part, _ = _split(b"Content-Type: multipart/mixed; boundary=b\n\n--b \t\n\none\n--b-- \n")
    assert [child.octets for child in part.parts] == [b"one"]


@pytest.mark.parametrize(
    ("raw", "names", "body"),
    [
        (b"\n\nSubject: x\n\nbody", ["Subject"], b"body"),
        (b">From me\nSubject: x\n\nbody", ["Subject"], b"body"),
        (b"From me Mon Jan 1 10:00:00 2024\nSubject: x\n\nbody", ["Subject"], b"body"),
        (b"Subject: x\nSGVsbG8=\nFrom: a@b\n\nbody", ["Subject", "From"], b"body"),
        (b"Subject: x\nbody without an empty line\nmore", ["Subject"], b"body without an empty line\nmore"),
        (b"no header at all\nmore", [], b"no header at all\nmore"),
        (b"\nno header at all", [], b"no header at all"),
        (b"Subject: x\nFrom: y", ["Subject", "From"], b""),
        (b"Subject : x\n\nbody", ["Subject"], b"body"),
        (b"Subject: x\n\n\nbody", ["Subject"], b"\nbody"),
        (b"Sub\x00ject: x\n\nbo\x00dy", ["Subject"], b"bo\x00dy"),
        (b"Subject: x\r\rbody", ["Subject"], b"body"),
    ],
)
def test_heads(raw, names, body):
    part, _ = _split(raw)
    assert [name for name, _ in part.fields] == names
    assert part.octets == body


def test_a_part_that_begins_with_an_empty_line_has_no_fields():
    part, _ = _split(_multi(b"\nFrom: not a field\n\nx"))
    assert part.parts[0].fields == ()
    assert part.parts[0].octets == b"From: not a field\n\nx"


def test_limits_are_kept_and_named():
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (number, number) for number in range(100)
    )
    part, defects = _split(deep, depth=5)
    assert "nested deeper than 5" in defects
    depth = 0
    while part.parts:
        part, depth = part.parts[0], depth + 1
    assert depth == 5
    part, defects = _split(_multi(*[b"\nx"] * 50), parts=10)
    assert len(part.parts) == 10
    assert "more than 10 parts" in defects
    part, defects = _split(b"".join(b"X-%d: y\n" % number for number in range(100)) + b"Subject: late\n\n", fields=10)
    assert ("Subject", b"late") in part.fields
    assert "more than 10 header fields" in defects
    _, defects = _split(_multi(*[b"\nx\n--bc"] * 50), near_boundaries=10)
    assert "too many lines are almost a boundary" in defects
    _, defects = _split(_multi(b"\n" + b"x" * 1000), searched_octets=100)
    assert "too much in too many levels to look through" in defects
    assert len(_split(b"X: " + b"y" * 1000 + b"\n\n", field_octets=10)[0].raw("x")) <= 10


@given(
    st.lists(
        st.sampled_from(
            [
                b"--b",
                b"--b--",
                b"\n",
                b"\r\n",
                b"Content-Type: multipart/mixed; boundary=b",
                b"x",
                b": ",
                b"\x00",
                b"\r",
            ]
        ),
        max_size=60,
    )
)
def test_never_raises(pieces):
    mime.split(b"".join(pieces), Limits())
