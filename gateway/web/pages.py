"""The pages as HTML: one template and one style for all, words from the dictionary. It looks nothing up."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from gateway.tickets import survey_page
from gateway.tickets.survey import RATINGS
from gateway.web.exchange import Answer, security_policy
from gateway.web.words import Dictionary

_TEMPLATE, _STYLE = "survey_page.html", "survey_page.css"
_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows of a survey: the desk, the ticket's reference, the rating there is (0: none).

    `key` marks the form; without one there is none, for nothing can be changed any more. `chosen` and `comment` are
    what it is filled in with, `fault` is the key of what is said about a mistake in it.
    """

    desk: str
    reference: str
    key: str = ""
    rating: int = 0
    chosen: int = 0
    comment: str = ""
    fault: str = ""


class Pages:
    """Writes pages from the shipped template; `policy` is the header that goes with all of them."""

    def __init__(self, shipped: Path, dictionary: Dictionary) -> None:
        style = (shipped / _STYLE).read_text("utf-8").replace("\r\n", "\n")
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(shipped),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        environment.globals.clear()
        self._template = environment.get_template(_TEMPLATE)
        self._style = Markup(style)  # noqa: S704 - our own file; as it stands its hash is in the header
        self._dictionary = dictionary
        self.policy = security_policy(f"sha256-{digest}")

    def survey(self, status: int, shown: Shown, language: str) -> Answer:
        """The page of a survey, in the ticket's language."""
        return self._page(status, language, {"shown": shown, "kind": "survey"})

    def notice(self, status: int, kind: str, *languages: str) -> Answer:
        """A page that says one thing (`gone`, `refused` or `busy`) in the first language that there is."""
        return self._page(status, self._dictionary.language(*languages), {"kind": kind})

    def _page(self, status: int, language: str, given: Mapping[str, object]) -> Answer:
        language = self._dictionary.language(language)
        page = self._template.render(
            language=language,
            words=self._dictionary[language],
            style=self._style,
            ratings=tuple(reversed(RATINGS)),
            longest=survey_page.LONGEST_COMMENT,
            **given,
        )
        return Answer(status, page, _HTML)
