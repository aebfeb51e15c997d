"""winmail.dat opened (MS-OXTNEF): the files and words that Outlook packed into one attachment. Reads no RTF."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from gateway.mail import charset

_SIGNATURE = b"\x78\x9f\x3e\x22"
# Properties within attributes (MS-OXPROPS).
_TEXT, _RTF, _HTML = 0x1000, 0x1009, 0x1013
_DATA, _SHORT_NAME, _LONG_NAME, _MIME_TYPE, _CONTENT_ID = 0x3701, 0x3704, 0x3707, 0x370E, 0x3712
_OBJECT, _STRING, _UNICODE, _BINARY, _SEVERAL = 0x000D, 0x001E, 0x001F, 0x0102, 0x1000
_WIDTHS = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_MOST_PROPERTIES = 5_000


class _Attribute(IntEnum):
    """Attributes of the stream that are read (MS-OXTNEF §2.1.3.2)."""

    BODY = 0x0002800C
    MESSAGE_PROPERTIES = 0x00069003
    CODE_PAGE = 0x00069007
    NEW_FILE = 0x00069002
    FILE_TITLE = 0x00018010
    FILE_DATA = 0x0006800F
    FILE_PROPERTIES = 0x00069005


@dataclass(slots=True)
class PackedFile:
    """One file; `content_type` and `content_id` are `""` where Outlook did not say."""

    name: str = ""
    content: bytes = field(default=b"", repr=False)
    content_type: str = ""
    content_id: str = ""


@dataclass(slots=True)
class Unpacked:
    """What was inside, in order."""

    text: str = ""
    html: str = ""
    rtf: bytes = field(default=b"", repr=False)  # compressed
    files: list[PackedFile] = field(default_factory=list)


def unpack(octets: bytes, most: int) -> Unpacked | None:
    """The contents with at most `most` files, None where `octets` are no sound TNEF stream; never raises."""
    if not octets.startswith(_SIGNATURE):
        return None
    found, code_page = Unpacked(), "cp1252"
    try:
        for attribute, content in _attributes(octets):
            if attribute == _Attribute.CODE_PAGE:
                code_page = charset.codec_of(f"cp{struct.unpack_from('<I', content)[0]}") or code_page
            elif attribute == _Attribute.NEW_FILE and len(found.files) >= most:
                break
            else:
                _take(attribute, content, found, code_page)
    except (struct.error, IndexError):
        return None
    found.files = [file for file in found.files if file.content or file.name]
    return found


def _attributes(octets: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6  # signature and key
    while at + 9 <= len(octets):
        attribute, length = struct.unpack_from("<II", octets, at + 1)
        start = at + 9
        if start + length > len(octets):
            raise struct.error("an attribute is longer than the stream")
        yield attribute, octets[start : start + length]
        at = start + length + 2  # checksum


def _take(attribute: int, content: bytes, found: Unpacked, code_page: str) -> None:
    match attribute:
        case _Attribute.BODY:
            found.text = found.text or _decoded(content, code_page)
        case _Attribute.MESSAGE_PROPERTIES:
            _take_words(content, found, code_page)
        case _Attribute.NEW_FILE:
            found.files.append(PackedFile())
        case _Attribute.FILE_TITLE if found.files:
            found.files[-1].name = found.files[-1].name or _decoded(content, code_page)
        case _Attribute.FILE_DATA if found.files:
            found.files[-1].content = content
        case _Attribute.FILE_PROPERTIES if found.files:
            _describe(found.files[-1], content, code_page)


def _take_words(content: bytes, found: Unpacked, code_page: str) -> None:
    for name, kind, value in _properties(content):
        if name == _TEXT:
            found.text = _string(kind, value, code_page)
        elif name == _HTML:
            found.html = _string(kind, value, code_page)
        elif name == _RTF:
            found.rtf = value


def _describe(file: PackedFile, content: bytes, code_page: str) -> None:
    for name, kind, value in _properties(content):
        if name == _LONG_NAME:
            file.name = _string(kind, value, code_page) or file.name
        elif name == _SHORT_NAME:
            file.name = file.name or _string(kind, value, code_page)
        elif name == _MIME_TYPE:
            file.content_type = _string(kind, value, code_page).lower()
        elif name == _CONTENT_ID:
            file.content_id = _string(kind, value, code_page).strip("<> ")
        elif name == _DATA and (kind == _OBJECT or not file.content):
            file.content = value[16:] if kind == _OBJECT else value  # an object's interface stands before it


def _properties(content: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Name, type and first value of each property (MS-OXTNEF §2.1.3.4)."""
    (count,) = struct.unpack_from("<I", content)
    at = 4
    for _ in range(min(count, _MOST_PROPERTIES)):
        kind, name = struct.unpack_from("<HH", content, at)
        at += 4
        if name >= 0x8000:
            at = _behind_name(content, at)
        values, at = _values(content, kind, at)
        if values:
            yield name, kind & ~_SEVERAL, values[0]


def _behind_name(content: bytes, at: int) -> int:
    (is_text,) = struct.unpack_from("<I", content, at + 16)
    if not is_text:
        return at + 24
    (length,) = struct.unpack_from("<I", content, at + 20)
    return at + 24 + _padded(length)


def _values(content: bytes, kind: int, at: int) -> tuple[list[bytes], int]:
    plain = kind & ~_SEVERAL
    is_counted = bool(kind & _SEVERAL) or plain in {_OBJECT, _STRING, _UNICODE, _BINARY}
    count = 1
    if is_counted:
        (count,) = struct.unpack_from("<I", content, at)
        at += 4
    found = []
    for _ in range(min(count, _MOST_PROPERTIES)):
        length = _WIDTHS.get(plain, 0)
        if plain in {_OBJECT, _STRING, _UNICODE, _BINARY}:
            (length,) = struct.unpack_from("<I", content, at)
            at += 4
        elif not length:
            raise struct.error(f"a property of unknown type {plain:#x}")
        if at + length > len(content):
            raise struct.error("a property is longer than its attribute")
        found.append(content[at : at + length])
        at += _padded(length)
    return found, at


def _padded(length: int) -> int:
    return (length + 3) // 4 * 4


def _string(kind: int, value: bytes, code_page: str) -> str:
    if kind == _UNICODE:
        return value.decode("utf-16-le", "replace").rstrip("\0")
    return _decoded(value, code_page)


def _decoded(value: bytes, code_page: str) -> str:
    return charset.decode(value.rstrip(b"\0"), code_page)
