from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.tickets import commands
from gateway.tickets.commands import Orders, Verb
from gateway.tickets.policy import BusinessCalendar
from tests.builders import NOW, POLICY

RIGA = replace(POLICY, calendar=BusinessCalendar(zone=ZoneInfo("Europe/Riga")))
CHRISTMAS = datetime(2026, 12, 24, 7, 0, tzinfo=UTC)  # nine o'clock in Riga


def read(text: str) -> Orders:
    return commands.read(text, NOW, RIGA)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Orders("")),
        ("Hello,\nit is done.", Orders("Hello,\nit is done.")),
        ("#resolve", Orders("", Verb.RESOLVE)),
        ("#close", Orders("", Verb.CLOSE)),
        ("#open", Orders("", Verb.OPEN)),
        ("#postpone 2026-12-24", Orders("", Verb.POSTPONE, until=CHRISTMAS)),
        ("#assign ben", Orders("", assignee="ben")),
        ("#assign BEN", Orders("", assignee="ben")),
        ("#note", Orders("", is_note=True)),
        ("#RESOLVE", Orders("", Verb.RESOLVE)),
        ("# resolve", Orders("", Verb.RESOLVE)),
        ("  #resolve  ", Orders("", Verb.RESOLVE)),
        ("\u00a0#resolve", Orders("", Verb.RESOLVE)),
        ("\n\n#resolve\n\nDone.\n", Orders("Done.", Verb.RESOLVE)),
        ("#resolve\n#assign ben\n\nDone.\n\nAnna", Orders("Done.\n\nAnna", Verb.RESOLVE, assignee="ben")),
        ("#note\nShe is angry.", Orders("She is angry.", is_note=True)),
        ("#note She is angry.\nVery.", Orders("She is angry.\nVery.", is_note=True)),
        ("#note #close is not meant\n#close", Orders("#close is not meant\n#close", is_note=True)),
        ("#note\n#resolve\nShe called.", Orders("She called.", Verb.RESOLVE, is_note=True)),
        ("#resolve\n#resolve", Orders("", Verb.RESOLVE)),
        ("#postpone 2026-12-24\n#assign anna", Orders("", Verb.POSTPONE, until=CHRISTMAS, assignee="anna")),
    ],
)
def test_commands_at_the_top_are_taken_and_the_rest_is_text(text, expected):
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Hello\n#close",
        "Hello\n\n#resolve\n#bogus",
        "#1 thing is the cable",
        "#1",
        "#",
        "# ",
        "##close",
        "#-close",
        "#_close",
        "> #close",
        "close",
        "/close",
        "Please #close it",
        "#️⃣ close",
    ],
)
def test_after_the_first_line_that_is_no_command_everything_is_text(text):
    assert read(text) == Orders(text.strip())


@pytest.mark.parametrize("line", ["#resolv", "#solve now", "#закрыть", "#close-it", "#heading of my letter", "#closed"])
def test_a_command_that_nobody_understands_is_named_and_not_sent_to_the_customer(line):
    assert read(f"{line}\nHello") == Orders("Hello", unknown=(line,))


def test_every_command_that_is_not_understood_is_named():
    assert read("#one\n#resolve\n#two 2\nHello") == Orders("Hello", Verb.RESOLVE, unknown=("#one", "#two 2"))


COMING = "#postpone 2026-12-24"


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("#postpone", COMING),
        ("#postpone tomorrow", COMING),
        ("#postpone 24.12.2026", COMING),
        ("#postpone 2026-02-30", COMING),
        ("#postpone 2026-13-01", COMING),
        ("#postpone 2026-05-03", COMING),  # yesterday
        ("#postpone 2026-05-04", COMING),  # this morning
        ("#postpone 0001-01-01", COMING),
        ("#postpone 2026-12-24 please", COMING),
        ("#assign", "#assign anna | ben | carl"),
        ("#assign dora", "#assign anna | ben | carl"),
        ("#close now", "#close"),
        ("#resolve it", "#resolve"),
        ("#open again", "#open"),
    ],
)
def test_a_command_that_cannot_be_obeyed_says_what_to_write(line, advice):
    assert read(f"{line}\nHello") == Orders("Hello", faulty=(f"{line} → {advice}",))


@pytest.mark.parametrize("date", ["9999-12-31", "2026-05-05"])
def test_any_coming_day_will_do(date):
    assert read(f"#postpone {date}").move is Verb.POSTPONE


def test_two_ways_for_the_ticket_to_go_contradict_each_other():
    orders = read("#resolve\n#close\nDone")
    assert orders == Orders("Done", Verb.RESOLVE, faulty=("#close ≠ #resolve",))


@pytest.mark.parametrize("verb", Verb)
def test_the_usage_of_every_command_is_obeyed(verb):
    line = commands.USAGE[verb].replace(" name", " anna")
    orders = read(line)
    assert (orders.unknown, orders.faulty) == ((), ())
    assert orders != Orders("")


@given(st.text(st.characters(blacklist_categories=["Cs"])))
def test_any_text_at_all_can_be_read_and_words_without_a_command_are_kept(text):
    orders = read(text)
    if not any(line.strip().startswith("#") for line in text.splitlines()):
        assert orders.text == "\n".join(text.splitlines()).strip()
        assert orders == Orders(orders.text)
