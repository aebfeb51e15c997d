"""Address lists as they really come: split before decoding, so that no encoded or quoted comma parts a name.

Reads what RFC 5322 §3.4 allows and what senders write instead; yields only addresses that mail can be sent to.
"""

import html
import re

from gateway.mail import headers
from gateway.mail.address import Mailbox, is_valid

# One token of a list: an encoded word, a quoted string, a comment, an angle, a separator, or anything else. Undeclared
# ISO-2022-JP is a word, too: its octets look like separators.
_TOKEN = re.compile(
    rb"(?P<word>=\?[^?\s]{1,60}\?[bBqQ]\?(?:(?!=\?)[^\r\n]){0,2000}?\?=|\x1b\$[@B][\x21-\x7e]{0,1000}\x1b\([BJ])"
    rb"|(?P<quoted>\"(?:[^\"\\]|\\.){0,1000}\")"
    rb"|(?P<comment>\((?:[^()\\]|\\.){0,500}\))"
    rb"|(?P<angle><[^<>]{0,1000}>|<[^<>,;]{0,1000})"
    rb"|(?P<separator>[,;])"
    rb"|(?P<group>:(?!//))"
    rb"|(?P<plain>[^\"(<,;:=]+|.)",
    re.DOTALL,
)
# What most fields are: there is only one way to read it.
_PLAIN = re.compile(rb"([A-Za-z0-9 ]{0,200})<([A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,255})>")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"]{1,64}@[^\s<>()\[\],;:\"@]{1,255}")
_NEEDLESS_QUOTES = re.compile(r"^\"([^\s<>()\[\],;:\"\\@]{1,64})\"@")
_SCHEME = re.compile(r"(?:mailto|smtp):", re.IGNORECASE)
_LONGEST_BEGINNING = 1000  # octets of a name with commas; each of its pieces reads all of it again
_QUOTES = "\"'`´‘’“”„«»"
_AROUND = _QUOTES + "<>[]"


def read(raw: bytes, most: int, hint: str = "") -> tuple[Mailbox, ...]:
    """The mailboxes of one field's octets, at most `most`, groups opened, unusable addresses left out."""
    if (plain := _PLAIN.fullmatch(raw)) and is_valid(address := plain[2].decode("ascii")):
        return (Mailbox(" ".join(plain[1].decode("ascii").split()), address),)[:most]
    return _listed(raw, most, hint)


def _listed(raw: bytes, most: int, hint: str) -> tuple[Mailbox, ...]:
    if b"&lt;" in raw and b"<" not in raw:
        raw = html.unescape(raw.decode("latin-1")).encode("latin-1", "replace")
    found: list[Mailbox] = []
    phrase: list[bytes] = []
    address = comment = b""
    last_semicolon = raw.rfind(b";")
    for token in _TOKEN.finditer(raw + b","):
        kind, content = token.lastgroup, token[0]
        match kind:
            case "angle":
                # Of two angles behind one name the first is meant, unless there is no address in it.
                address = address if b"@" in address else content.strip(b"<>") or b" "
            case "comment":
                comment = content[1:-1]
            case "group" if token.start() > last_semicolon:
                phrase.append(content)  # no group: those end in a semicolon
            case "group":
                phrase = [*phrase, content] if phrase and phrase[-1].lower().endswith(b"mailto") else []
            case "separator":
                mailbox = _mailbox(b"".join(phrase), address, comment, hint)
                if mailbox:
                    found.append(mailbox)
                # `Doe, John <j@x>`: a piece without any address belongs to the name that follows.
                is_name_piece = not mailbox and not address and content == b","
                begun = b"".join(phrase) if is_name_piece else b""
                phrase = [begun, b", "] if begun.strip() and len(begun) <= _LONGEST_BEGINNING else []
                address = comment = b""
            case _:
                phrase.append(_name_piece(kind, content))
        if len(found) >= most:
            break
    return tuple(found)


def _name_piece(kind: str | None, content: bytes) -> bytes:
    if kind == "quoted":
        return re.sub(rb"\\(.)", rb"\1", content[1:-1])
    return content


def _mailbox(phrase: bytes, address: bytes, comment: bytes, hint: str) -> Mailbox | None:
    name = headers.decode(phrase, hint)
    within = headers.decode(address, hint)
    found = _usable(within) if address else ""
    if not found and (several := _ADDRESS.search(within)):
        found = _usable(several[0])
    if not found:
        # The address stands bare, inside the encoded name, in the comment, or the angle was empty.
        bare = _ADDRESS.search(name[:2000]) or _ADDRESS.search(headers.decode(comment, hint)[:2000])
        found = _usable(bare[0]) if bare and not address.isspace() else ""
        if found and bare:
            name = name.replace(bare[0], " ", 1).strip(" <>[]()")
            name = name[:-7].rstrip(" [(") if name.lower().endswith("mailto:") else name
    if not found:
        return None
    name = _display(name) or _display(headers.decode(comment, hint))
    says_nothing = name.casefold().removeprefix("mailto:") == found.casefold()
    return Mailbox("" if says_nothing else name, found)


def _usable(address: str) -> str:
    """`address` without route, `mailto:` and stray quotes if mail can be sent to it, else `""`."""
    address = "".join(address.split())
    if '"' in address:
        address = _NEEDLESS_QUOTES.sub(r"\1@", address)
    address = address.strip(_AROUND)
    if scheme := _SCHEME.match(address):
        address = address[scheme.end() :].partition("?")[0]
    if address.startswith("@"):
        address = address.rpartition(":")[2]  # RFC 5322 §4.4, obs-route
    address = address.rstrip(".")
    return address if is_valid(address) else ""


def _display(name: str) -> str:
    """The name without the quotes that some clients put around it again, and with single spaces."""
    name = " ".join(name.split()).strip()
    while len(name) > 1 and name[0] in _QUOTES and name[-1] in _QUOTES:
        name = name[1:-1].strip()
    name = name.strip(" ,;:<>")
    return name.strip('" ') if name.count('"') % 2 else name
