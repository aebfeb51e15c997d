"""The site as customers, scanners and attackers find it: over a real socket, before a real desk."""

import re
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway import store
from gateway.errors import TemporaryError
from gateway.mail import tokens
from gateway.mail.tokens import Purpose, Token
from gateway.tickets.survey_page import LONGEST_COMMENT
from gateway.web.form import key_for
from tests.builders import DAY, FOREIGN, HOUR, RING
from tests.store.test_plans import heard as asked
from tests.web.conftest import FORM, URL, everything, link, reply

STYLE = r"style-src 'sha256-[A-Za-z0-9+/]{43}='"
NOWHERE = "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
COMMON = {
    "content-security-policy": rf"default-src 'none'; {STYLE}; {NOWHERE}",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow, noarchive",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": r"max-age=31536000",
    "connection": "close",
}
TELLING = {"server", "x-powered-by", "set-cookie", "etag", "last-modified", "access-control-allow-origin"}


def key(page: str) -> str:
    """What the page's form is marked with."""
    found = re.search(r'name="form" value="(\w+)"', page)
    assert found, page
    return found[1]


@pytest.fixture
def send(visitor, path):
    """Opens the page and sends its form as a browser does: what comes back."""

    def answer(rating: str = "4", comment: str = "", **headers: str):
        fields = {"form": key(visitor.get(path).body), "rating": rating, "comment": comment}
        said = {"origin": "null", "sec_fetch_site": "same-origin", **headers}
        return visitor.post(path, fields, **said)

    return answer


def survey(office, ticket):
    with office.database.read() as db:
        return store.surveys.get(db, ticket.id)


def test_the_page_asks_in_the_customers_words_and_needs_nothing_from_anywhere(visitor, path, surveyed):
    page = visitor.get(path)
    assert (page.status, page.header("content-type")) == (200, "text/html; charset=utf-8")
    assert '<html lang="en">' in page.body
    assert "How satisfied were you with our help?" in page.body
    assert surveyed.reference in page.body
    assert page.body.count('type="radio"') == 5
    assert not re.search(r"<script|<img|<link|<iframe| src=| href=|url\(|@import| on\w+=| style=", page.body)
    for private in (surveyed.customer.address, surveyed.customer.name, surveyed.subject, "anna", "Done."):
        assert private not in page.body


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reading_changes_nothing_however_often_scanners_open_it(office, visitor, path, method):
    before = everything(office.database)
    found = {
        visitor.ask(method, path + tail).status
        for _ in range(20)
        for tail in ("", "?", "?rating=1", "?a=b&form=x", "?/")
    }
    assert found == {200}
    assert everything(office.database) == before


def test_other_methods_are_not_for_this_site(office, visitor, path):
    before = everything(office.database)
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get"):
        found = visitor.ask(method, path)
        assert (found.status, found.header("allow")) == (405, "GET, HEAD, POST")
    assert everything(office.database) == before


def test_a_rating_is_taken_and_shown_and_can_be_changed(office, surveyed, visitor, path, send):
    sent = send("2", "Slow.\r\nBut kind.")
    assert (sent.status, sent.header("location"), sent.body) == (303, path, "")
    assert (survey(office, surveyed).rating, survey(office, surveyed).comment) == (2, "Slow.\nBut kind.")
    (told,) = office.notices()
    assert (told.notice.reason, told.notice.rating, told.notice.text) == ("rated", 2, "Slow.\nBut kind.")
    page = visitor.get(path).body
    assert "Thank you for your rating" in page
    assert 'value="2" required checked' in page
    assert "But kind" not in page, "whoever else opens the link does not read it"
    office.clock += HOUR
    assert send("5").status == 303
    assert survey(office, surveyed).rating == 5
    with office.database.read() as db:
        assert store.ledger.verify(db) == ()


def test_when_it_is_too_late_to_change_it_is_said(office, surveyed, visitor, path, send):
    send("2")
    old = key(visitor.get(path).body)
    office.clock += 2 * DAY
    page = visitor.get(path)
    assert page.status == 200
    assert "It can no longer be changed here." in page.body
    assert "<form" not in page.body
    before = everything(office.database)
    assert visitor.post(path, {"form": old, "rating": "5"}).status == 303
    assert everything(office.database) == before


@pytest.mark.parametrize(
    ("rating", "comment", "said"),
    [
        ("", "Hm </textarea><script>alert(1)</script>", "Please choose one of the five ratings."),
        ("6", "x", "Please choose one of the five ratings."),
        ("0", "x", "Please choose one of the five ratings."),
        ("٣", "x", "Please choose one of the five ratings."),
        ("4", "я" * (LONGEST_COMMENT + 1), "That is more than we can take here."),
    ],
)
def test_a_form_that_lacks_something_is_shown_again_with_its_words(office, send, rating, comment, said):
    before = everything(office.database)
    page = send(rating, comment)
    assert page.status == 422
    assert said in page.body
    shown = re.search(r"<textarea[^>]*>\n(.*)</textarea>", page.body, re.DOTALL)
    assert shown
    assert unescape(shown[1]) == comment
    assert "<script" not in page.body
    assert everything(office.database) == before


def test_a_mistake_in_a_change_does_not_look_like_one(visitor, send):
    send("2")
    page = send("5", "x" * (LONGEST_COMMENT + 1)).body
    assert '<p class="given"><b>2</b> dissatisfied</p>' in page
    assert 'value="5" required checked' in page


def test_the_longest_comment_is_taken(office, surveyed, send):
    assert send("4", "𝔴" * LONGEST_COMMENT).status == 303
    assert survey(office, surveyed).comment == "𝔴" * LONGEST_COMMENT


ATTACKS = {
    "without the form's key": ({"form": ""}, {}, 403),
    "with a key made up": ({"form": "f" + "a" * 24}, {}, 403),
    "with the link as key": ({"form": "LINK"}, {}, 403),
    "with another link's key": ({"form": "OTHER"}, {}, 403),
    "with a foreign key": ({"form": "FOREIGN"}, {}, 403),
    "from another site": ({}, {"origin": "https://evil.test"}, 403),
    "from a site that is called alike": ({}, {"origin": "https://desk.test.evil.test"}, 403),
    "from the same name without TLS": ({}, {"origin": "http://desk.test"}, 403),
    "from another site, says the browser": ({}, {"sec_fetch_site": "cross-site"}, 403),
    "from a sister site, says the browser": ({}, {"sec_fetch_site": "same-site"}, 403),
    "from a sandboxed frame": ({}, {"origin": "null", "sec_fetch_site": "cross-site"}, 403),
    "as JSON": ({}, {"content_type": "application/json"}, 415),
    "as plain text, which forms of any site may send": ({}, {"content_type": "text/plain"}, 415),
    "in parts": ({}, {"content_type": "multipart/form-data; boundary=x"}, 415),
    "without saying what it is": ({}, {"content_type": ""}, 415),
    "with a thousand fields": ({str(number): "x" for number in range(1000)}, {}, 400),
    "to another name": ({}, {"host": "evil.test"}, 421),
    "to an address": ({}, {"host": "127.0.0.1"}, 421),
    "to the name in a longer one": ({}, {"host": "desk.test.evil.test"}, 421),
    "for somebody else, says a proxy": ({}, {"host": "evil.test", "x_forwarded_host": "desk.test"}, 421),
}


def test_a_forged_form_is_not_taken(office, surveyed, visitor, path):
    other = Token(Purpose.PAGE, surveyed.code, "aaa")
    made = {
        "LINK": path.rpartition("/")[2],
        "OTHER": key_for(RING, other, tokens.sign(RING, other)),
        "FOREIGN": key_for(FOREIGN, other, path.rpartition("/")[2]),
    }
    good = {"form": key(visitor.get(path).body), "rating": "1", "comment": "forged"}
    before = everything(office.database)
    for attack, (fields, headers, status) in ATTACKS.items():
        said = {name: made.get(value, value) for name, value in {**good, **fields}.items()}
        assert visitor.post(path, said, **headers).status == status, attack
        assert everything(office.database) == before, attack
    assert visitor.post(path, good).status == 303, "what was forged, was all but right"


HONEST = (
    {"origin": "null", "sec_fetch_site": "same-origin"},  # a page without referrer, as Chromium sends it
    {"origin": URL, "sec_fetch_site": "same-origin"},
    {"origin": "null"},  # a browser from before 2023
    {"origin": "", "sec_fetch_site": ""},
    {"host": "desk.test:443"},
    {"host": "DESK.TEST"},
    {"content_type": f"{FORM}; charset=UTF-8"},
    {"x_forwarded_host": "evil.test", "x_forwarded_for": "10.0.0.1", "forwarded": "host=evil.test"},
)


def test_what_browsers_and_proxies_really_send_is_taken(office, surveyed, send):
    for number, headers in enumerate(HONEST):
        assert send(str(number % 5 + 1), **headers).status == 303, headers
        assert survey(office, surveyed).rating == number % 5 + 1


def forged(office, surveyed, path):
    """Links that lead nowhere, and why."""
    token = path.rpartition("/")[2]
    mark = tokens.mark_of(survey(office, surveyed).sent_at)
    yield "another survey of the ticket", link(office, surveyed, created_at=office.clock + DAY)
    yield "a stranger's key", link(office, surveyed, ring=FOREIGN)
    yield "an unknown ticket", f"/survey/{tokens.sign(RING, Token(Purpose.PAGE, 'aaaaaaaa', mark))}"
    yield "no mark", f"/survey/{tokens.sign(RING, Token(Purpose.PAGE, surveyed.code))}"
    for purpose in Purpose:
        if purpose is not Purpose.PAGE:
            yield f"a token for {purpose.name}", f"/survey/{tokens.sign(RING, Token(purpose, surveyed.code, mark))}"
    for place in range(len(token)):
        letter = "b" if token[place] == "a" else "a"
        yield f"letter {place} changed", f"/survey/{token[:place]}{letter}{token[place + 1 :]}"
    yield "cut", path[:-1]
    yield "grown", path + "a"


def without_date(found):
    return (found.status, [each for each in found.headers if each[0] != "Date"], found.body)


def test_what_leads_nowhere_is_one_page_and_the_same_work(office, surveyed, visitor, path):
    gone = without_date(visitor.get("/nowhere"))
    assert gone[0] == 404
    looked_up = None
    for why, wrong in forged(office, surveyed, path):
        with asked() as statements:
            assert without_date(visitor.get(wrong)) == gone, why
        assert looked_up in {None, frozenset(statements)}, why
        looked_up = frozenset(statements)
        assert without_date(visitor.post(wrong, {"rating": "1"})) == gone, why
    office.clock += 31 * DAY
    with asked() as statements:
        assert without_date(visitor.get(path)) == gone
    assert frozenset(statements) == looked_up
    assert len(looked_up or ()) == 3


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("abcdefghijklmnopqrstuvwxyz23456789", min_size=24, max_size=34))
def test_no_token_is_found_by_trying(visitor, path, code):
    if f"/survey/w{code}" != path:
        assert visitor.get(f"/survey/w{code}").status == 404


TRICKS = (
    "/",
    "/survey",
    "/survey/",
    "/survey//{}",
    "//survey/{}",
    "/survey/{}/",
    "/survey/{}/..",
    "/survey/./{}",
    "/survey/x/../{}",
    "/survey/{}%00",
    "/survey/{}%0a",
    "/survey/%77{}",
    "/SURVEY/{}",
    "/survey/{};x",
    "/survey/{}#x",
    "\\survey\\{}",
    "https://desk.test/survey/{}",
    "/../../etc/passwd",
    "/survey/..%2f..%2fetc%2fpasswd",
    "/templates/survey_page.html",
    "/metrics",
    "*",
)


def test_there_is_one_way_to_write_an_address(visitor, path):
    token = path.rpartition("/")[2]
    for trick in TRICKS:
        found = visitor.get(trick.format(token))
        assert found.status == 404, trick
        assert "<form" not in found.body


def test_a_token_in_capitals_is_another(visitor, path):
    assert visitor.get(path.upper()).status == 404
    assert visitor.get("/survey/" + path.rpartition("/")[2].upper()).status == 404


def test_headers_of_every_answer(office, visitor, path, send):
    answers = {
        visitor.get(path),
        visitor.ask("HEAD", path),
        send("1"),
        send("9"),
        visitor.post(path, {"form": "x"}),
        visitor.post(path, {}, content_type="text/plain"),
        visitor.post(path, {str(number): "x" for number in range(99)}),
        visitor.get("/nowhere"),
        visitor.ask("PUT", path),
        visitor.get(path, host="evil.test"),
        visitor.get("/healthz"),
        reply(visitor.say(b"GET / HTTP/1.1\r\n\r\n")),
        reply(visitor.say(b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n")),
        visitor.ask("POST", path, b"x" * 40_000),
    }
    assert {found.status for found in answers} == {200, 303, 400, 403, 404, 405, 413, 415, 421, 422, 431}
    for found in answers:
        for name, said in COMMON.items():
            assert re.fullmatch(said, found.header(name)), (found.status, name, found.header(name))
        assert TELLING.isdisjoint({name.lower() for name, _ in found.headers})
        names = [name for name, _ in found.headers]
        assert len(names) == len(set(names))


@pytest.mark.parametrize("language", ["en", "pl", "ru", "zh", "el", "lv"])
def test_every_page_is_in_the_customers_language(office, visitor, path, send, surveyed, language):
    with office.database.write() as db:
        db.exec_driver_sql("UPDATE tickets SET language = ?", (language,))
    pages = [
        visitor.get(path),
        send("9", "x"),
        visitor.post(path, {"form": "x"}),
        visitor.get(send("3").header("location")),
        visitor.get("/survey/gone", accept_language=f"xx, {language}-XX;q=0.9, fr;q=0.8"),
    ]
    office.clock += 2 * DAY
    pages.append(visitor.get(path))
    assert [page.status for page in pages] == [200, 422, 403, 200, 404, 200]
    assert {re.findall(r'<html lang="(\w+)">', page.body)[0] for page in pages} == {language}
    assert len({page.body for page in pages}) == len(pages)


def test_a_database_that_is_away_is_a_page_too(office, visitor, site, path, make_visitor, send):
    def fail(*_):
        raise TemporaryError("database: the password is swordfish")

    away = make_visitor(replace(site, take=fail).answer)
    fields = {"form": key(visitor.get(path).body), "rating": "1"}
    found = away.post(path, fields, accept_language="lv")
    assert (found.status, found.header("retry-after")) == (503, "30")
    assert '<html lang="lv">' in found.body
    assert "swordfish" not in found.body


@pytest.mark.parametrize(("is_ready", "status", "said"), [(True, 200, "ready\n"), (False, 503, "not ready\n")])
def test_health_says_no_more_than_that(make_visitor, site, is_ready, status, said):
    visitor = make_visitor(replace(site, is_ready=lambda: is_ready).answer)
    found = visitor.get("/healthz", host="10.0.0.1:8080")
    assert (found.status, found.body) == (status, said)
    assert visitor.ask("POST", "/healthz").status == 405


def test_the_key_of_a_form_opens_no_page_and_no_ticket(visitor, path):
    made = key(visitor.get(path).body)
    assert visitor.get(f"/survey/{made}").status == 404
    assert tokens.verify(RING, made) is None, "it is bound to the link"
