"""One reply to be written: who, to whom, in which language, about what. Knows no mail program."""

import re
import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from babel.dates import format_date, format_datetime

HERE = Path(__file__).parent
ATTRIBUTIONS = tomllib.loads((HERE / "attributions.toml").read_text("utf-8"))
LANGUAGES = tuple(ATTRIBUTIONS)
CHARSETS = {
    "en": "us-ascii", "de": "iso-8859-1", "fr": "iso-8859-15", "es": "windows-1252", "it": "iso-8859-1",
    "pt": "windows-1252", "nl": "iso-8859-15", "da": "iso-8859-1", "sv": "iso-8859-1", "nb": "windows-1252",
    "fi": "iso-8859-15", "pl": "iso-8859-2", "cs": "windows-1250", "sk": "iso-8859-2", "hu": "windows-1250",
    "ro": "iso-8859-16", "bg": "windows-1251", "ru": "koi8-r", "uk": "koi8-u", "el": "iso-8859-7",
    "lv": "windows-1257", "lt": "iso-8859-13", "et": "iso-8859-15", "tr": "iso-8859-9", "he": "windows-1255",
    "ar": "windows-1256", "zh-Hans": "gb2312", "zh-Hant": "big5", "ja": "iso-2022-jp", "ko": "euc-kr",
    "vi": "utf-8", "th": "tis-620", "id": "us-ascii",
}  # fmt: skip
OTHER_CHARSETS = {
    "de": "windows-1252", "fr": "windows-1252", "pl": "windows-1250", "cs": "iso-8859-2", "hu": "iso-8859-2",
    "bg": "iso-8859-5", "ru": "windows-1251", "uk": "windows-1251", "el": "windows-1253", "lv": "iso-8859-13",
    "lt": "windows-1257", "et": "windows-1257", "tr": "windows-1254", "he": "iso-8859-8-i", "zh-Hans": "gb18030",
    "ja": "shift_jis", "ko": "ks_c_5601-1987", "th": "windows-874",
}  # fmt: skip
PREFIXES = {
    "de": "AW", "da": "SV", "sv": "SV", "nb": "SV", "fi": "VS", "pl": "ODP", "nl": "Antw", "it": "R", "hu": "Vá",
    "tr": "YNT", "el": "ΑΠ", "zh-Hans": "答复", "zh-Hant": "回覆", "he": "תגובה", "id": "BLS", "lt": "ATS",
}  # fmt: skip
RIGHT_TO_LEFT = frozenset({"he", "ar"})
NON_LATIN = frozenset({"bg", "ru", "uk", "el", "he", "ar", "zh-Hans", "zh-Hant", "ja", "ko", "th", "vi"})
ZONES = {"en": "-0400", "zh-Hans": "+0800", "zh-Hant": "+0800", "ja": "+0900", "ko": "+0900", "vi": "+0700"}
FIRST_DAY = datetime(2025, 10, 14, 9, 37, 12)  # a Tuesday


@dataclass(frozen=True, slots=True)
class Letter:
    """A reply in `language` and its words; `pairs` are questions with their answers, for interleaved replies."""

    language: str
    shape: str
    client: str
    number: int
    name: str
    address: str
    agent: str
    subject: str
    own: str
    original: str
    pairs: tuple[tuple[str, str], ...] = ()
    last: str = ""

    agent_address = "support@desk.example"

    @property
    def written(self) -> datetime:
        """When the quoted mail was written."""
        return FIRST_DAY + timedelta(days=self.number % 17, hours=self.number % 7, minutes=self.number % 41)

    @property
    def sent(self) -> datetime:
        return self.written + timedelta(hours=3 + self.number % 20, minutes=11)

    @property
    def zone(self) -> str:
        return ZONES.get(self.language, "+0200")

    @property
    def said(self) -> dict[str, str]:
        """The programs' words in this language."""
        return dict(ATTRIBUTIONS[self.language])

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(ATTRIBUTIONS[self.language]["labels"])

    @property
    def charset(self) -> str:
        other = OTHER_CHARSETS.get(self.language) if self.number % 2 else None
        return other or CHARSETS[self.language]

    @property
    def direction(self) -> str:
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"

    def attribution(self, client: str) -> str:
        return self.filled(self.said[client])

    def filled(self, pattern: str) -> str:
        locale = self.said["locale"]

        def field(found: re.Match[str]) -> str:
            match found[1]:
                case "name":
                    return self.agent
                case "addr":
                    return self.agent_address
                case letters:
                    return format_datetime(self.written, letters, locale=locale).replace("\u202f", " ")

        return re.sub(r"\{(\w+)\}", field, pattern)

    @property
    def long_date(self) -> str:
        return f"{format_date(self.written, 'full', locale=self.said['locale'])} {self.written:%H:%M}"


def read(language: str) -> dict[str, dict[str, str]]:
    """The sentences of a language."""
    return tomllib.loads((HERE / "words" / f"{language}.toml").read_text("utf-8"))
