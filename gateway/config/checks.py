"""What must fit together in a configuration, each rule a function over the draft. See `doors`; `kinds` for values."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from gateway.config import doors
from gateway.config.draft import Draft
from gateway.config.faults import Faults
from gateway.config.routes import shadowing
from gateway.config.source import Key
from gateway.mail import tokens
from gateway.mail.address import normalise, without_detail
from gateway.tickets.model import Agent, Queue, ReplyAddressing, Route
from gateway.tickets.policy import LANGUAGES

_LOCAL_OCTETS = 64  # RFC 5321 §4.5.3.1.1


def note(draft: Draft, faults: Faults) -> None:
    """Notes everything in the draft that contradicts itself or leads nowhere."""
    for rule in (*_RULES, *doors.RULES):
        rule(draft, faults)


def _database(draft: Draft, faults: Faults) -> None:
    key = ("database", "url")
    if not draft.database.url:
        return
    try:
        url = urlsplit(draft.database.url)
    except ValueError:
        url = urlsplit("")
    scheme = url.scheme.partition("+")[0]
    if scheme not in {"sqlite", "postgresql"}:
        faults.add(key, "is no database we know", 'write "sqlite:////path/to/file" or "postgresql://user@host/name"')
    elif scheme == "sqlite" and url.path in {"", "/", "/:memory:"}:
        faults.add(key, "would forget everything at the end", 'write "sqlite:////path/to/file"')
    elif url.password:
        faults.add(key, "passwords do not belong into this file", "take it out and set PGPASSFILE (or PGPASSWORD)")
    elif scheme == "postgresql" and find_spec("psycopg") is None:
        faults.add(key, "PostgreSQL needs the package psycopg", "install it, or write nothing here for SQLite")


def _originals(draft: Draft, faults: Faults) -> None:
    key, url = ("database", "originals"), draft.database.originals
    scheme, _, rest = url.partition("://")
    if not url:
        return
    if not rest or (scheme == "file" and not rest.startswith("/")):
        faults.add(key, "is no address of a place", 'write "file:///var/lib/gateway/mail" or "s3://bucket/folder"')
    elif scheme != "file" and find_spec("fsspec") is None:
        advice = 'install it with what it needs for this place, or write "file:///…"'
        faults.add(key, "needs the package fsspec", advice)


def _languages(draft: Draft, faults: Faults) -> None:
    chosen, templates = draft.installation.languages, draft.installation.templates
    added = {each.name for each in Path(templates).iterdir() if each.is_dir()} if templates else set()
    if not chosen:
        faults.add(("gateway", "languages"), "is empty", 'write at least one, like ["en"]')
    for language in chosen:
        if language not in {*LANGUAGES, *added}:
            advice = f"write any of {', '.join(LANGUAGES)}, or name a folder in templates that holds {language}/"
            faults.add(("gateway", "languages"), f'there are no templates in "{language}"', advice)
    if faults.has(("gateway", "languages")):
        return
    used: list[tuple[Key, str]] = [(("gateway", "default_language"), draft.installation.default_language)]
    groups: tuple[tuple[str, tuple[Agent | Queue | Route, ...]], ...] = (
        ("agent", draft.agents),
        ("queue", draft.queues),
        ("route", draft.routes),
    )
    for section, items in groups:
        used += [((section, index, "language"), item.language) for index, item in enumerate(items)]
    for key, language in used:
        if language and language not in chosen:
            faults.add(key, f'"{language}" is none of our languages', f"write one of {', '.join(chosen)}")


def _hours(draft: Draft, faults: Faults) -> None:
    if not draft.calendar.weekdays:
        faults.add(("business", "weekdays"), "is empty: the desk would never work", 'write ["mon", "tue", …]')
    if draft.calendar.opens >= draft.calendar.closes:
        opens = f"{draft.calendar.opens:%H:%M}"
        faults.add(("business", "closes"), f"is not after {opens}, the opening", "write a later time")


def _names(draft: Draft, faults: Faults) -> None:
    groups: tuple[tuple[str, Sequence[str]], ...] = (
        ("agent", [agent.name for agent in draft.agents]),
        ("queue", [queue.name for queue in draft.queues]),
        ("route", [route.name for route in draft.routes]),
        ("mailbox", [mailbox.name for mailbox in draft.mailboxes]),
    )
    for section, names in groups:
        seen: set[str] = set()
        for index, name in enumerate(names):
            if name and name.casefold() in seen:
                faults.add((section, index, "name"), f'there is another {section} "{name}"', "give each its own name")
            seen.add(name.casefold())


def _queues(draft: Draft, faults: Faults) -> None:
    known = [agent.name for agent in draft.agents]
    if not draft.queues:
        faults.add(("queue",), "there is none", "write at least one [[queue]] with name, title, address and agents")
    for index, queue in enumerate(draft.queues):
        key = ("queue", index, "agents")
        if not queue.agents:
            faults.add(key, "names nobody: nobody would be told of this queue's mail", "name an agent")
        for name in queue.agents:
            if name.strip().casefold() not in {each.casefold() for each in known} and not _is_any_faulty(
                "agent", draft.agents, faults
            ):
                faults.add(key, f'there is no agent "{name}"', _nearest(name, known, "agent"))
        _tokens(queue, ("queue", index, "address"), faults)


def _tokens(queue: Queue, key: Key, faults: Faults) -> None:
    longest = _LOCAL_OCTETS - 1 - tokens.LONGEST
    local = len(queue.address.rpartition("@")[0].encode())
    if queue.reply_addressing is ReplyAddressing.PLUS and local > longest:
        advice = f'write an address with at most {longest} octets there, or reply_addressing = "none"'
        faults.add(key, f"has {local} octets before the @, too many to add our token to", advice)


def _routes(draft: Draft, faults: Faults) -> None:
    known = [queue.name for queue in draft.queues]
    named: list[tuple[Key, str]] = [
        (("route", index, "queue"), route.queue) for index, route in enumerate(draft.routes)
    ]
    named.append((("gateway", "default_queue"), draft.installation.default_queue))
    for key, name in named:
        if name and name not in known and not _is_any_faulty("queue", draft.queues, faults):
            faults.add(key, f'there is no queue "{name}"', _nearest(name, known, "queue"))
    for index, route in enumerate(draft.routes):
        if earlier := shadowing(route, draft.routes):
            advice = f'move it above "{earlier.name}", narrow that one or take this one out'
            faults.add(("route", index), f'"{route.name}" never gets a mail: "{earlier.name}" takes them all', advice)


def _replies_can_be_told_apart(draft: Draft, faults: Faults) -> None:
    for key, address, _ in _queue_addresses(draft.queues):
        if "+" in address.rpartition("@")[0]:
            faults.add(key, f"{address} has a +, and what follows it is ours to write", "write the address without it")


def _addresses_have_one_owner(draft: Draft, faults: Faults) -> None:
    for owner, addresses in (("queue", _queue_addresses(draft.queues)), ("agent", _agent_addresses(draft.agents))):
        taken: dict[str, str] = {}
        for key, address, name in addresses:
            first = taken.setdefault(normalise(address), name)
            if first != name:
                faults.add(key, f'{address} belongs to {owner} "{first}" already', "give it to one of them")


def _agents_are_not_ourselves(draft: Draft, faults: Faults) -> None:
    for key, address, _ in _agent_addresses(draft.agents):
        if without_detail(address) in draft.policy.own_addresses:
            what = f"{address} is one of our own: we would write to ourselves"
            faults.add(key, what, "write the agent's personal address")


def _alarms_go_to_a_person(draft: Draft, faults: Faults) -> None:
    alarmed = draft.installation.alarm_address
    if alarmed and draft.policy.accepts(alarmed):
        advice = "write the address of a person who looks after this gateway"
        faults.add(("gateway", "alarm_address"), f"{alarmed} is one of our own: we would write to ourselves", advice)


def _queue_addresses(queues: Iterable[Queue]) -> Iterator[tuple[Key, str, str]]:
    for index, queue in enumerate(queues):
        yield ("queue", index, "address"), queue.address, queue.name
        for address in queue.other_addresses:
            yield ("queue", index, "other_addresses"), address, queue.name


def _agent_addresses(agents: Iterable[Agent]) -> Iterator[tuple[Key, str, str]]:
    for index, agent in enumerate(agents):
        yield ("agent", index, "address"), agent.address, agent.name
        for address in agent.other_addresses:
            yield ("agent", index, "other_addresses"), address, agent.name


def _is_any_faulty(section: str, items: Sequence[object], faults: Faults) -> bool:
    """Whether a name of this section is unreadable, so that others may well mean it."""
    return faults.has(*((section, index, "name") for index in range(len(items))))


def _nearest(name: str, known: Sequence[str], what: str) -> str:
    near = get_close_matches(name, known, 1, 0.5)
    if near:
        return f'write "{near[0]}"'
    return f"write one of {', '.join(known)}" if known else f"write an [[{what}]] of this name"


_RULES: tuple[Callable[[Draft, Faults], None], ...] = (
    _database,
    _originals,
    _languages,
    _hours,
    _names,
    _queues,
    _routes,
    _replies_can_be_told_apart,
    _addresses_have_one_owner,
    _agents_are_not_ourselves,
    _alarms_go_to_a_person,
)
