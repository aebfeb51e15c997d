"""What the demo prints: one line a mail, who to whom, what became of it. Plays nothing."""

import re
import shutil
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from gateway.cli.table import columns, printable, shortened
from gateway.mail.address import Mailbox, without_detail
from gateway.tickets.policy import Policy

_WIDE_WHERE_NO_TERMINAL = 150
_DAY, _CLOCK, _OUTCOME, _LEAST = 10, 5, 40, 22  # columns
_GAP = "  "
_TAG = re.compile(r"\[[A-Z]+-\w{4}-\w{4}\] ")
_ROOM_FOR_TAGS = 40
_BOLD, _DIM, _RED, _GREEN, _PLAIN = "\033[1m", "\033[2m", "\033[31m", "\033[32m", "\033[0m"


class Timeline:
    """Prints to standard output, with colour where that is a terminal."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._has_colour = sys.stdout.isatty()
        self._day = ""
        width = shutil.get_terminal_size((_WIDE_WHERE_NO_TERMINAL, 0)).columns
        room = width - _DAY - _CLOCK - _OUTCOME - 4 * len(_GAP)
        self._people, self._subject = max(_LEAST, room * 45 // 100), max(_LEAST, room * 55 // 100)

    def open(self, port: int, outgoing: str) -> None:
        """What is about to be seen."""
        self._say(_BOLD, "An e-mail help desk: the real daemon, on this machine only.")
        print(f"It listens for SMTP on 127.0.0.1:{port} and keeps its tickets in SQLite.")
        print(f"No smarthost is configured, so nothing leaves this machine: outgoing mail is captured in {outgoing}")
        print()

    def scene(self, title: str) -> None:
        """A heading."""
        print()
        self._say(_BOLD, title)

    def incoming(self, at: datetime, sender: Mailbox, to: str, subject: str, outcome: str) -> None:
        """A mail that came in, and what became of it."""
        self._line(at, f"{self._name(sender)} → {to.partition('@')[0].partition('+')[0]}@", subject, outcome, _PLAIN)

    def outgoing(self, at: datetime, sender: Mailbox, to: Mailbox, subject: str, what: str) -> None:
        """A mail that went out."""
        self._line(at, f"  {self._name(sender)} → {self._name(to)}", subject, what, _DIM)

    def happened(self, at: datetime, what: str) -> None:
        """Something that is no mail."""
        self._line(at, "", "", what, _DIM)

    def fault(self, what: str) -> None:
        """Something that went otherwise than in the script."""
        self._say(_RED, f"      ✗ {what}")

    def close(self, faults: Sequence[str]) -> None:
        """How it went."""
        print()
        if faults:
            self._say(_RED, f"{len(faults)} things went otherwise than in the script.")
        else:
            self._say(_GREEN, "Everything went by the script: nothing lost, nothing answered twice, nobody let in.")

    def invite(self, port: int, path: Path, outgoing: str, stays: bool) -> None:  # noqa: FBT001 - one caller
        """How to take part."""
        print()
        self._say(_BOLD, "Now it is your turn; the clock runs a day a minute. Ctrl-C ends it.")
        print("Send a mail with your own client (SMTP server 127.0.0.1, no encryption, no login) or like this:")
        print(f"""
  printf 'From: you@example.net\\nTo: support@desk.example\\nSubject: Hello\\n\\nIs anybody there?\\n' |
    curl -s smtp://127.0.0.1:{port} --mail-from you@example.net --mail-rcpt support@desk.example -T -
""")
        print(f"Answers lie in   {outgoing}/new")
        print(f"See the tickets  ./dev gateway ticket list --config {path}")
        print(f"See why          ./dev gateway explain --stored 1 --config {path}")
        print("The folder stays when the demo ends." if stays else "The folder is removed when the demo ends.")
        print(flush=True)

    def _name(self, who: Mailbox) -> str:
        queue = next((each for each in self._policy.queues if without_detail(who.address) in each.addresses), None)
        return queue.name if queue and who.name in {"", queue.title} else who.name or who.address

    def _line(self, at: datetime, people: str, subject: str, what: str, colour: str) -> None:
        day = f"{at:%a %d %b}"
        shown = day if day != self._day else ""
        self._day = day
        told = _TAG.sub("", subject) if self._subject < _ROOM_FOR_TAGS else subject
        letter = (_cell(people, self._people), _cell(told, self._subject))
        cells = (_cell(shown, _DAY), f"{at:%H:%M}", *letter, printable(what))
        self._say(colour, _GAP.join(cells).rstrip())

    def _say(self, colour: str, text: str) -> None:
        print(f"{colour}{text}{_PLAIN}" if self._has_colour and colour else text, flush=True)


def _cell(text: str, width: int) -> str:
    indent = text[: len(text) - len(text.lstrip())]
    clean = indent + printable(text)
    cut = clean if columns(clean) <= width else shortened(clean, width)
    return cut + " " * (width - columns(cut))
