"""docs/templates.md is the operators' contract: it names all there is, and nothing else."""

import re
from dataclasses import fields
from pathlib import Path

from gateway.outbound import render
from gateway.outbound.values import Customer, Desk, Entry, LeftOut, Links, TicketValues, Values, Writer
from gateway.tickets.notices import NoticeKind, Reason

TEXT = (Path(__file__).parents[2] / "docs" / "templates.md").read_text(encoding="utf-8")
PARTS = {
    "ticket": TicketValues,
    "customer": Customer,
    "queue": Desk,
    "agent": Writer,
    "links": Links,
}


def names():
    for field in fields(Values):
        if field.name in PARTS:
            yield from (f"{field.name}.{part.name}" for part in fields(PARTS[field.name]))
        else:
            yield field.name


def test_every_value_is_described_and_no_other():
    table = TEXT.partition("| name | what it is |")[2].partition("\n\n")[0]
    told = re.findall(r"`([a-z_.]+)(?:\[\d\])?`", "".join(re.findall(r"(?m)^\|([^|]*)\|", table)))
    assert {*told} == {*names(), "language", "plain"}


def test_parts_of_lists_are_described():
    for part in (*fields(Entry), *fields(LeftOut)):
        assert f"`{part.name}`" in TEXT


def test_every_kind_and_reason_is_described():
    assert set(re.findall(r"(?m)^\| `([a-z_]+)` \| (?:customer|agent|operator) \|", TEXT)) == set(NoticeKind)
    assert all(f"`{reason}`" in TEXT for reason in Reason)


def test_every_function_and_filter_is_described():
    for name in ("said", "quote", "link", "button", "plural"):
        assert f"{{{{ {name}(" in TEXT
    for name in ("day", "daytime", "size"):
        assert f"\\|{name} }}}}" in TEXT
        assert f'"{name}"' in Path(render.__file__).read_text(encoding="utf-8")
