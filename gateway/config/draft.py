"""All sections of one file as values that are not yet known to fit together."""

from dataclasses import dataclass, replace
from typing import TypeVar

from gateway.config import sections
from gateway.config.node import NodeSettings
from gateway.config.sections import DatabasePlace, Installation, Reading, ReferenceForm
from gateway.desk.settings import ReadingSettings
from gateway.inbound.settings import ListenerSettings, MailboxSettings
from gateway.mail.limits import Limits
from gateway.outbound.settings import DeliverySettings, SmarthostSettings
from gateway.tickets.model import Agent, Queue, Route
from gateway.tickets.policy import Budgets, BusinessCalendar, Periods, Policy, SurveyPage
from gateway.web.settings import WebSettings

_Named = TypeVar("_Named", ListenerSettings, SmarthostSettings)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the file says; a value with a noted fault is blank here."""

    installation: Installation
    database: DatabasePlace
    node: NodeSettings
    reference: ReferenceForm
    calendar: BusinessCalendar
    periods: Periods
    budgets: Budgets
    listeners: tuple[ListenerSettings, ...]
    mailboxes: tuple[MailboxSettings, ...]
    smarthost: SmarthostSettings | None
    delivery: DeliverySettings
    web: WebSettings | None
    reading: ReadingSettings
    limits: Limits
    agents: tuple[Agent, ...]
    queues: tuple[Queue, ...]
    routes: tuple[Route, ...]

    @property
    def policy(self) -> Policy:
        """What the desk's rules are handed. The first queue is the default one when none is said to be."""
        first = self.queues[0].name if self.queues else ""
        return Policy(
            name=self.installation.name,
            hostname=self.installation.hostname,
            queues=self.queues,
            agents=self.agents,
            routes=self.routes,
            default_queue=self.installation.default_queue or first,
            prefix=self.reference.prefix,
            older_prefixes=self.reference.older_prefixes,
            default_language=self.installation.default_language,
            languages=self.installation.languages,
            calendar=self.calendar,
            periods=self.periods,
            budgets=self.budgets,
            authserv_id=self.installation.authserv_id,
            authserv_below=self.installation.authserv_below,
            own_servers=self.installation.own_servers,
            limits=self.limits,
            further_addresses=tuple(mailbox.address for mailbox in self.mailboxes),
            alarm_address=self.installation.alarm_address,
            survey_page=SurveyPage(web.url, web.link_days, web.change_hours) if (web := self.web) else SurveyPage(),
        )


def read(reading: Reading) -> Draft:
    """The draft of a file; what cannot be read is noted as a fault and left blank."""
    sections.unknown_sections(reading)
    installation = sections.only(sections.INSTALLATION, reading)
    smarthost = sections.optional(sections.SMARTHOST, reading)
    listeners = sections.every(sections.LISTENERS, reading)
    web = sections.optional(sections.WEB, reading)
    return Draft(
        installation=installation,
        database=sections.only(sections.DATABASE, reading),
        node=sections.only(sections.NODE, reading),
        reference=sections.only(sections.REFERENCE, reading),
        calendar=sections.only(sections.BUSINESS, reading),
        periods=sections.only(sections.PERIODS, reading),
        budgets=sections.only(sections.BUDGETS, reading),
        listeners=tuple(_named(listener, installation.hostname) for listener in listeners),
        mailboxes=sections.every(sections.MAILBOXES, reading),
        smarthost=smarthost and _named(smarthost, installation.hostname),
        delivery=sections.only(sections.DELIVERY, reading),
        web=web and replace(web, url=_origin(web.url)),
        reading=sections.only(sections.READING, reading),
        limits=sections.only(sections.LIMITS, reading),
        agents=sections.every(sections.AGENTS, reading),
        queues=sections.every(sections.QUEUES, reading),
        routes=sections.every(sections.ROUTES, reading),
    )


def _named(settings: _Named, hostname: str) -> _Named:
    return settings if settings.hostname else replace(settings, hostname=hostname)


def _origin(url: str) -> str:
    """The beginning of the site's addresses as browsers write it in Origin (RFC 6454 §6.1)."""
    return url.lower().rstrip("/").removesuffix(":443")
