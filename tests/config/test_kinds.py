from datetime import date, time
from enum import StrEnum
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.kinds import kind_of, toml
from gateway.config.values import UnfitError

HERE = Path("/etc/gateway")
MIB = 1024 * 1024


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


READ = [
    ("data_dir", Path, "/not/there/yet", "/not/there/yet"),
    ("idle", bool, True, True),
    ("port", int, 993, 993),
    ("port", int, 0, 0),
    ("reminders", int, 0, 0),
    ("grace_days", int, 3650, 3650),
    ("connections", int, 1, 1),
    ("poll_seconds", float, 1, 1.0),
    ("poll_seconds", float, 0.5, 0.5),
    ("message_size", int, "25 MiB", 25 * MIB),
    ("message_size", int, "1.5kB", 1500),
    ("message_size", int, "7", 7),
    ("message_size", int, " 2 gib ", 2 * 1024 * MIB),
    ("message_size", int, 10, 10),
    ("title", str, " Support ", "Support"),
    ("signature", str, "\nOne\nTwo\n", "One\nTwo"),
    ("address", str, " a@example.com ", "a@example.com"),
    ("other_addresses", tuple[str, ...], ["a@example.com"], ("a@example.com",)),
    ("other_addresses", tuple[str, ...], [], ()),
    ("recipients", tuple[str, ...], ["*@example.com", "x@example.org"], ("*@example.com", "x@example.org")),
    ("sender_domains", tuple[str, ...], ["*.example.com", "example.org"], ("*.example.com", "example.org")),
    ("hostname", str, "пример.example", "пример.example"),
    ("host", str, "::1", "::1"),
    ("host", str, "127.0.0.1", "127.0.0.1"),
    ("prefix", str, "HD2", "HD2"),
    ("language", str, "pt-BR", "pt-BR"),
    ("log_level", str, "debug", "debug"),
    ("colour", Colour, "blue", Colour.BLUE),
    ("way", Literal["up", "down"], "down", "down"),
    ("opens", time, "08:30", time(8, 30)),
    ("opens", time, time(8, 30), time(8, 30)),
    ("holidays", frozenset[date], ["2026-12-25", date(2027, 1, 1)], frozenset({date(2026, 12, 25), date(2027, 1, 1)})),
    ("weekdays", frozenset[int], ["sun", "mon"], frozenset({6, 0})),
    ("zone", ZoneInfo, "Europe/Riga", ZoneInfo("Europe/Riga")),
    ("data_dir", Path, "data", "/etc/gateway/data"),
    ("socket", str, "/run/x", "/run/x"),
    ("limit", int | None, 3, 3),
]

UNFIT = [
    ("idle", bool, "true", "true or false, without quotes"),
    ("idle", bool, 1, "true or false"),
    ("port", int, "993", "without quotes"),
    ("port", int, 65536, "from 0 to 65535"),
    ("port", int, True, "whole number"),
    ("port", int, 1.0, "whole number"),
    ("reminders", int, -1, "cannot be -1"),
    ("reminders", int, 101, "from 0 to 100"),
    ("reminder_after_days", int, 0, "from 1 to 3650"),
    ("timeout_seconds", float, 0, "above 0"),
    ("timeout_seconds", float, float("nan"), "above 0"),
    ("timeout_seconds", float, "5", "not a number"),
    ("message_size", int, 0, "from 1"),
    ("message_size", int, "0 MiB", "from 1"),
    ("message_size", int, "25 miles", 'like "25 MiB"'),
    ("message_size", int, "-1", "no size"),
    ("message_size", int, "9" * 400 + " MiB", "no size"),
    ("timeout_seconds", float, float("inf"), "above 0"),
    ("message_size", int, True, "no size"),
    ("title", str, "", "is empty"),
    ("title", str, "  ", "is empty"),
    ("title", str, 7, "not text"),
    ("title", str, "a\r\nBcc: x@example.com", "in one line"),
    ("title", str, "a\u2028b", "in one line"),
    ("signature", str, "a\x00b", "control character"),
    ("signature", str, "a\rb", "control character"),
    ("address", str, "Anna <a@example.com>", 'like "support@example.com"'),
    ("address", str, "a@b@example.com", "no valid address"),
    ("address", str, "example.com", "no valid address"),
    ("address", str, ["a@example.com"], "a list, not text"),
    ("other_addresses", tuple[str, ...], "a@example.com", 'write ["support@example.com"]'),
    ("other_addresses", tuple[str, ...], [1], "not text"),
    ("recipients", tuple[str, ...], ["a+b@example.com"], "no valid address or pattern"),
    ("recipients", tuple[str, ...], ["example.com"], "no valid address or pattern"),
    ("sender_domains", tuple[str, ...], ["@example.com"], "no valid domain"),
    ("hostname", str, "desk_1.example.com", "no valid host name"),
    ("hostname", str, "-x.example.com", "no valid host name"),
    ("hostname", str, "a" * 64 + ".example.com", "no valid host name"),
    ("hostname", str, "ü" * 64 + ".example.com", "no valid host name"),
    ("host", str, "smtp.example.com:587", "no valid host name"),
    ("host", str, "smtp://example.com", "no valid host name"),
    ("prefix", str, "sup", "no valid prefix"),
    ("prefix", str, "S", "no valid prefix"),
    ("language", str, "English", "no valid language"),
    ("log_level", str, "loud", '"debug" or "info"'),
    ("colour", Colour, "green", '"red" or "blue"'),
    ("colour", Colour, 1, "cannot be 1"),
    ("opens", time, "9", "no time of day"),
    ("opens", time, "24:00", "no time of day"),
    ("opens", time, 9, "not text"),
    ("opens", time, "09:00+02:00", "no time of day"),
    ("holidays", frozenset[date], ["2026-02-30"], "year, month, day"),
    ("weekdays", frozenset[int], ["monday"], "mon, tue"),
    ("weekdays", frozenset[int], [1], "no day called 1"),
    ("zone", ZoneInfo, "Riga", "no time zone"),
    ("zone", ZoneInfo, "../etc/passwd", "no time zone"),
    ("zone", ZoneInfo, "Europe", "no time zone"),
    ("tls_ca", str, "nowhere.pem", "/etc/gateway/nowhere.pem does not exist"),
    ("tls_key", str, "/", "/ is no file"),
    ("templates", str, "nowhere", "does not exist"),
    ("templates", str, "/etc/passwd", "is no folder"),
    ("data_dir", Path, "/etc/passwd", "is a file"),
    ("socket", str, "/" + "x" * 107, "107 octets"),
    ("tls_ca", str, "x" * 300, "x"),
    ("templates", str, "x" * 300, "x"),
    ("tls_ca", str, "a\x00b", "in one line"),
]


@pytest.mark.parametrize(("name", "hint", "given_", "value"), READ)
def test_what_fits_is_read(name, hint, given_, value):
    assert kind_of(name, hint).read(given_, HERE) == value


@pytest.mark.parametrize(("name", "hint", "given_", "said"), UNFIT)
def test_what_does_not_fit_is_told_with_what_to_write(name, hint, given_, said):
    with pytest.raises(UnfitError) as caught:
        kind_of(name, hint).read(given_, HERE)
    assert said in f"{caught.value.what}; {caught.value.write}"
    assert caught.value.what
    assert caught.value.write


def test_a_setting_of_an_unknown_type_is_our_own_mistake():
    with pytest.raises(TypeError, match="wire"):
        kind_of("wire", complex)


SHOWN = [
    ("message_size", int, 25 * MIB, '"25 MiB"'),
    ("message_size", int, 1500, "1500"),
    ("port", int, 993, "993"),
    ("recipients", int, 1_000_000_000, "1000000000"),
    ("poll_seconds", float, 60.0, "60"),
    ("poll_seconds", float, 0.25, "0.25"),
    ("idle", bool, True, "true"),
    ("weekdays", frozenset[int], frozenset({4, 0}), '["mon", "fri"]'),
    ("opens", time, time(9), '"09:00"'),
    ("zone", ZoneInfo, ZoneInfo("UTC"), '"UTC"'),
    ("languages", tuple[str, ...], ("en", "lv"), '["en", "lv"]'),
    ("title", str, 'a "b"', '"a \\"b\\""'),
    ("colour", Colour, Colour.RED, '"red"'),
]


@pytest.mark.parametrize(("name", "hint", "value", "shown"), SHOWN)
def test_a_value_is_shown_as_an_operator_writes_it(name, hint, value, shown):
    assert toml(value, kind_of(name, hint)) == shown


@given(st.integers(1, 2**40))
def test_a_size_is_read_as_it_was_shown(octets):
    kind = kind_of("message_size", int)
    shown = toml(octets, kind)
    assert kind.read(shown.strip('"') if shown.startswith('"') else int(shown), HERE) == octets
