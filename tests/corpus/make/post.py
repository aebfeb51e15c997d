"""Octets of a message from its parts, as mail programs write them: encoded words, charsets, transfer encodings."""

import base64
import html
import quopri
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A text part; `charset` falls back to UTF-8 where the words have letters that it lacks."""

    text: str
    kind: str = "plain"
    charset: str = "utf-8"
    encoding: str = "quoted-printable"
    parameters: str = ""

    def octets(self) -> bytes:
        charset = fitting(self.text, self.charset)
        content = encoded(self.text.replace("\n", "\r\n"), charset)
        head = f'Content-Type: text/{self.kind}; charset="{charset}"{self.parameters}\r\n'
        encoding = "7bit" if content.isascii() and self.encoding != "base64" and _is_short(content) else self.encoding
        if self.encoding == "8bit" and not content.isascii():
            encoding = "8bit"
        head += f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
        return head.encode() + _transported(content, encoding)


@dataclass(frozen=True, slots=True)
class Draft:
    """Headers in order, and one part or alternatives."""

    headers: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    boundary: str

    def octets(self) -> bytes:
        head = b"".join(f"{name}: {value}\r\n".encode() for name, value in self.headers)
        if len(self.parts) == 1:
            return head + self.parts[0].octets()
        line = f"--{self.boundary}".encode()
        head += f'Content-Type: multipart/alternative;\r\n\tboundary="{self.boundary}"\r\n\r\n'.encode()
        body = b"".join(line + b"\r\n" + part.octets() + b"\r\n" for part in self.parts)
        return head + body + line + b"--\r\n"


def _is_short(content: bytes) -> bool:
    return all(len(line) < 900 for line in content.split(b"\r\n"))


def _transported(content: bytes, encoding: str) -> bytes:
    match encoding:
        case "base64":
            return base64.encodebytes(content).replace(b"\n", b"\r\n")
        case "quoted-printable":
            lines = content.split(b"\r\n")
            return b"\r\n".join(quopri.encodestring(line).replace(b"\n", b"\r\n") for line in lines) + b"\r\n"
        case _:
            return content + b"\r\n"


def _codec(charset: str) -> str:
    return {"iso-8859-8-i": "iso-8859-8", "ks_c_5601-1987": "cp949", "windows-874": "cp874"}.get(charset, charset)


def encoded(text: str, charset: str) -> bytes:
    return text.encode(_codec(charset))


def fitting(text: str, charset: str) -> str:
    """`charset` if it has all letters of `text`, else UTF-8."""
    try:
        encoded(text, charset)
    except UnicodeEncodeError:
        return "utf-8"
    return charset


def words(text: str, charset: str = "utf-8", kind: str = "B") -> str:
    """`text` as encoded words (RFC 2047), each at most 75 long, or as it is where it is ASCII."""
    if text.isascii():
        return text
    charset = fitting(text, charset)
    room = 75 - len(f"=?{charset}?B??=")
    pieces = [""]
    for letter in text:
        if len(_word(pieces[-1] + letter, charset, kind)) > room:
            pieces.append("")
        pieces[-1] += letter
    return "\r\n ".join(f"=?{charset}?{kind}?{_word(piece, charset, kind)}?=" for piece in pieces)


def _word(text: str, charset: str, kind: str) -> str:
    content = encoded(text, charset)
    if kind == "B":
        return base64.b64encode(content).decode()
    safe = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    return "".join("_" if octet == 32 else chr(octet) if octet in safe else f"={octet:02X}" for octet in content)


def escaped(text: str) -> str:
    return html.escape(text, quote=False)
