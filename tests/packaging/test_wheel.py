"""The wheel: built from the checkout without a network, it holds the whole program and runs without the checkout."""

import os
import subprocess
import sys
from email.parser import HeaderParser
from pathlib import Path
from zipfile import ZipFile

import pytest

import gateway

ROOT = Path(__file__).parents[2]
COMPILED = {".pyc", ".pyo"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def contents(wheel: Path) -> dict[str, bytes]:
    with ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    with ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def files(folder: str) -> dict[str, bytes]:
    """Every file of a folder of the checkout, by its path from the checkout's root."""
    found = (path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix not in COMPILED)
    return {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in found}


def under(contents: dict[str, bytes], prefix: str) -> dict[str, bytes]:
    return {name: content for name, content in contents.items() if name.startswith(prefix)}


def test_every_module_is_in_it_and_nothing_else(contents: dict[str, bytes]):
    shipped = under(contents, "gateway/shipped/")
    code = {name: content for name, content in under(contents, "gateway/").items() if name not in shipped}
    assert code == files("gateway")
    assert {name.split("/")[0] for name in contents} == {
        "gateway",
        f"email_ticket_gateway-{gateway.__version__}.dist-info",
    }


@pytest.mark.parametrize("folder", ["templates", "config"])
def test_what_ships_is_what_the_checkout_has(contents: dict[str, bytes], folder: str):
    shipped = under(contents, f"gateway/shipped/{folder}/")
    assert shipped
    assert {name.removeprefix("gateway/shipped/"): content for name, content in shipped.items()} == files(folder)


def test_it_is_typed(contents: dict[str, bytes]):
    assert "gateway/py.typed" in contents


def test_it_brings_the_command(contents: dict[str, bytes]):
    (entry_points,) = (content for name, content in contents.items() if name.endswith("/entry_points.txt"))
    assert b"gateway = gateway.cli:main" in entry_points


def test_its_metadata_name_version_and_pythons(contents: dict[str, bytes]):
    (text,) = (content.decode() for name, content in contents.items() if name.endswith("/METADATA"))
    metadata = HeaderParser().parsestr(text)
    assert (metadata["Name"], metadata["Version"]) == ("email-ticket-gateway", gateway.__version__)
    assert metadata["Requires-Python"] == ">=3.11"


def test_it_writes_a_first_configuration_without_the_checkout(installed: Path, tmp_path: Path):
    # Its own folder stands before the checkout in the search for modules, and no other folder of the checkout is near.
    command = [sys.executable, "-P", "-m", "gateway", "init", "first"]
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
    where = subprocess.run(
        [sys.executable, "-P", "-c", "import gateway; print(gateway.__file__)"],
        cwd=tmp_path, env=environment, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert Path(where.strip()).is_relative_to(installed)
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert (tmp_path / "first/gateway.toml").stat().st_size > 0
