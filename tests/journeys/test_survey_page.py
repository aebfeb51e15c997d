"""A rating on the web page, from the survey's mail as it went out to the agent's notice, with the running daemon."""

import re
from dataclasses import dataclass
from html import unescape

import pytest

from gateway.tickets.model import State
from gateway.tickets.notices import NoticeKind
from tests.journeys.gateway import Gateway, smarthost
from tests.journeys.letters import ANNA, ANNAS, KIMS, answer, letter, read, send, submit, text_of, wait_for_mails
from tests.servers import process
from tests.servers.sink import Sink
from tests.web.conftest import Visitor, everything
from tests.web.test_site import key

HOST = "survey.example.test"
SITE = f"https://{HOST}"
NASTY = "Slow.\r\nBcc: everybody@evil.test\r\n\r\n<img src=x onerror=alert(1)><!-- {{ 7 * 7 }} ]]>"


@dataclass(frozen=True, slots=True)
class Desk:
    """A gateway with a page, and the mail of a survey that it has sent."""

    gateway: Gateway
    visitor: Visitor
    metrics: Visitor
    survey: bytes

    @property
    def path(self) -> str:
        """Where the link in the survey leads; the two halves of the mail have the same."""
        message = read(self.survey)
        html = message.get_body(("html",))
        assert html is not None
        (in_html,) = re.findall(rf'href="{SITE}([^"]+)"', html.get_content())
        (in_text,) = re.findall(rf"{SITE}(\S+)", text_of(message))
        assert unescape(in_html) == in_text
        return str(in_text)


@pytest.fixture
def desk(make_gateway, sink) -> Desk:
    """Kim's ticket is closed, and she has been asked how satisfied she was."""
    ports = process.free_port(), process.free_port()
    web = {"url": SITE, "port": ports[0], "metrics_port": ports[1]}
    gateway = make_gateway(smarthost=smarthost(sink.port), web=web)
    gateway.start()
    return Desk(gateway, Visitor(ports[0], HOST), Visitor(ports[1]), surveyed(gateway, sink))


def surveyed(gateway: Gateway, sink: Sink) -> bytes:
    """The mail of a survey, as it went out."""
    send(gateway.port, letter())
    (notice,) = wait_for_mails(sink, ANNAS, 1)
    submit(gateway.port, answer(notice, f"{ANNA} <{ANNAS}>", "#close\nIt is mended."))
    gateway.settled(2)
    gateway.let_timers_be_due()
    gateway.reload()
    return wait_for_mails(sink, KIMS, 3)[2]


def rate(desk: Desk, rating: str, comment: str = ""):
    fields = {"form": key(desk.visitor.get(desk.path).body), "rating": rating, "comment": comment}
    return desk.visitor.post(desk.path, fields, origin="null", sec_fetch_site="same-origin")


def test_from_the_survey_to_the_notice(desk, sink):
    ticket, path = desk.gateway.ticket, desk.path
    for private in (KIMS, "kim", ticket.reference, "support"):
        assert private not in path

    # Scanners open every link of the mail, again and again, and ask what else there is.
    desk.gateway.settled(2)
    before = everything(desk.gateway.database)
    for _ in range(25):
        assert desk.visitor.get(path).status == desk.visitor.ask("HEAD", path).status == 200
    assert desk.visitor.get("/").status == desk.visitor.get("/metrics").status == 404
    assert everything(desk.gateway.database) == before

    # The customer is not satisfied, and what he writes reaches the agent as words.
    assert rate(desk, "1", NASTY).status == 303
    told = wait_for_mails(sink, ANNAS, 2)[1]
    assert "rated our help: 1 of 5" in text_of(read(told))
    assert "<img src=x onerror=alert(1)><!-- {{ 7 * 7 }} ]]>" in text_of(read(told))
    html = read(told).get_body(("html",))
    assert html is not None
    assert "<img" not in html.get_content()
    assert "&lt;img src=x onerror=alert(1)&gt;" in html.get_content()
    assert read(told)["Bcc"] is None
    assert "everybody@evil.test" not in str(read(told).items())
    shown = desk.gateway.run("ticket", "show", ticket.reference).stdout.decode()
    assert "1 of 5, on the survey page" in shown
    assert "<img src=x onerror=alert(1)>" in shown
    assert "\r" not in shown

    # He thinks better of it; that is one event more, and no mail to anybody.
    assert rate(desk, "5").status == 303
    desk.gateway.settled(2)
    assert desk.gateway.events(ticket)[-2:] == ["rated", "rated"]
    assert (desk.gateway.ticket.state, len(desk.gateway.outgoing())) == (State.CLOSED, 5)
    assert desk.gateway.outgoing(NoticeKind.THANKS) == ()

    # An answer by mail counts as before, and `gateway verify` finds nothing.
    submit(desk.gateway.port, answer(desk.survey, KIMS, "3\nAfter all."))
    desk.gateway.settled(3)
    assert desk.gateway.verdicts[-1] == "rated"
    verified = desk.gateway.run("verify")
    assert verified.returncode == 0, verified.stdout

    # Those who watch are told.
    assert desk.visitor.get("/healthz", host="10.0.0.1").body == desk.metrics.get("/healthz").body == "ready\n"
    figures = desk.metrics.get("/metrics").body
    assert "gateway_mails_total 3\n" in figures
    assert 'gateway_mails_newest{verdict="rated"} 1\n' in figures
    for role in ("triage", "deliver", "clock"):
        assert f'gateway_role_up{{role="{role}"}} 1\n' in figures

    # Reloaded without a page, nobody listens any more; and no key to anything stands in the log.
    del desk.gateway.sections["web"]
    desk.gateway.configure()
    desk.gateway.reload()
    for door in (desk.visitor, desk.metrics):
        with pytest.raises(ConnectionRefusedError):
            door.get(path)
    assert path.rpartition("/")[2] not in desk.gateway.log()
    assert "Slow." not in desk.gateway.log()


@pytest.mark.postgres
def test_a_node_with_nothing_but_the_page(make_gateway, postgres, sink):
    """Where several share the work, the node that shows the page takes the answer; another tells the agent of it."""
    port = process.free_port()
    shared = {"smarthost": smarthost(sink.port), "database": {"url": postgres.database()}}
    shared["web"] = {"url": SITE, "port": port}
    desk, page = make_gateway(**shared), make_gateway(**shared)
    (page.folder / "secret.key").write_bytes((desk.folder / "secret.key").read_bytes())
    desk.options = ("--node", "desk", "--roles", "smtp,triage,deliver,clock")
    page.options = ("--node", "page", "--roles", "web")
    desk.start()
    page.start()
    shown = Desk(desk, Visitor(port, HOST), Visitor(port), surveyed(desk, sink))
    assert rate(shown, "2", "Slow.").status == 303
    assert "Slow." in text_of(read(wait_for_mails(sink, ANNAS, 2)[1]))
    assert desk.events(desk.ticket)[-1] == "rated"
    desk.settled(2)
