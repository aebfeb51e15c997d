"""A configuration as `gateway init` leaves it, and the command run in this process or in one of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.cli import main

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs `gateway` with these arguments."""

    def run_here(*arguments: object) -> Ran:
        capsys.readouterr()
        try:
            code = main([str(each) for each in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        return Ran(code, *capsys.readouterr())

    return run_here


@pytest.fixture
def command() -> Callable[..., subprocess.Popen[str]]:
    """Starts `gateway` with these arguments as a process of its own."""

    def start(*arguments: object, **environ: str) -> subprocess.Popen[str]:
        line = [sys.executable, "-m", "gateway", *(str(each) for each in arguments)]
        pipe = subprocess.PIPE
        return subprocess.Popen(line, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, env={**os.environ, **environ})

    return start


@pytest.fixture
def installed(tmp_path: Path, run: Callable[..., Ran]) -> Path:
    """The configuration file that `gateway init` wrote."""
    assert run("init", tmp_path / "desk").code == 0
    return tmp_path / "desk" / "gateway.toml"
