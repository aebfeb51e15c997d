"""What evidence gives which right: to act as an agent, to be acknowledged, and to have one's own words repeated."""

from dataclasses import replace

import pytest

from gateway.mail import tokens
from gateway.mail.address import with_detail
from gateway.mail.envelope import Envelope
from gateway.mail.tokens import Purpose, Token
from gateway.tickets import decision, notices, reading
from gateway.tickets.decision import Facts
from gateway.tickets.disposition import Hold, JoinTicket, ObeyAgent, OpenTicket
from gateway.tickets.evidence import Strength
from gateway.tickets.follow_up import Candidate
from gateway.tickets.loops import Correspondent
from gateway.tickets.model import Role, SpoolId, Standing
from gateway.tickets.notices import Reason
from tests.builders import ANNA, KIM, NOW, POLICY, RING, mail, ticket

DESK, TICKET = "support@desk.test", ticket(1)
SERVED = replace(POLICY, authserv_id="mx.desk.test")
PROVEN = Correspondent(KIM.address, proven_at=NOW)
REPLY_ADDRESS = with_detail(DESK, tokens.sign(RING, Token(Purpose.AGENT, TICKET.code), bearer="anna"))


def found(*results, by="mx.desk.test"):
    """What the server called `by` wrote above the mail."""
    return (("Authentication-Results", "; ".join((by, *results))),)


ALIGNED = found("dmarc=pass header.from=agents.test")
KIMS = found("dmarc=pass header.from=customer.test")
FORGED = found("spf=fail smtp.mailfrom=customer.test", "dmarc=fail header.from=customer.test")
UNCLEAR = found("spf=none smtp.mailfrom=customer.test", "dmarc=none header.from=customer.test")
SOFT = found("spf=fail smtp.mailfrom=customer.test", "dmarc=none header.from=customer.test")


def decide(raw, policy, *rcpt_to, **known):
    read = reading.read(raw, Envelope("x@y.test", rcpt_to or (DESK,)), RING, policy)
    return decision.decide(Facts(read, **known), policy, NOW)


def agents(headers, policy=SERVED, *, vouched=False):
    on = (Candidate(TICKET, frozenset({Strength.REPLY_ADDRESS}), Role.AGENT),)
    raw = mail("Turn it off.", sender="Anna <anna@agents.test>", to=REPLY_ADDRESS, headers=headers)
    return decide(raw, policy, REPLY_ADDRESS, candidates=on, vouched=vouched).disposition


@pytest.mark.parametrize(
    "headers",
    [ALIGNED, found("spf=pass smtp.mailfrom=agents.test", "dkim=pass header.d=agents.test", "dmarc=none")],
)
def test_an_agent_whose_domain_vouches_for_him_is_obeyed(headers):
    assert isinstance(agents(headers), ObeyAgent)


@pytest.mark.parametrize(
    ("headers", "doubt"),
    [
        ((), "SPF none, DKIM none, DMARC none"),
        (found("dmarc=fail header.from=agents.test"), "SPF none, DKIM none, DMARC fail"),
        (found("dkim=pass header.d=agents.test"), "SPF none, DKIM pass, DMARC none"),
        (found("spf=pass smtp.mailfrom=mallory.test", "dkim=pass header.d=mallory.test"), None),
        (found("dmarc=pass header.from=agents.test", by="mx.mallory.test"), "SPF none, DKIM none, DMARC none"),
    ],
)
def test_with_a_stolen_reply_address_a_forged_sender_is_held_and_the_agent_is_told(headers, doubt):
    hold = agents(headers)
    assert isinstance(hold, Hold)
    assert (hold.ticket, hold.tell, hold.reason) == (TICKET, ANNA, Reason.NOT_AUTHENTICATED)
    assert doubt in {None, hold.detail}
    assert hold.why == f"signed for agent anna, but nothing proves that he wrote it ({hold.detail})"


def test_where_no_server_is_believed_the_signed_reply_address_is_enough():
    assert isinstance(agents((), POLICY), ObeyAgent)
    assert isinstance(agents(ALIGNED, POLICY), ObeyAgent)


def test_a_person_who_releases_it_vouches_for_the_agent():
    assert isinstance(agents((), vouched=True), ObeyAgent)


def test_a_customer_needs_no_authentication_to_add_to_his_own_ticket():
    on = (Candidate(TICKET, frozenset({Strength.SUBJECT_REFERENCE}), Role.CUSTOMER),)
    assert isinstance(decide(mail(), SERVED, candidates=on).disposition, JoinTicket)


STANDING = [
    # what the server found, what is known of him -> how sure we are
    ((), POLICY, {}, Standing.STRANGER),
    ((), POLICY, {"is_known": True}, Standing.STRANGER),
    ((), POLICY, {"correspondent": PROVEN}, Standing.PROVEN),
    (KIMS, POLICY, {"is_known": True}, Standing.STRANGER),
    ((), SERVED, {}, Standing.STRANGER),
    (KIMS, SERVED, {}, Standing.AUTHENTICATED),
    (KIMS, SERVED, {"is_known": True}, Standing.PROVEN),
    (KIMS, SERVED, {"correspondent": PROVEN}, Standing.PROVEN),
    (UNCLEAR, SERVED, {"is_known": True}, Standing.STRANGER),
    (UNCLEAR, SERVED, {"correspondent": PROVEN}, Standing.PROVEN),
    (SOFT, SERVED, {"correspondent": PROVEN, "is_known": True}, Standing.STRANGER),
]


@pytest.mark.parametrize(("headers", "policy", "known", "standing"), STANDING)
def test_how_sure_we_are_of_the_author_of_a_new_matter(headers, policy, known, standing):
    opened = decide(mail(headers=headers), policy, **known).disposition
    assert isinstance(opened, OpenTicket)
    assert (opened.standing, opened.acknowledge, opened.suspected) == (standing, True, "")


@pytest.mark.parametrize("standing", Standing)
def test_only_to_somebody_we_are_sure_of_an_acknowledgement_repeats_his_subject_and_name(standing):
    spam = replace(TICKET, subject="BUY PILLS", customer=replace(KIM, name="PILLS"))
    notice = notices.acknowledgement(spam, SpoolId(1), None, standing)
    is_sure = standing is Standing.PROVEN
    assert (notice.subject == "BUY PILLS", notice.to[0].name == "PILLS") == (is_sure, is_sure)
    assert ("PILLS" in repr(notice)) is is_sure
    assert notice.is_to_stranger is (standing is Standing.STRANGER)


@pytest.mark.parametrize("known", [{}, {"is_known": True, "correspondent": PROVEN}])
def test_a_forged_sender_is_not_acknowledged_at_all_and_gets_no_other_automatic_mail(known):
    decided = decide(mail(headers=FORGED), SERVED, **known)
    opened = decided.disposition
    assert isinstance(opened, OpenTicket)
    assert (opened.acknowledge, opened.is_quiet) == (False, True)
    assert opened.suspected == "the receiving server found its sender forged (DMARC fail)"
    assert f"no acknowledgement: {opened.suspected}" in decided.trace


@pytest.mark.parametrize(
    ("role", "strength", "headers", "proves"),
    [
        (Role.CUSTOMER, Strength.REPLY_ADDRESS, (), True),
        (Role.CUSTOMER, Strength.SIGNED_MESSAGE_ID, (), True),
        (Role.CUSTOMER, Strength.STORED_MESSAGE_ID, (), False),
        (Role.CUSTOMER, Strength.SUBJECT_REFERENCE, (), False),
        (Role.CUSTOMER, Strength.BODY_MARKER, (), False),
        (Role.PARTICIPANT, Strength.REPLY_ADDRESS, (), False),
        (Role.STRANGER, Strength.REPLY_ADDRESS, (), False),
        (Role.CUSTOMER, Strength.REPLY_ADDRESS, FORGED, False),
        (Role.CUSTOMER, Strength.REPLY_ADDRESS, (("Auto-Submitted", "auto-replied"),), False),
    ],
)
def test_whoever_answers_with_our_signature_has_got_our_mail(role, strength, headers, proves):
    read = reading.read(mail(headers=headers), Envelope("x@y.test", (DESK,)), RING, SERVED)
    assert Facts(read, (Candidate(TICKET, frozenset({strength}), role),)).proves_author is proves
