"""What `gateway explain` finds and how it prints that; what it decides is held against triage elsewhere."""

import json
import os
from pathlib import Path

import pytest

from gateway.cli import exits

GERMAN = "Guten Tag, die Geräte drucken seit Montag nicht mehr, bitte helfen Sie mir."
RAW = f"From: Jörg <joerg@customer.example>\nSubject: Geräte\n\n{GERMAN}\n".encode()
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
UTF_8 = {"LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder without a configuration."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_language_is_told_whether_or_not_we_write_in_it(run, here):
    (here / "1.eml").write_bytes(RAW)
    ran = run("explain", "1.eml", "--json")
    told = json.loads(ran.out)
    assert (told["language"], told["actions"][1]) == ("de", "acknowledge in en")


@pytest.mark.parametrize(
    ("name", "said"), [("gone.eml", "no such file"), ("gone/1.eml", "no such file"), ("x" * 300, "file name too long")]
)
def test_what_is_not_there_is_told_in_its_place_and_by_the_exit_code(run, here, name, said):
    (here / "1.eml").write_bytes(RAW)
    ran = run("explain", "--json", name, "1.eml")
    missing, found = map(json.loads, ran.out.splitlines())
    assert missing == {"path": name, "error": said}
    assert (found["verdict"], ran.code) == ("opened", exits.MISSING)
    ran = run("explain", name)
    assert (ran.out, ran.err, ran.code) == (f"{name} cannot be explained: {said}\n", "", exits.MISSING)


def test_a_folder_is_looked_through_for_mails(run, here):
    (here / "mails" / "older").mkdir(parents=True)
    for name in ("2.eml", "1.eml", "older/0.eml", ".hidden", "list.csv"):
        (here / "mails" / name).write_bytes(RAW)
    told = [json.loads(line)["path"] for line in run("explain", "mails", "--json").out.splitlines()]
    assert told == ["mails/1.eml", "mails/2.eml", "mails/older/0.eml"]


def test_where_letters_cannot_be_written_json_stays_json(command, here):
    name = os.fsdecode(str(here).encode() + b"/\xff.eml")
    Path(name).write_bytes(RAW)
    told = []
    for environ in (ASCII, UTF_8):
        out, err = command("explain", name, "--json", **environ).communicate()
        assert err == ""
        told.append(json.loads(out))
    assert told[0] | {"ticket": ""} == told[1] | {"ticket": ""}
    assert (told[0]["subject"], told[0]["path"]) == ("Geräte", name)


def test_where_letters_cannot_be_written_people_read_their_numbers(command, here):
    (here / "1.eml").write_bytes(RAW)
    out, err = command("explain", here / "1.eml", **ASCII).communicate()
    assert err == ""
    assert r"  opened: request mail from J\xf6rg <joerg@customer.example>" in out.splitlines()
