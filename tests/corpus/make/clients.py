"""The mail programs: how each of them writes a reply above a quote. A function takes a letter and gives its parts.

The forms were written down from what these programs are known to produce; no message of anybody is in here.
"""

from collections.abc import Callable

from tests.corpus.make import quotes
from tests.corpus.make.letter import NON_LATIN, Letter
from tests.corpus.make.post import Part, escaped
from tests.corpus.make.quotes import breaks, divs, head_html, head_text, link, marked, page, paragraphs, wrapped

Parts = tuple[Part, ...]


def _transfer(letter: Letter) -> str:
    return "base64" if letter.language in NON_LATIN else "quoted-printable"


def _both(letter: Letter, text: str, html: str, charset: str = "utf-8") -> Parts:
    """A text and an HTML part; the HTML alone where the letter is to be HTML only."""
    transfer = _transfer(letter)
    parts = (Part(text, "plain", charset, transfer), Part(html, "html", charset, transfer))
    return parts[1:] if letter.shape == "html" else parts


def gmail(letter: Letter) -> Parts:
    said = letter.attribution("gmail")
    text = f"{letter.own}\n\n{wrapped(said)}\n\n{marked(letter.original)}\n"
    before, _, after = escaped(said).partition(letter.agent_address)
    direction = letter.direction
    html = (
        f'<div dir="{direction}">{divs(letter.own)}</div><br>'
        f'<div class="gmail_quote gmail_quote_container"><div dir="{direction}" class="gmail_attr">'
        f"{before}{link(letter.agent_address)}{after}<br></div>"
        f"{quotes.GMAIL_QUOTE}{divs(letter.original)}</blockquote></div>\n"
    )
    return _both(letter, text, html)


def gmail_mobile(letter: Letter) -> Parts:
    said = letter.attribution("gmail")
    text = f"{letter.own}\n\n{wrapped(said)}\n\n{marked(letter.original)}\n"
    html = (
        f'<div dir="auto">{divs(letter.own)}</div><br><div class="gmail_quote gmail_quote_container">'
        f'<div dir="{letter.direction}" class="gmail_attr">{escaped(said)}<br></div>'
        f"{quotes.GMAIL_QUOTE}{breaks(letter.original)}</blockquote></div>\n"
    )
    return _both(letter, text, html)


def outlook_desktop(letter: Letter) -> Parts:
    own, original = quotes.word_paragraphs(letter.own), quotes.word_paragraphs(letter.original)
    text = "\n\n".join(letter.own.split("\n\n")) + f"\n\n{head_text(letter)}\n\n{letter.original}\n"
    rule = '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
    body = (
        f'<div class="WordSection1">\n{own}\n<p class="MsoNormal"><o:p>&nbsp;</o:p></p>\n<div>\n{rule}\n'
        f'<p class="MsoNormal">{head_html(letter)}<o:p></o:p></p>\n</div>\n</div>\n'
        f'<p class="MsoNormal"><o:p>&nbsp;</o:p></p>\n{original}\n</div>'
    )
    html = page(body, letter, quotes.WORD_HEAD, ' lang="EN-US" link="#0563C1" vlink="#954F72"')
    return _both(letter, text, html, letter.charset)


def outlook_plain(letter: Letter) -> Parts:
    """Outlook writing plain text: the dashes, then the header block."""
    text = f"{letter.own}\n\n-----{letter.said['original']}-----\n{head_text(letter)}\n\n{letter.original}\n"
    return (Part(text, "plain", letter.charset, _transfer(letter)),)


def _outlook_reply(letter: Letter, footer_text: str, footer_html: str) -> Parts:
    text = f"{letter.own}\n{footer_text}\n{'_' * 32}\n{head_text(letter)}\n\n{letter.original}\n"
    own = "\n".join(
        f'<div class="elementToProof" style="font-family: Aptos, Calibri; font-size: 12pt;">{escaped(line) or "<br>"}'
        "</div>"
        for line in quotes.lines(letter.own)
    )
    body = (
        f'{own}\n{footer_html}<div id="appendonsend"></div>\n'
        '<hr style="display:inline-block;width:98%" tabindex="-1">\n'
        f'<div id="divRplyFwdMsg" dir="{letter.direction}"><font face="Calibri, sans-serif" style="font-size:11pt" '
        f'color="#000000">{head_html(letter)}</font>\n<div>&nbsp;</div>\n</div>\n'
        f"<div>{divs(letter.original)}</div>"
    )
    return _both(letter, text, page(body, letter, quotes.OUTLOOK_HEAD), letter.charset)


def outlook_web(letter: Letter) -> Parts:
    return _outlook_reply(letter, "", "")


def outlook_mobile(letter: Letter) -> Parts:
    said = letter.said["outlook_mobile"]
    anchor = f'<a href="https://aka.ms/o0ukef">{escaped(said)}</a>'
    html = f'<div id="ms-outlook-mobile-signature"><div><br></div>{anchor}</div>\n'
    return _outlook_reply(letter, f"\n{said}<https://aka.ms/o0ukef>", html)


def outlook_mac(letter: Letter) -> Parts:
    sender, _, to, subject = letter.labels
    labels = (sender, letter.said["date"], to, subject)
    text = f"{letter.own}\n\n{head_text(letter, labels)}\n\n{letter.original}\n"
    style = "font-family:Calibri; font-size:11pt; text-align:left; border-top: #b5c4df 1pt solid; padding-top: 3pt"
    body = (
        f'{divs(letter.own)}<div><br></div><span id="OLK_SRC_BODY_SECTION">\n<div style="{style}">\n'
        f"{head_html(letter, labels)}<br></div>\n<div><br></div>\n{divs(letter.original)}</span>"
    )
    return _both(letter, text, page(body, letter), letter.charset)


def _apple(letter: Letter, footer: str) -> Parts:
    said = letter.attribution("apple")
    below = f"\n\n{footer}" if footer else ""
    text = f"{letter.own}{below}\n\n{marked(f'{said}{chr(10) * 2}{letter.original}')}\n"
    signature = f'<br><div dir="{letter.direction}">{escaped(footer)}</div>' if footer else ""
    body = (
        f'{divs(letter.own)}{signature}<div dir="{letter.direction}"><br><blockquote type="cite">{escaped(said)}'
        f'<br><br></blockquote></div><blockquote type="cite"><div dir="{letter.direction}">'
        f"{divs(letter.original)}</div></blockquote>"
    )
    head = '<meta http-equiv="content-type" content="text/html; charset=utf-8">'
    html = f'<html><head>{head}</head><body dir="auto" style="overflow-wrap: break-word;">{body}</body></html>\n'
    parts = (Part(text, "plain", "utf-8", "quoted-printable"), Part(html, "html", "utf-8", "quoted-printable"))
    return parts[1:] if letter.shape == "html" else parts


def apple_mac(letter: Letter) -> Parts:
    if letter.shape == "html":
        return _apple_mac_html(letter)
    return _apple(letter, "")


def _apple_mac_html(letter: Letter) -> Parts:
    said = escaped(letter.attribution("apple"))
    body = (
        f'{divs(letter.own)}<br id="lineBreakAtBeginningOfMessage"><div><br><blockquote type="cite"><div>{said}</div>'
        f'<br class="Apple-interchange-newline"><div>{divs(letter.original)}</div></blockquote></div><br>'
    )
    html = f'<html><head></head><body style="line-break: after-white-space;">{body}</body></html>\n'
    return (Part(html, "html", "utf-8", "quoted-printable"),)


def ios(letter: Letter) -> Parts:
    return _apple(letter, letter.said["ios"])


def thunderbird(letter: Letter) -> Parts:
    said = letter.attribution("thunderbird")
    if letter.shape == "html":
        body = (
            f'<p>{breaks(letter.own)}</p>\n<div class="moz-cite-prefix">{escaped(said)}<br>\n</div>\n'
            f'<blockquote type="cite" cite="mid:{letter.number}@desk.example">\n{paragraphs(letter.original)}\n'
            "</blockquote>"
        )
        return (Part(page(body, letter), "html", "utf-8", "8bit"),)
    text = f"{letter.own}\n\n{said}\n{marked(letter.original)}\n"
    return (Part(text, "plain", letter.charset, "8bit", "; format=flowed"),)


def yahoo(letter: Letter, footer: str = "") -> Parts:
    said = letter.attribution("yahoo")
    indented = "\n".join(f"  {line}" for line in quotes.lines(letter.original))
    below = f"\n\n{footer}" if footer else ""
    text = f" {letter.own}{below}\n\n    {said}  \n \n{indented}   \n"
    html = (
        f'<html><head></head><body><div class="ydp1f3ayahoo-style-wrap" style="font-size:13px;">{divs(letter.own)}'
        f"{f'<div><br></div><div>{footer}</div>' if footer else ''}<div><br></div></div>"
        '<div id="ydp7a" class="yahoo_quoted"><div style="font-size:13px;color:#26282a;">'
        f"<div>{escaped(said)}</div><div><br></div><div><br></div><div>{divs(letter.original)}</div></div></div>"
        "</body></html>\n"
    )
    return _both(letter, text, html)


def yahoo_mobile(letter: Letter) -> Parts:
    return yahoo(letter, "Sent from Yahoo Mail for iPhone")


def proton(letter: Letter) -> Parts:
    said = letter.attribution("proton")
    text = f"{letter.own}\n\nSent with Proton Mail secure email.\n\n{said}\n\n{marked(letter.original)}\n"
    style = "font-family: Arial, sans-serif; font-size: 14px;"
    html = (
        f'<div style="{style}">{breaks(letter.own)}</div><div style="{style}"><br></div>'
        f'<div class="protonmail_signature_block" style="{style}"><div class="protonmail_signature_block-proton">'
        'Sent with <a href="https://proton.me/mail/home" target="_blank">Proton Mail</a> secure email.</div></div>'
        f'<div style="{style}"><br></div><div class="protonmail_quote">{escaped(said)}<br><br>'
        f'<blockquote class="protonmail_quote" type="cite">{divs(letter.original)}</blockquote><br></div>\n'
    )
    return _both(letter, text, html)


def samsung(letter: Letter) -> Parts:
    footer, original = letter.said["samsung"], letter.said["original"]
    sender, _, to, subject = letter.labels
    fields = (
        (sender, f"{letter.agent} <{letter.agent_address}>"),
        (letter.said["date"], f"{letter.written:%d/%m/%Y %H:%M} (GMT+01:00)"),
        (to, letter.address),
        (subject, letter.subject),
    )
    head = "\n".join(f"{label}: {value}" for label, value in fields)
    text = f"{letter.own}\n\n\n{footer}\n\n\n-------- {original} --------\n{head}\n\n{letter.original}\n"
    written = "".join(f"<div>{label}: {escaped(value)} </div>" for label, value in fields)
    body = (
        f'{divs(letter.own)}<div><br></div><div><br></div><div id="composer_signature" dir="auto">'
        f'<div style="font-size:12px;color:#575757" dir="auto">{footer}</div></div><div dir="auto"><br></div>'
        f'<div align="left" dir="auto" style="font-size:100%;color:#000000"><div>-------- {original} --------</div>'
        f"{written}<div><br></div></div>{divs(letter.original)}"
    )
    return _both(letter, text, page(body, letter, attributes=' dir="auto"'))


def qq(letter: Letter) -> Parts:
    is_chinese = letter.language.startswith("zh")
    title, labels = (
        ("原始邮件", ("发件人", "发送时间", "收件人", "主题"))
        if is_chinese
        else ("Original", ("From", "Date", "To", "Subject"))
    )
    rule = "-" * 18
    head = [
        (labels[0], f'"{letter.agent}"<{letter.agent_address}>;'),
        (
            labels[1],
            f"{letter.written:%Y年%m月%d日 %H:%M}" if is_chinese else f"{letter.written:%a, %b %d, %Y %I:%M %p}",
        ),
        (labels[2], f'"{letter.name}"<{letter.address}>;'),
        (labels[3], letter.subject),
    ]
    fields = "".join(f"<div><b>{label}:</b>&nbsp;{escaped(value)}</div>" for label, value in head)
    html = (
        f"{divs(letter.own)}<div><br></div>"
        '<div style="font-size: 12px;font-family: Arial Narrow;padding:2px 0 2px 0;">'
        f"{rule}&nbsp;{title}&nbsp;{rule}</div>"
        f'<div style="font-size: 12px;background:#efefef;padding:8px;">{fields}</div><div><br></div>'
        f"{divs(letter.original)}"
    )
    block = "\n".join(f"{label}: {value}" for label, value in head)
    text = f"{letter.own}\n\n\n\n\n{rule} {title} {rule}\n{block}\n\n\n\n{letter.original}\n"
    charset = "gb18030" if letter.language != "vi" else "utf-8"
    return (Part(text, "plain", charset, "base64"), Part(html, "html", charset, "base64"))[letter.number % 2 :]


def netease(letter: Letter) -> Parts:
    said = f'在 {letter.written:%Y-%m-%d %H:%M:%S}，"{letter.agent}" <{letter.agent_address}> 写道：'
    text = f"{letter.own}\n\n\n\n\n\n\n\n{said}\n{marked(letter.original)}\n"
    html = (
        '<div style="line-height:1.7;color:#000000;font-size:14px;font-family:Arial">'
        f'{divs(letter.own)}<div><br></div><div id="divNeteaseMailCard"></div><br>'
        f'<pre><br>{escaped(said)}</pre><blockquote id="isReplyContent" style="PADDING-LEFT: 1ex; MARGIN: 0px 0px 0px '
        f'0.8ex; BORDER-LEFT: #ccc 1px solid">{divs(letter.original)}</blockquote></div>'
    )
    return (Part(text, "plain", "gbk", "base64"), Part(html, "html", "gbk", "base64"))


def mailru(letter: Letter) -> Parts:
    pattern = {
        "ru": "{EEEE}, {d} {MMMM} {y}, {H}:{mm} +03:00 от {name} <{addr}>:",
        "uk": "{EEEE}, {d} {MMMM} {y}, {H}:{mm} +03:00 від {name} <{addr}>:",
    }.get(letter.language, "{EEEE}, {MMMM} {d}, {y} {h}:{mm} {a} +03:00 from {name} <{addr}>:")
    said = letter.filled(pattern)
    html = (
        f"\n<HTML><BODY>{paragraphs(letter.own)}<div>&nbsp;</div>"
        '<blockquote style="border-left:1px solid #0857A6;margin:10px;padding:0 0 0 10px;">'
        f'{escaped(said)}<br>&nbsp;<div id=""><div class="js-helper js-readmsg-msg"><div>'
        f"{divs(letter.original)}</div></div></div></blockquote></BODY></HTML>\n"
    )
    text = f"\n{letter.own}\n \n>{said}\n> \n{marked(letter.original)}\n"
    return (Part(text, "plain", "utf-8", "base64"), Part(html, "html", "utf-8", "base64"))[letter.number % 2 :]


def yandex(letter: Letter) -> Parts:
    said = f'{letter.written:%d.%m.%Y, %H:%M}, "{letter.agent}" <{letter.agent_address}>:'
    html = (
        f"{divs(letter.own)}<div> </div><div>{escaped(said)}</div>"
        f"<blockquote><div>{paragraphs(letter.original)}</div></blockquote>"
    )
    return (Part(html, "html", "utf-8", "8bit"),)


def ukrnet(letter: Letter) -> Parts:
    said = letter.filled('{d} {MMMM} {y}, {HH}:{mm}:{ss}, від "{name}" <{addr}>:')
    return (Part(f"{letter.own}\n\n\n{said}\n\n{marked(letter.original)}\n", "plain", "utf-8", "base64"),)


def abv(letter: Letter) -> Parts:
    head = (
        f">-------- Оригинално писмо --------\n >От:  {letter.agent} {letter.agent_address}\n"
        f" >Относно: {letter.subject}\n >До: {letter.address}\n >Изпратено на: {letter.written:%d.%m.%Y %H:%M}"
    )
    quoted = "\n".join(f" > {line}" for line in quotes.lines(letter.original))
    return (Part(f" {letter.own}\n\n\n\n {head}\n\n{quoted}\n", "plain", "windows-1251", "8bit"),)


def onet(letter: Letter) -> Parts:
    said = f"W dniu {letter.written:%Y-%m-%d %H:%M:%S} użytkownik {letter.agent} <{letter.agent_address}> napisał:"
    html = (
        f"<div>{breaks(letter.own)}</div><div>&nbsp;</div><div>{escaped(said)}</div>"
        '<blockquote style="margin-right:0;margin-left:7px;border-left:2px solid orange;padding-left:8px;">'
        f"{divs(letter.original)}</blockquote>"
    )
    return (Part(html, "html", "utf-8", "base64"),)


def wp(letter: Letter) -> Parts:
    said = letter.filled("Dnia {d} {MMMM} {y} {HH}:{mm} {name} <{addr}> napisał(a):")
    return (Part(f"{letter.own}\n\n{said}\n\n{marked(letter.original)}\n", "plain", "iso-8859-2", "8bit"),)


def seznam(letter: Letter) -> Parts:
    labels = ("Od", "Komu", "Datum", "Předmět")
    values = (
        f"{letter.agent} <{letter.agent_address}>",
        letter.address,
        f"{letter.written:%d. %m. %Y %H:%M:%S}",
        letter.subject,
    )
    head = [f"{label}: {value}" for label, value in zip(labels, values, strict=True)]
    title = "---------- Původní e-mail ----------"
    text = f"{letter.own}\n\n\n{title}\n" + "\n".join(head) + f"\n\n{letter.original}\n"
    html = (
        f"{divs(letter.own)}<br><aside>\n{title}<br>\n{'<br>'.join(escaped(line) for line in head)}</aside><br>"
        f'<blockquote data-email="{letter.agent_address}">{divs(letter.original)}</blockquote>'
    )
    return (Part(text, "plain", "utf-8", "base64"), Part(html, "html", "utf-8", "base64"))[letter.number % 2 :]


def gmx(letter: Letter) -> Parts:
    sent = letter.filled("{EEEE}, {dd}. {MMMM} {y} um {HH}:{mm} Uhr")
    head = head_html(letter, ("Von", "Gesendet", "An", "Betreff"), sent)
    style = "margin: 10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left: 2px solid #C3D9E5;"
    html = (
        '<html><head></head><body><div style="font-family: Verdana;font-size: 12.0px;">'
        f'{divs(letter.own)}<div>&nbsp;</div><div name="quote" style="{style} word-wrap: break-word;">'
        f'<div style="margin: 0 0 10px 0;">{head}</div><div name="quoted-content">{divs(letter.original)}</div></div>'
        "</div></body></html>"
    )
    return (Part(html, "html", "utf-8", "quoted-printable"),)


def orange(letter: Letter) -> Parts:
    head = (
        f'> Message du {letter.written:%d/%m/%y %H:%M}\n> De : "{letter.agent}" <{letter.agent_address}>\n'
        f"> A : {letter.address}\n> Copie à : \n> Objet : {letter.subject}\n> "
    )
    return (Part(f"{letter.own}\n\n\n\n\n{head}\n{marked(letter.original)}\n", "plain", "utf-8", "quoted-printable"),)


def libero(letter: Letter) -> Parts:
    said = f"Il {letter.written:%d/%m/%Y %H:%M} {letter.agent} <{letter.agent_address}> ha scritto:"
    return (Part(f"{letter.own}\n\n\n{marked(f'{said}{chr(10) * 2}{letter.original}')}\n", "plain", "iso-8859-1"),)


def naver(letter: Letter) -> Parts:
    sent = letter.filled("{y}-{MM}-{dd} ({EEE}) {HH}:{mm}:{ss} (GMT+09:00)")
    head = (
        f'-----Original Message-----\nFrom: "{letter.agent}" <{letter.agent_address}>\nTo: "{letter.name}" '
        f"<{letter.address}>;\nCc: \nSent: {sent}\nSubject: {letter.subject}"
    )
    return (Part(f"{letter.own}\n\n \n\n{head}\n\n{letter.original}\n", "plain", "utf-8", "base64"),)


def horde(letter: Letter) -> Parts:
    """Old webmail: the words of its maker's language, whatever the author's."""
    said = f"Quoting {letter.agent} <{letter.agent_address}>:"
    return (Part(f"{said}\n\n{marked(letter.original)}\n\n{letter.own}\n", "plain", letter.charset, "8bit"),)


def shown_horde(letter: Letter) -> tuple[str, ...]:
    """The words below the quote; the short quote that they answer may stay."""
    quote = f"Quoting {letter.agent} <{letter.agent_address}>:\n{marked(letter.original)}"
    return (letter.own, f"{quote}\n{letter.own}")


CLIENTS: dict[str, Callable[[Letter], Parts]] = {
    "gmail": gmail,
    "gmail-mobile": gmail_mobile,
    "outlook-desktop": outlook_desktop,
    "outlook-plain": outlook_plain,
    "outlook-web": outlook_web,
    "outlook-mobile": outlook_mobile,
    "outlook-mac": outlook_mac,
    "apple-mac": apple_mac,
    "ios": ios,
    "thunderbird": thunderbird,
    "yahoo": yahoo,
    "yahoo-mobile": yahoo_mobile,
    "proton": proton,
    "samsung": samsung,
    "qq": qq,
    "netease": netease,
    "mailru": mailru,
    "yandex": yandex,
    "ukrnet": ukrnet,
    "abv": abv,
    "onet": onet,
    "wp": wp,
    "seznam": seznam,
    "gmx": gmx,
    "orange": orange,
    "libero": libero,
    "naver": naver,
    "horde": horde,
}
# The attribution a program writes exists only in the languages it speaks.
SPOKEN = {"gmail-mobile": "gmail", "apple-mac": "apple", "ios": "apple", "yahoo-mobile": "yahoo"}
