"""The secret file: the keys that sign our references, addresses and Message-IDs. Makes a new one; rotates nothing."""

import re
from collections.abc import Mapping
from pathlib import Path

from gateway.mail.tokens import Keyring

SHORTEST = 32  # octets; RFC 2104 §3: no shorter than the hash
_LINE = re.compile(r"(?:(?P<id>[A-Za-z0-9._-]+):)?(?P<hex>[0-9A-Fa-f]+)")
_WHENCE = (
    "copy it back from a backup: without it no reference and no reply address of old mail is recognised. "
    "Where there is none, `gateway init {folder}` writes {folder}/secret.key and leaves what is there alone"
)
_HEAD = """\
# Keys of this gateway: whoever has them can write into its tickets. Keep a copy where you keep backups.
# One key a line, NAME:HEX, the current one first. To rotate, put a new line above the others and keep those:
# they still recognise the conversations that are open.
"""


class UnusableError(Exception):
    """The secret file cannot be used; `what` says why and `write` what to do."""

    def __init__(self, what: str, write: str) -> None:
        super().__init__(what)
        self.what = what
        self.write = write


def read(path: Path, environ: Mapping[str, str]) -> Keyring:
    """The keys of the file.

    Raises:
        UnusableError: it is missing, readable by others, or holds something else.
    """
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        raise UnusableError(f"{path} does not exist", _WHENCE.format(folder=path.parent)) from None
    except OSError as error:
        raise UnusableError(f"{path} cannot be read ({error.strerror})", "let this user own it") from error
    except ValueError:
        raise UnusableError(f"{path} is not plain text", "write one key a line, as `gateway init` does") from None
    if mode & 0o077 and not _is_credential(path, environ):
        raise UnusableError(f"{path} is open to other users", f"chmod 600 {path}")
    return Keyring(_keys(path, text))


def new(randomness: bytes, name: str) -> str:
    """The text of a fresh secret file whose one key is these random octets, at least 32 of them."""
    if len(randomness) < SHORTEST:
        raise ValueError(f"a key needs {SHORTEST} octets")
    return f"{_HEAD}{name}:{randomness.hex()}\n"


def _keys(path: Path, text: str) -> tuple[bytes, ...]:
    keys = []
    for number, line in enumerate(text.splitlines(), 1):
        said = line.partition("#")[0].strip()
        if not said:
            continue
        found = _LINE.fullmatch(said)
        if found is None or len(found["hex"]) % 2 or len(found["hex"]) < 2 * SHORTEST:
            advice = f"write NAME:HEX with {2 * SHORTEST} or more hex digits, or # before a comment"
            raise UnusableError(f"{path}, line {number}, holds no key", advice)
        keys.append(bytes.fromhex(found["hex"]))
    if not keys:
        raise UnusableError(f"{path} holds no key", f"move it away; {_WHENCE.format(folder=path.parent)}")
    return tuple(dict.fromkeys(keys))


def _is_credential(path: Path, environ: Mapping[str, str]) -> bool:
    """Whether systemd keeps it: its access list then shows as the group's bits, though no group may read it."""
    folder = environ.get("CREDENTIALS_DIRECTORY")
    return bool(folder) and path.resolve().is_relative_to(Path(folder or "/").resolve())
