import re
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.systemd

FOLDER = Path(__file__).parents[2] / "systemd"
UNIT = FOLDER / "gateway.service"
MOST_EXPOSURE = 2.0


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a command that exists here: systemd-analyze wants to see it."""
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("ExecStart=/usr/bin/gateway ", "ExecStart=/bin/true "))
    return copy


def complaints(unit: Path) -> list[str]:
    """What `systemd-analyze verify` says about this file; its exit code is 0 even for keys it does not know."""
    run = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    return [line for line in run.stderr.splitlines() if unit.name in line]


def exposure(unit: Path) -> float:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)]
    table = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    (figure,) = re.findall(r"Overall exposure level for \S+: ([\d.]+)", table)
    return float(figure)


def test_systemd_has_nothing_to_say_about_the_unit(unit: Path):
    assert complaints(unit) == []


@pytest.mark.parametrize("wrong", ["Colour=red", "Restart=perhaps", "ExecStart=/nowhere/gateway", "WatchdogSec=soon"])
def test_it_would_have_something_to_say(unit: Path, wrong: str):
    unit.write_text(unit.read_text().replace("[Install]", f"{wrong}\n[Install]"))
    assert complaints(unit)


def test_commented_credentials_are_right_once_uncommented(unit: Path):
    text = unit.read_text()
    assert text.count("#LoadCredential=") > 1
    unit.write_text(text.replace("#LoadCredential=", "LoadCredential="))
    assert complaints(unit) == []


def test_the_unit_exposes_little(unit: Path):
    assert exposure(unit) <= MOST_EXPOSURE


def test_an_open_unit_would_be_found(unit: Path):
    unit.write_text(re.sub(r"(?m)^(Protect|Restrict[ANRS]|SystemCall)\w+=.*\n", "", unit.read_text()))
    assert exposure(unit) > MOST_EXPOSURE


def test_the_unit_says_what_the_daemon_relies_on():
    settings = UNIT.read_text().splitlines()
    for line in ("Type=notify", "StateDirectory=gateway", "RestartPreventExitStatus=65 78", "User=gateway"):
        assert line in settings


def test_the_user_can_be_made(tmp_path: Path):
    (tmp_path / "etc").mkdir()
    folder = tmp_path / "usr/lib/sysusers.d"
    folder.mkdir(parents=True)
    (folder / "gateway.conf").write_bytes((FOLDER / "gateway.sysusers").read_bytes())
    subprocess.run(["systemd-sysusers", f"--root={tmp_path}", "gateway.conf"], check=True, capture_output=True)
    (user,) = (tmp_path / "etc/passwd").read_text().splitlines()
    assert user.split(":")[0] == "gateway"
    assert user.endswith(":/var/lib/gateway:/usr/sbin/nologin")
