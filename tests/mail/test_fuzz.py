"""Some hundred damaged messages, the same each time; `python -m tests.mail.fuzz` goes on for as long as one likes."""

import random

import pytest

from gateway.mail.parse import trace
from tests.mail import fuzz

SOURCES = fuzz.sources()


@pytest.mark.parametrize("seed", range(20))
def test_damage_is_read(seed):
    choose = random.Random(seed)
    for _ in range(20):
        fuzz.check(fuzz.damaged(choose.choice(SOURCES), SOURCES, choose))


def test_damage_is_traced():
    choose = random.Random(0)
    for _ in range(50):
        trace(fuzz.damaged(choose.choice(SOURCES), SOURCES, choose))


def test_a_find_is_kept(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(fuzz, "SLOW", -1.0)
    assert fuzz.hunt(0.05, 1, tmp_path / "finds") > 0
    assert list((tmp_path / "finds").glob("seed-1-*.eml"))
    assert "took" in capsys.readouterr().out
