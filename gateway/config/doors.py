"""What must fit together where mail comes in and goes out, each rule a function over the draft. See `checks`."""

import re
import ssl
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

from gateway.config.draft import Draft
from gateway.config.faults import Faults
from gateway.config.source import Key
from gateway.config.values import is_domain
from gateway.inbound.settings import After, ListenerSettings
from gateway.mail.address import normalise, without_detail

_SITE = re.compile(r"https://([A-Za-z0-9.-]+)(?::[1-9]\d{0,4})?/?")
_ANYWHERE = {"", "0.0.0.0", "::", "*"}  # noqa: S104 - compared, not bound
_TAKEN = "another listener is there already", "give each its own"


def _mailboxes_are_some_queues(draft: Draft, faults: Faults) -> None:
    patterns = [address for queue in draft.queues for address in queue.addresses]
    patterns += [normalise(pattern) for route in draft.routes for pattern in route.recipients]
    for index, mailbox in enumerate(draft.mailboxes):
        is_served = any(fnmatchcase(without_detail(mailbox.address), pattern) for pattern in patterns)
        if not is_served and not draft.installation.default_queue:
            advice = "write it as address or other_addresses of a [[queue]], or set default_queue in [gateway]"
            faults.add(("mailbox", index, "address"), f"no queue has {mailbox.address}", advice)


def _mail_is_moved_elsewhere(draft: Draft, faults: Faults) -> None:
    for index, mailbox in enumerate(draft.mailboxes):
        if mailbox.after is After.MOVE and mailbox.processed_folder == mailbox.folder:
            what = "is the folder that mail is fetched from: it would be fetched again and again"
            faults.add(("mailbox", index, "processed_folder"), what, 'write another one, like "Processed"')


def _servers_have_a_port(draft: Draft, faults: Faults) -> None:
    for index, mailbox in enumerate(draft.mailboxes):
        if not mailbox.port:
            faults.add(("mailbox", index, "port"), "cannot be 0", "write 993 for implicit TLS, 143 for STARTTLS")
    if draft.smarthost and not draft.smarthost.port:
        faults.add(("smarthost", "port"), "cannot be 0", "write 587 for STARTTLS, 465 for implicit TLS")


def _sockets_are_bound_once(draft: Draft, faults: Faults) -> None:
    bound: set[str] = set()
    for key, listener in _listeners(draft):
        if listener.socket and listener.socket in bound:
            faults.add((*key, "socket"), *_TAKEN)
        bound.add(listener.socket)


def _ports_are_bound_once(draft: Draft, faults: Faults) -> None:
    """The ports of listeners and of the page; 0 is any that is free."""
    wanted = [((*key, "port"), each.host, each.port) for key, each in _listeners(draft) if not each.socket]
    if web := draft.web:
        wanted += [(("web", "port"), web.host, web.port), (("web", "metrics_port"), web.metrics_host, web.metrics_port)]
    bound: list[tuple[str, int]] = []
    for key, host, port in wanted:
        others = {other for other, taken in bound if taken == port != 0}
        if others and (host in {*others, *_ANYWHERE} or others & _ANYWHERE):
            faults.add(key, *_TAKEN)
        bound.append((host, port))


def _tls_can_be_asked_for(draft: Draft, faults: Faults) -> None:
    for key, listener in _listeners(draft):
        if listener.require_tls and not listener.tls_certificate and not faults.has((*key, "tls_certificate")):
            advice = "write tls_certificate and tls_key, or take require_tls out"
            faults.add((*key, "require_tls"), "nobody could write to us: there is no certificate", advice)


def _keys_have_their_certificate(draft: Draft, faults: Faults) -> None:
    for key, listener in _listeners(draft):
        if listener.tls_key and not listener.tls_certificate:
            faults.add((*key, "tls_key"), "has no certificate beside it", "write tls_certificate")


def _certificates_can_be_used(draft: Draft, faults: Faults) -> None:
    for key, listener in _listeners(draft):
        certificate, key_file = listener.tls_certificate, listener.tls_key
        if not certificate or faults.has((*key, "tls_key")):
            continue
        try:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key_file or None, password=lambda: "")
        except (OSError, ValueError) as error:
            where = f"{certificate} and {key_file}" if key_file else f"{certificate} alone"
            what = f"{where} cannot be used ({getattr(error, 'reason', None) or error})"
            advice = "name the certificate in PEM form and the key that belongs to it, without a passphrase"
            faults.add((*key, "tls_certificate"), what, advice)


def _page_is_at_a_site(draft: Draft, faults: Faults) -> None:
    key = ("web", "url")
    if draft.web is None or faults.has(key):
        return
    name = _SITE.fullmatch(draft.web.url)
    if name is None or not is_domain(name[1]):
        advice = 'write it like "https://desk.example.com"; whatever ends TLS there is to pass /survey/ on to us'
        faults.add(key, "is no address of a site, which is https, its name, and nothing behind that", advice)


def _listeners(draft: Draft) -> Iterator[tuple[Key, ListenerSettings]]:
    for index, listener in enumerate(draft.listeners):
        yield ("listener", index), listener


RULES: tuple[Callable[[Draft, Faults], None], ...] = (
    _mailboxes_are_some_queues,
    _mail_is_moved_elsewhere,
    _servers_have_a_port,
    _sockets_are_bound_once,
    _ports_are_bound_once,
    _tls_can_be_asked_for,
    _keys_have_their_certificate,
    _certificates_can_be_used,
    _page_is_at_a_site,
)
