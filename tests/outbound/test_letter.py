import re
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.mail import tokens
from gateway.mail.address import Mailbox
from gateway.mail.message import Attachment, Message
from gateway.mail.parse import parse
from gateway.mail.tokens import Purpose, Token
from gateway.outbound import letter
from gateway.outbound.letter import Facts
from gateway.tickets.model import Article, ArticleId, ArticleKind, SpoolId, TicketId
from gateway.tickets.notices import NoticeKind, Reason
from tests.outbound.conftest import NOW

ANNA = Mailbox("Anna Example", "anna@example.org")
DESK = Mailbox("Maria Ozola", "support@example.com")
CUSTOMERS = [kind for kind in NoticeKind if not kind.is_for_agents]
AUTOMATIC = [kind for kind in NoticeKind if kind.is_automatic]
PRIVATE = ("maria@private.example", "m.ozola@home.example", "jan@private.example", "private.example")


def article(number, kind, text, author=ANNA, spool_id=None, full="", minutes=0):
    at = NOW - timedelta(minutes=60 - number - minutes)
    spool = SpoolId(spool_id) if spool_id else None
    said = full or text
    return Article(
        ArticleId(number), TicketId(1), kind, author, at, text, said, f"{kind}-{number}@client.example", spool
    )


ARTICLES = (
    article(1, ArticleKind.CUSTOMER, "It burns.", spool_id=10, full="It burns.\n\n-- \nAnna, Fire Ltd"),
    article(2, ArticleKind.NOTE, "Secret note about Anna", DESK),
    article(3, ArticleKind.AGENT, "Did you try water?", DESK, spool_id=11),
    article(4, ArticleKind.AUTOMATIC, "I am out of office"),
    article(5, ArticleKind.CUSTOMER, "Yes. Ask maria@private.example!", spool_id=12),
)
FROM_ANNA = Message(
    message_id="customer-5@client.example",
    in_reply_to=("own-2@desk.example.com",),
    references=("first@client.example", "own-2@desk.example.com"),
    subject="Re: The printer",
    from_=(ANNA,),
    text="Yes.",
)
FROM_MARIA = Message(
    message_id="secret@laptop.private.example",
    references=("secret-before@laptop.private.example",),
    from_=(Mailbox("Maria", "maria@private.example"),),
    text="my words",
)


@pytest.fixture
def write(row, ticket, queue, maria, policy, ring, templates):
    """The letter for a notice, and the same read back with our own reader."""

    def make(kind=NoticeKind.REPLY, number=41, size=15 * 2**20, facts=None, **said):
        agent = maria if kind.is_for_agents or kind is NoticeKind.REPLY else None
        if kind.is_for_agents:
            said.setdefault("reason", Reason.CUSTOMER_REPLY)
        given = {"queue": queue, "ticket": ticket, "agent": agent, "articles": ARTICLES, **(facts or {})}
        written = letter.write(row(kind, number, **said), Facts(**given), policy, ring, templates, size, NOW)
        return written, parse(written.raw)

    return make


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_reads_back_as_it_was_meant(write, kind):
    written, read = write(kind, text="Some words", source=SpoolId(12), facts={"source": FROM_ANNA})
    assert read.defects == ()
    assert (read.message_id, read.date, read.subject) == (written.message_id, NOW, written.subject)
    assert "[SUP-7K2M-9XQ4]" in read.subject
    assert read.from_[0].address == "support@example.com"
    assert read.to[0].address == ("maria@private.example" if kind.is_for_agents else "anna@example.org")
    assert read.references[0] == written.root_id
    assert read.html.startswith("<!DOCTYPE html>")
    assert "SUP-7K2M-9XQ4" in read.text.strip().rpartition("\n")[2]


def test_the_same_facts_make_the_same_octets(write):
    assert write(text="x")[0] == write(text="x")[0]
    assert write(text="x")[0].message_id != write(text="x", number=42)[0].message_id


def test_a_reply_comes_from_the_queue_under_the_agents_name(write):
    read = write(text="x")[1]
    assert read.from_ == (Mailbox("Maria Ozola via Example Support", "support@example.com"),)
    assert write(NoticeKind.CLOSED)[1].from_ == (Mailbox("Example Support", "support@example.com"),)


@pytest.mark.parametrize("kind", CUSTOMERS)
def test_nothing_to_a_customer_shows_an_agents_own_address(write, kind):
    facts = {"source": FROM_MARIA, "original": b"From: maria@private.example\r\n\r\n"}
    said = "Write to Maria@Private.example or <m.ozola@home.example>, not jan@private.example."
    for given in ({"source": SpoolId(13), "facts": facts}, {}):
        raw = write(kind, text=said, detail=said, **given)[0].raw
        read = parse(raw)
        everything = f"{raw.decode().lower()} {read.text.lower()} {read.html.lower()}"
        assert not [each for each in PRIVATE if each in everything]


@pytest.mark.parametrize(
    "said",
    [
        "maria+sales@private.example",
        "From: Maria Ozola [mailto:maria@private.example]",
        "Von: Maria <MARIA@PRIVATE.EXAMPLE>",
        "mailto:maria%40private.example",
        "-- \nMaria, m.ozola@home.example",
    ],
)
def test_however_an_agents_address_is_written_it_is_the_queues_that_is_read(write, said):
    text = write(text=said)[1].text
    assert "support@example.com" in text
    assert not [each for each in PRIVATE if each in text.lower()]


def test_whom_we_write_to_has_no_token_in_his_name(write, ring):
    token = tokens.sign(ring, Token(Purpose.AGENT, "7k2m9xq4"), bearer="jan")
    read = write(to=(Mailbox(f"support+{token}@example.com", "anna@example.org"),))[1]
    assert read.to == (Mailbox("support@example.com", "anna@example.org"),)


def test_an_original_that_cannot_be_cleaned_is_shown_as_text(write, ring):
    token = tokens.sign(ring, Token(Purpose.AGENT, "7k2m9xq4"), bearer="jan")
    original = f"Subject: =?utf-8?q?{token}?=\r\n\r\nIt burns.\r\n".encode()
    facts = {"source": FROM_ANNA, "original": original}
    read = write(NoticeKind.AGENT_NOTICE, text="It burns.", folded_lines=2, source=SpoolId(10), facts=facts)[1]
    assert read.attachments == ()
    assert "> Anna, Fire Ltd" in read.text
    assert "original.eml" not in read.text


@pytest.mark.parametrize("kind", [NoticeKind.AGENT_NOTICE, NoticeKind.REPLY])
def test_many_files_of_what_looks_like_tokens_are_looked_through_as_one_text_is(write, kind):
    walls = [
        " ".join(f"a7k2m9xq4{tokens.serial_of(number).rjust(16, 'a')}" for number in range(first, first + 1500))
        for first in (0, 1500)
    ]
    files = tuple(Attachment(f"{len(wall)}.txt", "text/plain", wall.encode()) for wall in walls)
    facts = {"source": replace(FROM_ANNA, attachments=files)}
    read = write(kind, source=SpoolId(10), facts=facts)[1]
    told = [b"..." in file.content for file in read.attachments]
    assert told == [False, True]


def test_addresses_that_are_meant_for_the_customer_stay(write):
    said = "Ask sales@example.com, xmaria@private.example or maria@private.examples"
    assert said in " ".join(write(text=said)[1].text.split())


def test_a_reply_answers_the_customers_last_mail_not_the_agents(write):
    written, read = write(text="x", source=SpoolId(13), facts={"source": FROM_MARIA})
    assert read.in_reply_to == ("customer-5@client.example",)
    assert read.references == (written.root_id, "customer-1@client.example", "customer-5@client.example")


def test_what_was_said_after_a_notice_was_decided_plays_no_part(write):
    late = article(9, ArticleKind.CUSTOMER, "Too late", minutes=120)
    assert write(text="x", facts={"articles": (*ARTICLES, late)})[0] == write(text="x")[0]


@pytest.mark.parametrize("kind", [NoticeKind.ACKNOWLEDGEMENT, NoticeKind.THANKS, NoticeKind.AGENT_NOTICE])
def test_a_notice_about_a_mail_answers_that_mail(write, kind):
    written, read = write(kind, source=SpoolId(12), facts={"source": FROM_ANNA})
    assert read.in_reply_to == ("customer-5@client.example",)
    assert read.references == (
        written.root_id,
        "first@client.example",
        "own-2@desk.example.com",
        "customer-5@client.example",
    )


def test_message_ids_that_cannot_be_written_are_left_out(write):
    odd = replace(FROM_ANNA, message_id="a b\x00<c>", references=("x" * 900, "é@x", "fine@x"), in_reply_to=())
    read = write(NoticeKind.ACKNOWLEDGEMENT, source=SpoolId(12), facts={"source": odd})[1]
    assert read.in_reply_to == ("fine@x",)


def test_a_very_long_conversation_keeps_root_and_parent(write):
    many = tuple(article(n, ArticleKind.CUSTOMER, "x", minutes=-n) for n in range(50))
    written, read = write(text="x", facts={"articles": many})
    assert len(read.references) <= 20
    assert (read.references[0], read.references[-1]) == (written.root_id, "customer-49@client.example")


@pytest.mark.parametrize("kind", AUTOMATIC)
def test_automatic_mail_is_marked_as_such(write, kind):
    read = write(kind, source=SpoolId(12), facts={"source": FROM_ANNA})[1]
    answers = kind in {NoticeKind.ACKNOWLEDGEMENT, NoticeKind.THANKS}
    assert read.header("Auto-Submitted") == ("auto-replied" if answers else "auto-generated")
    assert read.header("X-Auto-Response-Suppress") == "All"
    assert read.header("X-Gateway-Loop") == "demo desk"
    assert read.header("Precedence") == ("auto_reply" if answers else "")


def test_a_persons_reply_carries_no_mark_of_a_machine(write):
    names = {name.lower() for name, _ in write(text="x")[1].headers}
    assert names == {
        *("from", "to", "reply-to", "subject", "date", "message-id", "in-reply-to", "references"),
        *("mime-version", "content-type"),
    }


def test_reply_to_is_left_out_where_there_are_no_subaddresses(write, without_plus):
    written, read = write(text="x", facts={"queue": without_plus})
    assert (read.reply_to, written.mail_from) == ((), "support@example.com")
    assert "#c7k2m9xq4" in read.text


def test_an_acknowledgement_repeats_nothing_that_the_sender_wrote(write, ticket):
    spam = replace(ticket, subject="BUY PILLS", customer=Mailbox("PILLS FROM US", "victim@example.org"))
    facts = {"ticket": spam, "source": replace(FROM_ANNA, subject="BUY PILLS", text="PILLS at https://pills.example")}
    written, _ = write(
        NoticeKind.ACKNOWLEDGEMENT,
        to=(Mailbox("", "victim@example.org"),),
        text="PILLS",
        detail="PILLS",
        source=SpoolId(12),
        facts=facts,
    )
    read = parse(written.raw)
    assert "pills" not in f"{written.raw.decode()} {read.text} {read.html} {read.subject}".lower()


@pytest.mark.parametrize("language", ["en", "pl", "ru", "zh", "el", "lv"])
def test_an_acknowledgement_has_the_subject_of_a_sender_who_is_sure_and_its_own_for_any_other(write, language):
    own, _ = write(NoticeKind.ACKNOWLEDGEMENT, language=language)
    his, _ = write(NoticeKind.ACKNOWLEDGEMENT, language=language, subject="Printer")
    assert his.subject == "Re: [SUP-7K2M-9XQ4] Printer"
    assert own.subject.startswith("[SUP-7K2M-9XQ4] ")
    assert own.subject != "[SUP-7K2M-9XQ4] We have received your message" or language == "en"


def test_an_acknowledgement_under_another_subject_stays_in_the_senders_thread(write):
    read = parse(write(NoticeKind.ACKNOWLEDGEMENT, source=SpoolId(12), facts={"source": FROM_ANNA})[0].raw)
    assert read.in_reply_to == (FROM_ANNA.message_id,)
    assert read.references[-1] == FROM_ANNA.message_id


def test_the_tag_is_put_before_a_subject_that_lacks_it(write, tmp_path, row, queue, ticket, policy, ring, shipped):
    from zoneinfo import ZoneInfo

    from gateway.outbound.render import Templates

    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "closed.txt").write_text("Subject: Bye {{ ticket.subject }}\n\nx\n")
    templates = Templates(shipped, tmp_path, "en", ZoneInfo("UTC"))
    long = replace(ticket, subject="x" * 5000)
    written = letter.write(row(NoticeKind.CLOSED), Facts(queue, long), policy, ring, templates, 100, NOW)
    assert written.subject.startswith("[SUP-7K2M-9XQ4] Bye xxx")
    assert len(written.subject) < 300


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r", "\u2028", "\x00"])
def test_nobody_can_write_a_header_of_ours(write, ticket, maria, queue, line_end):
    evil = f"x{line_end}Bcc: evil@example.net{line_end}{line_end}body"
    facts = {
        "ticket": replace(ticket, subject=evil, customer=Mailbox(evil, "anna@example.org")),
        "agent": replace(maria, full_name=evil),
        "queue": replace(queue, title=evil),
        "source": replace(FROM_ANNA, attachments=(Attachment(evil, f"text/plain{line_end}X-A: b", b"x"),)),
    }
    people = (Mailbox(evil, "anna@example.org"),)
    for kind in (NoticeKind.REPLY, NoticeKind.SURVEY, NoticeKind.AGENT_NOTICE):
        written, read = write(kind, to=people, cc=people, text=evil, detail=evil, source=SpoolId(12), facts=facts)
        head = written.raw.partition(b"\r\n\r\n")[0]
        assert not re.search(rb"(?im)^(bcc|x-a):", head)
        assert read.header("Bcc") == ""
        assert not re.search(rb"(?im)^x-a:", written.raw)
        assert b"\n" not in written.raw.replace(b"\r\n", b"")


def test_files_go_along_as_far_as_there_is_room_and_the_rest_is_named(write):
    files = (
        Attachment("small.txt", "text/plain", b"s" * 400),
        Attachment("große Datei.zip", "application/zip", b"z" * 5000),
        Attachment("logo.png", "image/png", b"p" * 500, content_id="logo", is_inline=True),
    )
    for kind in (NoticeKind.REPLY, NoticeKind.AGENT_NOTICE):
        source = replace(FROM_ANNA, attachments=files)
        read = write(kind, size=1000, text="x", source=SpoolId(12), facts={"source": source})[1]
        assert [(file.name, file.content) for file in read.attachments] == [
            ("small.txt", b"s" * 400),
            ("logo.png", b"p" * 500),
        ]
        assert "große Datei.zip (5 kB)" in read.text
        assert "große Datei.zip (5" in read.html


def test_other_notices_carry_no_files(write):
    source = replace(FROM_ANNA, attachments=(Attachment("virus.exe", "application/x", b"x"),))
    for kind in (NoticeKind.ACKNOWLEDGEMENT, NoticeKind.THANKS, NoticeKind.AGENT_ERROR):
        raw = write(kind, source=SpoolId(12), facts={"source": source, "original": b"x"})[0].raw
        assert b"virus" not in raw


def test_folded_text_stays_in_reach_as_the_original(write):
    original = b"From: anna@example.org\r\nSubject: x\r\n\r\nIt burns.\r\n-- \r\nAnna, Fire Ltd\r\n"
    facts = {"source": FROM_ANNA, "original": original}
    read = write(NoticeKind.AGENT_NOTICE, text="It burns.", folded_lines=2, source=SpoolId(10), facts=facts)[1]
    (attached,) = read.attachments
    assert (attached.name, attached.content.replace(b"\r\n", b"\n")) == (
        "original.eml",
        original.replace(b"\r\n", b"\n"),
    )
    assert "2 lines of quotation or signature are not shown above." in " ".join(read.text.split())
    assert "original.eml" in read.text
    assert "Fire Ltd" not in read.text


def test_folded_text_stays_in_reach_where_the_original_is_too_large(write):
    facts = {"source": FROM_ANNA, "original": b"x" * 2000}
    given = {"text": "It burns.", "folded_lines": 2, "source": SpoolId(10), "facts": facts}
    read = write(NoticeKind.AGENT_NOTICE, size=1000, **given)[1]
    assert read.attachments == ()
    assert "> Anna, Fire Ltd" in read.text
    assert "original.eml" not in read.text


def test_where_something_could_not_be_read_the_original_goes_along(write):
    facts = {"source": replace(FROM_ANNA, defects=("half a letter",)), "original": b"Subject: x\r\n\r\nx"}
    read = write(NoticeKind.AGENT_NOTICE, text="x", detail="half a letter", source=SpoolId(12), facts=facts)[1]
    assert [file.name for file in read.attachments] == ["original.eml"]
    assert "half a letter" in read.text


def test_a_logo_that_every_mail_brings_along_is_left_out_and_nothing_else(write):
    logo = Attachment("logo.png", "image/png", b"logo", "logo@x", is_inline=True)
    crack = Attachment("crack.png", "image/png", b"crack", "crack@x")
    same_as_a_file = Attachment("logo (2).png", "image/png", b"logo")
    facts = {"source": replace(FROM_ANNA, attachments=(logo, crack, same_as_a_file))}
    given = {"text": "x", "source": SpoolId(12), "facts": facts}
    for left_out, names in (
        ((), ["logo.png", "crack.png", "logo (2).png"]),
        ((logo.sha256,), ["crack.png", "logo (2).png"]),
    ):
        read = write(NoticeKind.AGENT_NOTICE, left_out=left_out, **given)[1]
        assert [file.name for file in read.attachments] == names


def test_where_nothing_was_folded_the_original_does_not_go_along(write):
    facts = {"source": FROM_ANNA, "original": b"x"}
    assert write(NoticeKind.AGENT_NOTICE, text="x", source=SpoolId(12), facts=facts)[1].attachments == ()


def test_an_eight_bit_original_arrives_unharmed(write):
    original = "Subject: ž\r\n\r\n".encode() + b"\xff" * 2000 + b"\r\n"
    facts = {"source": FROM_ANNA, "original": original}
    read = write(NoticeKind.AGENT_NOTICE, text="x", folded_lines=2, source=SpoolId(10), facts=facts)[1]
    assert [(file.name, file.content) for file in read.attachments] == [("original.eml", original)]


def test_customers_see_public_words_only_and_agents_the_notes_as_well(write):
    public = write(text="my words", source=SpoolId(13))[1]
    assert "> Yes. Ask support@example.com!" in public.text
    for hidden in ("Secret note", "out of office", "It burns"):
        assert hidden not in f"{public.text} {public.html}"
    told = write(NoticeKind.AGENT_NOTICE, text="Yes.", source=SpoolId(12), facts={"source": FROM_ANNA})[1]
    assert "(internal note)" in told.text
    assert re.search(r"(?s)> Did you try water\?.*> Secret note about Anna.*> It burns\.", told.text)
    assert "out of office" not in told.text
    assert "> Yes." not in told.text


def test_a_reply_without_a_mail_of_its_own_does_not_quote_itself(write):
    itself = replace(article(7, ArticleKind.AGENT, "my words", DESK), at=NOW)
    told = write(NoticeKind.AGENT_NOTICE, text="my words", facts={"articles": (*ARTICLES, itself)})[1]
    assert told.text.count("my words") == 1


def test_endless_history_is_cut_with_a_sign(write):
    endless = article(5, ArticleKind.CUSTOMER, "word " * 100_000)
    read = write(text="x", facts={"articles": (endless,)})[1]
    assert "[…]" in read.text
    assert len(read.text) < 50_000


def test_words_arrive_as_the_agent_wrote_them(write):
    words = (
        "Dear Anna,\n\n  1. unplug it\n\t2. call <b>112</b> & wait\n.\n\n"
        "https://example.com/fire?a=1&b=2\n\nFrom here on: ž漢😀"
    )
    read = write(text=words)[1]
    assert read.text.startswith(words)
    assert "&lt;b&gt;112&lt;/b&gt; &amp; wait" in read.html
    assert 'href="https://example.com/fire?a=1&amp;b=2"' in read.html


def test_control_characters_do_not_travel(write):
    read = write(text="a\x00b\x07c\x1b[31md\r\ne")[1]
    assert read.text.startswith("abc[31md\ne\n")


def test_people_whose_address_no_header_can_carry_do_not_stop_the_mail(write):
    read = write(text="x", cc=(Mailbox("Анна", "анна@example.org"), Mailbox("Ben", "ben@example.org")))[1]
    assert read.cc == (Mailbox("Ben", "ben@example.org"),)


def test_the_language_of_the_ticket_is_written(write):
    polish = write(NoticeKind.REMINDER, language="pl", stage=1, stages=2)[1]
    assert "20 listopada 2026" in polish.text
    assert polish.text != write(NoticeKind.REMINDER, stage=1, stages=2)[1].text


def test_the_marker_of_a_customers_mail_is_worth_an_answer(write, ring):
    text = write(text="x")[1].text
    (token,) = re.findall(r"#(c[a-z2-9]+)", text)
    assert tokens.verify(ring, token) == Token(Purpose.FOLLOW_UP, "7k2m9xq4")


def test_mail_without_a_ticket(write):
    facts = {"ticket": None, "articles": (), "source": FROM_MARIA}
    written, read = write(
        NoticeKind.AGENT_ERROR, reason=Reason.NOT_RECOGNISED, subject="Re: something", ticket_id=None, facts=facts
    )
    assert (read.subject, written.root_id) == ("Not done: Re: something", "")
    assert read.in_reply_to == ("secret@laptop.private.example",)
    assert read.reply_to == ()
