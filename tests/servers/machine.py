"""What this machine offers to tests: for each marker, why its tests cannot run here. It installs nothing."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path


def postgres_folder() -> Path | None:
    """The folder with initdb and postgres: the one on PATH, else the newest of Debian's."""
    if initdb := shutil.which("initdb"):
        return Path(initdb).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def dovecot() -> str | None:
    program = Path("/usr/sbin/dovecot")
    if not program.exists():
        return "Dovecot is not installed (Debian: apt install dovecot-imapd dovecot-lmtpd)"
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[0]
    if not version.startswith("2.3."):
        return f"Dovecot {version} reads another configuration language than the 2.3 these tests write"
    return None if shutil.which("openssl") else "openssl is not installed: Dovecot gets no certificate"


def postfix() -> str | None:
    if not Path("/usr/sbin/postfix").exists():
        return "Postfix is not installed (Debian: apt install postfix)"
    return None if os.geteuid() == 0 else "Postfix can be started by root only"


def postgres() -> str | None:
    return None if postgres_folder() else "PostgreSQL is not installed (Debian: apt install postgresql)"


def chromium() -> str | None:
    return None if shutil.which("chromium") else "Chromium is not installed (Debian: apt install chromium)"


def systemd() -> str | None:
    return None if shutil.which("systemd-analyze") else "systemd-analyze is not installed (Debian: apt install systemd)"


def mount() -> str | None:
    """Tried out: root in a container may not mount."""
    folder = tempfile.mkdtemp()
    try:
        tried = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True, text=True, check=False)
        if tried.returncode == 0:
            subprocess.run(["umount", folder], check=True)
        return tried.stderr.strip() or None
    finally:
        Path(folder).rmdir()


def strace() -> str | None:
    return None if shutil.which("strace") else "strace is not installed (Debian: apt install strace)"


def faketime() -> str | None:
    return None if faketime_library() else "libfaketime is not installed (Debian: apt install libfaketime)"


def faketime_library() -> Path | None:
    """What is to be preloaded into a process that shall have a clock of its own."""
    return next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)


PROBES: dict[str, Callable[[], str | None]] = {
    probe.__name__: probe for probe in (dovecot, postfix, postgres, chromium, systemd, mount, strace, faketime)
}


@cache
def missing(marker: str) -> str | None:
    """Why tests with that marker cannot run here; None when they can, or when the marker is about something else."""
    probe = PROBES.get(marker)
    return probe() if probe else None
