import tomllib
from pathlib import Path

import pytest

from gateway import config
from gateway.config import example, kinds, sections
from gateway.config.cautions import cautions
from gateway.config.sections import SECTIONS, settings_of

TEXT = example.path().read_text(encoding="utf-8")
ENTRIES = example.entries(TEXT)
EXAMPLES = {("smarthost", "user"), ("smarthost", "password_file"), ("mailbox", "password_file")}  # of another's values


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    (tmp_path / "secret.key").write_text("ab" * 32)
    (tmp_path / "secret.key").chmod(0o600)
    (tmp_path / "templates").mkdir()
    for name in ("mailbox", "smarthost"):
        (tmp_path / f"{name}.password").write_text("secret\n")
    return tmp_path / "gateway.toml"


def test_as_shipped_it_has_no_fault_and_delivers_to_nobody(installed):
    installed.write_text(TEXT)
    read = config.load(installed, {})
    assert read.smarthost is None
    assert cautions(read)[0].startswith("No [smarthost]")


def test_with_everything_switched_on_it_has_no_fault_either(installed):
    text = example.uncommented(TEXT)
    installed.write_text(text)
    read = config.load(installed, {})
    assert set(tomllib.loads(text)) == {section.name for section in SECTIONS}
    assert read.smarthost is not None
    assert read.smarthost.password == read.mailboxes[0].password == "secret"


def test_every_setting_of_the_code_is_in_it_once_and_nothing_else():
    written = [(entry.section, entry.key) for entry in ENTRIES]
    known = [(section.name, key) for section in SECTIONS for key in ("", *(each.key for each in settings_of(section)))]
    assert sorted(written) == sorted(known)
    assert list(dict.fromkeys(section for section, _ in written)) == [section.name for section in SECTIONS]


def test_every_line_is_a_comment_a_setting_or_empty():
    entries = sum(bool(line) and not line.startswith("# ") and line != "#" for line in TEXT.splitlines())
    assert entries == len(ENTRIES)


def test_every_setting_is_explained_above_it():
    assert [entry for entry in ENTRIES if not entry.meaning.endswith((".", ")"))] == []


def test_what_is_commented_out_shows_the_default_of_the_code():
    defaults = {
        (section.name, setting.key): kinds.toml(setting.default, setting.kind)
        for section in SECTIONS
        for setting in settings_of(section)
        if not setting.is_required
    }
    shown = {(entry.section, entry.key): entry.value for entry in ENTRIES if entry.key and not entry.is_active}
    assert {key: value for key, value in shown.items() if key in defaults and key not in EXAMPLES} == {
        key: value for key, value in defaults.items() if key in shown and key not in EXAMPLES
    }


def test_what_must_be_written_is_switched_on_wherever_its_section_is():
    off = {entry.section for entry in ENTRIES if not entry.key and not entry.is_active}
    required = {(s.name, each.key) for s in sections.SECTIONS for each in settings_of(s) if each.is_required}
    assert {(e.section, e.key) for e in ENTRIES if not e.is_active and e.section not in off}.isdisjoint(required)
