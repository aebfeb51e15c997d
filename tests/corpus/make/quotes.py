"""How mail programs write a reply's words and the quoted mail, as text and as HTML. One function a piece."""

import re

from tests.corpus.make.letter import Letter
from tests.corpus.make.post import escaped


def lines(text: str) -> list[str]:
    return text.strip("\n").split("\n")


def marked(text: str, mark: str = ">") -> str:
    """Each line behind the mark; empty lines are the bare mark."""
    return "\n".join(f"{mark} {line}".rstrip() for line in lines(text))


def wrapped(line: str, width: int = 78) -> str:
    """`line` broken behind spaces and behind `<`, as Gmail does."""
    found = [""]
    for piece in re.findall(r"[^ <]*[ <]|[^ <]+$", line):
        if len(found[-1] + piece.rstrip()) > width and found[-1]:
            found.append("")
        found[-1] += piece
    return "\n".join(each.rstrip() for each in found)


def divs(text: str) -> str:
    """Gmail and others: a div a line, an empty one for an empty line."""
    return "".join(f"<div>{escaped(line) or '<br>'}</div>" for line in lines(text))


def breaks(text: str) -> str:
    return "<br>\n".join(escaped(line) for line in lines(text))


def paragraphs(text: str, opening: str = "<p>") -> str:
    return "\n".join(f"{opening}{breaks(each)}</p>" for each in text.strip("\n").split("\n\n"))


def word_paragraphs(text: str) -> str:
    """Word's HTML: every line a paragraph, an empty one with a space that does not break."""
    written = (f"<span>{escaped(line)}</span>" if line else "<o:p>&nbsp;</o:p>" for line in lines(text))
    return "\n".join(f'<p class="MsoNormal">{each}</p>' for each in written)


def link(address: str) -> str:
    return f'<a href="mailto:{address}" target="_blank">{address}</a>'


def head_fields(letter: Letter, labels: tuple[str, ...] | None = None, date: str = "") -> list[tuple[str, str]]:
    """The quoted mail's header as label and value."""
    sender, sent, to, subject = labels or letter.labels
    values = (
        f"{letter.agent} <{letter.agent_address}>",
        date or letter.long_date,
        f"{letter.name} <{letter.address}>",
        letter.subject,
    )
    return list(zip((sender, sent, to, subject), values, strict=True))


def head_text(letter: Letter, labels: tuple[str, ...] | None = None, date: str = "") -> str:
    return "\n".join(f"{label}: {value}" for label, value in head_fields(letter, labels, date))


def head_html(letter: Letter, labels: tuple[str, ...] | None = None, date: str = "") -> str:
    return "<br>\n".join(f"<b>{label}:</b> {escaped(value)}" for label, value in head_fields(letter, labels, date))


def page(body: str, letter: Letter, head: str = "", attributes: str = "") -> str:
    direction = ' dir="rtl"' if letter.direction == "rtl" else ""
    return f"<html>\n<head>\n{head}</head>\n<body{attributes}{direction}>\n{body}\n</body>\n</html>\n"


WORD_HEAD = """<meta name="Generator" content="Microsoft Word 15 (filtered medium)">
<style><!--
@font-face {font-family:Calibri; panose-1:2 15 5 2 2 2 4 3 2 4;}
p.MsoNormal, li.MsoNormal, div.MsoNormal {margin:0cm; font-size:11.0pt; font-family:"Calibri",sans-serif;}
span.EmailStyle18 {mso-style-type:personal-reply; color:windowtext;}
div.WordSection1 {page:WordSection1;}
--></style>
"""
OUTLOOK_HEAD = '<style type="text/css" style="display:none;"> P {margin-top:0;margin-bottom:0;} </style>\n'
GMAIL_QUOTE = (
    '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);'
    'padding-left:1ex">'
)
