from pathlib import Path

import pytest

from gateway.config import source
from gateway.config.faults import Faults, dotted
from gateway.errors import ConfigError


@pytest.fixture
def faults():
    return Faults(source.parsed(Path("f.toml"), "[a]\nx = 1\n[[b]]\n[[b]]\ny = 2\nz = 3\n"))


def test_all_are_raised_at_once_in_the_order_of_the_file(faults):
    faults.add(("b", 1, "z"), "is three", "write 4")
    faults.add(("b", 0, "y"), "missing", "write y")
    faults.add(("a", "x"), "is one", "write 2")
    with pytest.raises(ConfigError) as caught:
        faults.check()
    assert caught.value.faults == (
        "f.toml:2: a.x: is one; write 2",
        "f.toml:3: b.y: missing; write y",
        "f.toml:6: b.z: is three; write 4",
    )


def test_nothing_wrong_raises_nothing(faults):
    faults.check()
    assert faults.lines == ()


def test_a_key_may_have_several_faults_but_none_that_follows_from_one(faults):
    faults.add(("a", "x"), "one", "1")
    faults.add(("a", "x"), "two", "2")
    faults.add(("a", "x"), "two", "2")
    faults.settle()
    faults.add(("a", "x"), "three", "3")
    faults.add(("a",), "four", "4")
    assert faults.lines == ("f.toml:1: a: four; 4", "f.toml:2: a.x: one; 1", "f.toml:2: a.x: two; 2")


def test_what_lies_in_a_wrong_table_is_wrong_too(faults):
    faults.add(("b", 1), "no", "yes")
    assert faults.has(("b", 1, "y"))
    assert not faults.has(("b", 0, "y"), ("b",))


def test_a_dotted_key_leaves_out_the_numbers():
    assert dotted(("queue", 3, "address")) == "queue.address"
