"""An `Outgoing` value to the octets of a message: 7-bit clean, CRLF, the same input always the same output.

Takes nothing on trust: control characters cannot leave a field, ids are checked, addresses that need SMTPUTF8
(RFC 6531) are refused. Chooses no recipient and sends nothing.
"""

import base64
import hashlib
import quopri
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime

from gateway.mail import file_names, headers
from gateway.mail.address import Mailbox, is_valid
from gateway.mail.message import Attachment

_CRLF = b"\r\n"
_LINE = 78  # RFC 5322 §2.1.1: should
_LONGEST_LINE = 998  # RFC 5322 §2.1.1: must
_FIRST_REFERENCES, _LAST_REFERENCES = 4, 6
_FIELD_NAME = re.compile(r"[!-9;-~]{1,70}")
_ID = re.compile(r"[!-;=?-~]{1,200}@[!-;=?-~]{1,250}|[!-;=?-~]{3,450}")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,60}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,100}")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_UNQUOTED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
_PLAIN_WORDS = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be sent. `date` is aware; ids carry no brackets; `headers` are further fields, written as given."""

    from_: Mailbox
    to: tuple[Mailbox, ...]
    subject: str
    date: datetime
    message_id: str
    text: str
    cc: tuple[Mailbox, ...] = ()
    reply_to: Mailbox | None = None
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


def compose(outgoing: Outgoing) -> bytes:
    """The message as octets. ValueError: an address or id that cannot be sent, a naive date, an unfit field name."""
    if outgoing.date.tzinfo is None:
        raise ValueError("a date without a time zone says nothing")
    fields = [*_fields(outgoing), ("MIME-Version", "1.0")]
    head = b"".join(f"{name}: {value}".encode("ascii") + _CRLF for name, value in fields)
    return head + _body(outgoing)


def _fields(outgoing: Outgoing) -> Iterator[tuple[str, str]]:
    yield "From", _mailboxes((outgoing.from_,))
    yield "To", _mailboxes(outgoing.to) or "undisclosed-recipients:;"
    if outgoing.cc:
        yield "Cc", _mailboxes(outgoing.cc)
    if outgoing.reply_to is not None:
        yield "Reply-To", _mailboxes((outgoing.reply_to,))
    yield "Subject", _unstructured(outgoing.subject, len("Subject: "))
    yield "Date", format_datetime(outgoing.date)
    yield "Message-ID", _id(outgoing.message_id)
    if outgoing.in_reply_to:
        yield "In-Reply-To", _id(outgoing.in_reply_to)
    if outgoing.references:
        yield "References", "\r\n ".join(_id(each) for each in _capped(outgoing.references))
    reserved = {"from", "to", "cc", "reply-to", "subject", "date", "message-id", "in-reply-to", "references", "bcc"}
    for name, value in outgoing.headers:
        if (
            not _FIELD_NAME.fullmatch(name)
            or name.lower() in reserved
            or name.lower().startswith(("content-", "mime-"))
        ):
            raise ValueError(f"not a field to be added: {name[:80]!r}")
        yield name, _unstructured(value, len(name) + 2)


def _capped(references: tuple[str, ...]) -> tuple[str, ...]:
    """The first four, which tell the conversation, and the last six, which clients look for."""
    kept = tuple(dict.fromkeys(references))
    if len(kept) <= _FIRST_REFERENCES + _LAST_REFERENCES:
        return kept
    return kept[:_FIRST_REFERENCES] + kept[-_LAST_REFERENCES:]


def _id(message_id: str) -> str:
    if not _ID.fullmatch(message_id):
        raise ValueError(f"not a message id: {message_id[:80]!r}")
    return f"<{message_id}>"


def _mailboxes(mailboxes: Iterable[Mailbox]) -> str:
    return ",\r\n ".join(_mailbox(mailbox) for mailbox in mailboxes)


def _mailbox(mailbox: Mailbox) -> str:
    address = mailbox.address
    if not address.isascii() or not is_valid(address):
        raise ValueError(f"an address that cannot be written to: {address[:100]!r}")
    name = headers.clean(mailbox.name)[:200]
    if not name:
        return address
    if not name.isascii() or len(name) > 60 or "=?" in name:
        # Folded by hand: one encoded word a line keeps each line short (RFC 2047 §2).
        return f"{_encoded(name, 20)}\r\n <{address}>"
    if not _ATOMS.fullmatch(name):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        name = f'"{escaped}"'
    return f"{name} <{address}>" if len(name) + len(address) < 66 else f"{name}\r\n <{address}>"


def _encoded(text: str, used: int) -> str:
    header = Header(text.encode("utf-8", "replace").decode(), "utf-8", maxlinelen=_LINE - 2, header_name="x" * used)
    return header.encode(linesep="\r\n")


def _unstructured(text: str, used: int) -> str:
    """RFC 5322 §2.2.1: plain ASCII folded at spaces, anything else as encoded words."""
    text = headers.clean(text)
    if _PLAIN_WORDS.fullmatch(text) and "=?" not in text and all(len(word) < 900 for word in text.split(" ")):
        return _folded(text, used)
    return _encoded(text, used)


def _folded(text: str, used: int) -> str:
    lines: list[str] = []
    line = ""
    room = _LINE - used
    for word in text.split(" "):
        if line.strip() and word and len(line) + 1 + len(word) > room:
            lines.append(line)
            line, room = word, _LINE - 1
        else:
            line = f"{line} {word}" if line or lines else word
    return "\r\n ".join([*lines, line]).rstrip()


def _body(outgoing: Outgoing) -> bytes:
    parts = [_text_part("plain", outgoing.text)]
    if outgoing.html:
        parts.append(_text_part("html", outgoing.html))
    words = parts[0] if len(parts) == 1 else _multipart("alternative", parts, outgoing.message_id)
    if not outgoing.attachments:
        return words
    return _multipart("mixed", [words, *map(_file_part, outgoing.attachments)], outgoing.message_id)


def _multipart(kind: str, parts: list[bytes], seed: str) -> bytes:
    """The parts within a boundary that none of their lines can be: `=_` occurs in no base64 or quoted-printable."""
    content = b"".join(parts)
    number = 0
    boundary = _boundary(kind, seed, number)
    while boundary in content:
        number += 1
        boundary = _boundary(kind, seed, number)
    head = f'Content-Type: multipart/{kind};\r\n boundary="'.encode() + boundary + b'"' + _CRLF + _CRLF
    return head + b"".join(b"--" + boundary + _CRLF + part + _CRLF for part in parts) + b"--" + boundary + b"--" + _CRLF


def _boundary(kind: str, seed: str, number: int) -> bytes:
    return b"=_" + hashlib.sha256(f"{kind}\0{seed}\0{number}".encode()).hexdigest()[:32].encode()


def _text_part(kind: str, text: str) -> bytes:
    content = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    content = content if content.endswith("\n") else content + "\n"
    octets = content.encode("utf-8", "replace")
    encoding, body = _transported(octets)
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + body


def _transported(octets: bytes) -> tuple[str, bytes]:
    """The content for the way: as it is where it may be, else the shorter of the two encodings (RFC 2045 §6)."""
    lines = octets.split(b"\n")
    is_plain = octets.isascii() and all(
        len(line) <= _LONGEST_LINE - 20
        and not line.startswith((b"From ", b"--", b"."))
        and not line.endswith((b" ", b"\t"))
        for line in lines
    )
    if is_plain and not re.search(rb"[\x00-\x08\x0b-\x1f\x7f\r]", octets):
        return "7bit", octets.replace(b"\n", _CRLF)
    quoted = quopri.encodestring(octets, quotetabs=False)
    # A line that begins with `From ` or is a lone dot is altered on some ways.
    quoted = re.sub(rb"(?m)^From ", b"=46rom ", quoted)
    quoted = re.sub(rb"(?m)^\.", b"=2E", quoted)
    encoded = _base64(octets.replace(b"\n", _CRLF))
    if len(quoted) <= len(encoded):
        return "quoted-printable", quoted.replace(b"\n", _CRLF)
    return "base64", encoded


def _base64(octets: bytes) -> bytes:
    return base64.encodebytes(octets).replace(b"\n", _CRLF)


def _file_part(file: Attachment) -> bytes:
    kind = file.content_type.lower() if _MEDIA_TYPE.fullmatch(file.content_type) else "application/octet-stream"
    name = file_names.safe(file.name, kind)
    if kind.startswith(("message/", "multipart/")):
        kind, name, encoding, content = _message_part(file, kind, name)
    else:
        encoding, content = "base64", _base64(file.content)
    disposition = "inline" if file.is_inline and file.content_id else "attachment"
    head = [f"Content-Type: {kind}", f"Content-Transfer-Encoding: {encoding}"]
    head.append(f"Content-Disposition: {disposition};\r\n {_file_name(name)}")
    if file.content_id and re.fullmatch(r"[!-;=?-~]{1,200}", file.content_id):
        head.append(f"Content-ID: <{file.content_id}>")
    return "\r\n".join(head).encode("ascii") + _CRLF + _CRLF + content


def _message_part(file: Attachment, kind: str, name: str) -> tuple[str, str, str, bytes]:
    """RFC 2046 §5.2.1 forbids base64 here: what is not clean 7-bit goes as a file that clients open by its name."""
    unix = file.content.replace(b"\r\n", b"\n")
    lines = unix.split(b"\n")
    is_clean = unix.isascii() and b"\x00" not in unix and b"\r" not in unix
    if kind == "message/rfc822" and is_clean and all(len(line) <= _LONGEST_LINE for line in lines):
        return kind, name, "7bit", _CRLF.join(lines)
    name = name if name.lower().endswith(".eml") else f"{name}.eml"
    return "application/octet-stream", name, "base64", _base64(file.content)


def _file_name(name: str) -> str:
    """The `filename` parameter: plain, or percent-encoded with an ASCII form for old clients (RFC 2231 §4)."""
    plain = "".join(letter if " " <= letter <= "~" and letter not in '"\\' else "_" for letter in name)
    if plain == name and len(name) <= 60:
        return f'filename="{name}"'
    octets = name.encode("utf-8", "replace")
    codes = [chr(octet) if octet in _UNQUOTED else f"%{octet:02X}" for octet in octets]
    pieces: list[str] = []
    line = "utf-8''"
    for code in codes:
        if len(line) + len(code) > 55:
            pieces.append(line)
            line = ""
        line += code
    pieces.append(line)
    if len(pieces) == 1:
        return f"filename*={pieces[0]}"
    return ";\r\n ".join(f"filename*{number}*={piece}" for number, piece in enumerate(pieces))
