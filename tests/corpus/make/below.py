"""Replies written below or between the quoted lines. Those above a quote are in `clients`."""

from collections.abc import Callable

from tests.corpus.make import quotes
from tests.corpus.make.clients import Parts
from tests.corpus.make.letter import Letter
from tests.corpus.make.post import Part, escaped
from tests.corpus.make.quotes import divs, marked, page, paragraphs, wrapped


def _attribution(letter: Letter, client: str) -> str:
    key = {"apple-mac": "apple", "thunderbird-html": "thunderbird", "gmail-html": "gmail"}.get(client, client)
    return letter.attribution(key)


def _text(letter: Letter, body: str, client: str) -> Parts:
    if client == "thunderbird":
        return (Part(body, "plain", letter.charset, "8bit"),)
    return (Part(body, "plain", "utf-8", "quoted-printable" if client == "apple-mac" else "base64"),)


def bottom(letter: Letter, client: str) -> Parts:
    said = _attribution(letter, client)
    if client == "gmail":
        return _text(letter, f"{wrapped(said)}\n\n{marked(letter.original)}\n\n\n{letter.own}\n", client)
    if client == "apple-mac":
        return _text(letter, f"\n{said}\n\n{marked(letter.original)}\n\n{letter.own}\n", client)
    return _text(letter, f"{said}\n{marked(letter.original)}\n\n{letter.own}\n", client)


def interleaved(letter: Letter, client: str) -> Parts:
    said = _attribution(letter, client)
    if client == "thunderbird-html":
        return _thunderbird_html(letter, said)
    if client == "gmail-html":
        return _gmail_html(letter, said)
    answered = "\n\n".join(f"> {question}\n\n{answer}" for question, answer in letter.pairs)
    said = wrapped(said) if client == "gmail" else said
    gap = "\n\n" if client == "gmail" else "\n"
    return _text(letter, f"{said}{gap}{answered}\n\n> {letter.last}\n", client)


def _thunderbird_html(letter: Letter, said: str) -> Parts:
    cite = f'<blockquote type="cite" cite="mid:{letter.number}@desk.example">'
    answered = "\n".join(
        f"{cite}<p>{escaped(question)}</p></blockquote>\n<p>{escaped(answer)}</p>" for question, answer in letter.pairs
    )
    body = (
        f'<div class="moz-cite-prefix">{escaped(said)}<br>\n</div>\n{answered}\n'
        f"{cite}{paragraphs(letter.last)}</blockquote>"
    )
    return (Part(page(body, letter), "html", "utf-8", "8bit"),)


def _gmail_html(letter: Letter, said: str) -> Parts:
    answered = "".join(
        f"{quotes.GMAIL_QUOTE}{divs(question)}</blockquote><div><br></div><div>{escaped(answer)}</div><div><br></div>"
        for question, answer in letter.pairs
    )
    html = (
        f'<div dir="{letter.direction}"><div class="gmail_quote gmail_quote_container"><div dir="{letter.direction}" '
        f'class="gmail_attr">{escaped(said)}<br></div>{answered}'
        f"{quotes.GMAIL_QUOTE}{divs(letter.last)}</blockquote></div></div>\n"
    )
    return (Part(html, "html", "utf-8", "base64"),)


def shown_bottom(letter: Letter, client: str) -> tuple[str, ...]:
    """The author's words; a short quote that they answer may stay, a long one may not."""
    said = _attribution(letter, client)
    if len(quotes.lines(letter.original)) > 8:
        return (letter.own,)
    quote = marked(letter.original)
    introduced = wrapped(said) if client == "gmail" else said
    return (letter.own, f"{introduced}\n{quote}\n{letter.own}", f"{quote}\n{letter.own}")


def shown_interleaved(letter: Letter, client: str) -> tuple[str, ...]:
    """The answered pieces with their answers; the program's line above them may go."""
    said = _attribution(letter, client)
    introduced = wrapped(said) if client == "gmail" else said
    answered = "\n\n".join(f"> {question}\n\n{answer}" for question, answer in letter.pairs)
    return (f"{introduced}\n\n{answered}", answered)


SHAPES: dict[str, tuple[Callable[[Letter, str], Parts], Callable[[Letter, str], tuple[str, ...]]]] = {
    "bottom": (bottom, shown_bottom),
    "interleaved": (interleaved, shown_interleaved),
}
