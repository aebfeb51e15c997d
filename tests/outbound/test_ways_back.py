from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from gateway.mail import tokens
from gateway.mail.address import detail_of, is_valid, without_detail
from gateway.mail.tokens import Purpose, Token
from gateway.outbound.ways_back import NO_TICKET, ways_back
from gateway.tickets.notices import NoticeKind
from tests.outbound.conftest import NOW

CUSTOMERS = [kind for kind in NoticeKind if not kind.is_for_agents]
AGENTS = [kind for kind in NoticeKind if kind.is_for_agents]


@pytest.fixture
def back(row, ticket, queue, maria, ring):
    def find(kind, **other):
        agent = maria if kind.is_for_agents or kind is NoticeKind.REPLY else None
        given = {"ticket": ticket, "queue": queue, "agent": agent, **other}
        return ways_back(row(kind), given["ticket"], given["queue"], given["agent"], ring, "desk.example.com")

    return find


@pytest.mark.parametrize("kind", NoticeKind)
def test_the_message_id_is_signed_and_names_ticket_and_row(back, ring, kind):
    left, _, right = back(kind).message_id.partition("@")
    assert (tokens.verify(ring, left), right) == (
        Token(Purpose.MESSAGE, "7k2m9xq4", tokens.row_serial(41, NOW)),
        "desk.example.com",
    )


@pytest.mark.parametrize("kind", NoticeKind)
def test_the_root_is_the_same_for_every_mail_of_the_ticket(back, ring, kind):
    assert back(kind).root_id == back(NoticeKind.REPLY).root_id
    assert tokens.verify(ring, back(kind).root_id.partition("@")[0]) == Token(Purpose.MESSAGE, "7k2m9xq4")


@pytest.mark.parametrize("kind", CUSTOMERS)
def test_a_customers_answer_comes_to_his_ticket(back, ring, kind):
    found = back(kind)
    assert without_detail(found.reply_to) == "support@example.com"
    assert tokens.verify(ring, detail_of(found.reply_to)) == Token(Purpose.FOLLOW_UP, "7k2m9xq4")
    reference, _, marker = found.mark.partition(" · #")
    assert (reference, marker) == ("SUP-7K2M-9XQ4", detail_of(found.reply_to))


@pytest.mark.parametrize("kind", AGENTS)
def test_an_agents_answer_is_bound_to_him_and_his_mail_has_no_customers_token(back, ring, kind):
    found = back(kind)
    token = detail_of(found.reply_to)
    assert tokens.verify(ring, token, bearer="maria") == Token(Purpose.AGENT, "7k2m9xq4", tokens.mark_of(NOW))
    assert tokens.verify(ring, token, bearer="jan") is None
    assert tokens.verify(ring, token) is None
    assert (found.mark, found.links) == ("SUP-7K2M-9XQ4", None)


@pytest.mark.parametrize("kind", NoticeKind)
def test_automatic_mail_bounces_to_its_row_and_a_reply_to_the_ticket(back, ring, kind):
    bounced = Token(Purpose.BOUNCE, "7k2m9xq4", tokens.row_serial(41, NOW))
    replied = Token(Purpose.FOLLOW_UP, "7k2m9xq4")
    found = tokens.verify(ring, detail_of(back(kind).mail_from))
    assert found == (bounced if kind.is_automatic else replied)


@pytest.mark.parametrize("kind", NoticeKind)
def test_without_subaddresses_all_addresses_are_the_queues(back, without_plus, kind):
    found = back(kind, queue=without_plus)
    assert (found.mail_from, found.reply_to) == ("support@example.com", "")


@pytest.mark.parametrize("kind", CUSTOMERS)
@pytest.mark.parametrize("is_plus", [True, False])
def test_links_answer_by_mail(back, ring, queue, without_plus, kind, is_plus):
    links = back(kind, queue=queue if is_plus else without_plus).links
    expected = {
        links.confirm: (Token(Purpose.CONFIRM, "7k2m9xq4"), "✓"),
        links.refuse: (Token(Purpose.REFUSE, "7k2m9xq4"), "✗"),
    } | {url: (Token(Purpose.RATING, "7k2m9xq4", "abcde"[n - 1]), str(n)) for n, url in links.rate.items()}
    assert sorted(links.rate) == [1, 2, 3, 4, 5]
    assert len(expected) == 7
    for url, (token, word) in expected.items():
        parts = urlsplit(url)
        said = parse_qs(parts.query, strict_parsing=True)
        address = unquote(parts.path)
        carried = detail_of(address) if is_plus else said["body"][0].removeprefix("#")
        assert (parts.scheme, without_detail(address)) == ("mailto", "support@example.com")
        assert said["subject"] == [f"[SUP-7K2M-9XQ4] {word}"]
        assert tokens.verify(ring, carried) == token
        assert ("body" in said) is not is_plus
        assert url.isascii()
        assert " " not in url
        assert "[" not in url


@pytest.mark.parametrize("local", ["a" * 40, "odd&name=x?"])
def test_addresses_stay_valid_whatever_the_queue_is_called(back, queue, local):
    found = back(NoticeKind.SURVEY, queue=replace(queue, address=f"{local}@example.com"))
    for address in (found.mail_from, found.reply_to):
        assert is_valid(address)
    parts = urlsplit(found.links.confirm)
    assert without_detail(unquote(parts.path)) == f"{local}@example.com"
    assert set(parse_qs(parts.query)) == ({"subject", "body"} if len(local) == 40 else {"subject"})


def test_mail_without_a_ticket_is_still_recognised_as_ours(back, ring):
    found = back(NoticeKind.AGENT_ERROR, ticket=None)
    signed = Token(Purpose.MESSAGE, NO_TICKET, tokens.row_serial(41, NOW))
    assert tokens.verify(ring, found.message_id.partition("@")[0]) == signed
    assert (found.root_id, found.reply_to, found.mark, found.links) == ("", "", "", None)
    bounced = Token(Purpose.BOUNCE, NO_TICKET, tokens.row_serial(41, NOW))
    assert tokens.verify(ring, detail_of(found.mail_from)) == bounced


SITE = "https://desk.example.com"


def test_a_survey_leads_to_a_page_of_its_own(row, ticket, queue, ring):
    links = ways_back(row(NoticeKind.SURVEY), ticket, queue, None, ring, "desk.example.com", SITE).links
    assert links is not None
    before, _, token = links.page.rpartition("/")
    assert (before, tokens.verify(ring, token)) == (
        f"{SITE}/survey",
        Token(Purpose.PAGE, ticket.code, tokens.mark_of(NOW)),
    )


@pytest.mark.parametrize(
    ("kind", "site"), [(NoticeKind.SURVEY, ""), *((kind, SITE) for kind in CUSTOMERS if kind is not NoticeKind.SURVEY)]
)
def test_other_mail_and_a_desk_without_a_site_have_no_page(row, ticket, queue, ring, kind, site):
    links = ways_back(row(kind), ticket, queue, None, ring, "desk.example.com", site).links
    assert links is not None
    assert links.page == ""
