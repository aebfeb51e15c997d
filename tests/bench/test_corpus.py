"""The mail that is measured: the same each time, as large as said, and read without a complaint."""

import statistics

from bench import corpus
from gateway.mail.parse import parse


def test_the_same_seed_makes_the_same_mail():
    assert list(corpus.messages(20, seed=3)) == list(corpus.messages(20, seed=3))
    assert list(corpus.messages(20, seed=3)) != list(corpus.messages(20, seed=4))


def test_it_is_forty_kilobytes_on_average():
    assert 35_000 < statistics.mean(len(raw) for raw in corpus.messages(1000)) < 45_000


def test_it_is_ordinary():
    for raw in corpus.messages(120):
        message = parse(raw)
        assert message.defects == ()
        assert "\ufffd" not in message.text + message.subject
        assert message.text.strip()
        assert message.author is not None
        assert any(message.author.name == tongue.author for tongue in corpus.TONGUES)
