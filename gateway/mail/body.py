"""Which parts of a message are its text, which are files, and which a machine wrote for machines."""

import re
from dataclasses import dataclass, field

from gateway.mail import charset, file_names, headers, html_text, mime, plain_text
from gateway.mail.limits import Limits
from gateway.mail.message import Attachment, Mark, Message, ReportPart

_PLAIN = frozenset({"text/plain", "text/enriched", "text/richtext", "text/markdown", "text/x-markdown"})
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_UNSEEN = frozenset({"text/x-amp-html", "text/watch-html"})  # the same words once more, for special devices
_FILES = frozenset({"text/calendar", "text/csv", "text/vcard", "text/x-vcard", "text/directory", "text/css"})
_ATTACHED_MESSAGE = frozenset({"message/rfc822", "message/global", "message/news"})
_REPORT_PARTS = {
    "message/delivery-status": "delivery-status",
    "message/global-delivery-status": "delivery-status",
    "message/disposition-notification": "disposition-notification",
    "message/global-disposition-notification": "disposition-notification",
    "message/feedback-report": "feedback-report",
}
_ORIGINAL_PARTS = _ATTACHED_MESSAGE | {"text/rfc822-headers", "message/global-headers", "message/rfc822-headers"}
_LOOKS_HTML = re.compile(r"\s*<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_DATA_URI = re.compile(rb"data:[^\"'\s)>]{1000,}")  # pictures within the HTML must not push its words over the bound
_REPORT_GROUPS = 500


@dataclass(frozen=True, slots=True)
class Body:
    """What `parse` needs to know of a message's parts."""

    text: str = ""
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    report: ReportPart | None = None
    marks: tuple[Mark, ...] = ()
    defects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    content: str
    is_html: bool


@dataclass(slots=True)
class _Reading:
    """What has been found so far in one branch of the tree."""

    pieces: list[_Piece] = field(default_factory=list)
    html: str = ""
    files: list[Attachment] = field(default_factory=list)
    report_type: str = ""
    groups: tuple[dict[str, str], ...] = ()
    original: dict[str, str] = field(default_factory=dict)
    defects: list[str] = field(default_factory=list)

    def has_words(self, *, is_html: bool) -> bool:
        return any(piece.is_html == is_html and piece.content.strip() for piece in self.pieces)

    def take_over(self, other: "_Reading") -> None:
        """Everything but the pieces."""
        self.html = self.html or other.html
        self.files.extend(other.files)
        self.report_type = self.report_type or other.report_type
        self.groups = self.groups or other.groups
        self.original = self.original or other.original
        self.defects.extend(other.defects)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the tree a part stands."""

    limits: Limits
    hint: str
    is_root: bool = False
    is_alternative: bool = False
    is_report: bool = False
    is_related: bool = False  # beside a root that shows it


def charset_hint(root: mime.Part) -> str:
    """The first charset that the message names: what undeclared octets in its header are probably in."""
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if codec := charset.codec_of(part.parameters.get("charset", "")):
            return codec
        waiting.extend(reversed(part.parts[:10]))
    return ""


def read(root: mime.Part, limits: Limits, hint: str) -> Body:
    """The text, HTML, files and report of a message."""
    reading = _Reading()
    _read(root, reading, _Place(limits, hint, is_root=True))
    text, marks, found = _text(reading.pieces, limits)
    files = _with_unique_names([*_marked_inline(reading), *found])
    report = ReportPart(reading.report_type, reading.groups, reading.original) if reading.report_type else None
    return Body(text, reading.html, files, report, marks, tuple(dict.fromkeys(reading.defects)))


def unread(raw: bytes, defect: str) -> Message:
    """A message of which only the octets are known, kept as a file."""
    return Message(attachments=(Attachment("message.eml", "application/octet-stream", raw),), defects=(defect,))


def _read(part: mime.Part, reading: _Reading, place: _Place) -> None:
    kind = part.content_type
    if part.parts:
        _read_children(part, reading, place)
    elif kind.startswith("multipart/"):
        # The header promises parts and there are none: the body is what its author typed.
        content = _decoded(part, "", place)
        _add_words(_Piece(content, bool(_LOOKS_HTML.match(content))), reading)
    elif place.is_report and (kind in _REPORT_PARTS or kind in _ORIGINAL_PARTS):
        _read_report_part(part, reading, place)
    elif place.is_alternative and kind in _UNSEEN:
        return
    elif _is_words(part, place):
        _add_words(_words(part, place), reading)
    else:
        file = _file(part, place.limits)
        if file is not None:
            reading.files.append(file)


def _read_children(part: mime.Part, reading: _Reading, place: _Place) -> None:
    match part.content_type:
        case "multipart/alternative":
            _read_alternative(part, reading, place)
        case "multipart/related":
            start = part.parameters.get("start", "").strip("<> ")
            root = next((child for child in part.parts if start and child.content_id == start), part.parts[0])
            inner = _Place(place.limits, place.hint, is_alternative=place.is_alternative)
            _read(root, reading, inner)
            for child in part.parts:
                if child is not root:
                    _read(child, reading, _Place(place.limits, place.hint, is_related=True))
        case "multipart/report":
            is_ours = place.is_root
            for child in part.parts:
                _read(child, reading, _Place(place.limits, place.hint, is_report=is_ours))
            if is_ours:
                reading.report_type = part.parameters.get("report-type", "").strip().lower() or reading.report_type
        case kind:
            # A list's footer or a signature is wrapped around the report; it stays the message's own.
            wraps = place.is_root and kind in {"multipart/mixed", "multipart/signed"}
            for child in part.parts:
                is_root = wraps and child is part.parts[0] and child.content_type.startswith("multipart/")
                _read(child, reading, _Place(place.limits, place.hint, is_root=is_root))


def _read_alternative(part: mime.Part, reading: _Reading, place: _Place) -> None:
    """One alternative is the text: the first in plain words, else the first in HTML (RFC 2046 §5.1.4)."""
    branches = []
    for child in part.parts:
        branch = _Reading()
        _read(child, branch, _Place(place.limits, place.hint, is_alternative=True))
        reading.take_over(branch)
        branches.append(branch)
    plain = [branch for branch in branches if branch.has_words(is_html=False)]
    marked_up = [branch for branch in branches if branch.has_words(is_html=True)]
    for branch in (plain or marked_up)[:1]:
        reading.pieces.extend(branch.pieces)


def _is_words(part: mime.Part, place: _Place) -> bool:
    kind = part.content_type
    if not (kind in _PLAIN or kind in _HTML or (kind.startswith("text/") and kind not in _FILES and place.is_root)):
        return False
    if place.is_root:
        return not (part.file_name and part.disposition == "attachment")
    if place.is_alternative:
        return part.disposition != "attachment"
    if place.is_related and part.content_id:
        return False
    return part.disposition != "attachment" and not part.file_name


def _add_words(piece: _Piece, reading: _Reading) -> None:
    reading.pieces.append(piece)
    if piece.is_html and not reading.html:
        reading.html = piece.content


def _words(part: mime.Part, place: _Place) -> _Piece:
    is_html = part.content_type in _HTML
    content = _decoded(part, part.encoding, place)
    if part.content_type in {"text/enriched", "text/richtext"}:
        content = plain_text.from_enriched(content)
    elif not is_html and part.parameters.get("format", "").lower() == "flowed":
        content = plain_text.unflowed(content, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    return _Piece(content, is_html or (place.is_root and bool(_LOOKS_HTML.match(content[:200]))))


def _decoded(part: mime.Part, encoding: str, place: _Place) -> str:
    """The part's text with Unix line ends, free of control characters, bounded."""
    is_html = part.content_type in _HTML
    most = place.limits.html if is_html else place.limits.text
    octets = plain_text.octets(part.octets if is_html else part.octets[: 8 * most], encoding)
    if is_html and len(octets) > most:
        octets = _DATA_URI.sub(b"", octets)
    octets = octets[: 4 * most]
    declared = part.parameters.get("charset", "")
    if is_html and not charset.codec_of(declared):
        declared = charset.meta_charset(octets)
    text = charset.decode(octets, declared, place.hint)[:most]
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\v", "\n")
    return _CONTROLS.sub("", text)


def _text(pieces: list[_Piece], limits: Limits) -> tuple[str, tuple[Mark, ...], list[Attachment]]:
    """The words of all pieces one below the other, what HTML said of their lines, and files found among them."""
    texts: list[str] = []
    marks: list[Mark] = []
    files: list[Attachment] = []
    lines = 0
    for piece in pieces:
        if piece.is_html:
            converted = html_text.convert(piece.content, limits)
            text = converted.text
            marks.extend(Mark(mark.kind, mark.first + lines, mark.last + lines) for mark in converted.marks)
        else:
            text, found = plain_text.taken_out(piece.content.strip("\n"), limits.files)
            files.extend(
                Attachment(file_names.safe(name), "application/octet-stream", content) for name, content in found
            )
        if text.strip():
            texts.append(text)
            lines += text.count("\n") + 1
    return "\n".join(texts)[: limits.text], tuple(marks), files


def _file(part: mime.Part, limits: Limits) -> Attachment | None:
    """The part as a file; None where it is empty and nameless."""
    content = plain_text.octets(part.octets, part.encoding)
    kind, name = part.content_type, part.file_name
    if not content.strip() and not name:
        return None
    if kind in _ATTACHED_MESSAGE and not name:
        name = f"{_subject_of(content, limits)[:100].strip(' .') or 'message'}.eml"
    elif not name and "." in part.content_id:
        name = part.content_id.partition("@")[0]
    elif not name:
        name = _nameless(kind)
    return Attachment(file_names.safe(name, kind), kind, content, part.content_id)


def _nameless(kind: str) -> str:
    stems = {"application/ms-tnef": "winmail", "text/calendar": "invitation", "application/pkcs7-signature": "smime"}
    stem = stems.get(kind) or ("image" if kind.startswith("image/") else "file")
    return f"{stem}{file_names.ending_for(kind)}"


def _subject_of(content: bytes, limits: Limits) -> str:
    fields, _ = mime.head(content, limits)
    subject = next((headers.decode(value) for name, value in fields if name.lower() == "subject"), "")
    return subject.replace("/", "_").replace("\\", "_")


def _marked_inline(reading: _Reading) -> list[Attachment]:
    """The files, those that only the HTML shows marked as such (RFC 2392)."""
    shown = reading.html.lower()
    return [
        Attachment(file.name, file.content_type, file.content, file.content_id, is_inline=True)
        if file.content_id and file.content_type.startswith("image/") and f"cid:{file.content_id.lower()}" in shown
        else file
        for file in reading.files
    ]


def _with_unique_names(files: list[Attachment]) -> tuple[Attachment, ...]:
    taken: set[str] = set()
    found = []
    for file in files:
        name = file_names.unique(file.name, taken)
        taken.add(name.casefold())
        found.append(Attachment(name, file.content_type, file.content, file.content_id, file.is_inline))
    return tuple(found)


def _read_report_part(part: mime.Part, reading: _Reading, place: _Place) -> None:
    content = plain_text.octets(part.octets, part.encoding)
    if part.content_type in _REPORT_PARTS:
        reading.report_type = reading.report_type or _REPORT_PARTS[part.content_type]
        reading.groups = reading.groups or _groups(content, place.limits)
        return
    fields, _ = mime.head(content, place.limits)
    reading.original = reading.original or {name.lower(): headers.decode(value) for name, value in reversed(fields)}
    if part.content_type in _ATTACHED_MESSAGE:
        file = _file(part, place.limits)
        reading.files.extend([file] if file else [])


def _groups(content: bytes, limits: Limits) -> tuple[dict[str, str], ...]:
    """The field groups of a machine-readable part (RFC 3464 §2.1), parted by empty lines."""
    groups = []
    for lines in re.split(rb"\n\r?\n", content[:1_000_000].strip())[:_REPORT_GROUPS]:
        fields, _ = mime.head(lines.strip(b"\r\n") + b"\n\n", limits)
        if fields:
            groups.append({name.lower(): headers.decode(value) for name, value in reversed(fields)})
    return tuple(groups)
