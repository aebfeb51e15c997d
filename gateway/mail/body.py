"""Which parts of a message are its text, which are files, and which a machine wrote for machines."""

import re
from dataclasses import dataclass, field

from gateway.mail import attached, charset, cms, file_names, html_text, invitations, mime, plain_text, winmail
from gateway.mail.delivery import part as report_part
from gateway.mail.limits import Limits
from gateway.mail.message import Attachment, Invitation, Mark, Message, ReportPart

_PLAIN = frozenset({"text/plain", "text/enriched", "text/richtext", "text/markdown", "text/x-markdown"})
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_UNSEEN = frozenset({"text/x-amp-html", "text/watch-html"})  # the same words once more, for special devices
_FILES = frozenset({"text/calendar", "text/csv", "text/vcard", "text/x-vcard", "text/directory", "text/css"})
_LOOKS_HTML = re.compile(r"\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_CONTROL_OCTETS = bytes(octet for octet in range(0x80) if _CONTROLS.match(chr(octet)))
_DATA_URI = re.compile(rb"data:[^\"'\s)>]{1000,}")  # pictures within the HTML must not push its words over the bound
# What programs put into the plain alternative when they have written HTML only.
_PLACEHOLDER = re.compile(
    r"(?i)\bHTML[- ]?(?:format|e?-?mail|capable|compatible|enabled|version|content|message|view|support)"
    r"|(?:not|n.t|cannot|unable to)\s+(?:support|display|show|render|view|read)\b[^.]{0,60}\bHTML\b"
    r"|\bHTML\b[^.]{0,60}\b(?:anzeigen|darstellen|unterst|visualiz|afficher|formatie|formato|formát|wyświetl|просмотр)"
    r"|(?:alternative|plain)[- ]text (?:part|version) (?:is|was) (?:not|empty|missing)"
)
_LONGEST_PLACEHOLDER = 400
_SEARCHED = 1_000_000
_LONGEST_NAMED_TEXT = 100_000
_LOST = "\ufffd"
_BLANK = " \t\n\r\f\v\u00a0\u200b\u200c\u200d\u2060\ufeff"


@dataclass(frozen=True, slots=True)
class Body:
    """What `parse` needs to know of a message's parts."""

    text: str = ""
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    report: ReportPart | None = None
    marks: tuple[Mark, ...] = ()
    invitations: tuple[Invitation, ...] = ()
    is_wrapper: bool = False
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
    named_texts: list[_Piece] = field(default_factory=list)  # shown where there are no other words
    report: report_part.Found = field(default_factory=report_part.Found)
    invitations: list[Invitation] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)

    def words(self, *, is_html: bool) -> str:
        """The pieces of one kind that say something."""
        return "\n".join(piece.content for piece in self.pieces if piece.is_html == is_html).strip(_BLANK)

    def take_over(self, other: "_Reading") -> None:
        """Everything but the pieces."""
        self.html = self.html or other.html
        self.files.extend(other.files)
        self.named_texts.extend(other.named_texts)
        self.report.take_over(other.report)
        self.invitations.extend(other.invitations)
        self.defects.extend(other.defects)


@dataclass(slots=True)
class _Left:
    """How much may still be read: text, plain and HTML apart, and S/MIME parts; what comes after is kept as files."""

    plain: int
    html: int
    opened: int
    unpacked: int

    @classmethod
    def of(cls, limits: Limits) -> "_Left":
        return cls(limits.text, limits.html, limits.opened, limits.unpacked)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the tree a part stands."""

    limits: Limits
    hint: str
    left: _Left
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
    _read(root, reading, _Place(limits, hint, _Left.of(limits), is_root=True))
    if not any(piece.content.strip(_BLANK) for piece in reading.pieces):
        reading.pieces.extend(reading.named_texts[:1])
    _open_winmail(reading, limits)
    text, marks, found = _text(reading, limits)
    files = attached.uniquely_named([*attached.decorating(reading.files, reading.html, limits), *found])
    return Body(
        text=text,
        html=reading.html,
        attachments=files,
        report=reading.report.value(),
        marks=marks,
        invitations=tuple(dict.fromkeys(reading.invitations)),
        is_wrapper=not text and len(files) == 1 and files[0].content_type in attached.MESSAGE,
        defects=tuple(dict.fromkeys(reading.defects)),
    )


def unread(raw: bytes, defect: str) -> Message:
    """A message of which only the octets are known, kept as a file."""
    return Message(attachments=(Attachment("message.eml", "application/octet-stream", raw),), defects=(defect,))


def _read(part: mime.Part, reading: _Reading, place: _Place) -> None:
    kind = part.content_type
    if part.parts:
        _read_children(part, reading, place)
    elif kind.startswith("multipart/"):
        _read_partless(part, reading, place)
    elif place.is_report and (kind in report_part.MACHINE or kind in report_part.ORIGINAL):
        report_part.read(part, reading.report, place.limits)
        if kind in attached.MESSAGE:
            _keep_file(part, reading, place)
    elif place.is_alternative and kind in _UNSEEN:
        return
    elif attached.is_cms(part):
        _read_cms(part, reading, place)
    elif _is_words(part, place):
        _add_words(_words(part, reading, place), reading)
    else:
        _keep_file(part, reading, place)


def _read_partless(part: mime.Part, reading: _Reading, place: _Place) -> None:
    """The header promises parts and there are none: the body is what its author typed.

    Unless it is where the walk ended: parts nested too deep are kept as they came.
    """
    boundary = part.parameters.get("boundary", "").encode("utf-8", "replace")
    if boundary and re.search(rb"(?m)^--" + re.escape(boundary) + rb"[ \t]*\r?$", part.octets[:_SEARCHED]):
        reading.files.append(Attachment("parts.eml", "application/octet-stream", part.octets))
        return
    content = _decoded(part, part.octets, reading, place, is_html=False)
    _add_words(_Piece(content, bool(_LOOKS_HTML.match(content[:1000]))), reading)


def _read_cms(part: mime.Part, reading: _Reading, place: _Place) -> None:
    """What an S/MIME part holds, read as if it stood there by itself; the part stays a file, octet by octet."""
    content = plain_text.octets(part.octets, part.encoding)
    opened = cms.unpack(content, place.left.unpacked) if place.left.opened > 0 and place.left.unpacked > 0 else None
    name = part.file_name or "an S/MIME part"
    if opened is None:
        reading.defects.append(f"{name} cannot be opened")
    elif opened.form is cms.Form.ENCRYPTED:
        reading.defects.append(f"{name} is encrypted")
    elif opened.content:
        place.left.opened -= 1
        place.left.unpacked -= len(opened.content)
        inside, defects = mime.split(opened.content, place.limits)
        reading.defects.extend(defects)
        _read(inside, reading, place)
    _keep_file(part, reading, place)


def _keep_file(part: mime.Part, reading: _Reading, place: _Place) -> None:
    file = attached.file(part, place.limits)
    if file is None:
        return
    reading.files.append(file)
    is_calendar = file.content_type == "text/calendar" or file.name.lower().endswith(".ics")
    if is_calendar and len(reading.invitations) < place.limits.invitations:
        words = charset.decode(file.content, part.parameters.get("charset", "utf-8"))
        invitation = invitations.read(words, part.parameters.get("method", ""))
        reading.invitations.extend([invitation] if invitation else [])
    if (
        part.content_type in _PLAIN
        and part.disposition != "attachment"
        and not place.is_related
        and file.size <= _LONGEST_NAMED_TEXT
        and place.left.plain > 0
        and not reading.named_texts
    ):
        reading.named_texts.append(_words(part, reading, place))


def _open_winmail(reading: _Reading, limits: Limits) -> None:
    """Outlook's package opened in its place; kept as it is where it cannot be, or where it held no file."""
    for at, file in enumerate(reading.files):
        if not winmail.is_winmail(file):
            continue
        inside = winmail.unpack(file, limits)
        if inside is None:
            reading.defects.append(f"{file.name} cannot be opened")
            continue
        if not any(piece.content.strip(_BLANK) for piece in reading.pieces):
            reading.pieces.append(_Piece(_tidy(inside.words)[: limits.text], inside.is_html))
        reading.files[at : at + 1] = inside.files or [file]
        return


def _read_children(part: mime.Part, reading: _Reading, place: _Place) -> None:
    match part.content_type:
        case "multipart/alternative":
            _read_alternative(part, reading, place)
        case "multipart/related":
            _read_related(part, reading, place)
        case "multipart/encrypted":  # RFC 1847 §2.2
            reading.defects.append("the mail is encrypted")
            for child in part.parts:
                _read(child, reading, _Place(place.limits, place.hint, place.left))
        case "multipart/report":
            is_ours = place.is_root
            for child in part.parts:
                _read(child, reading, _Place(place.limits, place.hint, place.left, is_report=is_ours))
            if is_ours:
                said = part.parameters.get("report-type", "").strip().lower()
                reading.report.report_type = said or reading.report.report_type
        case kind:
            # A list's footer or a signature is wrapped around the report; it stays the message's own.
            wraps = place.is_root and kind in {"multipart/mixed", "multipart/signed"}
            for child in part.parts:
                is_root = wraps and child is part.parts[0] and child.content_type.startswith("multipart/")
                _read(child, reading, _Place(place.limits, place.hint, place.left, is_root=is_root))


def _read_related(part: mime.Part, reading: _Reading, place: _Place) -> None:
    """The root is what is read, the others are what it shows (RFC 2387 §3.2)."""
    start = part.parameters.get("start", "").strip("<> ")
    root = next((child for child in part.parts if start and child.content_id == start), part.parts[0])
    _read(root, reading, _Place(place.limits, place.hint, place.left, is_alternative=place.is_alternative))
    for child in part.parts:
        if child is not root:
            _read(child, reading, _Place(place.limits, place.hint, place.left, is_related=True))


def _read_alternative(part: mime.Part, reading: _Reading, place: _Place) -> None:
    """One alternative is the text: the first in plain words, else the first in HTML (RFC 2046 §5.1.4)."""
    branches = []
    for child in part.parts:
        branch = _Reading()
        _read(child, branch, _Place(place.limits, place.hint, place.left, is_alternative=True))
        reading.take_over(branch)
        branches.append(branch)
    plain = [branch for branch in branches if branch.words(is_html=False)]
    marked_up = [branch for branch in branches if branch.words(is_html=True)]
    if marked_up and plain and _is_placeholder(plain[0].words(is_html=False)):
        plain = []
    for branch in (plain or marked_up)[:1]:
        reading.pieces.extend(branch.pieces)


def _is_placeholder(text: str) -> bool:
    return len(text) <= _LONGEST_PLACEHOLDER and bool(_PLACEHOLDER.search(text))


def _is_words(part: mime.Part, place: _Place) -> bool:
    kind = part.content_type
    if not (kind in _PLAIN or kind in _HTML or (kind.startswith("text/") and kind not in _FILES and place.is_root)):
        return False
    if (place.left.html if kind in _HTML else place.left.plain) <= 0:
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


def _words(part: mime.Part, reading: _Reading, place: _Place) -> _Piece:
    is_html = part.content_type in _HTML
    octets = part.octets
    if not is_html:
        octets = plain_text.octets(octets[: 8 * place.limits.text], part.encoding)
        octets, files = plain_text.yenc_taken_out(octets, place.limits.files)
        reading.files.extend(_untyped(name, content) for name, content in files)
    else:
        octets = plain_text.octets(octets, part.encoding)
    content = _decoded(part, octets, reading, place, is_html=is_html)
    if part.content_type in {"text/enriched", "text/richtext"}:
        content = plain_text.from_enriched(content)
    elif not is_html and part.parameters.get("format", "").lower() == "flowed":
        content = plain_text.unflowed(content, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    return _Piece(content, is_html or bool(_LOOKS_HTML.match(content[:1000])))


def _untyped(name: str, content: bytes) -> Attachment:
    return Attachment(file_names.safe(name), "application/octet-stream", content)


def _decoded(part: mime.Part, octets: bytes, reading: _Reading, place: _Place, *, is_html: bool) -> str:
    """The part's text with Unix line ends, free of control characters, bounded."""
    most = place.limits.html if is_html else place.limits.text
    if is_html and len(octets) > most:
        octets = _DATA_URI.sub(b"", octets)
    octets = octets[: 4 * most]
    declared = part.parameters.get("charset", "")
    if is_html and not charset.codec_of(declared):
        declared = charset.meta_charset(octets)
    content = _tidy(charset.decode(octets, declared, place.hint)[:most])
    if _LOST in content and _LOST.encode() not in octets:
        reading.defects.append("some letters are no letters of the charset")
    if is_html:
        place.left.html -= len(content)
    else:
        place.left.plain -= len(content)
    return content


def _tidy(text: str) -> str:
    if "\r" in text:
        text = "\n".join(text.split("\r\n")).replace("\r", "\n")  # `replace` of two letters at once takes longer
    text = text.replace("\f", "\n").replace("\v", "\n")
    # Hardly a text has any, and octets are looked through much faster than letters.
    octets = text.encode("utf-8", "surrogatepass")
    return text if len(octets.translate(None, _CONTROL_OCTETS)) == len(octets) else _CONTROLS.sub("", text)


def _text(reading: _Reading, limits: Limits) -> tuple[str, tuple[Mark, ...], list[Attachment]]:
    """The words of all pieces one below the other, what HTML said of their lines, and files found among them."""
    texts: list[str] = []
    plain_words: list[str] = []
    marks: list[Mark] = []
    files: list[Attachment] = []
    lines = 0
    for piece in reading.pieces:
        if piece.is_html:
            converted = html_text.convert(piece.content, limits)
            text = _broken(converted.text, reading, limits)
            if plain_words and text.split() == plain_words:
                continue  # the same words again, as old list servers send them
            if text is converted.text:
                marks.extend(Mark(mark.kind, mark.first + lines, mark.last + lines) for mark in converted.marks)
        else:
            text, found = plain_text.taken_out(piece.content.strip("\n"), limits.files)
            text = _broken(text, reading, limits)
            files.extend(_untyped(name, content) for name, content in found)
            plain_words = text.split() if len(reading.pieces) > 1 else []
        if text.strip():
            texts.append(text)
            lines += text.count("\n") + 1
    whole = "\n".join(texts)
    if len(whole) > limits.text:
        reading.defects.append(f"more than {limits.text} characters of text")
    return whole[: limits.text], tuple(marks), files


def _broken(text: str, reading: _Reading, limits: Limits) -> str:
    """The text, lines beyond the bound broken: what reads lines may take its time for each."""
    if len(text) <= limits.line or all(len(line) <= limits.line for line in text.split("\n")):
        return text
    reading.defects.append(f"a line of more than {limits.line} characters")
    return "\n".join(
        "\n".join(line[at : at + limits.line] for at in range(0, max(1, len(line)), limits.line))
        for line in text.split("\n")
    )
