import dataclasses
import sys
import tempfile
import types
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import config
from gateway.config import example
from gateway.errors import ConfigError


def test_paths_are_absolute_and_count_from_the_files_folder(load, folder, monkeypatch, minimal):
    monkeypatch.chdir("/")
    read = load(text=minimal.replace("[[agent]]", 'data_dir = "data"\n[[agent]]'))
    assert read.path == folder / "gateway.toml"
    assert read.data_dir == folder / "data"
    assert read.secret_file == folder / "secret.key"
    assert read.database_url == f"sqlite:///{folder}/data/gateway.db"
    assert read.delivery.capture == str(folder / "data" / "captured")


def test_a_relative_path_to_the_file_itself_is_fine(load, folder, monkeypatch):
    load()
    monkeypatch.chdir(folder)
    assert config.load(Path("gateway.toml"), {}).secret_file == folder / "secret.key"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///x.db", "sqlite:///{folder}/x.db"),
        ("sqlite:////srv/x.db", "sqlite:////srv/x.db"),
        ("postgresql://u@localhost/x", "postgresql://u@localhost/x"),
    ],
)
def test_the_database_is_where_the_operator_says(load, folder, monkeypatch, url, expected):
    monkeypatch.setitem(sys.modules, "psycopg", types)
    assert load(f'[database]\nurl = "{url}"\n').database_url == expected.format(folder=folder)


def test_the_policy_says_what_the_file_says(load, mailbox):
    more = (
        'signature = "Bye"\n[reference]\nprefix = "HD"\nolder_prefixes = ["SUP"]\n'
        '[[route]]\nname = "r"\nqueue = "support"\nrecipients = ["*@example.com"]\n'
        f'{mailbox}password_env = "P"\n'
    )
    policy = load(more, environ={"P": "x"}).policy
    assert (policy.name, policy.hostname, policy.default_queue) == ("desk", "desk.example.com", "support")
    assert (policy.prefix, policy.older_prefixes) == ("HD", ("SUP",))
    assert policy.queue("support").signature == "Bye"
    assert [agent.name for agent in policy.agents_of("support")] == ["anna"]
    assert [route.name for route in policy.routes] == ["r"]
    assert policy.further_addresses == ("support@example.com",)


def test_a_configuration_cannot_be_changed_and_shows_no_secret(load):
    read = load()
    assert "ab" * 16 not in repr(read)
    with pytest.raises(dataclasses.FrozenInstanceError):
        read.log_level = "debug"


def test_all_faults_come_at_once_whatever_their_kind(load, folder):
    (folder / "secret.key").chmod(0o644)
    with pytest.raises(ConfigError) as caught:
        load('[periods]\nreminders = "2"\n[[route]]\nname = "r"\nqueue = "x"\n[foo]\n')
    assert [fault.split(": ")[1] for fault in caught.value.faults] == [
        "gateway.secret_file",
        "periods.reminders",
        "route.queue",
        "foo",
    ]


SETTINGS = [entry for entry in example.entries(example.path().read_text(encoding="utf-8")) if entry.key]
JUNK = (
    *("0", "-1", "1e400", "nan", "true", '""', '" "', "[]", "[[]]", "[1]", '["a", 2]', "{}", "{a = [1]}", "1979-05-27"),
    *(
        '"a\\u0000b"',
        '"\\n"',
        '"../x"',
        '"/"',
        '"a@b@c"',
        '"*"',
        '"[a"',
        '"%s{}"',
        '"\\U0001F600"',
        "09:00:00",
        "[nan]",
    ),
    *(
        '"postgresql://[::1"',
        '"sqlite:///\\u0000"',
        f'"{"x" * 400}"',
        '"ü@ü.example"',
        '["", "+", "@", "a+b@c.example"]',
    ),
)


@settings(max_examples=5000, deadline=None)
@given(st.dictionaries(st.integers(0, len(SETTINGS) - 1), st.sampled_from(JUNK), min_size=1, max_size=6))
def test_whatever_is_written_faults_are_all_that_comes_of_it(junk):
    text, section = "", ""
    for index, entry in enumerate(SETTINGS):
        if entry.section != section:
            section = entry.section
            is_many = section in {"listener", "mailbox", "agent", "queue", "route"}
            text += f"[[{section}]]\n" if is_many else f"[{section}]\n"
        text += f"{entry.key} = {junk.get(index, entry.value)}\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gateway.toml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError) as caught:  # there is no secret, for one
            config.load(path, {})
    for fault in caught.value.faults:
        line, key, said = fault.removeprefix(f"{path}:").split(": ", 2)
        assert 1 <= int(line) <= text.count("\n")
        assert key.split(".")[0] in {entry.section for entry in SETTINGS}
        assert "; " in said
