"""Passwords of mailboxes and smarthost: from a file, the environment or a systemd credential, never from the TOML."""

from collections.abc import Mapping
from pathlib import Path

from gateway.config.faults import Faults
from gateway.config.kinds import Kind, kind_of
from gateway.config.source import Key

FIELD = "password"
_TEXT = kind_of("name", str)
KEYS = {
    "password_file": Kind("file with the password", '"mailbox.password"', _TEXT.read),
    "password_env": Kind("environment variable with the password", '"MAILBOX_PASSWORD"', _TEXT.read),
    "password_credential": Kind("systemd credential with the password", '"mailbox-password"', _TEXT.read),
}
ADVICE = 'password_file = "…", or password_env or password_credential, and put the password there'


def read(
    table: Mapping[str, object], key: Key, faults: Faults, folder: Path, environ: Mapping[str, str], *, is_wanted: bool
) -> str:
    """The password that one of `KEYS` leads to; empty when there is none or a fault to note."""
    given = [name for name in KEYS if table.get(name, "") != ""]
    if len(given) != 1:
        if given:
            faults.add((*key, given[1]), f"is one too many beside {given[0]}", "keep one of them")
        elif is_wanted and FIELD not in table:
            faults.add((*key, "password_file"), "missing, as there is a user", f"write {ADVICE}")
        return ""
    name = given[0]
    said = table[name]
    if not isinstance(said, str):
        faults.add((*key, name), "is not text", f"write {name} = {KEYS[name].example}")
        return ""
    if not is_wanted:
        faults.add((*key, name), "has no user to log in with", 'write user = "…" or take the password out')
    if name == "password_env":
        return _from_environment((*key, name), said, faults, environ)
    return _from_file((*key, name), said, faults, folder, environ)


def _from_environment(key: Key, name: str, faults: Faults, environ: Mapping[str, str]) -> str:
    if not environ.get(name):
        faults.add(key, f"the environment has no {name}", f"set {name}, or write password_file or password_credential")
    return environ.get(name, "")


def _from_file(key: Key, said: str, faults: Faults, folder: Path, environ: Mapping[str, str]) -> str:
    if key[-1] == "password_credential":
        if "CREDENTIALS_DIRECTORY" not in environ:
            advice = f"write LoadCredential={said}:/path/to/file in the unit, or password_file here"
            faults.add(key, "there are no systemd credentials for this process", advice)
            return ""
        folder = Path(environ["CREDENTIALS_DIRECTORY"])
    try:
        password = (folder / said).read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        what = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        faults.add(key, f"{folder / said} cannot be read ({what})", "name a file that holds the password alone")
        return ""
    if not password or "\n" in password:
        faults.add(key, f"{folder / said} holds no single line", "put the password alone into it")
    return password
