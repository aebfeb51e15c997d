import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import source
from gateway.errors import ConfigError

TEXT = '''\
# a comment with [brackets] and "quotes
top = 1
[one] # after the header
plain = "x = 1"
several = [
  "[not.a.table]", # ] neither
  {a = 1, b = [2]},
]
after = """
[[still text]]
key = 1 \\""" """

[[many]]
"quoted key" = \'\'\'
[x]
\'\'\'
a.b.c = 2

[[many]]
[many.inner]
deep = true
[[many.leaves]]
[[many.leaves]]
last = 1
['one']
'''.replace("['one']\n", "['two']\n")

LINES = {
    ("top",): 2,
    ("one",): 3,
    ("one", "plain"): 4,
    ("one", "several"): 5,
    ("one", "after"): 9,
    ("many", 0): 13,
    ("many", 0, "quoted key"): 14,
    ("many", 0, "a", "b", "c"): 17,
    ("many", 1): 19,
    ("many", 1, "inner"): 20,
    ("many", 1, "inner", "deep"): 21,
    ("many", 1, "leaves", 0): 22,
    ("many", 1, "leaves", 1): 23,
    ("many", 1, "leaves", 1, "last"): 24,
    ("two",): 25,
}


def test_every_key_has_its_line():
    assert source.parsed(Path("f"), TEXT).lines == LINES


@pytest.mark.parametrize(
    ("key", "line"),
    [(("one", "several", 1, "b"), 5), (("one", "missing"), 3), (("many", 1, "missing"), 19), (("nowhere", "x"), 1)],
)
def test_what_is_not_there_has_the_line_of_what_is_around_it(key, line):
    assert source.parsed(Path("f"), TEXT).line_of(key) == line


SCALARS = ("1", "true", '"a"', "'b'", '"""\nx = 1\n"""', "'''\n[y]\n'''", "[1,\n 2]", "{a = 1}", "1979-05-27", '"\\"]"')


@given(st.lists(st.tuples(st.sampled_from(SCALARS), st.booleans(), st.integers(0, 2)), min_size=1, max_size=8))
def test_a_marked_line_is_found_whatever_stands_before_it(parts):
    text, expected = "", {}
    table: tuple[str, ...] = ()
    for number, (value, is_table, blanks) in enumerate(parts):
        text += "# [c]\n" * blanks
        if is_table:
            table = (f"t{number}",)
            text += f"[t{number}]\n"
        expected[*table, f"k{number}"] = text.count("\n") + 1
        text += f"k{number} = {value} # x\n" if "\n" not in value else f"k{number} = {value}\n"
    tomllib.loads(text)
    found = source.parsed(Path("f"), text)
    assert {key: found.line_of(key) for key in expected} == expected


@pytest.mark.parametrize(
    ("raw", "line", "said"),
    [
        (b"a = 1\nb = \n", 2, "Invalid value"),
        (b"a = 1\n\nhost = smtp.example.com\n", 3, "Invalid value"),
        (b"a = 1\na = 2\n", 2, "Cannot overwrite a value"),
        (b"[x]\n[x]\n", 2, "Cannot declare"),
        (b"a = 1\nb = [1,\n2", 3, "Unclosed array"),
        (b'a = 1\nb = "\xff"\n', 2, "not UTF-8"),
        (b"a = 1\nb = " + b"9" * 5000, 2, "no valid TOML"),
        (b"a = " + b"[" * 5000 + b"]" * 5000, 1, "no valid TOML"),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(tmp_path, raw, line, said):
    path = tmp_path / "f.toml"
    path.write_bytes(raw)
    with pytest.raises(ConfigError) as caught:
        source.read(path)
    (fault,) = caught.value.faults
    assert fault.startswith(f"{path}:{line}: ")
    assert said in fault
    assert not re.search(r"\(at ", fault)


def test_a_byte_order_mark_and_carriage_returns_do_no_harm(tmp_path):
    path = tmp_path / "f.toml"
    path.write_bytes(b'\xef\xbb\xbf[a]\r\nb = """x\r\ny"""\r\nc = 1\r\n')
    found = source.read(path)
    assert found.tables == {"a": {"b": "x\ny", "c": 1}}
    assert found.line_of(("a", "c")) == 4


def test_a_missing_file_and_a_folder_are_told(tmp_path):
    with pytest.raises(ConfigError, match="there is no such file; write one with `gateway init`"):
        source.read(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        source.read(tmp_path)
