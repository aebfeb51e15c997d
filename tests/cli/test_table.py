import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.table import columns, printable, table


def test_columns_are_as_wide_as_their_widest_cell_and_nothing_trails():
    assert table(("id", "subject"), [(7, "Hello"), (1234, "")], 80) == "id    subject\n7     Hello\n1234"


def test_wide_characters_take_two_columns_and_marks_none():
    rows = [("请求退款", "x"), ("café", "x"), ("e\u0301e\u0301", "x"), ("ＡＢ", "x")]
    drawn = table(("subject", "y"), rows, 80).splitlines()
    assert {columns(line.rpartition("  ")[0]) for line in drawn} == {8}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mred\x07", "a[31mred"),
        ("one\r\n\ttwo", "one two"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a\u2028b\u200bc\ufeff\x9b0m", "a bc0m"),
        ("\ud800x\ue000", "x"),
        ("Ąžuolas 请 α", "Ąžuolas 请 α"),
    ],
)
def test_what_could_steer_a_terminal_is_taken_out(text, shown):
    assert printable(text) == shown


def test_the_widest_column_is_cut_first_with_an_ellipsis():
    drawn = table(("id", "subject"), [("support-12", "a long subject of a mail")], 24)
    assert drawn.splitlines()[1] == "support-12  a long subj…"


def test_a_wide_character_is_not_cut_in_half():
    drawn = table(("subject",), [("请求退款请求退款",)], 10).splitlines()[1]
    assert drawn == "请求退款…"
    assert columns(drawn) == 9


def test_no_rows_leave_the_headers():
    assert table(("id", "subject"), [], 80) == "id  subject"


@given(
    st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(st.text(max_size=40), min_size=n, max_size=n), min_size=1)),
    st.integers(40, 120),
)
def test_no_line_is_wider_than_asked_and_no_row_is_lost(rows, width):
    drawn = table([f"h{index}" for index in range(len(rows[0]))], rows, width).split("\n")
    assert len(drawn) == len(rows) + 1
    assert max(map(columns, drawn)) <= width
    assert not any(unicodedata.category(each) == "Cc" for line in drawn for each in line)
