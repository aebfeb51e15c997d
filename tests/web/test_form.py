from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import tokens
from gateway.mail.tokens import Purpose, Token
from gateway.tickets.survey_page import LONGEST_COMMENT, comment_of
from gateway.web import form
from gateway.web.exchange import Request
from gateway.web.form import Form
from tests.builders import FOREIGN, RING

TYPE = "application/x-www-form-urlencoded"
URL = "https://desk.test"
LINK = Token(Purpose.PAGE, "7k2m9xq4", "abc")
WRITTEN = tokens.sign(RING, LINK)
codes = st.text("23456789abcdefghjkmnpqrstuvwxyz", min_size=8, max_size=8)


def request(fields, content_type: str = TYPE, **headers: str) -> Request:
    body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
    named = {name.replace("_", "-"): said for name, said in headers.items()}
    return Request("POST", "/", {"content-type": content_type, **named}, body)


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b"rating=5&comment=Thank+you&form=k", Form(5, "Thank you", "k")),
        (b"rating=1", Form(1, "", "")),
        (b"", Form(None, "", "")),
        (b"rating=&comment=&form=", Form(None, "", "")),
        (b"rating=0", Form(None, "", "")),
        (b"rating=6", Form(None, "", "")),
        (b"rating=11", Form(None, "", "")),
        (b"rating=%D9%A3", Form(None, "", "")),
        (b"rating=1&rating=5", Form(5, "", "")),
        (b"comment=%ff%fe", Form(None, "\ufffd\ufffd", "")),
        (b"\xff=\xfe", Form(None, "", "")),
        (b"comment=a%0D%0ABcc:+x@evil.test%0D%0A%0D%0A", Form(None, "a\nBcc: x@evil.test", "")),
        (b"comment=%00%1b%5B2J", Form(None, "[2J", "")),
    ],
)
def test_fields(body, read):
    assert form.read(request(body)) == read


@pytest.mark.parametrize(
    "wrong",
    [
        request(b"rating=1", "text/plain"),
        request(b"rating=1", ""),
        request(b"rating=1", f"x; {TYPE}"),
        request({str(number): "x" for number in range(11)}),
    ],
)
def test_what_our_page_cannot_have_sent_is_no_form(wrong):
    assert form.read(wrong) is None


@given(st.integers(1, 5), st.text())
def test_what_is_sent_is_what_is_read(rating, comment):
    written = comment.encode("utf-8", "replace").decode()
    found = form.read(request({"rating": str(rating), "comment": written, "form": "k"}))
    assert found == Form(rating, comment_of(written), "k")
    assert found.is_too_long == (len(comment_of(written)) > LONGEST_COMMENT)


@given(st.binary(max_size=2000))
def test_no_body_is_too_odd(body):
    found = form.read(request(body))
    assert found is None or found.rating in {None, 1, 2, 3, 4, 5}


@given(codes, codes)
def test_a_key_fits_its_own_link_only(one, other):
    links = [Token(Purpose.PAGE, code, "abc") for code in (one, other)]
    first, second = (tokens.sign(RING, link) for link in links)
    given_out = Form(1, "", form.key_for(RING, links[0], first))
    assert form.is_ours(request({}), given_out, RING, first, URL)
    assert form.is_ours(request({}), given_out, RING, second, URL) == (one == other)
    assert not form.is_ours(request({}), given_out, FOREIGN, first, URL)


@given(st.text(max_size=40))
def test_no_key_is_made_up(made_up):
    assert not form.is_ours(request({}), Form(1, "", made_up), RING, WRITTEN, URL)


@pytest.mark.parametrize("purpose", Purpose)
def test_no_other_token_is_a_key(purpose):
    for token in (Token(purpose, LINK.code, "abc"), Token(purpose, LINK.code)):
        bound, free = tokens.sign(RING, token, bearer=WRITTEN), tokens.sign(RING, token)
        assert not form.is_ours(request({}), Form(1, "", free), RING, WRITTEN, URL)
        assert form.is_ours(request({}), Form(1, "", bound), RING, WRITTEN, URL) == (purpose is Purpose.FORM)


@pytest.mark.parametrize(
    ("origin", "site", "is_ours"),
    [
        ("", "", True),
        ("null", "same-origin", True),
        (URL, "same-origin", True),
        (URL, "", True),
        ("null", "", True),
        ("null", "cross-site", False),
        ("", "cross-site", False),
        ("", "same-site", False),
        ("", "none", False),
        ("https://evil.test", "", False),
        ("https://evil.test", "same-origin", False),
        (f"{URL}.evil.test", "", False),
        (f"{URL}:8443", "", False),
        ("http://desk.test", "", False),
        (f"{URL}, https://evil.test", "", False),
        ("NULL", "", False),
    ],
)
def test_whose_page_sent_it(origin, site, is_ours):
    good = Form(1, "", form.key_for(RING, LINK, WRITTEN))
    asked = request({}, origin=origin, sec_fetch_site=site)
    assert form.is_ours(asked, good, RING, WRITTEN, URL) is is_ours
