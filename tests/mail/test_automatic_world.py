"""Automatic mail as the world's programs write it, in many languages; and people's mail that resembles it."""

import pytest

from gateway.mail import automatic
from gateway.mail.automatic import AutomaticKind
from gateway.mail.envelope import Envelope
from gateway.mail.parse import parse


def _read(head, body="Hello, my printer is broken.", mail_from=None):
    fields = head if "From:" in head else f"From: Jane <jane@customer.example>\n{head}"
    raw = f"{fields.strip()}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
    return automatic.read(parse(raw.encode()), Envelope(mail_from, ()))


# language: (subject, text) of an answer without a telling field
AWAY = {
    "en": ("Automatic reply: Your order", "I am out of the office until 4 July. For urgent matters write to Ann."),
    "en, domino": (
        "Jane Doe is out of the office.",
        "I will be out of the office starting 1 July and will not return until 4 July.",
    ),
    "de": (
        "Abwesenheitsnotiz: Ihr Auftrag",
        "Ich bin bis 4. Juli nicht im Büro. In dringenden Fällen wenden Sie sich an Ann.",
    ),
    "fr": ("Réponse automatique : Votre commande", "Je suis absente du bureau jusqu'au 4 juillet."),
    "es": ("Respuesta automática: Su pedido", "Estoy fuera de la oficina hasta el 4 de julio."),
    "it": ("Risposta automatica: Il vostro ordine", "Sono in ferie fino al 4 luglio."),
    "pt": ("Resposta automática: Seu pedido", "Estou de férias até 4 de julho."),
    "nl": ("Automatisch antwoord: Uw bestelling", "Ik ben tot 4 juli niet op kantoor."),
    "da": ("Autosvar: Din ordre", "Jeg holder ferie til 4. juli."),
    "sv": ("Automatiskt svar: Din beställning", "Jag är på semester till 4 juli."),
    "nb": ("Automatisk svar: Din bestilling", "Jeg er på ferie til 4. juli."),
    "fi": ("Automaattinen vastaus: Tilauksesi", "Olen lomalla 4. heinäkuuta asti."),
    "et": ("Automaatvastus: Teie tellimus", "Olen puhkusel kuni 4. juulini."),
    "lv": ("Automātiska atbilde: Jūsu pasūtījums", "Līdz 4. jūlijam esmu atvaļinājumā."),
    "lt": ("Automatinis atsakymas: Jūsų užsakymas", "Iki liepos 4 d. atostogauju."),
    "pl": ("Odpowiedź automatyczna: Zamówienie", "Do 4 lipca przebywam na urlopie."),
    "cs": ("Automatická odpověď: Vaše objednávka", "Do 4. července čerpám dovolenou."),
    "sk": ("Automatická odpoveď: Vaša objednávka", "Do 4. júla som na dovolenke."),
    "hu": ("Automatikus válasz: Rendelés", "Július 4-ig szabadságon vagyok."),
    "ro": ("Răspuns automat: Comanda", "Sunt în concediu până pe 4 iulie."),
    "bg": ("Автоматичен отговор: Поръчка", "До 4 юли съм в отпуск."),
    "ru": ("Автоматический ответ: Заказ", "До 4 июля я в отпуске, по срочным вопросам пишите Анне."),
    "uk": ("Автоматична відповідь: Замовлення", "До 4 липня я у відпустці."),
    "hr": ("Automatski odgovor: Narudžba", "Do 4. srpnja sam na godišnjem odmoru."),
    "sl": ("Samodejni odgovor: Naročilo", "Do 4. julija sem na dopustu."),
    "el": ("Αυτόματη απάντηση: Παραγγελία", "Απουσιάζω από το γραφείο έως τις 4 Ιουλίου."),
    "tr": ("Otomatik yanıt: Sipariş", "4 Temmuz'a kadar izindeyim."),
    "he": ("תשובה אוטומטית: הזמנה", "אני בחופשה עד 4 ביולי."),
    "ar": ("رد تلقائي: الطلب", "أنا في إجازة حتى 4 يوليو."),
    "zh": ("自动回复: 订单", "我正在休假，7月4日回来。"),
    "zh-Hant": ("自動回覆: 訂單", "我目前外出，如有急事請聯絡安。"),
    "ja": ("自動応答: ご注文", "7月4日まで休暇中です。"),
    "ko": ("자동 회신: 주문", "7월 4일까지 휴가입니다."),
    "vi": ("Trả lời tự động: Đơn hàng", "Tôi đang nghỉ phép đến ngày 4 tháng 7."),
    "th": ("ตอบกลับอัตโนมัติ: คำสั่งซื้อ", "ลาพักร้อนถึงวันที่ 4"),
    "id": ("Balasan otomatis: Pesanan", "Saya sedang cuti sampai 4 Juli."),
}


@pytest.mark.parametrize("language", AWAY)
def test_absence_is_known_by_subject_and_text_together(language):
    subject, text = AWAY[language]
    assert _read(f"Subject: {subject}", text).kind is AutomaticKind.OUT_OF_OFFICE


@pytest.mark.parametrize("language", AWAY)
def test_neither_of_them_alone_takes_a_mail_from_a_person(language):
    subject, text = AWAY[language]
    if language != "en, domino":
        assert _read(f"Subject: {subject}").kind is None
    assert _read("Subject: Your order", text).kind is None
    assert _read(f"Subject: Re: {subject}", f"> {text}\n\nThank you, I shall wait.").kind is None
    assert _read(f"Subject: Fwd: {subject}", f"Please see below.\n\n{text}").kind is None


@pytest.mark.parametrize("language", AWAY)
def test_an_answer_marked_as_automatic_is_an_absence_by_its_text_alone(language):
    assert _read("Subject: Re: Your order\nAuto-Submitted: auto-replied", AWAY[language][1]).kind is (
        AutomaticKind.OUT_OF_OFFICE
    )


MACHINES = [
    ("X-Vendor-Auto-Reply: 1", "automatic"),
    ("X-Autoresponder-Revision: 3", "automatic"),
    ("X-Yandex-Autoreply: yes", "automatic"),
    ("Auto-Replied: yes", "automatic"),
    ("X-ServiceNow-Generated: true", "automatic"),
    ("X-Gerrit-MessageType: comment", "automatic"),
    ("X-List-Administrivia: yes\nList-Id: <l.example>", "automatic"),
    ("X-MS-Exchange-Generated-Message-Source: Journal Agent", "automatic"),
    ("X-OTRS-Loop: yes\nPrecedence: bulk", "automatic"),
    ("From: calendar-notification@site.example\nSubject: x\nAuto-Submitted: auto-generated", "automatic"),
    ("From: forms-receipts-noreply@site.example", "automatic"),
    ("From: no.reply@site.example", "automatic"),
    ("From: nao-responda@site.example", "automatic"),
    ("From: noreply@shop.example\nReply-To: support@shop.example", "automatic"),
    ("From: noreply@shop.example\nReply-To: noreply@shop.example", "automatic"),
    ("From: root@server.example\nSubject: Cron <root@server> run-parts", "automatic"),
    ("From: nagios@server.example\nSubject: ** PROBLEM Host Alert: x is DOWN **", "automatic"),
    ("From: x@y.example\nX-Mailer: Logwatch 7.4", "automatic"),
    ("List-Unsubscribe: <x>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click", "newsletter"),
    ("List-Unsubscribe: <x>\nX-Mailer: MailChimp Mailer", "newsletter"),
    ("From: newsletter@shop.example\nList-Unsubscribe: <x>", "newsletter"),
    ("X-Mailin-Campaign: 4\nFeedback-ID: 1:2:3:x\nPrecedence: bulk", "newsletter"),
    ("List-Id: <news>\nList-Post: NO\nList-Unsubscribe: <x>\nPrecedence: bulk", "newsletter"),
    ("Sender: owner-users@lists.example\nPrecedence: bulk", "list"),
    ("X-BeenThere: users@lists.example\nPrecedence: list", "list"),
    ("List-Post: <mailto:u@l.example>\nList-Archive: <x>", "list"),
    ("X-Google-Group-Id: 1\nMailing-List: list u@l.example", "list"),
    ("From: MAILER-DAEMON\nSubject: anything", "delivery-report"),
    ("From: <MAILER-DAEMON>\nSubject: anything", "delivery-report"),
    ("From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@x.example>", "delivery-report"),
    ("From: staff@hotmail.example\nSubject: complaint about message from 192.0.2.1", None),
    ("From: scomp@mail.example\nSubject: Email Feedback Report for IP 192.0.2.1\nX-Loop: scomp", "abuse-report"),
    ("From: 123456789@reports.spamcop.example\nX-SpamCop-SourceIP: 192.0.2.1", "abuse-report"),
]


@pytest.mark.parametrize(("head", "kind"), MACHINES)
def test_machines_are_known(head, kind):
    fields = head if "Subject:" in head else f"{head}\nSubject: x"
    assert _read(fields, "Some words.").kind == kind


TEXTS = [
    # head, text, kind
    (
        "Subject: [x #1] AutoReply: Printer\nX-RT-Loop-Prevention: x\nPrecedence: bulk",
        "This message has been automatically generated in response\nto the creation of a trouble ticket.",
        "automatic",
    ),
    (
        "From: support@shop.example\nSubject: Automatic reply: question",
        "Thank you for contacting us. We have received your message.\nThis is an automated message.",
        "automatic",
    ),
    ("From: notifications@site.example\nSubject: x", "This is an automated message, please do not reply.", "automatic"),
    (
        "Subject: Please confirm your message",
        "My mailbox is protected by X. Click the link below to confirm.",
        "automatic",
    ),
    (
        "From: news@shop.example\nList-Unsubscribe: <x>\nSubject: Sale",
        "View this email in your browser\n\nSale!\n\nUnsubscribe",
        "newsletter",
    ),
    (
        "From: fbl@isp.example\nSubject: Abuse report",
        "This is an email abuse report for an email message received from IP 192.0.2.1.",
        "abuse-report",
    ),
    (
        "Subject: Return Receipt",
        "Return Receipt\n\nYour document: x\nwas received by: Bob\n\nThis is a Return Receipt.",
        None,
    ),
    (
        "Subject: Read: your offer",
        "Your message was read on Tuesday, June 3, 2025 10:00:00 AM.",
        None,
    ),
    ("From: a@b.example\nSubject: Sale", "Buy now. Unsubscribe here.", None),
]


@pytest.mark.parametrize(("head", "text", "kind"), TEXTS)
def test_what_texts_say_of_themselves(head, text, kind):
    if "Return" in head or "Read:" in head:
        # Two weak signs; the null reverse-path that such mail has decides.
        assert _read(head, text, mail_from="").kind is AutomaticKind.READ_RECEIPT
    else:
        assert _read(head, text).kind == kind


BOUNCE = "This is the mail system at host mx.example.\n\n<bob@x.example>: user unknown"
HEAD = "Received: from a by b\nMessage-ID: <x@y.example>\nSubject: offer\n\nHello"
PEOPLE = [
    ("Subject: Fwd: Undelivered Mail Returned to Sender", f"Why?\n\n{BOUNCE}\n\n{HEAD}"),
    ("Subject: WG: Unzustellbar: Angebot", f"Was ist das?\n\n{BOUNCE}"),
    ("Subject: bounce", f"I got this, what does it mean?\n\n{BOUNCE}"),
    ("Subject: bounce\nUser-Agent: Mozilla Thunderbird", f"{BOUNCE}\n\n{HEAD}"),
    ("Subject: Undelivered Mail Returned to Sender\nX-Mailer: Apple Mail (2.3)", f"{BOUNCE}\n\n{HEAD}"),
    ("Subject: Undeliverable mail to your sales team", "My mail to sales@desk.example was not delivered. Please help."),
    ("Subject: Re: Undeliverable: offer", f"This came back.\n\n> {BOUNCE}"),
    ("Subject: Mail delivery failed, help", f"> {BOUNCE}\n\nWhat is this?"),
    ("Subject: question", "Your mails say: this is an automated message, please do not reply. How do I reply then?"),
    ("Subject: How do I unsubscribe?", "Please unsubscribe me from the newsletter. I do not want it any more."),
    ("Subject: abuse report", "I want to report spam from one of your servers, it was reported as spam by us."),
    ("Subject: Accepted: your offer of Monday", "We accept your offer."),
    ("Subject: FW: invoice\nX-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", "Please pay."),
    ("Subject: FW: invoice\nX-MS-Exchange-Inbox-Rules-Loop: jane@customer.example", "Please pay."),
    ("Subject: Vacation next week", "I will be on vacation next week, please call Bob instead."),
    ("Subject: x\nX-Auto-Response-Suppress: All", "Printer broken."),
    ("Subject: x\nX-Auto-Reply-Suppress: yes", "Printer broken."),
    ("Subject: x\nX-Zendesk-From-Account-Id: 1", "We have looked into it, Bob from the other company."),
    ("Subject: x\nList-Unsubscribe: <x>\nFeedback-ID: 1", "Hello, I am Bob of the sales team."),
    ("From: NDR <ndr@radio.example>\nSubject: question", "Hello"),
    ("Subject: Auto: Rechnung", "Ich bin bis Montag im Urlaub, bitte senden Sie die Rechnung per Post."),
    ("Subject: Re: x", ("I am on vacation until Monday.\n\nFrom: Desk <desk@desk.example>\nSent: Monday\n\n"
     "This is an automated message, please do not reply. We have received your request.")),
    ("Subject: Re: x", ("Ich bin im Urlaub.\n\nAm 3. Juni 2025 um 10:00 schrieb Desk <desk@desk.example>:\n"
     "Dies ist eine automatische Antwort.")),
    ("From: noreply@desk.example\nReply-To: jane@customer.example\nSubject: Contact form", "Name: Jane\nMessage: Help"),
    ("From: Jane via form <no-reply@forms.example>\nReply-To: Jane <jane@customer.example>\nSubject: Form", "Help"),
    ("From: System Administrator <sysadmin@customer.example>\nSubject: mail problem",
     "Our mail to you could not be delivered since Monday."),
    ("From: Bob Daemon <daemon.bob@customer.example>\nSubject: x", "Hello"),
    ("From: Andrew Bouncer <bouncer@customer.example>\nSubject: failed: print job", "It could not be delivered."),
    ("Subject: Out of office not working",
     "My out of office message is not sent. When I return from holiday I need it. How do I set the automatic reply?"),
    ("Subject: Abwesenheitsnotiz funktioniert nicht",
     "Ich bin ab Montag im Urlaub und brauche die automatische Antwort. Was muss ich einstellen?"),
    ("Subject: Réponse automatique Outlook", "Comment configurer la réponse automatique ? Je suis en vacances demain."),
    ("Subject: Автоответ не работает", "Я в отпуске с понедельника, помогите, не работает автоответ."),
    ("Subject: 自动回复设置问题", "您好，请问怎么设置自动回复？我下周休假。"),
]  # fmt: skip


@pytest.mark.parametrize(("head", "text"), PEOPLE)
@pytest.mark.parametrize("mail_from", [None, "jane@customer.example"])
def test_people_stay_people(head, text, mail_from):
    assert _read(head, text, mail_from).kind is None


def test_an_invitation_is_named_in_the_trace_but_stays_a_persons():
    raw = "From: x@y.example\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR\n"
    found = automatic.read(parse(raw.encode()), Envelope(None, ()))
    assert found.kind is None
    assert ("calendar method request", 0) in [(signal.name, signal.points) for signal in found.signals]


def test_what_a_mail_program_wrote_speaks_against_a_report():
    found = _read("Subject: x\nUser-Agent: Mozilla Thunderbird")
    assert [(signal.name, signal.points) for signal in found.signals] == [("written with a mail program", -60)]


@pytest.mark.parametrize("field", ["X-RT-Loop-Prevention: x", "X-Zendesk-From-Account-Id: 1", "X-Zammad-System: yes"])
def test_another_ticket_system_is_not_answered_by_machine(field):
    assert "ticket system" in _read(f"Subject: x\n{field}").suppresses_reply


HOSTILE = ["auto-" * 100_000, "a: b\n" * 100_000, "** " * 100_000, "[x] " * 100_000, "final-recipient:\n" * 50_000]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_and_fields(text):
    one_line = text.replace("\n", " ")
    assert _read(f"Subject: {one_line}\nX-Auto-Reply: {one_line}\nUser-Agent: {one_line}", text).signals
