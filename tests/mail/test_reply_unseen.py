"""Answers written down only after the rules were done, in the shapes that programs give them.

Their first run is the honest figure; the rules were mended afterwards.
"""

# ruff: noqa: E501 lines of mail are as long as they are

import pytest

from gateway.mail import html_text, reply_text
from gateway.mail.message import Message

OLD = "Dear customer,\n\nhave you tried to switch it off and on again?\n\nYour desk"
MARKED = "\n".join(f"> {line}".rstrip() for line in OLD.split("\n"))

BELOW = {
    "gmail-en-12h-narrow-space": f"On Fri, Nov 21, 2025 at 4:05\u202fPM Help Desk <help@desk.example> wrote:\n\n{MARKED}",
    "gmail-de-list": "Am Fr., 21. Nov. 2025 um 16:05 Uhr schrieb Anna Müller via Verein <\n"
    f"verein@lists.example>:\n\n{MARKED}",
    "apple-fr": f"> Le 21 nov. 2025 à 16:05, Service Client <help@desk.example> a écrit :\n> \n{MARKED}",
    "apple-zh": f"> 2025年11月21日 下午4:05，客服中心 <help@desk.example> 写道：\n> \n{MARKED}",
    "apple-ar-digits": f"في ٢١ نوفمبر ٢٠٢٥، الساعة ٤:٠٥ م، كتب مكتب الدعم <help@desk.example>:\n\n{OLD}",
    "thai-buddhist": f"เมื่อ ศ. 21 พ.ย. 2568 เวลา 16:05 ฝ่ายบริการ <help@desk.example> เขียนว่า:\n\n{OLD}",
    "thunderbird-ja": f"On 2025/11/21 16:05, 佐藤 健 wrote:\n{MARKED}",
    "thunderbird-sl": f"Dne 21. 11. 2025 ob 16:05 je Help Desk napisal(a):\n{MARKED}",
    "zoho": f"---- On Fri, 21 Nov 2025 16:05:12 +0100 Help Desk <help@desk.example> wrote ---\n\n{OLD}",
    "zoho-old": f' ---- On Fri, 21 Nov 2025 16:05:12 +0100 "Help Desk"<help@desk.example> wrote ---- \n\n{OLD}',
    "groupwise": f">>> Help Desk <help@desk.example> 21/11/2025 16:05 >>>\n{OLD}",
    "notes": "-----jane@firm.example wrote: -----\nTo: jane@firm.example\nFrom: help@desk.example\n"
    f"Date: 11/21/2025 04:05PM\nSubject: Router\n\n{OLD}",
    "notes-de": f"Von:    Help Desk/Firma@FIRMA\nAn:     Jane Roe/Firma@FIRMA\nDatum:  21.11.2025 16:05\nBetreff: Router\n\n{OLD}",
    "zimbra": '----- Original Message -----\nFrom: "Help Desk" <help@desk.example>\nTo: "Jane" <jane@x.example>\n'
    f"Sent: Friday, November 21, 2025 4:05:12 PM\nSubject: Router\n\n{OLD}",
    "zimbra-it": '----- Messaggio originale -----\nDa: "Desk" <help@desk.example>\nA: "Jane" <jane@x.example>\n'
    f"Inviato: Venerdì, 21 novembre 2025 16:05:12\nOggetto: Router\n\n{OLD}",
    "yahoo-en-unmarked": f"    On Friday, November 21, 2025 at 04:05:12 PM GMT+1, Help Desk <help@desk.example> wrote:  \n \n {OLD}",
    "yahoo-cc": f"________________________________\n From: Help Desk <help@desk.example>\nTo: jane@x.example \n"
    f"Sent: Friday, November 21, 2025 4:05 PM\nSubject: Router\n \n{OLD}",
    "outlook-da": f"Fra: Help Desk <help@desk.example>\nSendt: 21. november 2025 16:05\nTil: Jane <jane@x.example>\n"
    f"Emne: Router\n\n{OLD}",
    "outlook-hu-bold": "*Feladó:* Help Desk <help@desk.example>\n*Elküldve:* 2025. november 21., péntek 16:05\n"
    f"*Címzett:* Jane\n*Tárgy:* Router\n\n{OLD}",
    "outlook-tr": f"Kimden: Help Desk\nGönderildi: 21 Kasım 2025 Cuma 16:05\nKime: Jane\nKonu: Router\n\n{OLD}",
    "outlook-ko": f"보낸 사람: 고객센터 <help@desk.example>\n보낸 날짜: 2025년 11월 21일 금요일 오후 4:05\n받는 사람: 김민수\n제목: 공유기\n\n{OLD}",
    "outlook-el-long": "Από: Help Desk [mailto:help@desk.example]\nΣτάλθηκε: Παρασκευή, 21 Νοεμβρίου 2025 4:05 μμ\nΠρος: Jane;\n"
    f" John; Jack\nΚοιν.: Boss\nΘέμα: Router\n\n{OLD}",
    "outlook-lt": f"Nuo: Help Desk <help@desk.example>\nIšsiųsta: penktadienis, 2025 m. lapkričio 21 d. 16:05\nKam: Jane\n"
    f"Tema: Router\n\n{OLD}",
    "yandex-ru": f'21.11.2025, 16:05, "Служба поддержки" <help@desk.example>:\n\n{OLD}',
    "mailru": f"Пятница, 21 ноября 2025, 16:05 +03:00 от Служба поддержки <help@desk.example>:\n \n{OLD}",
    "onet": f"W dniu 2025-11-21 16:05:12 użytkownik Biuro &lt;help@desk.example&gt; napisał:\n{MARKED}",
    "o2pl": f"Dnia 21 listopada 2025 16:05 Biuro &lt;help@desk.example&gt; napisał(a):\n\n{OLD}",
    "interia": f'Od: "Biuro" <help@desk.example>\nDo: "Jan" <jan@x.example>;\nWysłane: 16:05 Piątek 2025-11-21\nTemat: Router\n\n{OLD}',
    "163": f'At 2025-11-21 16:05:12, "Help Desk" <help@desk.example> wrote:\n{MARKED}',
    "foxmail": f"help@desk.example\n \n发件人： 客服\n发送时间： 2025-11-21 16:05\n收件人： jane\n主题： 路由器\n{OLD}",
    "k9": f"Am 21. November 2025 16:05:12 MEZ schrieb Help Desk <help@desk.example>:\n{MARKED}",
    "k9-signed": f"Jane\n-- \nDiese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.\n\nAm 21. November 2025 16:05:12 MEZ schrieb D <d@x.example>:\n{MARKED}",
    "blackberry": f"Sent from my BlackBerry 10 smartphone.\nFrom: Help Desk\nSent: Friday, November 21, 2025 16:05\nTo: Jane\nSubject: Router\n\n{OLD}",
    "windows-mail-fr": "Provenance : Courrier pour Windows 10\n\nDe : Help Desk\nEnvoyé le :vendredi 21 novembre 2025 16:05\n"
    f"À : Jane\nObjet :Router\n\n{OLD}",
    "outlook-android-nl": f"Outlook voor Android downloaden<https://aka.ms/AAb9ysg>\n________________________________\nVan: Help Desk <help@desk.example>\nVerzonden: vrijdag 21 november 2025 16:05:12\nAan: Jane\nOnderwerp: Router\n\n{OLD}",
    "xiaomi": f"Отправлено с моего Xiaomi Redmi\n21 ноября 2025 г. в 16:05, Поддержка <help@desk.example> написал:\n{MARKED}",
    "spark": f"On 21 Nov 2025, 16:05 +0100, Help Desk <help@desk.example>, wrote:\n{MARKED}",
    "protonmail-old": f"Sent from ProtonMail mobile\n\n-------- Original Message --------\nOn Nov 21, 2025, 16:05, Help Desk wrote:\n\n{MARKED}",
    "tutanota": f"--\nGesendet mit Tuta Mail\n\n21.11.2025, 16:05 von help@desk.example:\n\n{MARKED}",
    "fastmail": f"On Fri, 21 Nov 2025, at 4:05 PM, Help Desk wrote:\n{MARKED}",
    "squirrelmail": f"> {OLD.splitlines()[0]}\n> again?",
    "mutt": f"On Fri, Nov 21, 2025 at 04:05:12PM +0100, Help Desk wrote:\n{MARKED}",
    "gnus": f"Help Desk <help@desk.example> writes:\n\n{MARKED}",
    "polymail": "On Fri, Nov 21, 2025 at 4:05 PM Help Desk\n\n<\nmailto:Help Desk <help@desk.example>\n> wrote:\n\n"
    + OLD,
    "legal-then-quote": "This email and any attachments are confidential. If you are not the intended recipient please delete it.\n\n"
    f"From: Help Desk <help@desk.example>\nSent: 21 November 2025 16:05\nTo: Jane\nSubject: Router\n\n{OLD}",
    "google-groups": '-- \nYou received this message because you are subscribed to the Google Groups "x" group.\n'
    "To unsubscribe from this group and stop receiving emails from it, send an email to x+unsubscribe@groups.example.",
    "desk": f"##- Bitte geben Sie Ihre Antwort über dieser Zeile ein. -##\n\n{OLD}",
}


@pytest.mark.parametrize("below", BELOW)
def test_only_the_own_words_are_shown(below):
    own = "Yes, I did, on Monday at 10:30. It still blinks.\n\nBest wishes\nJane"
    text = f"{own}\n\n{BELOW[below]}\n"
    shown = own.removesuffix("\nJane") + "\n\nJane" if below == "k9-signed" else own
    if below == "k9-signed":
        text = text.replace(own, own.removesuffix("\nJane"), 1)
    assert reply_text.extract(Message(text=text)).text == shown


SECOND = {
    "no-year": f"On Nov 21, at 4:05 PM, Help Desk <help@desk.example> wrote:\n\n{OLD}",
    "date-name-address-no-colon": f"2025/11/21 Help Desk <help@desk.example>\n\n{MARKED}",
    "date-time-no-verb": f"11/21/2025 04:05 PM, Help Desk <help@desk.example>:\n\n{OLD}",
    "three-lines": f"On Fri, Nov 21, 2025 at 4:05 PM, The Help Desk of the Very\nLong Example Company for Routers and Switches in Europe\n<help@desk.example> wrote:\n\n{MARKED}",
    "stars": f"*****Original Message*****\nFrom: Desk\n\n{OLD}",
    "dash-spaces": f"- - - - - Original Message - - - - -\nFrom: Help Desk <help@desk.example>\nDate: x\n\n{OLD}",
    "on-behalf": f"From: list@x.example [mailto:list@x.example] On Behalf Of Help Desk\nSent: Friday, November 21, 2025 4:05 PM\nTo: Jane\nSubject: RE: Router\n\n{OLD}",
    "from-date-subject-cc": f"From: Help Desk <help@desk.example>\nDate: Friday, November 21, 2025 at 4:05 PM\nTo: Jane <jane@x.example>\nCc: Bob <bob@x.example>, Carl\n <carl@x.example>\nSubject: Re: Router\n\n{OLD}",
    "indented-block": f"     From: Help Desk <help@desk.example>\n     To: Jane\n     Subject: Router\n\n{OLD}",
    "pt-gmail-unmarked": f"Em sex., 21 de nov. de 2025 às 16:05, Suporte <help@desk.example>\nescreveu:\n\n{OLD}",
    "es-gmail-wrapped": f"El vie, 21 nov 2025 a las 16:05, Soporte (<\nhelp@desk.example>) escribió:\n\n{OLD}",
    "sv-name-after": f"Den fre 21 nov. 2025 kl 16:05 skrev Kundtjänst <help@desk.example>:\n\n{OLD}",
    "hu-apple": f"Ügyfélszolgálat <help@desk.example> írta (2025. nov. 21., 16:05):\n\n{OLD}",
    "ro-yahoo": f"    Pe vineri, 21 noiembrie 2025, 16:05:12 EET, Suport <help@desk.example> a scris:\n\n{OLD}",
    "uk-gmail": f"пт, 21 лист. 2025 р. о 16:05 Підтримка <help@desk.example> пише:\n\n{MARKED}",
    "he-gmail": f"\u202bבתאריך יום ו׳, 21 בנוב׳ 2025 ב-16:05 מאת \u202aתמיכה\u202c\u200f <\u202ahelp@desk.example\u202c\u200f>:\u202c\n\n{OLD}",
    "fa-digits": f"On ۲۱ نوامبر ۲۰۲۵, at ۱۶:۰۵, Help Desk <help@desk.example> wrote:\n\n{OLD}",
    "ja-kanji-time": f"2025年11月21日(金) 16時05分 サポート窓口 <help@desk.example>:\n\n{OLD}",
    "ko-gmail": f"2025년 11월 21일 (금) 오후 4:05, 고객센터 <help@desk.example>님이 작성:\n\n{OLD}",
    "zh-tw-yahoo": f"    客服中心 <help@desk.example> 於 2025年11月21日 週五 下午04:05寫道：\n\n{OLD}",
    "sk-outlook": f"Od: Podpora <help@desk.example>\nOdoslané: piatok 21. novembra 2025 16:05\nKomu: Jana\nPredmet: Router\n\n{OLD}",
    "samsung-pl": f"Wysłane z mojego Galaxy\n\n-------- Oryginalna wiadomość --------\nOd: Biuro <help@desk.example> \nData: 21.11.2025 16:05 (GMT+01:00) \nDo: Jan <jan@x.example> \nTemat: Router \n\n{OLD}",
    "dash-signature-then-quote": f"-- \nJane Roe | Example Ltd\n+44 20 1234\n\nOn 21/11/2025 16:05, Help Desk wrote:\n{MARKED}",
    "mailman-footer": "_______________________________________________\nUsers mailing list -- users@lists.example\nTo unsubscribe send an email to users-leave@lists.example",
    "yahoo-groups": "__._,_.___\n\nYou are receiving this because you signed up.",
    "environment": "Please consider the environment before printing this email.",
    "avast": "-- \nThis email has been checked for viruses by Avast antivirus software.\nwww.avast.com",
    "german-legal": "Diese E-Mail enthält vertrauliche Informationen.\n\nWenn Sie nicht der richtige Adressat sind, informieren Sie bitte den Absender und vernichten Sie diese Mail. Unbefugte Weitergabe ist nicht gestattet.",
}


# Languages of which no table knows anything.
FOREIGN = {
    "hindi": f"शुक्र, 21 नव॰ 2025 को 4:05 pm बजे को सहायता <help@desk.example> ने लिखा:\n\n{OLD}",
    "icelandic": f"fös., 21. nóv. 2025 kl. 16:05 skrifaði Hjálp <help@desk.example>:\n\n{OLD}",
    "basque": f"________________________________\nNork: Laguntza <help@desk.example>\nBidalia: 2025/11/21 16:05\nNori: Bob\nGaia: Router\n\n{OLD}",
}


@pytest.mark.parametrize("below", FOREIGN)
def test_programs_of_unknown_languages_are_told_by_their_shape(below):
    assert reply_text.extract(Message(text=f"mine\n\nJane\n\n{FOREIGN[below]}")).text == "mine\n\nJane"


@pytest.mark.parametrize("below", SECOND)
def test_only_the_own_words_are_shown_above_odder_shapes(below):
    own = "Yes, I did, on Monday at 10:30. It still blinks.\n\nBest wishes\nJane"
    assert reply_text.extract(Message(text=f"{own}\n\n{SECOND[below]}\n")).text == own


HTML = {
    "owa-rewritten-rule": (
        '<div>Yes please.</div><div style="border-width:1pt medium medium; border-style:solid none none; '
        'border-color:rgb(225,225,225) currentcolor currentcolor; padding:3pt 0in 0in"><p><b>X-Unknown:</b> Desk</p></div><p>old</p>'
    ),
    "new-outlook": (
        '<div class="elementToProof">Yes please.</div><div id="mail-editor-reference-message-container"><div>Unknown label: Desk</div>'
        "<div>old</div></div>"
    ),
    "yahoo-prefixed": '<div>Yes please.</div><div id="ydp12yahoo_quoted_1" class="ydp12yahoo_quoted"><div>old</div></div>',
    "zimbra-web": '<div>Yes please.</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__">x</div><div>old</div>',
    "thunderbird": (
        '<p>Yes please.</p><div class="moz-cite-prefix">Dne 1. 1. 2025 X:<br></div><blockquote type="cite">old</blockquote>'
    ),
    "thunderbird-signed": (
        '<p>Yes please.</p><pre class="moz-signature" cols="72">-- \nJane Roe\nFirm</pre><div class="moz-cite-prefix">D:</div>'
        '<blockquote type="cite">old</blockquote>'
    ),
    "spark-html": '<div name="messageBodySection"><div>Yes please.</div></div><div name="messageReplySection">On x, D wrote:<br>'
    '<blockquote type="cite">old</blockquote></div>',
    "word-hr": "<p>Yes please.</p><hr><p><b>Lähettäjä:</b> D &lt;d@x.example&gt;<br><b>Lähetetty:</b> 21. marraskuuta 2025 16:05<br>"
    "<b>Aihe:</b> Router</p><p>old</p>",
    "qq-new": '<div class="qmbox">Yes please.</div><div class="xm_write_history"><div>发件人</div></div><div>old</div>',
}


@pytest.mark.parametrize("html", HTML)
def test_only_the_own_words_of_html_are_shown(html):
    made = html_text.convert(HTML[html])
    assert reply_text.extract(Message(text=made.text, html=HTML[html], marks=made.marks)).text == "Yes please."


KEPT = {
    "dates-in-text": "The courier came on 21.11.2025 at 16:05.\n\nOn 22.11.2025 at 10:00 he came again:\n\nthe box was broken.",
    "quoted-log": "The log says:\n\n> error 42\n> error 43\n\nWhat does it mean?",
    "letter-form": "Name: Jane Roe\nDate: 21.11.2025\nTo: your desk\n\nI terminate my contract.",
    "addresses": "Please add these people:\nAnna <anna@x.example>\nBob <bob@x.example>\n\nThank you",
    "answers-in-gmail-quote": "On 21 Nov 2025 16:05, Desk <d@x.example> wrote:\n> Which size?\nLarge.\n> Which colour?\nRed.",
    "meeting": "Can we meet?\n\nWhen: 21.11.2025 16:05\nWhere: Riga\nSubject: printers\n\nRegards\nJane",
    "signature-like": "Hello\n--\nJane\n\nPS: please also send the bill, because I need it for my taxes.\n\n"
    + "More words.\n\n" * 12
    + "End",
    "story": "On Friday 21 November at 16:05 my colleague Anna (anna@x.example) wrote to you:\nshe got no answer.\n\nPlease answer.",
    "minutes": "Minutes of 21.11.2025, 16:05:\n\n1. Router\n2. Switch\n\nPlease file them.",
    "one-log-line": "The last line of the log is\n\n2025-11-21 16:05:12 router@x.example started\n\nWhy?",
    "log-lines": "2025-11-21 16:05:12 router@x.example started\n2025-11-21 16:06:12 router@x.example stopped\n\nWhy?",
    "booking": "Please book\n\nfrom: 21.11.2025 16:05\nto: 22.11.2025 10:00\nsubject: training\n\nfor ten people.",
    "sent-story": "The box was lost.\n\nSent by mail on Monday, with tracking number 12345 and a phone inside",
    "markdown": "Steps\n-----\n\n1. open\n\nResult\n------\n\nnothing",
    "this-message": "Hello,\n\nthis message appears on my screen:\n\nThis message may contain a virus.\n\nWhat now?",
    "two-quotes": "> Which size?\n\nLarge.\n\nOn 21 Nov 2025 16:05, Anna wrote to me, and I agree with her.\n\nJane",
    "order": "Von: Riga, 21.11.2025 10:00\nAn: Berlin, 21.11.2025 12:00\n\nBitte buchen.",
}


@pytest.mark.parametrize("text", KEPT)
def test_words_of_the_author_are_all_shown(text):
    assert reply_text.extract(Message(text=KEPT[text])).text == KEPT[text]


@pytest.mark.parametrize("text", [text for text in KEPT if text != "answers-in-gmail-quote"])
def test_words_of_the_author_are_all_shown_below_others(text):
    full = f"Hello,\n\nthank you.\n\n{KEPT[text]}"
    assert reply_text.extract(Message(text=full)).text == full
