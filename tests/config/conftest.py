"""A configuration file in a folder with its secret, and what loading it says."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway import config
from gateway.config import Config
from gateway.errors import ConfigError

GATEWAY = '[gateway]\nname = "desk"\nhostname = "desk.example.com"\n'
AGENT = '[[agent]]\nname = "anna"\nfull_name = "Anna Ozola"\naddress = "anna@example.org"\n'
QUEUE = '[[queue]]\nname = "support"\ntitle = "Support"\naddress = "support@example.com"\nagents = ["anna"]\n'
MAILBOX = '[[mailbox]]\nname = "m"\nhost = "imap.example.com"\nuser = "u"\naddress = "support@example.com"\n'


@pytest.fixture
def minimal() -> str:
    """The shortest configuration without a fault."""
    return GATEWAY + AGENT + QUEUE


@pytest.fixture
def mailbox() -> str:
    """A section that lacks nothing but a password."""
    return MAILBOX


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret.key").write_text("now:" + "ab" * 32 + "\n")
    (tmp_path / "secret.key").chmod(0o600)
    return tmp_path


@pytest.fixture
def load(folder: Path, minimal: str) -> Callable[..., Config]:
    """Loads the minimal configuration with more text behind it, or another text."""

    def load_text(more: str = "", text: str | None = None, environ: dict[str, str] | None = None) -> Config:
        path = folder / "gateway.toml"
        path.write_text(minimal + more if text is None else text, encoding="utf-8")
        return config.load(path, environ or {})

    return load_text


@pytest.fixture
def faults(load: Callable[..., Config], folder: Path, minimal: str) -> Callable[..., list[str]]:
    """What is wrong with it, each `LINE: key: text`; line 1 is the first of `more`."""
    before = minimal.count("\n")

    def faults_of(more: str = "", text: str | None = None, environ: dict[str, str] | None = None) -> list[str]:
        try:
            load(more, text, environ)
        except ConfigError as error:
            told = [each.removeprefix(f"{folder / 'gateway.toml'}:").split(":", 1) for each in error.faults]
            return [f"{int(line) - (before if text is None else 0)}:{said}" for line, said in told]
        return []

    return faults_of
