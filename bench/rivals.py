"""Two other help desks, each in a folder of its own, fed by their own commands. Compares nothing.

Both are set up as their friends would: SQLite writes ahead (WAL) and, as ours, through to the disk (FULL); nothing is
logged; no mail leaves the machine. django-helpdesk renders its acknowledgement, for it knows no other way, and hands it
to a backend that drops it. Roundup keeps its default, which answers nobody; it knows the authors beforehand; it reads
an mbox file, for it asks an IMAP server on port 143 alone.
"""

import mailbox
import os
import resource
import sqlite3
import subprocess
import time
import venv
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

REQUIREMENTS = ("django-helpdesk==2.6.1", "roundup==2.6.0")
_SETTINGS = """
import secrets
from pathlib import Path

HERE = Path(__file__).parent
SECRET_KEY = secrets.token_hex()
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": HERE / "helpdesk.db",
        "OPTIONS": {"init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"},
    }
}
INSTALLED_APPS = [
    *(f"django.contrib.{name}" for name in ("auth", "contenttypes", "sessions", "sites", "messages", "humanize")),
    "rest_framework",
    "helpdesk",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
ROOT_URLCONF = "urls"
SITE_ID = 1
USE_TZ = True
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
MEDIA_ROOT = HERE / "files"
HELPDESK_TEAMS_MODE_ENABLED = False
"""
_URLS = """
from django.urls import include, path

urlpatterns = [path("", include("helpdesk.urls", namespace="helpdesk"))]
"""
_QUEUE = """
import sys

import django

django.setup()

from helpdesk.models import Queue

port, user = sys.argv[1:]
Queue.objects.create(
    title="Example Support",
    slug="support",
    email_address="support@desk.example",
    allow_email_submission=True,
    email_box_type="imap",
    email_box_host="127.0.0.1",
    email_box_port=int(port),
    email_box_user=user,
    email_box_pass="secret",
    email_box_imap_folder="INBOX",
    email_box_interval=0,
    logging_type="none",
)
"""
_OLD_TICKETS = """
import sys

import django

django.setup()

from django.utils import timezone
from helpdesk.models import FollowUp, Queue, Ticket

queue, now, numbers = Queue.objects.get(), timezone.now(), range(int(sys.argv[1]))
text = "Two weeks ago we ordered three keyboards and only two of them were in the box. The tracking page is silent."
Ticket.objects.bulk_create(
    (
        Ticket(
            title=f"Order {number} has not arrived",
            queue=queue,
            submitter_email=f"customer-{number}@old.example",
            created=now,
            modified=now,
            status=Ticket.CLOSED_STATUS,
            description=text,
        )
        for number in numbers
    ),
    batch_size=1000,
)
FollowUp.objects.bulk_create(
    (
        FollowUp(
            ticket_id=ticket,
            date=now,
            title=f"E-Mail Received from customer-{ticket}@old.example",
            public=True,
            comment=text,
            message_id=f"<{ticket}.{number}@old.example>",
        )
        for ticket in Ticket.objects.values_list("id", flat=True)
        for number in range(5)
    ),
    batch_size=1000,
)
"""
_TRACKER = (
    "tracker_web=http://desk.example/,tracker_email=support,mail_domain=desk.example,mail_host=localhost,"
    f"mail_debug={os.devnull},mailgw_convert_htmltotext=dehtml"
)
_AUTHORS = """
import sys

import roundup.instance

db = roundup.instance.open(sys.argv[1]).open("admin")
for address in sys.stdin.read().split():
    db.user.create(username=address, address=address, roles="User")
db.commit()
db.close()
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock, and seconds of the processor by the programs that were run."""

    seconds: float
    processor: float

    @classmethod
    def so_far(cls) -> Self:
        """Up to now, by the programs that have ended; two of these have a difference that means something."""
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return cls(time.monotonic(), usage.ru_utime + usage.ru_stime)

    def __sub__(self, earlier: "Spent") -> "Spent":
        return Spent(self.seconds - earlier.seconds, self.processor - earlier.processor)


def installed(folder: Path) -> Path:
    """Where the programs of a virtual environment with both desks are; one that is there already is used again."""
    programs = folder / "bin"
    if not programs.is_dir():
        venv.create(folder, with_pip=True)
    _run([programs / "python", "-m", "pip", "install", "-qq", "--disable-pip-version-check", *REQUIREMENTS])
    return programs


class Helpdesk:
    """django-helpdesk with one queue, which reads the mailbox of `user` on the IMAP server at `port`."""

    name = "django-helpdesk 2.6.1"

    def __init__(self, folder: Path, programs: Path, port: int, user: str) -> None:
        folder.mkdir(parents=True)
        self._python, self._database = programs / "python", folder / "helpdesk.db"
        self._environ = {**os.environ, "PYTHONPATH": str(folder), "DJANGO_SETTINGS_MODULE": "settings"}
        (folder / "settings.py").write_text(_SETTINGS)
        (folder / "urls.py").write_text(_URLS)
        self._django("migrate", "--verbosity=0")
        self._script(_QUEUE, port, user)

    def grow(self, tickets: int) -> None:
        """So many closed tickets of other people are there too, each with five follow-ups."""
        self._script(_OLD_TICKETS, tickets)

    def read(self) -> Spent:
        """What its command `get_email` took, its start included."""
        start = Spent.so_far()
        self._django("get_email", "--quiet")
        return Spent.so_far() - start

    def counted(self) -> tuple[int, int]:
        """How many tickets it has, and how many follow-ups."""
        return count(self._database, "helpdesk_ticket"), count(self._database, "helpdesk_followup")

    def _django(self, *command: str) -> None:
        _run([self._python, "-m", "django", *command], environ=self._environ)

    def _script(self, text: str, *arguments: object) -> None:
        _run([self._python, "-c", text, *map(str, arguments)], environ=self._environ)


class Roundup:
    """Roundup's classic tracker with these people as its users."""

    name = "Roundup 2.6.0"

    def __init__(self, folder: Path, programs: Path, authors: Iterable[str]) -> None:
        self._gateway, self._tracker, self._mbox = programs / "roundup-mailgw", folder / "tracker", folder / "mbox"
        folder.mkdir(parents=True)
        admin: tuple[str | Path, ...] = (programs / "roundup-admin", "-i", self._tracker)
        _run([*admin, "install", "classic", "sqlite", _TRACKER])
        _run([*admin, "initialise", os.urandom(16).hex()])
        with closing(sqlite3.connect(self._database)) as db:
            db.execute("PRAGMA journal_mode = WAL")
        _run([programs / "python", "-c", _AUTHORS, self._tracker], given="\n".join(sorted(set(authors))))

    @property
    def _database(self) -> Path:
        return self._tracker / "db" / "db"

    def fill(self, mails: Sequence[bytes]) -> None:
        """Its mbox file has these mails in it, and no others."""
        self._mbox.unlink(missing_ok=True)
        with closing(mailbox.mbox(self._mbox)) as file:
            for raw in mails:
                file.add(raw)

    def read(self) -> Spent:
        """What its command `roundup-mailgw` took, its start included."""
        start = Spent.so_far()
        _run([self._gateway, self._tracker, "mailbox", self._mbox])
        return Spent.so_far() - start

    def counted(self) -> tuple[int, int]:
        """How many issues it has, and how many messages."""
        return count(self._database, "_issue"), count(self._database, "_msg")


def count(database: Path, table: str, where: str = "true") -> int:
    """How many rows the table of an SQLite database has."""
    with closing(sqlite3.connect(database)) as db:
        found: int = db.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0]  # noqa: S608 our own words
        return found


def _run(command: Sequence[str | Path], *, environ: dict[str, str] | None = None, given: str = "") -> None:
    done = subprocess.run(  # noqa: S603
        command, env=environ, input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} ended with {done.returncode}:\n{done.stdout[-3000:]}")
