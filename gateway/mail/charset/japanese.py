"""ISO-2022-JP as mail clients really write it: with the letters that vendors added, and with escapes gone missing.

Python's codecs stop at the circled numbers and company signs of NEC's row 13, which every Japanese client sends.
"""

import re

_ESCAPE = re.compile(rb"\x1b(\$[@BA]|\$\([CDOPQ@AB]|\([BJIH])")
_LONGEST = 300_000  # beyond that the vendors' letters are not worth their time
_TWO_OCTETS = frozenset((b"$@", b"$B", b"$(@", b"$(B", b"$(O", b"$(P", b"$(Q"))


def decode(data: bytes) -> str:
    """`data` as text, U+FFFD for what is no letter; never raises."""
    try:
        return data.decode("iso2022_jp_ext")
    except UnicodeError:
        if len(data) > _LONGEST:
            return data.decode("iso2022_jp_ext", "replace")
    pieces = _ESCAPE.split(data)
    decoded = [pieces[0].decode("cp932", "replace")]
    decoded.extend(_segment(*pair) for pair in zip(pieces[1::2], pieces[2::2], strict=True))
    return "".join(decoded)


def _segment(escape: bytes, content: bytes) -> str:
    if escape in _TWO_OCTETS:
        # A line break ends what an escape began (RFC 1468); some writers forget to escape back.
        first, line_end, rest = content.partition(b"\n")
        return _shifted(first.rstrip(b"\r")).decode("cp932", "replace") + (line_end + rest).decode("cp932", "replace")
    if escape == b"(I":
        return bytes(octet | 0x80 if 0x21 <= octet <= 0x5F else octet for octet in content).decode("cp932", "replace")
    if escape in {b"(B", b"(J", b"(H"}:
        return content.decode("cp932", "replace")
    return (b"\x1b" + escape + content).decode("iso2022_jp_ext", "replace")


def _shifted(content: bytes) -> bytes:
    """Pairs of JIS X 0208 octets as Shift_JIS (JIS X 0208:1997, annex 1), other octets as they are."""
    shifted = bytearray()
    at = 0
    while at < len(content):
        pair = content[at : at + 2]
        if len(pair) == 2 and all(0x21 <= octet <= 0x7E for octet in pair):
            row, cell = pair
            lead = (row - 0x21) // 2 + 0x81
            shifted.append(lead + 0x40 if lead > 0x9F else lead)
            shifted.append(cell + 0x1F + (cell >= 0x60) if row % 2 else cell + 0x7E)
            at += 2
        else:
            shifted.append(content[at])
            at += 1
    return bytes(shifted)
