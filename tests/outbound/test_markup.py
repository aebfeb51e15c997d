import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.outbound import markup
from gateway.outbound.markup import Pieces

NASTY = "<script>alert('x')</script> & \"q\""


def both(piece, around="{}"):
    pieces = Pieces()
    rendered = around.format(pieces.mark(piece))
    return pieces.as_text(rendered), pieces.as_html(rendered)


def test_blank_lines_make_paragraphs_and_line_ends_breaks():
    assert Pieces().as_html("one\ntwo\n\n\n three") == "<p>one<br>\ntwo</p>\n<p>three</p>"
    assert Pieces().as_text("\none\ntwo\n \n\n\nthree\n\n") == "one\ntwo\n\nthree"


def test_text_is_wrapped_at_spaces_only():
    line = "word " * 30 + "https://example.com/" + "x" * 90 + " end-of-it"
    lines = Pieces().as_text(line).split("\n")
    assert " ".join(lines) == line
    assert all(len(each) <= markup.WIDTH for each in lines if "https" not in each)


def test_everything_outside_pieces_is_escaped():
    assert Pieces().as_html(NASTY) == f"<p>{html.escape(NASTY)}</p>"


@pytest.mark.parametrize("make", [markup.said, markup.quote])
def test_words_of_people_are_escaped(make):
    assert "<script" not in both(make(NASTY))[1]
    assert html.escape("<script>") in both(make(NASTY))[1]


@pytest.mark.parametrize("make", [markup.link, markup.button])
def test_labels_are_escaped(make):
    text, page = both(make(NASTY, "https://example.com/?a=1&b='2'"))
    assert text == f"{NASTY}: https://example.com/?a=1&b='2'"
    assert "<script" not in page
    assert 'href="https://example.com/?a=1&amp;b=&#x27;2&#x27;"' in page


@pytest.mark.parametrize("make", [markup.link, markup.button])
@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "http://example.com",
        "data:text/html,x",
        "https://example.com/ x",
        'https://example.com/"onclick="x',
        "https://user@bank.example.com@evil.example/",
        "mailto:a@b\nX",
        "mailto:a@b?x=<b>",
        "",
        "/relative",
    ],
)
def test_other_urls_are_refused(make, url):
    with pytest.raises(ValueError, match="not an https: or mailto: URL"):
        make("label", url)


def test_a_mail_link_shows_its_label_in_text():
    assert both(markup.button("Yes", "mailto:a@b.example?subject=x"), "So: {} or no")[0] == "So: Yes or no"


def test_said_keeps_every_line_and_indentation():
    words = "Hello,\n\n  indented\n\tand tabbed   wide\n\n\nend " + "long " * 40
    text, page = both(markup.said(words), "before\n\n{}\n\nafter")
    assert text == f"before\n\n{words}\n\nafter"
    shown = re.sub("<br>\n", "\n", page.replace("&nbsp;", " "))
    assert words.expandtabs(8).rstrip() in shown
    assert page.startswith("<p>before</p>\n<div")


@pytest.mark.parametrize(
    ("words", "links"),
    [
        ("see https://example.com/a?b=1&c=2.", ["https://example.com/a?b=1&amp;c=2"]),
        ("(http://example.com/x), and https://b.example", ["http://example.com/x", "https://b.example"]),
        ("https://bank.example@evil.example/x https://bank.example:x@evil.example", []),
        ("javascript:alert(1) ftp://x.example file:///etc", []),
        ('https://example.com/"><script>', ["https://example.com/"]),
        ("https://пример.example/", []),
    ],
)
def test_web_addresses_in_words_become_links(words, links):
    page = both(markup.said(words))[1]
    assert re.findall('href="([^"]*)"', page) == links
    assert html.unescape(re.sub("<[^>]*>", "", page)).strip() == words


def test_a_quotation_in_text_is_marked_line_by_line():
    assert both(markup.quote("one\n\n> two\n"), "He wrote:\n{}")[0] == "He wrote:\n> one\n>\n>> two"


def test_a_block_breaks_the_paragraph_around_it():
    page = both(markup.quote("q"), "He wrote:\n{}\nafter")[1]
    assert re.sub(' style="[^"]*"', "", page) == "<p>He wrote:</p>\n<blockquote>q</blockquote>\n<p>after</p>"


def test_marks_in_words_stand_for_nothing():
    assert markup.without_marks("a\ue0000\ue001b") == "a0b"
    assert Pieces().as_text("a\ue0007\ue001b\ue0007\ue002c") == "abc"


@given(st.text(alphabet="ab <>&'\"\n\t:/.@h\u2028é漢 ps", max_size=200))
def test_no_words_ever_open_a_tag_of_their_own(words):
    for make in (markup.said, markup.quote):
        page = both(make(words), "x\n{}\ny")[1]
        tags = set(re.findall("<(/?[a-z]+)", page))
        assert tags <= {"p", "/p", "br", "div", "/div", "blockquote", "/blockquote", "a", "/a"}
        assert page.count("<a ") == page.count("</a>")
