"""What the author wrote himself, in the words of many mail programs; what is folded is never lost."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import html_text, reply_text
from gateway.mail.message import Mark, Message

OWN = "Thank you, that helped.\n\nJane"

# Lines that introduce a quote marked with `>`.
INTRODUCTIONS = [
    "On Tue, Jun 3, 2025 at 9:15 AM Desk <desk@x.example> wrote:",
    "On Tue, Jun 3, 2025 at 9:15 AM Desk\n<desk@x.example> wrote:",
    "On Tue, Jun 3, 2025 at 9:15 AM Support Desk of Example\n<desk@x.example>\nwrote:",
    "On 03.06.2025 09:15, Desk wrote:",
    "On 2025-06-03 09:15, desk@x.example wrote:",
    "On 3 Jun 2025, at 09:15, Desk <desk@x.example> wrote:",
    "Desk <desk@x.example> wrote:",
    "Desk wrote:",
    "Desk wrote on 6/3/25 9:15 AM:",
    "> On 3 Jun 2025, at 09:15, Desk <desk@x.example> wrote:",
    "On Tue, Jun 3, 2025 at 9:15 AM Desk <\ndesk@x.example> wrote:",
    "Le mar. 3 juin 2025 à 09:15, Desk <desk@x.example> a écrit\u00a0:",
    "3.6.2025 9:15 Desk <desk@x.example>",
    "Desk, 03.06.2025 09:15",
    'Quoting "Desk" <desk@x.example>:',
    "Citējot Desk <desk@x.example>:",
    "Zitat von Desk <desk@x.example>:",
    "wt., 3 cze 2025 o 09:15 Desk <desk@x.example> napisał(a):",
    "wt., 3 cze 2025 o 09:15 Desk <desk@x.example>\nnapisał(a):",
    "W dniu 3.06.2025 o 09:15, Desk pisze:",
    "W dniu 2025-06-03 09:15:12 użytkownik Desk <desk@x.example> napisał:",
    "Dnia 3 czerwca 2025 09:15 Desk <desk@x.example> napisał(a):",
    "вт, 3 июн. 2025 г. в 09:15, Desk <desk@x.example>:",
    "3 июня 2025 г., 9:15:12, вы писали:",
    "03.06.2025 09:15, Desk пишет:",
    "3 июня 2025 г. 9:15 пользователь Desk <desk@x.example> написал:",
    "Вторник, 3 июня 2025, 9:15 +03:00 от Desk <desk@x.example>:",
    "вт, 3 черв. 2025 р. о 09:15 Desk <desk@x.example> пише:",
    "Desk <desk@x.example> 于2025年6月3日周二 09:15写道：",
    "在 2025年6月3日，09:15，Desk <desk@x.example> 写道：",
    "在 2025-06-03 09:15:12，desk@x.example 写道：",
    "Στις Τρί 3 Ιουν 2025 στις 9:15 π.μ., ο χρήστης Desk <desk@x.example> έγραψε:",
    "Στις 3/6/2025 9:15 π.μ., ο/η Desk έγραψε:",
    "otrd., 2025. g. 3. jūn., plkst. 09:15 — lietotājs Desk (<desk@x.example>) rakstīja:",
    "2025-06-03 09:15, Desk rakstīja:",
    "Am Di., 3. Juni 2025 um 09:15 Uhr schrieb Desk <desk@x.example>:",
    "Am 03.06.2025 um 09:15 schrieb Desk:",
    "Desk <desk@x.example> schrieb am Di., 3. Juni 2025 um 09:15 Uhr:",
    "Le mar. 3 juin 2025 à 09:15, Desk <desk@x.example> a écrit :",
    "El mar, 3 jun 2025 a las 9:15, Desk (<desk@x.example>) escribió:",
    "Il giorno mar 3 giu 2025 alle ore 09:15 Desk <desk@x.example> ha scritto:",
    "Em ter., 3 de jun. de 2025 às 09:15, Desk <desk@x.example> escreveu:",
    "Op di 3 jun 2025 om 09:15 schreef Desk <desk@x.example>:",
    "Den tis 3 juni 2025 kl 09:15 skrev Desk <desk@x.example>:",
    "Den tir. 3. jun. 2025 kl. 09.15 skrev Desk <desk@x.example>:",
    "ti 3. kesäk. 2025 klo 9.15 Desk (desk@x.example) kirjoitti:",
    "út 3. 6. 2025 v 9:15 odesílatel Desk <desk@x.example> napsal:",
    "Desk <desk@x.example> ezt írta (időpont: 2025. jún. 3., K, 9:15):",
    "În mar., 3 iun. 2025 la 09:15, Desk <desk@x.example> a scris:",
    "Desk <desk@x.example>, 3 Haz 2025 Sal, 09:15 tarihinde şunu yazdı:",
    "2025年6月3日(火) 9:15 Desk <desk@x.example>:",
    "2025-06-03 9:15 GMT+03:00 Desk <desk@x.example>:",
    "3.6.2025, 9:15, Desk <desk@x.example>:",
]


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_a_trailing_quote_is_folded_with_its_introduction(introduction):
    full = f"{OWN}\n\n{introduction}\n> first\n>\n> second\n"
    found = reply_text.extract(Message(text=full))
    assert found.text == OWN
    assert found.full == full
    assert [fold.kind for fold in found.folded] == ["quote"]


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_an_empty_line_may_stand_between_introduction_and_quote(introduction):
    assert reply_text.extract(Message(text=f"{OWN}\n\n{introduction}\n\n> first\n> second")).text == OWN


# The same above a quote without marks: only what says when and who is believed.
@pytest.mark.parametrize(
    "introduction",
    [
        line
        for line in INTRODUCTIONS
        if line.endswith((":", "：")) and not line.startswith((">", "Desk", "Quoting", "Citējot", "Zitat"))
    ],
)
def test_an_unmarked_quote_is_folded_with_its_introduction(introduction):
    assert reply_text.extract(Message(text=f"{OWN}\n\n{introduction}\n\nfirst\n\nsecond")).text == OWN


HEADER_BLOCKS = [
    "From: Desk <desk@x.example>\nSent: Tuesday, June 3, 2025 9:15 AM\nTo: Jane\nSubject: Printer",
    "From: Desk\nSent: Tuesday\nTo: Jane\nSubject: Printer",
    "*From:* Desk <desk@x.example>\n*Sent:* Tuesday\n*To:* Jane\n*Subject:* Printer",
    "*From: *Desk <desk@x.example>\n*Date: *Tuesday\n*Subject: *Printer",
    "________________________________\nFrom: Desk <desk@x.example>\nSent: Tuesday\nTo: Jane\nSubject: Printer",
    "________________________________\n\nFrom: Desk <desk@x.example>\n\nSent: Tuesday\n\nTo: Jane\n\nSubject: Printer",
    "-----Original Message-----\nFrom: Desk\nSent: Tuesday\nTo: Jane\nSubject: Printer",
    "Date: Tue, 3 Jun 2025 09:15:00 +0300\nFrom: desk@x.example\nTo: jane@y.example\nSubject: Printer",
    "Subject: Printer\nTo: jane@y.example\nFrom: desk@x.example",
    "Od: Desk <desk@x.example>\nWysłano: wtorek, 3 czerwca 2025 09:15\nDo: Jane\nTemat: Drukarka",
    "Od: Desk\nData: wtorek, 3 czerwca 2025 09:15\nDo: Jane\nTemat: Drukarka",
    "От: Desk <desk@x.example>\nОтправлено: 3 июня 2025 г. 9:15\nКому: Jane\nТема: Принтер",
    "От кого: Desk\nКому: Jane\nДата: 3 июня, 9:15\nТема: Принтер",
    "Від: Desk <desk@x.example>\nНадіслано: 3 червня 2025\nКому: Jane\nТема: Принтер",
    "发件人: Desk <desk@x.example>\n发送时间: 2025年6月3日 9:15\n收件人: Jane\n主题: 打印机",
    "发件人：Desk\n发送时间：2025年6月3日\n收件人：Jane\n主题：打印机",
    "寄件者: Desk <desk@x.example>\n寄件日期: 2025年6月3日\n收件者: Jane\n主旨: 印表機",
    "Από: Desk <desk@x.example>\nΣτάλθηκε: Τρίτη, 3 Ιουνίου 2025\nΠρος: Jane\nΘέμα: Εκτυπωτής",
    "No: Desk <desk@x.example>\nNosūtīts: otrdiena, 2025. gada 3. jūnijs\nKam: Jane\nTemats: Printeris",
    "Von: Desk <desk@x.example>\nGesendet: Dienstag, 3. Juni 2025 09:15\nAn: Jane\nBetreff: Drucker",
    "De : Desk <desk@x.example>\nEnvoyé : mardi 3 juin 2025 09:15\nÀ : Jane\nObjet : Imprimante",
    "De: Desk <desk@x.example>\nEnviado el: martes\nPara: Jane\nAsunto: Impresora",
    "Da: Desk <desk@x.example>\nInviato: martedì\nA: Jane\nOggetto: Stampante",
    "Da: desk@x.example\nRisposta: desk@x.example\nData: martedì\nA: Jane\nOggetto: Stampante",
    "Van: Desk <desk@x.example>\nVerzonden: dinsdag\nAan: Jane\nOnderwerp: Printer",
    "Från: Desk <desk@x.example>\nSkickat: den 3 juni\nTill: Jane\nÄmne: Skrivare",
    "-----Ursprüngliche Nachricht-----\nVon: Desk\nBetreff: Drucker",
    "-------- Oryginalna wiadomość --------\nOd: Desk\nTemat: Drukarka",
    "-------- Исходное сообщение --------\nОт: Desk\nТема: Принтер",
    "------------------ 原始邮件 ------------------\n发件人: Desk",
    "-------- Αρχικό μήνυμα --------\nΑπό: Desk",
    "-------- Sākotnējais ziņojums --------\nNo: Desk",
    "---------- Forwarded message ---------\nFrom: Desk <desk@x.example>\nDate: Tue\nSubject: Printer",
    "##- Please type your reply above this line -##",
    "-- Odpowiedz powyżej tej linii --",
    "Begin forwarded message:\n\nFrom: Desk <desk@x.example>\nSubject: Printer",
]


@pytest.mark.parametrize("block", HEADER_BLOCKS)
def test_an_earlier_mail_below_its_header_block_is_folded(block):
    found = reply_text.extract(Message(text=f"{OWN}\n\n{block}\n\nDear Jane,\n\nold words\n"))
    assert found.text == OWN
    assert [fold.kind for fold in found.folded] == ["original"]


@pytest.mark.parametrize("block", HEADER_BLOCKS)
def test_a_forwarded_mail_without_own_words_is_kept_whole(block):
    full = f"{block}\n\nDear Jane,\n\nold words"
    found = reply_text.extract(Message(text=full))
    assert found.text == full
    assert found.folded == ()


SIGNATURES = [
    "-- \nJane Roe\nExample Ltd",
    "--\nJane Roe\nExample Ltd",
    "—\nJane Roe",
    "Sent from my iPhone",
    "Sent from Outlook for Android",
    "Get Outlook for iOS",
    "Get Outlook for iOS <https://aka.ms/o0ukef>",
    "Sent from Mailspring (https://getmailspring.com/), the best free email app for work",
    "Yahoo Mail: Search, Organize, Conquer <https://mail.onelink.me/1>",
    "Wysłane z iPhone'a",
    "Wysłane z programu Outlook dla systemu Android",
    "Отправлено с iPhone",
    "Отправлено из мобильной Почты Mail.ru",
    "Отправлено из Яндекс Почты для Android",
    "发自我的iPhone",
    "发自我的华为手机",
    "从我的 iPhone 发送",
    "Στάλθηκε από το iPhone μου",
    "Nosūtīts no mana iPhone",
    "Von meinem iPhone gesendet",
    "Gesendet von meinem Samsung Galaxy Smartphone.",
    "Envoyé de mon iPhone",
    "Enviado desde mi iPhone",
    "Inviato da iPhone",
    "Enviado do meu iPhone",
    "Verstuurd vanaf mijn iPhone",
    "Skickat från min iPhone",
    "Sent with Proton Mail secure email.",
]


@pytest.mark.parametrize("signature", SIGNATURES)
@pytest.mark.parametrize(
    "rest",
    [
        "",
        "\n\nOn 03.06.2025 09:15, Desk wrote:\n> old",
        "\n\n-----Original Message-----\nFrom: Desk\nSubject: x\n\nold",
    ],
)
def test_signatures_are_folded(signature, rest):
    found = reply_text.extract(Message(text=f"{OWN}\n\n{signature}{rest}"))
    assert found.text == OWN
    assert "signature" in [fold.kind for fold in found.folded]


DISCLAIMERS = [
    "CONFIDENTIALITY NOTICE: This e-mail is for the addressee only.",
    "This email and any attachments are confidential and intended solely for the\naddressee.",
    "Please consider the environment before printing this e-mail.",
    "Niniejsza wiadomość jest przeznaczona wyłącznie dla adresata.",
    "Данное сообщение является конфиденциальным.",
    "本邮件及其附件含有保密信息。",
    "Το παρόν μήνυμα είναι εμπιστευτικό.",
    "Šis e-pasts ir konfidenciāls.",
    "Diese E-Mail enthält vertrauliche Informationen.",
    "Ce message et ses pièces jointes sont confidentiels.",
    "This email is confidential.\n\nAny unauthorised disclosure or copying by other than the recipient is prohibited.",
]


@pytest.mark.parametrize("disclaimer", DISCLAIMERS)
def test_disclaimers_are_folded(disclaimer):
    found = reply_text.extract(Message(text=f"{OWN}\n\n{disclaimer}"))
    assert found.text == OWN
    assert [fold.kind for fold in found.folded] == ["disclaimer"]


FOOTERS = [
    "_______________________________________________\nusers mailing list\nusers@lists.example",
    '-- \nYou received this message because you are subscribed to the Google Groups\n"users" group.',
    "-----",
    "__________",
    "=====\n",
]


@pytest.mark.parametrize("footer", FOOTERS)
def test_footers_and_left_over_rules_are_folded(footer):
    assert reply_text.extract(Message(text=f"{OWN}\n\n{footer}")).text == OWN


KEPT = [
    # whole texts of which every line is the author's
    "Hello",
    "Hello,\n\nmy printer is broken.\n\nKind regards,\nJane Roe\nExample Ltd",
    "> quoted question\n\nmy answer",
    "first\n\n> one\n\nanswer one\n\n> two\n\nanswer two",
    "Please book:\nFrom: Riga\nTo: London\nDate: 5 May",
    "From: Riga\nTo: London\nDate: 5 May\n\nTwo persons.",
    "Temperature -- too high.\n\nWhat now?",
    "I wrote:\n\nthe printer is broken.",
    "My colleague wrote: it works.",
    "The log says:\n\n10:22 started\n10:23 stopped",
    "On Monday I wrote:\nnothing helps",
    "I have sent from my phone a picture yesterday, did you get it?",
    "The text on the label reads\n\nThis is not a disclaimer\n\nand nothing else",
    "a\n---\nb",
    "Name | Price\n-----|------\nA | 5\n\nIs that right?",
    "Subject: of my thesis\nis the printer",
    "Steps:\n1. open\n2. print\n\nResult: error E42",
    "Von: hier\nbis dort",
    "De : Lyon\nÀ : Lille\nDate : vendredi 8 mars\nObjet : déménagement\n\nPouvez-vous me faire un devis ?",
    "From: the station\nTo: the museum\nSubject: art lessons\n\nWhat does it cost?",
    "Please forward my mail\nfrom: old@x.example\nto: new@x.example",
    "The meeting\nOd: 3.6.2025 10:00\nDo: 5.6.2025 18:00\n\nPlease book.",
    "The new prices\n\n--- Original price list ---\n\nA 5",
    "On Monday 3 June I sent a mail.\n\nThen I waited until 10:30.\n\nSent by courier: two boxes.",
    "Lähetetty eilen",
    "Guten Tag,\n\nBitte prüfen Sie meine Rechnung.",
    "Dag,\n\nDit bericht krijg ik steeds.",
    "Buongiorno,\n\nQuesto messaggio appare ogni volta.",
    "> only a quote",
    "-- \nonly a signature",
    "Hello\n\nThis message is confidential.\n\nPlease call me",
    "Legal notice: I hereby terminate my contract.",
    "Meeting 3.6.2025 9:15, Anna <a@b.example>:\nplease come",
    "See my order of 03.06.2025 09:15 please\n> and this\nagain",
    "Sent from my iPhone",
    "",
    "\n\n",
]


@pytest.mark.parametrize("text", KEPT)
def test_what_people_write_stays(text):
    found = reply_text.extract(Message(text=text))
    assert found.text == text.strip("\n").rstrip()
    assert found.folded == ()


def test_only_the_last_quote_goes_when_answers_stand_between():
    text = "> one\n\nanswer one\n\n> two\n\nanswer two\n\n> regards\n> Desk\n"
    found = reply_text.extract(Message(text=text))
    assert found.text == "> one\n\nanswer one\n\n> two\n\nanswer two"
    assert [(fold.kind, fold.first, fold.last) for fold in found.folded] == [("quote", 9, 11)]


def test_answers_between_marked_quotes_below_a_header_block_stay():
    head = "-----Original Message-----\nFrom: Desk\nSubject: x"
    text = f"{head}\n\n> one\n> more\n> more\n> more\n> more\n\nanswer one\n\n> two"
    assert "answer one" in reply_text.extract(Message(text=text)).text


def test_a_long_quote_of_the_whole_mail_above_the_answer_is_folded():
    quote = "\n".join(f"> line {number}" for number in range(30))
    found = reply_text.extract(Message(text=f"On 03.06.2025 09:15, Desk wrote:\n{quote}\n\nmy answer"))
    assert found.text == "my answer"
    assert [(fold.kind, fold.first, fold.last) for fold in found.folded] == [("quote", 1, 31)]


def test_a_quote_above_the_answer_is_folded_when_it_is_introduced():
    found = reply_text.extract(Message(text="On 03.06.2025 09:15, Desk wrote:\n> question\n\nmy answer"))
    assert found.text == "my answer"
    assert [(fold.kind, fold.first, fold.last) for fold in found.folded] == [("quote", 1, 2)]


def test_a_quote_above_an_answer_stays_when_another_follows():
    text = "On 03.06.2025 09:15, Desk wrote:\n> question\n\nmy answer\n\n> more"
    assert reply_text.extract(Message(text=text)).text == text.removesuffix("\n\n> more")


@pytest.mark.parametrize(
    "own",
    ["Please see my answers below in red.", "Hallo,\n\nAntworten unten.", "Mes réponses ci-dessous.", "Ответы ниже."],
)
def test_answers_that_are_said_to_stand_in_an_unmarked_copy_are_shown(own):
    text = f"{own}\n\nFrom: Desk <desk@x.example>\nSent: Tuesday\nSubject: x\n\nWhich size?\n\nLarge."
    assert reply_text.extract(Message(text=text)).text == text


def test_everything_at_once_is_folded_piece_by_piece():
    text = (
        f"{OWN}\n\n-- \nJane Roe\nExample Ltd\n\nThis email is confidential.\n\n"
        "On 03.06.2025 09:15, Desk wrote:\n> old\n\n"
        "_______________________________________________\nusers mailing list\nu@l.example"
    )
    found = reply_text.extract(Message(text=text))
    assert found.text == OWN
    assert [fold.kind for fold in found.folded] == ["signature", "disclaimer", "quote", "footer"]


MARKED = [
    # text made from HTML, what HTML said, what is shown
    ("mine\n\nOn x wrote:\n\n> old", (Mark("quote", 3, 5),), "mine"),
    ("mine\n\nDesk, heute\n\n> old", (Mark("quote", 3, 5),), "mine"),
    ("mine\n\nold words\nmore", (Mark("quote", 3, 4),), "mine"),
    ("mine\n\nFrom x\n\nold words", (Mark("original", 3, 3),), "mine"),
    ("mine\n\n--------------------\nFrom x\n\nold words", (Mark("original", 4, 4),), "mine"),
    ("mine\n\nJane\nLtd", (Mark("signature", 3, 4),), "mine"),
    ("mine\n\nJane\nLtd\n\n> old", (Mark("signature", 3, 4), Mark("quote", 6, 6)), "mine"),
    ("mine\n\nJane\nLtd\n\nmore of mine", (Mark("signature", 3, 4),), "mine\n\nJane\nLtd\n\nmore of mine"),
    ("From x\n\nold words", (Mark("original", 1, 1),), "From x\n\nold words"),
    ("> one\n\nanswer\n\n> two", (Mark("quote", 1, 5),), "> one\n\nanswer"),
]


@pytest.mark.parametrize(("text", "marks", "shown"), MARKED)
def test_what_clients_mark_in_html(text, marks, shown):
    assert reply_text.extract(Message(text=text, html="<p>", marks=marks)).text == shown


_GMAIL = (
    '<div class="gmail_quote gmail_quote_container"><div class="gmail_attr">On Fri, D wrote:<br></div>'
    '<blockquote class="gmail_quote">old one<br>old two</blockquote></div>'
)
HTML = [
    (f"{_GMAIL}<div>My answer</div>", "My answer"),
    (f'<div>Mine</div>-- <br><div class="gmail_signature">Jane<br>Ltd</div><br>{_GMAIL}', "Mine"),
    (
        (
            '<div class="gmail_quote">---------- Forwarded message ---------<br>From: d@x.example<br>Subject: x<br>'
            "<br>old</div>"
        ),
        "---------- Forwarded message ---------\nFrom: d@x.example\nSubject: x\n\nold",
    ),
    (
        (
            '<div class="gmail_quote"><div>On Fri, D wrote:</div><blockquote>q1</blockquote><div>A1</div>'
            "<blockquote>q2</blockquote><div>A2</div></div>"
        ),
        "On Fri, D wrote:\n\n> q1\n\nA1\n\n> q2\n\nA2",
    ),
    (
        (
            '<blockquote type="cite">q1</blockquote>A1<blockquote type="cite">q2</blockquote>A2'
            '<blockquote type="cite">rest</blockquote>'
        ),
        "> q1\n\nA1\n\n> q2\n\nA2",
    ),
    (
        (
            '<p>Antworten unten.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3pt 0cm 0cm 0cm">'
            "Von: D</div><p>Frage?</p><p>Ja.</p>"
        ),
        "Antworten unten.\n\nVon: D\n\nFrage?\n\nJa.",
    ),
    ("<p>Mine</p><blockquote>famous words</blockquote><p>Jane</p>", "Mine\n\n> famous words\n\nJane"),
]


@pytest.mark.parametrize(("html", "shown"), HTML)
def test_html_answers_above_below_and_between_quotes(html, shown):
    made = html_text.convert(html)
    assert reply_text.extract(Message(text=made.text, html=html, marks=made.marks)).text == shown


def test_marks_beyond_the_text_do_no_harm():
    for kind in ("quote", "original", "signature", "unheard-of"):
        assert reply_text.extract(Message(text="a\nb", marks=(Mark(kind, 50, 90),))).text == "a\nb"


@given(st.text(alphabet="ab >-\n:@", max_size=200))
def test_lines_are_neither_lost_nor_changed(text):
    found = reply_text.extract(Message(text=text))
    hidden = {number for fold in found.folded for number in range(fold.first, fold.last + 1)}
    shown = [line for number, line in enumerate(found.full.split("\n"), 1) if number not in hidden]
    assert found.full == text
    assert found.text == "\n".join(shown).strip("\n").rstrip()


_LINES = st.sampled_from(
    (
        *(
            "",
            "mine",
            "> old",
            ">> older",
            "-- ",
            "-----",
            "Jane",
            "Sent from my iPhone",
            "This email is confidential.",
        ),
        *(
            "On 03.06.2025 09:15, Desk wrote:",
            "Desk <desk@x.example>",
            "<desk@x.example",
            "> wrote:",
            "From: d@x.example",
        ),
        *(
            "Subject: x",
            "-----Original Message-----",
            ">>> Desk 3.6.2025 9:15 >>>",
            "_" * 40,
            "https://x.example",
            " \t",
        ),
    )
)
_MARKS = st.builds(Mark, st.sampled_from(("quote", "original", "signature")), st.integers(1, 30), st.integers(1, 40))


@given(st.lists(_LINES, max_size=30), st.lists(_MARKS, max_size=4))
def test_folds_are_ascending_and_disjoint_and_leave_the_text(lines, marks):
    full = "\n".join(lines)
    found = reply_text.extract(Message(text=full, marks=tuple(marks)))
    ends = [0, *(number for fold in found.folded for number in (fold.first, fold.last))]
    assert all(fold.first <= fold.last for fold in found.folded)
    assert all(before < after for before, after in zip(ends[0::2], ends[1::2], strict=False))
    assert ends[-1] <= len(full.split("\n"))
    hidden = {number for fold in found.folded for number in range(fold.first, fold.last + 1)}
    shown = [line for number, line in enumerate(full.split("\n"), 1) if number not in hidden]
    assert found.text == "\n".join(shown).strip("\n").rstrip()
    assert bool(found.text.strip()) == bool(full.strip())


@pytest.mark.parametrize(
    "piece",
    [
        *(
            ">",
            "> x\n",
            "<a\n> x:\n",
            "on 3 june 2025 at: x@y:\n",
            "from: a@b\n\n",
            ">>> a 3.6.2025 9:15\n",
            "-" * 300 + "\n",
        ),
        *(
            "--original message" + " x" * 40 + "\n",
            "On 3.6.2025 9:15 a wrote:\n> x\ntext\n",
            "\n",
            "\u202e:\n",
            "a " * 200 + ":\n",
        ),
        *("this email is confidential\n\n", "Sent from my iPhone\n", "https://x.example\n", "__\n"),
    ],
)
def test_time_does_not_grow_faster_than_the_text(piece):
    def seconds(size):
        started = time.process_time()
        reply_text.extract(Message(text=(piece * (size // len(piece)))[:size]))
        return time.process_time() - started

    assert seconds(400_000) < 0.5 or seconds(400_000) < 8 * seconds(100_000)
