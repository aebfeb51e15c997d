"""Octets to text whatever the label says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import charset

POLISH, LATVIAN, RUSSIAN = "Zażółć gęślą jaźń, proszę", "Lūdzu, atsūtiet rēķinu šķērsām", "Здравствуйте, где мой заказ?"
GREEK, CHINESE, JAPANESE = (
    "Καλημέρα, πού είναι η παραγγελία;",
    "您好，我的订单在哪里？谢谢",
    "お世話になっております。注文は",
)
GERMAN, KOREAN = "Grüße aus Köln, schöne Straße", "안녕하세요 주문이 어디에 있나요"

DECLARED = [
    ("utf-8", "utf-8", POLISH),
    ('"UTF-8"', "utf-8", RUSSIAN),
    ("utf8", "utf-8", CHINESE),
    ("iso-8859-2", "iso8859-2", POLISH),
    ("windows-1250", "cp1250", POLISH),
    ("windows-1257", "cp1257", LATVIAN),
    ("iso-8859-13", "iso8859-13", LATVIAN),
    ("koi8-r", "koi8-r", RUSSIAN),
    ("KOI8-R", "koi8-r", RUSSIAN),
    ("windows-1251", "cp1251", RUSSIAN),
    ("x-mac-cyrillic", "mac_cyrillic", RUSSIAN),
    ("iso-8859-7", "iso8859-7", GREEK),
    ("windows-1253", "cp1253", GREEK),
    ("gb2312", "gb18030", CHINESE),
    ("iso-gb2312", "gb18030", CHINESE),
    ("gbk", "gb18030", CHINESE),
    ("GB18030", "gb18030", CHINESE),
    ("big5", "big5hkscs", "您好謝謝"),
    ("hz-gb-2312", "hz", "您好谢谢"),
    ("iso-2022-jp", "iso2022_jp", JAPANESE),
    ("ISO-2022-JP-MS", "iso2022_jp", JAPANESE),
    ("shift_jis", "cp932", JAPANESE),
    ("ks_c_5601-1987", "cp949", KOREAN),
    ("euc-kr", "cp949", KOREAN),
    ("iso-8859-1", "cp1252", GERMAN + " “quoted” €"),
    ("ansi_x3.110-1983", "cp1252", GERMAN),
    ("iso-8859-8-i", "iso8859_8", "שלום"),
    ("unicode-1-1-utf-7", "utf-7", POLISH),
    ("utf-16le", "utf-16le", POLISH),
]


@pytest.mark.parametrize(("label", "codec", "text"), DECLARED, ids=[row[0] for row in DECLARED])
def test_declared(label, codec, text):
    assert charset.decode(text.encode(codec), label) == text


UNLABELLED = [
    ("utf-8", POLISH),
    ("utf-8", RUSSIAN),
    ("cp1251", RUSSIAN),
    ("koi8-r", RUSSIAN),
    ("cp1253", GREEK),
    ("iso8859-7", GREEK),
    ("cp1250", POLISH),
    ("iso8859-2", POLISH),
    ("cp1257", LATVIAN),
    ("cp1252", GERMAN),
    ("gb18030", CHINESE),
    ("iso2022_jp", JAPANESE),
    ("utf-8-sig", CHINESE),
    ("utf-16", CHINESE),
]


@pytest.mark.parametrize("label", ["", "us-ascii", "x-unknown", "unknown-8bit", "no-such-charset", "8bit"])
@pytest.mark.parametrize(("codec", "text"), UNLABELLED, ids=[f"{row[0]}-{row[1][:4]}" for row in UNLABELLED])
def test_unlabelled(label, codec, text):
    assert charset.decode(text.encode(codec), label) == text


@pytest.mark.parametrize("label", ["iso-8859-1", "windows-1252", "koi8-r", "iso-8859-7"])
def test_utf8_under_a_one_byte_label_is_utf8(label):
    assert charset.decode(RUSSIAN.encode(), label) == RUSSIAN


@pytest.mark.parametrize("text", [POLISH, RUSSIAN, CHINESE])
def test_half_a_character_missing_costs_only_itself(text):
    octets = text.encode()
    at = next(number for number, octet in enumerate(octets) if octet >= 0xC0)
    for label in ("utf-8", ""):
        found = charset.decode(octets[: at + 1] + octets[at + 2 :], label)
        assert found.count("\ufffd") in {1, 2}
        assert found[-5:] == text[-5:]


def test_latin_text_labelled_utf8_is_read():
    assert charset.decode(GERMAN.encode("cp1252"), "utf-8") == GERMAN


def test_hint_serves_undeclared_octets():
    assert charset.decode("Ąž".encode("cp1257"), "", "windows-1257") == "Ąž"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (b'<html><head><meta charset="windows-1257">', "windows-1257"),
        (b"<META HTTP-EQUIV=Content-Type CONTENT='text/html; charset=koi8-r'>", "koi8-r"),
        (b"<p>charset=x", ""),
        (b'<meta charset="utf-16">', "utf-8"),
        (b" " * 5000 + b'<meta charset="utf-8">', ""),
        (b"<meta " * 700, ""),
    ],
)
def test_meta_charset(html, expected):
    assert charset.meta_charset(html) == expected


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("iso8859-1", "cp1252"),
        ("ISO_8859-2", "iso8859-2"),
        ("iso88595", "iso8859-5"),
        ("windows1251", "cp1251"),
        ("x-cp1250", "cp1250"),
        ("CP-850", "cp850"),
        ("850", "cp850"),
        ("ibm852", "cp852"),
        ("cp50221", "iso2022_jp_ext"),
        ("windows-949", "cp949"),
        ("windows-31j", "cp932"),
        ("x-sjis", "cp932"),
        ("csgb2312", "gb18030"),
        ("euc-cn", "gb18030"),
        ("cp936", "gb18030"),
        ("x-windows-950", "cp950"),
        ("tis-620", "cp874"),
        ("x-mac-ce", "mac-latin2"),
        ("charset=utf-8", "utf-8"),
        ("utf-8; format=flowed", "utf-8"),
        ("utf-8,us-ascii", "utf-8"),
        ("us-ascii (Plain text)", ""),
        ("'utf-8'", "utf-8"),
        ("iso-8859-1*en", "cp1252"),
        ("iso-2022-jp$ESC", "iso2022_jp_ext"),
        ("_iso-2022-jp", "iso2022_jp_ext"),
    ],
)
def test_names(label, codec):
    assert charset.codec_of(label) == codec


@pytest.mark.parametrize("label", ["utf-16", "unicode", "utf-32"])
def test_ascii_under_a_wide_label_is_ascii(label):
    assert charset.decode(b"plain words", label) == "plain words"


def test_a_meta_tag_cannot_hide_ascii():
    assert charset.decode(b"<p>words", "utf-16le") == "<p>words"


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_japanese_with_letters_of_vendors(line_end):
    # U+2460 and U+3231 of NEC's row 13, then kanji, a line that never escapes back, and half-width katakana.
    octets = b"\x1b$B-!-jF|K\\\x1b(B ok" + line_end + b"\x1b$B$3$s" + line_end + b"end \x1b(I1\x1b(B."
    text = charset.decode(octets, "iso-2022-jp")
    assert text.split() == ["①㈱日本", "ok", "こん", "end", "ｱ."]


@pytest.mark.parametrize(
    "name",
    ["", "base64", "rot13", "hex", "zlib", "idna", "punycode", "unicode_escape", "undefined", "\x00", "a" * 5000, "ü"],
)
def test_no_codec_for_what_is_no_charset(name):
    assert not charset.codec_of(name)


@given(
    st.binary(max_size=400),
    st.sampled_from(["", "utf-8", "big5", "koi8-r", "utf-7", "utf-16", "iso-2022-jp", "hz", "x"]),
)
def test_never_raises(octets, label):
    assert isinstance(charset.decode(octets, label), str)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\ufeff\x1b\x00"), min_size=1))
def test_utf8_survives(text):
    assert charset.decode(text.encode(), "utf-8") == text


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("לא קיבלתי חשבונית, שלחו שוב", "cp1255"),
        ("لم تصل الرسالة بعد", "cp1256"),
        ("Işıklar çalışmıyor", "cp1254"),
        ("Ödeme yapıldı, teşekkürler", "cp1254"),
        ("หลอดไฟเสียอีกแล้ว", "cp874"),
        ("Γιώργος", "cp1253"),
        ("Η λάμπα δεν ανάβει", "cp1253"),
        ("¿Dónde está el niño?", "cp1252"),
        ("Åsa Öberg", "cp1252"),
        ("Її лампа не світить", "cp1251"),
        ("Есть, метрах в", "cp1251"),
        ("ランプがつきません", "cp932"),
        ("ランプがつきません", "euc_jp"),
        ("전등이 다시 나갔어요", "cp949"),
        ("請幫我們換一個燈", "big5hkscs"),
    ],
)
def test_short_text_that_nobody_labelled(text, codec):
    assert charset.decode(text.encode(codec)) == text
