"""No stranger's text keeps a pattern busy: each is tried with what a badly written one of its shape would choke on."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import pumps

ROOT = Path(__file__).parents[2]


def test_no_pattern_takes_more_than_linear_time():
    """20,000 characters; one that looks back at each of them needs ten times as long as it is given."""
    command = [sys.executable, "-m", "tests.house.pumps", "20000"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=True)
    assert json.loads(ran.stdout) == {}


def test_all_patterns_are_found():
    places = pumps.patterns()
    assert len(places) > 200
    assert {place.partition(":")[0].split(".")[1] for place in places} >= {"inbound", "mail", "outbound", "tickets"}


@pytest.mark.parametrize(
    "bad", [r"(a+)+$", r"(?:\w|_)*!", r"^\s*(\s+x)*y", r"[a-z]*[a-z0-9]*[a-z]*=", r"(?:(?:ab?)*c?)*\d", r"x*y"]
)
def test_a_bad_pattern_is_told(bad):
    """The yardstick itself: what is quadratic or worse does not pass it."""
    pattern = re.compile(bad)
    texts = pumps.attacks(pattern, 100_000)
    with pytest.raises(pumps.TooSlowError), pumps.bounded(0.3):
        assert [pattern.search(text) for text in texts]
