"""Tries every template with sample values and says what is wrong with which file. Changes nothing, sends nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from gateway.outbound.render import BrokenTemplateError, Source, Templates
from gateway.outbound.values import Customer, Desk, Entry, LeftOut, Links, TicketValues, Values, Writer
from gateway.tickets.model import State
from gateway.tickets.notices import NoticeKind, Reason

_AT = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
_MARK = "the last line"  # which names the reference in real mail; a template cannot count on being read so far
_LINKS = Links(
    confirm="mailto:support@example.com?subject=confirm",
    refuse="mailto:support@example.com?subject=refuse",
    rate={rating: f"mailto:support@example.com?subject=rate{rating}" for rating in range(1, 6)},
)
_BARE = Values(
    queue=Desk("Example Support", "support@example.com"),
    ticket=TicketValues("SUP-7K2M-9XQ4", "The printer is on fire", State.OPEN, _AT),
    customer=Customer("", "anna@example.org"),
    subject="The printer is on fire",
    text="These are the words\nof the author.",
    stage=1,
    stages=2,
    rating=4,
    reason="",
    links=_LINKS,
)
_RICH = replace(
    _BARE,
    queue=Desk("Example Support", "support@example.com", "Example Support Team\nTel. +371 60000000"),
    customer=Customer("Anna Example", "anna@example.org"),
    links=replace(_LINKS, page="https://desk.example.com/survey/page"),
    agent=Writer("Maria Example"),
    author="Anna Example",
    due=_AT,
    stage=2,
    rating=1,
    count=3,
    detail="this is the detail",
    folded_lines=12,
    original="original.eml",
    full_text="these are the words with what was folded away",
    not_attached=(LeftOut("too-large.zip", 31_400_000),),
    history=(
        Entry("Anna Example", _AT, "What the customer wrote", "customer"),
        Entry("Maria Example", _AT, "What the agent wrote", "agent"),
    ),
)
_NAMELESS = replace(_BARE, ticket=None, customer=None, links=None, text="", detail="this is the detail")
_REQUIRED: dict[NoticeKind, tuple[str, ...]] = {
    NoticeKind.ACKNOWLEDGEMENT: ("ticket.reference",),
    NoticeKind.REPLY: ("text", "not_attached"),
    NoticeKind.AGENT_NOTICE: (
        "customer.address",
        "detail",
        "text",
        "folded_lines",
        "original",
        "full_text",
        "not_attached",
    ),
    NoticeKind.AGENT_ERROR: ("detail", "text"),
    NoticeKind.AGENT_DIGEST: ("detail", "text"),
    NoticeKind.ALARM: ("detail", "text"),
    NoticeKind.RESOLVED: ("links.confirm", "links.refuse"),
    NoticeKind.SURVEY: tuple(f"links.rate[{rating}]" for rating in range(1, 6)),
}
_PROOF = {  # what shows in the mail when a template uses the value
    "ticket.reference": "SUP-7K2M-9XQ4",
    "text": "of the author.",
    "not_attached": "too-large.zip",
    "customer.address": "anna@example.org",
    "detail": "this is the detail",
    "folded_lines": "12",
    "original": "original.eml",
    "full_text": "what was folded away",
    "links.confirm": "subject=confirm",
    "links.refuse": "subject=refuse",
} | {f"links.rate[{rating}]": f"subject=rate{rating}" for rating in range(1, 6)}


_PLACE: Mapping[str, str | int] = {"mailbox": "support", "folder": "INBOX", "listed": 412}
_ALARMS: tuple[Mapping[str, str | int | datetime], ...] = (
    {"what": "same-words", "address": "robot@example.org", "until": _AT},
    {"what": "too-fast", "address": "robot@example.org", "until": ""},
    {"what": "strangers", "name": "", "per_hour": 500},
    {"what": "domain", "name": "example.org", "per_hour": 1000},
    {"what": "queue", "name": "support", "per_hour": 2000},
    {"what": "overall", "name": "", "per_hour": 5000},
    {"what": "lost", "lost": 3, "missing": 0, **_PLACE},
    {"what": "lost", "lost": 3, "missing": 1, **_PLACE},
    {"what": "rewound", "fetched": 2, **_PLACE},
    {"what": "objects", "seen": 9000, "unnamed": 4000},
    {"what": "refused", "domain": "example.org", "said": "550 5.7.1 not from you"},
    {"what": "agent", "agent": "maria", "address": "maria@example.com", "said": "550 5.1.1 no such user"},
    {"what": "held"},
)
"""One of each thing that an alarm may say; see `gateway.tickets.alarm.Said`."""


def faults(templates: Templates) -> tuple[str, ...]:
    """Everything that is wrong with any template, each with its file and line; empty when all is well."""
    found = dict.fromkeys(_faults(templates))
    return tuple(found)


def samples(kind: NoticeKind) -> tuple[Values, ...]:
    """Values that lead through the branches of a template: with everything, with next to nothing, with any reason."""
    if not kind.is_for_agents:
        return (_RICH, replace(_BARE, stage=0, rating=0), _BARE)
    if kind is NoticeKind.ALARM:
        return (_RICH, *(replace(_RICH, ticket=None, links=None, facts=said) for said in _ALARMS), _NAMELESS)
    reasons = tuple(replace(_RICH, reason=reason.value) for reason in Reason)
    bare = replace(_BARE, rating=0, ticket=_BARE.ticket if kind is NoticeKind.AGENT_NOTICE else None, links=None)
    return (*reasons, bare, replace(bare, reason=None, text="", folded_lines=1))


def _faults(templates: Templates) -> Iterator[str]:
    for source in templates.sources:
        if source.fault:
            yield source.fault
        else:
            yield from _faults_of(templates, source, NoticeKind(source.kind))
    for kind in NoticeKind:
        try:
            templates.find(kind, "")
        except BrokenTemplateError as error:
            yield str(error)


def _faults_of(templates: Templates, source: Source, kind: NoticeKind) -> Iterator[str]:
    for number, values in enumerate(samples(kind)):
        try:
            texts = templates.render_source(source, kind, values, _MARK)
        except BrokenTemplateError as error:
            yield str(error)
            continue
        if number == 0:
            yield from _missing(source, kind, texts.text, texts.html)


def _missing(source: Source, kind: NoticeKind, text: str, html: str) -> Iterator[str]:
    for name in _REQUIRED.get(kind, ()):
        shown_in_text = _PROOF[name] in text or name.startswith("links.")
        if not shown_in_text or _PROOF[name] not in html:
            yield f"{source.path}: never shows {name}, which people need in this mail"
