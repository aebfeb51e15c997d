"""The figures for Prometheus, and whether the node is ready: a site of its own, not for the public."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway import __version__, store
from gateway.errors import TemporaryError
from gateway.store.engine import Database
from gateway.store.figures import NEWEST, Figures
from gateway.web.exchange import ALWAYS, READ, Answer, Headers, Request, plain, security_policy
from gateway.web.site import health

_TEXT = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[Mapping[str, str], float]


@dataclass(frozen=True, slots=True)
class Metrics:
    """The site. `roles` tells which roles of this node are at work, `mailboxes` which can be read."""

    database: Database
    roles: Callable[[], Mapping[str, bool]]
    mailboxes: Callable[[], Mapping[str, bool]]
    is_ready: Callable[[], bool]
    now: Callable[[], datetime]

    @property
    def headers(self) -> Headers:
        """What goes with every answer."""
        return (*ALWAYS, security_policy())

    def answer(self, request: Request) -> Answer:
        """The answer to one request."""
        if request.path == "/healthz":
            return health(request, self.is_ready)
        if request.path != "/metrics":
            return plain(404)
        if request.method not in READ:
            return plain(405, ("Allow", ", ".join(READ)))
        return Answer(200, written(self._figures(), self.roles(), self.mailboxes(), self.now()), _TEXT)

    def _figures(self) -> Figures | None:
        try:
            with self.database.read() as db:
                return store.figures.read(db)
        except TemporaryError:
            return None


def is_reachable(database: Database) -> bool:
    """Whether the database answers."""
    try:
        with database.read() as db:
            return store.figures.is_there(db)
    except TemporaryError:
        return False


def written(figures: Figures | None, roles: Mapping[str, bool], mailboxes: Mapping[str, bool], now: datetime) -> str:
    """The figures in Prometheus' text format; without any, that the database is away."""
    lines = [
        *_family("build_info", "gauge", "The running program.", [({"version": __version__}, 1)]),
        *_family("role_up", "gauge", "Whether a role of this node is at work.", _labelled("role", roles)),
        *_family("mailbox_up", "gauge", "Whether a mailbox can be read.", _labelled("mailbox", mailboxes)),
        *_family("database_up", "gauge", "Whether the database answers.", [({}, figures is not None)]),
        *(_of_store(figures, now) if figures else ()),
    ]
    return "\n".join(lines) + "\n"


def _of_store(figures: Figures, now: datetime) -> Iterator[str]:
    newest = f"The newest {NEWEST} mails by what became of them; waiting ones have no verdict."
    verdicts = {verdict or "none": number for verdict, number in figures.verdicts.items()}
    ages = {"spool": _age(figures.oldest_in, now), "outbox": _age(figures.oldest_out, now)}
    yield from _family("mails_total", "counter", "The number of the newest mail that came in.", [({}, figures.last)])
    yield from _family("mails_newest", "gauge", newest, _labelled("verdict", verdicts))
    yield from _family(
        "spool_mails", "gauge", "Mails that came in and are not settled.", _labelled("state", figures.spool)
    )
    yield from _family("outbox_mails", "gauge", "Mails that are still to go out.", _labelled("state", figures.outbox))
    yield from _family("oldest_seconds", "gauge", "The age of the oldest mail on its way.", _labelled("queue", ages))
    yield from _family("alarms_open", "gauge", "Alarms that nobody has closed.", _labelled("kind", figures.alarms))


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def _labelled(label: str, values: Mapping[str, float]) -> Iterable[Sample]:
    return [({label: name}, value) for name, value in sorted(values.items())]


def _family(name: str, kind: str, meaning: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP gateway_{name} {meaning}"
    yield f"# TYPE gateway_{name} {kind}"
    for labels, value in samples:
        written_labels = ",".join(f'{label}="{_escaped(said)}"' for label, said in labels.items())
        yield f"gateway_{name}{f'{{{written_labels}}}' if written_labels else ''} {_number(value)}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.3f}"


def _escaped(said: str) -> str:
    return said.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
