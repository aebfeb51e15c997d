"""What a configuration value may be: from a setting's name and type to how it is read, shown and described.

A new setting is one line in the dataclass of its room; here it finds its kind by the words its name is made of.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin
from zoneinfo import ZoneInfo

from gateway.config import values
from gateway.mail.address import is_valid

LOG_LEVELS = ("debug", "info", "warning", "error")
_LARGEST = {"reminders": 100, "days": 3650, "hours": 87_600, "seconds": 604_800}
_FROM_ZERO = {
    *("reminders", "grace_days", "survey_after_hours", "survey_cooldown_days", "answer_within_days", "change_hours"),
}


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
        return values.as_size(int(value)) if kind.unit == "octets" else str(value).removesuffix(".0")
    if isinstance(value, tuple | frozenset):
        return f"[{', '.join(_element(each) for each in (value if isinstance(value, tuple) else sorted(value)))}]"
    return _element(value)


def _element(value: object) -> str:
    if isinstance(value, int):
        return f'"{values.WEEKDAYS[value]}"'
    return json.dumps(f"{value:%H:%M}" if isinstance(value, time) else str(value or ""), ensure_ascii=False)


def _plain(name: str, hint: Any) -> Kind:
    by_type = {
        bool: Kind("true or false", "true", values.read_bool, blank=False),
        time: Kind("time of day", '"09:00"', values.read_time, blank=time(0)),
        date: Kind("date", '"2026-12-25"', values.read_date, blank=date.min),
        ZoneInfo: Kind("time zone", '"Europe/Riga"', values.read_zone, blank=ZoneInfo("UTC")),
    }
    if found := by_type.get(hint):
        return found
    if hint not in {str, Path}:
        raise TypeError(f"no kind of setting is known for {name}: {hint}")
    return next((kind for words, kind in _TEXTS if words.fullmatch(name)), _TEXT)


def _number(name: str, hint: Any) -> Kind:
    last = name.rpartition("_")[2]
    if name == "weekdays":
        return Kind("day of the week", '"mon"', values.read_weekday, blank=0)
    if last == "size":
        return Kind("size", '"25 MiB"', values.read_size, blank=0, unit="octets")
    if last == "port":
        return Kind("port", "587", lambda value, _: values.read_int(value, 0, 65535), blank=0)
    least = 0 if name in _FROM_ZERO else 1
    most = _LARGEST.get(last, 1_000_000_000)
    unit = last if last in {"days", "hours", "seconds"} else ""
    if hint is float:
        return Kind("number", "1", lambda value, _: values.read_float(value, most), blank=0.0, unit=unit)
    return Kind("whole number", "1", lambda value, _: values.read_int(value, least, most), blank=0, unit=unit)


def _list_of(one: Kind, container: Callable[[list[Any]], Any]) -> Kind:
    def read_all(value: object, folder: Path) -> Any:
        if not isinstance(value, list):
            raise values.UnfitError(f"is {values.named(value)}, not a list", f"write [{one.example}]")
        return container([one.read(each, folder) for each in value])

    return Kind(f"list: {one.described}", f"[{one.example}]", read_all, blank=container([]))


def _choice(choices: tuple[str, ...], *, blank: Any, make: Callable[[str], Any] = str) -> Kind:
    written = " or ".join(f'"{choice}"' for choice in choices if choice)

    def read_choice(value: object, _folder: Path) -> Any:
        if value not in choices or not isinstance(value, str):
            raise values.UnfitError(f"cannot be {values.named(value)}", f"write {written}")
        return make(value)

    return Kind(written, f'"{choices[0]}"', read_choice, blank=blank)


def _shaped(what: str, example: str, fits: Callable[[str], object]) -> Kind:
    def read_shaped(value: object, _folder: Path) -> str:
        text = values.string(value, example).strip()
        if not fits(text):
            raise values.UnfitError(f"holds no valid {what}: {values.named(value)}", f"write it like {example}")
        return text

    return Kind(what, example, read_shaped)


def _placed(what: str, example: str, fault: Callable[[Path], str] | None) -> Kind:
    def read_path(value: object, folder: Path) -> str:
        path = folder / values.read_text(values.string(value, example), folder)
        if fault and (found := fault(path)):
            raise values.UnfitError(f"{path} {found}", f"name another {what}")
        return str(path)

    return Kind(what, example, read_path)


_TEXT = Kind("text", '"…"', values.read_text)
_TEXTS: tuple[tuple[re.Pattern[str], Kind], ...] = tuple(
    (re.compile(words), kind)
    for words, kind in (
        (r"(.*_)?address(es)?", _shaped("address", '"support@example.com"', is_valid)),
        (r"recipients", _shaped("address or pattern", '"*@example.com"', values.is_recipient)),
        (r"sender_domains", _shaped("domain or pattern", '"example.com"', values.is_domain_pattern)),
        (r"hostname", _shaped("host name", '"desk.example.com"', values.is_domain)),
        (r"own_servers", _shaped("IP address or network", '"192.0.2.0/24"', values.is_network)),
        (r"(metrics_)?host", _shaped("host name or IP address", '"mail.example.com"', values.is_host)),
        (r"(older_)?prefix(es)?", _shaped("prefix", '"SUP"', re.compile(r"[A-Z][A-Z0-9]{1,9}").fullmatch)),
        (
            r"(default_)?languages?",
            _shaped("language", '"en"', re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*").fullmatch),
        ),
        (r"log_level", _choice(LOG_LEVELS, blank="info")),
        (r"tls_(ca|key|certificate)", _placed("file", '"/etc/gateway/tls.pem"', values.fault_of_file)),
        (r"templates", _placed("folder", '"templates"', values.fault_of_folder)),
        (r"data_dir|capture", _placed("folder", '"/var/lib/gateway"', values.fault_of_place)),
        (r"secret_file", _placed("file", '"secret.key"', None)),
        (r"socket", _placed("path", '"/run/gateway/lmtp.sock"', values.fault_of_socket)),
        (r"signature", Kind("text, several lines allowed", '"""…"""', values.read_lines)),
    )
)
