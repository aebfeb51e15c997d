"""Names of attached files are safe everywhere and unique."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import file_names

CASES = [
    ("report.pdf", "report.pdf"),
    ("Żółty raport.pdf", "Żółty raport.pdf"),
    ("报告.pdf", "报告.pdf"),
    ("../../etc/passwd", "passwd"),
    ("..\\..\\windows\\system.ini", "system.ini"),
    ("C:\\temp\\a.txt", "a.txt"),
    ("/absolute", "absolute"),
    ("dir/", "dir"),
    ("a:b.txt", "a_b.txt"),
    ('a<b>"c|d?e*.txt', "a_b__c_d_e_.txt"),
    ("nul\x00led.txt", "nul_led.txt"),
    ("new\nline.txt", "new_line.txt"),
    ("bidi\u202etxt.exe", "bidi_txt.exe"),
    ("CON", "_CON"),
    ("con.txt", "_con.txt"),
    ("LPT1.pdf", "_LPT1.pdf"),
    ("console.txt", "console.txt"),
    (".htaccess", "htaccess"),
    ("trailing. . ", "trailing"),
    ("  spaced   out .pdf", "spaced out.pdf"),
    ("", "file.bin"),
    ("..", "file.bin"),
    ("///", "file.bin"),
    ("\x00\x00", "file.bin"),
    ("e\u0301.txt", "é.txt"),
]


@pytest.mark.parametrize(("name", "expected"), CASES)
def test_safe(name, expected):
    assert file_names.safe(name) == expected


@pytest.mark.parametrize(
    ("content_type", "ending"),
    [
        ("image/png", ".png"),
        ("text/calendar", ".ics"),
        ("text/x-odd", ".txt"),
        ("application/x-odd", ".bin"),
        ("", ".bin"),
    ],
)
def test_a_nameless_file_is_named_after_its_type(content_type, ending):
    assert file_names.safe("", content_type) == f"file{ending}"


def test_long_names_keep_their_ending():
    found = file_names.safe("ż" * 500 + ".pdf")
    assert len(found) == 120
    assert found.endswith(".pdf")


def test_unique_counts_before_the_ending():
    taken = {"a.txt", "a (2).txt", "noend"}
    assert file_names.unique("A.txt", taken) == "A (3).txt"
    assert file_names.unique("noend", taken) == "noend (2)"
    assert file_names.unique("b.txt", taken) == "b.txt"


@given(st.text(max_size=300))
def test_always_safe(name):
    found = file_names.safe(name)
    assert found
    assert found not in {".", ".."}
    assert not set(found) & set('/\\<>:"|?*\x00\r\n')
    assert len(found.encode()) <= 500
    assert found == found.strip(" .")
    assert file_names.safe(found) == found
