"""Outlook's winmail.dat as parts of ours: the words that stand for the message's own, and the files. Shows nothing."""

from dataclasses import dataclass

from gateway.mail import file_names, headers, rtf_compression, rtf_text, tnef
from gateway.mail.limits import Limits
from gateway.mail.message import Attachment

_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})


@dataclass(frozen=True, slots=True)
class Contents:
    """What was within, its words as text or HTML; `words` may be empty."""

    words: str
    is_html: bool
    files: tuple[Attachment, ...]


def is_winmail(file: Attachment) -> bool:
    """Whether the file is such a package, by its type or its name."""
    return file.content_type in _TYPES or file.name.lower() == "winmail.dat"


def unpack(file: Attachment, limits: Limits) -> Contents | None:
    """What `file` holds; None where it cannot be opened. Never raises."""
    found = tnef.unpack(file.content, limits.files)
    if found is None:
        return None
    words, is_html = _words(found, limits)
    return Contents(words, is_html, tuple(_file(each) for each in found.files))


def _words(found: tnef.Unpacked, limits: Limits) -> tuple[str, bool]:
    """The text, else the HTML, else what the RTF was made of."""
    if found.text or found.html or not found.rtf:
        return found.text or found.html, not found.text
    written = rtf_text.convert(rtf_compression.unpack(found.rtf, limits.rtf), limits.text)
    return (written.content, written.is_html) if written else ("", False)


def _file(packed: tnef.PackedFile) -> Attachment:
    content_type = packed.content_type or "application/octet-stream"
    name = file_names.safe(headers.clean(packed.name), content_type)
    return Attachment(name, content_type, packed.content, headers.clean(packed.content_id))
