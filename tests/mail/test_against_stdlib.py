"""Our splitter beside the standard library's parser: the same leaves with the same content where a message is sound."""

import email
import random
import re
from email.message import Message as LibraryMessage
from email.mime.application import MIMEApplication
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import corpus
from gateway.mail import mime, plain_text
from gateway.mail.limits import Limits
from tests.mail import fuzz

_SOUND_TYPE = re.compile(r"\s*[A-Za-z]{1,40}/[A-Za-z0-9.+_-]{1,80}\s*(;|$)")

_ENCODINGS = frozenset({"7bit", "8bit", "binary", "base64", "quoted-printable"})


def _by_library(message):
    if message.get_content_maintype() == "message":
        return [(message.get_content_type(), b"")]
    if message.is_multipart():
        return [leaf for part in message.get_payload() for leaf in _by_library(part)]
    return [(message.get_content_type(), message.get_payload(decode=True))]


def _by_us(part):
    if part.parts:
        return [leaf for child in part.parts for leaf in _by_us(child)]
    if part.content_type.startswith("message/"):
        return [(part.content_type, b"")]
    return [(part.content_type, plain_text.octets(part.octets, part.encoding))]


def _comparable(leaves):
    return [(kind, content.replace(b"\r\n", b"\n").rstrip(b"\r\n")) for kind, content in leaves]


def _is_sound(raw: bytes, library: LibraryMessage) -> bool:
    """Whether both should read it alike: we also read what stands behind foreign lines, and odd types as text."""
    _by_library(library)  # only decoding shows the defects of encodings
    return (
        not any(part.defects for part in library.walk())
        and not raw.startswith((b"\r", b"\n", b">", b"From "))
        and not re.search(rb"\r(?!\n)", raw)
        and all(_SOUND_TYPE.match(str(part.get("Content-Type", "a/b"))) for part in library.walk())
        and all(str(part.get("Content-Transfer-Encoding", "7bit")).lower() in _ENCODINGS for part in library.walk())
        and not mime.split(raw, Limits())[1]
    )


def _same(raw):
    ours = _comparable(_by_us(mime.split(raw, Limits())[0]))
    assert ours == _comparable(_by_library(email.message_from_bytes(raw)))


@pytest.mark.parametrize("raw", list(corpus.messages(40, seed=7)))
def test_ordinary_mail(raw):
    _same(raw)


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_messages_of_the_tests(line_end):
    compared = 0
    for source in fuzz.sources():
        raw = source.replace(b"\r\n", b"\n").replace(b"\n", line_end)
        if _is_sound(raw, email.message_from_bytes(raw)):
            _same(raw)
            compared += 1
    assert compared > 20


def test_damaged_messages_that_are_still_sound():
    choose = random.Random(3)
    sources = fuzz.sources()
    compared = 0
    for _ in range(600):
        raw = fuzz.damaged(choose.choice(sources), sources, choose)
        if len(raw) < 100_000 and _is_sound(raw, email.message_from_bytes(raw)):
            _same(raw)
            compared += 1
    assert compared > 100


_leaves = st.one_of(
    st.builds(MIMEText, st.text(max_size=200), st.sampled_from(["plain", "html", "calendar"]), st.just("utf-8")),
    st.builds(MIMEApplication, st.binary(max_size=200)),
    st.builds(lambda text: MIMEMessage(MIMEText(text, "plain", "utf-8")), st.text(max_size=50)),
)
_KINDS = st.sampled_from(["mixed", "alternative", "related", "signed"])


@given(
    st.recursive(
        _leaves,
        lambda inner: st.builds(
            lambda kind, parts: MIMEMultipart(kind, None, parts), _KINDS, st.lists(inner, min_size=1, max_size=4)
        ),
        max_leaves=12,
    ),
    st.booleans(),
)
def test_any_tree_of_parts(tree, is_crlf):
    raw = tree.as_bytes()
    _same(raw.replace(b"\n", b"\r\n") if is_crlf else raw)
