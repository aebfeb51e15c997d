import os
import re
import signal
import subprocess
import sys
from contextlib import suppress

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
    installed.write_text(installed.read_text().replace('#url = ""', f'url = "sqlite:///{installed.parent}"'))
    ran = run("ticket", "list", "--config", installed)
    assert ran.code == exits.TRY_AGAIN
    assert ran.err.startswith(f"gateway: database: {installed.parent} cannot be opened: this user must be able to")


LOOKING = [
    *(["verify"], ["ticket", "list"], ["ticket", "show", "SUP-2222-2222"], ["held", "list"], ["held", "release", "1"]),
    *(["alarm", "list"], ["alarm", "close", "1"], ["outbox", "list"], ["outbox", "hold", "--all"]),
    *(["suppression", "list"], ["db", "status"], ["db", "upgrade"], ["db", "collect"], ["explain", "--stored", "1"]),
]


@pytest.mark.parametrize("arguments", LOOKING, ids=" ".join)
def test_who_looks_at_a_database_that_is_not_there_is_told_and_makes_none(run, installed, arguments):
    before = sorted(installed.parent.iterdir())
    ran = run(*arguments, "--config", installed)
    assert (ran.code, ran.out) == (exits.MISSING, "")
    file = installed.parent / "data" / "gateway.db"
    assert ran.err.startswith(f"gateway: {file}: there is no database. Was it moved, or does data_dir name another")
    assert sorted(installed.parent.iterdir()) == before


def test_the_configuration_may_be_named_before_the_command_too(run, installed):
    assert run("--config", installed, "check").out.startswith(f"{installed} is fine.")
    assert run("--config", "nowhere.toml", "check", "--config", installed).code == exits.OK
    ran = run("--config", installed, "init", "anywhere")
    assert (ran.code, ran.err.splitlines()[-1]) == (exits.USAGE, "gateway: this command takes no --config")


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
        for _ in range(10):  # the first may come just before the wait begins, and end nothing
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(3)
                break
        assert process.poll() == exits.INTERRUPTED
    assert process.communicate() == ("", "")
