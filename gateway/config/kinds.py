"""What a configuration value may be: from a setting's name and type to how it is read, shown and described.

A new setting is one line in the dataclass of its room; here it finds its kind by the words its name is made of.
"""

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.mail.address import is_valid

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOG_LEVELS = ("debug", "info", "warning", "error")
_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)", re.IGNORECASE)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*", re.IGNORECASE)  # RFC 1123 §2.1
_LARGEST = {"reminders": 100, "days": 3650, "hours": 87_600, "seconds": 604_800, "size": 2**40}
_FROM_ZERO = {"reminders", "grace_days", "survey_after_hours", "survey_cooldown_days", "answer_within_days"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class UnfitError(Exception):
    """A value that does not fit its kind: `what` follows the key's name, `write` says what to put there."""

    def __init__(self, what: str, write: str) -> None:
        super().__init__(what)
        self.what = what
        self.write = write


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of value. `read` takes what TOML holds and the file's folder; `blank` stands in for the unreadable."""

    described: str
    example: str
    read: Callable[[object, Path], Any]
    blank: Any = ""
    unit: str = ""


def kind_of(name: str, hint: Any) -> Kind:
    """The kind of the setting `name` whose dataclass says it is a `hint`."""
    if get_origin(hint) in {Union, UnionType}:
        return kind_of(name, next(part for part in get_args(hint) if part is not NoneType))
    if get_origin(hint) is Literal:
        return _choice(get_args(hint), blank=get_args(hint)[0])
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _choice(tuple(member.value for member in hint), blank=next(iter(hint)), make=hint)
    if get_origin(hint) in {tuple, frozenset}:
        return _list_of(kind_of(name, get_args(hint)[0]), get_origin(hint) or tuple)
    return _number(name, hint) if hint in {int, float} else _plain(name, hint)


def toml(value: object, kind: Kind) -> str:
    """`value` as an operator would write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _as_size(int(value)) if kind.unit == "octets" else f"{value:g}"
    if isinstance(value, tuple | frozenset):
        return f"[{', '.join(_element(each) for each in (value if isinstance(value, tuple) else sorted(value)))}]"
    return _element(value)


def _element(value: object) -> str:
    if isinstance(value, int):
        return f'"{WEEKDAYS[value]}"'
    return json.dumps(f"{value:%H:%M}" if isinstance(value, time) else str(value or ""), ensure_ascii=False)


def _plain(name: str, hint: Any) -> Kind:
    by_type = {
        bool: Kind("true or false", "true", _read_bool, blank=False),
        time: Kind("time of day", '"09:00"', _read_time, blank=time(0)),
        date: Kind("date", '"2026-12-25"', _read_date, blank=date.min),
        ZoneInfo: Kind("time zone", '"Europe/Riga"', _read_zone, blank=ZoneInfo("UTC")),
    }
    if found := by_type.get(hint):
        return found
    if hint not in {str, Path}:
        raise TypeError(f"no kind of setting is known for {name}: {hint}")
    return next((kind for words, kind in _TEXTS if words.fullmatch(name)), _TEXT)


def _number(name: str, hint: Any) -> Kind:
    last = name.rpartition("_")[2]
    if name == "weekdays":
        return Kind("day of the week", '"mon"', _read_weekday, blank=0)
    if last == "size":
        return Kind("size", '"25 MiB"', _read_size, blank=0, unit="octets")
    if last == "port":
        return Kind("port", "587", lambda value, _: _read_int(value, 0, 65535), blank=0)
    least = 0 if name in _FROM_ZERO else 1
    most = _LARGEST.get(last, 1_000_000)
    unit = last if last in {"days", "hours", "seconds"} else ""
    if hint is float:
        return Kind("number", "1", lambda value, _: _read_float(value, most), blank=0.0, unit=unit)
    return Kind("whole number", str(max(1, least)), lambda value, _: _read_int(value, least, most), blank=0, unit=unit)


def _list_of(one: Kind, container: Callable[[list[Any]], Any]) -> Kind:
    def read_all(value: object, folder: Path) -> Any:
        if not isinstance(value, list):
            raise UnfitError(f"is {_named(value)}, not a list", f"write [{one.example}]")
        return container([one.read(each, folder) for each in value])

    return Kind(f"list: {one.described}", f"[{one.example}]", read_all, blank=container([]))


def _choice(choices: tuple[str, ...], *, blank: Any, make: Callable[[str], Any] = str) -> Kind:
    written = " or ".join(f'"{choice}"' for choice in choices if choice)

    def read_choice(value: object, _folder: Path) -> Any:
        if value not in choices or not isinstance(value, str):
            raise UnfitError(f"cannot be {_named(value)}", f"write {written}")
        return make(value)

    return Kind(written, f'"{choices[0]}"', read_choice, blank=blank)


def _read_bool(value: object, _folder: Path) -> bool:
    if not isinstance(value, bool):
        raise UnfitError(f"is {_named(value)}", "write true or false, without quotes")
    return value


def _read_int(value: object, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnfitError(f"is {_named(value)}, not a whole number", f"write one from {least} to {most}, without quotes")
    if not least <= value <= most:
        raise UnfitError(f"cannot be {value}", f"write a number from {least} to {most}")
    return value


def _read_float(value: object, most: int) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnfitError(f"is {_named(value)}, not a number", f"write a number up to {most}, without quotes")
    if not 0 < value <= most:
        raise UnfitError(f"cannot be {value}", f"write a number above 0, up to {most}")
    return float(value)


def _read_size(value: object, _folder: Path) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return _read_int(value, 1, _LARGEST["size"])
    found = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or found[2].lower() not in _UNITS:
        raise UnfitError(f"is no size: {_named(value)}", 'write one like "25 MiB", "500 kB" or a number of octets')
    return _read_int(int(float(found[1]) * _UNITS[found[2].lower()]), 1, _LARGEST["size"])


def _as_size(octets: int) -> str:
    for unit in ("GiB", "MiB", "KiB"):
        if octets and not octets % _UNITS[unit.lower()]:
            return f'"{octets // _UNITS[unit.lower()]} {unit}"'
    return str(octets)


def _read_time(value: object, _folder: Path) -> time:
    if isinstance(value, time):
        return value
    try:
        return time.fromisoformat(_string(value, '"09:00"')).replace(tzinfo=None)
    except ValueError:
        raise UnfitError(f"is no time of day: {_named(value)}", 'write one from "00:00" to "23:59"') from None


def _read_date(value: object, _folder: Path) -> date:
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(_string(value, '"2026-12-25"'))
    except ValueError:
        raise UnfitError(f"has no date in {_named(value)}", 'write dates as year, month, day: "2026-12-25"') from None


def _read_zone(value: object, _folder: Path) -> ZoneInfo:
    name = _string(value, '"Europe/Riga"')
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, ZoneInfoNotFoundError):
        advice = 'write one of the IANA list, like "Europe/Riga" or "UTC"'
        raise UnfitError(f"is no time zone: {_named(value)}", advice) from None


def _read_weekday(value: object, _folder: Path) -> int:
    if value not in WEEKDAYS:
        raise UnfitError(f"has no day called {_named(value)}", f"write any of {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(str(value))


def _string(value: object, example: str) -> str:
    if not isinstance(value, str):
        raise UnfitError(f"is {_named(value)}, not text", f"write text in quotes, like {example}")
    if not value.strip():
        raise UnfitError("is empty", f"write something like {example}")
    return value


def _read_text(value: object, _folder: Path) -> str:
    text = _string(value, '"…"').strip()
    if _CONTROL.search(text):
        raise UnfitError("holds a line break or control character", "write it in one line")
    return text


def _read_lines(value: object, _folder: Path) -> str:
    text = _string(value, '"…"')
    if _CONTROL.search(text.replace("\n", "").replace("\t", "")):
        raise UnfitError("holds a control character", "take it out")
    return text.strip("\n")


def _shaped(what: str, example: str, fits: Callable[[str], object]) -> Kind:
    def read_shaped(value: object, _folder: Path) -> str:
        text = _string(value, example).strip()
        if not fits(text):
            raise UnfitError(f"holds no valid {what}: {_named(value)}", f"write it like {example}")
        return text

    return Kind(what, example, read_shaped)


def _placed(what: str, example: str, fault: Callable[[Path], str]) -> Kind:
    def read_path(value: object, folder: Path) -> str:
        path = folder / _read_text(_string(value, example), folder)
        if found := fault(path):
            raise UnfitError(f"{path} {found}", f"name another {what}")
        return str(path)

    return Kind(what, example, read_path)


def _fault_of_file(path: Path) -> str:
    try:
        if not path.is_file():
            return "is no file" if path.exists() else "does not exist"
    except OSError as error:
        return f"cannot be reached ({error.strerror})"
    return "" if os.access(path, os.R_OK) else "cannot be read by this user"


def _fault_of_folder(path: Path) -> str:
    try:
        if not path.is_dir():
            return "is no folder" if path.exists() else "does not exist"
    except OSError as error:
        return f"cannot be reached ({error.strerror})"
    return "" if os.access(path, os.R_OK | os.X_OK) else "cannot be read by this user"


def _fault_of_place(path: Path) -> str:
    return "is a file, not a folder" if path.is_file() else ""


def _fault_of_socket(path: Path) -> str:
    return "is longer than 107 octets, as unix(7) allows" if len(os.fsencode(path)) > 107 else ""


def _no_fault(_path: Path) -> str:
    return ""


def _is_domain(text: str) -> bool:
    try:
        return bool(_DOMAIN.fullmatch(text.encode("idna").decode()))
    except UnicodeError:
        return False


def _is_host(text: str) -> bool:
    return not re.search(r"[\s/@\x00-\x1f]", text) and (text.count(":") != 1)


def _is_recipient(text: str) -> bool:
    return is_valid(text) and "+" not in text.partition("@")[0]


def _is_domain_pattern(text: str) -> bool:
    return bool(_DOMAIN.fullmatch(re.sub(r"[*?]+", "x", text)))


def _named(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value if len(value) <= 60 else f"{value[:57]}...", ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a table"
    return str(value)


_TEXT = Kind("text", '"…"', _read_text)
_TEXTS: tuple[tuple[re.Pattern[str], Kind], ...] = tuple(
    (re.compile(words), kind)
    for words, kind in (
        (r"(.*_)?address(es)?", _shaped("address", '"support@example.com"', is_valid)),
        (r"recipients", _shaped("address or pattern", '"*@example.com"', _is_recipient)),
        (r"sender_domains", _shaped("domain or pattern", '"example.com"', _is_domain_pattern)),
        (r"hostname", _shaped("host name", '"desk.example.com"', _is_domain)),
        (r"host", _shaped("host name or IP address", '"mail.example.com"', _is_host)),
        (r"(older_)?prefix(es)?", _shaped("prefix", '"SUP"', re.compile(r"[A-Z][A-Z0-9]{1,9}").fullmatch)),
        (
            r"(default_)?languages?",
            _shaped("language", '"en"', re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*").fullmatch),
        ),
        (r"log_level", _choice(LOG_LEVELS, blank="info")),
        (r"tls_(ca|key|certificate)", _placed("file", '"/etc/gateway/tls.pem"', _fault_of_file)),
        (r"templates", _placed("folder", '"templates"', _fault_of_folder)),
        (r"data_dir|capture", _placed("folder", '"/var/lib/gateway"', _fault_of_place)),
        (r"secret_file", _placed("file", '"secret.key"', _no_fault)),
        (r"socket", _placed("path", '"/run/gateway/lmtp.sock"', _fault_of_socket)),
        (r"signature", Kind("text, several lines allowed", '"""…"""', _read_lines)),
    )
)
