"""RTF to words: letters of any charset, what is skipped, and HTML taken out of the RTF around it."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail import rtf_text
from gateway.mail.rtf_text import Words

MOST = 10_000


def _said(body: bytes, head=rb"\ansi\ansicpg1252") -> str:
    found = rtf_text.convert(rb"{\rtf1" + head + b" " + body + b"}", MOST)
    assert found is not None
    assert not found.is_html
    return found.content


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (rb"Hello", "Hello"),
        (rb"one\par two\line three", "one\ntwo\nthree"),
        (b"one\r\n two", "one two"),
        (rb"a\tab b\cell c\row d", "a\tb\tc\nd"),
        (rb"Gr\'fc\'dfe", "Grüße"),
        (rb"\u8364?\u8364 \'80\'80", "€€€"),
        (rb"\uc0\u252 x{\uc2\u252 ab}\u252 x", "üxüüx"),
        (rb"\u-10179?\u-8704?", "\U0001f600"),
        (rb"\lquote a\rquote\~\emdash \bullet", "‘a’\u00a0—•"),
        (rb"a\{b\}c\\d\_e\-f", "a{b}c\\d-ef"),
        (rb"{\b bold} plain", "bold plain"),
        (rb"{\*\generator Some 1.0;}{\info{\title T}}{\pict 00ff}{\colortbl;\red0;}words", "words"),
        (rb"{\stylesheet{\s0 Normal;}}{\*\unknown{\nested junk}}words", "words"),
        (rb'{\field{\*\fldinst HYPERLINK "https://a.example"}{\fldrslt the page}}', "the page"),
        (rb"{{{open", "open"),
        (rb"}}}words", "words"),
        (rb"\'8", "8"),
        (b"", ""),
    ],
)
def test_words(body, words):
    assert _said(body).rstrip("\\").removeprefix("'") == words


FONTS = rb"{\fonttbl{\f0\fswiss Arial;}{\f1\fcharset204 Arial Cyr;}{\f2\fcharset128 MS Gothic;}{\f3\fcharset238 CE;}}"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (rb"\f1 \'cf\'f0\'e8\'e2\'e5\'f2", "Привет"),
        (rb"\f2 \'83J\'83\'5b\'83e\'83\'8b", "カゼテル"),
        (rb"{\f3 \'b3\'f3d\'9f} \'fc", "łódź ü"),
        (rb"\f1\plain \'fc", "ü"),
        (rb"\f9 \'fc", "ü"),
    ],
)
def test_the_font_says_the_charset(body, words):
    assert _said(FONTS + body) == words


def test_the_document_says_the_charset():
    assert _said(rb"\'cf\'f0\'e8", rb"\ansi\ansicpg1251") == "При"
    assert _said(rb"\'fc", rb"\ansi\ansicpg99999") == "ü"


HTML = rb"""{\rtf1\ansi\ansicpg1251\fromhtml1 \deff0{\fonttbl{\f0\fcharset204 Arial;}}{\colortbl\red0\green0\blue0;}
\uc1\pard\plain\deftab360 \f0\fs24
{\*\htmltag19 <html>}{\*\htmltag2 \par }
{\*\htmltag64 <p title="a\{b">}\htmlrtf {\htmlrtf0 \'cf\'f0\'e8\'e2\'e5\'f2 {\*\mhtmltag84 <a href="other">}
{\*\htmltag84 &nbsp;}\htmlrtf \'a0\htmlrtf0 \u8364?{\*\htmltag92 <b>}\htmlrtf {\b\htmlrtf0
x{\*\htmltag92 </b>}\htmlrtf }\htmlrtf0
\htmlrtf\par}\htmlrtf0{\*\htmltag72 </p>}{\*\htmltag27 </html>}}"""


def test_html_is_taken_out():
    found = rtf_text.convert(HTML, MOST)
    assert found == Words('<html>\n<p title="a{b">Привет &nbsp;€<b>x</b></p></html>', is_html=True)


@pytest.mark.parametrize("octets", [b"", b"rtf", b"{\\html}", b"<html>"])
def test_what_is_none(octets):
    assert rtf_text.convert(octets, MOST) is None


def test_no_more_than_the_bound():
    assert rtf_text.convert(rb"{\rtf1 " + b"a" * 100 + b"}", 7) == Words("a" * 7, is_html=False)


@pytest.mark.parametrize("piece", [b"{", b"{}", b"\\f1", b"\\uc1", b"\\u8364?", b"\\'e4", b"\\*", b"\\\\", b"{\\*\\a "])
def test_hostile_documents_end(piece):
    octets = rb"{\rtf1" + piece * (400_000 // len(piece))
    start = time.process_time()
    rtf_text.convert(octets, 1_000_000)
    assert time.process_time() - start < 2


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            [
                *(rb"{ } \par \*  \u \u-1 \'c \'ff \uc9 \uc-1 \htmltag \htmlrtf \fromhtml1 \f1".split()),
                b"a",
                b"\\",
            ]
        ),
        max_size=60,
    ).map(b"".join)
)
def test_any_tokens(octets):
    rtf_text.convert(rb"{\rtf1" + octets, MOST)


@given(st.integers(0, len(HTML)), st.binary(max_size=10))
def test_a_document_that_was_damaged(at, junk):
    rtf_text.convert(HTML[:at] + junk + HTML[at + len(junk) :], MOST)
