"""Many phrases are looked for at once, and exactly those are found that a text holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.phrases import Phrases

letters = st.text("ab cäжя", min_size=1, max_size=9)
tables = st.lists(letters, max_size=40)


@given(tables, st.text("ab cäжя", max_size=80))
def test_it_finds_what_a_search_for_each_phrase_would_find(table, text):
    assert Phrases.of(table).said_in(text) == {phrase for phrase in table if phrase in text}


@given(tables, st.data())
def test_every_phrase_is_found_in_the_middle_of_others(table, data):
    phrases = Phrases.of(table, ["automatic reply"])
    phrase = data.draw(st.sampled_from([*table, "automatic reply"]))
    assert phrase in phrases.said_in(f"automatic{phrase}reply")


@pytest.mark.parametrize(
    ("table", "text", "found"),
    [
        (["out of office", "out of the office"], "i am out of the office", {"out of the office"}),
        (["automat", "automatic", "automatic reply"], "automatic reply", {"automat", "automatic", "automatic reply"}),
        (["tomatic r", "automatic"], "automatic reply", {"automatic", "tomatic r"}),
        (["réponse", "reponse"], "une réponse", {"réponse"}),
        (["a+b", "(a|b)"], "what a+b and (a|b) say", {"a+b", "(a|b)"}),
        ([], "anything", set()),
        (["anything"], "", set()),
    ],
)
def test_phrases_that_begin_alike_lie_within_one_another_or_overlap_are_told_apart(table, text, found):
    assert Phrases.of(table).said_in(text) == found


def test_tables_are_searched_together():
    assert Phrases.of(["one", "two"], ["three", "two"]).said_in("two or three") == {"two", "three"}
