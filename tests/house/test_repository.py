"""What holds for the repository as a whole, whoever changes it."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOP_LEVEL = {
    *("gateway", "templates", "config", "tests", "systemd", "docs", "bench"),
    *("pyproject.toml", "README.md", "SECURITY.md", "LICENSE", "dev"),
    *(".ci", ".editorconfig", ".gitattributes", ".gitignore"),
}
# Written so that this file holds none of them itself.
REGISTRIES = re.compile(rb"py[p]i\.(org|io)|python[h]osted|registry\.np[m]js|deb\.de[b]ian\.org|proxy\.g[o]lang")
INDEX_OPTIONS = re.compile(rb"(?m)^\s*-?-(find-link[s]|index-ur[l]|extra-index-ur[l]|trusted-hos[t])\b")
OUR_MACHINES = re.compile(rb"/wor[k]/|/roo[t]/\.|/opt/whee[l]s")
VAGUE = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}


def tracked() -> list[Path]:
    """Every file that is in the repository or about to be: tracked, or neither tracked nor ignored."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    run = subprocess.run(command, capture_output=True, check=False)
    if run.returncode:
        pytest.skip("not a git checkout")
    names = (ROOT / name.decode() for name in run.stdout.split(b"\0") if name)
    return [path for path in names if path.is_file()]


def places(pattern: re.Pattern[bytes], files: list[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}: {found.group().decode()}"
        for path in files
        for found in pattern.finditer(path.read_bytes())
    ]


@pytest.mark.parametrize(
    ("pattern", "sample"),
    [
        (REGISTRIES, b"https://files.python" + b"hosted.org/x"),
        (INDEX_OPTIONS, b"--find-" + b"links /somewhere"),
        (OUR_MACHINES, b"/wo" + b"rk/main"),
    ],
    ids=["registry hosts", "index options", "paths of the developers' machines"],
)
def test_files_name_no_place_that_others_lack(pattern: re.Pattern[bytes], sample: bytes):
    assert pattern.search(sample)
    assert places(pattern, tracked()) == []


def test_the_top_level_stays_clear():
    assert {path.relative_to(ROOT).parts[0] for path in tracked()} <= TOP_LEVEL


def test_modules_are_named_for_a_duty():
    modules = [path for path in tracked() if path.suffix == ".py"]
    assert not [str(path.relative_to(ROOT)) for path in modules if path.stem in VAGUE or path.parent.name in VAGUE]


def test_every_module_says_its_duty_first():
    modules = [path for path in tracked() if path.suffix == ".py" and path.is_relative_to(ROOT / "gateway")]
    assert modules
    assert not [str(path.relative_to(ROOT)) for path in modules if not path.read_text().startswith(('"""', 'r"""'))]


def packages(lock: str) -> dict[str, str]:
    text = (ROOT / ".ci/locks" / lock).read_text()
    return dict(re.findall(r"(?m)^([a-z0-9-]+)(?:\[[\w,-]+\])?==(\S+)", text))


class TestLocks:
    def test_each_set_contains_the_smaller_one(self):
        run, test, check = (packages(f"{name}.txt").items() for name in ("run", "test", "check"))
        assert run < test < check

    def test_every_package_has_hashes(self):
        for lock in (ROOT / ".ci/locks").glob("*.txt"):
            blocks = re.split(r"(?m)^(?=\S)", lock.read_text())[1:]
            assert blocks
            assert not [block for block in blocks if "--hash=sha256:" not in block]
