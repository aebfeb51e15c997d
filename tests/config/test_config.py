import dataclasses
import sys
import types
from pathlib import Path

import pytest

from gateway import config
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
