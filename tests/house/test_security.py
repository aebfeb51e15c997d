"""What SECURITY.md promises has tests, and what no line of ours may do is done by none."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "SECURITY.md").read_text()
REFERENCES = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))

# What would run, fetch or open a stranger's file; and where it is used for something else.
FORBIDDEN = frozenset(
    ("bz2", "ctypes", "ftplib", "gzip", "http", "lzma", "marshal", "pickle", "pty", "requests", "shelve", "shutil")
) | frozenset(("subprocess", "tarfile", "urllib.request", "webbrowser", "xml", "xmlrpc", "zipfile", "zlib"))
ALLOWED = {
    ("daemon/memory.py", "ctypes"),  # tells the C library to give memory back
    ("desk/reader.py", "pickle"),  # between our own processes
    ("desk/readers.py", "pickle"),
    ("desk/readers.py", "subprocess"),  # starts the process that reads
    ("mail/cms.py", "zlib"),  # compressed S/MIME, within limits
}
CALLS = frozenset(("__import__", "compile", "eval", "exec"))
SECRETS = re.compile(r"(?i)mac$|digest$|signed|secret|signature|check_letters")


def sources(*rooms: str) -> Iterator[tuple[str, ast.Module]]:
    for file in sorted((ROOT / "gateway").rglob("*.py")):
        name = file.relative_to(ROOT / "gateway").as_posix()
        if not name.startswith("cli/") and (not rooms or name in rooms):
            yield name, ast.parse(file.read_text())


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


def offences(name: str, tree: ast.Module) -> Iterator[str]:
    for module in imported(tree):
        beginnings = {module.partition(".")[0], module} & FORBIDDEN
        yield from (f"{name}: {each}" for each in beginnings if (name, each) not in ALLOWED)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            yield f"{name}: {node.func.id}()"


def test_nothing_is_run_fetched_or_opened_that_came_by_mail():
    assert [each for name, tree in sources() for each in offences(name, tree)] == []


@pytest.mark.parametrize(
    "line", ["import zipfile", "from urllib.request import urlopen", "from urllib import request", "eval('1')"]
)
def test_it_would_be_found(line):
    assert len(list(offences("mail/parse.py", ast.parse(line)))) == 1


def plainly_compared(tree: ast.Module) -> list[str]:
    """The comparisons by `==`, `!=` or `in` that something secret takes part in."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq | ast.In) for op in node.ops):
            names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
            calls = {
                each.func.id
                for each in ast.walk(node)
                if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)
            }
            if any(SECRETS.search(name) for name in names) or calls & {"_mac", "_check", "sign"}:
                found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("name", ["mail/tokens.py", "tickets/reference.py"])
def test_secrets_are_compared_in_constant_time(name):
    [(_, tree)] = sources(name)
    assert plainly_compared(tree) == []
    assert "compare_digest" in ast.unparse(tree)


def test_tokens_are_made_and_verified_in_one_place():
    """Whoever needs one asks there: nobody else makes a MAC, to compare it as he likes."""
    users = {name for name, tree in sources() if "hmac" in set(imported(tree))}
    assert users == {"mail/tokens.py", "tickets/reference.py"}


@pytest.mark.parametrize("line", ["_mac(k, p) == given", "mac != other", "signed in known", "_check(k, c) == c[6:]"])
def test_a_plain_comparison_would_be_found(line):
    assert plainly_compared(ast.parse(line))


@pytest.mark.parametrize(("file", "test"), REFERENCES)
def test_what_the_page_promises_is_tested(file, test):
    tree = ast.parse((ROOT / file).read_text())
    assert test in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_the_page_refers_to_many_tests_and_every_bound_to_one():
    assert len(REFERENCES) > 40
    bounds = PAGE.partition("## Bounds")[2].partition("`./dev bench")[0]
    rows = [line for line in bounds.splitlines() if line.startswith("| ")][1:]
    assert [row for row in rows if "::test_" not in row] == []


def test_every_exception_from_the_security_rules_says_why():
    """Ruff's S rules are bandit's; they are on, and a line that is excepted says why in words."""
    found = {
        f"{file.relative_to(ROOT)}:{number}": line.partition("# noqa")[2]
        for file in (ROOT / "gateway").rglob("*.py")
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if re.search(r"# noqa: [^#]*\bS\d{3}", line)
    }
    assert {place: said for place, said in found.items() if not re.search(r"S\d{3},?\s+\S*\s*\w{2,}", said)} == {}
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "S", "--ignore", "S101", "gateway"]
    if subprocess.run([*command[:3], "--version"], capture_output=True, check=False).returncode:
        pytest.skip("ruff comes with ./dev check")
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).returncode == 0
