"""HTML as a reader sees it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import html_text
from gateway.mail.limits import Limits

CASES = [
    ("plain", "plain"),
    ("<p>one</p><p>two</p>", "one\n\ntwo"),
    ("<div>one</div><div>two</div>", "one\ntwo"),
    ("<div>one<div>two</div>three</div>", "one\ntwo\nthree"),
    ("one<br>two<br><br>three", "one\ntwo\n\nthree"),
    ("<div>one</div><div><br></div><div>two</div>", "one\n\ntwo"),
    ("<b>bo</b>ld <i>it</i>alic", "bold italic"),
    ("  many \n  spaces  ", "many spaces"),
    ("a&nbsp;b &amp; &lt;c&gt; &euro;", "a b & <c> €"),
    ("<h1>Title</h1>text", "Title\n\ntext"),
    ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
    ("<ol><li>a<li>b</ol>", "1. a\n2. b"),
    ("<ul><li>a<ul><li>b</ul><li>c</ul>", "- a\n  - b\n- c"),
    ("<ul><li><p>a</p></li><li><p>b</p></li></ul>", "- a\n\n- b"),
    ("<table><tr><td>a</td><td>b</td></tr><tr><td>c<td>d</table>", "a b\nc d"),
    ("<table><tr><td><p>a</p><td><p>b</p></table>", "a\n\nb"),
    ("<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc"),
    ("<blockquote>a<br>b</blockquote>c", "> a\n> b\n\nc"),
    ("<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n>> b"),
    ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
    ('<a href="https://x.example/y">here</a>', "here <https://x.example/y>"),
    ('<a href="https://x.example/">https://x.example</a>', "https://x.example"),
    ('<a href="https://www.x.example/">x.example</a>', "x.example"),
    ('<a href="mailto:a@b.example">a@b.example</a>', "a@b.example"),
    ('<a href="mailto:a@b.example">Ann</a>', "Ann <mailto:a@b.example>"),
    ('<a href="#top">top</a>', "top"),
    ('<a href="javascript:alert(1)">x</a>', "x"),
    ('<a href="https://x.example/y"><img src="z"></a>', ""),
    ('<img src="x" alt="Logo">', "[Logo]"),
    ('<img src="x">', ""),
    ("a<hr>b", "a\n--------------------\nb"),
    ("<style>p{}</style><script>x</script><title>t</title>a", "a"),
    ("<head><title>t</title></head><body>a</body>", "a"),
    ("<!-- comment -->a<!--[if mso]>x<![endif]-->", "a"),
    ('<div style="display:none">hidden</div>a', "a"),
    ('<div style="DISPLAY : NONE !important">hidden</div>a', "a"),
    ('<span style="font-size:0px">hidden</span>a', "a"),
    ('<span style="max-height:0;overflow:hidden">hidden</span>a', "a"),
    ("<p hidden>hidden</p>a", "a"),
    ('<span style="font-size:0.9em">shown</span>', "shown"),
    ('<span style="max-height:0.5em">shown</span>', "shown"),
    ("<textarea>x</textarea>a", "a"),
    ("zero\u200bwidth so\u00adft", "zerowidth soft"),
    ("👩\u200d💻", "👩\u200d💻"),
    ("<p>unclosed <b>tags <i>every<p>where", "unclosed tags every\n\nwhere"),
    ("<o:p>&nbsp;</o:p>a", "a"),
    ("", ""),
    ("<", "<"),
    ("<p></p><p></p>", ""),
    ("日本<br>語", "日本\n語"),
]


@pytest.mark.parametrize(("html", "text"), CASES, ids=[row[0][:50] or "nothing" for row in CASES])
def test_convert(html, text):
    assert html_text.convert(html).text == text


MARKED = [
    ('a<div class="gmail_quote">On x wrote:<blockquote>q</blockquote></div>', [("quote", 2, 4)]),
    ('a<blockquote type="cite">q</blockquote>', [("quote", 2, 3)]),
    ('a<div id="divRplyFwdMsg">From: x</div>old', [("original", 2, 2)]),
    ('a<div id="appendonsend"></div>old', [("original", 2, 2)]),
    ('a<div id="x_divRplyFwdMsg">From: x</div>', [("original", 2, 2)]),
    (
        'a<div style="border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0cm 0cm 0cm">From: x</div>',
        [("original", 2, 2)],
    ),
    (
        'a<div style="border:none; border-top:solid windowtext 1.0pt; padding:3.0pt 0in 0in 0in">F</div>',
        [("original", 2, 2)],
    ),
    ('a<span id="OLK_SRC_BODY_SECTION">From: x</span>', [("original", 2, 2)]),
    ('a<div class="gmail_signature">me</div>', [("signature", 2, 2)]),
    ('a<div class="yahoo_quoted">q</div>', [("quote", 2, 2)]),
    ('a<div class="protonmail_quote">q</div>', [("quote", 2, 2)]),
    ('a<div class="moz-cite-prefix">On x wrote:</div>', [("quote", 2, 2)]),
    ("a<blockquote>q</blockquote>", []),
    ('a<div class="other">q</div>', []),
]


@pytest.mark.parametrize(("html", "marks"), MARKED, ids=[row[0][1:50] for row in MARKED])
def test_client_marks(html, marks):
    assert [(mark.kind, mark.first, mark.last) for mark in html_text.convert(html).marks] == marks


def test_an_indenting_blockquote_is_no_quote():
    html = '<blockquote style="margin:0 0 0 40px;border:none;padding:0px">moved</blockquote>'
    assert html_text.convert(html).text == "moved"


def test_links_are_bounded():
    text = html_text.convert('<a href="https://x.example/y">here</a> ' * 20, Limits(links=5)).text
    assert text.count("<https") == 5
    assert text.count("here") == 20


@pytest.mark.parametrize("tag", ["div", "blockquote", "span", "table", "b", "ul", "a"])
def test_nesting_without_end_keeps_the_words(tag):
    assert "words" in html_text.convert(f"<{tag}>" * 20_000 + "words" + f"</{tag}>" * 20_000 + "<p>more").text


def test_marks_lie_within_the_text():
    found = html_text.convert("<div class=gmail_quote>a</div>" * 50 + "<div id=appendonsend></div>")
    lines = found.text.count("\n") + 1
    assert all(1 <= mark.first <= mark.last <= lines for mark in found.marks)


PIECES = st.sampled_from(
    [
        *("<div>", "</div>", "<p>", "<br>", "<hr>", "<table>", "<tr>", "<td>", "<ul>", "<li>", "<pre>", "</pre>"),
        *(
            "<blockquote>",
            "</blockquote>",
            "<a href='https://x.example'>",
            "</a>",
            "<style>",
            "</style>",
            "<!--",
            "-->",
        ),
        *("<div class=gmail_quote>", "<div id=appendonsend>", "<b", ">", "&amp", "<![CDATA[", "word ", "\n", "\x00"),
    ],
)


@given(st.lists(PIECES, max_size=60))
def test_never_raises_and_marks_fit(pieces):
    found = html_text.convert("".join(pieces))
    lines = found.text.split("\n")
    assert all(1 <= mark.first <= mark.last <= len(lines) for mark in found.marks)
    assert all(line == line.rstrip() for line in lines)
