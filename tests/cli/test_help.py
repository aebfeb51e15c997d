import os
import re
import signal
import subprocess
import sys

import pytest

from gateway import __version__
from gateway.cli import exits

HEAVY = (
    "sqlalchemy",
    "jinja2",
    "aiosmtpd",
    "imapclient",
    "apscheduler",
    "mailparser",
    "babel",
    "selectolax",
    "gateway.config",
    "gateway.store",
    "gateway.mail",
)
PROBE = """
import sys
from gateway.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print("LOADED", *sorted({name for name in sys.modules if name.startswith(%r)}), file=sys.stderr)
"""
COMMANDS = (
    "init", "check", "verify", "run", "demo", "ingest", "explain", "ticket",
    "held", "outbox", "db", "alarm", "suppression",
)  # fmt: skip


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["check", "--help"], ["nonsense"], []])
def test_no_library_is_loaded_to_help(arguments):
    done = subprocess.run(
        [sys.executable, "-c", PROBE % (HEAVY,), *arguments], capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines()[-1] == "LOADED"


def test_help_names_every_command_and_every_command_helps(run):
    ran = run("--help")
    assert ran.code == exits.OK
    for name in COMMANDS:
        assert re.search(rf"\n    {name}\s", ran.out)
        assert run(name, "--help").code == exits.OK


def test_the_version_is_the_packages(run):
    assert run("--version").out == f"gateway {__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["check", "--nonsense"], ["init"], ["check", "--con", "x"]])
def test_a_wrong_command_line_ends_with_64_and_says_how_it_goes(run, arguments):
    ran = run(*arguments)
    assert ran.code == exits.USAGE
    assert ran.err.startswith("usage: gateway")


def test_a_database_that_cannot_be_opened_ends_with_75(run, installed):
    installed.write_text(installed.read_text().replace('#url = ""', 'url = "sqlite:////proc/none/x.db"'))
    ran = run("ticket", "list", "--config", installed)
    assert ran.code == exits.TRY_AGAIN
    assert ran.err.startswith("gateway: database: ")


def test_a_reader_who_leaves_early_costs_no_word(command, installed):
    process = command("check", "--config", installed)
    process.stdout.close()
    assert process.wait(30) == exits.READER_GONE
    assert process.stderr.read() == ""
    process.stderr.close()


def test_an_interrupted_command_ends_with_130_and_no_traceback(command, tmp_path):
    os.mkfifo(tmp_path / "gateway.toml")
    process = command("check", "--config", tmp_path / "gateway.toml")
    with (tmp_path / "gateway.toml").open("w"):  # opens when the command does, which then waits for what we write
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == exits.INTERRUPTED
    assert process.communicate() == ("", "")
