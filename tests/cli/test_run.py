"""What `gateway run` makes of its command line before it runs, and of signals while it does."""

import argparse
import asyncio
import os
import signal
from dataclasses import replace

import pytest

from gateway import config
from gateway.cli import run as command
from gateway.config.node import NodeSettings, Role
from gateway.daemon.sockets import Sockets


@pytest.mark.parametrize(
    ("written", "roles"),
    [
        ("triage", (Role.TRIAGE,)),
        ("smtp,imap", (Role.SMTP, Role.IMAP)),
        ("web", (Role.WEB,)),
        (" clock , deliver,clock,", (Role.CLOCK, Role.DELIVER)),
    ],
)
def test_roles_are_names_with_commas(written, roles):
    assert command._roles(written) == roles


@pytest.mark.parametrize("written", ["cook", "smtp,cook", "", " , "])
def test_what_is_no_role_is_told_with_those_there_are(run, written):
    ran = run("run", "--roles", written)
    assert ran.code == 64
    assert "smtp, imap, triage, deliver, clock" in ran.err


def test_the_command_line_goes_before_the_file(installed):
    text = installed.read_text(encoding="utf-8")
    text = text.replace("\n[node]\n", '\n[node]\nname = "file"\nroles = ["smtp", "imap"]\n')
    installed.write_text(text, encoding="utf-8")
    loaded = config.load(installed, {})
    said = argparse.Namespace(node="line", roles=(Role.CLOCK,))
    assert command._for_this_node(loaded, said).node == NodeSettings("line", (Role.CLOCK,))
    unsaid = argparse.Namespace(node="", roles=None)
    assert command._for_this_node(loaded, unsaid).node == NodeSettings("file", (Role.SMTP, Role.IMAP))


@pytest.mark.parametrize(
    ("signals", "goes_on"),
    [
        ([signal.SIGHUP], True),
        ([signal.SIGTERM], False),
        ([signal.SIGHUP, signal.SIGTERM], False),
        ([signal.SIGTERM, signal.SIGHUP], False),
    ],
)
def test_who_was_told_to_end_ends(installed, signals, goes_on):
    loaded = replace(config.load(installed, {}), listeners=())

    async def lives():
        serving = asyncio.ensure_future(command._serve(loaded, lambda: loaded, Sockets()))
        await asyncio.sleep(0)
        for each in signals:
            os.kill(os.getpid(), each)
        return await serving

    assert asyncio.run(lives()) == (loaded if goes_on else None)
