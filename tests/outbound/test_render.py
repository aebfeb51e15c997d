import re
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.errors import PermanentError
from gateway.mail.parse import parse
from gateway.outbound import template_check
from gateway.outbound.render import BrokenTemplateError, Templates
from gateway.outbound.values import Customer, Desk, Entry, LeftOut, Links, TicketValues, Values, Writer
from gateway.tickets.notices import NoticeKind
from tests.outbound.conftest import SHIPPED

RIGA = ZoneInfo("Europe/Riga")
AT = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)  # already the 25th in Riga
MARK = "SUP-7K2M-9XQ4 · #c7k2m9xq4abcdefghijklmnop"
VALUES = Values(
    queue=Desk("Example Support", "support@example.com", "The Team\nTel. 1"),
    ticket=TicketValues("SUP-7K2M-9XQ4", "The printer", "open", AT),
    customer=Customer("Anna", "anna@example.org"),
    agent=Writer("Maria"),
    text="Hello",
    due=AT,
    links=Links("mailto:a@b.example?subject=yes", "mailto:a@b.example?subject=no", {}),
    history=(Entry("Anna", AT, "before", "customer"),),
    not_attached=(LeftOut("a.zip", 3_160_000), LeftOut("b.txt", 900)),
)
LANGUAGES = sorted(path.name for path in SHIPPED.iterdir() if path.is_dir())


@pytest.fixture
def own(tmp_path):
    """An operator's folder: writes `reply.txt` in a language and gives the templates with it."""

    def write(body="", subject="Subject: s", language="en", kind="reply"):
        file = tmp_path / language / f"{kind}.txt"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"{subject}\n\n{body}\n", encoding="utf-8")
        return Templates(SHIPPED, tmp_path, "en", RIGA)

    return write


def said(templates, language="en", values=VALUES, kind=NoticeKind.REPLY):
    return templates.render(kind, language, values, "")


@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_template_renders_whatever_it_is_given(templates, language, kind):
    source = templates.find(kind, language)
    assert source.language == language, f"{language}/{kind}.txt is missing"
    for values in template_check.samples(kind):
        texts = templates.render(kind, language, values, MARK)
        assert texts.text.endswith(f"\n\n{MARK}\n")
        assert not re.search(r"\{\{|\}\}|\{%|None|Undefined|[\ue000-\ue002]|\n{3,}| \n", texts.text), texts.text
        assert not re.search(r"\{\{|\}\}|\{%|>None<|Undefined|[\ue000-\ue002]|<p></p>", texts.html)
        assert texts.subject == " ".join(texts.subject.split())
        assert f'<html lang="{language}" dir="ltr">' in texts.html


def test_the_shipped_templates_have_no_faults(templates):
    assert template_check.faults(templates) == ()


def test_all_languages_have_every_kind(templates):
    found = {(source.language, source.kind) for source in templates.sources}
    assert found == {(language, kind.value) for language in LANGUAGES for kind in NoticeKind}


@pytest.mark.parametrize("kind", NoticeKind)
def test_the_page_loads_nothing_and_runs_nothing(templates, kind):
    page = templates.render(kind, "en", template_check.samples(kind)[0], MARK).html
    assert not re.search(r"(?i)<(script|img|link|iframe|object|form)|url\(|@import|\bsrc=|\bon[a-z]+=", page)
    assert not re.findall(r'href="(?!mailto:|https:)', page)


def test_subject_text_and_last_line():
    texts = Templates(SHIPPED, None, "en", RIGA).render(NoticeKind.REPLY, "en", replace(VALUES, due=None), MARK)
    assert texts.subject == "Re: [SUP-7K2M-9XQ4] The printer"
    assert texts.text == (
        "Hello\n\n"
        "Maria\nThe Team\nTel. 1\n\n"
        "These files were too large to be attached:\na.zip (3.2 MB)\nb.txt (1 kB)\n\n"
        "On 25 November 2026, 00:30, Anna wrote:\n> before\n\n"
        f"{MARK}\n"
    )
    assert f"<br>{MARK}" in texts.html


@pytest.mark.parametrize(
    ("language", "day", "daytime"),
    [
        ("en", "25 November 2026", "25 November 2026, 00:30"),
        ("en-US", "November 25, 2026", "November 25, 2026, 12:30\u202fAM"),
        ("pl", "25 listopada 2026", "25 listopada 2026, 00:30"),
        ("ru", "25 ноября 2026\u202fг.", "25 ноября 2026\u202fг., 00:30"),
        ("zh", "2026年11月25日", "2026年11月25日 00:30"),
        ("el", "25 Νοεμβρίου 2026", "25 Νοεμβρίου 2026, 12:30\u202fπ.μ."),
        ("lv", "2026. gada 25. novembris", "2026. gada 25. novembris 00:30"),
        ("xx", "25 November 2026", "25 November 2026, 00:30"),
    ],
)
def test_dates_are_in_the_language_of_the_text_and_the_desks_zone(own, language, day, daytime):
    templates = own("{{ due|day }}|{{ due|daytime }}", language=language)
    shown = said(templates, language).text.strip().replace("\xa0", "\u202f")
    assert shown == f"{day}|{daytime}"


@pytest.mark.parametrize(
    ("language", "shown"), [("en", "3.2 MB, 1 kB"), ("pl", "3,2 MB, 1 kB"), ("ru", "3,2 МБ, 1 кБ")]
)
def test_sizes(own, language, shown):
    templates = own("{{ not_attached[0].size|size }}, {{ not_attached[1].size|size }}", language=language)
    assert said(templates, language).text.strip().replace("\xa0", " ").replace("\u202f", " ") == shown


@pytest.mark.parametrize(("number", "form"), [(1, "строка"), (2, "строки"), (5, "строк"), (21, "строка")])
def test_plurals_follow_the_language(own, number, form):
    templates = own('{{ plural(folded_lines, one="строка", few="строки", many="строк") }}', language="ru")
    assert said(templates, "ru", replace(VALUES, folded_lines=number)).text.strip() == form


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("pt-BR", "pt-BR"),
        ("pt-br", "pt-BR"),
        ("pt_BR", "pt-BR"),
        ("pt-PT", "pt"),
        ("pt", "pt"),
        ("lv-LV", "lv"),
        ("xx", "lv"),
        ("", "lv"),
    ],
)
def test_the_nearest_language_is_taken(tmp_path, asked, found):
    for language in ("pt-BR", "pt", "lv", "en"):
        (tmp_path / language).mkdir()
        (tmp_path / language / "reply.txt").write_text("Subject: s\n\nx\n")
    assert Templates(tmp_path, None, "lv", RIGA).find(NoticeKind.REPLY, asked).language == found


def test_what_a_language_lacks_comes_from_english_file_by_file(tmp_path):
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "reply.txt").write_text("Subject: s\n\nx\n")
    templates = Templates(SHIPPED, tmp_path, "de", RIGA)
    assert templates.find(NoticeKind.REPLY, "de").language == "de"
    assert templates.find(NoticeKind.SURVEY, "de").language == "en"


def test_an_operators_file_takes_the_place_of_that_one_file(own):
    templates = own("Mine.", "Subject: mine")
    assert said(templates).subject == "mine"
    assert templates.find(NoticeKind.CLOSED, "en").path == SHIPPED / "en" / "closed.txt"


def test_an_operators_layout_takes_the_place_of_the_shipped_one(own, tmp_path):
    (tmp_path / "layout.html").write_text("<b>{{ title }}</b>{{ body }}")
    page = said(own("a & b"), values=replace(VALUES, queue=Desk("A<B", "x@y.example"))).html
    assert page == "<b>A&lt;B</b><p>a &amp; b</p>"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("\n\n{{ nobody }}", r"line 5: 'nobody' is undefined"),
        ("{{ ticket.secret }}", r"line 3: .*no attribute 'secret'"),
        ("{% if x %}", r"line 3: .*"),
        ("fine\n{% endfor %}", r"line 4: .*endfor"),
        ("{{ agent }}", r"line 3: a Writer cannot be written as it is"),
        ("{{ due }}", r"line 3: a time cannot be written as it is: add \|day"),
        ("{{ original }}", r"line 3: a value that is none"),
        ("{{ text|no_such_filter }}", r"line 3: .*no_such_filter"),
        ('{{ link("x", "javascript:alert(1)") }}', r"line 3: not an https: or mailto: URL"),
        ("{{ 1 / 0 }}", r"line 3: division by zero"),
        ('{{ plural(1, few="x") }}', r"line 3: plural\(\) needs one= or other="),
        ("{{ text|day }}", r"line 3: .*"),
        ('{% include "/etc/passwd" %}', r"line 3: .*"),
        ('{% include "en/reply#subject" %}{% import "../../x" as y %}', r"line 3: .*"),
    ],
)
def test_a_broken_template_is_named_with_its_line(own, tmp_path, body, message):
    with pytest.raises(BrokenTemplateError, match=f"{tmp_path}/en/reply.txt, {message}"):
        said(own(body))


@pytest.mark.parametrize(
    "escape",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ ticket.__class__ }}",
        "{{ said.__globals__ }}",
        "{{ link.__code__ }}",
        "{{ self._TemplateReference__context }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ ('%s' | attr('format')) }}",
        "{{ '{0.__class__}'.format(ticket) }}",
        "{% set _ = history.__iadd__ %}{{ history.append(1) }}",
        "{{ (ticket|attr('__class__')) }}",
        "{{ range(99999999) }}",
        "{{ lipsum() }}",
    ],
)
def test_a_template_cannot_leave_its_sandbox(own, escape):
    with pytest.raises(BrokenTemplateError):
        said(own(escape))


@pytest.mark.parametrize("name", ["customer.name", "customer.address", "ticket.subject", "text", "history"])
def test_an_acknowledgement_cannot_repeat_what_the_sender_wrote(own, name):
    with pytest.raises(BrokenTemplateError, match="line 3"):
        said(own(f"{{{{ {name} }}}}", kind="acknowledgement"), kind=NoticeKind.ACKNOWLEDGEMENT)


def test_no_value_can_write_html_or_stand_for_a_piece(own):
    nasty = "<b>&\ue0000\ue001\ue0000\ue002"
    values = replace(VALUES, text=nasty, customer=Customer(nasty, nasty), ticket=TicketValues("R", nasty, "open", AT))
    templates = own(
        '{{ link("a", "https://x.example") }} {{ text }} {{ customer.name }} {{ said(text) }}',
        "Subject: {{ ticket.subject }}",
    )
    texts = said(templates, values=values)
    assert texts.subject == "<b>&00"
    assert texts.text == "a: https://x.example <b>&00 <b>&00 <b>&00\n"
    body = texts.html.partition('class="content"')[2]
    assert (body.count("<b>"), body.count("&lt;b&gt;&amp;00"), body.count("<a ")) == (0, 3, 1)


def test_html_in_a_template_is_shown_not_obeyed(own):
    assert "<p>Terms &amp; &lt;b&gt;conditions&lt;/b&gt;</p>" in said(own("Terms & <b>conditions</b>")).html


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\x0b", "\u2028", "\x00"])
def test_a_subject_stays_one_line(own, line_end):
    values = replace(VALUES, ticket=TicketValues("R", f"a{line_end}Bcc: x@y.example", "open", AT))
    assert said(own("x", "Subject: {{ ticket.subject }}"), values=values).subject == "a Bcc: x@y.example"


def test_an_empty_subject_is_a_fault(own):
    with pytest.raises(BrokenTemplateError, match=r"reply.txt, line 1: the subject is empty"):
        said(own("x", "Subject: {{ text }}"), values=replace(VALUES, text=""))


def test_without_any_template_it_says_where_it_looked(tmp_path):
    with pytest.raises(PermanentError, match=f"no template en/reply.txt in {tmp_path}"):
        Templates(tmp_path, None, "en", RIGA).find(NoticeKind.REPLY, "pl")


def test_right_to_left_languages_say_so(own):
    assert '<html lang="he" dir="rtl">' in said(own("שלום", language="he"), "he").html


def test_what_our_reader_makes_of_the_page_is_what_the_text_says(templates):
    page = said(templates).html
    read = parse(b"Content-Type: text/html; charset=utf-8\r\n\r\n" + page.encode()).text
    assert "Maria\nThe Team\nTel. 1" in read
    assert "On 25 November 2026, 00:30, Anna wrote:" in read
