import subprocess
import sys
from pathlib import Path

from gateway.config import reference
from gateway.config.sections import SECTIONS, settings_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "configuration.md"
COMMAND = "python -m gateway.config.reference > docs/configuration.md"


def test_the_page_is_what_the_code_says():
    assert PAGE.read_text(encoding="utf-8") == reference.written(), f"run {COMMAND}"


def test_the_command_writes_the_page():
    command = [sys.executable, *COMMAND.split(" > ", maxsplit=1)[0].split()[1:]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.decode() == reference.written()


def test_every_setting_has_one_row_of_four_cells():
    rows = [line for line in reference.written().splitlines() if line.startswith("| `")]
    assert len(rows) == sum(len(settings_of(section)) for section in SECTIONS)
    assert all(row.replace("\\|", "").count("|") == 5 for row in rows)
