from dataclasses import replace

import pytest

from gateway.mail import tokens
from gateway.mail.address import Mailbox, with_detail
from gateway.mail.envelope import Envelope
from gateway.mail.message import Message
from gateway.mail.tokens import Keyring, Purpose, Token
from gateway.tickets import evidence
from gateway.tickets.evidence import Clue, Evidence, Strength
from tests.builders import ANNA, FOREIGN, KIM, POLICY, RING, envelope, ticket

TICKET = ticket(1)
OTHER = ticket(2)
CODE = TICKET.code
DESK = "support@desk.test"


def sign(purpose: Purpose, serial: str = "", ring: Keyring = RING, bearer: str = "", code: str = CODE) -> str:
    return tokens.sign(ring, Token(purpose, code, serial), bearer)


def gathered(message: Message, env: Envelope | None = None, own_words: str | None = None) -> Evidence:
    words = message.text if own_words is None else own_words
    return evidence.gather(message, words, env or envelope(), RING, POLICY)


def written(**fields) -> Message:
    return Message(from_=(KIM,), **fields)


def clues(*strengths: Strength, code: str = CODE) -> tuple[Clue, ...]:
    return tuple(Clue(strength, code) for strength in strengths)


PLUS = with_detail(DESK, sign(Purpose.FOLLOW_UP))
OWN_ID = f"{sign(Purpose.MESSAGE, tokens.serial_of(17))}@desk.test"
ROOT_ID = f"{sign(Purpose.MESSAGE)}@desk.test"


@pytest.mark.parametrize(
    ("message", "env"),
    [
        (written(), envelope(PLUS)),
        (written(), envelope(PLUS.upper())),
        (written(to=(Mailbox("Example Support", PLUS),)), envelope()),
        (written(cc=(Mailbox("", PLUS),)), envelope()),
        (written(headers=(("Delivered-To", PLUS),)), Envelope(None, ())),
        (written(headers=(("X-Original-To", f"<{PLUS}>"),)), Envelope(None, ())),
    ],
)
def test_the_signed_reply_address_alone_names_the_ticket(message, env):
    assert gathered(message, env).clues == clues(Strength.REPLY_ADDRESS)


@pytest.mark.parametrize("field", ["in_reply_to", "references"])
@pytest.mark.parametrize(("message_id", "answered"), [(OWN_ID, ("r",)), (ROOT_ID, ()), (OWN_ID.upper(), ("r",))])
def test_our_own_signed_message_id_alone_names_the_ticket_and_the_mail_answered(field, message_id, answered):
    found = gathered(written(**{field: (message_id,)}))
    assert found.clues == clues(Strength.SIGNED_MESSAGE_ID)
    assert found.answered == answered


def test_other_message_ids_are_left_to_be_looked_up_nearest_first():
    message = written(in_reply_to=("parent@x",), references=("root@x", "middle@x", "parent@x"))
    assert gathered(message).message_ids == ("parent@x", "middle@x", "root@x")


def test_of_endless_references_the_nearest_sixty_are_looked_up():
    ids = tuple(f"{number}@x" for number in range(100))
    assert gathered(written(references=ids)).message_ids == tuple(reversed(ids))[:60]


def test_the_reference_in_the_subject_alone_names_the_ticket():
    found = gathered(written(subject=f"Odp: [{TICKET.reference}] Printer"))
    assert found.clues == clues(Strength.SUBJECT_REFERENCE)


@pytest.mark.parametrize("where", ["{}", "> {}", "SUP-1 · {}", "{}.", "({})", "Sent by {}\nRegards"])
def test_the_marker_in_the_body_alone_names_the_ticket_even_when_quoted(where):
    message = written(text=where.format(f"#{sign(Purpose.FOLLOW_UP)}"))
    assert gathered(message, own_words="").clues == clues(Strength.BODY_MARKER)


def test_all_clues_are_gathered_each_once():
    message = written(
        to=(Mailbox("", PLUS),),
        in_reply_to=(OWN_ID,),
        references=(ROOT_ID, OWN_ID),
        subject=f"Re: [{TICKET.reference}] [{OTHER.reference}]",
        text=f"#{sign(Purpose.FOLLOW_UP)} #{sign(Purpose.FOLLOW_UP)}",
    )
    assert gathered(message, envelope(PLUS)).clues == (
        *clues(Strength.REPLY_ADDRESS, Strength.SIGNED_MESSAGE_ID),
        *clues(Strength.SUBJECT_REFERENCE, code=OTHER.code),
        *clues(Strength.SUBJECT_REFERENCE, Strength.BODY_MARKER),
    )


FOREIGN_PLUS = with_detail(DESK, sign(Purpose.FOLLOW_UP, ring=FOREIGN))
FORGED = f"c{CODE}{'a' * 16}"


@pytest.mark.parametrize(
    ("message", "env"),
    [
        (written(), envelope(FOREIGN_PLUS)),
        (written(), envelope(with_detail(DESK, FORGED))),
        (written(in_reply_to=(f"{sign(Purpose.MESSAGE, ring=FOREIGN)}@desk.test",)), envelope()),
        (written(in_reply_to=(f"m{CODE}{'a' * 16}@desk.test",)), envelope()),
        (written(subject=f"[SUP-{TICKET.reference[4:-1]}{'2' if TICKET.reference[-1] != '2' else '3'}]"), envelope()),
        (written(text=f"#{sign(Purpose.FOLLOW_UP, ring=FOREIGN)}"), envelope()),
        (written(text=f"#{FORGED}"), envelope()),
        (written(text=sign(Purpose.FOLLOW_UP)), envelope()),  # no marker without its #
        (written(in_reply_to=(f"{sign(Purpose.FOLLOW_UP)}@desk.test",)), envelope()),
        (written(), envelope(with_detail(DESK, sign(Purpose.MESSAGE)))),
        (written(text=f"#{sign(Purpose.AGENT, bearer='anna')}"), envelope()),
        (written(text=f"#{sign(Purpose.BOUNCE)}"), envelope()),
        (written(text=f"#{sign(Purpose.MESSAGE)}"), envelope()),
        (written(), Envelope(PLUS, (DESK,))),  # who writes from it does not write to it
        (Message(from_=(Mailbox("", PLUS),), reply_to=(Mailbox("", PLUS),)), envelope()),
    ],
    ids=[
        *("foreign address", "forged address", "foreign id", "forged id", "mistyped reference", "foreign marker"),
        *("forged marker", "bare token", "follow-up as id", "id as address", "agent token in body", "bounce in body"),
        *("id in body", "reverse-path", "from and reply-to"),
    ],
)
def test_what_is_foreign_forged_or_out_of_place_is_no_clue(message, env):
    found = gathered(message, env)
    assert found.clues == ()
    assert (found.agent, found.answer, found.bounce, found.answered) == (None, None, None, ())


@pytest.mark.parametrize("domain", ["elsewhere.test", "desk.test.evil.test"])
def test_a_token_counts_only_on_an_address_of_ours(domain):
    assert gathered(written(), envelope(PLUS.replace("desk.test", domain))).clues == ()
    assert gathered(written(), envelope(PLUS.replace("support+", "nobody+"))).clues == ()


def test_a_token_counts_on_every_address_of_ours():
    assert gathered(written(), envelope(PLUS.replace("support+", "invoices+"))).clues == clues(Strength.REPLY_ADDRESS)


def test_an_agents_reply_address_names_the_agent_and_the_ticket():
    found = gathered(written(), envelope(with_detail(DESK, sign(Purpose.AGENT, bearer="anna"))))
    assert (found.agent, found.agent_code) == (ANNA, CODE)
    assert found.clues == clues(Strength.REPLY_ADDRESS)


@pytest.mark.parametrize("bearer", ["", "dora", "Anna", "anna@agents.test"])
def test_a_reply_address_of_somebody_who_is_no_agent_is_nothing(bearer):
    found = gathered(written(), envelope(with_detail(DESK, sign(Purpose.AGENT, bearer=bearer))))
    assert (found.agent, found.clues) == (None, ())


def test_the_reply_address_of_an_agent_who_left_is_nothing():
    text = sign(Purpose.AGENT, bearer="anna")
    policy = replace(POLICY, agents=POLICY.agents[1:])
    found = evidence.gather(written(), "", envelope(with_detail(DESK, text)), RING, policy)
    assert (found.agent, found.clues) == (None, ())


@pytest.mark.parametrize(("purpose", "serial"), [(Purpose.CONFIRM, ""), (Purpose.REFUSE, ""), (Purpose.RATING, "d")])
def test_an_answer_is_given_by_address_or_by_a_marker_in_ones_own_words(purpose, serial):
    text = sign(purpose, serial)
    assert gathered(written(), envelope(with_detail(DESK, text))).answer == Token(purpose, CODE, serial)
    assert gathered(written(text=f"#{text}")).answer == Token(purpose, CODE, serial)


@pytest.mark.parametrize("purpose", [Purpose.CONFIRM, Purpose.REFUSE, Purpose.RATING])
def test_an_answer_that_is_only_quoted_is_none_but_still_shows_the_ticket(purpose):
    found = gathered(written(text=f"It broke again.\n> #{sign(purpose)}"), own_words="It broke again.")
    assert found.answer is None
    assert found.clues == clues(Strength.BODY_MARKER)


@pytest.mark.parametrize("purpose", [Purpose.PAGE, Purpose.FORM])
def test_the_token_of_a_page_does_nothing_in_mail(purpose):
    token = sign(purpose, "abc")
    found = gathered(written(text=f"#{token}", in_reply_to=(f"{token}@desk.test",)), envelope(with_detail(DESK, token)))
    assert (found.clues, found.answer) == ((), None)


def test_a_follow_up_token_is_no_answer():
    assert gathered(written(), envelope(PLUS)).answer is None


def test_our_envelope_sender_coming_back_is_a_bounce():
    back = with_detail(DESK, sign(Purpose.BOUNCE, tokens.serial_of(5)))
    assert gathered(Message(), Envelope("", (back,))).bounce == Token(Purpose.BOUNCE, CODE, tokens.serial_of(5))


def test_an_older_key_still_counts():
    ring = Keyring((b"a newer key", *RING.keys))
    assert evidence.gather(written(), "", envelope(PLUS), ring, POLICY).clues == clues(Strength.REPLY_ADDRESS)


def test_the_clues_are_ranked_from_the_body_marker_to_the_reply_address():
    assert [strength.title for strength in sorted(Strength)] == [
        "body marker",
        "subject reference",
        "mentioned message id",
        "stored message id",
        "signed message id",
        "reply address",
    ]
