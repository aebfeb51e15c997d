"""Ordinary mail made up from a seed: six languages, ten charsets, the shapes that clients send; 40 kB on average.

The same seed gives the same octets. Nothing odd is in it on purpose: oddities are the corpus of the tests. Plain mail
is text alone, 7 kB on average.
"""

import base64
import binascii
import random
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.header import Header

CRLF = "\r\n"
AUTHOR = "author@customer.example"
_CONTINUING = 0.33  # the share of letters that continue an earlier one


@dataclass(frozen=True, slots=True)
class Tongue:
    """What a person writes in one language, and the charsets in which his software may send it."""

    name: str
    charsets: tuple[str, ...]
    author: str
    subjects: tuple[str, ...]
    greeting: str
    sentences: tuple[str, ...]
    closing: str
    attribution: str
    sent_with: str


TONGUES = (
    Tongue(
        "en",
        ("us-ascii", "utf-8", "iso-8859-1"),
        "Alice Miller",
        ("Order 48213 has not arrived", "Invoice for March", "Question about the warranty"),
        "Hello,",
        (
            "we ordered three keyboards two weeks ago and only two of them were in the box.",
            "Could you please tell me when the missing one will be sent?",
            "The tracking page has shown the same status since last Tuesday.",
            "I have attached the delivery note and a photo of the label.",
            "If it takes longer than a week we would rather have the money back.",
            "Please write to this address and not to my old one.",
        ),
        "Kind regards",
        "On Mon, 2 Jun 2025 at 10:15, Example Support <support@desk.example> wrote:",
        "Sent from my iPhone",
    ),
    Tongue(
        "pl",
        ("utf-8", "iso-8859-2", "windows-1250"),
        "Małgorzata Wiśniewska",
        ("Zamówienie 48213 nie dotarło", "Faktura za marzec", "Pytanie o gwarancję"),
        "Dzień dobry,",
        (
            "dwa tygodnie temu zamówiliśmy trzy klawiatury, a w paczce były tylko dwie.",
            "Proszę o informację, kiedy zostanie wysłana brakująca.",
            "Na stronie śledzenia od wtorku widnieje ten sam status.",
            "W załączniku przesyłam dowód dostawy oraz zdjęcie etykiety.",
            "Jeśli potrwa to dłużej niż tydzień, wolelibyśmy zwrot pieniędzy.",
        ),
        "Pozdrawiam",
        "pon., 2 cze 2025 o 10:15 Example Support <support@desk.example> napisał(a):",
        "Wysłane z iPhone'a",
    ),
    Tongue(
        "ru",
        ("utf-8", "koi8-r", "windows-1251"),
        "Екатерина Смирнова",
        ("Заказ 48213 не пришёл", "Счёт за март", "Вопрос по гарантии"),
        "Здравствуйте!",
        (
            "Две недели назад мы заказали три клавиатуры, а в посылке оказалось только две.",
            "Подскажите, пожалуйста, когда будет отправлена недостающая?",
            "На странице отслеживания с прошлого вторника один и тот же статус.",
            "Прилагаю накладную и фотографию этикетки.",
            "Если это займёт больше недели, мы бы предпочли вернуть деньги.",
        ),
        "С уважением,",
        "пн, 2 июн. 2025 г. в 10:15, Example Support <support@desk.example>:",
        "Отправлено с iPhone",
    ),
    Tongue(
        "zh",
        ("utf-8", "gb2312", "gb18030"),
        "王小明",
        ("订单48213还没有收到", "三月份发票", "关于保修的问题"),
        "您好,",
        (
            "我们两个星期前订了三个键盘,但是箱子里只有两个。",
            "请告诉我缺少的那个什么时候能寄出?",
            "从上个星期二开始,物流页面的状态一直没有变化。",
            "附件是送货单和标签的照片。",
            "如果超过一个星期,我们希望退款。",
        ),
        "此致敬礼",
        "Example Support <support@desk.example> 于2025年6月2日周一 10:15写道:",
        "发自我的iPhone",
    ),
    Tongue(
        "el",
        ("utf-8", "iso-8859-7", "windows-1253"),
        "Ελένη Παπαδοπούλου",
        ("Η παραγγελία 48213 δεν έφτασε", "Τιμολόγιο Μαρτίου", "Ερώτηση για την εγγύηση"),
        "Καλημέρα σας,",
        (
            "πριν από δύο εβδομάδες παραγγείλαμε τρία πληκτρολόγια και στο κουτί ήταν μόνο δύο.",
            "Θα μπορούσατε να μου πείτε πότε θα σταλεί αυτό που λείπει;",
            "Η σελίδα παρακολούθησης δείχνει την ίδια κατάσταση από την περασμένη Τρίτη.",
            "Επισυνάπτω το δελτίο παράδοσης και μια φωτογραφία της ετικέτας.",
        ),
        "Με εκτίμηση",
        "Στις Δευ 2 Ιουν 2025 στις 10:15 π.μ., ο χρήστης Example Support <support@desk.example> έγραψε:",
        "Στάλθηκε από το iPhone μου",
    ),
    Tongue(
        "lv",
        ("utf-8", "windows-1257", "iso-8859-13"),
        "Jānis Bērziņš",
        ("Pasūtījums 48213 nav saņemts", "Rēķins par martu", "Jautājums par garantiju"),
        "Labdien!",
        (
            "Pirms divām nedēļām pasūtījām trīs tastatūras, bet kastē bija tikai divas.",
            "Lūdzu, pasakiet, kad tiks nosūtīta trūkstošā?",
            "Izsekošanas lapā kopš pagājušās otrdienas ir tas pats statuss.",
            "Pielikumā pavadzīme un uzlīmes fotogrāfija.",
            "Ja tas prasīs vairāk par nedēļu, mēs labprātāk saņemtu naudu atpakaļ.",
        ),
        "Ar cieņu,",
        "pirmd., 2025. g. 2. jūn., plkst. 10:15 — lietotājs Example Support (<support@desk.example>) rakstīja:",
        "Sūtīts no mana iPhone",
    ),
)


def messages(count: int, seed: int = 1, *, is_plain: bool = False) -> Iterator[bytes]:
    """`count` messages of one author with CRLF line ends."""
    choose = random.Random(seed)  # noqa: S311 repeatable on purpose
    shapes, weights = zip(*(_PLAIN_SHAPES if is_plain else _SHAPES), strict=True)
    for number in range(count):
        tongue = choose.choice(TONGUES)
        letter = _Letter(number, tongue, choose.choice(tongue.charsets), choose, AUTHOR, f"{number}.a@desk.example")
        yield choose.choices(shapes, weights)[0](letter)


def correspondence(count: int, seed: int = 1, *, is_plain: bool = False) -> Iterator[tuple[str, bytes]]:
    """`count` authors' addresses with what they wrote: a third continues something that its author wrote before."""
    choose = random.Random(seed)  # noqa: S311 repeatable on purpose
    shapes, weights = zip(*(_PLAIN_SHAPES if is_plain else _SHAPES), strict=True)
    begun: list[_Letter] = []
    for number in range(count):
        earlier = choose.choice(begun) if begun and choose.random() < _CONTINUING else None
        tongue = earlier.tongue if earlier else choose.choice(TONGUES)
        author = earlier.author if earlier else f"author-{seed}-{number}@customer-{number % 997}.example"
        letter = _Letter(
            number, tongue, choose.choice(tongue.charsets), choose, author, earlier.message_id if earlier else ""
        )
        if earlier is None:
            begun.append(letter)
        yield author, choose.choices(shapes, weights)[0](letter)


@dataclass(frozen=True, slots=True)
class _Letter:
    number: int
    tongue: Tongue
    charset: str
    choose: random.Random
    author: str
    answers: str  # a Message-ID

    @property
    def message_id(self) -> str:
        """The same each time it is asked."""
        return f"{self.number}.{zlib.crc32(self.author.encode()):x}@customer.example"

    def paragraph(self) -> str:
        return " ".join(self.choose.choices(self.tongue.sentences, k=self.choose.randint(2, 4)))

    def own(self) -> str:
        paragraphs = [self.paragraph() for _ in range(self.choose.randint(1, 4))]
        return "\n\n".join([self.tongue.greeting, *paragraphs, f"{self.tongue.closing}\n{self.tongue.author}"])

    def quoted(self) -> str:
        paragraphs = [self.paragraph() for _ in range(self.choose.randint(2, 12))]
        return "\n>\n".join(f"> {each}" for each in paragraphs)

    def head(self, content: str) -> str:
        """The fields of a message as its way through three servers leaves them, and those of `content`."""
        subject = f"{'Re: ' if self.answers else ''}{self.choose.choice(self.tongue.subjects)}"
        name = Header(self.tongue.author, "utf-8").encode()
        at = f"Mon, 2 Jun 2025 {self.number // 3600 % 24:02}:{self.number // 60 % 60:02}:{self.number % 60:02} +0300"
        signature = base64.encodebytes(self.choose.randbytes(250)).decode().strip().replace("\n", "\r\n ")
        return CRLF.join(
            [
                f"Return-Path: <{self.author}>",
                "Delivered-To: support@desk.example",
                *(
                    f"Received: from mx{hop}.customer.example (mx{hop}.customer.example [192.0.2.{hop}])\r\n"
                    f"\tby mx{hop + 1}.desk.example (Postfix) with ESMTPS id 4F{self.number:08X}\r\n"
                    f"\tfor <support@desk.example>; {at}"
                    for hop in (3, 2, 1)
                ),
                "Authentication-Results: mx.desk.example; spf=pass smtp.mailfrom=customer.example; dkim=pass",
                f"DKIM-Signature: v=1; a=rsa-sha256; d=customer.example; s=s1; h=from:to:subject:date; b={signature}",
                f"From: {name} <{self.author}>",
                "To: Example Support <support@desk.example>",
                f"Subject: {Header(subject, 'utf-8', header_name='Subject').encode(linesep=CRLF)}",
                f"Date: {at}",
                f"Message-ID: <{self.message_id}>",
                *((f"In-Reply-To: <{self.answers}>", f"References: <{self.answers}>") if self.answers else ()),
                "X-Mailer: Made Up 1.0",
                "MIME-Version: 1.0",
                content,
            ]
        )

    def part(self, kind: str, text: str) -> str:
        """A text part in the letter's charset with one of the usual encodings."""
        octets = text.replace("\n", CRLF).encode(self.charset, "replace")
        encoding = self.choose.choice(("base64", "quoted-printable", "8bit"))
        match encoding:
            case "base64":
                body = base64.encodebytes(octets).decode("ascii").replace("\n", CRLF)
            case "quoted-printable":
                body = binascii.b2a_qp(octets, istext=True).decode("ascii")
            case _:
                body = octets.decode("latin-1")
        return (
            f"Content-Type: {kind}; charset={self.charset}{CRLF}Content-Transfer-Encoding: {encoding}{CRLF}{CRLF}{body}"
        )

    def multipart(self, kind: str, *parts: str) -> str:
        boundary = f"=_{self.choose.getrandbits(96):024x}"
        inner = "".join(f"--{boundary}{CRLF}{part}{CRLF}" for part in parts)
        return f'Content-Type: multipart/{kind}; boundary="{boundary}"{CRLF}{CRLF}{inner}--{boundary}--{CRLF}'

    def file(self, kind: str, name: str, size: int, extra: str = "") -> str:
        body = base64.encodebytes(self.choose.randbytes(size)).decode("ascii").replace("\n", CRLF)
        return (
            f'Content-Type: {kind}; name="{name}"{CRLF}Content-Disposition: {"inline" if extra else "attachment"};'
            f' filename="{name}"{CRLF}{extra}Content-Transfer-Encoding: base64{CRLF}{CRLF}{body}'
        )

    def message(self, content: str) -> bytes:
        return f"{self.head(content)}{CRLF}".encode("latin-1")


def _plain(letter: _Letter) -> bytes:
    text = f"{letter.own()}\n\n{letter.tongue.attribution}\n{letter.quoted()}\n"
    return letter.message(letter.part("text/plain", text))


def _long_plain(letter: _Letter) -> bytes:
    thread = "\n".join(letter.quoted() for _ in range(letter.choose.randint(1, 4)))
    text = f"{letter.own()}\n\n{letter.tongue.attribution}\n{thread}\n"
    return letter.message(letter.part("text/plain", text))


def _vacation(letter: _Letter) -> bytes:
    marks = "Auto-Submitted: auto-replied\r\nX-Auto-Response-Suppress: All\r\n"
    return letter.message(marks + letter.part("text/plain", letter.paragraph()))


def _from_a_phone(letter: _Letter) -> bytes:
    return letter.message(letter.part("text/plain", f"{letter.paragraph()}\n\n{letter.tongue.sent_with}\n"))


def _paragraphs(text: str, style: str) -> str:
    return "\n".join(f"<div{style}>{each or '<br>'}</div>" for each in text.split("\n"))


def _browser_html(letter: _Letter, own: str) -> str:
    quoted = _paragraphs(letter.quoted().replace("> ", "").replace(">", ""), "")
    return (
        f'<div dir="ltr">{_paragraphs(own, "")}</div><br><div class="gmail_quote gmail_quote_container">'
        f'<div dir="ltr" class="gmail_attr">{letter.tongue.attribution.replace("<", "&lt;").replace(">", "&gt;")}<br>'
        f'</div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px #ccc solid">'
        f"{quoted}{_newsletter_rows(letter, letter.choose.randint(3, 40))}</blockquote></div>"
    )


def _newsletter_rows(letter: _Letter, rows: int) -> str:
    cell = '<td style="padding:0 12px;font-family:Arial,sans-serif;font-size:14px;line-height:20px;color:#333333">'
    return (
        "<table width=600 cellpadding=0>"
        + "".join(
            f'<tr>{cell}<a href="https://shop.example/item/{row}?source=mail&amp;n={letter.number}">{letter.paragraph()}</a>'
            f'</td>{cell}<img src="https://shop.example/{row}.png" width=1 height=1></td></tr>\n'
            for row in range(rows)
        )
        + "</table>"
    )


def _alternative_parts(letter: _Letter) -> str:
    own = letter.own()
    text = f"{own}\n\n{letter.tongue.attribution}\n{letter.quoted()}\n"
    html = letter.part("text/html", _browser_html(letter, own))
    return letter.multipart("alternative", letter.part("text/plain", text), html)


def _alternative(letter: _Letter) -> bytes:
    return letter.message(_alternative_parts(letter))


_WORD_STYLES = "\n".join(
    f"@font-face {{font-family:Font{number}; panose-1:2 15 5 2 2 2 4 3 2 4;}} p.Mso{number}, li.Mso{number} "
    "{margin:0cm; font-size:11.0pt; font-family:Calibri,sans-serif; mso-fareast-language:EN-US;}"
    for number in range(60)
)


def _html_only(letter: _Letter) -> bytes:
    style = ' class=MsoNormal style="margin:0cm"'
    old = _paragraphs("\n\n".join(letter.paragraph() for _ in range(letter.choose.randint(4, 60))), style)
    html = (
        f'<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!--\n{_WORD_STYLES}\n--></style></head>'
        f"<body lang={letter.tongue.name}><div class=WordSection1>{_paragraphs(letter.own(), style)}"
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class=MsoNormal>'
        "<b>From:</b> Example Support &lt;support@desk.example&gt;<br><b>Sent:</b> Monday, 2 June 2025 10:15<br>"
        "<b>To:</b> author@customer.example<br><b>Subject:</b> Re: Order 48213<o:p></o:p></p></div>"
        f"{old}</div></body></html>"
    )
    return letter.message(letter.part("text/html", html))


def _with_file(letter: _Letter) -> bytes:
    file = letter.file("application/pdf", f"invoice-{letter.number}.pdf", letter.choose.randint(20_000, 185_000))
    return letter.message(letter.multipart("mixed", _alternative_parts(letter), file))


def _with_picture(letter: _Letter) -> bytes:
    size = letter.choose.randint(3_000, 60_000)
    picture = letter.file("image/png", "image001.png", size, "Content-ID: <i1@made>\r\n")
    own = letter.own()
    html = letter.part("text/html", f'{_browser_html(letter, own)}<img src="cid:i1@made">')
    words = letter.multipart("alternative", letter.part("text/plain", own), html)
    return letter.message(letter.multipart("related", words, picture))


def _newsletter(letter: _Letter) -> bytes:
    html = f"<html><body>{_newsletter_rows(letter, letter.choose.randint(30, 120))}</body></html>"
    listed = "List-Unsubscribe: <https://shop.example/u>\r\nPrecedence: bulk\r\n"
    return letter.message(listed + letter.part("text/html", html))


_SHAPES: tuple[tuple[Callable[[_Letter], bytes], int], ...] = (
    (_plain, 22),
    (_from_a_phone, 8),
    (_alternative, 32),
    (_html_only, 13),
    (_with_file, 14),
    (_with_picture, 8),
    (_newsletter, 4),
    (_vacation, 3),
)
_PLAIN_SHAPES: tuple[tuple[Callable[[_Letter], bytes], int], ...] = (
    (_long_plain, 85),
    (_from_a_phone, 12),
    (_vacation, 3),
)
