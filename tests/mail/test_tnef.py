"""winmail.dat opened: files with their names, words, and nothing that raises on a damaged one."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import tnef
from gateway.mail.parse import parse
from tests.mail.test_rtf_compression import packed

LONG_NAME, MIME_TYPE, CONTENT_ID, DATA, TEXT, RTF, HTML = 0x3707, 0x370E, 0x3712, 0x3701, 0x1000, 0x1009, 0x1013


def _attribute(number, content, level=2):
    return struct.pack("<BII", level, number, len(content)) + content + struct.pack("<H", sum(content) & 0xFFFF)


def _padded(octets):
    return octets + bytes(-len(octets) % 4)


def _properties(*properties):
    return struct.pack("<I", len(properties)) + b"".join(properties)


def _counted(kind, name, *values, named=b""):
    packed = b"".join(struct.pack("<I", len(value)) + _padded(value) for value in values)
    return struct.pack("<HH", kind, name) + named + struct.pack("<I", len(values)) + packed


def _text(name, said):
    return _counted(0x1F, name, said.encode("utf-16-le") + b"\0\0")


def _file(title, content, *properties):
    described = _attribute(0x69005, _properties(*properties)) if properties else b""
    return _attribute(0x69002, bytes(14)) + _attribute(0x18010, title) + _attribute(0x6800F, content) + described


def _winmail(*attributes):
    version = _attribute(0x89006, struct.pack("<I", 0x10000), level=1)
    code_page = _attribute(0x69007, struct.pack("<II", 1251, 0), level=1)
    return struct.pack("<IH", 0x223E9F78, 1) + version + code_page + b"".join(attributes)


WHOLE = _winmail(
    _attribute(
        0x69003,
        _properties(
            struct.pack("<HHI", 0x03, 0x0017, 1),
            struct.pack("<HHII", 0x1003, 0x0018, 2, 7) + struct.pack("<I", 8),
            struct.pack("<HHQ", 0x40, 0x0039, 1),
            _counted(0x1F, 0x8001, b"a\0\0\0", named=bytes(16) + struct.pack("<II", 1, 6) + _padded(b"N\0a\0\0\0")),
            _counted(0x1E, 0x8002, b"b\0", named=bytes(16) + struct.pack("<II", 0, 0x8530)),
            _text(TEXT, "Слова"),
        ),
        level=1,
    ),
    _file("отчёт.txt".encode("cp1251") + b"\0", b"content"),
    _file(
        b"SHORT~1.PNG\0",
        b"\x89PNG",
        _text(LONG_NAME, "картинка.png"),
        _counted(0x1E, MIME_TYPE, b"image/png\0"),
        _text(CONTENT_ID, "<i1@x>"),
    ),
    _file(b"embedded\0", b"icon", _counted(0x0D, DATA, bytes(16) + b"the object")),
)


def test_files_and_words():
    found = tnef.unpack(WHOLE, 10)
    assert found is not None
    assert found.text == "Слова"
    assert [(file.name, file.content, file.content_type, file.content_id) for file in found.files] == [
        ("отчёт.txt", b"content", "", ""),
        ("картинка.png", b"\x89PNG", "image/png", "i1@x"),
        ("embedded", b"the object", "", ""),
    ]


def test_the_number_of_files_is_bounded():
    found = tnef.unpack(_winmail(*[_file(b"a\0", b"x")] * 50), 3)
    assert found is not None
    assert len(found.files) == 3


def _mail(winmail, words=b"words"):
    import base64

    return (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n" + words + b"\n--b\n"
        b"Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(winmail)
        + b"--b--\n"
    )


def test_a_mail_shows_what_was_packed_instead_of_the_package():
    message = parse(_mail(WHOLE))
    assert [(file.name, file.size) for file in message.attachments] == [
        ("отчёт.txt", 7),
        ("картинка.png", 4),
        ("embedded", 10),
    ]
    assert (message.text, message.defects) == ("words", ())


def test_words_from_the_package_serve_where_there_are_no_others():
    assert parse(_mail(WHOLE, b"")).text == "Слова"
    html = _winmail(_attribute(0x69003, _properties(_counted(0x102, HTML, b"<p>wo<b>rds</b>")), level=1))
    assert parse(_mail(html, b" ")).text == "words"


@pytest.mark.parametrize(
    ("winmail", "defects"),
    [
        (_winmail(), ()),
        (WHOLE[:-20], ("winmail.dat cannot be opened",)),
        (b"no package", ("winmail.dat cannot be opened",)),
    ],
    ids=["empty", "cut", "foreign"],
)
def test_a_package_that_yields_no_file_is_kept(winmail, defects):
    message = parse(_mail(winmail))
    assert [(file.name, file.content) for file in message.attachments] == [("winmail.dat", winmail)]
    assert message.defects == defects


@given(st.data())
def test_damage_never_raises(data):
    at = data.draw(st.integers(0, len(WHOLE)))
    junk = data.draw(st.binary(max_size=20))
    tnef.unpack(WHOLE[:at] + junk + WHOLE[at + len(junk) :], 10)
    tnef.unpack(WHOLE[:6] + junk, 10)


PLAIN_RTF = packed(rb"{\rtf1\ansi\ansicpg1252 The lamp is \'fcber the door.\par Thanks\par}")
HTML_RTF = packed(
    rb"{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}The lamp\htmlrtf\par\htmlrtf0{\*\htmltag72 </p><p>is dark.</p>}}"
)


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ([_counted(0x102, RTF, PLAIN_RTF)], "The lamp is über the door.\nThanks"),
        ([_counted(0x102, RTF, HTML_RTF)], "The lamp\n\nis dark."),
        ([_counted(0x102, RTF, PLAIN_RTF), _text(TEXT, "words")], "words"),
        ([_counted(0x102, RTF, PLAIN_RTF), _counted(0x102, HTML, b"<p>words</p>")], "words"),
        ([_counted(0x102, RTF, b"junk")], ""),
        ([_counted(0x102, RTF, packed(b"no rtf"))], ""),
    ],
    ids=["rtf", "rtf of html", "text", "html", "junk", "no rtf"],
)
def test_rtf_serves_where_there_is_nothing_else(properties, text):
    package = _winmail(_attribute(0x69003, _properties(*properties), level=1))
    assert parse(_mail(package, b"")).text == text
    assert parse(_mail(package)).text == "words"
