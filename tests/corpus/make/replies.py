"""The systematic half of the corpus: every language in every shape, each by the program whose turn it is.

Those messages are committed. `every_program` makes the others, which only a test sees: each language in each program.
"""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.corpus.make import below, clients, letter, post
from tests.corpus.make.letter import LANGUAGES, Letter

CORPUS = Path(__file__).parents[1]
TOP = (
    *("gmail", "outlook-desktop", "apple-mac", "outlook-web", "thunderbird"),
    *("yahoo", "outlook-plain", "proton", "outlook-mac"),
)
HTML = (
    *("outlook-desktop", "gmail", "yahoo", "outlook-web", "apple-mac", "proton", "samsung"),
    *("thunderbird", "outlook-mac", "ios", "outlook-mobile"),
)
BOTTOM = ("thunderbird", "gmail", "apple-mac")
INTERLEAVED = ("thunderbird-html", "gmail", "apple-mac", "thunderbird", "gmail-html")
MOBILE = ("ios", "samsung", "outlook-mobile", "gmail-mobile", "yahoo-mobile")
CYCLES = {"top": TOP, "html": HTML, "bottom": BOTTOM, "interleaved": INTERLEAVED, "mobile": MOBILE}
MAILERS = {
    "thunderbird": ("User-Agent", "Mozilla Thunderbird"),
    "outlook-desktop": ("X-Mailer", "Microsoft Outlook 16.0"),
    "outlook-plain": ("X-Mailer", "Microsoft Office Outlook 12.0"),
    "outlook-mac": ("User-Agent", "Microsoft-MacOutlook/16.78.23100802"),
    "apple-mac": ("X-Mailer", "Apple Mail (2.3826.200.121)"),
    "ios": ("X-Mailer", "iPhone Mail (22A3354)"),
    "yahoo": ("X-Mailer", "WebService/1.1.24562 YMailNorrin"),
    "qq": ("X-QQ-MIME", "TCMime 1.0 by Tencent"),
    "netease": ("X-Mailer", "Coremail Webmail Server"),
    "mailru": ("X-Mailer", "Mail.Ru Mailer 1.0"),
    "yandex": ("X-Mailer", "Yamail [ http://yandex.ru ] 5.0"),
    "abv": ("X-Mailer", "AbvMail 3.0"),
    "horde": ("User-Agent", "Internet Messaging Program (IMP) H3 (4.3.11)"),
}


def write() -> None:
    """Writes the files."""
    numbers = itertools.count()
    for made, code in enumerate(LANGUAGES):
        words = letter.read(code)
        for shape in ("top", "bottom", "interleaved", "html", "mobile"):
            client = _client(code, CYCLES[shape], made)
            _write(_letter(code, shape, client, next(numbers), words))
        for client in (name for name in words if name in clients.CLIENTS):
            _write(_letter(code, client, client, next(numbers), words))


def _client(code: str, cycle: tuple[str, ...], number: int) -> str:
    """The program whose turn it is among those that speak the language."""
    turns = itertools.islice(itertools.cycle(cycle), number % len(cycle), number % len(cycle) + len(cycle))
    return next(client for client in turns if _speaks(code, client))


def _speaks(code: str, client: str) -> bool:
    key = clients.SPOKEN.get(client, client.removesuffix("-html"))
    return key in letter.ATTRIBUTIONS[code] or key not in {"gmail", "apple", "yahoo", "proton", "thunderbird"}


def _letter(code: str, shape: str, client: str, number: int, words: dict[str, Any]) -> Letter:
    name, local = words["person"]
    said = words[shape]
    original = said.get("orig", "").strip("\n")
    if shape == "bottom" and number % 3 == 0:
        original = (
            f"{words['top']['orig'].strip()}\n\n{original}\n\n{words['html']['orig'].strip()}\n\n{words['agent']}"
        )
    return Letter(
        language=code,
        shape=shape,
        client=client,
        number=number,
        name=name,
        address=f"{local}@{'posta' if number % 2 else 'mail'}.example",
        agent=words["agent"],
        subject=said["subject"],
        own=said.get("own", "").strip("\n"),
        original=original,
        pairs=tuple((question, answer) for question, answer in said.get("pairs", ())),
        last=said.get("last", ""),
    )


def every_program(code: str) -> Iterator[tuple[str, bytes, str]]:
    """Replies in one language by all programs that speak it: a name, the octets, the sidecar's text."""
    words = letter.read(code)
    number = itertools.count(10_000)
    turns: dict[str, tuple[str, ...]] = {
        "top": (*TOP, *MOBILE),
        "html": (*HTML, "gmail-mobile", "yahoo-mobile"),
        "bottom": BOTTOM,
        "interleaved": INTERLEAVED,
    }
    for shape, cycle in turns.items():
        for client in dict.fromkeys(cycle):
            if _speaks(code, client):
                yield f"{shape}-{client}", *_made(_letter(code, shape, client, next(number), words))


def _write(written: Letter) -> None:
    raw, expected = _made(written)
    folder = CORPUS / "replies" / written.language
    folder.mkdir(parents=True, exist_ok=True)
    name = written.shape if written.shape == written.client else f"{written.shape}-{written.client}"
    (folder / f"{name}.eml").write_bytes(raw)
    (folder / f"{name}.toml").write_text(expected, "utf-8")


def _made(written: Letter) -> tuple[bytes, str]:
    """The message and its sidecar."""
    if written.shape in below.SHAPES:
        make, show = below.SHAPES[written.shape]
        parts, shown = make(written, written.client), show(written, written.client)
    elif written.client == "horde":
        parts, shown = clients.horde(written), clients.shown_horde(written)
    else:
        parts, shown = clients.CLIENTS[written.client](written), (written.own,)
    prefix = letter.PREFIXES.get(written.language, "RE") if written.client.startswith("outlook") else "Re"
    subject = f"{prefix}: {written.subject}"
    draft = post.Draft(_headers(written, subject), parts, boundary=f"=_Part_{written.number}_{written.client}")
    return draft.octets(), "\n".join(_expected(written, subject, shown, parts)) + "\n"


def _headers(written: Letter, subject: str) -> tuple[tuple[str, str], ...]:
    kind = "Q" if written.number % 3 == 0 and written.language not in letter.NON_LATIN else "B"
    charset = written.charset if written.client in {"thunderbird", "outlook-desktop", "abv"} else "utf-8"
    sent = f"{written.sent:%a, %d %b %Y %H:%M:%S} {written.zone}"
    name = post.words(written.name, charset, kind)
    hop = f"from mx.posta.example (mx.posta.example [192.0.2.{written.number % 250 + 1}])"
    mailer = MAILERS.get(written.client.removesuffix("-html").removesuffix("-mobile"))
    return (
        ("Received", f"{hop}\r\n\tby in.desk.example with ESMTPS id {written.number:06X}; {sent}"),
        ("From", f"{name if '=?' in name else f'{chr(34)}{name}{chr(34)}'} <{written.address}>"),
        ("To", f"{post.words(written.agent, charset, kind)} <{written.agent_address}>"),
        ("Subject", post.words(subject, charset, kind)),
        ("Date", sent),
        ("Message-ID", f"<{written.number:04d}.{written.client}.{written.language.lower()}@posta.example>"),
        ("In-Reply-To", f"<asked.{written.number}@desk.example>"),
        ("References", f"<asked.{written.number}@desk.example>"),
        *((mailer,) if mailer else ()),
        ("MIME-Version", "1.0"),
    )  # fmt: skip


def _expected(written: Letter, subject: str, shown: tuple[str, ...], parts: tuple[post.Part, ...]) -> Iterator[str]:
    yield f"language = {json.dumps(written.language.partition('-')[0])}"
    yield 'kind = "request"'
    yield f"client = {json.dumps(written.client)}"
    yield f"shape = {json.dumps(written.shape)}"
    yield f"subject = {json.dumps(subject, ensure_ascii=False)}"
    yield f"from = {json.dumps(f'{written.name} <{written.address}>', ensure_ascii=False)}"
    yield "attachments = []"
    yield "has_defects = false"
    if (len(parts) == 1 and parts[0].kind == "html") or len(shown) > 1:
        yield "ignores_empty_lines = true"
    answers = (answer for _, answer in written.pairs) if written.pairs else (written.own,)
    words = [line for answer in answers for line in answer.split("\n") if line]
    yield f"keeps = {json.dumps(words, ensure_ascii=False)}"
    yield f'reply_text = """\n{shown[0]}"""'
    if len(shown) > 1:
        yield "or_reply_text = ["
        yield from (f'"""\n{each}""",' for each in shown[1:])
        yield "]"
