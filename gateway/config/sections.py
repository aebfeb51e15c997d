"""The sections of the configuration file, and how one becomes the settings of a room. What fits what is `checks`'s."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Generic, TypeVar, get_type_hints

from gateway.config import passwords
from gateway.config.faults import Faults
from gateway.config.kinds import Kind, kind_of
from gateway.config.node import NodeSettings
from gateway.config.source import Key, Source
from gateway.config.values import UnfitError
from gateway.desk.settings import ReadingSettings
from gateway.inbound.settings import ListenerSettings, MailboxSettings
from gateway.mail.limits import Limits
from gateway.outbound.settings import DeliverySettings, SmarthostSettings
from gateway.tickets.model import Agent, Queue, Route
from gateway.tickets.policy import LANGUAGES, OWN_NETWORKS, Budgets, BusinessCalendar, Periods
from gateway.web.settings import WebSettings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Installation:
    """`[gateway]`: who this installation is and where its files lie."""

    name: str
    hostname: str
    data_dir: Path = Path("/var/lib/gateway")
    secret_file: Path = Path("secret.key")
    default_language: str = "en"
    languages: tuple[str, ...] = LANGUAGES
    default_queue: str = ""
    templates: str = ""
    authserv_id: str = ""
    authserv_below: bool = False
    own_servers: tuple[str, ...] = OWN_NETWORKS
    alarm_address: str = ""
    log_level: str = "info"


@dataclass(frozen=True, slots=True)
class DatabasePlace:
    """`[database]`: where tickets are kept, empty for SQLite in the data folder; where mail lies, if elsewhere."""

    url: str = ""
    originals: str = ""


@dataclass(frozen=True, slots=True)
class ReferenceForm:
    """`[reference]`: what stands before the letters of a reference."""

    prefix: str = "SUP"
    older_prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section(Generic[T]):
    """One section of the file and the dataclass it fills. `called` has the operator's word where a field's differs."""

    name: str
    makes: type[T]
    is_many: bool = False
    is_optional: bool = False  # absent, there is no such thing, instead of one with defaults
    inherited: tuple[str, ...] = ()  # empty, they are as in [gateway]
    called: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of a section. `default` means nothing when it `is_required`."""

    key: str
    field: str
    kind: Kind
    default: Any
    is_required: bool


INSTALLATION = Section("gateway", Installation)
DATABASE = Section("database", DatabasePlace)
NODE = Section("node", NodeSettings)
REFERENCE = Section("reference", ReferenceForm)
BUSINESS = Section("business", BusinessCalendar, called={"zone": "timezone"})
PERIODS = Section("periods", Periods)
BUDGETS = Section("budgets", Budgets)
LISTENERS = Section("listener", ListenerSettings, is_many=True, inherited=("hostname",))
MAILBOXES = Section("mailbox", MailboxSettings, is_many=True)
SMARTHOST = Section("smarthost", SmarthostSettings, is_optional=True, inherited=("hostname",))
READING = Section("reading", ReadingSettings)
LIMITS = Section("limits", Limits)
DELIVERY = Section("delivery", DeliverySettings)
WEB = Section("web", WebSettings, is_optional=True)
AGENTS = Section("agent", Agent, is_many=True)
QUEUES = Section("queue", Queue, is_many=True)
ROUTES = Section("route", Route, is_many=True)

SECTIONS: tuple[Section[Any], ...] = (
    INSTALLATION,
    DATABASE,
    NODE,
    REFERENCE,
    BUSINESS,
    PERIODS,
    BUDGETS,
    LISTENERS,
    MAILBOXES,
    READING,
    LIMITS,
    SMARTHOST,
    DELIVERY,
    WEB,
    AGENTS,
    QUEUES,
    ROUTES,
)


def settings_of(section: Section[Any]) -> tuple[Setting, ...]:
    """The keys of a section, in the order of its dataclass."""
    hints = get_type_hints(section.makes)
    return tuple(setting for each in fields(section.makes) for setting in _settings(section, each, hints[each.name]))


def _settings(section: Section[Any], each: Field[Any], hint: Any) -> tuple[Setting, ...]:
    if each.name == passwords.FIELD:
        return tuple(Setting(key, each.name, kind, "", is_required=False) for key, kind in passwords.KEYS.items())
    default = each.default_factory() if each.default_factory is not MISSING else each.default
    default = "" if each.name in section.inherited else default
    key = section.called.get(each.name, each.name)
    return (Setting(key, each.name, kind_of(each.name, hint), default, is_required=default is MISSING),)


@dataclass(frozen=True, slots=True)
class Reading:
    """One file being read: where its faults go, and what its values may refer to."""

    source: Source
    faults: Faults
    environ: Mapping[str, str]

    @property
    def folder(self) -> Path:
        """What relative paths count from."""
        return self.source.path.parent.absolute()


def unknown_sections(reading: Reading) -> None:
    """Notes every top-level name that is no section."""
    names = [section.name for section in SECTIONS]
    for name, value in reading.source.tables.items():
        if name not in names and isinstance(value, dict | list):
            near = get_close_matches(name, names, 1, 0.5)
            advice = f"write [{near[0]}]" if near else f"known are {', '.join(names)}"
            reading.faults.add((name,), "unknown section", advice)
        elif name not in names:
            homes = [section.name for section in SECTIONS if name in _keys(section)]
            advice = f"it belongs under [{homes[0]}]" if len(homes) == 1 else "move it below the section it belongs to"
            reading.faults.add((name,), "stands in no section", advice)


def only(section: Section[T], reading: Reading) -> T:
    """What the one section of this name says, defaults filled in."""
    table = reading.source.tables.get(section.name, {})
    key: Key = (section.name,)
    if not isinstance(table, dict):
        reading.faults.add(key, "can be there only once", f"write [{section.name}], in single brackets")
    elif section.name not in reading.source.tables and (wanted := _required(section)):
        reading.faults.add(key, "missing", f"write a section [{section.name}] with {' and '.join(wanted)}")
        reading = replace(reading, faults=Faults(reading.source))  # one fault is enough for it
    return _filled(section, table if isinstance(table, dict) else {}, key, reading)


def optional(section: Section[T], reading: Reading) -> T | None:
    """The same; None when there is no such section."""
    return only(section, reading) if section.name in reading.source.tables else None


def every(section: Section[T], reading: Reading) -> tuple[T, ...]:
    """What each of the sections of this name says, in the order of the file."""
    tables = reading.source.tables.get(section.name, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        what = "can be there several times"
        reading.faults.add((section.name,), what, f"write [[{section.name}]], in double brackets")
        tables = [tables] if isinstance(tables, dict) else []
    return tuple(_filled(section, table, (section.name, index), reading) for index, table in enumerate(tables))


def _filled(section: Section[T], table: Mapping[str, object], key: Key, reading: Reading) -> T:
    settings = settings_of(section)
    _note_unknown(section, table, key, reading.faults)
    values = {each.field: _value(each, table, key, reading) for each in settings if each.field != passwords.FIELD}
    if any(each.field == passwords.FIELD for each in settings):
        is_wanted = bool(values.get("user"))
        where = (reading.faults, reading.folder, reading.environ)
        values[passwords.FIELD] = passwords.read(table, key, *where, is_wanted=is_wanted)
    return section.makes(**values)


def _value(setting: Setting, table: Mapping[str, object], key: Key, reading: Reading) -> Any:
    """The setting's value; its kind's blank when there is a fault to note."""
    given = table.get(setting.key)
    if given is None and not setting.is_required:
        return _at_home(setting, reading.folder)
    if given is None:
        reading.faults.add((*key, setting.key), "missing", f"write {setting.key} = {setting.kind.example}")
        return setting.kind.blank
    if not given and isinstance(given, str) and setting.default in {"", None}:
        return setting.default
    try:
        value = setting.kind.read(given, reading.folder)
    except UnfitError as error:
        reading.faults.add((*key, setting.key), error.what, error.write)
        return setting.kind.blank
    return Path(value) if isinstance(setting.default, Path) else value


def _at_home(setting: Setting, folder: Path) -> Any:
    return folder / setting.default if isinstance(setting.default, Path) else setting.default


def _note_unknown(section: Section[Any], table: Mapping[str, object], key: Key, faults: Faults) -> None:
    known = _keys(section)
    for name in table:
        if name == passwords.FIELD and passwords.KEYS.keys() <= set(known):
            faults.add((*key, name), "passwords do not belong into this file", f"write {passwords.ADVICE}")
        elif name not in known:
            faults.add((*key, name), "unknown key", _advice_on(name, section))


def _advice_on(name: str, section: Section[Any]) -> str:
    known = _keys(section)
    if near := get_close_matches(name, known, 1, 0.7):
        return f"write {near[0]}"
    homes = [each for each in SECTIONS if name in _keys(each)]
    if len(homes) == 1:
        return f"it belongs under [{homes[0].name}]"
    return f"known here are {', '.join(known)}"


def _required(section: Section[Any]) -> list[str]:
    return [setting.key for setting in settings_of(section) if setting.is_required]


def _keys(section: Section[Any]) -> tuple[str, ...]:
    return tuple(setting.key for setting in settings_of(section))
