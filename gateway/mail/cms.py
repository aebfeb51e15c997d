"""What lies within an opaque S/MIME part (RFC 8551): the signed or compressed content of a CMS message (RFC 5652).

An own walk over the few fields on the way to it, DER and BER (X.690) alike. Verifies and decrypts nothing.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

_SEQUENCE, _OBJECT_IDENTIFIER, _OCTET_STRING, _CONTENT = 0x30, 0x06, 0x04, 0xA0
_CONSTRUCTED = 0x20
_INDEFINITE = 0x80
_DEEPEST = 4  # OCTET STRINGs within OCTET STRINGs
_MOST_ELEMENTS = 100_000  # looked at in one message
_LONGEST_LENGTH = 8  # octets
_FEW = 10  # elements of a structure, those we look for among the first


class Form(StrEnum):
    """What a CMS message makes of its content."""

    SIGNED = "signed"
    COMPRESSED = "compressed"
    ENCRYPTED = "encrypted"


_FORMS = {
    bytes.fromhex("2a864886f70d010702"): Form.SIGNED,  # RFC 5652 §5
    bytes.fromhex("2a864886f70d010703"): Form.ENCRYPTED,  # RFC 5652 §6
    bytes.fromhex("2a864886f70d010706"): Form.ENCRYPTED,  # RFC 5652 §8
    bytes.fromhex("2a864886f70d0109100117"): Form.ENCRYPTED,  # RFC 5083
    bytes.fromhex("2a864886f70d0109100109"): Form.COMPRESSED,  # RFC 3274
}


@dataclass(frozen=True, slots=True)
class Opened:
    """A CMS message: its form, and the octets within; empty where they stand elsewhere or cannot be read."""

    form: Form
    content: bytes


@dataclass(frozen=True, slots=True)
class _Element:
    """One BER element: its tag, where its contents lie, and where the next begins."""

    tag: int
    start: int
    stop: int
    after: int


class _BrokenError(Exception):
    """No BER, or none that ends within its bounds."""


def unpack(octets: bytes, most: int) -> Opened | None:
    """The message in `octets`, at most `most` octets of its content; None where it is no CMS message. Never raises."""
    try:
        return _opened(_Reader(octets), most)
    except _BrokenError:
        return None


def _opened(reader: "_Reader", most: int) -> Opened | None:
    """`ContentInfo` (RFC 5652 §3): a type and the structure that it names."""
    kind, content = _pair(reader, reader.only(_SEQUENCE, 0, len(reader.octets)))
    form = _FORMS.get(kind)
    if form is None or content is None:
        return None
    if form is Form.ENCRYPTED:
        return Opened(form, b"")
    try:
        inside = _encapsulated(reader, reader.only(_SEQUENCE, content.start, content.stop), most)
        return Opened(form, _inflated(inside, most) if form is Form.COMPRESSED else inside)
    except (_BrokenError, zlib.error):
        return Opened(form, b"")


def _encapsulated(reader: "_Reader", structure: _Element, most: int) -> bytes:
    """The content of `EncapsulatedContentInfo` (RFC 5652 §5.2), the first SEQUENCE of the structure."""
    for element in islice(reader.within(structure), _FEW):
        if element.tag == _SEQUENCE:
            _, content = _pair(reader, element)
            if content is None:
                return b""  # detached, or certificates only
            pieces = reader.strings(content.start, content.stop, _DEEPEST)
            return b"".join(_first(pieces, most))
    return b""


def _pair(reader: "_Reader", element: _Element) -> tuple[bytes, _Element | None]:
    """An object identifier and what stands in the `[0]` behind it."""
    kind, content = b"", None
    for each in islice(reader.within(element), _FEW):
        if each.tag == _OBJECT_IDENTIFIER and not kind:
            kind = reader.octets[each.start : each.stop]
        elif each.tag == _CONTENT:
            content = each
        if kind and content:
            break
    return kind, content


def _first(pieces: Iterator[bytes], most: int) -> Iterator[bytes]:
    for piece in pieces:
        yield piece[:most]
        most -= len(piece)
        if most <= 0:
            return


def _inflated(content: bytes, most: int) -> bytes:
    return zlib.decompressobj().decompress(content, most)


@dataclass(slots=True)
class _Reader:
    """BER elements of one buffer. A length beyond the buffer ends with it: mail is cut off on its way."""

    octets: bytes
    left: int = _MOST_ELEMENTS

    def only(self, tag: int, start: int, stop: int) -> _Element:
        """The element at `start`, which must be a `tag`."""
        element = self._element(start, stop)
        if element.tag != tag:
            raise _BrokenError
        return element

    def within(self, outer: _Element) -> Iterator[_Element]:
        """The elements that `outer` is made of, as far as they can be read."""
        at = outer.start
        while at < outer.stop:
            try:
                element = self._element(at, outer.stop)
            except _BrokenError:
                return
            yield element
            at = element.after

    def strings(self, start: int, stop: int, depth: int) -> Iterator[bytes]:
        """The pieces of an OCTET STRING, primitive or constructed of others (X.690 §8.7)."""
        outer = _Element(_OCTET_STRING | _CONSTRUCTED, start, stop, stop)
        for element in self.within(outer):
            if element.tag == _OCTET_STRING:
                yield self.octets[element.start : element.stop]
            elif element.tag == _OCTET_STRING | _CONSTRUCTED and depth > 0:
                yield from self.strings(element.start, element.stop, depth - 1)

    def _element(self, at: int, stop: int) -> _Element:
        tag, start, length = self._head(at, stop)
        if length is not None:
            end = min(stop, start + length)
            return _Element(tag, start, end, end)
        end = self._end_of_contents(start, stop)
        return _Element(tag, start, end, min(stop, end + 2))

    def _end_of_contents(self, at: int, stop: int) -> int:
        """Where the two zero octets stand that end an element of indefinite length (X.690 §8.1.5)."""
        depth = 0
        while at < stop:
            tag, start, length = self._head(at, stop)
            if tag == 0 and length == 0:
                if depth == 0:
                    return at
                depth -= 1
            if length is None:
                depth += 1
            at = start + (length or 0)
        return stop

    def _head(self, at: int, stop: int) -> tuple[int, int, int | None]:
        """Tag, start of the contents, and their length; None for an indefinite one (X.690 §8.1.2-8.1.3)."""
        self.left -= 1
        if self.left < 0 or at + 2 > stop:
            raise _BrokenError
        tag, first = self.octets[at], self.octets[at + 1]
        if tag & 0x1F == 0x1F:
            raise _BrokenError  # CMS has no such tags
        if first == _INDEFINITE:
            if not tag & _CONSTRUCTED:
                raise _BrokenError
            return tag, at + 2, None
        if first < _INDEFINITE:
            return tag, at + 2, first
        size = first & 0x7F
        if size > _LONGEST_LENGTH or at + 2 + size > stop:
            raise _BrokenError
        return tag, at + 2 + size, int.from_bytes(self.octets[at + 2 : at + 2 + size], "big")
