"""Parts that are files: what they are called, what is in them, which of them only decorate. Chooses no text."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import unquote

from gateway.mail import file_names, headers, mime, plain_text
from gateway.mail.limits import Limits
from gateway.mail.message import Attachment

MESSAGE = frozenset({"message/rfc822", "message/global", "message/news"})
CMS = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_STEMS = {
    "application/ms-tnef": "winmail",
    "application/pgp-encrypted": "version",
    "application/pgp-signature": "signature",
    "application/pkcs7-mime": "smime",
    "application/pkcs7-signature": "smime",
    "application/x-pkcs7-mime": "smime",
    "application/x-pkcs7-signature": "smime",
    "text/calendar": "invitation",
}
_FAMILIES = {"image": "image", "audio": "audio", "video": "video"}
_NAME_WITH_ENDING = re.compile(r"[^@/\\]{1,100}\.[A-Za-z][A-Za-z0-9]{1,4}")
_LONGEST_SUBJECT = 100


def file(part: mime.Part, limits: Limits) -> Attachment | None:
    """The part as a file; None where it is empty and nameless."""
    content = plain_text.octets(part.octets, part.encoding)
    if not content.strip() and not part.file_name:
        return None
    kind = part.content_type
    name = part.file_name or _name(part, content, limits)
    return Attachment(file_names.safe(name, kind), kind, content, part.content_id)


def _name(part: mime.Part, content: bytes, limits: Limits) -> str:
    """A name for a part that gives none: its subject, what the HTML calls it, else after its type."""
    kind = part.content_type
    if kind in MESSAGE:
        return f"{_subject_of(content, limits)[:_LONGEST_SUBJECT].strip(' .') or 'message'}.eml"
    location = headers.clean(part.raw("content-location").decode("latin-1")).partition("?")[0].rpartition("/")[2]
    for named in (part.content_id.partition("@")[0], unquote(location)):
        if _NAME_WITH_ENDING.fullmatch(named):
            return named
    stem = _STEMS.get(kind) or _FAMILIES.get(kind.partition("/")[0], "file")
    return f"{stem}{file_names.ending_for(kind)}"


def _subject_of(content: bytes, limits: Limits) -> str:
    fields, _ = mime.head(content, limits)
    subject = next((headers.decode(value) for name, value in fields if name.lower() == "subject"), "")
    return subject.replace("/", "_").replace("\\", "_")


def is_cms(part: mime.Part) -> bool:
    """Whether the part is an opaque S/MIME message (RFC 8551 §3.2), also where only its name says so."""
    return part.content_type in CMS or (
        part.content_type == "application/octet-stream" and part.file_name.lower().endswith(".p7m")
    )


def decorating(files: Sequence[Attachment], html: str, limits: Limits) -> list[Attachment]:
    """The files, those marked inline that are small pictures which the HTML shows (RFC 2392)."""
    if not any(file.content_id for file in files):
        return list(files)
    shown = unquote(html.lower())
    return [replace(file, is_inline=True) if _decorates(file, shown, limits) else file for file in files]


def _decorates(file: Attachment, shown: str, limits: Limits) -> bool:
    return (
        bool(file.content_id)
        and file.content_type.startswith("image/")
        and file.size <= limits.decoration
        and f"cid:{file.content_id.lower()}" in shown
    )


def uniquely_named(files: Iterable[Attachment]) -> tuple[Attachment, ...]:
    """The files, equal names numbered."""
    taken: set[str] = set()
    found = []
    for each in files:
        name = file_names.unique(each.name, taken)
        taken.add(name.casefold())
        found.append(each if name == each.name else replace(each, name=name))
    return tuple(found)
