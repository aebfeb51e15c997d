"""How one value of TOML becomes one of ours, or what is wrong with it. Which reading a setting gets is `kinds`'s."""

import json
import os
import re
from collections.abc import Callable
from datetime import date, time
from ipaddress import ip_network
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.mail.address import is_valid

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LARGEST_SIZE = 2**40
_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,3})?)\s*([a-z]*)", re.IGNORECASE)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*", re.IGNORECASE)  # RFC 1123 §2.1
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class UnfitError(Exception):
    """A value that does not fit its kind: `what` follows the key's name, `write` says what to put there."""

    def __init__(self, what: str, write: str) -> None:
        super().__init__(what)
        self.what = what
        self.write = write


def read_bool(value: object, _folder: Path) -> bool:
    """Yes or no."""
    if not isinstance(value, bool):
        raise UnfitError(f"is {named(value)}", "write true or false, without quotes")
    return value


def read_int(value: object, least: int, most: int) -> int:
    """A whole number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnfitError(f"is {named(value)}, not a whole number", f"write one from {least} to {most}, without quotes")
    if not least <= value <= most:
        raise UnfitError(f"cannot be {value}", f"write a number from {least} to {most}")
    return value


def read_float(value: object, most: int) -> float:
    """A number above zero, at most `most`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnfitError(f"is {named(value)}, not a number", f"write a number up to {most}, without quotes")
    if not 0 < value <= most:
        raise UnfitError(f"cannot be {value}", f"write a number above 0, up to {most}")
    return float(value)


def read_size(value: object, _folder: Path) -> int:
    """Octets, from a number of them or a text like `25 MiB`."""
    if isinstance(value, int) and not isinstance(value, bool):
        return read_int(value, 1, LARGEST_SIZE)
    found = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or found[2].lower() not in _UNITS:
        raise UnfitError(f"is no size: {named(value)}", 'write one like "25 MiB", "500 kB" or a number of octets')
    return read_int(int(float(found[1]) * _UNITS[found[2].lower()]), 1, LARGEST_SIZE)


def as_size(octets: int) -> str:
    """Octets as an operator writes them; in units only where nothing is rounded."""
    for unit in ("GiB", "MiB", "KiB"):
        if octets and not octets % _UNITS[unit.lower()]:
            return f'"{octets // _UNITS[unit.lower()]} {unit}"'
    return str(octets)


def read_time(value: object, _folder: Path) -> time:
    """A local time of day."""
    if isinstance(value, time):
        return value
    said = string(value, '"09:00"')
    try:
        read = time.fromisoformat(said)
    except ValueError:
        read = None
    if read is None or read.tzinfo is not None:
        raise UnfitError(f"is no time of day: {named(value)}", 'write one from "00:00" to "23:59"')
    return read


def read_date(value: object, _folder: Path) -> date:
    """A day, as text or as TOML has dates."""
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(string(value, '"2026-12-25"'))
    except ValueError:
        raise UnfitError(f"has no date in {named(value)}", 'write dates as year, month, day: "2026-12-25"') from None


def read_zone(value: object, _folder: Path) -> ZoneInfo:
    """A time zone of the IANA list."""
    name = string(value, '"Europe/Riga"')
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, ZoneInfoNotFoundError):
        advice = 'write one of the IANA list, like "Europe/Riga" or "UTC"'
        raise UnfitError(f"is no time zone: {named(value)}", advice) from None


def read_weekday(value: object, _folder: Path) -> int:
    """The day's number, Monday being 0."""
    if value not in WEEKDAYS:
        raise UnfitError(f"has no day called {named(value)}", f"write any of {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(str(value))


def string(value: object, example: str) -> str:
    """Text that is not empty."""
    if not isinstance(value, str):
        raise UnfitError(f"is {named(value)}, not text", f"write text in quotes, like {example}")
    if not value.strip():
        raise UnfitError("is empty", f"write something like {example}")
    return value


def read_text(value: object, _folder: Path) -> str:
    """Text in one line, without the space around it."""
    text = string(value, '"…"').strip()
    if _CONTROL.search(text):
        raise UnfitError("holds a line break or control character", "write it in one line")
    return text


def read_lines(value: object, _folder: Path) -> str:
    """Text that may have several lines."""
    text = string(value, '"…"')
    if _CONTROL.search(text.replace("\n", "").replace("\t", "")):
        raise UnfitError("holds a control character", "take it out")
    return text.strip("\n")


def fault_of_file(path: Path) -> str:
    """Why this is no file we can read; empty when it is."""
    return _fault(path, Path.is_file, "is no file", os.R_OK)


def fault_of_folder(path: Path) -> str:
    """Why this is no folder we can read; empty when it is."""
    return _fault(path, Path.is_dir, "is no folder", os.R_OK | os.X_OK)


def fault_of_place(path: Path) -> str:
    """Why no folder can be made here; empty when nothing stands in its way."""
    try:
        return "is a file, not a folder" if path.is_file() else ""
    except OSError as error:
        return f"cannot be reached ({error.strerror})"


def _fault(path: Path, is_right: Callable[[Path], bool], otherwise: str, mode: int) -> str:
    try:
        if not is_right(path):
            return otherwise if path.exists() else "does not exist"
    except OSError as error:
        return f"cannot be reached ({error.strerror})"
    return "" if os.access(path, mode) else "cannot be read by this user"


def fault_of_socket(path: Path) -> str:
    """Why no Unix socket can have this path; empty when one can."""
    return "is longer than 107 octets, as unix(7) allows" if len(os.fsencode(path)) > 107 else ""


def is_domain(text: str) -> bool:
    """Whether a host can have this name, internationalised or not."""
    try:
        return bool(_DOMAIN.fullmatch(text.encode("idna").decode()))
    except UnicodeError:
        return False


def is_host(text: str) -> bool:
    """Whether this may be the name or IP address of a server, without a port or scheme."""
    return not re.search(r"[\s/@\x00-\x1f]", text) and (text.count(":") != 1)


def is_network(text: str) -> bool:
    """Whether `text` is an IP address or a network of them."""
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def is_recipient(text: str) -> bool:
    """Whether this is an address, or a pattern of addresses, that routing can meet: it sees none with a detail."""
    return is_valid(text) and "+" not in text.partition("@")[0]


def is_domain_pattern(text: str) -> bool:
    """Whether this is a domain, or a pattern of domains."""
    return bool(_DOMAIN.fullmatch(re.sub(r"[*?]+", "x", text)))


def named(value: object) -> str:
    """A value as faults show it."""
    if isinstance(value, str):
        return json.dumps(value if len(value) <= 60 else f"{value[:57]}...", ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a table"
    return str(value)
