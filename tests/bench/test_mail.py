"""The benchmark measures what it is given and says whether the aim is met."""

import pytest

from bench import corpus, mail


def test_figures():
    figures = mail.Figures((0.1, 0.2, 0.3, 0.4))
    assert figures.rate == pytest.approx(4)
    assert figures.percentile(0.5) == 0.3
    assert figures.percentile(1.0) == 0.4


def test_all_stations_are_timed():
    spent = mail.by_station(list(corpus.messages(3)))
    read = {"parse", "reply text", "automatic", "delivery report", "language", "clues and route", "digest"}
    assert set(spent) == read
    assert all(seconds > 0 for seconds in spent.values())


def test_the_report_goes_over_any_folder_of_messages(tmp_path, capsys):
    for number, raw in enumerate(corpus.messages(5)):
        (tmp_path / f"{number}.eml").write_bytes(raw)
    mail.main([str(tmp_path)])
    said = capsys.readouterr().out
    assert said.startswith("5 messages, mean ")
    assert "floor: email.message_from_bytes" in said
    assert "400 messages/s" in said.splitlines()[-1]


def test_a_folder_without_messages_is_an_error(tmp_path):
    with pytest.raises(SystemExit, match="2"):
        mail.main([str(tmp_path)])
