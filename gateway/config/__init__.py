"""TOML becomes one frozen Config, or every fault at once, each with what to write instead. It starts nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.config import checks, draft, secret, source
from gateway.config.draft import Draft
from gateway.config.faults import Faults
from gateway.config.node import NodeSettings
from gateway.config.sections import Reading
from gateway.desk.settings import ReadingSettings
from gateway.inbound.settings import ListenerSettings, MailboxSettings
from gateway.mail.tokens import Keyring
from gateway.outbound.settings import DeliverySettings, SmarthostSettings
from gateway.tickets.policy import Policy
from gateway.web.settings import WebSettings

_SQLITE = "sqlite:///"
_CAPTURED = "captured"


@dataclass(frozen=True, slots=True)
class Config:
    """One installation, ready to be built: paths are absolute, secrets loaded, everything known to fit together.

    `templates` is the operator's folder or empty, `database_url` in SQLAlchemy's form; `delivery.capture` always names
    a folder.
    """

    path: Path
    data_dir: Path
    database_url: str
    originals: str
    secret_file: Path
    keyring: Keyring
    policy: Policy
    listeners: tuple[ListenerSettings, ...]
    mailboxes: tuple[MailboxSettings, ...]
    smarthost: SmarthostSettings | None
    delivery: DeliverySettings
    reading: ReadingSettings
    templates: str
    log_level: str
    node: NodeSettings
    web: WebSettings | None


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """The configuration in the file at `path`; `environ` is where passwords and systemd's folders are looked up.

    Raises:
        ConfigError: with every fault found, in the order of the file.
    """
    read = source.read(path)
    faults = Faults(read)
    reading = Reading(read, faults, environ)
    said = draft.read(reading)
    faults.settle()
    checks.note(said, faults)
    keyring = _keyring(said.installation.secret_file, environ, faults)
    faults.check()
    data_dir = said.installation.data_dir
    return Config(
        path=path.absolute(),
        data_dir=data_dir,
        database_url=_database_url(said, reading.folder),
        originals=said.database.originals,
        secret_file=said.installation.secret_file,
        keyring=keyring,
        policy=said.policy,
        listeners=said.listeners,
        mailboxes=said.mailboxes,
        smarthost=said.smarthost,
        reading=said.reading,
        delivery=replace(said.delivery, capture=said.delivery.capture or str(data_dir / _CAPTURED)),
        templates=said.installation.templates,
        log_level=said.installation.log_level,
        node=said.node,
        web=said.web,
    )


def _keyring(path: Path, environ: Mapping[str, str], faults: Faults) -> Keyring:
    key = ("gateway", "secret_file")
    if not faults.has(key):
        try:
            return secret.read(path, environ)
        except secret.UnusableError as error:
            faults.add(key, error.what, error.write)
    return Keyring(())


def _database_url(said: Draft, folder: Path) -> str:
    url = said.database.url
    if not url:
        return f"{_SQLITE}{said.installation.data_dir / 'gateway.db'}"
    if url.startswith(_SQLITE):
        return f"{_SQLITE}{folder / url.removeprefix(_SQLITE)}"
    return url
