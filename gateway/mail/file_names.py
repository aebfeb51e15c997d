"""Names of attached files made safe for every operating system, and unique within one message."""

import re
import unicodedata
from collections.abc import Container

_LONGEST = 120  # characters; at four octets each still below the 255 octets of common file systems twice over
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f<>:\"/\\|?*\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]")
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)")
_SPACES = re.compile(r"\s+")

# Media types whose usual ending a person expects; others get `.bin`, text `.txt`.
_ENDINGS = {
    "application/json": ".json",
    "application/msword": ".doc",
    "application/ms-tnef": ".dat",
    "application/pdf": ".pdf",
    "application/pgp-encrypted": ".asc",
    "application/pgp-keys": ".asc",
    "application/pgp-signature": ".asc",
    "application/pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/rtf": ".rtf",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/x-pkcs7-mime": ".p7m",
    "application/x-pkcs7-signature": ".p7s",
    "application/xml": ".xml",
    "application/zip": ".zip",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/heic": ".heic",
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "image/tiff": ".tif",
    "image/webp": ".webp",
    "message/delivery-status": ".txt",
    "message/feedback-report": ".txt",
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "text/calendar": ".ics",
    "text/css": ".css",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
    "text/xml": ".xml",
    "video/mp4": ".mp4",
}


def ending_for(content_type: str) -> str:
    """The file name ending with its dot that goes with a media type."""
    known = _ENDINGS.get(content_type)
    return known or (".txt" if content_type.startswith("text/") else ".bin")


def safe(name: str, content_type: str = "application/octet-stream") -> str:
    """`name` without path, control, direction or reserved characters, at most 120 long; never empty.

    A name that says nothing becomes `file` with the ending of its media type.
    """
    name = unicodedata.normalize("NFC", name[:4000])
    name = re.split(r"[/\\]", name.rstrip("/\\ "))[-1]
    name = _SPACES.sub(" ", _FORBIDDEN.sub("_", name)).strip(" .")
    name = _RESERVED.sub(lambda found: f"_{found[0]}", name, count=1) if _RESERVED.match(name) else name
    if not name.strip("_ ."):
        name = f"file{ending_for(content_type)}"
    stem, dot, ending = name.rpartition(".")
    if dot and len(ending) <= 10:
        return f"{stem[: _LONGEST - len(ending) - 1].rstrip(' .')}.{ending}"
    return name[:_LONGEST].rstrip(" .")


def unique(name: str, taken: Container[str]) -> str:
    """`name`, or `name (2)`, `name (3)` … before its ending where case-folded `taken` has it already."""
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, f".{ending}") if dot and stem else (name, "")
    number, found = 1, name
    while found.casefold() in taken:
        number += 1
        found = f"{stem} ({number}){ending}"
    return found
