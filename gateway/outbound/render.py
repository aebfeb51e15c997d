"""The texts of outgoing mail: the file for a kind and language, rendered sandboxed and strict. Sends nothing."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_datetime_format
from babel.units import format_unit
from jinja2 import Environment, FunctionLoader, StrictUndefined, TemplateSyntaxError, Undefined, pass_context
from jinja2.exceptions import TemplateRuntimeError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from gateway.errors import PermanentError
from gateway.outbound import markup
from gateway.outbound.values import NamelessTicket, Values
from gateway.tickets.notices import NoticeKind

LAYOUT = "layout.html"
LAST_RESORT = "en"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_BRITISH = Locale("en", "GB")  # "24 November 2026": read alike on both sides of the ocean
_MEGABYTE, _KILOBYTE = 1_000_000, 1_000


class BrokenTemplateError(PermanentError):
    """A template cannot be used; the text names file, line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Texts:
    """One mail in words: `subject` is one line, `language` the one that was found."""

    subject: str
    text: str
    html: str
    language: str


@dataclass(frozen=True, slots=True)
class Source:
    """One template file. `fault` says why it cannot be used, if it cannot."""

    language: str
    kind: str
    path: Path
    subject: str = ""
    body: str = ""
    fault: str = ""


class Templates:
    """All templates of an installation: an operator's file in `own` takes the place of the same file in `shipped`."""

    def __init__(self, shipped: Path, own: Path | None, default_language: str, zone: ZoneInfo) -> None:
        self._default = default_language
        self._zone = zone
        self._folders = tuple(folder for folder in (shipped, own) if folder is not None)
        self._sources = {(s.language.lower(), s.kind): s for folder in self._folders for s in _sources(folder)}
        self._texts = self._environment(autoescape=False)
        self._pages = self._environment(autoescape=True)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every template file in use, by language and kind."""
        return tuple(self._sources[key] for key in sorted(self._sources))

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where templates are looked for; later folders win."""
        return self._folders

    def find(self, kind: NoticeKind, language: str) -> Source:
        """The file for `kind` in `language`, its base language, the default language or English, the first that is.

        Raises:
            BrokenTemplateError: there is none, or it cannot be read.
        """
        asked = language.lower().replace("_", "-")
        default = self._default.lower()
        for candidate in (asked, asked.partition("-")[0], default, default.partition("-")[0], LAST_RESORT):
            source = self._sources.get((candidate, kind.value))
            if source is not None and source.fault:
                raise BrokenTemplateError(source.fault)
            if source is not None:
                return source
        looked = " and ".join(str(folder) for folder in self._folders)
        raise BrokenTemplateError(f"no template {LAST_RESORT}/{kind}.txt in {looked}")

    def render(self, kind: NoticeKind, language: str, values: Values, mark: str) -> Texts:
        """The words of one mail; `mark` is its last line, by which an answer is recognised.

        Raises:
            BrokenTemplateError: the template or the layout is broken.
        """
        return self.render_source(self.find(kind, language), kind, values, mark)

    def render_source(self, source: Source, kind: NoticeKind, values: Values, mark: str) -> Texts:
        """As `render`, with this very file."""
        given = _given(kind, each_text(values, markup.without_marks))
        subject = _one_line(self._run(source, "subject", given, markup.Pieces(), plain=True))
        if not subject:
            raise BrokenTemplateError(f"{source.path}, line 1: the subject is empty")
        pieces = markup.Pieces()
        text = pieces.as_text(self._run(source, "body", given, pieces, plain=True))
        pieces = markup.Pieces()
        body = pieces.as_html(self._run(source, "body", given, pieces, plain=False))
        page = self._page(source, subject, values, mark, body)
        return Texts(subject, f"{text}\n\n{mark}\n" if mark else f"{text}\n", page, source.language)

    def layout_path(self) -> Path:
        """The layout in use.

        Raises:
            BrokenTemplateError: there is none.
        """
        found = [folder / LAYOUT for folder in self._folders if (folder / LAYOUT).is_file()]
        if not found:
            raise BrokenTemplateError(f"no {LAYOUT} in {' and '.join(str(folder) for folder in self._folders)}")
        return found[-1]

    def _run(
        self, source: Source, part: str, given: Mapping[str, object], pieces: markup.Pieces, *, plain: bool
    ) -> str:
        functions = {
            "link": lambda label, url: pieces.mark(markup.link(_one_line(label), url)),
            "button": lambda label, url: pieces.mark(markup.button(_one_line(label), url)),
            "quote": lambda words: pieces.mark(markup.quote(markup.without_marks(words))),
            "said": lambda words: pieces.mark(markup.said(markup.without_marks(words))),
        }
        name = f"{source.language.lower()}/{source.kind}#{part}"
        try:
            template = self._texts.get_template(name)
            return template.render({**given, **functions, "language": source.language, "plain": plain})
        except Exception as error:  # a template may raise whatever its author managed to
            raise _fault(source.path, error) from error

    def _page(self, source: Source, subject: str, values: Values, mark: str, body: str) -> str:
        given = {
            "kind": source.kind,
            "language": source.language,
            "direction": _locale(source.language).text_direction,
            "subject": subject,
            "title": values.queue.title,
            "address": values.queue.address,
            "mark": mark,
            "body": Markup(body),  # noqa: S704 - every piece of it was escaped by `markup`
        }
        path = self.layout_path()
        try:
            return self._pages.get_template(LAYOUT).render(given)
        except Exception as error:  # as above
            raise _fault(path, error) from error

    def _environment(self, *, autoescape: bool) -> Environment:
        environment = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined,
            autoescape=autoescape,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            finalize=_printable,
            loader=FunctionLoader(self._load),
        )
        environment.globals.pop("lipsum")
        environment.globals["plural"] = _plural
        environment.filters |= {"day": self._day, "daytime": self._daytime, "size": _size}
        return environment

    def _load(self, name: str) -> tuple[str, str, None] | None:
        if name == LAYOUT:
            path = self.layout_path()
            return path.read_text("utf-8"), str(path), None
        language, _, rest = name.partition("/")
        kind, _, part = rest.partition("#")
        source = self._sources.get((language, kind))
        if source is None or part not in {"subject", "body"}:
            return None
        return source.subject if part == "subject" else source.body, str(source.path), None

    @property
    def _day(self) -> Any:
        @pass_context
        def day(context: Context, value: datetime) -> str:
            return format_date(value.astimezone(self._zone), "long", locale=_locale(context["language"]))

        return day

    @property
    def _daytime(self) -> Any:
        @pass_context
        def daytime(context: Context, value: datetime) -> str:
            locale = _locale(context["language"])
            local = value.astimezone(self._zone)
            glue = str(get_datetime_format("medium", locale=locale)).replace("'", "")
            time = format_time(local, "short", locale=locale)
            return glue.replace("{0}", time).replace("{1}", format_date(local, "long", locale=locale))

        return daytime


def _sources(folder: Path) -> Iterator[Source]:
    for path in sorted(folder.glob("*/*.txt")):
        yield _source(path)


def _source(path: Path) -> Source:
    language, kind = path.parent.name, path.stem
    if not _LANGUAGE.fullmatch(language):
        return Source(
            language, kind, path, fault=f"{path}: {language!r} is no language; name the folder like en or pt-BR"
        )
    if kind not in set(NoticeKind):
        kinds = ", ".join(NoticeKind)
        return Source(language, kind, path, fault=f"{path}: no mail is of this kind; the kinds are {kinds}")
    try:
        text = markup.without_marks(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        return Source(language, kind, path, fault=f"{path}: cannot be read as UTF-8 text ({error})")
    first, _, rest = text.partition("\n")
    subject = re.fullmatch(r"Subject:[ \t]*(.*\S)[ \t]*", first)
    if subject is None or rest.partition("\n")[0].strip():
        return Source(language, kind, path, fault=f"{path}, line 1: must be 'Subject: …', then an empty line")
    return Source(language, kind, path, subject[1], "\n" + rest)  # line numbers stay those of the file


def _given(kind: NoticeKind, values: Values) -> dict[str, object]:
    """By name what a template of `kind` may use.

    An acknowledgement may go to somebody whose address was forged: it is given nothing that the sender wrote – the
    subject only where the desk is sure of him – so that nobody can send his words through us.
    """
    if kind is NoticeKind.ACKNOWLEDGEMENT:
        ticket = values.ticket and NamelessTicket(values.ticket.reference, values.ticket.state, values.ticket.created)
        return {"queue": values.queue, "ticket": ticket, "due": values.due, "subject": values.subject}
    return {field.name: getattr(values, field.name) for field in fields(values)}


def each_text(value: Any, edit: Callable[[str], str]) -> Any:
    """The same with `edit` made to every text in it."""
    match value:
        case str():
            return edit(value)
        case tuple():
            return tuple(each_text(item, edit) for item in value)
        case Mapping():
            return {key: each_text(item, edit) for key, item in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            changed = {field.name: each_text(getattr(value, field.name), edit) for field in fields(value)}
            return replace(value, **changed)
        case _:
            return value


def _printable(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Undefined):
        return str(value)  # raises and names it
    if value is None:
        raise TemplateRuntimeError("a value that is none here cannot be written: ask {% if … %} before")
    if isinstance(value, datetime):
        raise TemplateRuntimeError("a time cannot be written as it is: add |day or |daytime")
    raise TemplateRuntimeError(f"a {type(value).__name__} cannot be written as it is: choose one part of it")


def _one_line(text: str) -> str:
    cleaned = markup.without_marks(text)
    if not cleaned.isprintable():
        cleaned = "".join(c if c.isprintable() else " " for c in cleaned)
    return " ".join(cleaned.split())


def _locale(language: str) -> Locale:
    try:
        locale = Locale.parse(language, sep="-")
    except (ValueError, UnknownLocaleError):
        return _BRITISH
    return _BRITISH if str(locale) == "en" else locale


@pass_context
def _plural(context: Context, number: int, **forms: str) -> str:
    """The form of a word that goes with `number`: `plural(n, one="line", other="lines")` (CLDR plural categories)."""
    form = _locale(context["language"]).plural_form(number)
    if form not in forms and "other" not in forms:
        raise TemplateRuntimeError(f"plural() needs {form}= or other= for the number {number}")
    return forms.get(form) or forms["other"]


@pass_context
def _size(context: Context, octets: int) -> str:
    """A file's size for people: `3.2 MB`."""
    locale = _locale(context["language"])
    if octets >= _MEGABYTE:
        return format_unit(round(octets / _MEGABYTE, 1), "megabyte", "short", locale=locale)
    return format_unit(max(1, round(octets / _KILOBYTE)), "kilobyte", "short", locale=locale)


def _fault(path: Path, error: Exception) -> BrokenTemplateError:
    if isinstance(error, BrokenTemplateError):
        return error
    line = error.lineno if isinstance(error, TemplateSyntaxError) else _line(path, error)
    where = f"{path}, line {line}" if line else str(path)
    return BrokenTemplateError(f"{where}: {str(error) or type(error).__name__}")


def _line(path: Path, error: Exception) -> int:
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
