"""Files of a mail as others may have them: words changed wherever they can be read, in attached mails too.

Which words is its caller's to say. What lies in packed or binary files – archives, PDF, pictures – it does not see.
"""

import base64
import quopri
import re
from collections.abc import Callable, Iterable, Iterator

from gateway.mail import attached, headers, mime, plain_text
from gateway.mail.limits import Limits
from gateway.mail.message import Attachment
from gateway.mail.parse import parse

Edit = Callable[[str], str]

_SIGNATURES = frozenset(
    {
        "application/pgp-keys",
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
    }
)
_SIGNATURE_NAME = re.compile(
    r"(?i)(?:smime(?: \(\d{1,3}\))?\.p7[ms]|(?:signature|openpgp_[^/]{1,80})(?: \(\d{1,3}\))?\.asc)"
)
_READABLE = re.compile(r"(?i)(?:text|message)/.{1,100}|application/(?:ics|json|xml|[a-z.-]{1,60}\+(?:json|xml))")
_READABLE_NAME = re.compile(r"(?i)[^/]{1,250}\.(?:csv|eml|html?|ics|json|log|md|txt|vcard|vcf|vcs|xml)")
_FOLDED_NAME = re.compile(r"(?i)[^/]{1,250}\.(?:ics|vcard|vcf|vcs)")
_FOLDED = frozenset({"text/calendar", "text/directory", "text/vcard", "text/x-vcalendar", "text/x-vcard"})
_FOLD = re.compile(r"\r?\n[ \t]")
_SEALED = attached.CMS | {"application/ms-tnef", "application/vnd.ms-tnef"}
_BASE64 = frozenset({"base64", "base-64", "b64"})
_QUOTED = frozenset({"quoted-printable", "quoted_printable", "quotedprintable", "qp"})
_AS_IT_IS = frozenset({"", "7bit", "8bit", "binary"})
_DEEPEST = 5  # mails within mails


class _SealedError(Exception):
    """A mail has the words where they cannot be changed."""


def is_signature(kind: str, name: str) -> bool:
    """Whether a file of this type and name only vouches for its mail's author: a signature over that mail, or his key.

    Over a mail that is written anew it proves nothing, and it shows its owner's address.
    """
    return kind in _SIGNATURES or _SIGNATURE_NAME.fullmatch(name) is not None


def signatures_of(files: Iterable[Attachment]) -> tuple[str, ...]:
    """The names of those that only vouch for their mail's author."""
    return tuple(file.name for file in files if is_signature(file.content_type, file.name))


def content_of(files: Iterable[Attachment]) -> tuple[Attachment, ...]:
    """The files that say something themselves."""
    return tuple(file for file in files if not is_signature(file.content_type, file.name))


def edited(file: Attachment, edit: Edit, limits: Limits, *, unsigned: bool) -> Attachment:
    """The file, its words and name through `edit`; mails in it lose their signatures, too, if it is to be `unsigned`.

    A mail in which the words cannot be changed – they stand in something sealed – is a text of what it says instead.
    """
    name, kind = edit(file.name), file.content_type
    try:
        content = _content(kind, file.name, file.content, edit, limits, _DEEPEST, unsigned=unsigned)
    except _SealedError:
        return Attachment(f"{name}.txt", "text/plain", edit(_told(file.content, limits)).encode())
    if name == file.name and content == file.content:
        return file
    return Attachment(name, kind, content, file.content_id, file.is_inline)


def _told(raw: bytes, limits: Limits) -> str:
    message = parse(raw, limits)
    said = (("From", message.author), ("Subject", message.subject), ("Date", message.date))
    head = "".join(f"{name}: {value}\n" for name, value in said if value)
    names = "".join(f"\n[{file.name}]" for file in message.attachments)
    return f"{head}\n{message.text}\n{names}"


def _content(kind: str, name: str, octets: bytes, edit: Edit, limits: Limits, depth: int, *, unsigned: bool) -> bytes:
    if kind in attached.MESSAGE or name.lower().endswith(".eml"):
        return _message(octets, edit, limits, depth - 1, unsigned=unsigned)
    if _READABLE.fullmatch(kind) or _READABLE_NAME.fullmatch(name):
        return _words(octets, edit, is_folded=kind in _FOLDED or _FOLDED_NAME.fullmatch(name) is not None)
    return octets


def _words(octets: bytes, edit: Edit, *, is_folded: bool = False) -> bytes:
    """Each octet a letter, so that nothing else changes; but for UTF-16, as spreadsheets write it."""
    codec = "utf-16" if octets.startswith((b"\xff\xfe", b"\xfe\xff")) else "latin-1"
    text = octets.decode(codec, "replace")
    if is_folded and edit(unfolded := _FOLD.sub("", text)) != unfolded:
        text = unfolded
    after = edit(text)
    return octets if after == text else after.encode(codec, "replace")


def _message(raw: bytes, edit: Edit, limits: Limits, depth: int, *, unsigned: bool) -> bytes:
    """The mail changed part by part; what is not concerned stays octet by octet.

    Raises:
        _SealedError: the words are in it still.
    """
    if depth < 0:
        raise _SealedError
    root, _ = mime.split(raw, limits)
    pieces: list[bytes] = []
    at = 0
    for leaf in _leaves(root):
        after = _leaf(leaf, edit, limits, depth, unsigned=unsigned)
        start = raw.find(leaf.octets, at) if leaf.octets else at
        if start < 0 and after != leaf.octets:
            raise _SealedError  # lines that end with a bare CR were read otherwise than they stand there
        if start < 0:
            continue
        pieces.extend((_words(raw[at:start], edit), after))
        at = start + len(leaf.octets)
    changed = b"".join((*pieces, _words(raw[at:], edit)))
    _check_fields(root, edit)
    return changed


def _leaf(leaf: mime.Part, edit: Edit, limits: Limits, depth: int, *, unsigned: bool) -> bytes:
    kind, name = leaf.content_type, leaf.file_name
    if unsigned and attached.is_cms(leaf):
        raise _SealedError
    if unsigned and is_signature(kind, name):
        return b""
    content = plain_text.octets(leaf.octets, leaf.encoding)
    if kind in _SEALED:
        text = parse(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + content, limits).text
        if edit(text) != text:
            raise _SealedError
        return leaf.octets
    after = _content(kind, name, content, edit, limits, depth, unsigned=unsigned)
    return leaf.octets if after == content else _transported(after, leaf)


def _transported(content: bytes, leaf: mime.Part) -> bytes:
    line_end = b"\r\n" if b"\r\n" in leaf.octets else b"\n"
    unix = content.replace(b"\r\n", b"\n")
    if leaf.encoding in _BASE64:
        return base64.encodebytes(content).rstrip().replace(b"\n", line_end) + line_end
    if leaf.encoding in _QUOTED:
        return quopri.encodestring(unix).replace(b"\n", line_end)
    if leaf.encoding in _AS_IT_IS:
        return content
    raise _SealedError


def _check_fields(root: mime.Part, edit: Edit) -> None:
    """Encoded words (RFC 2047) hide what they say."""
    waiting = [root]
    while waiting:
        part = waiting.pop()
        for _, value in part.fields:
            if b"=?" in value and edit(said := headers.decode(value)) != said:
                raise _SealedError
        waiting.extend(part.parts)


def _leaves(part: mime.Part) -> Iterator[mime.Part]:
    if not part.parts:
        yield part
    for each in part.parts:
        yield from _leaves(each)
