import argparse
from pathlib import Path

import pytest

from gateway.cli import options


@pytest.mark.parametrize(
    ("argument", "environ", "here", "expected"),
    [
        (["--config", "a.toml"], {"GATEWAY_CONFIG": "b.toml"}, True, "a.toml"),
        ([], {"GATEWAY_CONFIG": "b.toml"}, True, "b.toml"),
        ([], {"GATEWAY_CONFIG": ""}, True, "gateway.toml"),
        ([], {}, False, "/etc/gateway/gateway.toml"),
    ],
)
def test_the_configuration_is_looked_for_in_order(tmp_path, monkeypatch, argument, environ, here, expected):
    monkeypatch.chdir(tmp_path)
    if here:
        Path("gateway.toml").touch()
    parser = argparse.ArgumentParser()
    options.add_config(parser)
    assert options.config_path(parser.parse_args(argument), environ) == Path(expected)


def test_json_is_off_until_asked_for():
    parser = argparse.ArgumentParser()
    options.add_json(parser)
    assert [parser.parse_args(each).json for each in ([], ["--json"])] == [False, True]
