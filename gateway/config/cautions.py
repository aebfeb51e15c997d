"""What is allowed in a configuration but worth a word before it goes live. It refuses nothing."""

from collections.abc import Iterator
from ipaddress import ip_address

from gateway.config import Config
from gateway.inbound.settings import Tls as InboundTls
from gateway.outbound.settings import Tls as OutboundTls


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
    for queue in config.policy.queues:
        if queue.address.endswith(("@example.com", "@example.org", "@example.net")):
            yield f"queue {queue.name}: {queue.address} is the example's address, not yours."


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
