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


def test_plain_mail_is_seven_kilobytes_on_average():
    assert 6_000 < statistics.mean(len(raw) for raw in corpus.messages(1000, is_plain=True)) < 8_000


def test_a_third_of_a_correspondence_continues_what_its_author_wrote_before():
    written: dict[str, str] = {}
    continuing = 0
    for author, raw in corpus.correspondence(600):
        message = parse(raw)
        assert message.author is not None
        assert message.author.address == author
        if message.in_reply_to:
            assert written[message.in_reply_to[0]] == author
            continuing += 1
        assert message.message_id not in written
        written[message.message_id] = author
    assert 150 < continuing < 250
