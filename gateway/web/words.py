"""The words of the page in each language: TOML files, an operator's beside ours. It writes no page."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

FILE = "survey_page.toml"
LAST_RESORT = "en"
KEYS = (
    *("title", "question", "about", "choose", "rating_5", "rating_4", "rating_3", "rating_2", "rating_1"),
    *("comment", "optional", "send", "change", "private"),
    *("thanks", "changeable", "settled", "more"),
    *("no_rating", "too_long", "gone_title", "gone", "refused_title", "refused", "busy_title", "busy"),
)

Words = Mapping[str, str]


class Dictionary:
    """The words of all languages. `faults` says what is wrong with any file; what is whole can be used all the same."""

    def __init__(self, folders: Iterable[Path], default_language: str) -> None:
        found: dict[str, dict[str, str]] = {}
        faults: list[str] = []
        for file in (file for folder in folders for file in sorted(folder.glob(f"*/{FILE}"))):
            said, fault = _read(file)
            faults += fault
            found[file.parent.name.lower()] = found.get(file.parent.name.lower(), {}) | said
        self.faults = (*faults, *_missing(found))
        self._words = {language: said for language, said in found.items() if set(KEYS) <= said.keys()}
        self._default = default_language

    def language(self, *wanted: str) -> str:
        """The first of these languages, or of their bases, that lacks nothing; else the default one, else English."""
        for each in (*wanted, self._default, LAST_RESORT):
            for candidate in (each.lower(), each.lower().partition("-")[0]):
                if candidate in self._words:
                    return candidate
        return LAST_RESORT

    def __getitem__(self, language: str) -> Words:
        return self._words[language]


def accepted(header: str) -> tuple[str, ...]:
    """The languages of an Accept-Language, dearest first (RFC 9110 §12.5.4)."""
    weighed = []
    for each in header[:200].split(","):
        language, _, weight = each.partition(";q=")
        try:
            weighed.append((float(weight or 1), language.strip()))
        except ValueError:
            continue
    return tuple(language for weight, language in sorted(weighed, key=lambda pair: -pair[0]) if weight > 0)


def _read(file: Path) -> tuple[dict[str, str], list[str]]:
    try:
        read = tomllib.loads(file.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        return {}, [f"{file}: cannot be read ({error})"]
    faults = [f"{file}: {key} is unknown; known are {', '.join(KEYS)}" for key in read if key not in KEYS]
    faults += [f"{file}: {key} is no text" for key, said in read.items() if not isinstance(said, str) or not said]
    return {key: said for key, said in read.items() if isinstance(said, str) and said}, faults


def _missing(found: Mapping[str, Words]) -> Iterator[str]:
    for language, said in found.items():
        lacking = [key for key in KEYS if key not in said]
        if lacking:
            yield f"{language}/{FILE}: lacks {', '.join(lacking)}; until then the page is not shown in this language"
