"""What is allowed in a configuration but worth a word before it goes live. It refuses nothing."""

import tomllib
from collections.abc import Iterator
from ipaddress import ip_address

from gateway.config import Config
from gateway.inbound.settings import ListenerSettings
from gateway.inbound.settings import Tls as InboundTls
from gateway.outbound.settings import Tls as OutboundTls

_LOGGING_IN = ("mailbox", "smarthost")
_OTHERS = 0o007


def cautions(config: Config) -> tuple[str, ...]:
    """One sentence for each."""
    return tuple(_cautions(config))


def _cautions(config: Config) -> Iterator[str]:
    if config.smarthost is None:
        yield "No [smarthost]: nothing leaves this machine, outgoing mail is put into a Maildir."
    elif config.smarthost.tls == OutboundTls.NONE and not _is_local(config.smarthost.host):
        yield f"smarthost {config.smarthost.host}: mail and password travel unencrypted (tls = none)."
    if not config.listeners and not config.mailboxes:
        yield "No [[listener]] and no [[mailbox]]: mail comes in by `gateway ingest` only."
    for mailbox in config.mailboxes:
        if mailbox.tls is InboundTls.NONE and not _is_local(mailbox.host):
            yield f"mailbox {mailbox.name}: mail and password travel unencrypted (tls = none)."
    if config.policy.authserv_id and any(_is_open(listener) for listener in config.listeners):
        whom = ", ".join(config.policy.own_servers) or "a Unix socket"
        yield (
            "authserv_id: of mail that a [[listener]] takes, Authentication-Results are believed when it is brought"
            f" from {whom}. See to it that no stranger's connection comes from there (own_servers)."
        )
    yield from _web_cautions(config)
    yield from _password_cautions(config)
    if config.policy.name == "helpdesk":
        yield (
            "gateway.name helpdesk is the example's: mail of another installation of that name is taken for our own. "
            'Write a name of your own, such as name = "helpdesk-example".'
        )
    for queue in config.policy.queues:
        if queue.address.endswith(("@example.com", "@example.org", "@example.net")):
            yield f"queue {queue.name}: {queue.address} is the example's address, not yours."


def _web_cautions(config: Config) -> Iterator[str]:
    if config.web is None:
        return
    if not _is_local(config.web.host):
        yield f"web: {config.web.host} is reached without encryption; TLS is ended by a web server in front of us."
    if config.web.metrics_port and not _is_local(config.web.metrics_host):
        yield f"web: whoever reaches {config.web.metrics_host} reads the metrics."


def _password_cautions(config: Config) -> Iterator[str]:
    tables = tomllib.loads(config.path.read_text(encoding="utf-8-sig"))
    sections = ([tables[name]] if isinstance(tables.get(name), dict) else tables.get(name, []) for name in _LOGGING_IN)
    said = (section.get("password_file", "") for each in sections for section in each)
    for file in dict.fromkeys(config.path.parent / name for name in said if name):
        if file.stat().st_mode & _OTHERS:
            yield f"{file} is open to other users: chmod 600 {file}, for the user who runs the gateway."


def _is_open(listener: ListenerSettings) -> bool:
    return not listener.socket and not _is_local(listener.host)


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
