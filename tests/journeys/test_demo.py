"""`gateway demo --once`, as a newcomer's first minute has it."""

import os
import subprocess
import sys
from pathlib import Path

PEOPLE = ("Emma Clarke", "Piotr Nowak", "Ольга Смирнова", "王芳", "Ελένη Παπαδοπούλου", "Jānis Bērziņš")


def test_it_plays_to_the_end_by_the_script_and_leaves_nothing(tmp_path: Path):
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    root = str(Path(__file__).parents[2])
    environ = {**os.environ, "PYTHONPATH": root, "TMPDIR": str(scratch), "PYTHONIOENCODING": "utf-8"}

    played = subprocess.run(
        [sys.executable, "-m", "gateway", "demo", "--once"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )

    assert played.returncode == 0, played.stdout + played.stderr
    for name in PEOPLE:
        assert name in played.stdout
    assert "Everything went by the script" in played.stdout
    assert played.stderr == ""
    assert [*scratch.iterdir()] == []
