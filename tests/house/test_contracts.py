"""The contracts on imports hold in the code, and each of them can fail: shown on a copy with bad imports in it."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = "from importlinter.cli import lint_imports_command as lint; lint()"

# What breaks which contract: a module, and what is added to it.
OFFENCES = {
    "errors": (
        "import aiosmtpd, apscheduler, babel, charset_normalizer, h11, imapclient, jinja2, mailparser, selectolax"
        ", smtplib, sqlalchemy, flufl.bounce, fsspec"
    ),
    "mail/address": "import gateway.store\nimport logging",
    "mail/message": "import gateway.mail.one_end",
    "mail/one_end": "import gateway.mail.other_end",
    "mail/other_end": "import gateway.mail.one_end",
    "store/schema": "import socket",
}


@pytest.fixture
def code(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "gateway", tmp_path / "gateway", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def verdicts(code: Path) -> dict[str, str]:
    """KEPT or BROKEN for each contract."""
    run = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache", "--no-logo"],
        cwd=code,
        env={"PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = dict(re.findall(r"(?m)^(.+?) (KEPT|BROKEN)\b", run.stdout))
    assert found.keys() == contracts(), run.stdout + run.stderr
    return found


def contracts() -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]}


def test_the_code_keeps_them(code: Path):
    assert verdicts(code) == dict.fromkeys(contracts(), "KEPT")


def test_each_can_be_broken(code: Path):
    for module, offence in OFFENCES.items():
        with (code / "gateway" / f"{module}.py").open("a") as source:
            source.write(f"\n{offence}\n")
    assert verdicts(code) == dict.fromkeys(contracts(), "BROKEN")


def test_a_new_room_needs_its_place_in_the_order(code: Path):
    (code / "gateway" / "attic.py").touch()
    assert {name for name, verdict in verdicts(code).items() if verdict == "BROKEN"} == {
        "rooms in the order of a message's way"
    }
