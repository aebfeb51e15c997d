import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.routes import shadowing
from gateway.mail.address import Mailbox
from gateway.mail.envelope import Envelope
from gateway.mail.message import Message
from gateway.tickets import routing
from gateway.tickets.model import Queue, Route
from gateway.tickets.policy import Policy


def route(name: str, **conditions) -> Route:
    return Route(name, "support", **conditions)


TAKES_ALL = [
    ({}, {}),
    ({}, {"sender_domains": ("example.org",)}),
    ({"recipients": ("a@example.com",)}, {"recipients": ("A@example.com",)}),
    ({"recipients": ("*@example.com",)}, {"recipients": ("a@example.com", "b*@example.com")}),
    ({"recipients": ("*",)}, {"subject_contains": ("invoice",)}),
    ({"sender_domains": ("*.example.org",)}, {"sender_domains": ("a.example.org",)}),
    ({"subject_contains": ("bill",)}, {"subject_contains": ("Billing", "bill")}),
    ({"language": "en"}, {"language": "pl"}),
    ({"sender_domains": ("a.org", "b.org")}, {"sender_domains": ("b.org",), "subject_contains": ("x",)}),
]
LEAVES_SOME = [
    ({"recipients": ("a@example.com",)}, {"recipients": ("a@example.com", "b@example.com")}),
    ({"recipients": ("a?@example.com",)}, {"recipients": ("a*@example.com",)}),
    ({}, {"recipients": ("a@example.com",)}),
    ({"recipients": ("a@example.com",)}, {}),
    ({"recipients": ("*",), "sender_domains": ("a.org",)}, {}),
    ({"sender_domains": ("a.org",)}, {"subject_contains": ("x",)}),
    ({"subject_contains": ("billing",)}, {"subject_contains": ("bill",)}),
    ({"subject_contains": ("a", "b")}, {"subject_contains": ("b", "c")}),
]


@pytest.mark.parametrize(("first", "second"), TAKES_ALL)
def test_a_route_behind_a_wider_one_is_shadowed(first, second):
    routes = (route("first", **first), route("second", **second))
    assert shadowing(routes[1], routes) == routes[0]


@pytest.mark.parametrize(("first", "second"), LEAVES_SOME)
def test_a_route_that_still_gets_some_mail_is_not(first, second):
    routes = (route("first", **first), route("second", **second))
    assert shadowing(routes[1], routes) is None


def test_routes_on_recipients_are_asked_before_all_others_wherever_they_stand():
    routes = (route("first", sender_domains=("a.org",)), route("second", recipients=("*",)))
    assert shadowing(routes[0], routes) == routes[1]
    assert shadowing(routes[1], routes) is None


ADDRESSES = ("a@x.org", "b@x.org", "ab@y.org")
some: st.SearchStrategy[dict[str, tuple[str, ...]]] = st.builds(
    dict,
    recipients=st.lists(st.sampled_from((*ADDRESSES, "*@x.org", "a*@?.org", "*", "?@x.org")), max_size=2).map(tuple),
    sender_domains=st.lists(st.sampled_from(("c.org", "d.org", "*.org", "*")), max_size=2).map(tuple),
    subject_contains=st.lists(st.sampled_from(("p", "pq", "Q")), max_size=2).map(tuple),
)


@given(
    st.lists(some, min_size=2, max_size=4),
    st.lists(st.sampled_from(ADDRESSES), max_size=2),
    st.sampled_from(ADDRESSES),
    st.sampled_from(("c.org", "d.org", "e.net")),
    st.text("pqr", max_size=3),
)
def test_the_desk_never_chooses_a_route_that_is_called_shadowed(conditions, rcpt_to, to, domain, subject):
    routes = tuple(route(f"r{index}", **each) for index, each in enumerate(conditions))
    policy = Policy("desk", "desk.org", (Queue("support", "", "a@x.org", ()),), (), routes, "support")
    message = Message(subject=subject, from_=(Mailbox("", f"x@{domain}"),), to=(Mailbox("", to),))
    why = routing.route(message, Envelope("x@c.org", tuple(rcpt_to)), policy).why
    shadowed = {each.name for each in routes if shadowing(each, routes)}
    assert not any(why == f"route {name}" or why.startswith(f"route {name}:") for name in shadowed)
