"""What the operator has decided, as values that rules are handed. Filled by `config`; knows no file."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time
from fnmatch import fnmatchcase
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from zoneinfo import ZoneInfo

from gateway.mail.address import normalise, without_detail
from gateway.mail.envelope import Envelope
from gateway.mail.limits import Limits
from gateway.tickets.model import Agent, Queue, Route

OWN_NETWORKS = ("127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
LANGUAGES = ("en", "pl", "ru", "zh", "el", "lv")


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """When the desk works: `weekdays` count from Monday = 0; `opens`/`closes` are local times of `zone`."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    weekdays: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    opens: time = time(9)
    closes: time = time(17)
    holidays: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Periods:
    """How long the desk waits. `_days` are business days, `_hours` plain hours, `grace_days` calendar days."""

    reminder_after_days: int = 3
    reminders: int = 2
    close_after_days: int = 4
    grace_days: int = 14
    survey_after_hours: int = 4
    survey_cooldown_days: int = 30
    late_after_hours: int = 24  # a timer overdue by more was slept through: it starts anew instead of firing


@dataclass(frozen=True, slots=True)
class Budgets:
    """How many automatic mails may go out at once and, spread evenly, in each hour from then on."""

    address_per_hour: int = 20  # a person with twenty matters in an hour is rare, a machine soon reaches it
    ticket_per_hour: int = 10  # in its whole life a ticket causes some six
    domain_per_hour: int = 1000  # half of a queue's customers may be with one large provider
    strangers_per_hour: int = 500  # what forged senders can make us send to people who never wrote
    queue_per_hour: int = 2000
    overall_per_hour: int = 5000  # below what large providers take from one sender before they put him off
    agent_per_hour: int = 200  # more is read by nobody: the rest comes as one mail
    agent_ticket_per_hour: int = 30


@dataclass(frozen=True, slots=True)
class SurveyPage:
    """The web page on which customers rate: below which `url` it is (empty: there is none), and for how long it takes
    answers: `link_days` calendar days after it was asked, and to change one `change_hours` after it was given.
    """

    url: str = ""
    link_days: int = 30
    change_hours: int = 24


@dataclass(frozen=True)  # no slots: cached properties
class Policy:
    """Agents, queues, routes and periods of one installation.

    `hostname` is the right side of our Message-IDs; `name` marks our own automatic mail. The last route of `routes`
    or, failing that, `default_queue` takes what no other takes, so every mail ends in some queue.
    """

    name: str
    hostname: str
    queues: tuple[Queue, ...]
    agents: tuple[Agent, ...]
    routes: tuple[Route, ...]
    default_queue: str
    prefix: str = "SUP"
    older_prefixes: tuple[str, ...] = ()
    default_language: str = "en"
    languages: tuple[str, ...] = LANGUAGES
    calendar: BusinessCalendar = field(default_factory=BusinessCalendar)
    periods: Periods = field(default_factory=Periods)
    budgets: Budgets = field(default_factory=Budgets)
    authserv_id: str = ""  # whose Authentication-Results are believed (RFC 8601); empty: nobody's
    authserv_below: bool = False  # whether they stand below the Received field of that server
    own_servers: tuple[str, ...] = OWN_NETWORKS  # networks from which mail comes by that server only
    limits: Limits = field(default_factory=Limits)
    further_addresses: tuple[str, ...] = ()  # of mailboxes we fetch from
    alarm_address: str = ""  # who hears of alarms; empty: nobody, they are only logged and listed
    survey_page: SurveyPage = field(default_factory=SurveyPage)

    def written(self, language: str) -> str:
        """The language if it is one we have templates in, else empty."""
        return language if language in self.languages else ""

    def queue(self, name: str) -> Queue:
        """The queue called `name`; the default queue for a name that is configured no more."""
        return self._queues.get(name) or self._queues[self.default_queue]

    def agent(self, name: str) -> Agent | None:
        """The agent called `name` (letter case and surrounding space do not matter), or None."""
        return self._agents.get(name.strip().casefold())

    def agent_at(self, address: str) -> Agent | None:
        """The agent whose address this is, or None."""
        wanted = normalise(address)
        return next((agent for agent in self.agents if wanted in agent.addresses), None)

    def agents_of(self, queue: str) -> tuple[Agent, ...]:
        """The agents told of mail in `queue`, in configured order."""
        return tuple(agent for name in self.queue(queue).agents if (agent := self.agent(name)))

    @cached_property
    def own_addresses(self) -> frozenset[str]:
        """Every address whose mail comes to us, normalised, without detail."""
        queues = (address for queue in self.queues for address in queue.addresses)
        routes = (address for route in self.routes for address in route.recipients if "*" not in address)
        return frozenset(normalise(address) for address in _chain(queues, routes, self.further_addresses))

    def accepts(self, address: str) -> bool:
        """Whether mail to this address, with or without detail, is ours to take."""
        bare = without_detail(address)
        patterns = (normalise(pattern) for rule in self.routes for pattern in rule.recipients)
        return bare in self.own_addresses or any(fnmatchcase(bare, pattern) for pattern in patterns)

    def authserv_for(self, envelope: Envelope) -> str:
        """Whose results are believed of a mail that came so: nobody's when a stranger brought it to our door."""
        if envelope.peer in {"", "unix"}:
            return self.authserv_id
        peer = ip_address(envelope.peer.partition("%")[0])
        peer = getattr(peer, "ipv4_mapped", None) or peer
        return self.authserv_id if any(peer in network for network in self._own_networks) else ""

    @cached_property
    def _own_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(ip_network(each) for each in self.own_servers)

    @cached_property
    def _queues(self) -> dict[str, Queue]:
        return {queue.name: queue for queue in self.queues}

    @cached_property
    def _agents(self) -> dict[str, Agent]:
        return {agent.name.casefold(): agent for agent in self.agents}


def _chain(*groups: Iterable[str]) -> Iterable[str]:
    return (item for group in groups for item in group)
