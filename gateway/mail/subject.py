"""Subjects without the reply and forward prefixes of the world's mail clients. Knows no ticket references."""

import re

# Words that clients put before a colon, by language; those that two languages share stand where they come first.
_REPLY = {
    "any": ("re", "r", "reply"),
    "de nl": ("aw", "antw", "antwort", "antwoord"),
    "pl": ("odp", "odpowiedź", "odpowiedz"),
    "ru uk bg": ("ответ", "отв", "отговор", "отг", "відповідь", "вiдповiдь", "відп", "ре"),
    "zh": ("回复", "回覆", "答复", "答覆", "回信"),
    "el": ("απ", "απάντηση", "σχετ", "σχετικό"),
    "lv lt et": ("atb", "atbilde", "ats", "atsakymas", "vs", "vastus"),
    "sv no da is fi": ("sv", "svar", "svr", "vastaus"),
    "fr": ("ré", "réf", "rép", "rep", "réponse"),
    "es pt it ro": ("resp", "rif", "ris", "rsp", "res", "resposta", "respuesta", "risposta", "răspuns", "răsp"),
    "hu cs sk sl hr sr": ("válasz", "vá", "odpověď", "odpoveď", "odg", "odgovor", "od"),
    "tr ja ko": ("ynt", "yan", "yanıt", "cevap", "返信", "回答", "회신", "답장"),
    "vi th he ar": ("trả lời", "ตอบกลับ", "ตอบ", "השב", "תגובה", "תשובה", "رد", "ردّ"),
    "id ms": ("bls", "balas", "balasan"),
}
_FORWARD = {
    "any": ("fwd", "fw", "forward", "forwarded"),
    "de nl": ("wg", "weiterleitung", "weitergeleitet", "doorst", "doorgestuurd"),
    "pl": ("pd", "przekazana", "pdal"),
    "ru uk bg": ("пересл", "переслано", "пер", "препратено", "препр", "пересилання", "пд"),
    "zh": ("转发", "轉寄", "轉發", "转寄"),
    "el": ("πρθ", "πρ", "προώθηση"),
    "lv lt et": ("pārs", "pārsūtīts", "pārsūtīt", "pers", "persiųsta", "persiuntimas", "edasi", "edastatud"),
    "sv no da is fi": ("vb", "vs", "vidarebefordrat", "videresendt", "áfr", "vl", "välitetty"),
    "fr": ("tr", "transf", "transféré"),
    "es pt it ro": ("rv", "renv", "reenv", "reenviado", "enc", "encaminhado", "i", "inoltro", "redirecționat"),
    "hu cs sk sl hr sr": (
        "továbbítás",
        "továbbítva",
        "továbbküldött",
        "přep",
        "přeposlaná",
        "preposlané",
        "posr",
        "prosl",
    ),
    "tr ja ko": ("ilt", "İlt", "ilet", "İlet", "転送", "전달"),
    "vi th he ar": ("chuyển tiếp", "ส่งต่อ", "הועבר", "העבר", "إعادة توجيه", "تحويل"),
    "id ms": ("trs", "terusan", "diteruskan"),
}
_LONGEST = 2_000
_MOST = 30


def _alternatives(table: dict[str, tuple[str, ...]]) -> str:
    words = {word for words in table.values() for word in words}
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


# `Re:`, `RE[2]:`, `Re^2:`, `Re (3) :`, `Re*2:`, `回复：`; the list tag before it is kept and looked behind.
_PREFIX = re.compile(
    rf"\s*(?:(?P<reply>{_alternatives(_REPLY)})|(?P<forward>{_alternatives(_FORWARD)}))"
    r"\s{0,2}(?:[\[(^*]?\d{1,3}[\])]?)?\s{0,3}[:：﹕︰]",
    re.IGNORECASE,
)
_ENGLISH_FORWARD = re.compile(r"\s*\[(?:fwd|fw):\s*(?P<inner>.*)\]\s*\Z", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"\s*(\[[^\[\]]{1,60}\])(?=\s*\S)")
_SPACES = re.compile(r"\s+")


def _cut(subject: str) -> tuple[str, tuple[str, ...]]:
    """The subject without its prefixes, and what the prefixes were (`reply`, `forward`), first one first."""
    rest = _SPACES.sub(" ", subject[:_LONGEST]).strip()
    tags: list[str] = []
    kinds: list[str] = []
    for _ in range(_MOST):
        if prefix := _PREFIX.match(rest):
            kinds.append(prefix.lastgroup or "")
            rest = rest[prefix.end() :].strip()
        elif wrapped := _ENGLISH_FORWARD.match(rest):
            kinds.append("forward")
            rest = wrapped["inner"].strip()
        elif (tag := _TAG.match(rest)) and _PREFIX.match(rest, tag.end()):
            if tag[1] not in tags:
                tags.append(tag[1])
            rest = rest[tag.end() :].strip()
        else:
            break
    kept = [tag for tag in tags if not rest.startswith(tag)]
    return " ".join([*kept, rest]).strip(), tuple(kinds)


def base(subject: str) -> str:
    """`Re: [list] AW[2]: Fwd: Printer` -> `[list] Printer`, white space made single; may be empty."""
    return _cut(subject)[0]


def prefix(subject: str) -> str:
    """What the outermost prefix is one of: `reply`, `forward`, or `""` where there is none."""
    return next(iter(_cut(subject)[1]), "")


def is_reply(subject: str) -> bool:
    """Whether the outermost prefix is one of an answer."""
    return prefix(subject) == "reply"


def is_forward(subject: str) -> bool:
    """Whether the outermost prefix is one of a forwarded message."""
    return prefix(subject) == "forward"
