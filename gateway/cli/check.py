"""`gateway check`: says every fault of the configuration, or what it amounts to. Starts and changes nothing."""

import argparse
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli import exits, options, output
from gateway.errors import ConfigError, GatewayError

if TYPE_CHECKING:
    from gateway.config import Config
    from gateway.inbound.settings import ListenerSettings, MailboxSettings
    from gateway.tickets.model import Route


@dataclass(frozen=True, slots=True)
class Reached:
    """What came of one attempt to log in, in the words of the room that tried."""

    name: str
    is_fine: bool
    said: str


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `check`."""
    parser = subparsers.add_parser(
        "check",
        help="say everything that is wrong in the configuration",
        description="Says every fault in the configuration with its line and what to write instead (exit code 78), "
        "or sums up what is configured.",
    )
    options.add_config(parser)
    parser.add_argument(
        "--online", action="store_true", help="also log in to every mailbox and the smarthost (75 when one fails)"
    )
    options.add_json(parser)
    parser.set_defaults(command=_check)


def _check(arguments: argparse.Namespace) -> int:
    path = options.config_path(arguments)
    try:
        config = _loaded(path)
    except ConfigError as error:
        if not arguments.json:
            raise
        output.print_json({"config": str(path), "ok": False, "faults": error.faults})
        return exits.BAD_CONFIG
    reached = tuple(_attempts(config)) if arguments.online else ()
    if arguments.json:
        output.print_json(_whole(config, reached))
    else:
        _tell(config, reached)
    return exits.OK if all(each.is_fine for each in reached) else exits.TRY_AGAIN


def _loaded(path: Path) -> "Config":
    """The configuration, its templates tried as well."""
    from gateway import config
    from gateway.config import shipped
    from gateway.outbound import template_check
    from gateway.outbound.render import Templates

    loaded = config.load(path, os.environ)
    own = Path(loaded.templates) if loaded.templates else None
    policy = loaded.policy
    templates = Templates(shipped.folder("templates"), own, policy.default_language, policy.calendar.zone)
    if faults := (*template_check.faults(templates), *_faults_of_page(loaded, templates.folders)):
        raise ConfigError(faults)
    return loaded


def _faults_of_page(loaded: "Config", folders: tuple[Path, ...]) -> tuple[str, ...]:
    from gateway.web.words import Dictionary

    return Dictionary(folders, loaded.policy.default_language).faults if loaded.web else ()


def _attempts(config: "Config") -> Iterator[Reached]:
    """Logs in everywhere, one after the other."""
    from gateway.daemon.clock import wall
    from gateway.inbound import imap
    from gateway.outbound import smarthost

    for mailbox in config.mailboxes:
        yield _reached(f"mailbox {mailbox.name}", partial(imap.check, mailbox, wall().date()))
    if relay := config.smarthost:
        yield _reached("smarthost", partial(smarthost.check, relay))


def _reached(name: str, attempt: Callable[[], str]) -> Reached:
    try:
        return Reached(name, is_fine=True, said=attempt())
    except GatewayError as error:
        return Reached(name, is_fine=False, said=str(error))


def _whole(config: "Config", reached: tuple[Reached, ...]) -> dict[str, object]:
    from gateway.config.cautions import cautions

    policy = config.policy
    return {
        "config": str(config.path),
        "ok": all(each.is_fine for each in reached),
        "faults": (),
        "cautions": cautions(config),
        "queues": [{"name": each.name, "address": each.address, "agents": each.agents} for each in policy.queues],
        "agents": [{"name": each.name, "address": each.address} for each in policy.agents],
        "routes": [{"name": each.name, "queue": each.queue} for each in policy.routes],
        "default_queue": policy.default_queue,
        "listeners": [_place(each) for each in config.listeners],
        "mailboxes": [
            {"name": each.name, "host": each.host, "folder": each.folder, "address": each.address}
            for each in config.mailboxes
        ],
        "web": config.web and config.web.url,
        "smarthost": config.smarthost and f"{config.smarthost.host}:{config.smarthost.port}",
        "online": [asdict(each) for each in reached],
    }


def _tell(config: "Config", reached: tuple[Reached, ...]) -> None:
    from gateway.config.cautions import cautions

    print(f"{config.path} is fine.\n")
    for headers, rows in _tables(config):
        if rows:
            output.print_table(headers, rows, "")
            print()
    for each in reached:
        said = each.said if each.name in each.said else f"{each.name}: {each.said}"
        print(f"{'ok' if each.is_fine else 'NOT REACHED'}: {said}")
    for caution in cautions(config):
        print(f"note: {caution}")


def _tables(config: "Config") -> Iterator[tuple[tuple[str, ...], list[tuple[object, ...]]]]:
    policy = config.policy
    yield (
        ("queue", "address", "agents", "language"),
        [(each.name, each.address, ", ".join(each.agents), each.language or "as detected") for each in policy.queues],
    )
    yield ("agent", "name", "address"), [(each.name, each.full_name, each.address) for each in policy.agents]
    yield (
        ("route", "takes mail", "queue"),
        [
            *((route.name, _condition(route), route.queue) for route in policy.routes),
            *([("(default)", "that nothing else takes", policy.default_queue)] if policy.routes else []),
        ],
    )
    yield ("mail in by", "at", "for"), [*map(_listener_row, config.listeners), *map(_mailbox_row, config.mailboxes)]
    if web := config.web:
        yield ("page", "at", "for"), [("survey", f"{web.host}:{web.port}", web.url)]
    if relay := config.smarthost:
        yield ("mail out by", "at", "encryption"), [("smarthost", f"{relay.host}:{relay.port}", str(relay.tls))]


def _condition(route: "Route") -> str:
    said = (
        ("to", route.recipients),
        ("from", route.sender_domains),
        ("about", route.subject_contains),
    )
    return ", ".join(f"{word} {' or '.join(values)}" for word, values in said if values) or "any"


def _listener_row(listener: "ListenerSettings") -> tuple[str, str, str]:
    return str(listener.protocol), _place(listener), "our addresses"


def _mailbox_row(mailbox: "MailboxSettings") -> tuple[str, str, str]:
    return f"imap {mailbox.name}", f"{mailbox.user} at {mailbox.host}, {mailbox.folder}", mailbox.address


def _place(listener: "ListenerSettings") -> str:
    return listener.socket or f"{listener.host}:{listener.port}"
