"""Compressed RTF unpacked, against the two examples of MS-OXRTFCP §4 and a packer of our own."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import rtf_compression

MOST = 100_000
HELLO = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
)
CROSSING = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")


def packed(rtf: bytes, kind=b"LZFu") -> bytes:
    """A stream for `rtf`: repeats of the eight octets before are written as such, all else literally."""
    body, at, written = bytearray(), 0, bytearray(207)  # the length of the dictionary
    while True:
        control, things = 0, bytearray()
        for bit in range(8):
            if at >= len(rtf):
                offset = len(written) % 4096
                body += bytes([control | 1 << bit]) + things + struct.pack(">H", offset << 4)
                return struct.pack("<II4sI", len(body) + 12, len(rtf), kind, 0) + body
            if at >= 8 and rtf[at : at + 8] == rtf[at - 8 : at]:
                control |= 1 << bit
                things += struct.pack(">H", ((len(written) - 8) % 4096) << 4 | 6)
                step = 8
            else:
                things += rtf[at : at + 1]
                step = 1
            written += rtf[at : at + step]
            at += step
        body += bytes([control]) + things


@pytest.mark.parametrize(
    ("octets", "rtf"),
    [
        (HELLO, b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"),
        (CROSSING, b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"),
        (struct.pack("<II4sI", 19, 7, b"MELA", 0) + b"{\\rtf1}", b"{\\rtf1}"),
        (struct.pack("<II4sI", 19, 7, b"ZZZZ", 0) + b"{\\rtf1}", b""),
        (HELLO[:15], b""),
        (b"", b""),
    ],
)
def test_unpacked(octets, rtf):
    assert rtf_compression.unpack(octets, MOST) == rtf


@given(st.lists(st.sampled_from([b"{\\rtf1", b"abcdefgh", b"\\par ", b"x"]), max_size=600).map(b"".join))
def test_what_was_packed_comes_back(rtf):
    assert rtf_compression.unpack(packed(rtf), MOST) == rtf


def test_the_bound_holds():
    assert len(rtf_compression.unpack(packed(b"abcdefgh" * 5_000), 1_000)) == 1_000
    assert len(rtf_compression.unpack(packed(b"abcdefgh" * 100)[:60], MOST)) < 800


@given(st.binary(max_size=300))
def test_any_octets(octets):
    rtf_compression.unpack(octets, MOST)
    rtf_compression.unpack(struct.pack("<II4sI", 0, 2**32 - 1, b"LZFu", 0) + octets, MOST)


@given(st.integers(0, len(HELLO)))
def test_a_stream_that_is_cut(length):
    whole = rtf_compression.unpack(HELLO, MOST)
    assert whole.startswith(rtf_compression.unpack(HELLO[:length], MOST))
