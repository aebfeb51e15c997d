from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.mail.address import Mailbox
from gateway.store import outbox
from gateway.store.outbox import OutboxState, Recipient, RecipientState
from gateway.tickets.model import OutboxId, SpoolId
from gateway.tickets.notices import Notice, NoticeKind, Reason
from tests.builders import HOUR, KIM, NOW

LEASE = timedelta(minutes=10)
LEE = Mailbox("Lee", "lee@customer.test")
NOTICE = Notice("reply:1:mail-1", NoticeKind.REPLY, None, (KIM,), "en", "support", cc=(LEE,), text="Hello")


def add(db, key="1", **changes):
    added = outbox.add(db, replace(NOTICE, key=key, **changes), NOW)
    assert added is not None
    return added


def got(db, outbox_id):
    found = outbox.get(db, outbox_id)
    assert found is not None
    return found


def test_a_notice_waits_with_each_of_its_recipients(db):
    mail = got(db, add(db))
    assert (mail.notice, mail.state, mail.attempts, mail.created_at) == (replace(NOTICE, key="1"), "waiting", 0, NOW)
    assert mail.recipients == (
        Recipient("kim@customer.test", RecipientState.WAITING),
        Recipient("lee@customer.test", RecipientState.WAITING),
    )
    assert (mail.raw, mail.message_id, mail.mail_from, mail.sent_at) == (b"", "", "", None)


def test_many_at_once_are_written_in_their_order_each_once(db):
    before = add(db, "3")
    wanted = [(replace(NOTICE, key=key, text=text), NOW) for key, text in zip("1234251", "abcdefg", strict=True)]
    added = outbox.add_all(db, wanted)
    assert [(got(db, each).notice.key, got(db, each).notice.text) for each in added] == [
        ("1", "a"),
        ("2", "b"),
        ("4", "d"),
        ("5", "f"),
    ]
    assert {len(got(db, each).recipients) for each in added} == {2}
    assert (got(db, before).notice.text, outbox.add_all(db, wanted), outbox.add_all(db, [])) == ("Hello", (), ())


def test_a_recipient_who_is_named_twice_is_served_once(db):
    assert len(got(db, add(db, to=(KIM, LEE), cc=(LEE,))).recipients) == 2


def test_a_notice_whose_key_is_known_is_not_written_twice(db):
    first = outbox.add(db, NOTICE, NOW)
    assert first is not None
    assert outbox.add(db, replace(NOTICE, text="Something else"), NOW + HOUR) is None
    assert got(db, first).notice.text == "Hello"
    assert outbox.count(db, *OutboxState) == 1


words = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)
numbers = st.none() | st.integers(0, 2**31)
addresses = st.builds(Mailbox, words, st.from_regex(r"[a-z]{1,5}@[a-z]{1,5}", fullmatch=True))
notices = st.builds(
    Notice,
    key=st.text(st.characters(blacklist_categories=["Cs"], min_codepoint=1), max_size=20),  # ours: never NUL
    kind=st.sampled_from(NoticeKind),
    ticket_id=st.none(),
    to=st.lists(addresses, min_size=1, max_size=3).map(tuple),
    language=words,
    queue=words,
    cc=st.lists(addresses, max_size=2).map(tuple),
    agent=words,
    reason=st.none() | st.sampled_from(Reason),
    detail=words,
    text=words,
    folded_lines=st.integers(0, 100),
    stage=st.integers(0, 5),
    stages=st.integers(0, 5),
    due=words,
    rating=st.integers(0, 5),
    source=numbers,
    subject=words,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(notices)
def test_every_notice_comes_back_as_it_was(db, notice):
    with db.begin_nested() as example:
        added = outbox.add(db, notice, NOW)
        assert added is not None
        assert got(db, added).notice == notice
        example.rollback()  # the next one finds an empty outbox


def test_mail_is_taken_oldest_first_and_only_once_while_leased(db):
    ids = [add(db, str(number)) for number in range(3)]
    assert [mail.id for mail in outbox.take(db, NOW, LEASE, 2)] == ids[:2]
    assert [mail.id for mail in outbox.take(db, NOW, LEASE, 2)] == ids[2:]
    assert outbox.take(db, NOW, LEASE, 2) == ()
    assert [mail.attempts for mail in outbox.take(db, NOW + LEASE, LEASE, 3)] == [1, 1, 1]


def test_new_mail_goes_before_mail_that_was_put_off(db):
    first, second = add(db, "1"), add(db, "2")
    outbox.defer(db, first, NOW, "busy")
    assert [mail.id for mail in outbox.take(db, NOW, LEASE, 2)] == [second, first]


def test_a_mails_bytes_id_and_sender_are_fixed_once_for_every_attempt(db):
    here = add(db)
    outbox.freeze(db, here, "m@desk.test", "support+b@desk.test", b"From: us\r\n\xff\x00", "Printer")
    outbox.defer(db, here, NOW, "busy")
    (taken,) = outbox.take(db, NOW, LEASE, 1)
    assert (taken.message_id, taken.mail_from, taken.subject) == ("m@desk.test", "support+b@desk.test", "Printer")
    assert taken.raw == b"", "who takes many has not the bytes of all in memory"
    assert outbox.raw(db, here) == got(db, here).raw == b"From: us\r\n\xff\x00"
    assert outbox.raw(db, add(db, "unwritten")) == b""
    assert outbox.with_message_id(db, "m@desk.test") == got(db, here)
    assert outbox.with_message_id(db, "other@desk.test") is None


@pytest.mark.parametrize(("most", "read"), [(0, "a"), (3, "a"), (4, "ab"), (9, "ab"), (10, "abc"), (99, "abcd")])
def test_bytes_are_read_for_as_many_as_there_is_room_for_or_one(db, most, read):
    raws = {"a": b"xx", "b": b"yy", "c": b"6 here", "d": b""}
    ids = {key: add(db, key) for key in reversed(raws)}
    for key, raw in raws.items():
        if raw:
            outbox.freeze(db, ids[key], f"{key}@desk.test", "", raw, "x")
    if read == "abc":
        read = "abcd"  # what has no bytes takes no room
    assert outbox.raws(db, [ids[key] for key in raws], most) == {ids[key]: raws[key] for key in read}


def test_of_several_takings_those_count_that_nobody_has_followed(db):
    ids = [add(db, key) for key in "abcd"]
    mails = outbox.take(db, NOW, LEASE, 4, "me")
    outbox.hold(db, ids[0], "a person said so")
    outbox.put_back(db, ids[1], NOW, "given back")
    assert outbox.take(db, NOW, LEASE, 1, "me")[0].id == ids[1]
    outbox.reclaim(db, ["me"])
    (again,) = outbox.take(db, NOW, LEASE, 1, "somebody else")
    assert outbox.still_taken(db, mails) == frozenset()
    assert outbox.still_taken(db, [mails[2], again]) == {again.id}
    assert (outbox.is_still_taken(db, again), outbox.still_taken(db, [])) == (True, frozenset())


def test_each_recipient_is_served_for_himself(db):
    here = add(db)
    outbox.mark(db, here, "kim@customer.test", RecipientState.SENT, "250 ok", NOW)
    outbox.mark(db, here, "lee@customer.test", RecipientState.HELD, "550 no", NOW)
    assert got(db, here).recipients == (
        Recipient("kim@customer.test", RecipientState.SENT, "250 ok"),
        Recipient("lee@customer.test", RecipientState.HELD, "550 no"),
    )


@pytest.mark.parametrize("late", [RecipientState.SENT, RecipientState.HELD, RecipientState.WAITING])
def test_a_mail_that_is_reported_back_before_its_answer_is_written_stays_so(db, late):
    here = add(db)
    outbox.mark(db, here, "kim@customer.test", RecipientState.UNDELIVERED, "550 no such user", NOW)
    outbox.mark(db, here, "kim@customer.test", late, "250 ok", NOW)
    assert got(db, here).recipients == (
        Recipient("kim@customer.test", RecipientState.UNDELIVERED, "550 no such user"),
        Recipient("lee@customer.test", RecipientState.WAITING),
    )


def test_deferred_mail_comes_again_when_due_and_finished_mail_never(db):
    here = add(db)
    outbox.defer(db, here, NOW + HOUR, "451 later")
    assert outbox.take(db, NOW, LEASE, 1) == ()
    (taken,) = outbox.take(db, NOW + HOUR, LEASE, 1)
    assert (taken.state, taken.reason) == (OutboxState.DEFERRED, "451 later")
    outbox.finish(db, here, NOW + HOUR)
    mail = got(db, here)
    assert (mail.state, mail.sent_at, mail.reason) == (OutboxState.SENT, NOW + HOUR, "")
    assert outbox.take(db, NOW + 100 * HOUR, LEASE, 1) == ()


def test_mail_that_was_taken_but_not_tried_has_not_used_up_an_attempt(db):
    here = add(db)
    outbox.take(db, NOW, LEASE, 1)
    outbox.put_back(db, here, NOW + HOUR, "no connection")
    assert outbox.take(db, NOW, LEASE, 1) == ()
    (taken,) = outbox.take(db, NOW + HOUR, LEASE, 1)
    assert (taken.attempts, taken.reason) == (0, "no connection")


def test_held_mail_waits_for_a_person_who_lets_it_be_tried_to_those_not_served(db):
    here = add(db)
    outbox.take(db, NOW, LEASE, 1)
    outbox.mark(db, here, "kim@customer.test", RecipientState.SENT, "250 ok", NOW)
    outbox.mark(db, here, "lee@customer.test", RecipientState.HELD, "550 no", NOW)
    outbox.hold(db, here, "550 no")
    assert outbox.take(db, NOW + 100 * HOUR, LEASE, 1) == ()
    assert outbox.retry(db, here)
    (taken,) = outbox.take(db, NOW, LEASE, 1)
    assert taken.attempts == 0
    assert [each.state for each in taken.recipients] == [RecipientState.SENT, RecipientState.WAITING]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda db, here: None, False),
        (lambda db, here: outbox.defer(db, here, NOW + HOUR, ""), True),
        (lambda db, here: outbox.hold(db, here, ""), True),
        (lambda db, here: outbox.finish(db, here, NOW), False),
    ],
    ids=["waiting", "deferred", "held", "sent"],
)
def test_only_held_and_deferred_mail_can_be_tried_at_once(db, change, expected):
    here = add(db)
    change(db, here)
    was_sent = got(db, here).state is OutboxState.SENT
    assert outbox.retry(db, here) is expected
    assert not outbox.retry(db, OutboxId(99))
    assert len(outbox.take(db, NOW, LEASE, 1)) == (not was_sent)


def test_what_a_dead_process_had_taken_waits_again_at_once(db):
    here, sent = add(db, "1"), add(db, "2")
    outbox.take(db, NOW, LEASE, 2)
    outbox.finish(db, sent, NOW)
    assert outbox.reclaim(db) == 1
    assert [mail.id for mail in outbox.take(db, NOW, LEASE, 2)] == [here]


def test_mails_are_listed_by_state_and_ticket_and_counted(db, ticket):
    mine, other = add(db, "1", ticket_id=ticket.id), add(db, "2", source=SpoolId(4))
    outbox.hold(db, other, "no")
    assert [mail.id for mail in outbox.listed(db)] == [mine, other]
    assert [mail.id for mail in outbox.listed(db, OutboxState.HELD)] == [other]
    assert [mail.id for mail in outbox.listed(db, ticket_id=ticket.id)] == [mine]
    assert outbox.listed(db, OutboxState.HELD, ticket_id=ticket.id) == ()
    assert [outbox.count(db, state) for state in OutboxState] == [1, 0, 0, 0, 1]
    assert outbox.get(db, OutboxId(99)) is None


def test_which_message_ids_are_ours(db):
    outbox.freeze(db, add(db), "one@desk", "", b"x", "x")
    assert outbox.known(db, ["one@desk", "two@desk"]) == {"one@desk"}
    assert outbox.known(db, []) == frozenset()


def test_mail_is_in_doubt_while_nobody_knows_whether_the_relay_has_it(db):
    fresh, begun = add(db, "1"), add(db, "2")
    assert outbox.in_doubt(db) == ()
    outbox.take(db, NOW, LEASE, 10)
    outbox.freeze(db, begun, "2@desk", "", b"x", "x")
    assert outbox.in_doubt(db) == (begun,)
    outbox.reclaim(db)
    assert outbox.in_doubt(db) == (begun,), "the process died meanwhile"
    outbox.defer(db, begun, NOW, "451 later")
    assert outbox.in_doubt(db) == (), "an answer is known"
    assert got(db, fresh).state is OutboxState.WAITING


def test_what_is_not_sent_yet_can_be_held_back(db):
    first, second, sent = add(db, "1"), add(db, "2"), add(db, "3")
    outbox.finish(db, sent, NOW)
    assert outbox.hold_back(db, "held back by operator root", second) == (second,)
    assert outbox.hold_back(db, "held back by operator root", second) == ()
    assert outbox.hold_back(db, "held back by operator root") == (first,)
    assert (got(db, first).state, got(db, first).reason) == ("held", "held back by operator root")
    assert got(db, sent).state is OutboxState.SENT
    assert outbox.retry(db, first)


def test_all_is_due_though_the_clock_stands_at_its_very_beginning(db):
    add(db, "agent", kind=NoticeKind.AGENT_NOTICE)
    add(db, "stranger", kind=NoticeKind.ACKNOWLEDGEMENT, is_to_stranger=True)
    assert len(outbox.take(db, datetime(1970, 1, 1, tzinfo=UTC), LEASE, 10)) == 2


def test_people_we_know_are_answered_before_a_flood_of_strangers_and_all_are_due_at_once(db):
    flood = [add(db, f"stranger {number}", kind=NoticeKind.ACKNOWLEDGEMENT, is_to_stranger=True) for number in range(3)]
    for_agent = add(db, "agent", kind=NoticeKind.AGENT_NOTICE)
    answers = (NoticeKind.ACKNOWLEDGEMENT, NoticeKind.REPLY)
    known = [add(db, f"known {number}", kind=kind) for number, kind in enumerate(answers)]
    assert [mail.id for mail in outbox.take(db, NOW, LEASE, 100)] == [*known, for_agent, *flood]
