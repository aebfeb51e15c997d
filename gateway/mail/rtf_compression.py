"""Compressed RTF unpacked (MS-OXRTFCP), as Outlook keeps the words of a message. Knows nothing of RTF itself."""

import struct

_WINDOW = 4096
_HEADER = 16  # compressed size, raw size, type, checksum
# What the dictionary holds before the first octet (MS-OXRTFCP §2.1.2.1).
_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)


def unpack(octets: bytes, most: int) -> bytes:
    """The RTF, at most `most` octets of it; empty where `octets` are none. What is cut off ends early. Never raises."""
    if len(octets) < _HEADER:
        return b""
    (size,) = struct.unpack_from("<I", octets, 4)
    content = octets[_HEADER:]
    match octets[8:12]:
        case b"LZFu":
            return _inflated(content, min(size, most))
        case b"MELA":
            return content[: min(size, most)]
        case _:
            return b""


def _inflated(content: bytes, most: int) -> bytes:
    """Each octet tells of the eight things that follow whether they are literal or a place and length before."""
    found = bytearray(_DICTIONARY)
    end = len(_DICTIONARY) + most
    at = 0
    while at < len(content) and len(found) < end:
        control = content[at]
        at += 1
        if not control:
            found += content[at : at + 8]
            at += 8
            continue
        for bit in range(8):
            if not control >> bit & 1:
                found += content[at : at + 1]
                at += 1
                continue
            pair = int.from_bytes(content[at : at + 2], "big")
            at += 2
            if at > len(content) or not _repeat(found, pair >> 4, (pair & 0xF) + 2):
                return bytes(found[len(_DICTIONARY) : end])
    return bytes(found[len(_DICTIONARY) : end])


def _repeat(found: bytearray, offset: int, length: int) -> bool:
    """Append what stands at `offset` of the window; False where that is its end, or nothing was written there yet."""
    back = (len(found) - offset) % _WINDOW
    if not back or back > len(found):
        return False
    start = len(found) - back
    piece = found[start : start + length]
    found += (piece * (length // len(piece) + 1))[:length]  # it may run into what it writes
    return True
