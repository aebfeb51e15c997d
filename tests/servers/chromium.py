"""Chromium from its command line: a page becomes a picture or, after its scripts ran, its document."""

import subprocess
import tempfile
from pathlib import Path

QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def screenshot(url: str, picture: Path, *, width: int = 800, height: int = 1200) -> None:
    """The page as a reader sees it, as a PNG."""
    _run(url, f"--screenshot={picture}", f"--window-size={width},{height}")


def document(url: str, *, milliseconds: int = 0) -> str:
    """The page's HTML after loading; or that of the page it has led to by then."""
    return _run(url, "--dump-dom", *([f"--virtual-time-budget={milliseconds}"] if milliseconds else []))


def _run(url: str, *options: str) -> str:
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        command = ["chromium", *QUIET, f"--user-data-dir={profile}", *options, url]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
