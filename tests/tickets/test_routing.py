from dataclasses import replace

import pytest

from gateway.mail.address import Mailbox
from gateway.mail.envelope import Envelope
from gateway.mail.message import Message
from gateway.tickets import routing
from gateway.tickets.model import Route
from tests.builders import BILLING, POLICY, SUPPORT, envelope

VIP = Route("vip", "billing", sender_domains=("*.vip.test", "vip.test"), language="pl")
INVOICES = Route("invoices", "billing", subject_contains=("Invoice", "ΤΙΜΟΛΌΓΙΟ"))
SHOP = Route("shop", "billing", recipients=("shop@desk.test", "*@orders.test"))
SHOP_VIP = Route("shop vip", "support", recipients=("shop@desk.test",), sender_domains=("vip.test",))
REST = Route("rest", "billing")


def message(
    sender: str = "kim@customer.test", subject: str = "", to: str = "", cc: str = "", **headers: str
) -> Message:
    return Message(
        from_=(Mailbox("", sender),),
        subject=subject,
        to=(Mailbox("", to),) if to else (),
        cc=(Mailbox("", cc),) if cc else (),
        headers=tuple((name.replace("_", "-"), value) for name, value in headers.items()),
    )


def queue(mail: Message, env: Envelope, *routes: Route) -> tuple[str, str]:
    routed = routing.route(mail, env, replace(POLICY, routes=routes))
    return routed.queue, routed.why


@pytest.mark.parametrize(
    ("rcpt_to", "expected"),
    [
        ("billing@desk.test", "billing"),
        ("Billing+token@Desk.TEST", "billing"),
        ("invoices@desk.test", "billing"),
        ("support@desk.test", "support"),
        ("unknown@desk.test", "support"),
    ],
)
def test_without_routes_mail_goes_to_the_queue_it_is_addressed_to_else_to_the_default(rcpt_to, expected):
    assert queue(message(), envelope(rcpt_to))[0] == expected


def test_the_envelope_is_believed_before_the_headers():
    mail = message(to="support@desk.test", Delivered_To="support@desk.test")
    assert queue(mail, envelope("billing@desk.test")) == ("billing", "queue billing: its address in envelope")


@pytest.mark.parametrize(
    "mail",
    [
        message(to="billing@desk.test"),
        message(cc="billing@desk.test"),
        message(Delivered_To="billing+x@desk.test"),
        message(X_Original_To="<billing@desk.test>"),
        message(Envelope_To="billing@desk.test"),
    ],
)
def test_headers_count_where_the_envelope_names_nobody_of_ours(mail):
    expected = ("billing", "queue billing: its address in headers")
    assert queue(mail, Envelope(None, ())) == expected
    assert queue(mail, envelope("catchall@provider.test")) == expected


def test_a_blind_copy_goes_where_the_envelope_says():
    assert queue(message(to="friend@elsewhere.test"), envelope("billing@desk.test"))[0] == "billing"


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("kim@vip.test", "billing"),
        ("kim@SALES.vip.test", "billing"),
        ("kim@evilvip.test", "support"),
        ("kim@customer.test", "support"),
    ],
)
def test_a_route_on_the_senders_domain_beats_the_queue_that_was_written_to(sender, expected):
    assert queue(message(sender, to="support@desk.test"), envelope("support@desk.test"), VIP)[0] == expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Your INVOICE 17", "billing"),
        ("τιμολόγιο 17", "billing"),
        ("Printer", "support"),
        ("", "support"),
    ],
)
def test_a_route_on_words_of_the_subject_ignores_letter_case(subject, expected):
    assert queue(message(subject=subject), envelope("support@desk.test"), INVOICES)[0] == expected


@pytest.mark.parametrize(
    ("rcpt_to", "expected"),
    [
        ("shop@desk.test", "billing"),
        ("shop+x@desk.test", "billing"),
        ("any@orders.test", "billing"),
        ("support@desk.test", "support"),
    ],
)
def test_a_route_on_recipients_knows_wildcards_and_ignores_details(rcpt_to, expected):
    assert queue(message(), envelope(rcpt_to), SHOP)[0] == expected


def test_every_condition_of_a_route_must_be_met():
    to_shop = envelope("shop@desk.test")
    assert queue(message("kim@vip.test"), to_shop, SHOP_VIP, SHOP)[1] == "route shop vip: recipient in envelope"
    assert queue(message("kim@else.test"), to_shop, SHOP_VIP, SHOP)[1] == "route shop: recipient in envelope"


def test_the_first_route_that_is_met_counts():
    assert queue(message("kim@vip.test"), envelope("shop@desk.test"), SHOP, SHOP_VIP)[0] == "billing"
    both = message("kim@vip.test", "invoice")
    assert queue(both, envelope(), VIP, INVOICES)[1] == "route vip"
    assert queue(both, envelope(), INVOICES, VIP)[1] == "route invoices"


def test_routes_on_recipients_are_asked_before_all_others():
    assert (
        queue(message("kim@vip.test"), envelope("shop@desk.test"), VIP, SHOP)[1] == "route shop: recipient in envelope"
    )


def test_a_route_without_conditions_takes_what_no_other_and_no_queue_takes():
    assert queue(message(), envelope("support@desk.test"), REST)[0] == "support"
    assert queue(message(), envelope("unknown@desk.test"), REST) == ("billing", "route rest: takes all other mail")


@pytest.mark.parametrize(("routes", "expected"), [((VIP,), "pl"), ((replace(VIP, language=""),), "el"), ((), "en")])
def test_the_language_is_the_routes_else_the_queues(routes, expected):
    queues = (replace(SUPPORT, language="en"), replace(BILLING, language="el"))
    policy = replace(POLICY, queues=queues, routes=routes)
    assert routing.route(message("kim@vip.test"), envelope("support@desk.test"), policy).language == expected


def test_mail_without_any_author_or_recipient_ends_in_the_default_queue():
    assert (
        routing.route(Message(), Envelope(None, ()), replace(POLICY, routes=(VIP, INVOICES, SHOP))).queue == "support"
    )


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        (("billing+x@desk.test",), BILLING),
        (("a@b.test", "support@desk.test"), SUPPORT),
        (("a@b.test",), None),
        ((), None),
    ],
)
def test_a_queue_is_known_by_its_addresses(addresses, expected):
    assert routing.queue_at(addresses, POLICY) == expected
