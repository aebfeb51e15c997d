"""Web forms and rewritten senders name in Reply-To whom to write to; nobody gets a right by it, and no loop begins."""

from dataclasses import replace

import pytest

from gateway.mail import tokens
from gateway.mail.tokens import Purpose, Token
from gateway.tickets import reading, routing
from gateway.tickets.classify import Kind
from gateway.tickets.model import ReplyTo, Route
from tests.builders import POLICY, RING, SUPPORT, envelope, mail

JANE = "jane@visitor.test"
LIST = (("List-Id", "Help <help.lists.test>"), ("List-Post", "<mailto:help@lists.test>"))


def with_rule(rule):
    return replace(POLICY, queues=(replace(SUPPORT, reply_to=rule), *POLICY.queues[1:]))


def read(sender, *headers, reply_to=JANE, policy=POLICY, **how):
    given = (("Reply-To", reply_to),) if reply_to else ()
    raw = mail(sender=sender, headers=(*given, *headers), **how)
    return reading.read(raw, envelope(mail_from="x@y.test"), RING, policy)


@pytest.mark.parametrize(
    ("sender", "headers"),
    [
        ("Forms <no-reply@forms.test>", ()),
        ("noreply@shop.test", (("X-Mailer", "PHP"),)),
        ("WordPress <wordpress@shop.test>", ()),
        ("Shop (Shopify) <mailer@shopify.com>", ()),
        ("Typeform <notifications@followups.typeform.io>", ()),
        ("Wix <site@crm.wix.com>", ()),
        ("support@desk.test", ()),
        ("Jane via Help <help@lists.test>", LIST),
        ("no name at all", ()),
    ],
)
def test_whoever_brings_anothers_words_names_him(sender, headers):
    found = read(sender, *headers)
    assert found.customer.address == JANE
    assert found.author is None or found.author.address != JANE


@pytest.mark.parametrize(
    ("sender", "headers", "reply_to"),
    [
        ("Kim <kim@customer.test>", (), JANE),
        ("Kim <kim@customer.test>", LIST, "help@lists.test"),
        ("Kim via Help <help@lists.test>", LIST, "help@lists.test"),
        ("no-reply@forms.test", (), "support@desk.test"),
        ("no-reply@forms.test", (), "support+anything@desk.test"),
        ("no-reply@forms.test", (), "donotreply@else.test"),
        ("no-reply@forms.test", (), "info@forms.test"),
        ("no-reply@forms.test", (), ""),
        ("no-reply@shop.test", (("List-Unsubscribe", "<https://x.test>"), ("X-Mailer", "mailchimp")), JANE),
    ],
)
def test_everybody_else_is_written_to_himself(sender, headers, reply_to):
    found = read(sender, *headers, reply_to=reply_to)
    assert (found.named, found.customer) == (None, found.author)


def test_a_group_that_writes_its_own_address_into_from_tells_the_authors_beside_it():
    group = (("List-Id", "<desk.groups.test>"), ("X-Original-From", f"Jane <{JANE}>"))
    found = read("'Jane' via Desk <desk@groups.test>", *group, reply_to="desk@groups.test")
    assert found.customer.address == JANE


@pytest.mark.parametrize(
    ("rule", "sender", "expected"),
    [
        (ReplyTo.ALWAYS, "kim@customer.test", JANE),
        (ReplyTo.FORMS, "kim@customer.test", "kim@customer.test"),
        (ReplyTo.NEVER, "no-reply@forms.test", "no-reply@forms.test"),
    ],
)
def test_the_queue_says_when_it_counts(rule, sender, expected):
    assert read(sender, policy=with_rule(rule)).customer.address == expected


def test_a_route_says_it_better_than_its_queue():
    route = Route("forms", "support", sender_domains=("relay.test",), reply_to=ReplyTo.ALWAYS)
    policy = replace(with_rule(ReplyTo.NEVER), routes=(route,))
    assert read("kim@relay.test", policy=policy).customer.address == JANE
    assert read("kim@else.test", policy=policy).customer.address == "kim@else.test"
    assert routing.route(read("kim@relay.test").message, envelope(), policy).reply_to is ReplyTo.ALWAYS


@pytest.mark.parametrize("sender", ["no-reply@forms.test", "support@desk.test"])
def test_that_nobody_reads_the_senders_mail_does_not_silence_us(sender):
    assert read(sender).classified.may_be_answered
    assert not read(sender, reply_to="").classified.may_be_answered


def test_a_form_that_calls_itself_automatic_names_him_but_no_machine_answers():
    found = read("no-reply@forms.test", ("Auto-Submitted", "auto-generated"))
    assert found.customer.address == JANE
    assert not found.classified.may_be_answered


def test_our_own_mail_and_machines_in_our_name_name_nobody():
    automatic = read("support@desk.test", ("Auto-Submitted", "auto-generated"))
    assert automatic.named is None
    ours = tokens.sign(RING, Token(Purpose.MESSAGE, "aaaabbbb", "c"))
    assert read("support@desk.test", message_id=f"{ours}@desk.test").classified.kind is Kind.LOOP
