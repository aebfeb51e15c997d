"""Text bodies as their author saw them: transfer encoding undone, flowed lines joined, uuencoded files taken out."""

import binascii
import contextlib
import re
from collections.abc import Iterable

from gateway.mail import headers

_UU_BEGIN = re.compile(r"^begin [0-7]{3,4} ([^\n]{1,200})$", re.MULTILINE)
_LONGEST_UU_LINE = 90
_SURE_UU_LINES = 3
_YENC = re.compile(
    rb"^=ybegin [^\r\n]{0,200}?name=([^\r\n]{1,200})\r?\n(?:=ypart [^\r\n]*\r?\n)?(.*?)^=yend[^\n]*\n?",
    re.MULTILINE | re.DOTALL,
)
_LESS_42 = bytes((octet - 42) % 256 for octet in range(256))
_QUOTE_MARKS = re.compile(r">*")
_TAG = re.compile(r"<(/?)([A-Za-z-]{1,60})>|<<")


def octets(transported: bytes, encoding: str) -> bytes:
    """The content behind a transfer encoding (RFC 2045 §6); an unknown or untrue one leaves the octets as they are."""
    match encoding:
        case "base64" | "base-64" | "b64":
            return _base64(transported)
        case "quoted-printable" | "quoted_printable" | "quotedprintable" | "qp":
            return binascii.a2b_qp(transported)
        case "x-uuencode" | "x-uue" | "uuencode" | "uue":
            files = taken_out(transported.decode("latin-1"), 1)[1]
            return files[0][1] if files else transported
        case _:
            return transported


def _base64(transported: bytes) -> bytes:
    # Gateways that cannot read base64 append their footer as plain text, or label plain text as base64.
    first_line = transported[:400].strip().partition(b"\n")[0]
    if b" " in first_line.strip():
        return transported
    padding = transported.find(b"=")
    rest = transported[padding:].strip(b"=\r\n\t ") if padding >= 0 else b""
    if not rest:
        with contextlib.suppress(binascii.Error):
            return binascii.a2b_base64(transported)
    return headers.base64_octets(transported[:padding] if b" " in rest else transported)


def unflowed(text: str, *, delete_space: bool) -> str:
    """`format=flowed` undone (RFC 3676 §4): soft line breaks joined within one quote depth, stuffing removed."""
    joined: list[tuple[int, list[str]]] = []
    is_open = False
    for line in text.split("\n"):
        depth = len(_QUOTE_MARKS.match(line)[0])  # type: ignore[index] # matches everything
        content = line[depth:].removeprefix(" ")
        is_signature = content == "-- "
        if is_open and content and joined[-1][0] == depth and not is_signature:
            joined[-1][1].append(content)
        else:
            joined.append((depth, [content]))
        is_open = content.endswith(" ") and not is_signature
        if is_open and delete_space:
            joined[-1][1][-1] = content[:-1]
    return "\n".join(_requoted(depth, "".join(pieces)) for depth, pieces in joined)


def _requoted(depth: int, content: str) -> str:
    content = content if content == "-- " else content.rstrip(" ")
    return f"{'>' * depth} {content}".rstrip() if depth else content


def taken_out(text: str, most: int) -> tuple[str, tuple[tuple[str, bytes], ...]]:
    """The text without its uuencoded files (POSIX `uuencode`), and at most `most` files with their names."""
    if "begin " not in text:
        return text, ()
    kept: list[str] = []
    files: list[tuple[str, bytes]] = []
    at = 0
    next_end = _end_of_file(text, 0)
    for begin in _UU_BEGIN.finditer(text):
        if begin.start() < at or not _is_uu_line(text[begin.end() + 1 : begin.end() + 80].partition("\n")[0]):
            continue
        if len(files) >= most:
            break
        if 0 <= next_end < begin.end():
            next_end = _end_of_file(text, begin.end())
        end = next_end if next_end >= 0 else _end_of_cut_file(text, begin.end() + 1)
        if end < 0:
            continue
        kept.append(text[at : begin.start()])
        files.append((begin[1].strip(), _uudecoded(text[begin.end() + 1 : end].split("\n"))))
        at = min(len(text), end + len("\nend\n")) if next_end >= 0 else end
    return "".join([*kept, text[at:]]), tuple(files)


def _end_of_cut_file(text: str, start: int) -> int:
    """Where the lines of a file stop whose end is missing; -1 where they are too few to be sure."""
    at, full_lines = start, 0
    while at < len(text):
        line_end = text.find("\n", at)
        line = text[at : line_end if line_end >= 0 else len(text)]
        if len(line) > _LONGEST_UU_LINE or not _is_uu_line(line):
            break
        full_lines += line.startswith("M")
        at += len(line) + 1
    return min(at, len(text)) if full_lines >= _SURE_UU_LINES else -1


def yenc_taken_out(octets: bytes, most: int) -> tuple[bytes, tuple[tuple[str, bytes], ...]]:
    """The text without its yEnc files (yenc.org, 1.3), and at most `most` files with their names."""
    if b"=ybegin " not in octets:
        return octets, ()
    files: list[tuple[str, bytes]] = []
    kept: list[bytes] = []
    at = 0
    last_end = octets.find(b"\n", octets.rfind(b"\n=yend") + 1)  # behind it every search would run to the end in vain
    for found in _YENC.finditer(octets, 0, last_end + 1 or len(octets)):
        if len(files) >= most:
            break
        kept.append(octets[at : found.start()])
        files.append((found[1].strip().decode("utf-8", "replace"), _ydecoded(found[2])))
        at = found.end()
    return b"".join([*kept, octets[at:]]), tuple(files)


def _ydecoded(content: bytes) -> bytes:
    first, *escaped = content.translate(None, b"\r\n").split(b"=")
    return b"".join([first.translate(_LESS_42), *(_unescaped(each) for each in escaped)])


def _unescaped(content: bytes) -> bytes:
    return bytes([(content[0] - 106) % 256]) + content[1:].translate(_LESS_42) if content else b""


def _is_uu_line(line: str) -> bool:
    """Whether the first character tells the length of the line, give or take spaces lost at its end."""
    if not line or not " " <= line[0] <= "`" or not line.isascii():
        return False
    said = (((ord(line[0]) - 32) & 63) + 2) // 3 * 4
    return said >= len(line) - 2 and (line == "`" or len(line) > said // 2)


def _end_of_file(text: str, start: int) -> int:
    end = text.find("\nend", start)
    while end >= 0 and text[end + 4 : end + 5].strip():
        end = text.find("\nend", end + 4)
    return end


def _uudecoded(lines: Iterable[str]) -> bytes:
    """The file's octets; a line that says nothing sensible is left out."""
    decoded = []
    for line in filter(None, lines):
        # Some encoders pad a line beyond what its first character says; a2b_uu refuses that.
        length = (((ord(line[0]) - 32) & 63) + 2) // 3 * 4
        with contextlib.suppress(binascii.Error):
            decoded.append(binascii.a2b_uu(line[: length + 1].encode("ascii", "replace")))
    return b"".join(decoded)


def from_enriched(text: str) -> str:
    """text/enriched (RFC 1896) and text/richtext as plain text: commands dropped, line breaks as written."""
    pieces: list[str] = []
    end = silent = 0
    for found in _TAG.finditer(text):
        if not silent:
            pieces.append(text[end : found.start()])
            pieces.append("<" if found[2] is None else "\n" if found[2].lower() in {"nl", "paragraph"} else "")
        if found[2] and found[2].lower() in {"param", "comment"}:
            silent = max(0, silent + (-1 if found[1] else 1))
        end = found.end()
    pieces.append("" if silent else text[end:])
    breaks = re.sub(r"\n(\n?)", lambda run: run[1] or " ", "".join(pieces))
    return "\n".join(line.strip() for line in breaks.split("\n"))
